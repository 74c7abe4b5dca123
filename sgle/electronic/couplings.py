"""Couplings M^k of electrons to displacements: the derivative of the Hamiltonian, mass-normalised (physics.md 4)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sgle.electronic.hopping import Gradient, pair_vectors
from sgle.errors import JunctionError
from sgle.units import ANGSTROM_AMU

Array = np.ndarray


def couplings(
    positions: Any,
    gradient: Gradient,
    *,
    moving: Sequence[int],
    masses: Any,
    directions: Sequence[int] = (0, 1, 2),
    length: float = ANGSTROM_AMU,
) -> Array:
    """M^k = (length/√m) ∂H/∂x_k, (n_dof, m, m) Hermitian [eV^1.5]; dofs run over moving atoms, then directions.

    positions : (n_sites, 3) [Å] of all sites, also of those that do not move.    gradient : ∂H_ij/∂r of the block
    H_ij(r), r = r_j - r_i: (n, 3) -> (n, 3, b, b) [eV/Å]; hopping.central_difference makes one.    moving : indices of
    the sites that move.    masses : number or (n_moving,) [amu].    length : displacement in the unit of the positions
    that belongs to u = 1 at unit mass (Å and amu; 1.0 in natural units).
    ∂H_ij/∂x_n = +∂H_ij/∂r for n = j, minus it for n = i; on-site energies do not depend on positions.
    Law: if all sites move, Σ_n √m_n M^{n} = 0 in each direction (translation).    Raises JunctionError.
    """
    positions = np.asarray(positions, dtype=float)
    n = len(positions)
    sites = np.asarray(moving, dtype=int)
    if positions.ndim != 2 or positions.shape[1] != 3 or not np.all(np.isfinite(positions)):
        raise JunctionError(f"positions have shape {positions.shape}, need finite (n_sites, 3)")
    if sites.ndim != 1 or len(set(sites.tolist())) != len(sites) or np.any((sites < 0) | (sites >= n)):
        raise JunctionError(f"moving sites {list(moving)} must be different indices below {n}")
    masses = np.broadcast_to(np.asarray(masses, dtype=float), sites.shape)
    if not np.all(masses > 0):
        raise JunctionError(f"masses must be positive, smallest is {masses.min():.6g}", smallest=masses.min())
    others = np.arange(n) != sites[:, None]
    rows = _rows(positions, gradient, sites, others)[:, :, list(directions)]
    return np.concatenate(
        [_matrices(row, site) * (length / np.sqrt(mass)) for row, site, mass in zip(rows, sites, masses, strict=True)]
    )


def _rows(positions: Array, gradient: Gradient, sites: Array, others: Array) -> Array:
    """∂H_nj/∂x_n for every moving site n, (n_moving, n_sites, 3, b, b); zero on the site itself."""
    values = -gradient(pair_vectors(positions, sites)[others])
    rows = np.zeros((*others.shape, *values.shape[1:]), values.dtype)
    rows[others] = values
    return rows


def _matrices(row: Array, site: int) -> Array:
    """The Hermitian matrices (n_directions, m, m) with ∂H_nj/∂x_n = row (n_sites, n_directions, b, b) in row n."""
    n, d, b, _ = row.shape
    matrix = np.zeros((d, n, b, n, b), row.dtype)
    matrix[:, site] = row.transpose(1, 2, 0, 3)
    matrix = matrix.reshape(d, n * b, n * b)
    return matrix + np.conj(matrix.swapaxes(-1, -2))
