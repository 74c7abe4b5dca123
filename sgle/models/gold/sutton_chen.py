"""Sutton-Chen gold cut off behind the second fcc shell: energy, forces, Hessian.

    E = ε [½ Σ_{i≠j} (a/r)^n - c Σ_i √ρ_i],   ρ_i = Σ_{j≠i} (a/r)^m,   r < R_c = 4.5 Å

Exponents of A. P. Sutton and J. Chen, Phil. Mag. Lett. 61, 139 (1990); with only two shells ε and c follow anew from
equilibrium at the lattice constant a and from the cohesive energy 3.78 eV (reference/junctions.md 3b). It is the
second-moment twin of the tight-binding model in `electrons`. The cutoff is sharp: nothing of the crystal lies near
it, and the Hessian has exactly the range 2 R_c.
"""

from typing import NamedTuple

import numpy as np

from sgle.check import array
from sgle.errors import InputError

Array = np.ndarray

LATTICE = 4.08  # a [Å]
NEIGHBOUR = LATTICE / np.sqrt(2)  # d [Å]
COHESION = 3.78  # [eV/atom]
MASS = 196.96657  # [u]
CUTOFF = 4.5  # R_c [Å], between the second (4.08) and the third shell (5.00)
REPULSION, DENSITY = 10, 8  # n, m


def _shell_sum(power: int) -> float:
    """Σ (a/r)^power over the first two fcc shells: 12 atoms at a/√2, 6 at a."""
    return 12 * 2 ** (power / 2) + 6


BINDING = REPULSION * _shell_sum(REPULSION) / (DENSITY * np.sqrt(_shell_sum(DENSITY)))  # c = 34.645116
ENERGY = COHESION / (BINDING * np.sqrt(_shell_sum(DENSITY)) - _shell_sum(REPULSION) / 2)  # ε = 0.0129230769 eV


class Pairs(NamedTuple):
    """Every ordered pair (i, j) within the cutoff: distance r (n_p,), unit vector from i to j (n_p, 3)."""

    first: Array
    second: Array
    distance: Array
    direction: Array


def pairs(positions: Array, cell: Array | None = None) -> Pairs:
    """Ordered pairs closer than the cutoff.

    positions : (n, 3) [Å].    cell : (2, 3) in-plane periods [Å]; None is a cluster.    Images of an atom count as
    its neighbours in cells smaller than the cutoff.    Raises InputError for atoms on top of each other.
    """
    positions = _checked(positions)
    shifts = _shifts(cell)
    separation = positions[None, None, :, :] + shifts[:, None, None, :] - positions[None, :, None, :]
    distance = np.sqrt(np.einsum("sijx,sijx->sij", separation, separation))
    own = np.zeros(distance.shape, bool)
    own[len(shifts) // 2] = np.eye(len(positions), dtype=bool)
    shift, first, second = np.nonzero((distance < CUTOFF) & ~own)
    r = distance[shift, first, second]
    if r.size and r.min() < 0.25 * LATTICE:
        raise InputError(
            f"two gold atoms are {r.min():.4f} Å apart: nearer than 1.02 Å makes no sense", distance=r.min()
        )
    return Pairs(first, second, r, separation[shift, first, second] / r[:, None])


def _checked(positions: Array) -> Array:
    value = array(positions, "positions")
    if value.ndim != 2 or value.shape[1] != 3 or not np.all(np.isfinite(value)):
        raise InputError(f"positions must be finite, (n, 3), not {value.shape}", shape=value.shape)
    return value


def _shifts(cell: Array | None) -> Array:
    """Lattice vectors, the zero one in the middle, that reach every image within the cutoff of wrapped atoms."""
    if cell is None:
        return np.zeros((1, 3))
    area = np.linalg.norm(np.cross(*cell))
    # One more period than the cutoff asks for: atoms need not be wrapped into one cell exactly.
    count = [int(np.ceil(CUTOFF * np.linalg.norm(side) / area)) + 1 for side in cell[::-1]]
    m, n = (np.arange(-c, c + 1) for c in count)
    return (m[:, None, None] * cell[0] + n[None, :, None] * cell[1]).reshape(-1, 3)


def _density(near: Pairs, n: int) -> Array:
    """ρ_i, (n,)."""
    return np.bincount(near.first, (LATTICE / near.distance) ** DENSITY, n)


def _slopes(density: Array) -> tuple[Array, Array]:
    """F' and F'' of the embedding energy F = -ε c √ρ, 0 for an atom without neighbours."""
    safe = np.where(density > 0, density, np.inf)
    return -ENERGY * BINDING / 2 / np.sqrt(safe), ENERGY * BINDING / 4 / safe**1.5


def energy(positions: Array, cell: Array | None = None) -> float:
    """Energy [eV], per cell if periodic."""
    near = pairs(positions, cell)
    repulsion = ENERGY / 2 * np.sum((LATTICE / near.distance) ** REPULSION)
    return float(repulsion - ENERGY * BINDING * np.sum(np.sqrt(_density(near, len(positions)))))


def forces(positions: Array, cell: Array | None = None) -> Array:
    """-dE/dx, (n, 3) [eV/Å]."""
    near = pairs(positions, cell)
    pull = _stiffnesses(near, len(positions))[0][:, None] * near.direction
    return np.stack(
        [np.bincount(near.first, p, len(positions)) - np.bincount(near.second, p, len(positions)) for p in pull.T], 1
    )


def hessian(positions: Array, cell: Array | None = None, moving: int | None = None) -> Array:
    """d²E/dx dx' of the first `moving` atoms (default: all), (3m, 3m) [eV/Å²], atom-major x, y, z; analytic.

    For a cell at q = 0. With all atoms moving the rows sum to zero to rounding (acoustic sum rule).
    """
    n = len(positions)
    m = n if moving is None else moving
    near = pairs(positions, cell)
    slope, curvature, density_slope, bending = _stiffnesses(near, n)
    along = near.direction[:, :, None] * near.direction[:, None, :]
    block = (slope / near.distance)[:, None, None] * (np.eye(3) - along) + curvature[:, None, None] * along
    total = np.zeros((m, m, 3, 3))
    # Each ordered pair adds its block to both atoms and takes it off between them.
    for i, j in ((near.first, near.second), (near.second, near.first)):
        inside, both = i < m, (i < m) & (j < m)
        np.add.at(total, (i[inside], i[inside]), block[inside])
        np.add.at(total, (i[both], j[both]), -block[both])
    slopes = _density_gradient(near, density_slope, n, m)
    return total.transpose(0, 2, 1, 3).reshape(3 * m, 3 * m) + slopes.T @ (bending[:, None] * slopes)


def _density_gradient(near: Pairs, density_slope: Array, n: int, moving: int) -> Array:
    """dρ_i/dx_j of the moving atoms, (n, 3 moving)."""
    pull = density_slope[:, None] * near.direction
    gradient = np.zeros((n, moving, 3))
    for j, sign in ((near.second, 1.0), (near.first, -1.0)):
        inside = j < moving
        np.add.at(gradient, (near.first[inside], j[inside]), sign * pull[inside])
    return gradient.reshape(n, 3 * moving)


def _stiffnesses(near: Pairs, n: int) -> tuple[Array, Array, Array, Array]:
    """Of every ordered pair: dE/dr, d²E/dr² at fixed densities and dρ_i/dr, (n_p,); of every atom: F'' (n,)."""
    r = near.distance
    repulsion = ENERGY / 2 * (LATTICE / r) ** REPULSION
    density = (LATTICE / r) ** DENSITY
    first, second = _slopes(_density(near, n))
    embedding = first[near.first]
    density_slope = -DENSITY / r * density
    slope = -REPULSION / r * repulsion + embedding * density_slope
    curvature = (REPULSION * (REPULSION + 1) * repulsion + embedding * DENSITY * (DENSITY + 1) * density) / r**2
    return slope, curvature, density_slope, second
