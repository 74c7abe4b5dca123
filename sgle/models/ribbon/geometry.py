"""A 7-atom wide armchair graphene ribbon with bare dimers along both edges: atoms, principal layers, relaxation.

Rows of the ribbon run along x, a distance a√3/2 apart in y. In even rows cell c holds atoms at x = 3ac and 3ac + a; in
odd rows they sit 3a/2 further. The device is cut such that it is its own mirror image in x.
"""

from dataclasses import dataclass

import numpy as np

from sgle.errors import InputError, JunctionError
from sgle.models.ribbon.keating import BOND, Terms, gradient, hessian, terms

Array = np.ndarray

ROWS = 7
LAYERS = 3  # principal layers of each lead that are written out; the second one has a bulk neighbourhood
LARGEST_FORCE = 1e-11  # eV/Å


@dataclass(frozen=True, eq=False)
class Geometry:
    """The device between ideal leads, in one list of atoms.

    positions : (n, 2) [Å], device relaxed, leads ideal.    device : (n_D,) indices, from left to right.
    left, right : (3, 14) indices, the principal layer next to the device first.    dimers : pairs of indices.
    network : the bonds and angles of all.
    """

    positions: Array
    device: Array
    left: Array
    right: Array
    dimers: tuple[tuple[int, int], ...]
    network: Terms

    @property
    def in_space(self) -> Array:
        """Positions with z = 0, (n, 3) [Å]."""
        return np.pad(self.positions, ((0, 0), (0, 1)))

    @property
    def device_dimers(self) -> Array:
        """(n_dimers, 2): the dimers' atoms, counted within the device; sorted by x, then y."""
        where = {int(atom): i for i, atom in enumerate(self.device)}
        return np.array([[where[i], where[j]] for i, j in self.dimers])

    @property
    def mirror(self) -> Array:
        """(n_D,): the device atom that lies where the mirror x -> -x (about the middle) takes each one."""
        x = self.positions[self.device]
        image = x * [-1, 1] + [x[:, 0].min() + x[:, 0].max(), 0]
        return np.argmin(np.linalg.norm(image[:, None] - x, axis=-1), axis=1)


def geometry(dimers: int = 4, margin: int = 1) -> Geometry:
    """The relaxed ribbon with `dimers` bare dimers along each edge and `margin` pristine cells beside them.

    4 and 1 give 78 atoms. Raises InputError; JunctionError if the relaxation finds no stable minimum.
    """
    if dimers < 0 or margin < 1:
        raise InputError(f"a ribbon needs dimers ≥ 0 and margin ≥ 1, not {dimers} and {margin}")
    cells = dimers + 2 * margin
    positions, rows, index = _lattice(-LAYERS, cells + LAYERS)
    # An odd row has one cell less: the device ends with even rows on both sides.
    last = np.where(rows % 2 == 0, cells, cells - 1)
    device = np.flatnonzero((index >= 0) & (index < last))
    left = np.array([np.flatnonzero(index == -1 - n) for n in range(LAYERS)])
    right = np.array([np.flatnonzero(index == last + n) for n in range(LAYERS)])
    edge = np.isin(rows, (0, ROWS - 1)) & (index >= margin) & (index < margin + dimers)
    pairs = tuple(
        tuple(map(int, np.flatnonzero(edge & (index == cell) & (rows == row))))
        for cell in range(margin, margin + dimers)
        for row in (0, ROWS - 1)
    )
    network = terms(positions, frozenset(map(frozenset, pairs)))
    return Geometry(_relaxed(positions, network, device), device, left, right, pairs, network)  # type: ignore[arg-type]


def _lattice(first: int, end: int) -> tuple[Array, Array, Array]:
    """Positions (n, 2), rows (n,) and cells (n,) of the ideal ribbon from cell `first` to before `end`, sorted by x.

    Odd rows stop one cell earlier, so that this piece is a mirror image of itself, too.
    """
    found = [
        (BOND * (3 * cell + site + 1.5 * (row % 2)), BOND * np.sqrt(0.75) * row, row, cell)
        for row in range(ROWS)
        for cell in range(first, end - row % 2)
        for site in (0, 1)
    ]
    x, y, rows, cells = np.array(sorted(found)).T
    return np.stack([x, y], axis=1), rows.astype(int), cells.astype(int)


def _relaxed(positions: Array, network: Terms, free: Array) -> Array:
    """Positions with the free atoms at a minimum of energy: Newton steps up to 0.1 Å, uphill ones reversed."""
    positions = positions.copy()
    dofs = planar_dofs(free)
    for _ in range(50):
        slope = gradient(positions, network).ravel()[dofs]
        curvature, modes = np.linalg.eigh(hessian(positions, network)[np.ix_(dofs, dofs)])
        if np.abs(slope).max() < LARGEST_FORCE and curvature[0] > 0:
            return positions
        step = -modes @ ((modes.T @ slope) / np.maximum(np.abs(curvature), 0.5))
        positions.reshape(-1)[dofs] += step * min(1.0, 0.1 / np.abs(step).max())
    raise JunctionError(
        f"the ribbon found no stable minimum in 50 Newton steps: largest force {np.abs(slope).max():.1e} eV/Å, lowest "
        f"curvature {curvature[0]:.3g} eV/Å²",
        force=float(np.abs(slope).max()),
        curvature=float(curvature[0]),
    )


def planar_dofs(atoms: Array) -> Array:
    """Indices of the x and y of these atoms, atom-major, (2 n,)."""
    return (2 * np.asarray(atoms)[:, None] + np.arange(2)).ravel()
