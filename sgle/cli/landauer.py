"""`sgle landauer RECIPE`: exact answers in the frequency domain, of one junction or along a sweep."""

from argparse import Namespace
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sgle.analysis.columns import Column, as_csv, exact_columns
from sgle.cli.describe import describe
from sgle.cli.folder import prepare, write_text
from sgle.cli.tables import MOST_ROWS, number, table
from sgle.recipe import Recipe
from sgle.units import by_name

if TYPE_CHECKING:
    from sgle.analysis.landauer_plots import Spectra
    from sgle.junction import Junction

BACKGROUND, PER_MODE = 400, 61


def execute(arguments: Namespace) -> int:
    """Compute, print and draw; nothing is sampled."""
    from sgle.landauer import answers
    from sgle.stability import require_stable

    recipe = Recipe.load(arguments.recipe, arguments.overrides)
    points = recipe.points()
    junctions = [point.junction() for _, point in points] or [recipe.junction()]
    for junction in junctions:
        require_stable(junction)
    folder = prepare(arguments.output or f"{recipe.name}-landauer", arguments.overwrite)
    print(describe(recipe, junctions[0]), flush=True)
    found = [answers(junction) for junction in junctions]
    columns = exact_columns(found, by_name(recipe.units))
    write_text(folder / "recipe.toml", recipe.text)
    if points:
        _sweep(recipe, [value for value, _ in points], columns, folder)
    else:
        _single(recipe, junctions[0], columns, folder)
    print(f"relative error of the integrals: {max(each.error for each in found):.0e}")
    return 0


def _single(recipe: Recipe, junction: "Junction", columns: Sequence[Column], folder: Path) -> None:
    """Table, landauer.csv, spectra.csv and landauer.png of one junction."""
    from sgle.analysis.landauer_plots import landauer_picture

    spectra = make_spectra(junction)
    write_text(folder / "landauer.csv", as_csv("recipe", [0.0], columns))
    write_text(folder / "spectra.csv", _spectra_csv(spectra, recipe))
    landauer_picture(folder / "landauer.png", recipe, columns, spectra)
    rows: list[list[str]] = []
    for panel in dict.fromkeys(column.panel for column in columns):
        rows.append([panel, ""])
        rows += [[f"  {c.label}", number(c.values[0], 8)] for c in columns if c.panel == panel]
    print(f"\n{table(['', 'continuum'], rows)}\n")
    print(f"written: {folder / 'landauer.png'}, {folder / 'landauer.csv'}, {folder / 'spectra.csv'}")


def _sweep(recipe: Recipe, values: Sequence[float], columns: Sequence[Column], folder: Path) -> None:
    """Table, landauer.csv and landauer.png against the swept value."""
    from sgle.analysis.landauer_plots import sweep_picture

    write_text(folder / "landauer.csv", as_csv(recipe.swept or "", values, columns))
    sweep_picture(folder / "landauer.png", recipe, values, columns)
    printed = columns if len(columns) <= MOST_ROWS else [c for c in columns if not c.panel.startswith("kinetic")]
    head = [recipe.swept or "", *(f"{'E' if c.panel.startswith('kinetic') else 'J'} {c.label}" for c in printed)]
    rows = [[f"{value:g}", *(number(c.values[k]) for c in printed)] for k, value in enumerate(values)]
    for panel in dict.fromkeys(column.panel for column in printed):
        print(f"{'E' if panel.startswith('kinetic') else 'J'} = {panel}")
    print(f"\n{table(head, rows)}\n")
    print(f"written: {folder / 'landauer.png'}, {folder / 'landauer.csv'}")


def make_spectra(junction: "Junction") -> "Spectra":
    """Spectra on frequencies that are dense around every resonance."""
    from sgle import landauer
    from sgle.analysis.landauer_plots import Spectra
    from sgle.stability import resonances

    modes = resonances(junction)
    omega = frequencies(modes)
    phonons = [name for name, bath in junction.baths.items() if bath.bias == 0 and "bias" not in bath.spec]
    spectra = Spectra(omega, landauer.velocity_spectrum(junction, omega))
    for a, b in combinations(phonons, 2):
        spectra.transmission[a, b] = landauer.transmission(junction, omega, a, b)
    return spectra


def frequencies(modes: np.ndarray) -> np.ndarray:
    """(n_w,) ascending from just above zero to 1.2 times the fastest mode; around each z within 30 widths."""
    top = 1.2 * float(np.max(modes.real))
    offsets = np.sinh(np.linspace(-4.1, 4.1, PER_MODE))  # in half widths, dense at the centre
    around = modes.real[:, None] + np.abs(modes.imag)[:, None] * offsets
    points = np.concatenate([np.linspace(0, top, BACKGROUND + 1)[1:], around.ravel()])
    return np.unique(points[(points > 0) & (points <= top)])


def _spectra_csv(spectra: "Spectra", recipe: Recipe) -> str:
    """Spectra in internal units but for the frequency, which is as displayed."""
    units = by_name(recipe.units)
    unit = units.label("frequency")
    columns = [spectra.omega * units.scale("frequency"), *spectra.velocity.T, *spectra.transmission.values()]
    head = [f"frequency [{unit}]" if unit else "frequency"]
    head += [f"velocity spectrum dof {k}" for k in range(spectra.velocity.shape[1])]
    head += [f"transmission {a} -> {b}" for a, b in spectra.transmission]
    lines = [",".join(f"{value:.8g}" for value in row) for row in np.column_stack(columns)]
    return "\n".join([",".join(head), *lines]) + "\n"
