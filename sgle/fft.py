"""Fourier sums: FFTs of rows and of columns (the one place that chooses the library) and sums at any phase.

scipy.fft is the default: rows of complex numbers took 0.6 to 1.5 of the time of pyfftw on the shapes of noise records
(2048 to 32768 long, one thread), and its results never depend on a plan. SGLE_FFT=pyfftw selects the other road: rows
with estimated plans and their own aligned buffers, as measured plans and unaligned data change the last bits and a
restart must continue bit for bit.
"""

import os
from functools import lru_cache

import numpy as np
import pyfftw
import scipy.fft
from scipy.sparse import csr_array

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


@lru_cache(maxsize=8)
def _row_plan(n: int, inverse: bool) -> pyfftw.FFTW:
    """A planned transform of one row of n complex numbers in place, with its buffer."""
    row = pyfftw.zeros_aligned(n, dtype=complex)
    direction = "FFTW_BACKWARD" if inverse else "FFTW_FORWARD"
    return pyfftw.FFTW(row, row, direction=direction, flags=("FFTW_ESTIMATE",), threads=1)


def _transform_rows(x: Array, inverse: bool) -> Array:
    plan = _row_plan(x.shape[-1], inverse)
    for place in np.ndindex(x.shape[:-1]):
        plan.input_array[:] = x[place]
        plan.execute()
        x[place] = plan.output_array
    if inverse:
        x /= x.shape[-1]
    return x


def fft_rows(x: Array) -> Array:
    """Σ_n x_n e^{-2πi jn/N} along the last axis of a complex array, which is overwritten."""
    return _transform_rows(x, False) if _by_pyfftw() else scipy.fft.fft(x, overwrite_x=True)


def ifft_rows(x: Array) -> Array:
    """Inverse of fft_rows; it overwrites too."""
    return _transform_rows(x, True) if _by_pyfftw() else scipy.fft.ifft(x, overwrite_x=True)


def _by_pyfftw() -> bool:
    return os.environ.get("SGLE_FFT") == "pyfftw"


def direct_sum(taps: Array, phase: Array) -> Array:
    """Σ_k taps_k e^{i k phase} as it is written, (n_phase, n, n): the judge of the fast road; complex phases too."""
    angle = np.outer(phase, np.arange(len(taps)))
    flat = taps.reshape(len(taps), -1)
    if np.iscomplexobj(phase):
        return (np.exp(1j * angle) @ flat).reshape(-1, *taps.shape[1:])
    return (np.cos(angle) @ flat + 1j * (np.sin(angle) @ flat)).reshape(-1, *taps.shape[1:])


class LagSum:
    """F(x) = Σ_k taps_k e^{ikx} for real taps (K, n, n) at any phases x, to a few 1e-12 of its largest value.

    Sums at complex phases are written out. Long ones at real phases are transformed once onto 2K uniform phases and
    interpolated there with a window of 14 points, exp(β√(1-z²)), whose own transform is divided out of the taps
    beforehand: a non-uniform FFT. Short ones are summed.
    Source : A. H. Barnett, J. Magland, L. af Klinteberg, SIAM J. Sci. Comput. 41, C479 (2019).
    """

    WIDTH = 14
    BETA = 2.30 * WIDTH
    SHORT = 48

    def __init__(self, taps: Array) -> None:
        self.taps = taps
        length = len(taps)
        if length <= self.SHORT:
            return
        self.size = 2 * length
        self.centre = length // 2
        k = np.arange(length) - self.centre
        padded = np.zeros((self.size, taps[0].size))
        padded[k] = taps.reshape(length, -1) / self._window_transform(k)[:, None]
        self.values = self.size * scipy.fft.ifft(padded, axis=0)

    def _window(self, z: Array) -> Array:
        return np.exp(self.BETA * (np.sqrt(np.maximum(1 - z**2, 0)) - 1))

    def _window_transform(self, k: Array) -> Array:
        nodes, weights = np.polynomial.legendre.leggauss(64)
        angles = np.outer(k * (np.pi * self.WIDTH / self.size), nodes)
        return self.WIDTH / 2 * (np.cos(angles) @ (weights * self._window(nodes)))

    def __call__(self, phase: Array) -> Array:
        """F at phases (n_phase,), (n_phase, n, n) complex."""
        phase = np.asarray(phase)
        if len(self.taps) <= self.SHORT or np.iscomplexobj(phase):
            return direct_sum(self.taps, phase)
        place = phase * (self.size / (2 * np.pi))
        points = np.ceil(place - self.WIDTH / 2).astype(int)[:, None] + np.arange(self.WIDTH)
        weights = self._window((place[:, None] - points) / (self.WIDTH / 2))
        rows = np.arange(0, points.size + 1, self.WIDTH)
        window = csr_array((weights.ravel(), (points % self.size).ravel(), rows), shape=(phase.size, self.size))
        total = (window @ self.values.view(float)).view(complex)
        total *= np.exp(1j * self.centre * phase)[:, None]
        return total.reshape(-1, *self.taps.shape[1:])
