"""Kinetic energy by frequency band: what of a spectrum is judged.

Single bins of a periodogram are neither independent nor Gaussian; sums over bands of equal theoretical weight
are nearly so, and they say what one wants to know: how much kinetic energy sits where.
"""

import numpy as np

BANDS = 4


def band_edges(expected: np.ndarray, bands: int = BANDS) -> np.ndarray:
    """Bins at which the bands of each dof begin and end, equal parts of the expected spectrum.

    expected : (n_w, N). Returns : (bands + 1, N) int, from 0 to n_w, ascending; narrow peaks can leave bands
        empty.
    """
    total = np.cumsum(expected, axis=0)
    parts = np.linspace(0.0, 1.0, bands + 1)[1:-1]
    inner = [np.searchsorted(column, parts * column[-1]) + 1 for column in total.T]
    edges = np.zeros((bands + 1, expected.shape[1]), dtype=int)
    edges[1:-1] = np.array(inner).T.reshape(bands - 1, -1)
    edges[-1] = len(expected)
    return np.minimum(edges, len(expected))


def band_energies(power: np.ndarray, edges: np.ndarray, time_step: float) -> np.ndarray:
    """½ <v²> from the bins of each band: ½ ∫dω/2π over both signs of ω.

    power : (..., n_w, N) two-sided spectrum at the n_w = segment/2 + 1 frequencies. Returns : (..., bands,
        N).
    """
    count = power.shape[-2]
    segment = 2 * (count - 1)
    weight = np.full(count, 2.0)
    weight[[0, -1]] = 1.0
    sums = np.cumsum(power * weight[:, None], axis=-2)
    sums = np.concatenate([np.zeros_like(sums[..., :1, :]), sums], axis=-2)
    at_edges = np.stack([sums[..., edges[:, k], k] for k in range(edges.shape[1])], axis=-1)
    return np.diff(at_edges, axis=-2) * (0.5 / (segment * time_step))
