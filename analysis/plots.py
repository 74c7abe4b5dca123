"""The pictures of a result: numbers against both exact answers, spectra over theory, z-scores, running
averages.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgle.analysis.estimate import Estimate
from sgle.analysis.plot_anharmonic import energy_in_time, mode_energies
from sgle.analysis.plot_history import running_averages
from sgle.analysis.plot_scores import scores
from sgle.analysis.plot_spectra import spectra
from sgle.analysis.plot_style import CONTINUUM, GRID, RED, SAMPLED, name_ticks, new_figure, plain
from sgle.analysis.quantities import quantity
from sgle.analysis.result import Result

COMPARED = {
    "kinetic_energy": "kinetic energy",
    "kinetic_energy_per_atom": "kinetic energy per atom",
    "excess_kinetic_energy": "excess kinetic energy",
    "excess_kinetic_energy_per_atom": "excess kinetic energy per atom",
    "heat_current": "heat current into the bath",
    "excess_heat_current": "excess heat current into the bath",
    "mode_population": "quanta",
}


def figures(result: Result) -> dict[str, Figure]:
    """All pictures a result allows, by file name. Values are shown in the units of the result."""
    found = {name: comparison(result, name) for name in COMPARED if name in result.estimates}
    if result.spectra is not None:
        found["velocity_spectrum"] = spectra(result)
    if result.anharmonic:
        found["mode_energy"] = mode_energies(result)
        found["energy_in_time"] = energy_in_time(result)
    if result.crosscheck.rows:
        found["z_scores"] = scores(result.crosscheck)
    found["running_averages"] = running_averages(result)
    return found


def comparison(result: Result, name: str) -> Figure:
    """Sampled numbers with error bars on the exact ones; below, their difference from the grid answer,
    enlarged. Alone where there are no exact ones.
    """
    kind, names = quantity(name).kind, result.labels(name)
    shown = result.estimates[name].scaled(result.units.scale(kind))
    width = min(14.0, max(6.0, 2.5 + 0.32 * len(names)))
    if shown.grid is None:
        figure = new_figure(width, 3.6)
        top = bottom = figure.subplots()
        top.axhline(0, color="#888888", linewidth=0.8)
    else:
        figure = new_figure(width, 5.0)
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(2.2, 1))
        _answers(top, shown)
        _differences(bottom, shown, result.units.titled("sampled − grid\n", kind))
    _points(top, shown.value, shown.stderr, "sampled ± 1 standard error")
    plain(top, quantity(name).title, y=result.units.titled(COMPARED[name], kind))
    exact = shown.value if shown.grid is None else shown.grid
    if np.min(exact) >= 0 and np.min(shown.value) >= 0:
        top.set_ylim(bottom=0, top=1.08 * max(np.max(exact), np.max(shown.value)))
    name_ticks(bottom, names)
    figure.legend(*top.get_legend_handles_labels(), frameon=False, fontsize=8, ncols=3, loc="outside lower center")
    return figure


def _answers(axes: Axes, shown: Estimate) -> None:
    places = np.arange(len(shown))
    axes.bar(places, shown.grid, width=0.7, color=GRID, alpha=0.25, linewidth=0)
    axes.hlines(shown.grid, places - 0.35, places + 0.35, color=GRID, linewidth=1.8, label="exact, this time step")
    if shown.continuum is not None:
        axes.plot(
            places, shown.continuum, "_", color=CONTINUUM, markersize=14, markeredgewidth=1.8, label="exact, continuum"
        )


def _points(axes: Axes, value: np.ndarray, stderr: np.ndarray, label: str) -> None:
    axes.errorbar(
        np.arange(len(value)),
        value,
        stderr,
        fmt="o",
        color=SAMPLED,
        markersize=4,
        capsize=3,
        linewidth=1.2,
        label=label,
    )


def _differences(axes: Axes, shown: Estimate, label: str) -> None:
    places = np.arange(len(shown))
    axes.axhline(0, color=GRID, linewidth=1.5)
    if shown.continuum is not None:
        axes.plot(places, shown.continuum - shown.grid, "_", color=CONTINUUM, markersize=14, markeredgewidth=1.8)
    _points(axes, shown.value - shown.grid, shown.stderr, "")
    off = np.abs(shown.z) > 4
    axes.plot(places[off], (shown.value - shown.grid)[off], "o", color=RED, markersize=9, fillstyle="none")
    plain(axes, y=label)
