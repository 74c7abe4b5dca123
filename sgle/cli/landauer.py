"""`sgle landauer RECIPE`: exact answers in the frequency domain, of one junction or along a sweep."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from sgle.analysis.columns import Column, as_csv, exact_columns
from sgle.analysis.pair_columns import emission_csv
from sgle.cli.describe import describe
from sgle.cli.exact_tables import single_table, sweep_table
from sgle.cli.folder import prepare, write_text
from sgle.cli.pair_tables import pair_sentences, pair_table
from sgle.recipe import Recipe
from sgle.recipe.stability import BIAS_KEYS
from sgle.units import by_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sgle.analysis.solved import Pair
    from sgle.junction import Junction

    Found = tuple[list[Pair], list[Column]]


def execute(arguments: Namespace) -> int:
    """Compute, print and draw; nothing is sampled."""
    recipe = Recipe.load(arguments.recipe, arguments.overrides)
    return frequency_domain(recipe, arguments.output or f"{recipe.name}-landauer", arguments.overwrite)


def frequency_domain(recipe: Recipe, target: str, overwrite: bool) -> int:
    """Exact answers of a recipe, or of every point of its sweep, into the folder `target`.

    Raises UnstableError for a junction without steady state, and for a sweep if no point has one.
    """
    if recipe.tables.study:
        from sgle.cli.study import study

        return study(recipe, target, overwrite)
    if len(recipe.tables.sweep) < 2:
        return _one(recipe, target, overwrite)
    from sgle.cli.slices import every

    folder = prepare(target, overwrite)
    found: dict[str, Found] = {}

    def one(part: Recipe, place: Path) -> int:
        return _one(part, place, overwrite, found)

    status = every(recipe, folder, "landauer.csv", one)
    if recipe.tables.ehp is not None:
        _tell(_side_by_side(recipe, found, folder))
    return status


def _one(recipe: Recipe, target: str | Path, overwrite: bool, found: "dict[str, Found] | None" = None) -> int:
    """The same for a sweep over one key, or none. found : takes the answers, by name of the folder."""
    points = recipe.points()
    junctions = [point.junction() for _, point in points] or [recipe.junction()]
    _require_one_stable(junctions)
    folder = prepare(target, overwrite)
    print(describe(recipe, junctions[0]), flush=True)
    pairs = solve(recipe, junctions, [value for value, _ in points] or [0.0])
    columns = exact_columns(pairs, by_name(recipe.units))
    if found is not None:
        found[folder.name] = (pairs, columns)
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
    probes = tables.probes.arguments() if tables.probes else None
    wanted = Wanted(without, probes, tables.channels is not None, tables.ehp)
    zero: list[Junction] = []
    biased = recipe.swept in BIAS_KEYS  # all points have the same reference, stopping bias and threshold
    if biased:
        zero = [junctions[0].at_bias(0.0), junctions[0].at_bias(0.0).without(*without)]
    steps = zip(junctions, values, strict=True)
    found: list[Pair] = []
    for junction, value in tqdm(steps, total=len(values), disable=None if len(values) > 1 else True, leave=False):
        known = found[0].full.pairs if biased and found else None
        found.append(solve_pair(junction, wanted, value, zero, known))
    return found


def _single(recipe: Recipe, pair: "Pair", columns: Sequence[Column], folder: Path) -> None:
    """Table, landauer.csv, spectra.csv and pictures of one junction."""
    from sgle.analysis.exact_spectra import make_spectra, spectra_csv
    from sgle.analysis.landauer_plots import landauer_pictures, write_pictures

    without = recipe.compared
    spectra = make_spectra(pair.full.junction)
    write_text(folder / "landauer.csv", as_csv("recipe", [0.0], columns, without, [pair.note]))
    write_text(folder / "spectra.csv", spectra_csv(spectra, by_name(recipe.units)))
    figures = landauer_pictures(recipe, pair, columns, spectra) | _pair_pictures(recipe, [pair], columns)
    pictures = write_pictures(figures, folder)
    print(f"\n{single_table(columns, without)}\n")
    for told in (pair.note, *pair_sentences("", [pair], columns)):
        print(f"{told}\n" if told else "", end="")
    _tell([*pictures, folder / "landauer.csv", folder / "spectra.csv", *_emission(recipe, [pair], folder)])


def _sweep(recipe: Recipe, pairs: Sequence["Pair"], columns: Sequence[Column], folder: Path) -> None:
    """Table, landauer.csv and pictures against the swept value."""
    from sgle.analysis.landauer_plots import sweep_pictures, write_pictures

    swept, without = recipe.swept or "", recipe.compared
    values, notes = [pair.value for pair in pairs], [pair.note for pair in pairs]
    write_text(folder / "landauer.csv", as_csv(swept, values, columns, without, notes))
    figures = sweep_pictures(recipe, pairs, columns) | _pair_pictures(recipe, pairs, columns)
    pictures = write_pictures(figures, folder)
    print(f"\n{sweep_table(swept, pairs, columns, without)}\n")
    if recipe.tables.ehp is not None:
        print("\n".join([pair_table(swept, pairs, columns), "", *pair_sentences(swept, pairs, columns)]))
    _tell([*pictures, folder / "landauer.csv", *_emission(recipe, pairs, folder)])


def _pair_pictures(recipe: Recipe, pairs: Sequence["Pair"], columns: Sequence[Column]) -> "dict[str, Figure]":
    from sgle.analysis.pair_plots import pair_pictures

    return {} if recipe.tables.ehp is None else pair_pictures(recipe, pairs, columns)


def _side_by_side(recipe: Recipe, found: "dict[str, Found]", folder: Path) -> list[Path]:
    """pairs.png of all slices of a sweep over several keys."""
    from sgle.analysis.landauer_plots import write_pictures
    from sgle.analysis.pair_plots import slices_figure
    from sgle.cli.slices import place

    slices = [(values, *found[place(values)]) for values, _ in recipe.slices() if place(values) in found]
    return write_pictures({"pairs": slices_figure(recipe, slices)}, folder)


def _emission(recipe: Recipe, pairs: Sequence["Pair"], folder: Path) -> list[Path]:
    """emission.csv, if an emission spectrum is asked for."""
    if recipe.tables.ehp is None or recipe.tables.ehp.emission is None:
        return []
    write_text(folder / "emission.csv", emission_csv(recipe.swept or "recipe", pairs, by_name(recipe.units)))
    return [folder / "emission.csv"]


def _tell(paths: Sequence[Path]) -> None:
    print(f"written: {', '.join(str(path) for path in paths)}")
