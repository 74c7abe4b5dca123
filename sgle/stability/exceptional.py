"""Exceptional points: values of a parameter where two eigenvalues and their vectors coalesce (001 Eq. 9, Fig. 4).

Two eigenvalues that meet at V₀ differ by a square root there, but the square of their difference

    Δ(V) = (λ_1 - λ_2)²

is a smooth function of V, complex V included, with a simple zero at V₀. It is interpolated on an interval of the real
axis, which shrinks around Re V₀ until nothing changes. V₀ lies on the real axis or beside it: then the two come closest
at its real part, nearly, and there is no exceptional point at any real value.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from sgle.errors import EigenfrequencyError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.response import Response
from sgle.stability.eigenmodes import eigenmodes
from sgle.stability.resonances import frequency, mode_scale
from sgle.stability.roots import Roots, polished

Array = np.ndarray
Pair = tuple[Array, Array]  # λ (2,), right vectors (2, N)
POINTS, ROUNDS = 9, 40


class ExceptionalPoint(NamedTuple):
    """value : V₀, complex.    error : of it, from two degrees of interpolation.    eigenvalue : the common one at V₀.

    closest : the real V where |λ_1 - λ_2| is least; splitting : that least |λ_1 - λ_2|.    overlap : |⟨x_1|x_2⟩| of the
    unit right vectors there; most : the largest overlap at any real V nearby, and `at`, where.
    """

    value: complex
    error: float
    eigenvalue: complex
    closest: float
    splitting: float
    overlap: float
    most: float
    at: float


def exceptional_point(pair_at: Callable[[float], Pair], bracket: tuple[float, float]) -> ExceptionalPoint:
    """The exceptional point nearest to the middle of the bracket, of two eigenvalues in any order.

    pair_at(V) : the two eigenvalues (2,) and right vectors (2, N) at real V.    Raises EigenfrequencyError if the
    search leaves the bracket by more than its width.
    """
    low, high = sorted(float(end) for end in bracket)
    centre, half = (low + high) / 2, (high - low) / 2
    value, error = complex(centre), np.inf
    for _ in range(ROUNDS):
        value, error, eigenvalue = _zero(pair_at, centre, half)
        if not abs(value - (low + high) / 2) < 1.5 * (high - low):
            raise EigenfrequencyError(
                f"no exceptional point near [{low:.6g}, {high:.6g}]: the two eigenvalues would meet at V = {value:.6g}",
                value=value,
                bracket=bracket,
            )
        smaller = max(2 * abs(value.imag), 1e-4 * max(abs(value), high - low))
        if half <= smaller * 1.01:
            break
        centre, half = value.real, max(half / 3, smaller)
    return _with_closest(pair_at, value, error, eigenvalue, half)


def _zero(pair_at: Callable[[float], Pair], centre: float, half: float) -> tuple[complex, float, complex]:
    """Zero of the interpolated Δ nearest to the centre, its change with the degree, and the mean eigenvalue there."""
    nodes = np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
    values = np.array([pair_at(centre + half * node)[0] for node in nodes])
    found = []
    for degree in (POINTS - 1, POINTS - 3):
        delta = np.polynomial.chebyshev.chebfit(nodes, (values[:, 0] - values[:, 1]) ** 2, degree)
        roots = np.polynomial.chebyshev.chebroots(np.trim_zeros(delta, "b")) if np.any(delta) else np.zeros(1)
        found.append(complex(roots[np.argmin(np.abs(roots))]) if len(roots) else complex(np.inf))
    mean = np.polynomial.chebyshev.chebfit(nodes, values.mean(axis=1), POINTS - 1)
    eigenvalue = complex(np.polynomial.chebyshev.chebval(found[0], mean))
    return centre + half * found[0], half * abs(found[0] - found[1]), eigenvalue


def _with_closest(
    pair_at: Callable[[float], Pair], value: complex, error: float, eigenvalue: complex, half: float
) -> ExceptionalPoint:
    def splitting(v: float) -> float:
        found = pair_at(v)[0]
        return float(abs(found[0] - found[1]) ** 2)

    def apart(v: float) -> float:
        return -_overlap(pair_at(v)[1])

    around = (value.real - half, value.real + half)
    settings = {"xatol": 1e-10 * max(abs(value), half)}
    closest = minimize_scalar(splitting, bounds=around, method="bounded", options=settings)
    most = minimize_scalar(apart, bounds=around, method="bounded", options=settings)
    return ExceptionalPoint(
        value, error, eigenvalue, float(closest.x), float(np.sqrt(closest.fun)), _overlap(pair_at(closest.x)[1]),
        float(-most.fun), float(most.x),
    )  # fmt: skip


def _overlap(vectors: Array) -> float:
    """|⟨x_1|x_2⟩| of two vectors, made unit ones."""
    return float(abs(np.vdot(vectors[0], vectors[1])) / np.linalg.norm(vectors[0]) / np.linalg.norm(vectors[1]))


def pair_of_matrix(matrix_at: Callable[[float], Array]) -> Callable[[float], Pair]:
    """pair_at for a (2, 2) matrix that depends on V."""

    def pair_at(value: float) -> Pair:
        eigenvalues, vectors = np.linalg.eig(np.asarray(matrix_at(value), complex))
        return eigenvalues, vectors.T

    return pair_at


def pair_of_junction(
    junction_at: Callable[[float], Junction], near: float, frequencies: tuple[float, float], grid: Grid | None = None
) -> Callable[[float], Pair]:
    """pair_at for two modes of a junction, those at the value `near` whose Re z are nearest to the frequencies; λ = z².

    z² and z have the same exceptional points. The two may be exchanged from one value to the next.
    """
    modes = eigenmodes(junction_at(near), grid)
    first = int(np.argmin(np.abs(modes.z.real - frequencies[0])))
    others = [k for k in range(len(modes)) if k != first]
    second = min(others, key=lambda k: abs(modes.z[k].real - frequencies[1]), default=None)
    if second is None:
        raise EigenfrequencyError(f"at {near:.6g} the junction has {len(modes)} modes, an exceptional point needs two")
    known = {float(near): Roots(modes.z[[first, second]], modes.right[[first, second]], np.zeros(2))}

    def pair_at(value: float) -> Pair:
        if value not in known:
            nearest = known[min(known, key=lambda other: abs(other - value))]
            known[value] = _reached(Response(junction_at(value), grid), nearest)
        return known[value].z ** 2, known[value].right

    return pair_at


def _reached(response: Response, start: Roots) -> Roots:
    """The pair that begins in the plane of the start's vectors, from the eigenvectors of the problem projected on it:
    near the point the vectors turn fast, their plane does not.
    """
    scale, middle = mode_scale(response.junction, response.grid), start.z.mean()
    basis = np.linalg.qr(start.right.T)[0]
    matrix = response.inertia(np.array([middle]))[0] * np.eye(response.size) - response.continued(np.array([middle]))[0]
    squares, mixed = np.linalg.eig(np.conj(basis.T) @ matrix @ basis)
    begin = Roots(frequency(squares, response.grid), (basis @ mixed).T, np.zeros(2))
    found = polished(response, begin, scale)
    if not np.all(np.isfinite(found.step)) or abs(found.z[0] - found.z[1]) < 1e-12 * scale:
        raise EigenfrequencyError(f"two modes near z = {middle:.6g} cannot be told apart: refine the bracket")
    return found
