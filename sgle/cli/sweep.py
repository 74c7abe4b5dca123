"""Sweeps of `sgle run`: one folder per value, and all of them side by side."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sgle.analysis.columns import as_csv, sampled_columns
from sgle.analysis.landauer_plots import sweep_picture
from sgle.cli.describe import describe
from sgle.cli.folder import RECIPE, prepare, write_text
from sgle.cli.point import Means, run_point
from sgle.cli.run import DISAGREES, DONE, INTERRUPTED, REPORT, status, told_interrupted
from sgle.cli.tables import table
from sgle.recipe import Recipe
from sgle.recipe.stability import BIAS_KEYS
from sgle.units import by_name

if TYPE_CHECKING:
    from sgle.analysis.result import Result
    from sgle.junction import Junction


def run_sweep(
    recipe: Recipe,
    points: Sequence[tuple[float, Recipe]],
    junctions: Sequence["Junction"],
    problems: Sequence[str],
    folder: Path,
    means: Means,
) -> int:
    """Run every point into its own folder, then write sweep.csv and sweep.png; the worst status of all points.

    Points that are finished are not run again if the sweep is resumed.

    problems : of each point, why it cannot be run; empty for those that can.
    """
    from sgle.analysis.report import write_report

    print(describe(recipe, junctions[0]))
    write_text(folder / RECIPE, recipe.text)
    done: list[tuple[float, Result | str]] = []
    for (value, point), junction, problem in zip(points, junctions, problems, strict=True):
        print(f"\n{recipe.swept} = {value:g} ({len(done) + 1} of {len(points)})", flush=True)
        if problem:
            print(problem)
            done.append((value, problem))
            continue
        place = prepare(folder / f"{recipe.swept}={value:g}", overwrite=True)
        result = run_point(point, junction, place, means)
        write_report(result, place)
        target = [result.settings["target"]] if "target" in result.settings else []
        print("\n".join([*target, result.crosscheck.sentences()[0], f"report: {place / REPORT}"]))
        done.append((value, result))
        if result.interrupted:
            told_interrupted(place)
            break
    _conclude(recipe, done, folder)
    statuses = [status(result) for _, result in done if not isinstance(result, str)]
    return next((bad for bad in (INTERRUPTED, DISAGREES) if bad in statuses), DONE)


def _conclude(recipe: Recipe, done: Sequence[tuple[float, "Result | str"]], folder: Path) -> None:
    """Verdicts on the terminal, numbers in sweep.csv and sweep.png."""
    swept, values = recipe.swept or "", [value for value, _ in done]
    columns = sampled_columns(
        [None if isinstance(result, str) else result for _, result in done], by_name(recipe.units)
    )
    notes = [result if isinstance(result, str) else "" for _, result in done]
    write_text(folder / "sweep.csv", as_csv(swept, values, columns, notes=notes))
    sweep_picture(folder / "sweep.png", recipe, values, columns, [bool(note) for note in notes])
    rows = []
    for value, result in done:
        if isinstance(result, str):
            rows.append([f"{value:g}", "–", result])
            continue
        check = result.crosscheck
        largest = f"{max(abs(row.z) for row in check.rows):.2f}" if check.rows else "–"
        rows.append([f"{value:g}", largest, check.verdict])
    print(f"\n{table([swept, 'largest |z|', 'cross-check'], rows)}")
    if recipe.tables.cycle is not None:
        _cycles(recipe, done, folder)
    print(f"all points: {folder / 'sweep.csv'}, {folder / 'sweep.png'}")


def _cycles(recipe: Recipe, done: Sequence[tuple[float, "Result | str"]], folder: Path) -> None:
    """Limit cycles of all points in cycle.csv and cycle.png, over the threshold if it is the bias that is swept."""
    from sgle.analysis.beyond import cycle_of
    from sgle.analysis.cycle_sweep import cycle_csv, cycle_figure
    from sgle.analysis.landauer_plots import write_pictures
    from sgle.analysis.stability_answers import search

    swept, units, values = recipe.swept or "", by_name(recipe.units), [value for value, _ in done]
    cycles = [None if isinstance(result, str) else cycle_of(result) for _, result in done]
    if not any(cycles):
        return
    critical = float("nan")
    if swept in BIAS_KEYS:
        end = max(values, key=abs) * (1e-3 if swept == "bias_mV" else 1.0)
        critical = search(recipe.junction().at_bias, (0.0, end), grid=recipe.grid()).grid / end * max(values, key=abs)
    write_text(folder / "cycle.csv", cycle_csv(swept, values, cycles, units))
    write_pictures({"cycle": cycle_figure(swept, values, cycles, units, recipe.title, critical)}, folder)
    print(f"limit cycles: {folder / 'cycle.csv'}, {folder / 'cycle.png'}")
