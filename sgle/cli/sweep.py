"""Sweeps: one folder per value, and all of them side by side."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sgle.cli.describe import describe
from sgle.cli.folder import prepare, write_text
from sgle.cli.pictures import sweep_picture
from sgle.cli.run import DISAGREES, DONE, INTERRUPTED, REPORT, run_point, status
from sgle.cli.tables import number, table
from sgle.recipe import Recipe
from sgle.units import by_name

if TYPE_CHECKING:
    from sgle.analysis.result import Result
    from sgle.junction import Junction

# What is gathered from each point: (estimate, column title, quantity of sgle.units).
COLLECTED = (("kinetic_energy", "kinetic energy", "energy"), ("heat_current", "heat current into", "heat_current"))


def run_sweep(
    recipe: Recipe, points: Sequence[tuple[float, Recipe]], junctions: Sequence["Junction"], folder: Path
) -> int:
    """Run every point into its own folder, then write sweep.csv and sweep.png; the worst status of all points."""
    from sgle.analysis.report import write_report

    print(describe(recipe, junctions[0]))
    done: list[tuple[float, Result]] = []
    for (value, point), junction in zip(points, junctions, strict=True):
        place = prepare(folder / f"{recipe.swept}={value:g}", overwrite=True)
        print(f"\n{recipe.swept} = {value:g} ({len(done) + 1} of {len(points)})", flush=True)
        result = run_point(point, junction, place)
        write_report(result, place)
        print(f"{result.crosscheck.sentences()[0]}\nreport: {place / REPORT}")
        done.append((value, result))
        if result.interrupted:
            break
    _conclude(recipe, done, folder)
    statuses = [status(result) for _, result in done]
    return INTERRUPTED if INTERRUPTED in statuses else DISAGREES if DISAGREES in statuses else DONE


def _conclude(recipe: Recipe, done: Sequence[tuple[float, "Result"]], folder: Path) -> None:
    """Table on the terminal and in sweep.csv, picture in sweep.png."""
    units, swept = by_name(recipe.units), recipe.swept or ""
    write_text(folder / "recipe.toml", recipe.text)
    columns = _columns(done, units)
    write_text(folder / "sweep.csv", _csv(swept, columns, [value for value, _ in done]))
    sweep_picture(folder / "sweep.png", recipe, columns, [value for value, _ in done])
    rows = [[f"{value:g}", f"{result.crosscheck.limit_used:.2f}", result.crosscheck.verdict] for value, result in done]
    print(f"\n{table([swept, 'largest |z|', 'cross-check'], rows)}\nall points: {folder / 'sweep.csv'}, {folder / 'sweep.png'}")
