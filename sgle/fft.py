"""Fourier sums: real FFTs along the first axis (the one place that chooses the library) and sums at any phase.

scipy.fft is the default: along the first axis it took 0.4 to 1.3 of the time of pyfftw on the shapes of noise blocks
(512 to 16384 long, 64 to 2304 columns, one thread), and its results never depend on a plan. SGLE_FFT=pyfftw selects
the other road: rows with estimated plans and their own aligned buffers, as measured plans and unaligned data change
the last bits and a restart must continue bit for bit.
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


def direct_sum(taps: Array, phase: Array) -> Array:
    """Σ_k taps_k e^{i k phase} as it is written, (n_phase, n, n): the judge of the fast road."""
    angle = np.outer(phase, np.arange(len(taps)))
    flat = taps.reshape(len(taps), -1)
    return (np.cos(angle) @ flat + 1j * (np.sin(angle) @ flat)).reshape(-1, *taps.shape[1:])


class LagSum:
    """F(x) = Σ_k taps_k e^{ikx} for real taps (K, n, n) at any phases x, to a few 1e-12 of its largest value.

    Long sums are transformed once onto 2K uniform phases and interpolated there with a window of 14 points,
    exp(β√(1-z²)), whose own transform is divided out of the taps beforehand: a non-uniform FFT. Short ones are summed.
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
        phase = np.asarray(phase, dtype=float)
        if len(self.taps) <= self.SHORT:
            return direct_sum(self.taps, phase)
        place = phase * (self.size / (2 * np.pi))
        first = np.ceil(place - self.WIDTH / 2).astype(int)
        total = np.zeros((phase.size, self.values.shape[1]), complex)
        for m in range(self.WIDTH):
            weight = self._window((place - first - m) / (self.WIDTH / 2))
            total += weight[:, None] * self.values[(first + m) % self.size]
        total *= np.exp(1j * self.centre * phase)[:, None]
        return total.reshape(-1, *self.taps.shape[1:])
