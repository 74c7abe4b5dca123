"""ASE: any calculator as anharmonic force, and any junction as ASE atoms. Needs the extra `ase`.

ASE counts in eV, Å and amu as this library does; its constants are of CODATA 2014, but none of them enters here.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sgle.anharmonic.calculator import INSTALL, Calls, described
from sgle.anharmonic.cartesian import Cartesian, Placed, cartesian
from sgle.anharmonic.checks import require_same_stiffness
from sgle.anharmonic.coordinates import angstroms
from sgle.anharmonic.remainder import Remainder, remainder
from sgle.anharmonic.static import static_stiffness, warn_if_unbounded
from sgle.check import array
from sgle.errors import FileError, InputError
from sgle.junction import Atoms, Junction

try:
    import ase
    import ase.io
    from ase.calculators.calculator import Calculator, all_changes
    from ase.constraints import FixAtoms
    from ase.io.jsonio import encode
except ImportError as error:
    raise InputError(INSTALL) from error

Array = np.ndarray
FURTHEST = 0.05  # [Å] between the shapes of the structure and of the junction


def from_calculator(
    calculator: Any,
    structure: ase.Atoms,
    *,
    parameters: Mapping[str, Any] | None = None,
    moving: Sequence[int] | None = None,
    following: Any = None,
    junction: Junction | None = None,
    stiffness: Any = None,
    step: float = 0.01,
    largest_force: float = 0.02,
    compare: Any = "all",
    tolerance: float = 1e-2,
    work_tolerance: float = 1e-3,
) -> Remainder:
    """Anharmonic force by an ASE calculator: its potential without force and stiffness at the given positions.

    calculator : "module:Class" with keyword arguments `parameters`, such as "ase.calculators.emt:EMT", which can be
    stored and sent to other processes; or a calculator.    structure : all atoms at rest, with cell and masses.
    moving : those with dofs x, y, z, in this order; None: all but those held by FixAtoms, the one constraint that is
    understood.    following : Å of all atoms per Å of each dof, (3n, N), for atoms of elastic electrodes that follow
    the moving ones; the stiffness is then that of K + Π(0).
    junction : whose K, and atoms where known, must be the same; None: K is to be made from `force.stiffness`, atoms
    from `moving_atoms`.    stiffness : H (N, N) [eV²] if known; else by differences of forces over `step` [Å], 4N
    calls.    largest_force : allowed at rest on the moving atoms [eV/Å].    compare, tolerance, work_tolerance : as in
    sgle.anharmonic.remainder.
    Raises InputError with the numbers (another K, atoms not at rest, ...), ForceError if the calculator fails. Warns
    UnboundedWarning where lattice baths soften what the potential alone is to hold.
    A calculator that keeps a memory of the last positions (wave functions, lists with a skin) gives the last digits
    by its history: trajectories are then the same in any batch to these digits only.
    """
    chosen = moving_dofs(structure, moving)
    scale = np.repeat(angstroms(structure.get_masses()[chosen]), 3)
    place = Cartesian(structure.get_positions(), chosen, scale, _following(following, structure, chosen))
    if junction is not None:
        _require_same_atoms(junction, structure, chosen)
    potential = Placed(Calls(calculator, _json(parameters or {}), encode(_bare(structure))), place)
    _require_rest(potential, largest_force)
    found = remainder(
        potential,
        place.size,
        stiffness=stiffness,
        step=step / place.scale,
        tolerance=tolerance,
        rest_tolerance=np.inf,
        work_tolerance=work_tolerance,
    )
    if junction is not None:
        unweighted = float(np.mean(place.scale**2))
        expected = junction.dynamical_matrix if following is None else static_stiffness(junction)
        require_same_stiffness(found.stiffness, expected, compare, tolerance, unweighted)
        warn_if_unbounded(found.stiffness, junction)
    return described(potential, found.rest_force, found.rest_energy, found.stiffness)


def moving_dofs(structure: ase.Atoms, moving: Sequence[int] | None = None) -> Array:
    """Indices of the atoms that move, (n,); InputError for constraints other than FixAtoms, or none that moves."""
    held: set[int] = set()
    for constraint in structure.constraints:
        if not isinstance(constraint, FixAtoms):
            raise InputError(f"constraint {type(constraint).__name__} is not understood: FixAtoms alone is")
        held |= {int(index) for index in constraint.index}
    count = len(structure)
    chosen = [k for k in range(count) if k not in held] if moving is None else [int(k) for k in moving]
    if not chosen or len(set(chosen)) != len(chosen) or not all(0 <= k < count for k in chosen):
        raise InputError(f"moving atoms must be different ones of 0..{count - 1}, at least one, not {chosen!r:.60}")
    if held & set(chosen):
        raise InputError(f"atom {min(held & set(chosen))} is to move and is held by FixAtoms")
    return np.array(chosen)


def moving_atoms(structure: ase.Atoms, moving: Sequence[int] | None = None) -> Atoms:
    """Names, masses and places of the atoms that move, for the junction that they make."""
    chosen = moving_dofs(structure, moving)
    symbols = tuple(structure.get_chemical_symbols()[k] for k in chosen)
    dofs = np.repeat(np.arange(len(chosen)), 3)
    return Atoms(symbols, dofs, structure.get_masses()[chosen], structure.get_positions()[chosen])


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


def as_ase(junction: Junction) -> ase.Atoms:
    """The junction's atoms with a calculator of its own potential, ½ u·K u + V_anh(u), baths left out.

    For looking, relaxing, or as a calculator to compare with. Raises InputError where positions or masses are unknown.
    """
    if junction.atoms is None:
        raise InputError("the junction does not know its atoms")
    made = as_structure(junction.atoms)
    made.calc = JunctionCalculator(junction)
    return made


class JunctionCalculator(Calculator):
    """Energy and forces of a junction without its baths, zero at rest."""

    implemented_properties = ["energy", "free_energy", "forces"]  # noqa: RUF012 - ASE's own way

    def __init__(self, junction: Junction):
        super().__init__()
        if junction.atoms is None:
            raise InputError("the junction does not know its atoms")
        self.junction, self.place = junction, cartesian(junction.atoms)

    def calculate(self, atoms: Any = None, properties: Any = None, system_changes: Any = all_changes) -> None:
        """As ASE asks for it."""
        super().calculate(atoms, properties, system_changes)
        moved = atoms.positions - self.place.positions
        held = np.delete(moved, self.place.moving, axis=0)
        if np.any(np.abs(held) > 1e-9):
            raise InputError(f"an atom without dofs has been moved by {np.abs(held).max():.3g} Å")
        u = moved[self.place.moving].reshape(1, -1) / self.place.scale
        force = -u @ self.junction.dynamical_matrix
        energy = -force[0] @ u[0] / 2
        if self.junction.anharmonic is not None:
            more, higher = self.junction.anharmonic(u)
            force, energy = force + more, energy + higher[0]
        forces = np.zeros(moved.shape)
        forces[self.place.moving] = (force / self.place.scale).reshape(-1, 3)
        self.results = {"energy": float(energy), "free_energy": float(energy), "forces": forces}


def _following(given: Any, structure: ase.Atoms, moving: Array) -> Array | None:
    """Checked: every moving atom goes with its own dofs alone."""
    if given is None:
        return None
    motion, size = array(given, "following"), 3 * len(moving)
    if motion.shape != (3 * len(structure), size) or not np.all(np.isfinite(motion)):
        raise InputError(f"following must be (3 atoms, dofs) = ({3 * len(structure)}, {size}), not {motion.shape}")
    if not np.array_equal(motion.reshape(-1, 3, size)[moving].reshape(size, size), np.eye(size)):
        raise InputError("following: the rows of moving atoms must be those of the unit matrix")
    return motion


def _bare(structure: ase.Atoms) -> ase.Atoms:
    """A copy without calculator and constraints, neither of which may change forces."""
    copy = structure.copy()
    copy.set_constraint()
    return copy


def _json(parameters: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(parameters))
    except TypeError as error:
        raise InputError(
            f"parameters of a calculator must be texts, numbers, lists and tables ({error}); or give the calculator "
            "itself"
        ) from error


def _require_rest(potential: Placed, limit: float) -> None:
    forces, _ = potential.potential(potential.place.positions[None])
    largest = np.linalg.norm(np.asarray(forces)[0, potential.place.moving], axis=1)
    if largest.max() > limit:
        atom = int(np.argmax(largest))
        raise InputError(
            f"the structure is not at rest: the force on atom {potential.place.moving[atom]} is {largest[atom]:.4g} "
            f"eV/Å, more than {limit:g}. Relax it with this calculator, or raise largest_force",
            force=float(largest[atom]),
            atom=int(potential.place.moving[atom]),
        )


def _require_same_atoms(junction: Junction, structure: ase.Atoms, moving: Array) -> None:
    """InputError unless the moving atoms are those of the junction, as far as it knows them."""
    if junction.size != 3 * len(moving):
        raise InputError(
            f"{len(moving)} atoms move, which makes {3 * len(moving)} dofs; the junction has {junction.size}",
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
