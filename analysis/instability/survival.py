"""Survival with censoring: what first passages say when not every trajectory was watched until it passed.

The product-limit estimate S(t) = Π_{t_i ≤ t} (1 - d_i/n_i), d_i of the n_i still watched passing at t_i (E. L. Kaplan
and P. Meier, JASA 53, 457 (1958)); Var S = S² Σ d_i/[n_i (n_i - d_i)] (M. Greenwood, 1926); bands from log(-log S),
which stay inside 0..1 (J. D. Kalbfleisch and R. L. Prentice, The Statistical Analysis of Failure Time Data (2002),
1.4). Dropping the trajectories that did not pass makes lifetimes too short; counting them as passed does so too.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import chi2, norm

from sgle.errors import InputError, SgleError

Array = np.ndarray
LEVEL = 0.95


class NoEventsError(SgleError):
    """No trajectory passed: there is a lower bound of the lifetime, but no lifetime. Numbers: watched, trajectories."""


@dataclass(frozen=True, eq=False)
class Passages:
    """How long each trajectory was watched, (R,), and whether it passed then, (R,) bool; else it is censored there."""

    time: Array
    passed: Array

    @classmethod
    def of(cls, first: Any, watched: Any) -> "Passages":
        """From first-passage times as a Result has them.

        first : (R,) times, NaN for a trajectory that never passed.    watched : time until which all, or each of them
        (R,), were looked at.
        Raises : InputError for no trajectories, times that are negative or later than the end of watching.
        """
        first = np.asarray(first, dtype=float)
        end = np.broadcast_to(np.asarray(watched, dtype=float), first.shape)
        passed = np.isfinite(first)
        if first.ndim != 1 or not len(first):
            raise InputError(f"first passages of shape {first.shape} must be (R,), one for each trajectory")
        if not np.all(np.isfinite(end)) or np.any(end < 0) or np.any(first[passed] < 0):
            raise InputError("times of passage and of watching must be finite and not negative")
        if np.any(first[passed] > end[passed]):
            late = int(np.flatnonzero(passed)[np.argmax(first[passed] - end[passed])])
            raise InputError(
                f"trajectory {late} passed at {first[late]:.6g}, but was watched until {end[late]:.6g} only: are both "
                "in the same unit, counted from the same moment?",
                trajectory=late,
                passage=float(first[late]),
                watched=float(end[late]),
            )
        return cls(np.where(passed, first, end), passed)

    def behind(self, start: float) -> "Passages":
        """Those that had not passed by `start`, their times counted from there: without a transient."""
        kept = self.time > start
        return Passages(self.time[kept] - start, self.passed[kept])

    @property
    def events(self) -> int:
        """How many passed."""
        return int(self.passed.sum())

    @property
    def exposure(self) -> float:
        """Time of watching, summed over trajectories."""
        return float(self.time.sum())

    def __len__(self) -> int:
        return len(self.time)

    def require_events(self, least: int = 1) -> None:
        """NoEventsError unless at least so many passed."""
        if self.events < least:
            highest = chi2.isf(1 - LEVEL, 2 * self.events + 2) / (2 * self.exposure) if self.exposure else np.inf
            raise NoEventsError(
                f"{self.events} of {len(self)} trajectories passed in a total time of {self.exposure:.6g}, {least} are "
                f"needed: watch longer, take more of them, or lower the limit. At {LEVEL:.0%} confidence the rate is "
                f"below {highest:.3g}",
                events=self.events,
                trajectories=len(self),
                watched=self.exposure,
            )


@dataclass(frozen=True, eq=False)
class Survival:
    """S(t) as a staircase: from time[i] on, until time[i+1], its value is survival[i]; 1 before time[0].

    time : (m,) moments at which some passed, ascending. at_risk, events : (m,) still watched just before, passing then.
    survival, stderr, lower, upper : (m,) S, Greenwood's error, ends of the pointwise band of the given level.
    end : last moment at which any was watched.
    """

    time: Array
    at_risk: Array
    events: Array
    survival: Array
    stderr: Array
    lower: Array
    upper: Array
    end: float
    level: float

    def at(self, time: Any) -> Array:
        """S at any times not behind `end`."""
        return np.append(1.0, self.survival)[np.searchsorted(self.time, time, side="right")]

    def quantile(self, share: float) -> tuple[float, float, float]:
        """First time at which at least `share` have passed, and the ends of its interval; inf where that is not seen.

        The interval holds every t whose band contains 1 - share (R. Brookmeyer and J. Crowley, Biometrics 38, 29
        (1982)).
        """
        if not 0 < share < 1:
            raise InputError(f"share = {share!r} must lie between 0 and 1", share=share)
        left = 1 - share + 1e-12  # a step that lands on it has reached it, whatever rounding says
        value, early, late = (_first(self.time, curve <= left) for curve in (self.survival, self.lower, self.upper))
        return value, early, late

    @property
    def median(self) -> tuple[float, float, float]:
        """Time by which half have passed, and its interval."""
        return self.quantile(0.5)

    def restricted_mean(self, until: float | None = None) -> tuple[float, float]:
        """∫_0^until S dt, the mean of min(lifetime, until), and its standard error; until: the last moment watched.

        Var = Σ_i [∫_{t_i}^until S dt]² d_i/[n_i (n_i - d_i)]; no mean of whole lifetimes is to be had from censored
        ones without a law for what was not seen.
        """
        until = self.end if until is None else until
        inside = self.time < until
        edges = np.concatenate([[0.0], self.time[inside], [until]])
        areas = np.diff(edges) * np.append(1.0, self.survival[inside])
        rest = areas[::-1].cumsum()[::-1][1:]
        return float(areas.sum()), float(np.sqrt(np.sum(rest**2 * self._terms[inside])))

    @property
    def _terms(self) -> Array:
        return _greenwood(self.at_risk, self.events)


def kaplan_meier(passages: Passages, level: float = LEVEL) -> Survival:
    """The product-limit estimate. Raises NoEventsError if nobody passed, InputError for a level outside 0..1."""
    if not 0 < level < 1:
        raise InputError(f"level = {level!r} must lie between 0 and 1", level=level)
    passages.require_events()
    time, events = np.unique(passages.time[passages.passed], return_counts=True)
    at_risk = len(passages) - np.searchsorted(np.sort(passages.time), time, side="left")
    survival = np.cumprod(1 - events / at_risk)
    spread = np.sqrt(np.cumsum(_greenwood(at_risk, events)))
    lower, upper = _band(survival, spread, level)
    stderr = survival * spread
    return Survival(time, at_risk, events, survival, stderr, lower, upper, float(passages.time.max()), level)


def _greenwood(at_risk: Array, events: Array) -> Array:
    """d/[n (n - d)]; 0 where all that are left pass: S is zero then, and so is its error."""
    left = at_risk - events
    return np.divide(events, at_risk * left, out=np.zeros(len(events)), where=left > 0)


def _band(survival: Array, spread: Array, level: float) -> tuple[Array, Array]:
    """S^exp(±z s/log S): equal tails of log(-log S). 0..1 where S is zero and nothing is known of its error."""
    alive = survival > 0
    logarithm = np.log(np.where(alive, survival, 0.5))
    reach = np.exp(norm.isf((1 - level) / 2) * spread / np.abs(logarithm))
    return np.where(alive, np.exp(logarithm * reach), 0.0), np.where(alive, np.exp(logarithm / reach), 1.0)


def _first(time: Array, reached: Array) -> float:
    return float(time[np.argmax(reached)]) if reached.any() else np.inf
