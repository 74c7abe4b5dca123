"""`sgle run RECIPE`: simulate, compare with theory, write everything down."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from sgle.cli.describe import describe, summary
from sgle.cli.folder import RESULTS, occupied
from sgle.cli.output import lasting
from sgle.cli.point import Means, run_point
from sgle.errors import UnstableError
from sgle.recipe import Recipe
from sgle.recipe.stability import plane_of, watched

if TYPE_CHECKING:
    from sgle.analysis.result import Result
    from sgle.junction import Junction

DONE, DISAGREES, INTERRUPTED = 0, 1, 130
REPORT = "report.html"


@lasting()
def execute(arguments: Namespace) -> int:
    """Run a recipe, or every point of its sweep."""
    recipe = Recipe.load(arguments.recipe, arguments.overrides)
    target = arguments.output or f"{recipe.name}-run"
    if recipe.tables.run is None:
        from sgle.cli.landauer import frequency_domain

        if recipe.tables.study is None:
            print("no [run] in this recipe: exact answers in the frequency domain only, nothing is sampled", flush=True)
        return frequency_domain(recipe, target, arguments.overwrite)
    if len(recipe.tables.sweep) < 2:
        return _run(recipe, target, arguments)
    from sgle.cli.slices import every

    with occupied(target, arguments.overwrite, arguments.resume) as folder:
        return every(recipe, folder, "sweep.csv", lambda part, place: _run(part, place, arguments))


def _run(recipe: Recipe, target: str | Path, arguments: Namespace) -> int:
    """Run a recipe, or every point of its sweep over one key."""
    points = recipe.points()
    junctions = [point.junction() for _, point in points] or [recipe.junction()]
    recipes = [point for _, point in points] or [recipe]
    problems = [_trouble(each, junction) for each, junction in zip(recipes, junctions, strict=True)]
    if all(problems):  # one junction, or a sweep of which no point has a steady state
        refuse_impossible(recipes[0], junctions[0])
    means = Means.of(arguments)
    with occupied(target, arguments.overwrite, arguments.resume) as folder:
        if points:
            from sgle.cli.sweep import run_sweep

            return run_sweep(recipe, points, junctions, problems, folder, means)
        print(describe(recipe, junctions[0]))
        result = run_point(recipe, junctions[0], folder, means)
        print(f"\n{summary(result)}")
        _write_report(result, folder)
        print(f"report: {folder / REPORT}")
        if result.interrupted:
            told_interrupted(folder)
        return status(result)


def told_interrupted(folder: Path) -> None:
    """Say where things are, and how to go on."""
    text = f"interrupted; what was finished is in {folder / RESULTS}; the same command with --resume goes on"
    print(f"sgle: {text}", file=sys.stderr)


def _trouble(recipe: Recipe, junction: "Junction") -> str:
    """Why a point of a sweep cannot be run: "unstable: 1 mode"; empty if it can."""
    from sgle.analysis.solved import told

    try:
        refuse_impossible(recipe, junction)
    except UnstableError as error:
        return told(error)
    return ""


def refuse_impossible(recipe: Recipe, junction: "Junction") -> None:
    """Raise what the simulation would raise before its first step, while nothing is on disk yet."""
    from sgle.analysis.prepare import require_possible

    plane_of(recipe.tables, junction.size)
    watched(recipe.tables, junction)
    settings = recipe.settings
    require_possible(junction, settings["reference"], recipe.grid(), settings["burn_in"])


def status(result: "Result") -> int:
    """Exit status of one result."""
    if result.interrupted:
        return INTERRUPTED
    return DONE if result.crosscheck.passed else DISAGREES


def _write_report(result: "Result", folder: Path) -> None:
    from sgle.analysis.report import write_report

    write_report(result, folder)
