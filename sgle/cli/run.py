"""`sgle run RECIPE`: simulate, compare with theory, write everything down."""

import sys
import warnings
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sgle.cli.describe import describe, summary
from sgle.cli.folder import prepare, write_text
from sgle.errors import ContinuumWarning, CrossCheckWarning, UnstableError
from sgle.recipe import Recipe

if TYPE_CHECKING:
    from sgle.analysis.result import Result
    from sgle.junction import Junction

DONE, DISAGREES, INTERRUPTED = 0, 1, 130
RESULTS, RECIPE, REPORT = "results.h5", "recipe.toml", "report.html"


def execute(arguments: Namespace) -> int:
    """Run a recipe, or every point of its sweep."""
    recipe = Recipe.load(arguments.recipe, arguments.overrides)
    target = arguments.output or f"{recipe.name}-run"
    if recipe.tables.run is None:
        from sgle.cli.landauer import frequency_domain

        print("no [run] in this recipe: exact answers in the frequency domain only, nothing is sampled", flush=True)
        return frequency_domain(recipe, target, arguments.overwrite)
    points = recipe.points()
    junctions = [point.junction() for _, point in points] or [recipe.junction()]
    recipes = [point for _, point in points] or [recipe]
    problems = [_trouble(each, junction) for each, junction in zip(recipes, junctions, strict=True)]
    if all(problems):  # one junction, or a sweep of which no point has a steady state
        refuse_impossible(recipes[0], junctions[0])
    folder = prepare(target, arguments.overwrite)
    if points:
        from sgle.cli.sweep import run_sweep

        return run_sweep(recipe, points, junctions, problems, folder)
    print(describe(recipe, junctions[0]))
    result = run_point(recipe, junctions[0], folder)
    print(f"\n{summary(result)}")
    _write_report(result, folder)
    print(f"report: {folder / REPORT}")
    if result.interrupted:
        print(f"sgle: interrupted; what was finished is in {folder / RESULTS}", file=sys.stderr)
    return status(result)


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
    from sgle.stability import require_stable

    require_stable(junction)
    require_stable(junction, recipe.grid().model(junction).grid)


def run_point(recipe: Recipe, junction: "Junction", folder: Path) -> "Result":
    """Simulate one recipe; results.h5 is on disk, marked as interrupted, from the first finished batch on."""
    from sgle.analysis.simulate import simulate

    settings = recipe.settings
    print(f"{settings['trajectories']} trajectories of {settings['steps']} steps, seed {settings['seed']}", flush=True)
    kept: list[Result] = []

    def keep(found: "Result") -> None:
        kept[:] = [replace(found, interrupted=True)]
        _save(kept[0], recipe, folder)

    try:
        with warnings.catch_warnings():
            for told in (ContinuumWarning, CrossCheckWarning):  # part of the verdict that is printed
                warnings.simplefilter("ignore", told)
            result = simulate(junction, **settings, units=recipe.units, recipe=recipe.text, on_batch=keep)
    except KeyboardInterrupt:
        if not kept:
            raise
        return kept[0]
    _save(result, recipe, folder)
    return result


def _save(result: "Result", recipe: Recipe, folder: Path) -> None:
    write_text(folder / RECIPE, recipe.text)
    result.save(folder / RESULTS)


def status(result: "Result") -> int:
    """Exit status of one result."""
    if result.interrupted:
        return INTERRUPTED
    return DONE if result.crosscheck.passed else DISAGREES


def _write_report(result: "Result", folder: Path) -> None:
    from sgle.analysis.report import write_report

    write_report(result, folder)
