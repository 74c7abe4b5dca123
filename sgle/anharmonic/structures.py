"""Structures of ASE: which atoms move, whether they are a junction's, and its atoms as a structure. Needs `ase`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sgle.anharmonic.calculator import INSTALL
from sgle.anharmonic.cartesian import cartesian
from sgle.anharmonic.coordinates import angstroms
from sgle.check import array
from sgle.errors import FileError, InputError
from sgle.junction import Atoms, Junction

try:
    import ase
    import ase.io
    from ase.constraints import FixAtoms
    from ase.io.jsonio import encode
except ImportError as error:
    raise InputError(INSTALL) from error

Array = np.ndarray
FURTHEST = 0.05  # [Å] between the shapes of the structure and of the junction


def moving_dofs(structure: ase.Atoms, moving: Sequence[int] | None = None) -> Array:
    """Indices of the atoms that move, (n,).

    moving : indices, in the order that is wanted, or a mask of all atoms; None: all not held by FixAtoms.
    Raises InputError: other constraints, no atom that moves, one that is held or is not there.
    """
    if not isinstance(structure, ase.Atoms):
        raise InputError(
            f"a structure must be an ase.Atoms, not {type(structure).__module__}.{type(structure).__name__}"
        )
    held: set[int] = set()
    count = len(structure)
    for constraint in structure.constraints:
        if not isinstance(constraint, FixAtoms):
            raise InputError(f"constraint {type(constraint).__name__} is not understood: FixAtoms alone is")
        held |= {int(index) % count for index in constraint.index}  # ASE counts negative ones from the end
    chosen = _indices(moving, count) if moving is not None else [k for k in range(count) if k not in held]
    if not chosen or len(set(chosen)) != len(chosen) or not all(0 <= k < count for k in chosen):
        raise InputError(f"moving atoms must be different ones of 0..{count - 1}, at least one, not {chosen!r:.60}")
    if held & set(chosen):
        raise InputError(f"atom {min(held & set(chosen))} is to move and is held by FixAtoms")
    return np.array(chosen)


def _indices(moving: Sequence[int], count: int) -> list[int]:
    given = np.asarray(moving)
    if given.dtype == bool and len(given) == count:
        given = np.flatnonzero(given)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise InputError(f"moving atoms must be indices, or a mask of all {count} atoms, not {moving!r:.60}")
    return [int(k) for k in given]


def moving_atoms(structure: ase.Atoms, moving: Sequence[int] | None = None) -> Atoms:
    """Names, masses and places of the atoms that move, for the junction that they make."""
    chosen = moving_dofs(structure, moving)
    symbols = tuple(structure.get_chemical_symbols()[k] for k in chosen)
    dofs = np.repeat(np.arange(len(chosen)), 3)
    return Atoms(symbols, dofs, structure.get_masses()[chosen], structure.get_positions()[chosen])


def displaced(structure: ase.Atoms, displacement: Any, moving: Sequence[int] | None = None) -> ase.Atoms:
    """A copy with the atoms that move where u (N,) [ħ/√eV] has them, as in `Result.snapshots`; others stay."""
    chosen, u = moving_dofs(structure, moving), array(displacement, "displacement")
    if u.shape != (3 * len(chosen),):
        raise InputError(f"displacement must be ({3 * len(chosen)},), as {len(chosen)} atoms move, not {u.shape}")
    copy = structure.copy()
    copy.positions[chosen] += u.reshape(-1, 3) * angstroms(structure.get_masses()[chosen])[:, None]
    return copy


def read_structure(path: str | Path) -> ase.Atoms:
    """Atoms from any file that ASE reads. FileError if it cannot; formats that keep constraints say what moves."""
    try:
        found: Any = ase.io.read(path)
    except Exception as error:
        raise FileError(f"{path}: no structure can be read: {type(error).__name__}: {error}", path=str(path)) from error
    return found


def as_structure(atoms: Atoms) -> ase.Atoms:
    """ase.Atoms of atoms with known positions and masses; those without dofs are held by FixAtoms."""
    place = cartesian(atoms)
    made = ase.Atoms(list(atoms.symbols), positions=place.positions, masses=atoms.masses)
    held = np.setdiff1d(np.arange(len(made)), place.moving)
    if len(held):
        made.set_constraint(FixAtoms(held))
    return made


def as_text(structure: ase.Atoms) -> str:
    """JSON of the structure without calculator and constraints, neither of which may change forces.

    Its `info` and arrays are kept: calculators read charge or spin there.
    """
    copy = structure.copy()
    copy.set_constraint()
    try:
        return str(encode(copy))
    except TypeError as error:
        raise InputError(f"the structure holds in info or arrays what cannot be stored: {error}") from error


def require_same_atoms(junction: Junction, structure: ase.Atoms, moving: Array) -> None:
    """InputError unless the moving atoms are those of the junction, as far as it knows them."""
    if junction.size != 3 * len(moving):
        raise InputError(
            f"{len(moving)} atoms move, which makes {3 * len(moving)} dofs; the junction has {junction.size}. Say "
            "which move by `moving` or FixAtoms, which some formats of files do not keep",
            size=junction.size,
        )
    atoms = junction.atoms
    if atoms is None:
        return
    order = atoms.dof_atom[::3]
    for atom, (k, ours) in enumerate(zip(moving, order, strict=True)):
        names = structure.symbols[k], atoms.symbols[ours]
        if "X" not in names and names[0] != names[1]:
            raise InputError(
                f"moving atom {atom} is {names[0]} in the structure, {names[1]} in the junction", atom=atom
            )
    if atoms.masses is not None:
        ours, limit = atoms.masses[order], 1e-3 * atoms.masses[order].max()
        _require_near(structure.get_masses()[moving], ours, limit, "mass", "amu")
    if atoms.positions is not None:
        found, expected = structure.get_positions()[moving], atoms.positions[order]
        found, expected = found - found.mean(axis=0), expected - expected.mean(axis=0)
        _require_near(found, expected, FURTHEST, "place relative to the others", "Å")


def _require_near(found: Array, expected: Array, limit: float, what: str, unit: str) -> None:
    difference = np.abs(found - expected).reshape(len(found), -1).max(axis=1)
    if difference.max() > limit:
        atom = int(np.argmax(difference))
        raise InputError(
            f"moving atom {atom}: its {what} is {found[atom]} {unit} in the structure, {expected[atom]} {unit} in the "
            "junction",
            atom=atom,
            difference=float(difference[atom]),
        )
