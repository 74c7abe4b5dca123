"""Stationary sampler: trajectories of a harmonic model drawn at once in frequency space, without stepping.

Each trajectory is a window cut out of a periodic record (sgle.integrators.periodic) that is longer than the window by
the time in which correlations decay, so that the wrapped part of the covariance is below TAIL of its value. What comes
out is the stationary motion of the grid model under the noise its filters really produce: no burn-in, and the same
Blocks as the driver's, for the same observers. Runs too long for one record are independent records one after another.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.fft import next_fast_len

from sgle.errors import InputError
from sgle.integrators.driver import Block
from sgle.integrators.periodic import Periodic, remembers
from sgle.integrators.start import require_stationary
from sgle.integrators.state import columns
from sgle.stability import resonances

Array = np.ndarray
TAIL = 1e-6  # of the autocorrelations of u at step 0: what may be left of them where a record is cut
KEY = 0x73746174  # in the place of a noise channel: no bath has this number
MEMORY = 2**31  # bytes of records and matrices


@dataclass(frozen=True, eq=False)
class RecordBlock(Block):
    """A Block of a record. joined : whether its first step does not follow the last one of the block before.

    Observers that look across blocks must begin anew there (energy ledger, spectra); averages need not.
    """

    joined: bool = False


@dataclass(frozen=True)
class Lengths:
    """period : steps P of a record.    usable : steps of it that are given out."""

    period: int
    usable: int


def run(
    model: Any,
    seed: int,
    trajectories: Sequence[int],
    steps: int,
    *,
    block: int = 256,
    progress: Callable[[int], object] | None = None,
    motion_only: bool = False,
    lengths: Lengths | None = None,
    memory: int = MEMORY,
) -> Iterator[RecordBlock]:
    """Draw the stationary motion of a model and give it out block by block, as sgle.integrators.driver.run does.

    model : sgle.grid.GridModel, harmonic.    trajectories : their numbers, which with `seed` make their noise; models
        that differ a little and share `lengths` get nearly the same motion (common noise).
    motion_only : leave noise and reactions empty, two to three times as fast.
    lengths : from `plan`, which is the default.    memory : as for `plan`.
    progress : called with the number of steps just given out.
    The numbers do not depend on `block`. state_after is None: to step on from a record, see sgle.integrators.start.
    Raises : InputError, NoStationaryStateError, UnstableError.
    """
    if block < 1 or steps < 0 or not len(trajectories):
        message = f"block = {block} must be positive, steps = {steps} not negative, trajectories not empty"
        raise InputError(message, block=block, steps=steps)
    lengths = lengths or plan([model], len(trajectories), steps, motion_only=motion_only, memory=memory)
    return _blocks(_periodic(model, lengths.period, motion_only), seed, trajectories, steps, block, progress, lengths)


def plan(
    models: Sequence[Any], trajectories: int, steps: int, *, motion_only: bool = False, memory: int = MEMORY
) -> Lengths:
    """Lengths that serve all these models: one record if it fits into the memory, else several, one after another.

    memory : bytes for the records of all trajectories and the matrices of one model.
    Raises : InputError if not even records of twice the decay fit, with the numbers.
    """
    decay = 0
    for model in models:
        require_stationary(model)
        decay = max(decay, _expected_decay(model))
    for _ in range(6):
        found = _lengths(models, trajectories, steps, decay, motion_only, memory)
        measured = max(_periodic(model, found.period, motion_only).decay for model in models)
        if 2 * measured < found.period and found.period - measured - 2 >= min(found.usable, steps):
            return Lengths(found.period, found.period - measured - 2)
        decay *= 2
    raise _too_long(decay, trajectories, memory)


def _lengths(
    models: Sequence[Any], trajectories: int, steps: int, decay: int, motion_only: bool, memory: int
) -> Lengths:
    """One record if it fits, else the longest that does, up to eight times the decay."""
    per_step = max(_bytes_per_step(model, trajectories, motion_only) for model in models)
    longest = int(memory / per_step)
    wanted = _good(steps + decay + 2)
    if wanted > longest:
        wanted = _good(min(longest * 15 // 16, 8 * decay))
    if wanted < 2 * decay and wanted < steps + decay + 2:
        raise _too_long(decay, trajectories, memory)
    return Lengths(wanted, wanted - decay - 2)


def _good(length: int) -> int:
    """An even length for fast transforms, not shorter."""
    return 2 * next_fast_len(-(-length // 2), real=True)


def _bytes_per_step(model: Any, trajectories: int, motion_only: bool) -> float:
    """Storage of all records and of the matrices, per step of a record."""
    sizes = [] if motion_only else [(len(bath.dofs), 1 + remembers(bath)) for bath in model.baths.values()]
    records = model.size + sum(n * copies for n, copies in sizes)
    return 8.0 * (trajectories * records + model.size**2 + sum(n**2 * copies for n, copies in sizes))


def _expected_decay(model: Any) -> int:
    """Steps until correlations are below TAIL: those of the noise, then those of the slowest resonance."""
    slowest = np.abs(resonances(model.junction, model.grid).imag).min()
    longest = max(len(bath.noise_filter.taps) + len(bath.velocity_taps) for bath in model.baths.values())
    return int(longest / 2 - np.log(TAIL) / max(slowest * model.time_step, 1e-12))


def _too_long(decay: int, trajectories: int, memory: int) -> InputError:
    return InputError(
        f"correlations last {decay} steps: records of {trajectories} trajectories that outlive them do not fit into "
        f"{memory / 2**20:.0f} MiB. Draw fewer trajectories at a time (run.batch), or step from stationary "
        "initial states (sgle.integrators.start), whose cost does not depend on the damping.",
        decay=decay,
        trajectories=trajectories,
        memory=memory,
    )


@lru_cache(maxsize=2)
def _periodic(model: Any, period: int, motion_only: bool) -> Periodic:
    """The matrices of a model and, in paired runs, of its reference."""
    return Periodic(model, period, motion_only=motion_only, tail=TAIL)


def _blocks(
    periodic: Periodic,
    seed: int,
    trajectories: Sequence[int],
    steps: int,
    block: int,
    progress: Callable[[int], object] | None,
    lengths: Lengths,
) -> Iterator[RecordBlock]:
    """Record after record."""
    for index, begin in enumerate(range(0, steps, lengths.usable)):
        keys = [np.random.SeedSequence(seed, spawn_key=(int(r), KEY, index)) for r in trajectories]
        records: Any = periodic.draw([np.random.Generator(np.random.SFC64(key)) for key in keys])
        end = min(lengths.usable, steps - begin)
        for first in range(0, end, block):
            length = min(block, end - first)
            if progress:
                progress(length)
            piece = records[:, :, first : first + length + 2]
            if first + length == end:  # who still looks at it shall not keep the record from being used again
                piece, records = piece.copy(), None
            yield _block(periodic, piece, begin + first, first == 0 < begin)
            del piece


def _block(periodic: Periodic, records: Array, start: int, joined: bool) -> RecordBlock:
    """The steps of a piece of the records (R, channels, B + 2) but for its first and last one."""
    model = periodic.model
    u = records[:, : model.size]
    half = np.diff(u, axis=-1)
    half *= 1 / model.time_step
    v = half[..., 1:] + half[..., :-1]
    v *= 0.5
    noise, reaction = {}, {}
    for name, bath in {} if periodic.motion_only else model.baths.items():
        noise[name] = _by_steps(records[:, periodic.places["noise", name], 1:-1])
        place = periodic.places.get(("reaction", name))
        present = _present(bath, u[..., 1:-1], v) if place is None else records[:, place, 1:-1]
        reaction[name] = _by_steps(present)
    shown, after = _by_steps(u[..., 1:-1]), _by_steps(half[..., 1:])
    return RecordBlock(start, model.time_step, shown, _by_steps(v), after, noise, reaction, None, joined=joined)


def _present(bath: Any, u: Array, v: Array) -> Array:
    """c_0 v_n + d_0 u_n of a bath without memory, (R, n, B)."""
    place = columns(bath.dofs)
    parts = [
        taps[0] @ motion[:, place] for taps, motion in ((bath.velocity_taps, v), (bath.position_taps, u)) if len(taps)
    ]
    return sum(parts[1:], parts[0])


def _by_steps(values: Array) -> Array:
    """(R, n, B) seen as (B, R, n)."""
    return values.transpose(2, 0, 1)
