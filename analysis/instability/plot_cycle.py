"""Pictures of a limit cycle: the orbit in its plane, and what flows in and out while it builds up."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sgle.analysis.equilibration import coarsen
from sgle.analysis.instability.balance import Cycle
from sgle.analysis.instability.cycle import CycleMotion, LimitCycle
from sgle.analysis.plot_style import BLACK, CYCLE, ORANGE, RED, new_figure, plain
from sgle.analysis.result import Result
from sgle.errors import InputError

Array = np.ndarray
BINS = 60
MOST_DOTS = 100


def orbit(result: Result, cycle: LimitCycle, watch: CycleMotion, exact: Cycle | None = None) -> Figure:
    """Density of where the motion is in its plane, behind the burn-in, and the ellipse of its moments.

    exact : the cycle without noise, drawn beside it.    Raises : InputError for a run without snapshots.
    """
    if result.snapshots is None:
        raise InputError("orbit: the run has no snapshots; anharmonic runs keep them")
    scale = result.units.scale("displacement")
    place = scale * (result.snapshots.displacement[result.start :] @ watch.plane.T).reshape(-1, 2)
    place = place[np.isfinite(place).all(axis=1)]
    reach = 1.05 * np.abs(place).max(axis=0)
    figure = new_figure(max(3.6, 1.0 + 4.6 * reach[0] / reach[1]) if reach[0] < reach[1] else 6.4, 6.0)
    axes = figure.subplots()
    _density(axes, place, reach)
    _ellipse(axes, cycle, scale)
    if exact is not None:
        path = scale * exact.at(np.linspace(0, 2 * np.pi, 400)) @ watch.plane.T
        axes.plot(*path.T, color=ORANGE, linestyle="--", linewidth=1.5, label="without noise (harmonic balance)")
    names = ("$u_0$", "$u_1$") if result.junction.size == 2 else ("$p_1$", "$p_2$")
    first, second = (result.units.titled(name, "displacement") for name in names)
    sense = {1: "anticlockwise", -1: "clockwise", 0: "no sense of rotation"}[cycle.orbit.sense]
    eccentricity, purity = cycle.orbit.eccentricity.value, cycle.orbit.purity.value
    plain(axes, f"{sense}, eccentricity {eccentricity:.3f},\npurity {purity:.3f}", first, second)
    axes.set_aspect("equal")
    figure.legend(frameon=False, fontsize=8, loc="outside lower center")
    return figure


def _density(axes: Axes, place: Array, reach: Array) -> None:
    """How often the motion is at each place, squares of one size."""
    width = 2 * reach.max() / BINS
    edges = [width * (np.arange(2 * count + 1) - count) for count in np.ceil(reach / width).astype(int)]
    counts = np.histogram2d(place[:, 0], place[:, 1], edges)[0]
    axes.pcolormesh(*edges, counts.T, cmap="Blues", rasterized=True)


def _ellipse(axes: Axes, cycle: LimitCycle, scale: float) -> None:
    """The ellipse with an arrow in the sense of rotation."""
    long, short = scale * cycle.orbit.axes.value
    turn = cycle.orbit.angle.value
    phase = np.linspace(0, 2 * np.pi, 400) * (cycle.orbit.sense or 1)
    along, across = long * np.cos(phase), short * np.sin(phase)
    x = along * np.cos(turn) - across * np.sin(turn)
    y = along * np.sin(turn) + across * np.cos(turn)
    axes.plot(x, y, color=RED, linewidth=1.8, label="ellipse of the second moments")
    if cycle.orbit.sense:
        style = {"arrowstyle": "-|>", "color": RED, "linewidth": 1.8, "mutation_scale": 18}
        for k in (60, 260):
            axes.annotate("", (x[k + 6], y[k + 6]), (x[k], y[k]), arrowprops=style)


def ledger(result: Result) -> Figure:
    """Energy above, heat currents below, against time from the start of the run: means over trajectories ± 1 error."""
    if result.snapshots is None:
        raise InputError("ledger: the run has no snapshots; anharmonic runs keep them")
    figure = new_figure(7.5, 6.0)
    top, bottom = figure.subplots(2, 1, sharex=True)
    energy = result.units.scale("energy")
    total = result.snapshots.harmonic_energy + result.snapshots.anharmonic_energy
    for values, colour, label in (
        (total, BLACK, "all"),
        (result.snapshots.harmonic_energy, CYCLE[0], "harmonic"),
        (result.snapshots.anharmonic_energy, CYCLE[1], "anharmonic"),
    ):
        _band(top, result, energy * values, colour, label)
    plain(top, "energy of the junction, and what flows into each bath", y=result.units.titled("energy", "energy"))
    heat = result.units.scale("heat_current") * result.series["heat_current"]
    for k, name in enumerate(result.junction.baths):
        _band(bottom, result, heat[..., k], CYCLE[k % len(CYCLE)], f"into {name}")
    _band(bottom, result, heat.sum(axis=-1), BLACK, "sum")
    bottom.axhline(0, color="#888888", linewidth=0.8)
    plain(bottom, x=result.units.titled("time", "time"), y=result.units.titled("heat current", "heat_current"))
    for axes in (top, bottom):
        burnt = result.start * _chunk(result)
        axes.axvspan(0, burnt, color="#BBBBBB", alpha=0.25, linewidth=0, label="not averaged" if axes is top else None)
        axes.set_xlim(0, len(total) * _chunk(result))
        axes.yaxis.set_major_locator(MaxNLocator(6))
        axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _chunk(result: Result) -> float:
    return float(result.settings["chunk"] * result.settings["time_step"] * result.units.scale("time"))


def _band(axes: Axes, result: Result, values: Array, colour: str, label: str) -> None:
    """Mean and standard error over trajectories of (n, R), a hundred points at most."""
    values = values[:, np.isfinite(values).all(axis=0)]
    width = -(-len(values) // MOST_DOTS)
    shown = coarsen(values, width)
    time = (np.arange(len(shown)) + 0.5) * width * _chunk(result)
    mean, error = shown.mean(axis=1), shown.std(axis=1, ddof=1) / np.sqrt(shown.shape[1])
    axes.plot(time, mean, color=colour, linewidth=1.6, label=label)
    axes.fill_between(time, mean - error, mean + error, color=colour, alpha=0.25, linewidth=0)
