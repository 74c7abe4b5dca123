"""Stationary initial states, with their memory and the history of their noise: runs that need no burn-in.

The state before step 0 must be the one that the past of its own noise has made, as the forces to come are correlated
with it. Two roads, chosen by what they cost:
    "past"   the response, from rest, to the stream's own forces of all steps that are not yet forgotten;
    "slow"   where damping is weak: the response to the stream's own recent white noise, and what all older white noise
             still does, drawn from its exact covariance (sgle.integrators.slow). Its cost does not depend on damping.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from sgle.errors import InputError
from sgle.integrators.causal import Causal, all_taps
from sgle.integrators.slow import Slow, lags_needed
from sgle.integrators.state import State, columns
from sgle.integrators.verlet import Verlet
from sgle.noise import CLOCK, NoiseFilter, NoiseStream
from sgle.stability import require_stable, resonances, zero_modes

Array = np.ndarray
FORGOTTEN = 1e-8  # of the response to a force, when what came before it is left out
FADED = 1e-5  # damping of a record after which the motion is forgotten anyway
MEMORY = 2**32  # bytes of the responses of one model
MODEST = 2**28  # that nobody minds who has not asked for it
KEY = 0x73746172  # in the place of a noise channel: no bath has this number


class NoStationaryStateError(InputError):
    """Something is free, or remembers longer than can be afforded: there is no stationary state to begin with."""


def require_stationary(model: Any) -> None:
    """Raise UnstableError or NoStationaryStateError unless every mode is held and damped."""
    require_stable(model.junction, model.grid)
    free = zero_modes(model.junction)
    if free:
        raise NoStationaryStateError(
            f"{free} mode{'s' * (free > 1)} of the junction {'are' if free > 1 else 'is'} held by nothing and drift"
            f"{'s' * (free == 1)} away without end: no stationary state to begin with. Begin at rest, with a burn_in.",
            free=free,
        )


def stationary_state(model: Any, streams: Mapping[str, Any], trajectories: Sequence[int], seed: int) -> State:
    """A State before step 0 from which stepping under `streams` from step 0 on is the stationary motion.

    model : sgle.grid.GridModel.    streams : of all its baths, from sgle.noise; their steps before 0 are used.
    trajectories : their numbers, those of the streams; with `seed` they make what the streams no longer know. Models
        that differ a little get nearly the same states from the same white noise.
    Raises : NoStationaryStateError, UnstableError; InputError if streams do not fit.
    """
    for name in model.baths:
        if name not in streams or tuple(streams[name].trajectories) != tuple(int(r) for r in trajectories):
            raise InputError(f"bath {name!r} has no stream of these {len(trajectories)} trajectories", bath=name)
    motion = starter(model).motion(streams, trajectories, seed)
    return state_of(model, motion)


@lru_cache(maxsize=2)
def starter(model: Any) -> "Past | Recent":
    """The cheapest road to the states of a model that is exact."""
    require_stationary(model)
    window = memory_length(model) + 2
    past, quiet = _forgetting(model), quiet_lag(model)
    longest = _longest_past(model)
    if past <= min(lags_needed(model, quiet, window), longest):
        _require_memory(model, past, 0)
        found = Past(model, past, window)
        if found.remains < FORGOTTEN:
            return found
    _require_clock(quiet + window, longest)
    for lag in [quiet, 2 * quiet] if 2 * quiet + window <= longest else [quiet]:
        length = lags_needed(model, lag, window)
        _require_memory(model, length, length - lag)
        recent = Recent(model, lag, window)
        if recent.slow.faithful:
            return recent
    raise NoStationaryStateError(
        f"old noise is still felt after {lag} steps, and {recent.slow.rank} slow variables describe what it does only "
        f"within {recent.slow.error:.1e} of the largest response, with a spectral radius of {recent.slow.radius:.9f}. "
        "Begin at rest, with a burn_in.",
        steps=lag,
        error=recent.slow.error,
        radius=recent.slow.radius,
    )


def pays(model: Any, burn_in: int) -> bool:
    """Whether stationary states cost less than so many steps of burn-in, and little memory.

    Raises NoStationaryStateError, UnstableError where there is no such state.
    """
    require_stationary(model)
    window, quiet = memory_length(model) + 2, quiet_lag(model)
    past, recent, longest = _forgetting(model), lags_needed(model, quiet, window), _longest_past(model)
    if past > min(recent, longest):
        _require_clock(quiet + window, longest)
    length = min(past, recent)
    return length < burn_in and _room(model, length, length - quiet if length == recent else 0) < MODEST


def _room(model: Any, length: int, lags: int) -> int:
    """Bytes of responses of this length, of which so many lags are kept in time; the peak is about three times that."""
    white = sum(len(bath.dofs) for bath in model.baths.values())
    return int(24 * model.size**2 * length + 8 * model.size * white * max(lags, 0))


def _require_memory(model: Any, length: int, lags: int) -> None:
    """Refuse responses that do not fit."""
    needed = _room(model, length, lags)
    if needed > MEMORY:
        raise NoStationaryStateError(
            f"a stationary state of {model.size} dofs takes responses of {length} steps, {needed / 2**30:.1f} GiB, "
            f"more than {MEMORY / 2**30:.1f}. Shorten the memory, or begin at rest, with a burn_in.",
            needed=needed,
            steps=length,
        )


def _longest_past(model: Any) -> int:
    """Steps before step 0 that the noise of every bath has."""
    return CLOCK - max(bath.noise_filter.half for bath in model.baths.values())


def _require_clock(steps: int, longest: int) -> None:
    """Refuse a past that begins before the noise does."""
    if steps > longest:
        raise NoStationaryStateError(
            f"a stationary state takes the noise of {steps} steps before step 0, and there are {longest}: the memory "
            "is too long. Shorten memory_time, or begin at rest, with a burn_in.",
            steps=steps,
            longest=longest,
        )


def memory_length(model: Any) -> int:
    """Steps of the past that the memories hold."""
    return max((len(taps) - 1 for bath in model.baths.values() for taps in all_taps(bath) if len(taps)), default=0)


def quiet_lag(model: Any) -> int:
    """Steps after which the filters have ended and few modes are left, fewer than a Slow can tell apart."""
    return max(len(bath.noise_filter.taps) for bath in model.baths.values()) + memory_length(model) // 2 + 64


def _forgetting(model: Any) -> int:
    """Steps after which the slowest mode has forgotten."""
    slowest = np.abs(resonances(model.junction, model.grid).imag).min()
    decay = -np.log(FORGOTTEN / 10) / max(slowest * model.time_step, 1e-12)
    return int(min(decay, 1e12)) + 2 * memory_length(model) + 64


class Past:
    """Road of a model whose whole past can be afforded: P steps from rest.

    remains : of the response to a force at the beginning of the past, relative to its largest.
    """

    def __init__(self, model: Any, steps: int, window: int) -> None:
        self.model, self.steps, self.window = model, steps, window
        self.causal = Causal(model, steps, FADED)
        self.remains = self.causal.remains(window)

    def motion(self, streams: Mapping[str, Any], trajectories: Sequence[int], seed: int) -> Array:
        """u of the last steps before 0, and at 0, (window, R, N)."""
        forces = np.zeros((self.steps, len(trajectories), self.model.size))
        for name, bath in self.model.baths.items():
            forces[..., columns(bath.dofs)] += streams[name].block(-self.steps, self.steps)
        return self.causal.motion(forces, self.window - 1)


class Recent:
    """Road of a weakly damped model: white noise of the last q steps before the window, slow variables for the rest."""

    def __init__(self, model: Any, quiet: int, window: int) -> None:
        self.model, self.steps, self.window = model, quiet + window - 2, window
        self.causal = Causal(model, lags_needed(model, quiet, window))
        self.slow = Slow(self.causal, quiet, window)

    def motion(self, streams: Mapping[str, Any], trajectories: Sequence[int], seed: int) -> Array:
        """u of the last steps before 0, and at 0, (window, R, N)."""
        forces = np.zeros((self.steps, len(trajectories), self.model.size))
        for name, bath in self.model.baths.items():
            forces[..., columns(bath.dofs)] += recent_forces(streams[name], self.steps)
        keys = [np.random.SeedSequence(seed, spawn_key=(int(r), KEY)) for r in trajectories]
        old = self.slow.draw([np.random.Generator(np.random.SFC64(key)) for key in keys])
        return self.causal.motion(forces, self.window - 1) + old


def recent_forces(stream: Any, steps: int) -> Array:
    """What the white noise ζ_n = ξ_{n+half} of the last steps before 0 gives to the forces there, (steps, R, n)."""
    forces = stream.block(-steps, steps)
    taps, time_step = stream.filter.taps, stream.filter.time_step
    begun = min(len(taps) - 1, steps)
    whole = NoiseFilter(np.eye(stream.size)[None], 1.0, 0.0)
    white = NoiseStream(whole, stream.seed, stream.trajectories, stream.channel).block(
        stream.filter.half - steps, begun
    )
    forces[:begun] = _filtered(white, taps[:begun]) / np.sqrt(time_step)
    return forces


def _filtered(white: Array, taps: Array) -> Array:
    """Σ_k h_k ζ_{n-k} from the first ζ on, (steps, R, n)."""
    steps = len(white)
    size = next_fast_len(2 * steps, real=True)
    amplitudes = rfft(white, size, axis=0) @ rfft(taps, size, axis=0).swapaxes(1, 2)
    return irfft(amplitudes, size, axis=0)[:steps]


def state_of(model: Any, motion: Array) -> State:
    """The state before step 0 from u_n, n = -h-1 .. 0, (h + 2, R, N)."""
    half = np.diff(motion, axis=0) / model.time_step
    velocity, displacement = (half[1:] + half[:-1]) / 2, motion[1:-1]
    stepper = Verlet(model)
    state = stepper.rest(motion.shape[1])
    state.displacement, state.half_velocity = motion[-1].copy(), half[-1].copy()
    for name, memory in stepper.memories.items():
        place = columns(model.baths[name].dofs)
        memory.fill(state.memories[name], velocity[..., place], displacement[..., place])
    return state
