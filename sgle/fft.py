"""Fourier sums: real FFTs along the first axis (the one place that chooses the library) and sums at any phase.

scipy.fft is the default: along the first axis it took 0.6 to 1.0 of the time of pyfftw on the shapes of noise blocks
(512 to 16384 long, 64 to 2304 columns, one thread), and its results never depend on a plan. SGLE_FFT=pyfftw selects the
other road: rows with estimated plans and their own aligned buffers, because measured plans and unaligned data change the
last bits and a restart must continue bit for bit.
"""

import os
from functools import lru_cache

import numpy as np
import pyfftw
import scipy.fft

Array = np.ndarray


@lru_cache(maxsize=8)
def _plan(rows: int, n: int, inverse: bool) -> pyfftw.FFTW:
    """A planned transform of `rows` rows of n real numbers, with its buffers."""
    real = pyfftw.zeros_aligned((rows, n), dtype=float)
    half = pyfftw.zeros_aligned((rows, n // 2 + 1), dtype=complex)
    ends, direction = ((half, real), "FFTW_BACKWARD") if inverse else ((real, half), "FFTW_FORWARD")
    return pyfftw.FFTW(*ends, axes=(1,), direction=direction, flags=("FFTW_ESTIMATE", "FFTW_DESTROY_INPUT"), threads=1)


def _transform(x: Array, n: int, inverse: bool) -> Array:
    """Transform along the first axis of any array, zero-padded or cut to what n needs."""
    columns = x.reshape(len(x), -1)
    plan = _plan(columns.shape[1], n, inverse)
    used = min(len(x), plan.input_array.shape[1])
    plan.input_array[:, :used] = columns[:used].T
    plan.input_array[:, used:] = 0
    plan.execute()
    out = np.ascontiguousarray(plan.output_array.T)
    return (out / n if inverse else out).reshape(len(out), *x.shape[1:])


def rfft(x: Array, n: int | None = None) -> Array:
    """Σ_n x_n e^{-2πi jn/N}, j = 0..N/2, along the first axis (numpy's sign)."""
    size = len(x) if n is None else n
    return _transform(np.asarray(x, dtype=float), size, False) if _by_pyfftw() else scipy.fft.rfft(x, n=size, axis=0)


def irfft(x: Array, n: int) -> Array:
    """Inverse of rfft, along the first axis."""
    return _transform(np.asarray(x, dtype=complex), n, True) if _by_pyfftw() else scipy.fft.irfft(x, n=n, axis=0)


def _by_pyfftw() -> bool:
    return os.environ.get("SGLE_FFT") == "pyfftw"


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
