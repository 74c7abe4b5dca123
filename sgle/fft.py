"""Fourier sums: real FFTs along one axis (the one place that chooses the library) and sums at any phase.

pyfftw with plans that are estimated, not measured: measured plans differ in the last bits from run to run, and a
restart must continue bit for bit. SGLE_FFT=scipy selects scipy.fft, the other road, equal to rounding.
"""

import os

import numpy as np
import pyfftw
import scipy.fft

Array = np.ndarray
_OPTIONS = {"planner_effort": "FFTW_ESTIMATE", "threads": 1}


def good_size(n: int) -> int:
    """The next even length ≥ n with small prime factors."""
    size = scipy.fft.next_fast_len(n, real=True)
    while size % 2:
        size = scipy.fft.next_fast_len(size + 1, real=True)
    return size


def rfft(x: Array, n: int | None = None, axis: int = 0) -> Array:
    """Σ_n x_n e^{-2πi jn/N}, j = 0..N/2 (numpy's sign)."""
    if os.environ.get("SGLE_FFT") == "scipy":
        return scipy.fft.rfft(x, n=n, axis=axis)
    return pyfftw.interfaces.numpy_fft.rfft(x, n=n, axis=axis, **_OPTIONS)


def irfft(x: Array, n: int, axis: int = 0) -> Array:
    """Inverse of rfft."""
    if os.environ.get("SGLE_FFT") == "scipy":
        return scipy.fft.irfft(x, n=n, axis=axis)
    return pyfftw.interfaces.numpy_fft.irfft(x, n=n, axis=axis, **_OPTIONS)


def trigonometric(taps: Array, phase: Array) -> Array:
    """Σ_k taps_k e^{i k phase} for real taps (K, n, n): (n_phase, n, n) complex, by two real products in pieces."""
    k, n = len(taps), taps.shape[-1]
    flat = taps.reshape(k, n * n)
    rows = max(1, 4_000_000 // k)
    result = np.empty((phase.size, n * n), complex)
    for start in range(0, phase.size, rows):
        angle = np.outer(phase[start : start + rows], np.arange(k))
        result[start : start + rows] = np.cos(angle) @ flat + 1j * (np.sin(angle) @ flat)
    return result.reshape(-1, n, n)
