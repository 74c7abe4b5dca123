"""Pictures of growth, of distributions and of lifetimes. Numbers are shown in the units given."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgle.analysis.estimate import with_error
from sgle.analysis.instability.growth import Growth
from sgle.analysis.instability.histogram import Histogram
from sgle.analysis.instability.lifetime import Rate
from sgle.analysis.instability.survival import Passages, Survival
from sgle.analysis.plot_style import BLUE, CONTINUUM, GRID, RED, SAMPLED, new_figure, plain
from sgle.units import NATURAL, Units

Array = np.ndarray
MOST_LINES = 80
PIECES = 16  # of the time, for the rate as it goes


def growth(found: Growth, units: Units = NATURAL) -> Figure:
    """Energy of the growing mode against time, every trajectory thin; below, its rate as it goes, over Im z."""
    figure = new_figure(7.5, 6.0)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(2.6, 1))
    time, energy = found.time * units.scale("time"), found.energy * units.scale("energy")
    seen = energy > 0
    for column in energy.T[:MOST_LINES]:
        top.plot(time[column > 0], column[column > 0], color=BLUE, alpha=0.18, linewidth=0.6)
    alive = seen.all(axis=1)
    typical = np.exp(np.log(energy[alive]).mean(axis=1))
    top.plot(time[alive], typical, color=SAMPLED, linewidth=2.0, label="geometric mean of all trajectories")
    _slopes(top, found, time[alive], typical, units)
    top.set_yscale("log")
    top.set_ylim(typical[min(2, len(typical) - 1)] / 30, energy.max() * 3)
    plain(top, "growth from rest under the junction's own noise", y=units.titled("energy of the mode", "energy"))
    top.legend(frameon=False, fontsize=8, loc="lower right")
    _rates(bottom, found, units)
    plain(bottom, x=units.titled("time", "time"), y="rate / Im z")
    for axes in (top, bottom):
        begin, end = (edge * units.scale("time") for edge in found.window)
        axes.axvspan(begin, end, color="#BBBBBB", alpha=0.2, linewidth=0)
        axes.set_xlim(0, time[-1])
    return figure


def _slopes(axes: Axes, found: Growth, time: Array, typical: Array, units: Units) -> None:
    """The fitted and the exact slope through the middle of the window."""
    begin, end = (edge * units.scale("time") for edge in found.window)
    inside = (time >= begin) & (time <= end)
    centre, height = time[inside].mean(), np.log(typical[inside]).mean()
    scale = units.scale("frequency")
    shown = with_error(found.rate.value * scale, found.rate.stderr * scale)
    label = f" {units.label('frequency')}".rstrip()
    lines = (
        (found.rate.value, RED, "-", f"fit: rate {shown}{label}"),
        (found.rate.grid, GRID, "--", f"exact, this time step: {found.rate.grid * scale:.5g}{label}"),
        (found.rate.continuum, CONTINUUM, ":", f"exact, continuum: {found.rate.continuum * scale:.5g}{label}"),
    )
    for rate, colour, style, text in lines:
        slope = 2 * rate / units.scale("time")
        line = np.exp(height + slope * (time[inside] - centre))
        axes.plot(time[inside], line, color=colour, linestyle=style, linewidth=1.5, label=text)


def _rates(axes: Axes, found: Growth, units: Units) -> None:
    """Half the slope of log E between a few moments, with error bars over trajectories, in units of Im z, and what it
    is for white noise from rest, 1/(1 - e^{-2t Im z}).
    """
    places = np.linspace(1, len(found.time) - 1, PIECES + 1).round().astype(int)
    step = np.diff(found.time[places])[:, None]
    rate = np.diff(np.log(found.energy[places]), axis=0) / (2 * step * found.rate.grid)
    middle = (found.time[places[1:]] + found.time[places[:-1]]) / 2 * units.scale("time")
    error = rate.std(axis=1, ddof=1) / np.sqrt(rate.shape[1])
    smooth = found.time[1:]
    axes.plot(
        smooth * units.scale("time"), -1 / np.expm1(-2 * found.rate.grid * smooth), color=GRID, linewidth=1.5, zorder=1
    )
    axes.errorbar(middle, rate.mean(axis=1), error, fmt="o", color=SAMPLED, markersize=4, capsize=3, linewidth=1.2)
    axes.set_ylim(0.8, 1.6)


def distribution(found: Histogram, label: str = "energy of the mode", units: Units = NATURAL) -> Figure:
    """Density of an energy with error bars over trajectories."""
    scale = units.scale("energy")
    figure = new_figure(6.5, 4.0)
    axes = figure.subplots()
    edges, density = found.edges * scale, found.density.scaled(1 / scale)
    axes.stairs(density.value, edges, color=BLUE, fill=True, alpha=0.25)
    axes.stairs(density.value, edges, color=BLUE, linewidth=1.6)
    axes.errorbar(
        found.centres * scale, density.value, density.stderr, fmt="none", color=SAMPLED, capsize=2, linewidth=1.0
    )
    mean = float(np.sum(found.centres * found.density.value * np.diff(found.edges)) * scale)
    axes.axvline(mean, color=RED, linewidth=1.2, linestyle="--", label=f"mean {mean:.4g}")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)
    unit = units.label("energy")
    density_label = f"density [1/{unit}]" if unit else "density"
    plain(axes, f"{label}: density ± 1 standard error", units.titled(label, "energy"), density_label)
    return figure


def survival(found: Survival, passages: Passages, rate: Rate | None = None, units: Units = NATURAL) -> Figure:
    """S(t) with its band, ticks where trajectories were watched no longer, and the exponential law beside it."""
    scale = units.scale("time")
    figure = new_figure(6.5, 4.2)
    axes = figure.subplots()
    time = np.concatenate([[0.0], found.time, [found.end]]) * scale

    def steps(values: Array) -> Array:
        return np.concatenate([[1.0], values, values[-1:]])

    band = f"{found.level:.0%} band"
    lower, upper = steps(found.lower), steps(found.upper)
    axes.fill_between(time, lower, upper, step="post", color=BLUE, alpha=0.2, linewidth=0, label=band)
    axes.step(time, steps(found.survival), where="post", color=BLUE, linewidth=1.8, label="sampled (Kaplan-Meier)")
    left = passages.time[~passages.passed]
    if left.size:
        text = f"{left.size} of {len(passages)} still whole when last seen"
        axes.plot(left * scale, found.at(left), "|", color=SAMPLED, markersize=8, label=text)
    if rate is not None:
        smooth = np.linspace(0, found.end, 200)
        mean, low, high = (value * scale for value in rate.mean)
        label = f"exponential, mean {mean:.3g} ({low:.3g} to {high:.3g})"
        axes.plot(smooth * scale, np.exp(-rate.value * smooth), color=RED, linestyle="--", linewidth=1.4, label=label)
    axes.set_ylim(0, 1.03)
    axes.set_xlim(0, found.end * scale)
    axes.legend(frameon=False, fontsize=8)
    plain(axes, "share of trajectories that has not passed", units.titled("time", "time"), "survival")
    return figure
