"""By how much more a current heats the right wire than the left, beside what Landauer's theory says (003 Fig. 7)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from sgle.analysis.plot_style import BLACK, CYCLE, new_figure, plain
from sgle.analysis.studies import Answer
from sgle.analysis.studies.nanowire_rows import HEAD, KT, Row, doubts_of, rows
from sgle.analysis.studies.text import aligned, as_csv
from sgle.nanowire import Solution
from sgle.recipe.nanowire import Nanowire

NAMES = ("P_asym", "P_Landauer", "P_approx")
STYLES = ("-", ":", "--")
SAID = ("both wires solved", "Landauer", "Landauer less the wires' Peltier heat")


def asymmetry(asked: Nanowire, title: str) -> Answer:
    """P_R - P_L, Landauer's, and Landauer's corrected for the wires' own Peltier heat, of every combination."""
    found = rows(asked, _three)
    head, body = [*HEAD, *NAMES], [[*row.place, *row.kept] for row in found]
    text = "\n".join([aligned(head, body), *_turns(asked, found)]) + doubts_of(found)
    return Answer(text, {"asymmetry.csv": as_csv(head, body)}, {"asymmetry": asymmetry_figure(asked, found, title)})


def _three(solution: Solution) -> tuple[float, float, float]:
    return solution.power.asymmetry, solution.landauer_asymmetry, solution.corrected_asymmetry


def _curves(asked: Nanowire, found: Sequence[Row], shape: tuple[float, float]) -> list[tuple[float, np.ndarray]]:
    """(bias, columns k_BT and the three numbers, ascending in k_BT) of one transmission."""
    made = []
    for bias in asked.biases:
        members = [row for row in found if (row.peak, row.width) == shape and row.bias == bias]
        made.append((bias, np.array(sorted((row.temperature, *row.kept) for row in members)).T))
    return made


def _turns(asked: Nanowire, found: Sequence[Row]) -> list[str]:
    """Where P_asym changes sign, interpolated between the temperatures."""
    lines = []
    for peak, width in _shapes(asked):
        for bias, (t, full, *_) in _curves(asked, found, (peak, width)):
            for i in np.flatnonzero(full[:-1] * full[1:] < 0):
                at = t[i] - full[i] * (t[i + 1] - t[i]) / (full[i + 1] - full[i])
                where = f"e0 = {peak:g}, Gamma = {width:g}, eV = {bias:g}"
                lines.append(f"{where}: P_asym changes sign at kT = {at:.3f}")
    return lines


def _shapes(asked: Nanowire) -> list[tuple[float, float]]:
    return [(peak, width) for peak in asked.peaks for width in asked.widths]


def asymmetry_figure(asked: Nanowire, found: Sequence[Row], title: str) -> Figure:
    """One panel per transmission; full: both wires solved, dotted: Landauer, dashed: 003 Eq. 36."""
    shapes = _shapes(asked)
    figure = new_figure(5.4 * len(shapes), 4.4)
    panels = figure.subplots(1, len(shapes), squeeze=False)[0]
    for axes, shape in zip(panels, shapes, strict=True):
        for k, (bias, (t, *curves)) in enumerate(_curves(asked, found, shape)):
            for y, style in zip(curves, STYLES, strict=True):
                label = f"eV = {bias:g} μ0" if style == "-" else None
                axes.plot(t, y / bias, color=CYCLE[k % len(CYCLE)], ls=style, label=label)
        for style, name in zip(STYLES, SAID, strict=True):
            axes.plot([], [], color="#777777", ls=style, label=name)
        axes.axhline(0, color=BLACK, lw=0.7, zorder=1)
        y_label = r"$(P_\mathrm{R} - P_\mathrm{L}) / eV$ [μ0/h]" if axes is panels[0] else ""
        plain(axes, f"ε0 = {shape[0]:g} μ0, Γ = {shape[1]:g} μ0", f"temperature {KT} / μ0", y_label)
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    figure.suptitle(title, fontsize=11)
    return figure
