"""A table continued below the real axis: its points taken for those of a smooth function (physics.md 6).

Straight lines between points have no continuation. Below the axis φ(z) is that of a polynomial in z, fitted to the
points nearest to Re z by least squares; everything else of ĝ(z) = φ(z) - ĝ(z*)* is exact. Nearer to the axis than the
points to each other it goes over into the straight lines. How many points and which
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
NEGLIGIBLE = 1e-12  # singular values of a table below this part of the largest are rounding
MOST_KEPT = 4096  # fits


@dataclass(frozen=True, eq=False)
class Fitted:
    """A table near some places, as Chebyshev polynomials in (z - centre)/half of the coordinates of its matrices.

    centre : (k,).    half : (k, 3).    terms : (k, 3, 7, r): the fit that its neighbours confirm best, the one to more
    points, the one of higher degree. Zero outside the table.    basis : (r, n, n).    spacing : a quarter of that of
    the nodes.
    """

    centre: Array
    half: Array
    terms: Array
    basis: Array
    spacing: float

    def __call__(self, z: Array) -> Array:
        """The best of them at z (k,), one for each place, (k, n, n)."""
        return self._matrices(self._values(z, 0))

    def doubt(self, z: Array) -> Array:
        """What the two others differ from it by, (2, k, n, n)."""
        return np.stack([self._matrices(self._values(z, other) - self._values(z, 0)) for other in (1, 2)])

    def _values(self, z: Array, which: int) -> Array:
        basis = np.polynomial.chebyshev.chebvander((z - self.centre) / self.half[:, which], TERMS - 1)
        return np.einsum("kt,ktr->kr", basis, self.terms[:, which])

    def _matrices(self, coordinates: Array) -> Array:
        return np.tensordot(coordinates, self.basis, axes=1)


class Table:
    """An even function, linear between nodes (m,) and zero beyond, that can be continued.

    matrices : (m, n, n) real, its values at the nodes; few combinations of them make up all (singular vectors).
    Fits are made around the points of a lattice, finer where the depth is less, and kept.
    """

    def __init__(self, nodes: Array, matrices: Array) -> None:
        u, size, v = np.linalg.svd(matrices.reshape(len(nodes), -1), full_matrices=False)
        rank = max(1, int(np.sum(size > NEGLIGIBLE * size[0])))
        self.basis = v[:rank].reshape(rank, *matrices.shape[1:])
        coordinates = u[:, :rank] * size[:rank]
        # A table from ω = 0 on is known at negative frequencies, too.
        mirror = nodes[0] == 0
        self.places = np.concatenate([-nodes[:0:-1], nodes]) if mirror else nodes
        self.values = np.concatenate([coordinates[:0:-1], coordinates]) if mirror else coordinates
        self.first, self.last = nodes[0], nodes[-1]
        self.least = float(np.median(np.diff(nodes))) / 4
        self.known: dict[tuple[float, float], tuple[Array, Array]] = {}

    def around(self, at: Array) -> Fitted:
        """Fits near places `at` (k,), Re ≥ 0."""
        # Depths in steps of √2; less than a quarter of the spacing of the nodes makes no difference.
        depth = self.least * 2 ** (np.ceil(2 * np.log2(np.maximum(np.abs(at.imag) / self.least, 1.0))) / 2)
        centre = np.clip(np.round(3 * at.real / depth) * depth / 3, self.first, self.last)
        half, terms = np.ones((at.size, 3)), np.zeros((at.size, 3, TERMS, len(self.basis)))
        for k in np.flatnonzero((at.real >= self.first) & (at.real <= self.last)):
            place = float(centre[k]), float(depth[k])
            if place not in self.known:
                if len(self.known) >= MOST_KEPT:
                    self.known.clear()
                self.known[place] = self._best(*place)
            half[k], terms[k] = self.known[place]
        return Fitted(centre, half, terms, self.basis, self.least)

    def _best(self, centre: float, depth: float) -> tuple[Array, Array]:
        """half (3,) and terms (3, 7, r) of the best fit and of its two neighbours."""
        distance = np.abs(self.places - centre)
        order = np.argsort(distance, kind="stable")
        halves, factors, values = [], [], []
        for width, fewest in zip(WIDTHS, FEWEST, strict=True):
            near = order[: max(fewest, int(np.searchsorted(distance[order], width * depth)))]
            half, highest = distance[near[-1]], min(DEGREES[-1], len(near) - 1)
            q, r = np.linalg.qr(np.polynomial.chebyshev.chebvander((self.places[near] - centre) / half, highest))
            along = q.T @ self.values[near]
            there = np.polynomial.chebyshev.chebvander(np.array([-1j * depth / half]), highest)[0]
            partial = np.cumsum(np.linalg.solve(r.T, there)[:, None] * along, axis=0)
            halves.append(half)
            factors.append((r, along))
            values.append(partial[[min(degree, highest) for degree in DEGREES]])
        i, j = _confirmed(np.array(values))
        chosen = ((i, j), (i + 1, j), (i, j + 1))
        terms = np.stack([_terms(*factors[a], DEGREES[b]) for a, b in chosen])
        return np.array([halves[a] for a, _ in chosen]), terms


def _confirmed(values: Array) -> tuple[int, int]:
    """The fit (width, degree) that differs least from the next wider and the next higher one."""
    wider = np.linalg.norm(values[1:, :-1] - values[:-1, :-1], axis=-1)
    higher = np.linalg.norm(values[:-1, 1:] - values[:-1, :-1], axis=-1)
    # Two degrees that a few points do not tell apart are no confirmation.
    doubt = np.where(higher > 0, np.maximum(wider, higher), np.inf)
    i, j = np.unravel_index(np.argmin(doubt if np.isfinite(doubt).any() else wider), doubt.shape)
    return int(i), int(j)


def _terms(r: Array, along: Array, degree: int) -> Array:
    """Chebyshev coefficients of the least-squares polynomial of a degree, (7, r): those of the leading block of QR."""
    size = min(degree + 1, len(r))
    found = np.zeros((TERMS, along.shape[1]))
    found[:size] = np.linalg.solve(r[:size, :size], along[:size])
    return found
