"""Morse and Lennard-Jones bonds between atoms in space: V(|x_j - x_i|), as anharmonic force.

The stiffness of a bond of length r with unit vector e is V'' e eᵀ + (V'/r)(1 - e eᵀ); it belongs into K.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sgle.anharmonic.cartesian import Cartesian, Separations, cartesian, separations
from sgle.anharmonic.checks import require_finite
from sgle.anharmonic.curves import CURVES, Curve
from sgle.anharmonic.linear import per_bond
from sgle.anharmonic.products import total
from sgle.anharmonic.remainder import Remainder
from sgle.errors import InputError

if TYPE_CHECKING:
    from sgle.junction import Atoms

Array = np.ndarray
CLOSEST = 1e-3  # [Å]: nearer atoms have no direction between them


@dataclass(frozen=True, eq=False)
class Between:
    """The potential of bonds with parameters (P,), lengths among them: `length` (P,) [Å] where V is at its minimum."""

    kind: str
    pairs: Separations
    parameters: dict[str, Array]

    @cached_property
    def _columns(self) -> dict[str, Array]:
        return {name: value[:, None] for name, value in self.parameters.items()}

    def curve(self, distance: Array) -> Curve:
        """V of r (P, R)."""
        rest = self._columns["length"]
        others = {name: value for name, value in self._columns.items() if name != "length" or self.kind != "morse"}
        return CURVES[self.kind](distance - rest, **others)

    def __call__(self, displacement: Array) -> tuple[Array, Array]:
        """u (R, N) -> force (R, N), energy (R,)."""
        d, square = self.pairs.vectors(displacement)
        with np.errstate(over="ignore", invalid="ignore"):
            distance = np.sqrt(np.where(square > CLOSEST**2, square, np.nan))
            curve = self.curve(distance)
            energy, force = total(curve.energy), self.pairs.force(curve.slope / distance, d)
        require_finite(force, energy, f"{self.kind.replace('_', '-')} force", "a bond is torn or squeezed to nothing")
        return force, energy

    def stiffness(self) -> Array:
        """d²V/du² at rest, (N, N)."""
        distance = np.linalg.norm(self.pairs.rest, axis=0)
        unit = self.pairs.rest / distance
        curve = self.curve(distance[:, None])
        across = curve.slope[:, 0] / distance
        slope = self.pairs.slope.reshape(*unit.shape, -1)
        along = np.einsum("ap,apk->pk", unit, slope)
        return np.einsum("p,pk,pl->kl", curve.curvature[:, 0] - across, along, along) + np.einsum(
            "p,apk,apl->kl", across, slope, slope
        )


def morse_between(
    atoms: "Atoms", pairs: Iterable[Sequence[int]], depth: Any, width: Any, length: Any = None
) -> Remainder:
    """Bonds V = D (1 - e^{-a(r-l)})² between atoms.

    atoms : with positions, masses and dofs x, y, z of those that move.    pairs : (i, j) of atoms.    depth D [eV],
    width a [1/Å], length l [Å] : one or (P,); length None: the distance at rest.    Raises InputError.
    """
    return _between("morse", atoms, pairs, {"depth": depth, "width": width, "length": length})


def lennard_jones_between(atoms: "Atoms", pairs: Iterable[Sequence[int]], depth: Any, length: Any = None) -> Remainder:
    """Bonds V = D [(l/r)¹² - 2 (l/r)⁶ + 1] between atoms; arguments as in `morse_between`."""
    return _between("lennard_jones", atoms, pairs, {"depth": depth, "length": length})


def _between(kind: str, atoms: "Atoms", pairs: Iterable[Sequence[int]], parameters: dict[str, Any]) -> Remainder:
    place = cartesian(atoms)
    listed = _checked(pairs, place)
    between = separations(place, listed)
    distance = np.linalg.norm(between.rest, axis=0)
    if distance.min() < CLOSEST:
        worst = int(np.argmin(distance))
        raise InputError(f"atoms {tuple(listed[worst])} lie on each other", distance=float(distance[worst]))
    parameters = {name: distance if name == "length" and value is None else value for name, value in parameters.items()}
    checked = {name: per_bond(value, name, len(listed), positive=True) for name, value in parameters.items()}
    potential = Between(kind, between, checked)
    force, energy = potential(np.zeros((1, place.size)))
    spec = {"kind": f"{kind}_between", **_atoms_spec(atoms), "pairs": listed, **checked}
    return Remainder(potential, force[0], float(energy[0]), potential.stiffness(), spec)


def _checked(pairs: Iterable[Sequence[int]], place: Cartesian) -> Array:
    """Pairs of different atoms that exist, at least one of each pair moving, (P, 2)."""
    try:
        listed = np.array([tuple(pair) for pair in pairs])
    except (TypeError, ValueError):
        listed = np.zeros(0)
    if listed.ndim != 2 or listed.shape[1] != 2 or listed.dtype.kind not in "iu":
        raise InputError(f"pairs must be pairs (i, j) of atoms, not {pairs!r:.60}")
    count = len(place.positions)
    for i, j in listed:
        if i == j or not (0 <= i < count and 0 <= j < count):
            raise InputError(f"pair ({i}, {j}): two different atoms of 0..{count - 1} make a bond", pair=(i, j))
        if not np.isin((i, j), place.moving).any():
            raise InputError(f"pair ({i}, {j}): none of the two atoms moves", pair=(i, j))
    return listed


def _atoms_spec(atoms: "Atoms") -> dict[str, Any]:
    return {"symbols": atoms.symbols, "dof_atom": atoms.dof_atom, "masses": atoms.masses, "positions": atoms.positions}
