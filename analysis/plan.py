"""Plan: how many steps, how much of them to forget, how to cut them into chunks and trajectories into
batches.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sgle.analysis.spectra import suggested_segment
from sgle.errors import InputError

CHUNKS = 256  # averages kept per trajectory: enough to see a transient, few enough to keep
FORGET = 8.0  # energy that remains of the start: e^-8 of the difference, in the slowest mode
BATCH_FLOATS = 2**24  # per array of a batch: 128 MiB
BATCH_DOFS = 1536  # dofs × trajectories at a time: more of them leave the cache and are slower per step
# Smaller batches cost more per trajectory-step: below 256 numbers the calls, below 24 trajectories the taps that every
# step reads (measured: 2 % more at 256 numbers of 2 dofs, 8 % at 24 trajectories of 33 dofs; half of it, 22 and 40 %).
LEAST_DOFS, LEAST_TRAJECTORIES = 256, 24
BATCHES = 8  # wanted at least: work for several workers, and something finished early
METHODS = ("trajectories", "stationary")
STARTS = ("rest", "stationary")


@dataclass(frozen=True)
class Plan:
    """All lengths of a run.

    time_step : Δt. steps, burn_in : as used, whole chunks. chunk : steps per average. segment : steps per
        piece of a
    velocity spectrum, 0 for none. trajectories, batch : how many, the most at a time. seed : of all noise.
    damping : slowest decay rate of the junction, 1/time.
    method : "trajectories", stepped one step after another, or "stationary", drawn at once.
    start : "rest", before the burn-in, or "stationary", a state that needs none.
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
    method: str = "trajectories"
    start: str = "rest"

    @property
    def total(self) -> int:
        """Steps per trajectory."""
        return self.burn_in + self.steps

    @property
    def batches(self) -> list[range]:
        """Trajectory numbers of each batch: as few as `batch` allows, their sizes equal within one."""
        count = -(-self.trajectories // self.batch)
        ends = [self.trajectories * k // count for k in range(count + 1)]
        return [range(first, last) for first, last in pairwise(ends)]


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
    method: str = "trajectories",
    start: str = "rest",
) -> Plan:
    """Complete what the user left open.

    burn_in : by default eight times the energy's memory time in the slowest mode, 8/(2 min|Im z|) over the
        resonances z; what is left of the start is e^-8 of it; none where the start is stationary. steps and burn_in
        are rounded up to whole chunks.
    segment : steps per piece of the spectra; by default resolves the slowest mode; 0 leaves spectra out.
    batch : the most trajectories at a time; by default see `_default_batch`.
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
        stationary = "stationary" in (method, start)
        burn_in = 0 if stationary else default_burn_in(resonances, time_step)
    used = chunk * math.ceil(steps / chunk)
    if segment is None:
        segment = suggested_segment(time_step, damping, used)
    if segment and (segment % 2 or not 4 <= segment <= used):
        raise InputError(f"spectrum_segment = {segment} must be even, from 4 to steps = {used}", segment=segment)
    if batch is None:
        batch = _default_batch(trajectories, size, max(256, taps, segment))
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
        method,
        start,
    )


def default_burn_in(resonances: np.ndarray, time_step: float) -> int:
    """Steps until e^-8 of the start's energy is left in the slowest mode."""
    damping = float(np.min(-np.imag(resonances), initial=np.inf))
    return math.ceil(FORGET / (2.0 * damping * time_step))


def _default_batch(trajectories: int, size: int, length: int) -> int:
    """Trajectories at a time: what fits into the cache, and with `length` steps into 128 MiB per array; fewer to make
    up to eight batches, as long as that costs little.
    """
    most = max(1, min(BATCH_DOFS // size, BATCH_FLOATS // (size * length)))
    worthwhile = max(math.ceil(LEAST_DOFS / size), LEAST_TRAJECTORIES)
    count = max(math.ceil(trajectories / most), min(BATCHES, trajectories // worthwhile), 1)
    return math.ceil(trajectories / count)


def _require_counts(least: int = 1, **counts: int) -> None:
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < least:
            raise InputError(f"{name} = {count!r} must be a whole number, at least {least}", **{name: count})
