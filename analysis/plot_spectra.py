"""Picture of velocity spectra: sampled points over what theory says such a periodogram shows."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgle.analysis.plot_style import GRID, SAMPLED, new_figure, plain
from sgle.analysis.result import Result

MOST_PANELS = 6
FLOOR = 1e-4  # of the peak: below this nothing is drawn
Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]


def spectra(result: Result) -> Figure:
    """A panel for each dof, below it its ratio to theory, if there is one; of many dofs, those with most energy."""
    assert result.spectra is not None
    known, energy = result.spectra.grid is not None, result.kinetic_energy
    size = np.asarray(energy.value if energy.grid is None else energy.grid)
    dofs = np.sort(np.argsort(-size, kind="stable")[:MOST_PANELS])
    columns = min(2, len(dofs))
    rows = -(-len(dofs) // columns)
    figure = new_figure(5.2 * columns, 0.7 + (3.3 if known else 2.6) * rows)
    ratios = (2.4, 1) if known else (1,)
    panels = figure.subplots(len(ratios) * rows, columns, sharex=True, squeeze=False, height_ratios=ratios * rows)
    upper, lower = panels[0 :: len(ratios)].ravel(), panels[len(ratios) - 1 :: len(ratios)].ravel()
    for above, below, dof in zip(upper, lower, dofs, strict=False):
        shown = _columns(result, int(dof))
        _spectrum(above, shown)
        if known:
            _ratio(below, shown)
        label = result.units.titled("velocity spectrum", "spectrum")
        plain(above, str(result.labels("kinetic_energy")[dof]), y=label)
        below.set_xlabel(result.units.titled("ω", "frequency"))
    for panel in (*upper[len(dofs) :], *lower[len(dofs) :]):
        panel.set_visible(False)
    figure.legend(*upper[0].get_legend_handles_labels(), frameon=False, fontsize=8, ncols=2, loc="outside lower center")
    return figure


def _columns(result: Result, dof: int) -> Columns:
    """ω, sampled, its error and the expected spectrum of one dof, if there is one, as far as there is much to see."""
    spectrum = result.spectra
    assert spectrum is not None and result.frequency is not None
    value, stderr = np.asarray(spectrum.value)[:, dof], np.asarray(spectrum.stderr)[:, dof]
    exact = None if spectrum.grid is None else np.asarray(spectrum.grid)[:, dof]
    size = value if exact is None else exact
    end = int(np.flatnonzero(size > FLOOR * size.max())[-1]) + 1
    omega = result.frequency * result.units.scale("frequency")
    return omega[:end], value[:end], stderr[:end], None if exact is None else exact[:end]


def _spectrum(axes: Axes, shown: Columns) -> None:
    omega, value, _, exact = shown
    if exact is not None:
        axes.plot(omega, exact, color=GRID, linewidth=2.2, alpha=0.6, label="exact, this time step and window")
    axes.plot(omega, value, ".", color=SAMPLED, markersize=3, label="sampled ± 1 standard error")
    axes.set_yscale("log")
    largest = (value if exact is None else exact).max()
    axes.set_ylim(FLOOR * largest, 3 * largest)
    axes.set_xlim(omega[0], omega[-1])


def _ratio(axes: Axes, shown: Columns) -> None:
    omega, value, stderr, exact = shown
    assert exact is not None
    some = exact > 0
    ratio, error = value[some] / exact[some], stderr[some] / exact[some]
    axes.axhline(1, color=GRID, linewidth=1.5)
    axes.fill_between(omega[some], ratio - error, ratio + error, color=SAMPLED, alpha=0.2, linewidth=0)
    axes.plot(omega[some], ratio, ".", color=SAMPLED, markersize=2)
    reach = max(5 * float(np.median(error)), 1e-3)
    axes.set_ylim(1 - reach, 1 + reach)
    plain(axes, y="ratio")
