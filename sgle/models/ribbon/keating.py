"""Keating's force field for carbon in its plane: energy, gradient and Hessian of any planar network, in closed form.

    V = (3α/8r₀²) Σ_bonds (r² - r₀²)² + (3β/8r₀²) Σ_angles (r_ij·r_ik + r₀²/2)²

Both sums are of one kind, C (r_ij·r_ik - c)²: a bond is the angle between j and itself. Source: P. N. Keating, Phys.
Rev. 145, 637 (1966), with sp² angles; α, β of carbon: C. Lobo, J. L. Martins, Z. Phys. D 39, 159 (1997).
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy import constants

Array = np.ndarray

NEWTON_PER_METRE = 1e-20 / constants.e  # in eV/Å²
BOND = 1.42  # Å
ALPHA, BETA = 155.9 * NEWTON_PER_METRE, 25.5 * NEWTON_PER_METRE
REACH = 1.8  # Å: bonds are shorter, second neighbours (2.4 Å) are not
DIMER_BOND, DIMER_STIFFENING = 1.24, 2.2  # a bare edge dimer: a shorter and stiffer bond (model choice)

# Second derivatives of (x_j - x_i)·(x_k - x_i) with respect to the three atoms, each times the unit matrix.
_CURVATURE = np.array([[2.0, -1.0, -1.0], [-1.0, 0.0, 1.0], [-1.0, 1.0, 0.0]])


class Terms(NamedTuple):
    """Σ stiffness [(x_j - x_i)·(x_k - x_i) - target]²: atoms (n, 3) = i, j, k; eV/Å⁴, Å²."""

    atoms: Array
    stiffness: Array
    target: Array


def neighbours(positions: Array) -> list[Array]:
    """Indices of the atoms bonded to each one; positions (n, 2) [Å]."""
    distance = np.linalg.norm(positions[:, None] - positions, axis=-1)
    return [np.flatnonzero((row > 0) & (row < REACH)) for row in distance]


def terms(positions: Array, dimers: frozenset[frozenset[int]] = frozenset()) -> Terms:
    """All bonds and angles of a network; `dimers` are the pairs of atoms joined by a bare edge dimer's bond.

    An angle between bonds of lengths r₁, r₂ has r₁r₂ in place of r₀².
    """

    def length(i: int, j: int) -> float:
        return DIMER_BOND if frozenset((i, j)) in dimers else BOND

    found: list[tuple[tuple[int, int, int], float, float]] = []
    for i, bonded in enumerate(neighbours(positions)):
        for j in map(int, bonded[bonded > i]):
            alpha = ALPHA * (DIMER_STIFFENING if frozenset((i, j)) in dimers else 1)
            square = length(i, j) ** 2
            found.append(((i, j, j), 3 * alpha / 8 / square, square))
        for j, k in combinations(map(int, bonded), 2):
            square = length(i, j) * length(i, k)
            found.append(((i, j, k), 3 * BETA / 8 / square, -square / 2))
    atoms, stiffness, target = zip(*found, strict=True)
    return Terms(np.array(atoms), np.array(stiffness), np.array(target))


def _deviations(positions: Array, network: Terms) -> tuple[Array, Array]:
    """r_ij·r_ik - c of every term (n_t,) and its gradient (n_t, 3, d)."""
    centre, first, second = (positions[column] for column in network.atoms.T)
    u, v = first - centre, second - centre
    return np.einsum("td,td->t", u, v) - network.target, np.stack([-u - v, v, u], axis=1)


def energy(positions: Array, network: Terms) -> float:
    """Potential energy [eV]."""
    return float(network.stiffness @ _deviations(positions, network)[0] ** 2)


def gradient(positions: Array, network: Terms) -> Array:
    """dV/dx [eV/Å], (n, d): minus the forces."""
    deviation, slope = _deviations(positions, network)
    total = np.zeros_like(positions)
    np.add.at(total, network.atoms, 2 * (network.stiffness * deviation)[:, None, None] * slope)
    return total


def hessian(positions: Array, network: Terms) -> Array:
    """d²V/dx² [eV/Å²], (n d, n d), atom-major; exact, stress included."""
    deviation, slope = _deviations(positions, network)
    n, d = positions.shape
    pulled = np.einsum("tia,tjb->tijab", slope, slope)
    bent = np.einsum("t,ij,ab->tijab", deviation, _CURVATURE, np.eye(d))
    total = np.zeros((n, n, d, d))
    pairs = network.atoms[:, :, None], network.atoms[:, None, :]
    np.add.at(total, pairs, 2 * network.stiffness[:, None, None, None, None] * (pulled + bent))
    return total.swapaxes(1, 2).reshape(n * d, n * d)
