"""Recipe: a validated TOML file, ready to be built and run."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sgle.errors import RecipeError
from sgle.recipe.dump import dumps
from sgle.recipe.schema import SWITCH_NAMES
from sgle.recipe.source import decode, find, override, put
from sgle.recipe.tables import Tables, parse

if TYPE_CHECKING:
    from sgle.grid import Grid
    from sgle.junction import Junction


@dataclass(frozen=True)
class Recipe:
    """What is computed and how: made by `Recipe.load`, every key checked, everything in internal units.

    name, title, description : as in the file; name defaults to that of the file
    units : "eV" or "natural", how results are shown
    tables : the checked tables.    data : the same as read, overrides included.    text : TOML that gives it again
    """

    name: str
    title: str
    description: str
    units: str
    tables: Tables
    data: dict[str, Any]
    text: str

    @classmethod
    def load(cls, name_or_path: str | Path, overrides: Sequence[str] = ()) -> "Recipe":
        """Read a recipe file or a shipped recipe; `overrides` are "dotted.key=value". RecipeError with all problems."""
        name, content, folder = find(name_or_path)
        return cls.from_bytes(content, name=name, overrides=overrides, folder=folder)

    @classmethod
    def from_bytes(
        cls, content: bytes, *, name: str = "recipe", overrides: Sequence[str] = (), folder: Path | None = None
    ) -> "Recipe":
        """A recipe from the bytes of a TOML file; paths inside are relative to `folder` (default: here)."""
        text, data = decode(content, name)
        read = deepcopy(data)
        _absolute(data, folder or Path.cwd())
        problems = override(data, overrides)
        _absolute(data, Path.cwd())
        return cls._from_data(data, text if data == read else dumps, name, problems)

    @classmethod
    def _from_data(cls, data: dict[str, Any], text: Any, name: str, problems: Sequence[str] = ()) -> "Recipe":
        tables, found = parse(data)
        if tables is None or problems:
            everything = [*problems, *found]
            raise RecipeError("\n".join(everything), problems=everything)
        top = tables.top
        written = text if isinstance(text, str) else text(data)
        recipe = cls(top.name or name, top.title, top.description, top.units, tables, data, written)
        recipe.points() if len(tables.sweep) < 2 else recipe.slices()
        return recipe

    @property
    def swept(self) -> str | None:
        """The dotted key that is swept, the first of several, or None."""
        return next(iter(self.tables.sweep), None)

    def slices(self) -> list[tuple[dict[str, float], "Recipe"]]:
        """A sweep over several keys, cut into sweeps over the first: one for each combination of values of the others.

        Returns : ({other key: value}, recipe with a sweep of one key); [({}, this recipe)] where there is no other key.
        Raises : RecipeError if one of them is impossible.
        """
        others = dict(list(self.tables.sweep.items())[1:])
        return self.combinations(others) if others else [({}, self)]

    def combinations(self, swept: Mapping[str, Sequence[float]]) -> list[tuple[dict[str, float], "Recipe"]]:
        """This recipe with every combination of values of some keys, each with what is left of the sweep.

        Returns : ({key: value}, recipe).    Raises : RecipeError if one of them is impossible.
        """
        left = {key: list(values) for key, values in self.tables.sweep.items() if key not in swept}
        rest = {key: table for key, table in self.data.items() if key != "sweep"}
        rest |= {"sweep": left} if left else {}
        made, problems = [], []
        for combination in product(*swept.values()):
            values = dict(zip(swept, combination, strict=True))
            data = deepcopy(rest)
            found = [problem for key, value in values.items() for problem in put(data, key, value)]
            try:
                made.append((values, self._from_data(data, dumps, self.name, found)))
            except RecipeError as error:
                place = ", ".join(f"{key} = {value}" for key, value in values.items())
                problems += [f"sweep, {place}: {problem}" for problem in error.problems]
        if problems:
            raise RecipeError("\n".join(problems), problems=problems)
        return made

    @property
    def compared(self) -> str:
        """What the second set of exact answers is called: "without asymmetric forces"; empty if there is none."""
        compare = self.tables.compare
        return f"without {', '.join(SWITCH_NAMES[name] for name in compare.without)}" if compare else ""

    def points(self) -> list[tuple[float, "Recipe"]]:
        """(value, recipe without sweep) for every value of the sweep; RecipeError if one of them is impossible."""
        made, problems = [], []
        for number, value in enumerate(self.tables.sweep.get(self.swept or "", [])):
            data = deepcopy({key: table for key, table in self.data.items() if key != "sweep"})
            found = put(data, self.swept or "", value)
            try:
                made.append((float(value), self._from_data(data, dumps, self.name, found)))
            except RecipeError as error:
                problems += [f"sweep.{self.swept}[{number}] = {value}: {problem}" for problem in error.problems]
        if problems:
            raise RecipeError("\n".join(problems), problems=problems)
        return made

    def junction(self) -> "Junction":
        """The junction at its bias, baths and switches applied; JunctionError, BathError, SpectrumError, FileError."""
        from sgle.recipe.build import build_junction

        return build_junction(self.tables)

    def grid(self) -> "Grid":
        """The time grid of `[run]`."""
        from sgle.recipe.build import build_grid

        return build_grid(self._run())

    @property
    def settings(self) -> dict[str, Any]:
        """Keyword arguments of sgle.simulate, in internal units."""
        from sgle.recipe.build import simulate_settings

        return simulate_settings(self._run())

    def _run(self) -> Any:
        if self.tables.run is None:
            problem = "run: this table is missing; it needs time_step, steps or duration, trajectories"
            raise RecipeError(problem, problems=[problem])
        return self.tables.run


def _absolute(data: dict[str, Any], folder: Path) -> None:
    """Make the paths of junction file and structures independent of where the recipe is read next."""
    forces = data.get("anharmonic")
    named = forces.values() if isinstance(forces, dict) else ()
    for table, key in ((data.get("system"), "junction"), *((force, "structure") for force in (forces, *named))):
        path = table.get(key) if isinstance(table, dict) else None
        if isinstance(path, str) and path and "\0" not in path:
            table[key] = str(folder / path)
