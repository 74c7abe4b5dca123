"""Couplings as sums over bonds: M^k = Σ_b C_kb (|i_b⟩⟨j_b| + |j_b⟩⟨i_b|), few and the same for all dofs.

A displacement changes the hoppings of one atom, so that M^k is nearly empty; traces over products of M^k are made of
elements of ψ and G at the ends of bonds.
"""

from typing import NamedTuple

import numpy as np

Array = np.ndarray


class Bonds(NamedTuple):
    """first, second (n_b,) : orbitals i_b ≤ j_b.    weights C (n, n_b), half the element where i_b = j_b."""

    first: Array
    second: Array
    weights: Array

    def to_dofs(self, matrix: Array) -> Array:
        """C X Cᵀ, (..., n_b, n_b) -> (..., n, n)."""
        return real_times(self.weights, np.swapaxes(real_times(self.weights, np.swapaxes(matrix, -1, -2)), -1, -2))


def bonds_of(couplings: Array) -> Bonds:
    """The bonds of symmetric couplings (n, m, m)."""
    first, second = np.nonzero(np.triu(np.any(couplings, axis=0)))
    return Bonds(first, second, np.where(first == second, 0.5, 1.0) * couplings[:, first, second])


def real_times(matrix: Array, other: Array) -> Array:
    """Real (n, m) times complex (..., m, k), without promoting the real one."""
    other = np.ascontiguousarray(other)
    return (matrix @ other.view(float)).view(complex)


def transitions(bonds: Bonds, lower: Array, upper: Array) -> Array:
    """⟨ψ_β|bond|ψ_α⟩ of all pairs of states, (n_E, n_b, columns), from states (n_E, m, columns) of both electrodes."""
    i, j = bonds.first, bonds.second
    below = np.conj(lower)
    elements = below[:, i, :, None] * upper[:, j, None, :] + below[:, j, :, None] * upper[:, i, None, :]
    return elements.reshape(*elements.shape[:2], -1)


def traces(bonds: Bonds, g: Array, spectral: Array) -> Array:
    """Tr[bond_b G bond_b' A], (n_E, n_b, n_b), from G and A (n_E, m, m)."""
    ends = ((bonds.first, bonds.second), (bonds.second, bonds.first))
    total = np.zeros((len(g), len(bonds.first), len(bonds.first)), complex)
    for i, j in ends:  # Tr |i⟩⟨j| G |i'⟩⟨j'| A = G_ji' A_j'i
        for i2, j2 in ends:
            total += g[:, j[:, None], i2] * np.swapaxes(spectral[:, j2[:, None], i], 1, 2)
    return total
