"""First passages: when a trajectory first goes beyond a limit, such as the length at which a bond is broken."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle.errors import InputError
from sgle.junction import Atoms, Junction
from sgle.units import ANGSTROM_AMU

Array = np.ndarray


@dataclass(frozen=True)
class Passage:
    """A coordinate and the limit that it has to exceed.

    coordinate : maps a block of the driver (B steps, R trajectories) to (B, R); `elongation`, `distance`, or any
    function that depends on the block alone. With workers it must be importable.    limit : in its unit.
    """

    coordinate: Callable[[Any], Array]
    limit: float

    def __post_init__(self) -> None:
        if not callable(self.coordinate) or not np.isfinite(self.limit):
            raise InputError(f"Passage: {self.coordinate!r:.60} must be a function and {self.limit!r} a finite limit")


@dataclass(frozen=True)
class Elongation:
    """u_second - u_first of two dofs, mass-normalised [ħ/√eV]."""

    first: int
    second: int

    def __call__(self, block: Any) -> Array:
        """(B, R)."""
        return block.displacement[..., self.second] - block.displacement[..., self.first]


@dataclass(frozen=True)
class Distance:
    """Distance of two points [Å], each at rest or moved along x, y, z by three dofs.

    rest : vector between them at rest [Å].    first, second : their dofs, () if at rest.    scales : Å per unit of u.
    """

    rest: tuple[float, float, float]
    first: tuple[int, ...]
    second: tuple[int, ...]
    scales: tuple[float, float]

    def __call__(self, block: Any) -> Array:
        """(B, R)."""
        apart = np.array(self.rest)
        for dofs, factor in ((self.first, -self.scales[0]), (self.second, self.scales[1])):
            if dofs:
                apart = apart + factor * block.displacement[..., list(dofs)]
        return np.broadcast_to(np.sqrt((apart**2).sum(axis=-1)), block.displacement.shape[:-1])


def elongation(junction: Junction, first: int, second: int) -> Elongation:
    """Elongation u_second - u_first [ħ/√eV] of a bond between two dofs. InputError for dofs that are not there."""
    for dof in (first, second):
        if not 0 <= dof < junction.size:
            raise InputError(f"elongation: dof {dof} is not among 0 ... {junction.size - 1}", dof=dof)
    return Elongation(int(first), int(second))


def distance(junction: Junction, first: int, second: int) -> Distance:
    """Distance of two atoms [Å], from the positions and masses of the junction; an atom without dofs is at rest.

    Raises : InputError without positions, without the mass of a moving atom, or if it has other than three dofs.
    """
    atoms = junction.atoms
    if atoms is None or atoms.positions is None:
        raise InputError("distance: the junction does not know where its atoms are")
    for atom in (first, second):
        if not 0 <= atom < len(atoms.symbols):
            raise InputError(f"distance: atom {atom} is not among 0 ... {len(atoms.symbols) - 1}", atom=atom)
    rest = atoms.positions[second] - atoms.positions[first]
    (one, two), scales = (_dofs(atoms, first), _dofs(atoms, second)), (_scale(atoms, first), _scale(atoms, second))
    return Distance((float(rest[0]), float(rest[1]), float(rest[2])), one, two, scales)


def _dofs(atoms: Atoms, atom: int) -> tuple[int, ...]:
    found = tuple(int(dof) for dof in np.flatnonzero(atoms.dof_atom == atom))
    if len(found) not in (0, 3):
        raise InputError(f"distance: atom {atom} moves along {len(found)} dofs, not along x, y, z", atom=atom)
    return found


def _scale(atoms: Atoms, atom: int) -> float:
    """Å per unit of u of an atom."""
    if not np.any(atoms.dof_atom == atom):
        return 0.0
    if atoms.masses is None:
        raise InputError("distance: the junction does not know the masses of its atoms")
    return float(ANGSTROM_AMU / np.sqrt(atoms.masses[atom]))


class PassageWatch:
    """Observer that watches for one passage, from step 0 on.

    .first : (R,) time nΔt of the first step n with coordinate > limit, NaN so far if there was none.
    """

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.first: Array = np.zeros(0)

    def update(self, block: Any) -> None:
        """Look at every step of a block."""
        values = self.passage.coordinate(block)
        if np.shape(values) != block.velocity.shape[:2]:
            raise InputError(
                f"passages: the coordinate has shape {np.shape(values)}, not (steps, trajectories) = "
                f"{block.velocity.shape[:2]}"
            )
        if not self.first.size:
            self.first = np.full(values.shape[1], np.nan)
        beyond = values > self.passage.limit
        fresh = np.isnan(self.first) & beyond.any(axis=0)
        self.first[fresh] = block.time_step * (block.start + beyond.argmax(axis=0)[fresh])

    def state(self) -> dict[str, Any]:
        """Passages so far."""
        return {"first": self.first.copy()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.first = state["first"]
