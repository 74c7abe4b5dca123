"""Newton's method for z with D⁻¹(z) x = 0, many roots at a time (physics.md 6).

    x ← D⁻¹(z)⁻¹ ∂D⁻¹(z) x,   z ← z - x†x_old/x†x_new        (nonlinear inverse iteration, quadratic)

Source : A. Ruhe, SIAM J. Numer. Anal. 10, 674 (1973). Where two roots and their vectors meet it still converges, to
half of the digits.
"""

from typing import NamedTuple

import numpy as np

from sgle.response import ContinuedResponse, Response
from sgle.stability.resonances import frequency

Array = np.ndarray
STEPS, ANCHORS = 20, 3
CONVERGED = 1e-11  # step after which the next one would be at rounding
SAME = 1e-8  # roots nearer to each other, in units of the frequency scale, may be one
INDEPENDENT = 0.03  # vectors of one root whose smallest singular value is above this are two


class Roots(NamedTuple):
    """z (n,), ascending in Re z ≥ 0; right (n, N), x of unit length; step (n,), the last one of Newton's method."""

    z: Array
    right: Array
    step: Array


def seeds(response: Response, places: Array, most: int) -> Roots:
    """Starting values: at each place the `most` eigenpairs of K + Π(Re place) whose frequencies lie nearest to it."""
    matrix = response.inertia(places)[:, None, None] * np.eye(response.size) - response.continued(places)
    values, vectors = np.linalg.eig(matrix)
    nearest = np.argsort(np.abs(values - response.inertia(places)[:, None]), axis=1)[:, :most]
    right = np.take_along_axis(vectors, nearest[:, None, :], axis=2).swapaxes(1, 2).reshape(-1, response.size)
    z = frequency(np.take_along_axis(values, nearest, axis=1), response.grid)
    z = np.where(np.abs(z + places[:, None]) < np.abs(z - places[:, None]), -z, z).ravel()
    # Where z² is negative one of two grows and one decays.
    still = np.abs(z.real) < 1e-6 * np.abs(z)
    z, right = np.concatenate([z, -z[still]]), np.concatenate([right, right[still]])
    return Roots(z, right, np.full(z.size, np.inf))


def refine(response: Response, start: Roots, scale: float, deepest: float = np.inf) -> Roots:
    """The roots that Newton's method reaches from these; what it leads far away or below `deepest` is left out."""
    found = polished(response, start, scale, deepest)
    kept = np.flatnonzero(np.isfinite(found.step))
    order = kept[np.argsort(found.z[kept].real, kind="stable")]
    return Roots(*(part[order] for part in found))


def polished(response: Response, start: Roots, scale: float, deepest: float = np.inf) -> Roots:
    """The root reached from each start, in its place; one that is not reached has an infinite step."""
    found = Roots(*_right_half(start.z, start.right), np.zeros(start.z.size))
    for _ in range(ANCHORS if response.grid is None else 1):
        alive = np.flatnonzero(np.isfinite(found.step))
        if len(alive):
            reached = _converged(response, found.z[alive], found.right[alive], scale, deepest)
            for part, new in zip(found, reached, strict=True):
                part[alive] = new
    return found


def _converged(response: Response, z: Array, x: Array, scale: float, deepest: float) -> Roots:
    """Newton's method until the steps are at rounding, around the places where it begins."""
    z, x, at, step = z.copy(), x.copy(), z.copy(), np.full(z.size, np.inf)
    active = np.arange(z.size)
    for _ in range(STEPS):
        near = response.around(at[active])
        moved, x[active] = _newton(near, z[active], x[active], scale)
        z[active], x[active] = _right_half(z[active] - moved, x[active])
        step[active] = np.abs(moved)
        inside = (np.abs(z[active]) < 1e3 * scale) & (z[active].real <= response.limit)
        lost = ~(inside & (z[active].imag > -deepest))
        step[active[lost]] = np.inf
        active = active[(step[active] > CONVERGED * scale) & ~lost]
        if not len(active):
            break
    return Roots(z, x, np.where(step < 1e-9 * scale, step, np.inf))


def _newton(near: ContinuedResponse, z: Array, x: Array, scale: float) -> tuple[Array, Array]:
    """Step of z, (n,), and the next vectors."""
    with np.errstate(over="ignore", invalid="ignore"):  # of starts that lead far up or down, and are left out
        return _step(near, z, x, scale)


def _step(near: ContinuedResponse, z: Array, x: Array, scale: float) -> tuple[Array, Array]:
    matrix = near(z)
    pushed = (near(z + 1e-7 * scale) - matrix) / (1e-7 * scale) @ x[:, :, None]
    try:
        new = np.linalg.solve(matrix, pushed)[..., 0]
    except np.linalg.LinAlgError:  # one of them lies exactly on a root
        new = np.array([_solved(a, b) for a, b in zip(matrix, pushed[..., 0], strict=True)])
    along = np.einsum("ki,ki->k", np.conj(x), new)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1 / along, new / np.linalg.norm(new, axis=1, keepdims=True)


def _solved(matrix: Array, right: Array) -> Array:
    """matrix⁻¹ right; of a singular matrix the vector that it annuls, endlessly long."""
    try:
        return np.asarray(np.linalg.solve(matrix, right))
    except np.linalg.LinAlgError:
        return np.conj(np.linalg.svd(matrix)[2][-1]) * 1e100


def _right_half(z: Array, x: Array) -> tuple[Array, Array]:
    """-z* and x* are a root where z and x are: take the one with Re z ≥ 0."""
    left = z.real < 0
    return np.where(left, -np.conj(z), z), np.where(left[:, None], np.conj(x), x)


def distinct(found: Roots, scale: float) -> Roots:
    """Every root as often as it has independent vectors."""
    z, x, step = [], [], []
    left = np.arange(found.z.size)
    while len(left):
        first = found.z[left[0]]
        together = left[np.abs(found.z[left] - first) < SAME * scale]
        left = left[np.abs(found.z[left] - first) >= SAME * scale]
        _, size, basis = np.linalg.svd(found.right[together], full_matrices=False)
        count = int(np.sum(size > INDEPENDENT * size[0]))
        best = together[np.argmin(found.step[together])]
        z += [found.z[best]] * count
        x += list(np.conj(basis[:count])) if count > 1 else [found.right[best]]
        step += [found.step[best]] * count
    # A free translation has z = 0; rounding shall not make it grow.
    z = [0.0 if abs(place) < 1e-10 * scale else place for place in z]
    order = np.argsort(np.real(z), kind="stable")
    size = found.right.shape[1]
    return Roots(
        np.array(z, complex)[order], np.array(x, complex).reshape(-1, size)[order], np.array(step, float)[order]
    )
