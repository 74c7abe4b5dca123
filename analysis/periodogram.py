"""What a periodogram shows on average when the spectrum is known: the spectrum folded with the window.

    <P(ω_j)> = Δt/Σw² Σ_m A(m) C(m) e^{iω_j mΔt},    C(m) = <v_{n+m} v_n> = ∫_0^{π/Δt} dω/π S(ω) cos ωmΔt

with A the autocorrelation of the window w. The integral is done by Gauss-Legendre rules on panels that become
as narrow as the nearest resonance and never wider than three oscillations of the longest lag, so that a mode
much narrower than the window resolves is still integrated exactly.
"""

from collections.abc import Callable

import numpy as np
from scipy.fft import rfft
from scipy.signal.windows import hann

NODES = 16
PHASE = 6.0 * np.pi  # of the longest lag across a panel: 16 nodes integrate it to rounding
LAGS = 256
FREQUENCIES = 4096
NARROWEST = 1e-12  # panels stop here, in units of the Nyquist frequency


def expected_periodogram(
    spectrum: Callable[[np.ndarray], np.ndarray], segment: int, time_step: float, resonances: np.ndarray
) -> np.ndarray:
    """Mean periodogram of a stationary process whose two-sided spectrum on the time grid is known.

    spectrum : maps ω (n_w,) in [0, π/Δt] to (n_w, N). segment : steps, even. resonances : complex (n,), the
        poles of the
    spectrum near the real axis.     Returns : (segment/2 + 1, N).
    """
    window = hann(segment, sym=False)
    omega, weight = nodes(segment, time_step, resonances)
    correlation = _correlation(spectrum, omega, weight, segment, time_step)
    lagged = np.correlate(window, window, "full")[segment - 1 :, None] * correlation / np.sum(window**2)
    # Lags of both signs, folded onto the frequencies of the periodogram.
    cosines = rfft(lagged, 2 * segment, axis=0).real[::2]
    return time_step * (2.0 * cosines - lagged[0])


def nodes(segment: int, time_step: float, resonances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and weights of the integral over [0, π/Δt]: 16-point Gauss-Legendre rules on all panels."""
    edges = panels(np.pi / time_step, PHASE / (segment * time_step), resonances)
    points, weights = np.polynomial.legendre.leggauss(NODES)
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    return (middle[:, None] + half[:, None] * points).ravel(), (half[:, None] * weights).ravel()


def panels(top: float, widest: float, resonances: np.ndarray) -> np.ndarray:
    """Edges of panels over [0, top], halved until none is longer than twice its distance to the nearest
    resonance.
    """
    edges = np.linspace(0.0, top, int(np.ceil(top / widest)) + 1)
    poles = np.unique(np.concatenate([resonances, -np.conj(resonances)]))
    while True:
        half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
        beside = np.maximum(np.abs(middle[:, None] - poles.real) - half[:, None], 0.0)
        distance = np.min(np.hypot(beside, poles.imag), axis=1, initial=np.inf)
        split = (half > distance) & (half > NARROWEST * top)
        if not split.any():
            return edges
        edges = np.sort(np.concatenate([edges, middle[split]]))


def _correlation(
    spectrum: Callable[[np.ndarray], np.ndarray], omega: np.ndarray, weight: np.ndarray, lags: int, time_step: float
) -> np.ndarray:
    """C(m) for m = 0..lags-1, (lags, N), a few thousand frequencies at a time."""
    parts = []
    for first in range(0, len(omega), FREQUENCIES):
        part = slice(first, first + FREQUENCIES)
        weighted = spectrum(omega[part]) * (weight[part] / np.pi)[:, None]
        phase = time_step * omega[part]
        rows = [np.cos(np.outer(np.arange(m, min(m + LAGS, lags)), phase)) @ weighted for m in range(0, lags, LAGS)]
        parts.append(np.concatenate(rows))
    return np.sum(parts, axis=0)
