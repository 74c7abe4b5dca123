"""`sgle stability RECIPE`: eigenfrequencies, critical bias and what the critical mode does, of any recipe."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from sgle.cli import stability_text as text
from sgle.cli.describe import describe
from sgle.cli.folder import prepare, write_text
from sgle.cli.slices import heading
from sgle.cli.stability_question import Question
from sgle.errors import EigenfrequencyError, SgleError
from sgle.recipe import Recipe

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sgle.analysis.stability_answers import Case, ModeRow
    from sgle.junction import Junction
    from sgle.stability import Branches, ExceptionalPoint

DONE = 0
MOST_FOLLOWED = 12  # dofs of a junction whose modes are followed on the grid, too: of more it takes many minutes
Figures = dict[str, "Figure"]
Row = tuple[Mapping[str, float], "Case"]


def execute(arguments: Namespace) -> int:
    """Answer, print, draw. An unstable junction is an answer."""
    from sgle.analysis.landauer_plots import write_pictures

    recipe = Recipe.load(arguments.recipe, arguments.overrides)
    question, junction = Question.of(recipe), recipe.junction()
    obstacle = question.obstacle(junction)
    folder = prepare(arguments.output or f"{recipe.name}-stability", arguments.overwrite)
    print(describe(recipe, junction), flush=True)
    write_text(folder / "recipe.toml", recipe.text)
    answer = Answer(question, junction, folder)
    answer.modes()
    if obstacle:
        print(f"\ncritical bias: {obstacle}")
    else:
        answer.along_the_bias()
    answer.orbit()
    answer.growth()
    written = write_pictures(answer.pictures, folder)
    print(f"\nwritten: {', '.join(str(path) for path in [*written, *answer.tables])}")
    return DONE


class Answer:
    """What is found, piece by piece: said at once, tables written at once, pictures kept."""

    def __init__(self, question: Question, junction: "Junction", folder: Path) -> None:
        self.question, self.junction, self.folder = question, junction, folder
        self.pictures: Figures = {}
        self.tables: list[Path] = []
        self.first: ModeRow | None = None  # the mode whose orbit is drawn, and which one that is
        self.which = "the least damped mode"

    def modes(self) -> None:
        """Modes at the recipe's own bias."""
        from sgle.analysis.stability_answers import modes_of
        from sgle.analysis.stability_csv import modes_csv

        units, grid = self.question.units, self.question.grid
        found = modes_of(self.junction, grid, self.question.asked.depth)
        self.first = next(iter(found.rows), None)
        print(f"\n{text.modes_table(found, units, grid is not None)}", flush=True)
        self._write("modes.csv", modes_csv(found, units))

    def along_the_bias(self) -> None:
        """Critical bias, exceptional point, branches; the map over other keys."""
        cases = self._critical()
        self._write_cases([({}, case) for case in cases])
        met = self._exceptional()
        self._branches(cases, met)
        if self.question.points:
            self._map(cases)

    def _critical(self) -> "list[Case]":
        """With all forces, beside the grid's, and with each one off."""
        from sgle.analysis.stability_answers import search

        question, units = self.question, self.question.units
        cases = []
        for name in tqdm(("all", *question.without), desc="critical bias", disable=None, leave=False):
            cases.append(search(self.junction.at_bias, question.span, name, question.grid if name == "all" else None))
        _refuse(cases[0])
        print(f"\n{text.cases_table(cases, units, question.grid is not None)}")
        if cases[0].found is not None:
            print(text.first_to_go(cases[0], self.junction, units))
            self.first, self.which = cases[0].mode, "the mode that goes first"
        return cases

    def _exceptional(self) -> "ExceptionalPoint | None":
        """Where the two modes of `exceptional_pair` meet; one line if they do not."""
        from sgle.analysis.stability_pair import pair_figure
        from sgle.stability import exceptional_point, pair_of_junction

        pair, where = self.question.asked.exceptional_pair, self.question.asked.exceptional_bias
        if pair is None:
            return None
        low, high = where or self.question.asked.bias or self.question.span
        units, title = self.question.units, self.question.recipe.title
        try:
            pair_at = pair_of_junction(self.junction.harmonic.at_bias, low, (pair[0], pair[1]))
            found = exceptional_point(pair_at, (low, high))
        except EigenfrequencyError as error:
            print(f"\nexceptional point: {error}")
            return None
        print(f"\n{text.exceptional_text(found, units)}", flush=True)
        self.pictures["exceptional-point"] = pair_figure(pair_at, (low, high), found, units, title)
        return found

    def _branches(self, cases: "Sequence[Case]", met: "ExceptionalPoint | None") -> None:
        """Modes along the bias, in the continuum and on the grid."""
        from sgle.analysis.stability_csv import branches_csv
        from sgle.analysis.stability_plots import growth_figure, roots_figure

        units, title = self.question.units, self.question.recipe.title
        found = {"continuum": self._followed(None)}
        if not found["continuum"].z.size:
            return
        if self.question.grid is not None and self.junction.size <= MOST_FOLLOWED:
            try:
                found["grid"] = self._followed(self.question.grid)
            except SgleError as error:
                print(f"on the time grid modes are not followed: {error}")
        self._write("stability.csv", branches_csv(found, units))
        names = {case.name: text.case_name(case.name) for case in cases}
        self.pictures["roots"] = roots_figure(found, units, title, cases[0], met)
        self.pictures["growth-rate"] = growth_figure(found, cases, units, title, names)

    def _followed(self, grid: object) -> "Branches":
        from sgle.analysis.stability_answers import branches

        found, trouble = branches(self.junction.at_bias, self.question.values, grid, self.question.asked.depth)  # type: ignore[arg-type]
        if trouble:
            print(f"modes are not followed from one bias to the next: {trouble}")
        return found

    def _map(self, base: "Sequence[Case]") -> None:
        """Critical bias at every combination of the other swept keys."""
        from sgle.analysis.stability_answers import search
        from sgle.analysis.stability_plots import critical_figure

        question, names = self.question, [case.name for case in base]
        rows: list[Row] = []
        print()
        with tqdm(total=len(question.points) * len(names), desc="map", disable=None, leave=False) as bar:
            for values, recipe in question.points:
                same = recipe.tables == replace(question.recipe.tables, sweep={})
                junction = self.junction if same else recipe.junction()
                for case in base:
                    found = case if same else search(junction.at_bias, question.span, case.name)
                    rows.append((values, found))
                    bar.update()
                tqdm.write(text.map_line(heading(values), [case for _, case in rows[-len(names) :]], question.units))
        self._write_cases(rows)
        keys = list(question.points[0][0])
        if len(keys) == 1:
            cases = {name: [case for _, case in rows if case.name == name] for name in names}
            called = {name: text.case_name(name) for name in names}
            x = [values[keys[0]] for values, _ in question.points]
            title = question.recipe.title
            self.pictures["critical-bias"] = critical_figure(keys[0], x, cases, question.units, title, called)

    def orbit(self) -> None:
        """Picture of the mode that goes first, or of the least damped one."""
        from sgle.analysis.stability_orbit import orbit_figure

        row = self.first
        if row is None or self.junction.size < 2 or row.orbit.plane[0] == row.orbit.plane[1]:
            return
        i, j = (text.dof_name(self.junction, dof) for dof in row.orbit.plane)
        what = f"{self.which}, z = {text.complex_number(row.z, self.question.units, 5)}"
        title = f"{self.question.recipe.title}\n{what}"
        self.pictures["orbit"] = orbit_figure(row, self.junction, (i, j), title)

    def growth(self) -> None:
        """Trajectories of the harmonic junction that grow, for `[growth]`. Raises NoGrowthError where none do."""
        tables = self.question.recipe.tables
        if tables.growth is None or tables.run is None:
            return
        from sgle.analysis.instability.growth import growth_rate
        from sgle.analysis.instability.plots import growth

        run = tables.run
        memory: dict[str, Any] = {
            "memory": run.memory,
            "memory_time": run.memory_time,
            "memory_error": run.memory_error,
        }
        found = growth_rate(self.junction.harmonic, time_step=run.time_step, **dict(tables.growth), **memory)
        print(f"\n{text.growth_text(found, self.question.units)}")
        self.pictures["growth"] = growth(found, self.question.units)

    def _write_cases(self, rows: Sequence[Row]) -> None:
        from sgle.analysis.stability_csv import critical_csv

        units = self.question.units
        self._write("critical.csv", critical_csv([(*row, text.case_note(row[1], units)) for row in rows], units))

    def _write(self, name: str, table: str) -> None:
        path = self.folder / name
        write_text(path, table)
        if path not in self.tables:
            self.tables.append(path)


def _refuse(case: "Case") -> None:
    """EigenfrequencyError if the search with all forces was refused."""
    if case.found is None and case.trouble:
        raise EigenfrequencyError(case.trouble)
