"""A semi-infinite layered crystal: from pair interactions to the blocks h00, h01 of its principal layers at each q."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sgle.errors import JunctionError

Array = np.ndarray
Pair = Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class Surface:
    """Semi-infinite crystal, periodic in its plane, of equal principal layers; only the outermost one may differ.

    positions : (p, 3) [Å] of the atoms of one principal layer in one in-plane cell, the outermost one.
    vectors : (2, 3) in-plane lattice vectors; stacking : (3,) from a principal layer to the next one inward [Å].
    pair : vectors r_j - r_i (n, 3) -> off-diagonal blocks H_ij (n, b, b), pair(-r) = pair(r)†; not called at r = 0.
    reach : distance [Å] beyond which pair is zero; it must not pass the neighbouring principal layer.
    acoustic : if true, the block of an atom on itself is minus the sum of pair over its neighbours (force constants:
    a rigid shift costs nothing), hence another one at the surface, where neighbours are missing; else it is onsite.
    Source: reference/junctions.md 4.    Raises JunctionError if a second-neighbour layer is within reach.
    """

    positions: Array
    vectors: Array
    stacking: Array
    pair: Pair
    reach: float
    acoustic: bool = False
    onsite: float = 0.0

    def __post_init__(self) -> None:
        for name, shape in {"positions": (-1, 3), "vectors": (2, 3), "stacking": (3,)}.items():
            value = np.array(getattr(self, name), dtype=float).reshape(shape)
            value.setflags(write=False)
            object.__setattr__(self, name, value)
        far = self.neighbours(2)[2]
        if len(far):
            raise JunctionError(
                f"principal layer too thin: the second next layer is {np.linalg.norm(far, axis=1).min():.4g} Å away, "
                f"within reach {self.reach:.4g} Å; use more layers",
                reach=self.reach,
            )

    @property
    def atoms(self) -> int:
        """p, atoms of a principal layer per in-plane cell."""
        return len(self.positions)

    @cached_property
    def block(self) -> int:
        """b, size of the block that joins two atoms."""
        return self.pair(self.vectors[:1]).shape[-1]

    def neighbours(self, layer: int) -> tuple[Array, Array, Array]:
        """Pairs between the principal layer 0 and the one `layer` further in: i, j (n,) and r_j - r_i (n, 3)."""
        cells = self._cells()
        r = self.positions[None, :, None] + cells[None, None] + layer * self.stacking - self.positions[:, None, None]
        distance = np.linalg.norm(r, axis=-1)
        i, j, cell = np.nonzero((distance < self.reach) & (distance > 1e-6 * self.reach))
        return i, j, r[i, j, cell]

    def blocks(self, q: Any) -> tuple[Array, Array, Array]:
        """h00 of the outermost layer, h00 and h01 of the others at in-plane q (n_q, 3) [1/Å], (n_q, p b, p b) each.

        True-position gauge: H_ij(q) = Σ_R H(0i, Rj) e^{iq·(r_j + R - r_i)}, in which a rotation of the crystal acts
        without phases.
        """
        q = np.atleast_2d(q)
        own = [self._onsite(layers) for layers in ((0, 1), (-1, 0, 1))]
        within = self._sum(q, 0)
        return within + own[0], within + own[1], self._sum(q, 1)

    def cell_of(self, sites: Any) -> Array:
        """Index (n,) of the atom of the outermost principal layer of which each site (n, 3) [Å] is an image in the
        plane; heights may be relaxed by up to a tenth of the reach. Raises JunctionError for a site that is none."""
        shift = np.asarray(sites, dtype=float)[:, None] - self.positions[None]
        fraction = shift @ np.linalg.pinv(self.vectors)
        rest = shift - np.rint(fraction) @ self.vectors
        plane = rest - (rest @ self._normal)[..., None] * self._normal
        off = np.linalg.norm(plane, axis=-1) + np.abs(rest @ self._normal)
        index = off.argmin(axis=1)
        worst = off.min(axis=1)
        if np.any(worst > 0.1 * self.reach) or np.any(np.linalg.norm(plane, axis=-1)[range(len(index)), index] > 1e-3):
            raise JunctionError(
                f"site {int(worst.argmax())} is {worst.max():.4g} Å away from every atom of the outermost principal "
                "layer; take sites of that layer, or a thicker layer",
                distance=worst.max(),
            )
        return index

    @cached_property
    def _normal(self) -> Array:
        normal = np.cross(*self.vectors)
        return normal / np.linalg.norm(normal)

    def _cells(self) -> Array:
        """In-plane lattice vectors that can join atoms within reach, (n, 3)."""
        size = np.linalg.norm(np.ptp(self.positions, axis=0)) + 2 * np.linalg.norm(self.stacking) + self.reach
        counts = np.ceil(size * np.linalg.norm(np.linalg.pinv(self.vectors), axis=0)).astype(int)
        steps = np.stack(np.meshgrid(*(np.arange(-n, n + 1) for n in counts), indexing="ij"), axis=-1)
        return steps.reshape(-1, 2) @ self.vectors

    def _sum(self, q: Array, layer: int) -> Array:
        """Σ_R pair(r) e^{iq·r} between layer 0 and `layer`, (n_q, p b, p b)."""
        i, j, r = self.neighbours(layer)
        p, b = self.atoms, self.block
        scatter = np.zeros((len(r), p, b, p, b), dtype=complex)
        scatter[np.arange(len(r)), i, :, j, :] = self.pair(r)
        return (np.exp(1j * q @ r.T) @ scatter.reshape(len(r), -1)).reshape(len(q), p * b, p * b)

    def _onsite(self, layers: tuple[int, ...]) -> Array:
        """Blocks of the atoms on themselves if these principal layers exist around, (p b, p b)."""
        p, b = self.atoms, self.block
        own = np.zeros((p, b, p, b), dtype=complex)
        own[np.arange(p), :, np.arange(p), :] = self.onsite * np.eye(b)
        for layer in layers if self.acoustic else ():
            i, _, r = self.neighbours(layer)
            pairs = self.pair(r)
            for atom in range(p):
                own[atom, :, atom, :] -= pairs[i == atom].sum(axis=0)
        return own.reshape(p * b, p * b)
