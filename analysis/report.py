"""report.html: verdict, pictures, numbers with error bars beside both exact answers, settings; one file, no
links.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sgle.analysis.estimate import with_error
from sgle.analysis.html import folded, page, picture, preformatted, table
from sgle.analysis.instability.cycle import NAME as CYCLE
from sgle.analysis.leakage import mode_rows
from sgle.analysis.plot_style import png, save_figures
from sgle.analysis.plots import COMPARED, figures
from sgle.analysis.population_rows import heading, population_rows
from sgle.analysis.quantities import quantity
from sgle.analysis.report_beyond import Beyond, caption
from sgle.analysis.report_compare import atoms_picture, beside, compare_tables
from sgle.analysis.report_text import CAPTIONS, provenance, settings, verdict
from sgle.analysis.result import Result
from sgle.analysis.result_file import load
from sgle.errors import FileError

NAME = "report.html"
WHOLE = ("atoms", "velocity_spectrum", "energy_in_time", "z_scores", "running_averages")
MANY = 16
CONTROLLED = ("controlled_kinetic_energy", "controlled_heat_current")


def write_report(result: Result | str | Path, folder: str | Path) -> Path:
    """Write report.html and every picture as PNG and PDF into a folder, made if needed, from results alone.

    result : a Result or the path of its file. Returns : the path of the report. FileError if it cannot be
        written.
    """
    found = result if isinstance(result, Result) else load(result)
    path = Path(folder) / NAME
    more, beyond = beside(found), Beyond(found)
    drawn = (atoms_picture(found, more) if more else {}) | beyond.figures() | figures(found)
    pictures = {name: png(figure) for name, figure in drawn.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_figures(drawn, path.parent)
        path.write_text(
            html(found, pictures, compare_tables(found, more) if more else (), beyond.tables()), encoding="utf-8"
        )
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror or error}", path=str(path)) from error
    return path


def html(result: Result, pictures: dict[str, bytes], compared: Sequence[str] = (), beyond: Sequence[str] = ()) -> str:
    """The page. pictures : name -> PNG.    compared : tables with exact answers of two junctions.    beyond : what
    there is to say of limit cycles and lifetimes.
    """
    title = f"{result.junction.size} degrees of freedom, baths {', '.join(result.junction.baths)}"
    names = (*COMPARED, *CONTROLLED, *_extra(result))
    tables = [estimate_table(result, name) for name in names if name in result.estimates]
    body = [
        "<h1>Semi-classical Langevin run</h1>",
        f'<p class="lead">{title}; sampled numbers are mean ± 1 standard error over independent trajectories, '
        "the last digits in brackets.</p>",
        verdict(result),
        "<h2>Numbers</h2>",
        '<div class="tables">',
        *tables,
        *_modes(result),
        *_populations(result),
        "</div>",
        folded("cross-check: every number, the least likely first", preformatted(result.crosscheck.summary(1000))),
        *(['<h2>With and without</h2>\n<div class="tables">', *compared, "</div>"] if compared else []),
        *beyond,
        "<h2>Pictures</h2>",
        '<div class="pictures">',
        *(picture(data, _caption(name), _width(result, name)) for name, data in pictures.items()),
        "</div>",
        "<h2>Settings and origin</h2>",
        '<div class="tables">',
        settings(result),
        provenance(result),
        "</div>",
        *([folded("recipe", preformatted(result.recipe))] if result.recipe else []),
        "<footer>Written by sgle from the results file alone. Internal units: ħ = k<sub>B</sub> = e = 1.</footer>",
    ]
    return page(f"sgle: {title}", body)


def _caption(name: str) -> str:
    return CAPTIONS[name] if name in CAPTIONS else caption(name)


def _width(result: Result, name: str) -> str:
    """Pictures with many numbers take the width of the page."""
    many = name in result.estimates and np.size(result.estimates[name].value) > MANY
    return "whole" if many or name in WHOLE else "half"


def _extra(result: Result) -> list[str]:
    """Estimates of the user's own observers."""
    known = ("kinetic_energy", "heat_current", "velocity_spectrum", "band_energy", "mode_energy", CYCLE)
    return [name for name in result.estimates if name not in COMPARED and not name.endswith(known)]


def estimate_table(result: Result, name: str) -> str:
    """Sampled numbers, both exact answers, z and effective sample size, in display units; folded if there are
    many.
    """
    kind = quantity(name).kind
    shown = result.estimates[name].scaled(result.units.scale(kind))
    blank = np.full(np.shape(shown.value), np.nan)
    columns = (shown.value, shown.stderr, *(blank if x is None else x for x in (shown.grid, shown.continuum, shown.z)))
    flat = [np.ravel(column) for column in (*columns, shown.effective_samples)]
    names = np.ravel(result.labels(name))
    rows = [
        (str(label), with_error(value, error), _number(grid), _number(continuum), _z(z), f"{samples:.0f}")
        for label, value, error, grid, continuum, z, samples in zip(names, *flat, strict=True)
    ]
    off = np.flatnonzero(np.abs(np.nan_to_num(flat[4])) > result.crosscheck.limit)
    caption = result.units.titled(COMPARED.get(name, quantity(name).title), kind)
    head = ("", "sampled", "exact, this step", "exact, continuum", "z", "samples")
    made = table(caption, head, rows, (int(k) for k in off))
    return folded(f"{caption}: {len(rows)} numbers", made) if len(rows) > MANY else made


def _modes(result: Result) -> list[str]:
    """Table of the energies of the modes of an anharmonic run; folded if there are many."""
    found, units = mode_rows(result), result.units
    if not found:
        return []
    energy, scale = units.scale("energy"), units.scale("frequency")
    rows = [
        (
            str(row.mode),
            _number(row.frequency * scale),
            with_error(row.value * energy, row.stderr * energy),
            _number(row.quantum * energy),
            _number(row.harmonic * energy),
            row.share,
            _z(row.z),
        )
        for row in found
    ]
    caption = units.titled("vibrational modes: twice the kinetic energy", "energy")
    frequency = units.titled("frequency", "frequency")
    head = ("", frequency, "sampled", "weakly damped, harmonic", "harmonic, this step", "beyond it", "in error bars")
    made = table(caption, head, rows)
    return [folded(f"{caption}: {len(rows)} numbers", made) if len(rows) > MANY else made]


def _populations(result: Result) -> list[str]:
    """Table of what the quanta of the modes mean; folded if there are many."""
    rows = [row.cells(result.units) for row in population_rows(result)]
    if not rows:
        return []
    caption = "quanta of each mode"
    made = table(caption, heading(result.units), rows)
    return [folded(f"{caption}: {len(rows)} numbers", made) if len(rows) > MANY else made]


def _number(value: float) -> str:
    return f"{value:.6g}" if np.isfinite(value) else "–"


def _z(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:+.2f}"
