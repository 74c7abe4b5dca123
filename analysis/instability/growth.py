"""How fast a runaway grows in trajectories, against its eigenvalue.

From rest, its own noise builds up the growing mode: ⟨|X|²⟩ ∝ e^{2κt} - 1, κ = Im z. As X is Gaussian, the mean of
log|X|² follows log of this exactly: once it has grown by 10^d, its slope is 2κ(1 + 10^{-d}). Each trajectory gives one
rate, half the slope of log|X|² against time by least squares, and independent trajectories give its error bar.
"""

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

from sgle.analysis.estimate import Estimate
from sgle.analysis.instability.mode import Mode, fastest_mode
from sgle.errors import InputError, PhysicsError
from sgle.grid import Grid
from sgle.integrators.driver import BEYOND, Block, run
from sgle.junction import Junction
from sgle.noise import noise_streams

Array = np.ndarray
SAMPLES = 400  # moments that are kept
BATCH = 256  # trajectories at a time
BLOCK = 256
GUARDED = 2 * np.log10(BEYOND) - 2  # decades of energy: up to there the driver's guard lets everything pass
LINEAR = 0.05  # of the growth rate: what the anharmonic force may change of it at the end


class NoGrowthError(PhysicsError):
    """There is no growth to be measured over the decades asked for: stable, saturated, or stopped by the guard."""


@dataclass(frozen=True, eq=False)
class Growth:
    """rate : Estimate of Im z [eV/ħ], one rate per trajectory; grid and continuum are the exact ones.

    mode : the fastest growing one on the grid.    time : (n,) [ħ/eV].    energy : (n, R) of that mode, ½|s|²|X|² [eV].
    window : beginning and end of the straight part that the rate is from.    decades : Estimate of what energy grew by
    in it, log10, with the exact growth beside it.
    """

    rate: Estimate
    mode: Mode
    time: Array
    energy: Array
    window: tuple[float, float]
    decades: Estimate

    @property
    def error(self) -> float:
        """|rate - Im z| / Im z, Im z of the grid."""
        return abs(self.rate.value / self.rate.grid - 1)


def growth_rate(
    junction: Junction,
    *,
    time_step: float,
    trajectories: int,
    seed: int,
    decades: float = 4.0,
    initial: float = 3.0,
    memory: Any = "convolution",
    memory_time: float | None = None,
    memory_error: float = 1e-3,
    progress: bool = True,
) -> Growth:
    """Trajectories of an unstable junction from rest, followed while they grow, and the rate with its error bar.

    time_step : Δt [ħ/eV].    trajectories : at least two; seed : of their noise.
    decades : of the energy of the fastest mode, over which the rate is taken.    initial : decades before them, in
    which noise and other modes die away against it; where a second mode grows nearly as fast, take more.
    memory, memory_time, memory_error : see sgle.grid.Grid.    progress : a bar on a terminal.
    An anharmonic junction is followed only while its force changes the growth by less than 5 % at the end of the
    window, less than 1 % over it: |F_anh|/(2|z||u|) against Im z.
    Raises : NoGrowthError if the junction is stable (growth_rate), if initial + decades are more than the driver's
    guard lets pass (limit), or if the growth saturates (reached: decades up to there). InputError.
    """
    if trajectories < 2 or decades <= 0 or initial < 1:
        given = f"trajectories = {trajectories}, decades = {decades:g}, initial = {initial:g}"
        text = f"{given}: at least 2 trajectories, a positive number of decades, and at least 1 before them"
        raise InputError(text, trajectories=trajectories, decades=decades, initial=initial)
    grid = Grid(time_step, memory=memory, memory_time=memory_time, memory_error=memory_error)
    mode = _growing(junction, grid, decades + initial)
    kappa, decade = mode.z.imag, np.log(10) / (2 * mode.z.imag)
    begin, end = initial * decade, (initial + decades) * decade
    path = _follow(junction, grid, mode, seed, trajectories, end, progress)
    _require_linear(path, mode, begin, end)
    inside = path.time >= begin
    logarithm, time = np.log(path.energy[inside]), path.time[inside]
    slopes = np.polyfit(time, logarithm, 1)[0]
    exact, gained = fastest_mode(junction).z.imag, (logarithm[-1] - logarithm[0]) / np.log(10)
    return Growth(
        Estimate.from_means(slopes / 2, grid=kappa, continuum=exact),
        mode,
        path.time,
        path.energy,
        (float(time[0]), float(time[-1])),
        Estimate.from_means(gained, grid=2 * kappa * (time[-1] - time[0]) / np.log(10)),
    )


def _growing(junction: Junction, grid: Grid, decades: float) -> Mode:
    """The fastest mode on the grid, known to grow and to reach its decades before the guard stops it."""
    mode = fastest_mode(junction, grid)
    if mode.z.imag <= 0:
        raise NoGrowthError(
            f"the junction is stable: its slowest mode, z = {mode.z:.6g}, decays at the rate {-mode.z.imag:.3e}. "
            "Nothing grows; raise the bias beyond the critical one (sgle.stability.critical_bias)",
            growth_rate=mode.z.imag,
        )
    if decades > GUARDED:
        raise NoGrowthError(
            f"{decades:.3g} decades of energy are more than the {GUARDED:.3g} for which the driver's guard lets a "
            f"motion grow ({BEYOND:g} free flights): take fewer",
            wanted=decades,
            limit=float(GUARDED),
        )
    return mode


@dataclass(frozen=True, eq=False)
class _Path:
    """time (n,), energy (n, R), share (n, R): |F_anh|/(2|z||u|), how much the anharmonic force may change z."""

    time: Array
    energy: Array
    share: Array


def _follow(
    junction: Junction, grid: Grid, mode: Mode, seed: int, trajectories: int, end: float, progress: bool
) -> _Path:
    """Step all trajectories, some at a time, and keep a few hundred moments of them."""
    model = grid.model(junction)
    steps = int(np.ceil(end / grid.time_step)) + 1
    stride = max(1, steps // SAMPLES)
    parts = []
    total = steps * trajectories
    with tqdm(total=total, unit="step", unit_scale=True, disable=None if progress else True, file=sys.stderr) as bar:
        for first in range(0, trajectories, BATCH):
            numbers = range(first, min(trajectories, first + BATCH))
            kept = []
            for block in run(model, noise_streams(model, seed, numbers), steps, block=BLOCK):
                chosen = slice(-block.start % stride, None, stride)
                kept.append(_seen(mode, block, chosen))
                bar.update(len(block.velocity) * len(numbers))
            parts.append([np.concatenate(pieces) for pieces in zip(*kept, strict=True)])
    energy, share = (np.concatenate(columns, axis=1) for columns in zip(*parts, strict=True))
    return _Path(stride * grid.time_step * np.arange(len(energy)), energy, share)


def _seen(mode: Mode, block: Block, chosen: slice) -> tuple[Array, Array]:
    """Energy of the mode and share of the anharmonic force at some steps of a block, (n, R) each."""
    u = block.displacement[chosen]
    energy = mode.energy(mode.amplitude(u, block.velocity[chosen]))
    if block.anharmonic_force is None:
        return energy, np.zeros(energy.shape)
    size, pushed = np.linalg.norm(u, axis=-1), np.linalg.norm(block.anharmonic_force[chosen], axis=-1)
    share = np.divide(pushed, 2 * abs(mode.z) * size, out=np.zeros(size.shape), where=size > 0)
    return energy, share


def _require_linear(path: _Path, mode: Mode, begin: float, end: float) -> None:
    """NoGrowthError if the anharmonic force matters before the end of the window."""
    share = path.share.mean(axis=1) / mode.z.imag
    late = np.flatnonzero(share > LINEAR)
    if late.size:
        time = float(path.time[late[0]])
        reached = max(0.0, 2 * mode.z.imag * (time - begin) / np.log(10))
        wanted = 2 * mode.z.imag * (end - begin) / np.log(10)
        raise NoGrowthError(
            f"the growth saturates: at time {time:.4g}, after {reached:.2f} of {wanted:.3g} decades, the anharmonic "
            f"force may change the rate {mode.z.imag:.3e} by {share[late[0]]:.0%}. Ask for fewer decades, or measure "
            "the linear rate of junction.harmonic",
            reached=reached,
            wanted=wanted,
            time=time,
        )
