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
        J_a(n) = v_n·(reaction - noise); H_{n+1/2} = ½|w_{n+1/2}|² + ½ u_{n+1}·K u_n grows by
        -Δt Σ_a J_a(n) + Δt v_n·F_anh(u_n).
    state_after : the run's own state, after this block until the next is asked for. Copy it to keep it. None if
        the trajectories were drawn, not stepped.
    anharmonic_force, anharmonic_energy : F_anh(u_n), (B, R, N), and V(u_n), (B, R); None if there is no such force.
    """

    start: int
    time_step: float
    displacement: Array
    velocity: Array
    half_velocity: Array
    noise: dict[str, Array]
    reaction: dict[str, Array]
    state_after: State | None
    anharmonic_force: Array | None = None
    anharmonic_energy: Array | None = None


def run(
    model: Any,
    streams: Mapping[str, Any],
    steps: int,
    *,
    block: int = 256,
    state: State | None = None,
    begun: Record | None = None,
    progress: Callable[[int], object] | None = None,
) -> "Run":
    """Step a model under noise and give the trajectories out block by block.

    model : sgle.grid.GridModel.    steps : how many to make.    block : how many of them to a Block.
    streams : noise by bath name, stream.block(start, n) -> (n, R, n_a); a bath without a stream has no noise.
    state : where to begin, left untouched. Default: at rest at step 0, as many trajectories as the noise has.
    begun : steps that a run has made of a block before its force failed, with the state after them (see Run).
    progress : called with the number of steps just made, as tqdm.update is.
    The motion depends neither on `block` nor on where a run is cut: from state_after it goes on bit for bit.
    Raises : InputError if streams do not fit; DivergedError with step, time, trajectory, dof, displacement; ForceError
        with step, time, trajectory if an anharmonic force fails.
    """
    unknown = sorted(set(streams) - set(model.baths))
    if unknown:
        raise InputError(f"noise for {unknown}, but the baths are {sorted(model.baths)}", unknown=unknown)
    if block < 1 or steps < 0:
        message = f"block = {block} must be positive, steps = {steps} not negative"
        raise InputError(message, block=block, steps=steps)
    stepper = Verlet(model)
    state = state.copy() if state else stepper.rest(_trajectories(streams))
    return Run(stepper, _Noise(model, streams, state.trajectories), state, steps, block, begun, progress)


class Run(Iterator[Block]):
    """The loop.

    state : the present one.    begun : steps of the last block, complete once it has been given out. If a force has
    failed they are those made before that; asked for the next block, the run tries again from there.
    """

    def __init__(
        self,
        stepper: Verlet,
        noise: "_Noise",
        state: State,
        steps: int,
        block: int,
        begun: Record | None,
        progress: Callable[[int], object] | None,
    ) -> None:
        self.stepper, self.noise, self.state, self.block, self.progress = stepper, noise, state, block, progress
        self.begun, self.end = begun, state.step + steps
        self._start = state.step - (0 if begun is None else len(begun.velocity))
        self._complete = begun is None
        self._guard = _Guard(state, stepper.time_step)

    def __next__(self) -> Block:
        """Make one more block, or what is missing of it."""
        if self._complete:
            self.begun, self._start = None, self.state.step
        length = min(self.block, self.end - self._start)
        if length <= 0:
            raise StopIteration
        forces = self.noise.block(self._start, length)
        begun = self.state.step - self._start
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            rest = {name: force[begun:] for name, force in forces.items()}
            record, failure = self.stepper.advance(self.state, rest, length - begun)
        self.begun = record if self.begun is None else _joined(self.begun, record)
        self._complete = failure is None
        if len(self.begun.velocity):
            self._guard.check(self.begun, forces, self._start)
        if failure is not None:
            raise failure
        if self.progress:
            self.progress(length - begun)
        return Block(self._start, self.stepper.time_step, **self.begun._asdict(), noise=forces, state_after=self.state)


def _joined(first: Record, second: Record) -> Record:
    """Two records, one after the other."""

    def both(one: Array | None, other: Array | None) -> Array | None:
        return None if one is None or other is None else np.concatenate([one, other])

    reactions = {name: np.concatenate([part, second.reaction[name]]) for name, part in first.reaction.items()}
    arrays = {name: both(getattr(first, name), getattr(second, name)) for name in Record._fields if name != "reaction"}
    return Record(**arrays, reaction=reactions)  # type: ignore[arg-type]


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
            "unstable (see sgle.stability.unstable_count) and no anharmonic force holds it, the time step too long for "
            "its fastest mode, or the noise is not finite.",
            step=step,
            time=step * self.time_step,
            trajectory=trajectory,
            dof=dof,
            displacement=displacement,
        )


def _largest(forces: Array) -> float:
    """Largest finite |f|."""
    return float(np.abs(forces).max(where=np.isfinite(forces), initial=0.0))
