"""The driver: the one loop of a run, a generator of blocks. Noise in, trajectories out, nothing kept."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle.errors import DivergedError, InputError
from sgle.integrators.state import State
from sgle.integrators.verlet import Record, Verlet

Array = np.ndarray

BEYOND = 1e8  # times a free flight under the same noise: no bound motion comes near
SPARSE = 8  # every so many steps are enough to know how strong the noise is


@dataclass(frozen=True, eq=False)
class Block:
    """Consecutive steps n = start, start + 1, ...: B steps, R trajectories, N dofs, n_a dofs of bath a.

    displacement, velocity, half_velocity : u_n, v_n, w_{n+1/2}, (B, R, N).
    noise, reaction : f_n and (c*v + d*u)_n of each bath by name, (B, R, n_a). The heat current into bath a is
        J_a(n) = v_n·(reaction - noise); H_{n+1/2} = ½|w_{n+1/2}|² + ½ u_{n+1}·K u_n grows by -Δt Σ_a J_a(n).
    state_after : the run's own state, after this block until the next is asked for. Copy it to keep it. None if
        the trajectories were drawn, not stepped.
    """

    start: int
    time_step: float
    displacement: Array
    velocity: Array
    half_velocity: Array
    noise: dict[str, Array]
    reaction: dict[str, Array]
    state_after: State | None


def run(
    model: Any,
    streams: Mapping[str, Any],
    steps: int,
    *,
    block: int = 256,
    state: State | None = None,
    progress: Callable[[int], object] | None = None,
) -> Iterator[Block]:
    """Step a model under noise and give the trajectories out block by block.

    model : sgle.grid.GridModel.    steps : how many to make.    block : how many of them to a Block.
    streams : noise by bath name, stream.block(start, n) -> (n, R, n_a); a bath without a stream has no noise.
    state : where to begin, left untouched. Default: at rest at step 0, as many trajectories as the noise has.
    progress : called with the number of steps just made, as tqdm.update is.
    The motion depends neither on `block` nor on where a run is cut: from state_after it goes on bit for bit.
    Raises : InputError if streams do not fit; DivergedError with step, time, trajectory, dof, displacement.
    """
    unknown = sorted(set(streams) - set(model.baths))
    if unknown:
        raise InputError(f"noise for {unknown}, but the baths are {sorted(model.baths)}", unknown=unknown)
    if block < 1 or steps < 0:
        message = f"block = {block} must be positive, steps = {steps} not negative"
        raise InputError(message, block=block, steps=steps)
    stepper = Verlet(model)
    state = state.copy() if state else stepper.rest(_trajectories(streams))
    return _blocks(stepper, _Noise(model, streams, state.trajectories), state, steps, block, progress)


def _blocks(
    stepper: Verlet,
    noise: "_Noise",
    state: State,
    steps: int,
    block: int,
    progress: Callable[[int], object] | None,
) -> Iterator[Block]:
    """The loop."""
    guard, end = _Guard(state, stepper.time_step), state.step + steps
    while state.step < end:
        start, length = state.step, min(block, end - state.step)
        forces = noise.block(start, length)
        with np.errstate(over="ignore", invalid="ignore"):
            record = stepper.advance(state, forces, length)
        guard.check(record, forces, start)
        if progress:
            progress(length)
        yield Block(start, stepper.time_step, **record._asdict(), noise=forces, state_after=state)


def _trajectories(streams: Mapping[str, Any]) -> int:
    """Number of trajectories of the noise; one if there is none."""
    return next((stream.block(0, 1).shape[1] for stream in streams.values()), 1)


class _Noise:
    """The noise of all baths of a model, zero where there is no stream, of one checked shape."""

    def __init__(self, model: Any, streams: Mapping[str, Any], trajectories: int):
        self.streams = streams
        self.shapes = {name: (trajectories, len(bath.dofs)) for name, bath in model.baths.items()}

    def block(self, start: int, length: int) -> dict[str, Array]:
        """f_n of each bath by name, (length, R, n_a), from step `start` on."""
        return {name: self._one(name, start, (length, *shape)) for name, shape in self.shapes.items()}

    def _one(self, name: str, start: int, shape: tuple[int, int, int]) -> Array:
        if name not in self.streams:
            return np.zeros(shape)
        forces = self.streams[name].block(start, shape[0])
        if forces.shape != shape:
            raise InputError(
                f"noise of bath {name!r} has shape {forces.shape}, not (steps, trajectories, dofs) = {shape}",
                bath=name,
                shape=forces.shape,
                expected=shape,
            )
        return forces


class _Guard:
    """Stops a runaway: |u| may not exceed BEYOND times |u_0| + t|w_0| + ½ t² max|f|, a free flight."""

    def __init__(self, state: State, time_step: float):
        self.displacement = np.abs(state.displacement).max()
        self.velocity = np.abs(state.half_velocity).max()
        self.force, self.begin, self.time_step = 0.0, state.step, time_step

    def check(self, record: Record, forces: Mapping[str, Array], start: int) -> None:
        """Raise DivergedError at the first step of a block that is not finite or out of all bounds.

        What has run away does not come back: only if the last step of the block shows it are the others looked at.
        """
        u, v = record.displacement, record.velocity
        self.force = max(self.force, sum(_largest(force[::SPARSE]) for force in forces.values()))
        time = (start + len(u) - self.begin) * self.time_step
        bound = BEYOND * (self.displacement + time * self.velocity + time**2 / 2 * self.force)
        if np.all(np.abs(u[-1]) <= bound) and np.isfinite(v[-1]).all():
            return
        outside = ~(np.abs(u) <= bound) | ~np.isfinite(v)
        n, trajectory, dof = (int(i) for i in np.unravel_index(np.argmax(outside), outside.shape))
        self._stop(start + n, trajectory, dof, float(u[n, trajectory, dof]), bound)

    def _stop(self, step: int, trajectory: int, dof: int, displacement: float, bound: float) -> None:
        raise DivergedError(
            f"dof {dof} of trajectory {trajectory} ran away: u = {displacement:.3g} at step {step}, time "
            f"{step * self.time_step:g}, where {BEYOND:g} free flights are {bound:.3g}. The junction is "
            "unstable (see sgle.stability.unstable_count), the time step too long for its fastest mode, "
            "or the noise is not finite.",
            step=step,
            time=step * self.time_step,
            trajectory=trajectory,
            dof=dof,
            displacement=displacement,
        )


def _largest(forces: Array) -> float:
    """Largest finite |f|."""
    return float(np.abs(forces).max(where=np.isfinite(forces), initial=0.0))
