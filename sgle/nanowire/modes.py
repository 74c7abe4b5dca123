"""Modes of one wire: deviations from equilibrium that decay exponentially from the scatterer (003 Appendices A, D).

On the grid Eq. A6 becomes Σ_i q_i/(y - l_i²) = 0 with q = W c_τ l²: one root y = ℓ² in every gap between the l_i².
"""

from dataclasses import dataclass

import numpy as np

from sgle.errors import GridError
from sgle.nanowire.grid import Wire

Array = np.ndarray
NEWTON = 40  # steps at most; about 8 are needed


@dataclass(frozen=True, eq=False)
class Modes:
    """n - 1 modes of a wire of n nodes, decaying with the distance d as exp(-d/length).

    length (m,) [l_F].    away, towards (n, m): deviation f - f0 at d = 0 of electrons that leave and reach the
    scatterer, potential and all.    potential (m,): φ [μ0].    level (m,): δμ + φ, what relaxation leads back to.
    """

    length: Array
    away: Array
    towards: Array
    potential: Array
    level: Array


def modes(wire: Wire) -> Modes:
    """Modes of a wire, of the order Σ metric away² = 1. Their number is one less than that of the nodes.

    With l the same for all momenta (s = -1) every deviation of `away` that carries no current decays as exp(-d/l).
    """
    if wire.exponent == -1:
        return _one_path(wire)
    path, w = wire.path[:, None], wire.slope[:, None]
    nearer, offset = _roots(wire.path, wire.weight * wire.capture * wire.path**2)
    pole = wire.path[nearer]
    length = np.sqrt(pole**2 + offset)
    gaps = offset + (pole - path) * (pole + path)  # y - l², (n, m)
    density = (wire.weight * wire.response) @ (length**2 / gaps)
    # Deviations per unit of δμ + φ; where τ is constant density = 1 and δμ = 0.
    apart = (1 - density) if wire.exponent else 0.0
    away = w * (apart + path * (length + path) / gaps)
    towards = w * (apart - path / (length + path))
    scale = 1 / np.sqrt(wire.metric @ away**2)
    return Modes(length, away * scale, towards * scale, density * scale, scale)


def _roots(path: Array, q: Array) -> tuple[Array, Array]:
    """Index of the nearer pole and δ = y - l² there, for the root of Σ q/(y - l²) in every gap, (n-1,) each.

    Newton on q_near + δ Σ' q/(y - l²), almost linear in δ: full relative accuracy however close a root comes to a pole.
    """
    gap = (path[1:] - path[:-1]) * (path[1:] + path[:-1])
    first = np.arange(len(gap))
    squares = (path[:-1, None] - path) * (path[:-1, None] + path)
    beyond = np.sum(q / (gap[:, None] / 2 + squares), axis=1) > 0  # the sum falls from +∞ to -∞ across a gap
    nearer = np.where(beyond, first + 1, first)
    others = (path[nearer, None] - path) * (path[nearer, None] + path)
    weights = np.tile(q, (len(gap), 1))
    others[first, nearer], weights[first, nearer] = 1.0, 0.0
    farthest = np.where(beyond, -gap, gap) / 2
    offset = farthest / 2
    for _ in range(NEWTON):
        inverse = 1 / (offset[:, None] + others)
        terms = weights * inverse
        total = terms.sum(axis=1)
        bend = np.einsum("ij,ij->i", terms, inverse)
        new = -(q[nearer] + offset**2 * bend) / (total - offset * bend)  # no differences: offsets may be 1e-200
        inside = (new / farthest > 0) & (new / farthest < 1)
        short = q[nearer] + offset * total > 0
        new = np.where(inside, new, np.where(short, (offset + farthest) / 2, offset / 4))
        settled = np.max(np.abs(new / offset - 1)) < 1e-9  # the next step would change it by the square
        offset = new
        if settled:
            return nearer, offset
    raise GridError(f"modes of a wire of {len(path)} nodes not found in {NEWTON} steps", nodes=len(path))


def _one_path(wire: Wire) -> Modes:
    """l = const: any current-free deviation of what leaves the scatterer, the potential alone of what reaches it."""
    root = np.sqrt(wire.metric)
    current = wire.weight * wire.momentum / root
    # All but one column of the reflection that turns `current` onto one axis: an orthonormal basis without current.
    axis = int(np.argmax(current))
    normal = current / np.linalg.norm(current)
    normal[axis] += 1
    basis = np.eye(len(root)) - np.outer(normal, normal) / normal[axis]
    free = np.delete(basis, axis, axis=1) / root[:, None]
    potential = wire.weight @ free / wire.compressibility
    shift = wire.slope[:, None] * potential
    return Modes(np.ones(len(root) - 1), free - shift, -shift, potential, np.zeros(len(root) - 1))
