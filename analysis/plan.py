"""Plan: how many steps, how much of them to forget, how to cut them into chunks and trajectories into
batches.
"""

import math
from dataclasses import dataclass

import numpy as np

from sgle.analysis.spectra import suggested_segment
from sgle.errors import InputError

CHUNKS = 256  # averages kept per trajectory: enough to see a transient, few enough to keep
FORGET = 8.0  # energy that remains of the start: e^-8 of the difference, in the slowest mode
BATCH_FLOATS = 2**24  # per array of a batch: 128 MiB
BATCH_DOFS = 1536  # dofs × trajectories at a time: more of them leave the cache and are slower per step


@dataclass(frozen=True)
class Plan:
    """All lengths of a run.

    time_step : Δt. steps, burn_in : as used, whole chunks. chunk : steps per average. segment : steps per
        piece of a
    velocity spectrum, 0 for none. trajectories, batch : how many, how many at a time. seed : of all noise.
    damping : slowest decay rate of the junction, 1/time.
    """

    time_step: float
    steps: int
    burn_in: int
    chunk: int
    segment: int
    trajectories: int
    batch: int
    seed: int
    damping: float

    @property
    def total(self) -> int:
        """Steps per trajectory."""
        return self.burn_in + self.steps

    @property
    def batches(self) -> list[range]:
        """Trajectory numbers of each batch."""
        return [
            range(first, min(first + self.batch, self.trajectories))
            for first in range(0, self.trajectories, self.batch)
        ]


def make_plan(
    *,
    time_step: float,
    steps: int,
    trajectories: int,
    seed: int,
    resonances: np.ndarray,
    size: int,
    taps: int,
    burn_in: int | None = None,
    segment: int | None = None,
    batch: int | None = None,
) -> Plan:
    """Complete what the user left open.

    burn_in : by default eight times the energy's memory time in the slowest mode, 8/(2 min|Im z|) over the
        resonances z; what is left of the start is e^-8 of it. steps and burn_in are rounded up to whole
        chunks.
    segment : steps per piece of the spectra; by default resolves the slowest mode; 0 leaves spectra out.
    batch : trajectories at a time; by default what fits into the cache, and into 128 MiB per array.
    Raises : InputError for counts that cannot be meant.
    """
    _require_counts(steps=steps, trajectories=trajectories)
    _require_counts(
        least=0,
        seed=seed,
        **{k: v for k, v in (("burn_in", burn_in), ("spectrum_segment", segment)) if v is not None},
    )
    damping = float(np.min(-np.imag(resonances), initial=np.inf))
    chunk = math.ceil(steps / CHUNKS)
    if burn_in is None:
        burn_in = math.ceil(FORGET / (2.0 * damping * time_step))
    used = chunk * math.ceil(steps / chunk)
    if segment is None:
        segment = suggested_segment(time_step, damping, used)
    if segment and (segment % 2 or not 4 <= segment <= used):
        raise InputError(f"spectrum_segment = {segment} must be even, from 4 to steps = {used}", segment=segment)
    if batch is None:
        batch = max(1, min(BATCH_DOFS // size, BATCH_FLOATS // (size * max(256, taps, segment))))
    _require_counts(batch=batch)
    return Plan(
        time_step,
        used,
        chunk * math.ceil(burn_in / chunk),
        chunk,
        segment,
        trajectories,
        min(batch, trajectories),
        seed,
        damping,
    )


def _require_counts(least: int = 1, **counts: int) -> None:
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < least:
            raise InputError(f"{name} = {count!r} must be a whole number, at least {least}", **{name: count})
