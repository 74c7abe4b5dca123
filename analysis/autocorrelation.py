"""Integrated autocorrelation times: how many independent samples a correlated series is worth.

Source: A. Sokal, Monte Carlo Methods in Statistical Mechanics (1996), section 3: automatic windowing.
"""

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

SOKAL_FACTOR = 5.0


def autocovariance(series: np.ndarray) -> np.ndarray:
    """Autocovariance along time, averaged over trajectories, about the mean of all samples.

    series : (n, R, ...) float; NaN where a trajectory has no sample (it ended early).
    Returns : (n, ...), lag 0 first, each lag divided by the number of samples (Sokal's biased estimate, >= 0
        in frequency), in the unit of the series squared.
    """
    present = np.isfinite(series)
    samples = np.maximum(present.sum(axis=(0, 1)), 1)
    filled = np.where(present, series, 0.0)
    mean = filled.sum(axis=(0, 1)) / samples
    deviation = np.where(present, filled - mean, 0.0)
    n = len(series)
    padded = next_fast_len(2 * n, real=True)
    power = np.abs(rfft(deviation, padded, axis=0)) ** 2
    return irfft(power.sum(axis=1), padded, axis=0)[:n] / samples


def integrated_time(series: np.ndarray, factor: float = SOKAL_FACTOR) -> np.ndarray:
    """Integrated autocorrelation time 1 + 2 Σ_k ρ_k in samples, summed up to the first lag >= factor ×
    itself.

    series : (n, R, ...). Returns : (...), 1.0 for a constant series; below 1 for an anticorrelated one.
    """
    covariance = autocovariance(series)
    variance = covariance[0]
    rho = covariance / np.where(variance > 0, variance, 1.0)
    sums = 2.0 * np.cumsum(rho, axis=0) - 1.0
    lags = np.arange(len(sums)).reshape((-1,) + (1,) * (sums.ndim - 1))
    enough = lags >= factor * sums
    window = np.where(enough.any(axis=0), enough.argmax(axis=0), len(sums) - 1)
    time = np.take_along_axis(sums, window[None], axis=0)[0]
    return np.where(variance > 0, time, 1.0)


def effective_samples(series: np.ndarray) -> np.ndarray:
    """Number of independent samples in a series (n, R, ...), summed over trajectories: at most the number
    there is.

    An anticorrelated series counts as independent: its mean is better than this number says, never worse.
    """
    present = np.isfinite(series).sum(axis=(0, 1))
    return present / np.maximum(integrated_time(series), 1.0)
