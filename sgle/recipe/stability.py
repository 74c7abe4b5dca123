"""What a recipe asks about instabilities: `[stability]` and `[growth]` for `sgle stability`, `[cycle]` and
`[lifetime.NAME]` for `sgle run`.
"""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from sgle.errors import InputError, RecipeError
from sgle.recipe.quantities import Quantity
from sgle.recipe.schema import ELECTRONS, MOST_STEPS, Switch, Table

if TYPE_CHECKING:
    from sgle.analysis.passage import Passage
    from sgle.junction import Junction
    from sgle.recipe.tables import Tables

_BIAS, _ENERGY = Quantity("bias"), Quantity("energy")
Two = Field(min_length=2, max_length=2)
Dofs = Annotated[list[Annotated[int, Field(ge=0)]], Two]
# The current-induced forces of the electrons, each of which may be the one to blame.
FORCES: tuple[Switch, ...] = ("nonconservative", "berry", "renormalisation", "friction_change")
BIAS_KEYS = ("bias", "bias_V", "bias_mV")


class Stability(Table):
    """`[stability]`: along which biases, with what switched off in turn, how deep, and which two modes may meet."""

    bias: Annotated[list[float] | None, Two, _BIAS] = None
    points: Annotated[int, Field(ge=2, le=10_000)] = 41
    without: list[Switch] | None = None
    depth: Annotated[float | None, Field(gt=0), _ENERGY] = None
    grid: bool = True
    exceptional_pair: Annotated[list[Annotated[float, Field(ge=0)]] | None, Two, _ENERGY] = None
    exceptional_bias: Annotated[list[float] | None, Two, _BIAS] = None

    @model_validator(mode="after")
    def _ranges(self) -> "Stability":
        for name in ("bias", "exceptional_bias"):
            ends = getattr(self, name)
            if ends is not None and ends[0] == ends[1]:
                raise ValueError(f"{name} goes from {ends[0]:g} to {ends[1]:g}: give two different ends")
        if self.exceptional_bias is not None and self.exceptional_pair is None:
            raise ValueError("exceptional_bias needs exceptional_pair, the frequencies of the two modes that meet")
        if self.exceptional_pair is not None and self.bias is None and self.exceptional_bias is None:
            raise ValueError("exceptional_pair needs a range of bias to look in: exceptional_bias, or bias")
        return self


class Growth(Table):
    """`[growth]`: trajectories from rest at the recipe's bias, whose growth is compared with Im z."""

    trajectories: Annotated[int, Field(ge=2, le=MOST_STEPS)] = 32
    decades: Annotated[float, Field(gt=0, le=12)] = 4.0
    initial: Annotated[float, Field(ge=1, le=12)] = 3.0
    seed: Annotated[int, Field(ge=0, lt=2**64)] = 0


class Cycle(Table):
    """`[cycle]`: the limit cycle; `plane`, the two dofs of its orbit."""

    plane: Dofs | None = None

    @model_validator(mode="after")
    def _two(self) -> "Cycle":
        if self.plane is not None and self.plane[0] == self.plane[1]:
            raise ValueError(f"plane is spanned by two different dofs, not by {self.plane[0]} twice")
        return self


class Lifetime(Table):
    """`[lifetime.NAME]`: the time until a bond between two dofs or two atoms is longer than a limit."""

    bond: Dofs | None = None
    atoms: Dofs | None = None
    limit: Annotated[float, Quantity("length")]

    @model_validator(mode="after")
    def _one_kind(self) -> "Lifetime":
        found = [name for name in ("bond", "atoms") if getattr(self, name) is not None]
        if len(found) != 1:
            raise ValueError(f"give one of bond (two dofs), atoms; found {' and '.join(found) or 'none'}")
        first, second = self.bond or self.atoms or (0, 1)
        if first == second:
            raise ValueError(f"{found[0]} joins two different ones, not {first} with itself")
        return self

    def passage(self, junction: "Junction") -> "Passage":
        """What is watched for. InputError for dofs or atoms that are not there."""
        from sgle.analysis.passage import Passage, distance, elongation

        if self.bond is not None:
            return Passage(elongation(junction, *self.bond), self.limit)
        return Passage(distance(junction, *(self.atoms or ())), self.limit)


def watched(tables: "Tables", junction: "Junction") -> dict[str, "Passage"]:
    """The passages of all [lifetime.NAME], all problems at once."""
    made, problems = {}, []
    for name, table in tables.lifetime.items():
        try:
            made[name] = table.passage(junction)
        except InputError as error:
            problems.append(f"lifetime.{name}: {error}")
    if problems:
        raise RecipeError("\n".join(problems), problems=problems)
    return made


def plane_of(tables: "Tables", size: int) -> Any:
    """The plane of `[cycle]`, rows (2, N); None for the mode's own. RecipeError for dofs that are not there."""
    import numpy as np

    if tables.cycle is None or tables.cycle.plane is None:
        return None
    if max(tables.cycle.plane) >= size:
        problem = f"cycle.plane: dof {max(tables.cycle.plane)} is not among 0 ... {size - 1}"
        raise RecipeError(problem, problems=[problem])
    return np.eye(size)[tables.cycle.plane]


def problems_of(tables: "Tables") -> list[str]:
    """What does not go together with the rest of the recipe."""
    problems = []
    for name in ("bias", "exceptional_bias"):
        if getattr(tables.stability, name, None) is not None and not has_electrons(tables):
            problems.append(f"stability.{name}: no bath feels a bias; only electrons do")
    if tables.growth is not None and tables.run is None:
        problems.append("growth: trajectories need the time step of [run]")
    if tables.cycle is not None and not tables.anharmonic and not has_own(tables):
        problems.append("cycle: harmonic motion has no limit cycle; it needs [anharmonic]")
    for name, table in tables.lifetime.items():
        if table.bond is not None and tables.top.units == "eV":
            problems.append(f"lifetime.{name}.bond: limits in Å are for atoms = [i, j]; bond is for natural units")
    return problems + _without_trajectories(tables)


def _without_trajectories(tables: "Tables") -> list[str]:
    """Tables that ask about trajectories where there are none."""
    asked = [name for name in ("cycle", "lifetime") if getattr(tables, name)]
    if tables.run is None:
        return [f"{name}: this is found out in trajectories; it needs [run]" for name in asked]
    if tables.run.method == "stationary":
        return [f'{name}: method = "stationary" makes no trajectories' for name in asked]
    return []


def has_own(tables: "Tables") -> bool:
    """Whether the system may bring baths or forces that the recipe does not name: a model's, or those of a file."""
    from sgle.recipe.models import Built

    return isinstance(tables.system, Built) or getattr(tables.system, "junction", None) is not None


def has_electrons(tables: "Tables") -> bool:
    """Whether there may be electrons."""
    return has_own(tables) or any(kind in ELECTRONS for kind, _ in tables.baths.values())
