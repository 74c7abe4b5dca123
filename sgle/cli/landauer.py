"""`sgle landauer RECIPE`: exact answers in the frequency domain, of one junction or along a sweep."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from sgle.analysis.columns import Column, as_csv, exact_columns
from sgle.cli.describe import describe
from sgle.cli.exact_tables import single_table, sweep_table
from sgle.cli.folder import prepare, write_text
from sgle.recipe import Recipe
from sgle.units import by_name

if TYPE_CHECKING:
    from sgle.analysis.solved import Pair
    from sgle.junction import Junction

BIAS_KEYS = ("bias", "bias_V", "bias_mV")


def execute(arguments: Namespace) -> int:
    """Compute, print and draw; nothing is sampled."""
    recipe = Recipe.load(arguments.recipe, arguments.overrides)
    return frequency_domain(recipe, arguments.output or f"{recipe.name}-landauer", arguments.overwrite)


def frequency_domain(recipe: Recipe, target: str, overwrite: bool) -> int:
    """Exact answers of a recipe, or of every point of its sweep, into the folder `target`.

    Raises UnstableError for a junction without steady state, and for a sweep if no point has one.
    """
    if len(recipe.tables.sweep) < 2:
        return _one(recipe, target, overwrite)
    from sgle.cli.slices import every

    folder = prepare(target, overwrite)
    return every(recipe, folder, "landauer.csv", lambda part, place: _one(part, place, overwrite))


def _one(recipe: Recipe, target: str | Path, overwrite: bool) -> int:
    """The same for a sweep over one key, or none."""
    points = recipe.points()
    junctions = [point.junction() for _, point in points] or [recipe.junction()]
    _require_one_stable(junctions)
    folder = prepare(target, overwrite)
    print(describe(recipe, junctions[0]), flush=True)
    pairs = solve(recipe, junctions, [value for value, _ in points] or [0.0])
    columns = exact_columns(pairs, by_name(recipe.units))
    write_text(folder / "recipe.toml", recipe.text)
    if points:
        _sweep(recipe, pairs, columns, folder)
    else:
        _single(recipe, pairs[0], columns, folder)
    errors = [
        solved.answers.error for pair in pairs for solved in (pair.full, pair.without) if solved and solved.answers
    ]
    print(f"relative error of the integrals: {max(errors):.0e}")
    return 0


def _require_one_stable(junctions: Sequence["Junction"]) -> None:
    from sgle.analysis.solved import trouble
    from sgle.stability import require_stable

    if all(trouble(junction) for junction in junctions):
        require_stable(junctions[0])


def solve(recipe: Recipe, junctions: Sequence["Junction"], values: Sequence[float]) -> list["Pair"]:
    """Every junction with and without what `[compare]` leaves out, under a progress bar on a terminal."""
    from sgle.analysis.solved import Wanted, solve_pair

    tables = recipe.tables
    without = tuple(tables.compare.without) if tables.compare else ()
    wanted = Wanted(without, tables.probes.arguments() if tables.probes else None, tables.channels is not None)
    zero: list[Junction] = []
    if recipe.swept in BIAS_KEYS:  # all points have the same reference
        zero = [junctions[0].at_bias(0.0), junctions[0].at_bias(0.0).without(*without)]
    steps = zip(junctions, values, strict=True)
    bar = tqdm(steps, total=len(values), disable=None if len(values) > 1 else True, leave=False)
    return [solve_pair(junction, wanted, value, zero) for junction, value in bar]


def _single(recipe: Recipe, pair: "Pair", columns: Sequence[Column], folder: Path) -> None:
    """Table, landauer.csv, spectra.csv and pictures of one junction."""
    from sgle.analysis.exact_spectra import make_spectra, spectra_csv
    from sgle.analysis.landauer_plots import landauer_pictures, write_pictures

    without = recipe.compared
    spectra = make_spectra(pair.full.junction)
    write_text(folder / "landauer.csv", as_csv("recipe", [0.0], columns, without, [pair.note]))
    write_text(folder / "spectra.csv", spectra_csv(spectra, by_name(recipe.units)))
    pictures = write_pictures(landauer_pictures(recipe, pair, columns, spectra), folder)
    print(f"\n{single_table(columns, without)}\n")
    if pair.note:
        print(f"{pair.note}\n")
    _tell([*pictures, folder / "landauer.csv", folder / "spectra.csv"])


def _sweep(recipe: Recipe, pairs: Sequence["Pair"], columns: Sequence[Column], folder: Path) -> None:
    """Table, landauer.csv and pictures against the swept value."""
    from sgle.analysis.landauer_plots import sweep_pictures, write_pictures

    swept, without = recipe.swept or "", recipe.compared
    values, notes = [pair.value for pair in pairs], [pair.note for pair in pairs]
    write_text(folder / "landauer.csv", as_csv(swept, values, columns, without, notes))
    pictures = write_pictures(sweep_pictures(recipe, pairs, columns), folder)
    print(f"\n{sweep_table(swept, pairs, columns, without)}\n")
    _tell([*pictures, folder / "landauer.csv"])


def _tell(paths: Sequence[Path]) -> None:
    print(f"written: {', '.join(str(path) for path in paths)}")
