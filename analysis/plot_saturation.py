"""Picture of a runaway that is stopped: the energy of its mode from rest on, over the exact growth, up to the cycle."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgle.analysis.instability.balance import Cycle
from sgle.analysis.instability.mode import Mode
from sgle.analysis.plot_style import BLUE, ORANGE, RED, SAMPLED, new_figure, plain
from sgle.analysis.result import Result

Array = np.ndarray
MOST_LINES = 80
DECADES = 1.5  # below the typical energy at the first moment kept


def saturation(result: Result, mode: Mode, exact: Cycle | None) -> Figure:
    """Energy ½|s|²|X|² of the growing mode at the ends of the stored averages, logarithmic.

    mode : as it grows.    exact : the cycle without noise, whose energy is drawn as a line.
    """
    assert result.snapshots is not None
    units = result.units
    chunk = result.settings["chunk"] * result.settings["time_step"]
    energy = mode.energy(mode.amplitude(result.snapshots.displacement, result.snapshots.velocity))
    energy = energy[:, np.isfinite(energy).all(axis=0)] * units.scale("energy")
    time = chunk * np.arange(1, len(energy) + 1)
    figure = new_figure(8.0, 4.8)
    axes = figure.subplots()
    for column in energy.T[:MOST_LINES]:
        axes.plot(time * units.scale("time"), column, color=BLUE, alpha=0.2, linewidth=0.6)
    typical = np.exp(np.log(np.maximum(energy, 1e-300)).mean(axis=1))
    axes.plot(time * units.scale("time"), typical, color=SAMPLED, linewidth=2.0, label="geometric mean of trajectories")
    top = 4 * energy.max()
    _growth(axes, mode, time, typical, units.scale("time"), top)
    if exact is not None:
        level = float(mode.steady.energy(np.array(exact.amplitude))) * units.scale("energy")
        axes.axhline(level, color=ORANGE, linewidth=1.6, linestyle="--", label="cycle without noise", zorder=3)
    axes.set_yscale("log")
    axes.set_ylim(typical[0] / 10**DECADES, top)
    axes.set_xlim(0, time[-1] * units.scale("time"))
    plain(axes, x=units.titled("time", "time"), y=units.titled("energy of the mode", "energy"))
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    return figure


def _growth(axes: Axes, mode: Mode, time: Array, typical: Array, scale: float, top: float) -> None:
    """e^{2 Im z t} through the middle of the way up."""
    rate = 2 * mode.z.imag
    if rate <= 0:
        return
    final = typical[len(typical) // 2 :].mean()
    k = int(np.argmax(typical > np.sqrt(typical[0] * final)))
    line = typical[k] * np.exp(rate * (time - time[k]))
    shown = line < top
    label = r"$e^{2\,\mathrm{Im}\,z\,t}$, exact"
    axes.plot(time[shown] * scale, line[shown], color=RED, linewidth=1.6, linestyle=(0, (4, 2)), label=label, zorder=4)
