"""Where does the transient end? Detected, not assumed.

The averages start where the squared standard error of what is left is smallest, on averages over several
steps (MSER; K. P. White, Simulation 69, 323 (1997)). Compared here on exponential transients in correlated
noise, it scatters far less than the start with most effective samples (Chodera 2016). On pure noise every
such rule cuts off something now and then; a transient is believed only if the part cut off also differs from
the last half of the run, by Student's t over independent pieces, with one false alarm in 10⁴ runs.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student
from sgle.analysis.autocorrelation import integrated_time

from sgle.errors import SgleError

FALSE_ALARM = 1e-4
MOST_AVERAGES = 64
NEARLY_BEST = 1.05  # the earliest start whose squared error is within 5 % of the smallest one


class NotEquilibratedError(SgleError):
    """The transient takes more than half of a run. Numbers: detected, length (averages or steps),
    quantity.
    """

    exit_status = 3


@dataclass(frozen=True)
class Equilibration:
    """End of a transient: the first `detected` averages (chunks) of `length` belong to it (0: there is none).

    quantity : column that shows the longest transient, -1 if none does.
    """

    detected: int
    length: int
    quantity: int = -1

    @property
    def done(self) -> bool:
        """True if at least half of the series lies behind the transient."""
        return 2 * self.detected <= self.length

    def require(self, steps_per_average: int = 1) -> None:
        """Raise NotEquilibratedError, its numbers counted in steps, unless `done`."""
        if not self.done:
            raise NotEquilibratedError(
                self.sentence(steps_per_average),
                quantity=self.quantity,
                detected=self.detected * steps_per_average,
                length=self.length * steps_per_average,
            )

    def sentence(self, steps_per_average: int = 1) -> str:
        """What was found, in steps, with the way out."""
        detected, length = self.detected * steps_per_average, self.length * steps_per_average
        if not self.detected:
            return f"no transient found in the {length} steps that are averaged"
        return (
            f"a transient ends at step {detected} of the {length} to be averaged (kinetic energy of dof "
            f"{self.quantity}): set burn_in at least {detected} steps longer"
        )


def detect(series: np.ndarray) -> Equilibration:
    """Find the end of the transient of a series of averages.

    series : (n, R, K), R independent trajectories, K quantities; NaN where a trajectory ended early.
    Returns : the longest significant transient of the K quantities, at most 3/4 of the series.
    """
    series = series[np.isfinite(series).all(axis=(1, 2))]
    width = math.ceil(len(series) / MOST_AVERAGES)
    if len(series) < 8:
        return Equilibration(0, len(series))
    coarse = coarsen(series, width)
    starts = marginal_starts(coarse.mean(axis=1))
    limit = FALSE_ALARM / series.shape[2]
    found = [
        int(start) if start and _differs(coarse[:, :, k], int(start), limit) else 0 for k, start in enumerate(starts)
    ]
    longest = int(np.argmax(found))
    return Equilibration(found[longest] * width, len(series), longest if found[longest] else -1)


def coarsen(series: np.ndarray, width: int) -> np.ndarray:
    """Averages over `width` neighbours of (n, ...); (n // width, ...), the rest at the end left out."""
    count = len(series) // width
    return series[: count * width].reshape(count, width, *series.shape[1:]).mean(axis=1)


def marginal_starts(series: np.ndarray) -> np.ndarray:
    """Earliest start, for each column of (n, K), whose squared standard error is nearly the smallest; <=
    3n/4.
    """
    candidates = np.arange(3 * len(series) // 4 + 1)
    errors = np.array([series[start:].var(axis=0) / (len(series) - start) for start in candidates])
    return (errors <= NEARLY_BEST * errors.min(axis=0)).argmax(axis=0)


def _differs(series: np.ndarray, start: int, limit: float) -> bool:
    """Whether the first `start` averages of (n, R) differ from the last half at significance `limit`.

    The yardstick is the spread of pieces of the last half, each five autocorrelation times long.
    """
    tail = series[len(series) // 2 :]
    length = min(len(tail), math.ceil(5.0 * max(1.0, float(integrated_time(tail)))))
    pieces = coarsen(tail[::-1], length).ravel()
    if pieces.size < 3:
        return False
    share = 1.0 / pieces.size + length / (start * series.shape[1])
    error = pieces.std(ddof=1) * math.sqrt(share)
    deviation = abs(float(series[:start].mean() - pieces.mean()))
    if error == 0:
        return deviation > 0
    return 2.0 * float(student.sf(deviation / error, pieces.size - 1)) < limit
