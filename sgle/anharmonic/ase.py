"""ASE: any calculator as anharmonic force, and any junction as ASE atoms. Needs the extra `ase`.

ASE counts in eV, Å and amu as this library does; its constants are of CODATA 2014, but none of them enters here.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sgle.anharmonic.calculator import INSTALL, Calls, described
from sgle.anharmonic.cartesian import Cartesian, Placed, cartesian
from sgle.anharmonic.checks import require_same_stiffness
from sgle.anharmonic.coordinates import angstroms
from sgle.anharmonic.remainder import Remainder, remainder
from sgle.anharmonic.static import static_stiffness, warn_if_unbounded
from sgle.check import array
from sgle.errors import InputError
from sgle.junction import Junction

try:
    import ase
    from ase.calculators.calculator import Calculator, all_changes
except ImportError as error:
    raise InputError(INSTALL) from error

from sgle.anharmonic.structures import (
    as_structure,
    as_text,
    displaced,
    moving_atoms,
    moving_dofs,
    read_structure,
    require_same_atoms,
)

__all__ = [
    "JunctionCalculator",
    "as_ase",
    "as_structure",
    "displaced",
    "from_calculator",
    "moving_atoms",
    "moving_dofs",
    "read_structure",
]

Array = np.ndarray


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
    stored and sent to other processes; or a calculator, `atoms.calc`.    structure : all atoms at rest, with cell and
    masses.
    moving : those with dofs x, y, z, in this order, or a mask; None: all but those held by FixAtoms, the one constraint
    that is understood.    following : Å of all atoms per Å of each dof, (3n, N), for atoms of elastic electrodes that
    follow the moving ones; the stiffness is then that of K + Π(0).
    junction : whose K, and atoms where known, must be the same; None: K is to be made from `force.stiffness`, atoms
    from `moving_atoms`.    stiffness : H (N, N) [eV²] if known (from eV/Å²: sgle.anharmonic.mass_weighted), tried along
    one line; else by differences of forces over `step` [Å], 4N calls.
    largest_force : allowed at rest on the moving atoms [eV/Å].    compare, tolerance, work_tolerance : as in
    sgle.anharmonic.remainder.
    Raises InputError with the numbers (another K, atoms not at rest, ...), ForceError if the calculator fails. Warns
    UnboundedWarning where lattice baths soften what the potential alone is to hold.
    A calculator that keeps a memory of the last positions (wave functions, lists with a skin) gives the last digits
    by its history: trajectories are then the same in any batch to these digits only.
    """
    _require_calculator(calculator, parameters)
    chosen = moving_dofs(structure, moving)
    scale = np.repeat(angstroms(structure.get_masses()[chosen]), 3)
    place = Cartesian(structure.get_positions(), chosen, scale, _following(following, structure, chosen))
    if junction is not None:
        require_same_atoms(junction, structure, chosen)
    potential = Placed(Calls(calculator, _json(parameters or {}), as_text(structure)), place)
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


def _require_calculator(calculator: Any, parameters: Any) -> None:
    """InputError for what is no calculator, before it is asked for anything."""
    if isinstance(calculator, str):
        return
    if calculator is None or isinstance(calculator, type) or not hasattr(calculator, "get_forces"):
        raise InputError(
            f"{calculator!r:.60} is no ASE calculator: give `atoms.calc`, an object such as EMT(), or its import path "
            '"ase.calculators.emt:EMT"'
        )
    if parameters:
        raise InputError('parameters are for an import path "module:Class"; a calculator that is given has its own')


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
