"""Pictures of anharmonic runs: where the energy has gone since the start, and how the modes share it."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgle.analysis.plot_style import BLACK, CYCLE, GRID, SAMPLED, name_ticks, new_figure, plain
from sgle.analysis.result import Result

Array = np.ndarray
WEAK = "weakly damped, ½Ω coth(Ω/2T) at one T"


def energy_in_time(result: Result) -> Figure:
    """Energy of the junction above; below all heat since the start, and what of it all is missing: nothing."""
    assert result.snapshots is not None
    figure = new_figure(8.5, 6.2)
    top, bottom = figure.subplots(2, 1, sharex=True)
    harmonic, anharmonic, heat = ledger(result)
    energy = result.units.scale("energy")
    for values, colour, label in ((harmonic, CYCLE[0], "harmonic"), (anharmonic, CYCLE[3], "anharmonic")):
        _line(top, result, energy * values, colour, label)
    plain(top, "mean over trajectories ± 1 standard error", y=result.units.titled("energy", "energy"))
    for k, name in enumerate(result.junction.baths):
        _line(bottom, result, energy * heat[..., k], CYCLE[k % len(CYCLE)], f"into {name}")
    rest = harmonic + anharmonic + heat.sum(axis=-1)
    _line(bottom, result, energy * rest, BLACK, "all heat and\nall energy")
    plain(bottom, x=result.units.titled("time", "time"), y=result.units.titled("heat since the start", "energy"))
    for axes in (top, bottom):
        axes.axvspan(0, result.start * _chunk(result), color="#BBBBBB", alpha=0.35, linewidth=0)
        axes.set_xlim(0, _chunk(result) * len(harmonic))
        axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def ledger(result: Result) -> tuple[Array, Array, Array]:
    """Harmonic and anharmonic energy at the end of every chunk, (n, R), and heat into each bath until then, (n, R, B).

    Of the trajectories that were made to the end. From rest they add up to zero, but for the time step.
    """
    assert result.snapshots is not None
    whole = np.isfinite(result.snapshots.harmonic_energy).all(axis=0)
    step = result.settings["chunk"] * result.settings["time_step"]
    heat = step * np.cumsum(result.series["heat_current"][:, whole], axis=0)
    return result.snapshots.harmonic_energy[:, whole], result.snapshots.anharmonic_energy[:, whole], heat


def _chunk(result: Result) -> float:
    return float(result.settings["chunk"] * result.settings["time_step"] * result.units.scale("time"))


def _line(axes: Axes, result: Result, values: Array, colour: str, label: str) -> None:
    """Mean and standard error over trajectories of (n, R)."""
    time = _chunk(result) * np.arange(1, len(values) + 1)
    mean = values.mean(axis=1)
    axes.plot(time, mean, color=colour, linewidth=1.5, label=label)
    if values.shape[1] > 1:
        error = values.std(axis=1, ddof=1) / values.shape[1] ** 0.5
        axes.fill_between(time, mean - error, mean + error, color=colour, alpha=0.25, linewidth=0)


def mode_energies(result: Result) -> Figure:
    """Twice the kinetic energy of each mode: sampled, on what a harmonic mode would have."""
    assert result.modes is not None
    modes, scale = result.modes, result.units.scale("energy")
    estimate = result.estimates["mode_energy"].scaled(scale)
    places = np.arange(len(estimate))
    figure = new_figure(min(14.0, max(6.0, 2.5 + 0.32 * len(places))), 4.2)
    axes = figure.subplots()
    axes.bar(places, scale * modes.quantum, width=0.7, color=GRID, alpha=0.25, linewidth=0, label=WEAK)
    if modes.grid is not None:
        low, high = places - 0.35, places + 0.35
        axes.hlines(scale * modes.grid, low, high, color=GRID, linewidth=1.8, label="harmonic, exact, this step")
    axes.errorbar(
        places,
        estimate.value,
        estimate.stderr,
        fmt="o",
        color=SAMPLED,
        markersize=4,
        capsize=3,
        linewidth=1.2,
        label="sampled ± 1 standard error",
    )
    names = [f"{w:.3g}" if np.isfinite(w) else "–" for w in modes.frequency * result.units.scale("frequency")]
    plain(axes, x=result.units.titled("modes by frequency", "frequency"), y=result.units.titled("energy", "energy"))
    name_ticks(axes, np.array(names))
    axes.set_ylim(bottom=0)
    figure.legend(*axes.get_legend_handles_labels(), frameon=False, fontsize=8, ncols=2, loc="outside lower center")
    return figure
