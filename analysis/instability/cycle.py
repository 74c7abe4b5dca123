"""The limit cycle in trajectories: amplitude, frequency, orbit, where its energy comes from and goes to.

How it is used:  watch = CycleMotion.of(junction, grid);  result = simulate(..., observers={"cycle": watch});
limit_cycle(result, watch).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle.analysis.estimate import Estimate
from sgle.analysis.instability.histogram import Histogram, histogram
from sgle.analysis.instability.mode import Mode, fastest_mode
from sgle.analysis.instability.orbit import MOMENTS, Orbit, moments, orbit
from sgle.analysis.instability.pieces import jackknife, whole
from sgle.analysis.result import Result
from sgle.errors import InputError
from sgle.grid import Grid
from sgle.junction import Junction

Array = np.ndarray
NAME = "cycle"  # of the observer in simulate


@dataclass(frozen=True, eq=False)
class CycleMotion:
    """Observer of a motion in one mode and one plane; what it returns of a block depends on the block alone.

    mode : at a real frequency.    plane : (2, N) orthonormal rows, the coordinates p = plane·u of the orbit.
    Columns : |X_n|² [ħ²/eV]; phase velocity [eV/ħ]; the four moments of the orbit.
    The phase velocity is minus the turn of X from n-½ to n+½ over Δt, X_{n±½} from u_n ± ½Δt w_{n±½} and w_{n±½}: its
    mean over time is the number of turns around the origin, exactly, whatever the shape of the orbit.
    """

    mode: Mode
    plane: Array

    @classmethod
    def of(cls, junction: Junction, grid: Grid, plane: Any = None) -> "CycleMotion":
        """For the fastest growing mode of a junction on a grid.

        plane : (2, N); by default both dofs of two, else the plane in which that mode moves, its long axis first.
        Raises : InputError for a mode that does not oscillate, or a plane that is not orthonormal.
        """
        mode = fastest_mode(junction, grid).steady
        if plane is None:
            plane = np.eye(2) if junction.size == 2 else plane_of(mode)
        plane = np.asarray(plane, dtype=float)
        if plane.shape != (2, junction.size) or not np.allclose(plane @ plane.T, np.eye(2), atol=1e-9):
            raise InputError(f"plane must be two orthonormal rows (2, {junction.size}), not of shape {plane.shape}")
        return cls(mode, plane)

    def __call__(self, block: Any) -> Array:
        """(B, R, 6) numbers of each step of a block."""
        u, v, after = block.displacement, block.velocity, block.half_velocity
        before, half = 2 * v - after, block.time_step / 2
        tangent = np.tan(self.mode.z.real * half) / half
        left, middle = self.mode.left, u @ self.mode.left
        turn = self._half(middle, after @ left, half, tangent) * np.conj(
            self._half(middle, before @ left, -half, tangent)
        )
        columns = [
            np.abs(self.mode.amplitude(u, v)) ** 2,
            -np.angle(turn) / block.time_step,
        ]
        return np.concatenate([np.stack(columns, axis=-1), moments(u @ self.plane.T, v @ self.plane.T)], axis=-1)

    @property
    def columns(self) -> int:
        """How many."""
        return 2 + MOMENTS

    @staticmethod
    def _half(place: Array, speed: Array, half: float, tangent: float) -> Array:
        """X half a step away, up to a factor: there u is the mean of two steps, Re[X x] cos ½ΩΔt."""
        return tangent * (place + half * speed) + 1j * speed


@dataclass(frozen=True, eq=False)
class LimitCycle:
    """What a run beyond the threshold does, all Estimates over trajectories.

    mode : of the harmonic part, growing.    amplitude : √⟨|X|²⟩ [ħ/√eV].    frequency : turns of X [eV/ħ]; shift : of
    it against Re z.    orbit : in the plane of `watch`.    heat : into each bath [eV²/ħ].    taken : from the
    current, minus the heat into all biased baths.    balance : Σ heat - ⟨v·F_anh⟩, zero but for what is stored
    between first and last step.    energy : of the distribution of the mode's energy ½Ω²|X|² [eV], None without
    snapshots.
    """

    mode: Mode
    amplitude: Estimate
    frequency: Estimate
    shift: Estimate
    orbit: Orbit
    heat: dict[str, Estimate]
    taken: Estimate
    balance: Estimate
    energy: Histogram | None


def plane_of(mode: Mode) -> Array:
    """Orthonormal rows (2, N) of the plane in which Re[x e^{-iωt}] moves, its long axis first.

    Raises : InputError if it moves on a line.
    """
    both = np.array([mode.right.real, mode.right.imag])
    _, size, rows = np.linalg.svd(both, full_matrices=False)
    if size[1] < 1e-9 * size[0]:
        raise InputError("the mode moves on a line: give a plane to see its orbit in")
    return rows * np.sign(rows[np.arange(2), np.abs(rows).argmax(axis=1)])[:, None]


def limit_cycle(result: Result, watch: CycleMotion, name: str = NAME) -> LimitCycle:
    """Reduce a run that had `watch` among its observers, behind its burn-in.

    Raises : InputError if it had not; TooFewSamplesError for fewer than three whole trajectories.
    """
    if name not in result.series or result.series[name].shape[-1] != watch.columns:
        raise InputError(f"the run had no observer {name!r} of this kind: simulate(..., observers={{{name!r}: watch}})")
    means = whole(result.series[name][result.start :]).mean(axis=0)
    heat = result.series["heat_current"][result.start :]
    frequency, grid = means[:, 1], result.grid
    mode = fastest_mode(result.junction, grid)
    biased = [bath.bias != 0 for bath in result.junction.baths.values()]
    return LimitCycle(
        mode,
        jackknife(means[:, 0], np.sqrt),
        Estimate.from_means(frequency),
        Estimate.from_means(frequency - mode.z.real),
        orbit(means[:, 2:], grid.velocity(frequency)),
        {name: Estimate.from_series(heat[..., k]) for k, name in enumerate(result.junction.baths)},
        Estimate.from_series(-heat[..., biased].sum(axis=-1)),
        Estimate.from_series(heat.sum(axis=-1) - _power(result), grid=0.0),
        _energies(result, watch.mode),
    )


def _power(result: Result) -> Array:
    """⟨v·F_anh⟩ of each chunk, (n, R); 0 for a harmonic junction."""
    series = result.series.get("anharmonic_power")
    return np.zeros(()) if series is None else series[result.start :, :, 0]


def _energies(result: Result, mode: Mode) -> Histogram | None:
    """Of the mode's energy at the ends of chunks."""
    kept = getattr(result, "snapshots", None)
    if kept is None:
        return None
    amplitude = mode.amplitude(kept.displacement[result.start :], kept.velocity[result.start :])
    return histogram(whole(mode.energy(amplitude)))
