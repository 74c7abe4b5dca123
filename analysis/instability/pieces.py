"""Error bars of what is computed from means: the jackknife over independent trajectories.

With one function value from all trajectories and one from all but each, the error is √[(R-1)/R Σ (f_r - f̄)²] and the
bias of order 1/R is taken out (B. Efron and C. Stein, Ann. Statist. 9, 586 (1981)).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from sgle.analysis.estimate import Estimate, TooFewSamplesError

Array = np.ndarray
LEAST = 3


def whole(series: Array) -> Array:
    """Those trajectories of (n, R, ...) that have all averages, (n, R', ...). TooFewSamplesError for fewer than 3."""
    kept = series[:, np.isfinite(series).reshape(*series.shape[:2], -1).all(axis=(0, 2))]
    if kept.shape[1] < LEAST or not len(kept):
        raise TooFewSamplesError(
            f"an error bar needs at least {LEAST} whole trajectories, there are {kept.shape[1]}",
            pieces=kept.shape[1],
        )
    return kept


def jackknife(means: Array, function: Callable[[Array], Any], *, grid: Any = None, continuum: Any = None) -> Estimate:
    """function(mean over trajectories) with its error.

    means : (R, ...) of independent trajectories.    function : of (...), returns a number or an array.
    """
    count = len(means)
    total = means.sum(axis=0)
    value = np.asarray(function(total / count), dtype=float)
    left = np.array([function((total - each) / (count - 1)) for each in means], dtype=float)
    stderr = np.sqrt((count - 1) / count * np.sum((left - left.mean(axis=0)) ** 2, axis=0))
    value = count * value - (count - 1) * left.mean(axis=0)
    return Estimate(value, stderr, np.full(value.shape, float(count)), grid, continuum, count - 1.0)
