"""Approximate eigenfrequencies, and where to break an integral over frequency: no verdict is drawn from them."""

from bisect import bisect
from dataclasses import replace
from functools import lru_cache

import numpy as np

from sgle.grid import Grid
from sgle.junction import Junction
from sgle.response import Response, in_pieces

Array = np.ndarray


@lru_cache(maxsize=64)
def _resonances(junction: Junction, grid: Grid | None) -> Array:
    response = Response(junction, grid)
    stiffness = junction.dynamical_matrix.copy()
    for bath in junction.baths.values():
        stiffness[np.ix_(bath.dofs, bath.dofs)] += bath.static
    squares, vectors = np.linalg.eigh(stiffness)
    modes = vectors.T.astype(complex)
    z = np.sqrt(squares.astype(complex))
    highest = 0.999 * response.limit
    # An eigenproblem per mode and round: large junctions leave more to the crossings.
    for _ in range(int(np.clip(20_000 // response.size**2, 2, 8))):
        omega = np.clip(np.abs(z.real), 1e-9 * np.abs(z).max(), highest)
        effective = response.inertia(omega)[:, None, None] * np.eye(response.size) - response.inverse(omega)
        values, right = np.linalg.eig(effective)
        overlap = np.abs(np.einsum("ki,kij->kj", np.conj(modes), right))
        chosen = np.argmax(overlap, axis=1)
        rows = np.arange(len(z))
        modes, z = right[rows, :, chosen], frequency(values[rows, chosen], grid)
    return _merged(z, _crossings(response))


def _crossings(response: Response, points: int = 96, steps: int = 4) -> Array:
    """Every z whose real part meets its frequency: sign changes of Re√λ_j(ω) - ω on a grid, closed in on by secants.

    λ_j(ω) are the eigenvalues of K + Π(ω) in the order of their real parts, which keeps each branch continuous. This
    finds the modes that following eigenvectors loses where they mix.
    """
    scale = np.sqrt(np.abs(np.linalg.eigvals(-response.inverse(np.zeros(1))[0])).max())
    omega = np.linspace(0, min(1.5 * scale, 0.999 * response.limit), points + 1)[1:]
    above = _branches(response, omega).real - omega[:, None]
    at, branch = np.nonzero(np.diff(np.sign(above), axis=0))
    low, high = omega[at], omega[at + 1]
    at_low, at_high = above[at, branch], above[at + 1, branch]
    z, place = np.zeros(at.size, complex), low
    for _ in range(steps):
        # Kept off the ends, so that the interval shrinks from both sides.
        share = np.clip(at_low / (at_low - at_high), 0.05, 0.95)
        place = low + share * (high - low)
        z = _branches(response, place)[np.arange(at.size), branch]
        left = np.sign(z.real - place) == np.sign(at_low)
        low, high = np.where(left, place, low), np.where(left, high, place)
        at_low, at_high = np.where(left, z.real - place, at_low), np.where(left, at_high, z.real - place)
    # At a band edge a branch crosses without being a mode: Π has a square root there.
    distance = np.abs(place[:, None] - np.array([*response.edges(), np.inf])).min(axis=1)
    return z[distance > 1e-4 * scale]


def _branches(response: Response, omega: Array) -> Array:
    """Frequencies √λ_j(ω), (n_w, N), in the order of Re λ."""

    def eigenvalues(some: Array) -> Array:
        effective = response.inertia(some)[:, None, None] * np.eye(response.size) - response.inverse(some)
        return np.linalg.eigvals(effective)

    values = in_pieces(eigenvalues, omega, response.size)
    return frequency(np.take_along_axis(values, np.argsort(values.real, axis=1), axis=1), response.grid)


def _merged(z: Array, more: Array) -> Array:
    """z without repetitions, and those of `more` that are not among them. Nearer than a third of their widths
    two of them are one: nothing that is done with them could tell.
    """
    found: list[complex] = []
    for candidate in [complex(value) for value in (*z, *more)]:
        width = abs(candidate.imag) + 1e-12 * abs(candidate)
        if not any(abs(candidate - other) < 0.3 * min(width, abs(other.imag) + 1e-12 * abs(other)) for other in found):
            found.append(candidate)
    return np.array(sorted(found, key=lambda value: value.real))


def frequency(square: Array, grid: Grid | None) -> Array:
    """z with Re z ≥ 0 whose inertia is `square`."""
    root = np.sqrt(square.astype(complex))
    return root if grid is None else 2 / grid.time_step * np.arcsin(root * grid.time_step / 2)


def resonances(junction: Junction, grid: Grid | None = None) -> Array:
    """Approximate eigenfrequencies z (Re z ≥ 0, motion e^{-izt}, Im z < 0 decays), ascending, each once.

    Each solves z² = λ of K + Π(Re z): good where damping is weak compared with the variation of Π. They set
    break points of integrals and burn-in times, never a verdict on stability: that is the winding number's.
    """
    return _resonances(junction, unrealised(grid)).copy()


def unrealised(grid: Grid | None) -> Grid | None:
    """The grid as far as the motion is concerned: its noise does not matter."""
    return None if grid is None else replace(grid, realised=False)


def marks(junction: Junction, grid: Grid | None = None, tables: bool = True) -> Array:
    """Frequencies from 0 to a finite end, crowding around every resonance: where to break an integral.

    tables : break at the points of tables too, where straight lines meet; an integral to 1e-4 can do without.
    """
    response = Response(junction, grid)
    z = resonances(junction, grid)
    centre, width = np.abs(z.real), np.maximum(np.abs(z.imag), 1e-9 * np.abs(z).max())
    ladder = np.concatenate([-(3.0 ** np.arange(8, -2, -1)), [0.0], 3.0 ** np.arange(-1, 9)])
    crowd = (centre[:, None] + width[:, None] * ladder).ravel()
    scale = (width[:, None] * np.maximum(np.abs(ladder), 1)).ravel()
    bandwidths = [bath.friction_spectrum.shape.bandwidth for bath in junction.baths.values()]
    top = min(4 * max(centre.max(), 0.5 * max(bandwidths, default=0.0)) + 20 * width.max(), response.limit)
    edges = np.array(response.edges())
    # Nearer than this to a band edge, or to zero with a free translation, D is made of rounding errors alone.
    clear = np.abs(crowd[:, None] - np.append(edges, 0.0)).min(axis=1) > 1e-6 * np.abs(z).max()
    kinks = response.kinks() if tables else np.zeros(0)
    # Where the points of a table lie closer than a resonance is wide at a place, they break the integral well enough.
    clear &= _spacing(kinks, crowd) > scale
    crowd = _thinned(crowd[clear], scale[clear])
    found = np.concatenate([[0.0], crowd, edges, kinks, np.linspace(0, top, 33), _fours(centre.max(), top / 32)])
    found = np.unique(found[(found >= 0) & (found <= top)])
    return found[np.concatenate([[True], np.diff(found) > 1e-12 * found[1:]])]


def _fours(low: float, high: float) -> Array:
    """4, 16, ... times `low` up to `high`: a bandwidth far beyond the modes must not hide what lies between."""
    return low * 4.0 ** np.arange(1, np.log(high / low) / np.log(4)) if 0 < low < high else np.zeros(0)


def _spacing(points: Array, omega: Array) -> Array:
    """Length of the interval between points, ascending, in which each ω lies; infinite outside them."""
    gaps = np.concatenate([[np.inf], np.diff(points), [np.inf]])
    return gaps[np.searchsorted(points, omega)] if len(points) else np.full(omega.shape, np.inf)


def _thinned(points: Array, scale: Array) -> Array:
    """Points no nearer to each other than half of what varies there; of many modes in one place few marks remain."""
    kept: list[float] = []
    for place, size in sorted(zip(points, scale, strict=True), key=lambda pair: pair[1]):
        i = bisect(kept, place)
        if min(place - kept[i - 1] if i else np.inf, kept[i] - place if i < len(kept) else np.inf) > size / 2:
            kept.insert(i, float(place))
    return np.array(kept)


def mode_scale(junction: Junction, grid: Grid | None = None) -> float:
    """The frequency of the fastest mode; if all are free, a thousandth of the narrowest bandwidth of a bath."""
    fastest = float(np.abs(resonances(junction, grid)).max())
    bandwidths = [bath.friction_spectrum.shape.bandwidth for bath in junction.baths.values()]
    stiff = np.abs(junction.dynamical_matrix).max() ** 0.5
    # What is left of a free motion after rounding is no frequency.
    return fastest if fastest > 1e-7 * stiff > 0 else 1e-3 * min(bandwidths, default=1.0)
