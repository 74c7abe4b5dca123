"""From displacements to atoms in space, and back from forces on atoms: x = x₀ + s u, F_u = s F_x, s = Å√amu/√m.

Atoms with three dofs, in the order x, y, z, move; atoms of which no dof is known stay where they are, or follow the
moving ones linearly, as an elastic electrode does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from sgle.anharmonic.coordinates import angstroms
from sgle.anharmonic.products import columns, fixed, rows
from sgle.errors import InputError

if TYPE_CHECKING:
    from sgle.junction import Atoms

Array = np.ndarray
Positional = Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True, eq=False)
class Cartesian:
    """positions : of all atoms at rest, (n, 3) [Å].    moving : atom of every three dofs, (N/3,).

    scale : Å per internal displacement of every dof, (N,).    following : Å of all atoms per Å of each dof, (3n, N);
    None: those that do not move stay.
    """

    positions: Array
    moving: Array
    scale: Array
    following: Array | None = None

    @property
    def size(self) -> int:
        """Number of dofs N."""
        return len(self.scale)

    @cached_property
    def _onto(self) -> csr_array:
        return fixed(self.following * self.scale)

    @cached_property
    def _back(self) -> csr_array:
        return fixed((self.following * self.scale).T)

    def places(self, displacement: Array) -> Array:
        """u (R, N) -> positions of all atoms, (R, n, 3) [Å]."""
        if self.following is not None:
            return self.positions + rows(self._onto @ columns(displacement)).reshape(-1, *self.positions.shape)
        found = np.repeat(self.positions[None], len(displacement), axis=0)
        found[:, self.moving] += (self.scale * displacement).reshape(len(displacement), -1, 3)
        return found

    def onto_dofs(self, forces: Array) -> Array:
        """Forces on all atoms (R, n, 3) [eV/Å] -> on dofs, (R, N) [eV^1.5/ħ]."""
        if self.following is not None:
            return rows(self._back @ columns(forces.reshape(len(forces), -1)))
        return self.scale * forces[:, self.moving].reshape(len(forces), -1)


def cartesian(atoms: "Atoms") -> Cartesian:
    """The places of atoms. InputError unless masses and positions are known and moving atoms have dofs x, y, z."""
    if atoms.positions is None or atoms.masses is None:
        raise InputError("forces between atoms in space need their positions and masses (sgle.Atoms)")
    moving = atoms.dof_atom[::3]
    if len(atoms.dof_atom) % 3 or not np.array_equal(atoms.dof_atom, np.repeat(moving, 3)):
        raise InputError("forces in space need three dofs x, y, z in a row for every atom that moves")
    if len(np.unique(moving)) != len(moving):
        raise InputError("an atom has more than three dofs")
    scale = np.repeat(angstroms(atoms.masses[moving]), 3)
    return Cartesian(np.array(atoms.positions), np.array(moving), scale)


@dataclass(frozen=True, eq=False)
class Placed:
    """A potential of positions as one of displacements."""

    potential: Positional
    place: Cartesian

    def __call__(self, displacement: Array) -> tuple[Array, Array]:
        """u (R, N) -> force (R, N), energy (R,)."""
        forces, energies = (np.asarray(value, dtype=float) for value in self.potential(self.place.places(displacement)))
        wanted = (len(displacement), *self.place.positions.shape)
        if forces.shape != wanted or energies.shape != wanted[:1]:
            raise InputError(
                f"forces and energies have the shapes {forces.shape} and {energies.shape}, not {wanted} and "
                f"{wanted[:1]}",
                shape=forces.shape,
            )
        return self.place.onto_dofs(forces), energies


def placed(potential: Positional, atoms: "Atoms") -> Placed:
    """Potential of positions (R, n, 3) [Å] -> forces (R, n, 3) [eV/Å], energies (R,) [eV], for `remainder`.

    atoms : with masses and positions at rest; those without dofs stay there.    Raises InputError.
    """
    return Placed(potential, cartesian(atoms))


@dataclass(frozen=True, eq=False)
class Separations:
    """Vectors from the first to the second atom of P pairs as functions of u: d = d₀ + B u, (3, P, R) [Å].

    rest : d₀ (3, P).    slope : B (3P, N), components before pairs.
    """

    rest: Array
    slope: Array

    @cached_property
    def _onto(self) -> csr_array:
        return fixed(self.slope)

    @cached_property
    def _back(self) -> csr_array:
        return fixed(-self.slope.T)

    def vectors(self, displacement: Array) -> tuple[Array, Array]:
        """u (R, N) -> d (3, P, R), d² (P, R)."""
        d = (self._onto @ columns(displacement)).reshape(*self.rest.shape, -1)
        d += self.rest[:, :, None]
        return d, d[0] * d[0] + d[1] * d[1] + d[2] * d[2]

    def force(self, pull: Array, d: Array) -> Array:
        """-∂V/∂u (R, N) for the pulls dV/dr / r (P, R)."""
        return rows(self._back @ (pull * d).reshape(-1, d.shape[-1]))


def separations(place: Cartesian, pairs: Any) -> Separations:
    """Vectors between pairs (i, j) of atoms, (P, 2)."""
    first, second = np.asarray(pairs, int).reshape(-1, 2).T
    slope = np.zeros((3, len(first), place.size))
    dof = np.full(len(place.positions), -1)
    dof[place.moving] = 3 * np.arange(len(place.moving))
    for atom, sign in ((first, -1.0), (second, 1.0)):
        pair = np.flatnonzero(dof[atom] >= 0)
        for axis in range(3):
            k = dof[atom[pair]] + axis
            slope[axis, pair, k] += sign * place.scale[k]
    rest = (place.positions[second] - place.positions[first]).T
    return Separations(np.ascontiguousarray(rest), slope.reshape(-1, place.size))
