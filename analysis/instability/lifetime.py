"""Lifetimes that are exponential, and whether they are (J. F. Lawless, Statistical Models and Methods for Lifetime Data
(2003), 4.1).

With d passages in a total time T of watching, the likelihood λ^d e^{-λT} gives the rate d/T whatever was censored.
2λT is χ² with 2d degrees of freedom if watching ended with the d-th passage, with between 2d and 2d + 2 if it ended at
a set time: the ends of the interval take one each, so that it holds at least as often as it says.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, kstest, norm

from sgle.analysis.instability.survival import LEVEL, Passages
from sgle.errors import InputError

LEAST_EVENTS = 5  # below it no test can tell anything


@dataclass(frozen=True)
class Rate:
    """Rate of passages, events over exposure, with the interval of the given level; mean lifetime 1/rate likewise.

    stderr : rate/√events, good for many events; the interval is good for few.
    """

    value: float
    lower: float
    upper: float
    events: int
    exposure: float
    level: float

    @property
    def stderr(self) -> float:
        """rate/√events, infinite without any."""
        return self.value / self.events**0.5 if self.events else np.inf

    @property
    def mean(self) -> tuple[float, float, float]:
        """Mean lifetime and the ends of its interval; infinite without events."""
        return _inverse(self.value), _inverse(self.upper), _inverse(self.lower)


@dataclass(frozen=True)
class Exponentiality:
    """Two tests that the rate does not change with age. p : probability of a deviation as large by chance.

    distance, distance_p : Kolmogorov's, against any other law. trend, trend_p : Laplace's, a standard normal number,
    positive if passages become more frequent with age, as they do while something still grows.
    """

    distance: float
    distance_p: float
    trend: float
    trend_p: float

    @property
    def p(self) -> float:
        """Of the two together, at most."""
        return min(1.0, 2 * min(self.distance_p, self.trend_p))


def exponential_rate(passages: Passages, level: float = LEVEL) -> Rate:
    """Rate by maximum likelihood with its χ² interval; without events 0, and an upper end still.

    Raises : InputError if nothing was watched, or for a level outside 0..1.
    """
    if not 0 < level < 1:
        raise InputError(f"level = {level!r} must lie between 0 and 1", level=level)
    events, exposure, tail = passages.events, passages.exposure, (1 - level) / 2
    if exposure <= 0:
        raise InputError("no time was watched: there is no rate", exposure=exposure)
    lower = chi2.ppf(tail, 2 * events) / (2 * exposure) if events else 0.0
    upper = chi2.isf(tail, 2 * events + 2) / (2 * exposure)
    return Rate(events / exposure, float(lower), float(upper), events, exposure, level)


def exponentiality(passages: Passages) -> Exponentiality:
    """Test that passages come at a constant rate, whatever was censored.

    On the clock of the total time on test, ∫_0^t (number still watched) dt', passages at a constant rate are a Poisson
    process: those before the last one lie uniformly (B. Epstein, Technometrics 2, 83 (1960)). Kolmogorov's and
    Laplace's test of that: exact if watching ends with a passage, nearly so if it ends at set times.
    Raises : NoEventsError for fewer than 5 passages.
    """
    passages.require_events(LEAST_EVENTS)
    clock = total_time_on_test(passages)
    share = clock[:-1] / clock[-1]
    distance = kstest(share, "uniform")
    trend = float((share.mean() - 0.5) * np.sqrt(12 * len(share)))
    return Exponentiality(float(distance.statistic), float(distance.pvalue), trend, float(2 * norm.sf(abs(trend))))


def total_time_on_test(passages: Passages) -> np.ndarray:
    """∫_0^{t_i} (number still watched) dt at every passage, (events,), ascending."""
    order = np.argsort(passages.time, kind="stable")
    time, passed = passages.time[order], passages.passed[order]
    watched = len(time) - np.arange(len(time))
    clock = np.cumsum(watched * np.diff(time, prepend=0.0))
    return clock[passed]


def _inverse(rate: float) -> float:
    return 1 / rate if rate > 0 else np.inf
