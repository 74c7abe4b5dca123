"""Surface Green's function between given atoms: in-plane Fourier sum of the surface Green's function at each q.

The sum runs over irreducible q only; the other q are images under the point group, whose share is a rotation of the
sites and of the blocks. Equal to the sum over the full mesh to rounding, for the price of an eighth (fcc(100)).
"""

from typing import Any

import numpy as np

from sgle.errors import JunctionError
from sgle.leads.crystal import Surface
from sgle.leads.decimation import surface_greens_function
from sgle.leads.mesh import IDENTITY, wave_vectors

Array = np.ndarray
MEMORY = 2**22  # bytes of Green's functions at a time; decimation holds about ten such arrays


def real_space(surface: Surface, z: Any, sites: Any, points: Any, operations: Any = IDENTITY) -> Array:
    """g(z) between atoms of the outermost principal layer, (n_z, n_s b, n_s b): mean_q e^{iq·(R_i-R_j)} g(q).

    z : (n_z,) complex, E + iη or (ω + iη)².    sites : (n_s, 3) [Å]; their place in the plane identifies them, their
    height only tells the layer.    points : wave vectors per direction, n or (n_1, n_2).    operations : (n_op, 3, 3)
    point group of the crystal about the origin of the coordinates; refused (JunctionError) if it is not a symmetry.
    """
    z, sites = np.atleast_1d(z), np.asarray(sites, dtype=float)
    operations = np.asarray(operations, dtype=float)
    require_symmetry(surface, operations)
    orbit, images = _orbit(sites, operations, surface)
    q, weights = wave_vectors(surface.vectors, points, operations)
    outermost, bulk, inward = surface.blocks(q)
    size = max(1, MEMORY // (16 * bulk.size))
    parts = []
    for part in np.array_split(z, range(size, len(z), size)):
        g = surface_greens_function(part[:, None], bulk, inward, surface=outermost)
        parts.append(_average(_fourier(g, q, weights, orbit, surface), operations, images, len(sites)))
    return np.concatenate(parts)


def require_symmetry(surface: Surface, operations: Array) -> None:
    """Refuse operations that do not carry the crystal, with its interactions, into itself: JunctionError."""
    for operation in operations:
        turn = representation(operation, surface.block)
        cells = surface.cell_of(surface.positions @ operation.T)
        for layer in (0, 1):
            i, j, r = surface.neighbours(layer)
            error = np.abs(surface.pair(r @ operation.T) - turn @ surface.pair(r) @ turn.T).max(initial=0.0)
            if error > 1e-9 * np.abs(surface.pair(r)).max(initial=0.0) or not _same_pairs(
                (cells[i], cells[j], r @ operation.T), (i, j, r)
            ):
                raise JunctionError(f"{operation.tolist()} is not a symmetry of the crystal about the origin")


def representation(operation: Array, block: int) -> Array:
    """How a rotation acts within a block: 1 for one s orbital, the rotation itself for a displacement vector."""
    if block == 3:
        return operation
    if block == 1 or np.array_equal(operation, np.eye(3)):
        return np.eye(block)
    raise JunctionError(f"blocks of size {block} cannot be rotated: give the identity as the only operation")


def _same_pairs(some: tuple[Array, Array, Array], others: tuple[Array, Array, Array]) -> bool:
    """Whether two lists of (i, j, r) are the same up to order."""
    tables = [np.column_stack([i, j, np.rint(1e4 * r).astype(int)]) for i, j, r in (some, others)]
    first, second = (table[np.lexsort(table.T)] for table in tables)
    return np.array_equal(first, second)


def _orbit(sites: Array, operations: Array, surface: Surface) -> tuple[Array, Array]:
    """The sites followed by their images not among them (n, 3), and the image of each (n_op, n) as an index."""
    orbit = list(sites)
    for operation in operations:
        for site in sites @ operation.T:
            if _nearest(np.array(orbit), site[None])[1][0] > 1e-3:
                orbit.append(site)
    closed = np.array(orbit)
    found = [_nearest(closed, closed @ operation.T) for operation in operations]
    if max(distance.max() for _, distance in found) > 1e-3:
        raise JunctionError("the operations given for a projection are no group: some product or inverse is missing")
    surface.cell_of(closed)
    return closed, np.array([index for index, _ in found])


def _nearest(sites: Array, places: Array) -> tuple[Array, Array]:
    """Index of, and distance to, the site nearest to each place."""
    distance = np.linalg.norm(places[:, None] - sites[None], axis=-1)
    return distance.argmin(axis=1), distance.min(axis=1)


def _fourier(g: Array, q: Array, weights: Array, sites: Array, surface: Surface) -> Array:
    """Σ_q weight e^{iq·(R_i-R_j)} g(q), (n_z, n, b, n, b)."""
    p, b = surface.atoms, surface.block
    cells = surface.cell_of(sites)
    phases = np.exp(1j * q @ sites.T)
    blocks = g.reshape(len(g), len(q), p, b, p, b)
    result = np.zeros((len(g), len(sites), b, len(sites), b), dtype=complex)
    for first in np.unique(cells):
        rows = np.flatnonzero(cells == first)
        for second in np.unique(cells):
            columns = np.flatnonzero(cells == second)
            waves = weights[:, None, None] * phases[:, rows, None] * phases[:, None, columns].conj()
            part = blocks[:, :, first, :, second].transpose(0, 2, 3, 1).reshape(-1, len(q)) @ waves.reshape(len(q), -1)
            part = part.reshape(len(g), b, b, len(rows), len(columns)).transpose(0, 3, 1, 4, 2)
            result[:, rows[:, None], :, columns[None]] = part.transpose(1, 3, 0, 2, 4)
    return result


def _average(g: Array, operations: Array, images: Array, kept: int) -> Array:
    """Mean over the group of the rotated g: g(W R_i, W R_j) = W g(R_i, R_j) Wᵀ, (n_z, kept b, kept b) on the first."""
    block = g.shape[2]
    total = np.zeros((len(g), kept, block, kept, block), dtype=complex)
    for operation, image in zip(operations, images, strict=True):
        turn = representation(operation, block)
        back = np.argsort(image)[:kept]  # the operation carries site back[k] to site k
        total += np.einsum("ab,zibjc,dc->ziajd", turn, g[:, back][:, :, :, back], turn, optimize=True)
    return total.reshape(len(g), kept * block, kept * block) / len(operations)
