"""A table continued below the real axis: its points taken for those of a smooth function (physics.md 6).

Straight lines between points have no continuation. Below the axis φ(z) is that of a polynomial in z, fitted to the
points nearest to Re z by least squares; everything else of ĝ(z) = φ(z) - ĝ(z*)* is exact. How many points and which
degree are best is not known beforehand: a few of each are tried, and what the neighbours of one differ from it by is
its stated error. It grows where the depth reaches features of the table as narrow as that, such as band edges.
"""

from dataclasses import dataclass

import numpy as np

Array = np.ndarray
WIDTHS = (1.5, 2.2, 3.3, 5.0, 7.5)  # half widths of the fitted piece, in units of the depth
FEWEST = (3, 4, 6, 8, 11)  # points of a fit, whatever its width
DEGREES = (1, 2, 3, 4, 6)
TERMS = DEGREES[-1] + 1


@dataclass(frozen=True, eq=False)
class Fitted:
    """A table near some places, as Chebyshev polynomials in (z - centre)/half.

    centre : (k,).    half : (3, k).    terms : (3, k, 7, n, n): the fit that its neighbours confirm best, the one to
    more points, the one of higher degree. Zero outside the table.
    """

    centre: Array
    half: Array
    terms: Array

    def __call__(self, z: Array) -> Array:
        """The best of them at z (k,), one for each place, (k, n, n)."""
        return self._values(z, 0)

    def doubt(self, z: Array) -> Array:
        """What the two others differ from it by, (2, k, n, n)."""
        return np.stack([self._values(z, other) - self._values(z, 0) for other in (1, 2)])

    def _values(self, z: Array, which: int) -> Array:
        basis = np.polynomial.chebyshev.chebvander((z - self.centre) / self.half[which], TERMS - 1)
        return np.einsum("kt,ktab->kab", basis, self.terms[which])


def fitted(nodes: Array, matrices: Array, at: Array) -> Fitted:
    """Fits around places `at` (k,), Re ≥ 0, of an even function, linear between nodes (m,) and zero beyond.

    matrices : (m, n, n), its values at the nodes.
    """
    n = matrices.shape[-1]
    half, terms = np.ones((3, at.size)), np.zeros((3, at.size, TERMS, n, n))
    # A table from ω = 0 on is known at negative frequencies, too.
    mirror = nodes[0] == 0
    places = np.concatenate([-nodes[:0:-1], nodes]) if mirror else nodes
    index = np.abs(np.arange(len(places)) - (len(nodes) - 1)) if mirror else np.arange(len(nodes))
    for k in np.flatnonzero((at.real >= nodes[0]) & (at.real <= nodes[-1])):
        half[:, k], terms[:, k] = _best(places, index, matrices, at[k])
    return Fitted(at.real.copy(), half, terms)


def _best(places: Array, index: Array, matrices: Array, at: complex) -> tuple[Array, Array]:
    """half (3,) and terms (3, 7, n, n) of the best fit and of its two neighbours."""
    distance = np.abs(places - at.real)
    order = np.argsort(distance, kind="stable")
    halves, factors, values = [], [], []
    for width, fewest in zip(WIDTHS, FEWEST, strict=True):
        count = max(fewest, int(np.searchsorted(distance[order], width * abs(at.imag))))
        near = order[:count]
        halves.append(distance[near[-1]])
        q, r = np.linalg.qr(np.polynomial.chebyshev.chebvander((places[near] - at.real) / halves[-1], _highest(near)))
        along = q.T @ matrices[index[near]].reshape(len(near), -1)
        there = np.polynomial.chebyshev.chebvander(np.array([1j * at.imag / halves[-1]]), _highest(near))[0]
        partial = np.cumsum(np.linalg.solve(r.T, there)[:, None] * along, axis=0)
        factors.append((r, along))
        values.append(partial[[min(degree, len(partial) - 1) for degree in DEGREES]])
    i, j = _confirmed(np.array(values))
    chosen = ((i, j), (i + 1, j), (i, j + 1))
    terms = np.stack([_terms(*factors[a], DEGREES[b]) for a, b in chosen])
    return np.array([halves[a] for a, _ in chosen]), terms.reshape(3, TERMS, *matrices.shape[1:])


def _highest(near: Array) -> int:
    return min(DEGREES[-1], len(near) - 1)


def _confirmed(values: Array) -> tuple[int, int]:
    """The fit (width, degree) that differs least from the next wider and the next higher one."""
    wider = np.abs(values[1:, :-1] - values[:-1, :-1]).max(axis=-1)
    higher = np.abs(values[:-1, 1:] - values[:-1, :-1]).max(axis=-1)
    # Two degrees that a few points do not tell apart are no confirmation.
    doubt = np.where(higher > 0, np.maximum(wider, higher), np.inf)
    i, j = np.unravel_index(np.argmin(doubt if np.isfinite(doubt).any() else wider), doubt.shape)
    return int(i), int(j)


def _terms(r: Array, along: Array, degree: int) -> Array:
    """Chebyshev coefficients of the least-squares polynomial of a degree, (7, n²): those of the leading block of QR."""
    size = min(degree + 1, len(r))
    found = np.zeros((TERMS, along.shape[1]))
    found[:size] = np.linalg.solve(r[:size, :size], along[:size])
    return found
