"""`sgle run RECIPE`: simulate, compare with theory, write everything down."""

import warnings
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from sgle.cli.describe import describe, summary
from sgle.cli.folder import prepare, write_text
from sgle.recipe import Recipe

if TYPE_CHECKING:
    from sgle.analysis.result import Result
    from sgle.junction import Junction

DONE, DISAGREES, INTERRUPTED = 0, 1, 130
RESULTS, RECIPE, REPORT = "results.h5", "recipe.toml", "report.html"


def execute(arguments: Namespace) -> int:
    """Run a recipe, or every point of its sweep."""
    recipe = Recipe.load(arguments.recipe, arguments.overrides)
    _ = recipe.settings
    points = recipe.points()
    junctions = [point.junction() for _, point in points] or [recipe.junction()]
    for (_, point), junction in zip(points or [(0.0, recipe)], junctions, strict=True):
        _refuse_impossible(point, junction)
    folder = prepare(arguments.output or f"{recipe.name}-run", arguments.overwrite)
    if points:
        from sgle.cli.sweep import run_sweep

        return run_sweep(recipe, points, junctions, folder)
    print(describe(recipe, junctions[0]))
    result = run_point(recipe, junctions[0], folder)
    print(f"\n{summary(result)}")
    _write_report(result, folder)
    print(f"report: {folder / REPORT}")
    return status(result)


def _refuse_impossible(recipe: Recipe, junction: "Junction") -> None:
    """Raise what the simulation would raise before its first step, while nothing is on disk yet."""
    from sgle.stability import require_stable

    require_stable(junction)
    require_stable(junction, recipe.grid().model(junction).grid)


def run_point(recipe: Recipe, junction: "Junction", folder: Path) -> "Result":
    """Simulate one recipe; recipe.toml and results.h5 are on disk from the first finished batch on."""
    from sgle.analysis.simulate import simulate

    settings = recipe.settings
    steps, trajectories = settings["steps"], settings["trajectories"]
    print(f"{trajectories} trajectories of {steps} steps, seed {settings['seed']}", flush=True)
    write_text(folder / RECIPE, recipe.text)
    path = folder / RESULTS
    with warnings.catch_warnings():
        result = simulate(
            junction, **settings, units=recipe.units, recipe=recipe.text, on_batch=lambda found: found.save(path)
        )
    result.save(path)
    return result


def status(result: "Result") -> int:
    """Exit status of one result."""
    if result.interrupted:
        return INTERRUPTED
    return DONE if result.crosscheck.passed else DISAGREES


def _write_report(result: "Result", folder: Path) -> None:
    from sgle.analysis.report import write_report

    write_report(result, folder)
