"""Picture of velocity spectra: sampled points over what theory says such a periodogram shows."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgle.analysis.plot_style import GRID, SAMPLED, new_figure, plain
from sgle.analysis.result import Result

MOST_PANELS = 6
FLOOR = 1e-4  # of the peak: below this nothing is drawn
Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def spectra(result: Result) -> Figure:
    """A panel for each dof, its ratio to theory below it; of many dofs, those with most kinetic energy."""
    dofs = np.sort(np.argsort(-np.asarray(result.kinetic_energy.grid), kind="stable")[:MOST_PANELS])
    columns = min(2, len(dofs))
    rows = -(-len(dofs) // columns)
    figure = new_figure(5.2 * columns, 0.7 + 3.3 * rows)
    panels = figure.subplots(2 * rows, columns, sharex=True, squeeze=False, height_ratios=(2.4, 1) * rows)
    upper, lower = panels[0::2].ravel(), panels[1::2].ravel()
    for above, below, dof in zip(upper, lower, dofs, strict=False):
        shown = _columns(result, int(dof))
        _spectrum(above, shown)
        _ratio(below, shown)
        label = result.units.titled("velocity spectrum", "spectrum")
        plain(above, str(result.labels("kinetic_energy")[dof]), y=label)
        plain(below, x=result.units.titled("ω", "frequency"), y="ratio")
    for panel in (*upper[len(dofs) :], *lower[len(dofs) :]):
        panel.set_visible(False)
    figure.legend(*upper[0].get_legend_handles_labels(), frameon=False, fontsize=8, ncols=2, loc="outside lower center")
    return figure


def _columns(result: Result, dof: int) -> Columns:
    """ω, sampled, its error and the expected spectrum of one dof, as far as there is something to see."""
    spectrum = result.spectra
    assert spectrum is not None and result.frequency is not None
    value, stderr, exact = (np.asarray(x)[:, dof] for x in (spectrum.value, spectrum.stderr, spectrum.grid))
    alive = np.flatnonzero(exact > FLOOR * exact.max())
    end = int(alive[-1]) + 1
    omega = result.frequency * result.units.scale("frequency")
    return omega[:end], value[:end], stderr[:end], exact[:end]


def _spectrum(axes: Axes, shown: Columns) -> None:
    omega, value, _, exact = shown
    axes.plot(omega, exact, color=GRID, linewidth=2.2, alpha=0.6, label="exact, this time step and window")
    axes.plot(omega, value, ".", color=SAMPLED, markersize=3, label="sampled ± 1 standard error")
    axes.set_yscale("log")
    axes.set_ylim(FLOOR * exact.max(), 3 * exact.max())
    axes.set_xlim(omega[0], omega[-1])


def _ratio(axes: Axes, shown: Columns) -> None:
    omega, value, stderr, exact = shown
    some = exact > 0
    ratio, error = value[some] / exact[some], stderr[some] / exact[some]
    axes.axhline(1, color=GRID, linewidth=1.5)
    axes.fill_between(omega[some], ratio - error, ratio + error, color=SAMPLED, alpha=0.2, linewidth=0)
    axes.plot(omega[some], ratio, ".", color=SAMPLED, markersize=2)
    reach = max(5 * float(np.median(error)), 1e-3)
    axes.set_ylim(1 - reach, 1 + reach)
