"""`[anharmonic]`: forces beyond K, felt by trajectories alone. One table with a kind, or some [anharmonic.NAME], added.

In eV recipes coordinates are in Å, with the masses of the model, of the junction file, or `masses_amu`; in natural ones
they are the displacements u, over √m if `masses` are given.
"""

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from sgle.errors import InputError, PhysicsError, RecipeError
from sgle.recipe.arrays import bond, one_or_some, positive, real_matrix
from sgle.recipe.models import GoldChain
from sgle.recipe.quantities import Quantity
from sgle.recipe.schema import Dofs, Table

if TYPE_CHECKING:
    from sgle.anharmonic import Anharmonic
    from sgle.junction import Junction
    from sgle.recipe.tables import Tables

Numbers = Annotated[Any, AfterValidator(one_or_some)]
Positives = Annotated[Any, AfterValidator(positive)]
Positive = Annotated[float, Field(gt=0)]
Index = Annotated[int, Field(ge=0)]
Pairs = Annotated[list[Annotated[list[Index], Field(min_length=2, max_length=2)]], Field(min_length=1)]
Bonds = Annotated[list[Annotated[Any, AfterValidator(bond)]], Field(min_length=1)]


class Along(Table):
    """Along what a force of a model acts: one of `sites`, `bonds`, `coordinates` (C of q = C x)."""

    sites: Dofs | None = None
    bonds: Bonds | None = None
    coordinates: Annotated[Any, AfterValidator(real_matrix)] = None
    masses: Annotated[Positives, Quantity("mass")] = None

    @model_validator(mode="after")
    def _one_place(self) -> "Along":
        places = [name for name in ("sites", "bonds", "coordinates", "atom_pairs") if name in type(self).model_fields]
        found = [name for name in places if getattr(self, name) is not None]
        if len(found) != 1:
            raise ValueError(f"give one of {', '.join(places)}; found {' and '.join(found) or 'none'}")
        if found == ["atom_pairs"] and self.masses is not None:
            raise ValueError("atom_pairs take the masses of their atoms, no others")
        return self

    def matrix(self, junction: "Junction", units: str) -> np.ndarray:
        """C (n, N) of q = C u."""
        from sgle.anharmonic import bonds, sites

        scale = _scale(self.masses, junction, units)
        if self.sites is not None:
            return sites(junction.size, self.sites, scale)
        if self.bonds is not None:
            return bonds(junction.size, self.bonds, scale)
        if len(self.coordinates[0]) != junction.size:
            raise RecipeError(f"coordinates has rows of {len(self.coordinates[0])} numbers for {junction.size} dofs")
        return np.array(self.coordinates, dtype=float) * scale


class Polynomial(Along):
    """V = Σ (c₃ q³/3 + c₄ q⁴/4)."""

    cubic: Annotated[Numbers, Quantity("energy per cubed length")] = 0.0
    quartic: Annotated[Numbers, Quantity("energy per fourth power of length")] = 0.0

    def force(self, junction: "Junction", tables: "Tables") -> Any:
        """The force."""
        from sgle.anharmonic import polynomial

        return polynomial(self.matrix(junction, tables.top.units), self.cubic, self.quartic)


class Bond(Along):
    """Bonds of a model, or with `atom_pairs` between atoms in space."""

    atom_pairs: Pairs | None = None
    depth: Annotated[Positives, Quantity("energy")]


class Morse(Bond):
    """V = D (1 - e^{-aq})²; `length` of bonds between atoms where it is not the distance at rest."""

    width: Annotated[Positives, Quantity("per length")]
    length: Annotated[Positives, Quantity("length")] = None

    @model_validator(mode="after")
    def _length_in_space(self) -> "Morse":
        if self.length is not None and self.atom_pairs is None:
            raise ValueError("length is for atom_pairs; bonds of a model have none")
        return self

    def force(self, junction: "Junction", tables: "Tables") -> Any:
        """The force."""
        from sgle.anharmonic import morse, morse_between

        if self.atom_pairs is not None:
            return morse_between(_atoms(junction), self.atom_pairs, self.depth, self.width, self.length)
        return morse(self.matrix(junction, tables.top.units), self.depth, self.width)


class LennardJones(Bond):
    """V = D [(l/r)¹² - 2 (l/r)⁶ + 1]; `length` l of bonds between atoms may be left out: the distance at rest."""

    length: Annotated[Positives, Quantity("length")] = None

    @model_validator(mode="after")
    def _length_of_models(self) -> "LennardJones":
        if self.length is None and self.atom_pairs is None:
            raise ValueError("length is missing: the distance at which the energy of a bond is lowest")
        return self

    def force(self, junction: "Junction", tables: "Tables") -> Any:
        """The force."""
        from sgle.anharmonic import lennard_jones, lennard_jones_between

        if self.atom_pairs is not None:
            return lennard_jones_between(_atoms(junction), self.atom_pairs, self.depth, self.length)
        return lennard_jones(self.matrix(junction, tables.top.units), self.depth, self.length)


class SuttonChen(Table):
    """The whole potential of the gold chain; `elastic`: the electrodes' atoms follow the moving ones."""

    elastic: bool = True

    def force(self, junction: "Junction", tables: "Tables") -> Any:
        """The force."""
        from sgle.models.gold.anharmonic import gold_chain_force

        given = tables.system.arguments() if isinstance(tables.system, GoldChain) else {}
        place = {key: given[key] for key in ("atoms", "gap", "bases") if key in given}
        return gold_chain_force(**place, elastic=self.elastic)


def _compared(value: Any) -> Any:
    fine = isinstance(value, list) and all(isinstance(dof, int) and not isinstance(dof, bool) for dof in value)
    if not fine and value not in ("all", "off-diagonal"):
        raise ValueError('must be "all", "off-diagonal" or a list of dofs')
    return value


class Calculator(Table):
    """Any ASE calculator."""

    calculator: Annotated[str, Field(min_length=1)]
    parameters: dict[str, Any] | None = None
    structure: str | None = None
    moving: Annotated[list[Index], Field(min_length=1)] | None = None
    compare: Annotated[Any, AfterValidator(_compared)] = "all"
    tolerance: Annotated[float, Field(gt=0)] | None = None
    work_tolerance: Annotated[float, Field(gt=0)] | None = None
    largest_force: Annotated[Positive | None, Quantity("force")] = None
    step: Annotated[Positive | None, Quantity("length")] = None

    def force(self, junction: "Junction", tables: "Tables") -> Any:
        """The force."""
        from sgle.anharmonic.ase import as_structure, from_calculator, read_structure

        structure = as_structure(_atoms(junction)) if self.structure is None else read_structure(self.structure)
        given = {key: value for key, value in self if value is not None and key not in ("calculator", "structure")}
        return from_calculator(self.calculator, structure, junction=junction, **given)


FORCES: dict[str, type[Table]] = {
    "polynomial": Polynomial,
    "morse": Morse,
    "lennard-jones": LennardJones,
    "sutton-chen": SuttonChen,
    "ase": Calculator,
}


def problems_of(tables: "Tables") -> list[str]:
    """What does not go together with the rest of the recipe."""
    problems = []
    for path, (_, table) in tables.anharmonic.items():
        if isinstance(table, SuttonChen) and not isinstance(tables.system, GoldChain):
            problems.append(f'{path}.kind: sutton-chen belongs to system.model = "gold-chain"')
        in_space = isinstance(table, Calculator) or getattr(table, "atom_pairs", None) is not None
        if in_space and tables.top.units != "eV":
            problems.append(f'{path}: atoms in space are in eV and Å; write units = "eV"')
    return problems


def build_force(tables: "Tables", junction: "Junction") -> "Anharmonic | None":
    """The force of `[anharmonic]`, all problems at once; without a table that of the junction file, or none."""
    from sgle.anharmonic import require_bounded, sum_of

    made, problems = {}, []
    for path, (_, table) in tables.anharmonic.items():
        try:
            made[path] = table.force(junction, tables)  # type: ignore[attr-defined]
        except PhysicsError as error:
            raise type(error)(f"{path}: {error}", **error.numbers) from error
        except InputError as error:
            problems.append(f"{path}: {error}")
    bonds = [force.stiffness for path, force in made.items() if isinstance(tables.anharmonic[path][1], Bond)]
    try:
        require_bounded(sum(bonds, np.zeros((junction.size, junction.size))), junction)
    except InputError as error:
        problems += [f"anharmonic: {error}"] if bonds else []
    if problems:
        raise RecipeError("\n".join(problems), problems=problems)
    if len(made) > 1:
        return sum_of(*made.values())
    return next(iter(made.values()), junction.anharmonic)


def _scale(masses: Any, junction: "Junction", units: str) -> Any:
    """x over u of every dof, one number or (N,)."""
    from sgle.anharmonic import angstroms

    if masses is not None and np.ndim(masses) and len(masses) != junction.size:
        raise RecipeError(f"masses has {len(masses)} numbers for {junction.size} dofs")
    if units == "natural":
        return 1.0 if masses is None else 1 / np.sqrt(masses)
    if masses is None:
        atoms = junction.atoms
        if atoms is None or atoms.masses is None:
            raise RecipeError("the masses of the dofs are not known; write masses_amu, one or a list")
        masses = atoms.masses[atoms.dof_atom]
    return angstroms(masses)


def _atoms(junction: "Junction") -> Any:
    if junction.atoms is None:
        raise RecipeError("the system does not know its atoms")
    return junction.atoms
