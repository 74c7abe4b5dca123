"""Picture of how averages settle: running means with error bands, the burn-in and the transient that was
found.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgle.analysis.equilibration import coarsen
from sgle.analysis.plot_style import CYCLE, new_figure, plain
from sgle.analysis.quantities import quantity
from sgle.analysis.result import Result

MOST_LINES = 4
MOST_DOTS = 64


def running_averages(result: Result) -> Figure:
    """Kinetic energies above, heat currents below, against time; at most four of each."""
    figure = new_figure(8.5, 6.2)
    panels = figure.subplots(2, 1, sharex=True)
    for axes, name in zip(panels, ("kinetic_energy", "heat_current"), strict=True):
        estimate = result.estimates[name]
        chosen = _extremes(np.asarray(estimate.value if estimate.grid is None else estimate.grid))
        for colour, column in zip(CYCLE, chosen, strict=False):
            _line(axes, result, name, int(column), colour)
        _mark_start(axes, result)
        kind = quantity(name).kind
        plain(axes, y=result.units.titled(name.replace("_", " "), kind))
        axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    panels[0].set_title(
        "dots: averages over all trajectories, lines: running means ± 1 standard error"
        + ("" if result.anharmonic else ", dashed: exact"),
        fontsize=10,
        loc="left",
    )
    panels[1].set_xlabel(result.units.titled("time", "time"))
    return figure


def _extremes(values: np.ndarray) -> np.ndarray:
    """Columns to show: smallest, largest and two between, in their own order."""
    order = np.argsort(values, kind="stable")
    chosen = np.unique(np.linspace(0, len(order) - 1, min(MOST_LINES, len(order))).round().astype(int))
    return np.sort(order[chosen])


def _line(axes: Axes, result: Result, name: str, column: int, colour: str) -> None:
    scale = result.units.scale(quantity(name).kind)
    series = scale * result.series[name][:, :, column]
    series = series[:, np.isfinite(series).all(axis=0)]
    if not series.size:
        return
    time = _times(result, len(series))
    width = -(-len(series) // MOST_DOTS)
    axes.plot(coarsen(time, width), coarsen(series, width).mean(axis=1), ".", color=colour, markersize=4, alpha=0.4)
    first = result.start
    mean, error = running_mean(series[first:])
    axes.plot(time[first:], mean, color=colour, linewidth=1.6, label=str(result.labels(name)[column]))
    axes.fill_between(time[first:], mean - error, mean + error, color=colour, alpha=0.25, linewidth=0)
    exact = result.estimates[name].grid
    if exact is not None:
        axes.axhline(scale * np.asarray(exact)[column], color=colour, linewidth=1.0, linestyle="--")


def running_mean(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean of everything up to each time and its standard error over trajectories (0 for a single one).

    series : (n, R). Returns : (n,), (n,).
    """
    means = np.cumsum(series, axis=0) / np.arange(1, len(series) + 1)[:, None]
    count = series.shape[1]
    error = means.std(axis=1, ddof=1) / count**0.5 if count > 1 else np.zeros(len(means))
    return means.mean(axis=1), error


def _times(result: Result, count: int) -> np.ndarray:
    """End of each chunk in display units, (count,)."""
    step = result.settings["chunk"] * result.settings["time_step"] * result.units.scale("time")
    return step * np.arange(1, count + 1)


def _mark_start(axes: Axes, result: Result) -> None:
    step = result.settings["chunk"] * result.settings["time_step"] * result.units.scale("time")
    burnt = result.settings["burn_in"] / result.settings["chunk"]
    axes.axvspan(0, burnt * step, color="#BBBBBB", alpha=0.35, linewidth=0, label="burn-in")
    if result.equilibration.detected:
        axes.axvspan(
            burnt * step,
            (burnt + result.equilibration.detected) * step,
            color="#D55E00",
            alpha=0.15,
            linewidth=0,
            label="transient found",
        )
    axes.set_xlim(left=0)
