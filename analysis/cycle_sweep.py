"""Limit cycles against a swept value: a table, and a picture of the square root law near the threshold.

Near the threshold V_c the square of the amplitude grows as the distance V - V_c (sgle.analysis.instability.balance).
"""

import csv
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgle.analysis.beyond import FoundCycle
from sgle.analysis.columns import axis_label
from sgle.analysis.plot_style import ORANGE, SAMPLED, new_figure, plain
from sgle.units import Units

Array = np.ndarray
# What is kept of each cycle: name, unit, power of the unit.
KEPT = (("amplitude", "displacement"), ("frequency", "frequency"), ("power taken from the current", "heat_current"))


def cycle_csv(swept: str, values: Sequence[float], cycles: Sequence[FoundCycle | None], units: Units) -> str:
    """One line per value: amplitude, frequency and power, each sampled, its standard error, and without noise."""
    head = [swept]
    for name, quantity in KEPT:
        title = units.titled(name, quantity)
        head += [title, f"{title}, standard error", f"{title}, without noise"]
    rows = [head]
    for value, cycle in zip(values, cycles, strict=True):
        cells = [] if cycle is None else np.ravel(_numbers(cycle, units)).tolist()
        rows.append([repr(value), *(f"{cell:.10g}" if np.isfinite(cell) else "" for cell in cells)])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _numbers(cycle: FoundCycle, units: Units) -> list[list[float]]:
    """(value, standard error, without noise) of each quantity kept."""
    sampled = (cycle.found.amplitude, cycle.found.frequency, cycle.found.taken)
    exact = [np.nan] * 3
    if cycle.exact is not None:
        exact = [cycle.exact.amplitude, cycle.exact.frequency, cycle.taken]
    scales = [units.scale(quantity) for _, quantity in KEPT]
    return [[s * one.value, s * one.stderr, s * other] for s, one, other in zip(scales, sampled, exact, strict=True)]


def cycle_figure(
    swept: str,
    values: Sequence[float],
    cycles: Sequence[FoundCycle | None],
    units: Units,
    title: str,
    critical: float = float("nan"),
) -> Figure:
    """Squared amplitude, frequency and power against the swept value; `critical`, where the cycle begins, if known."""
    kept = [k for k, cycle in enumerate(cycles) if cycle is not None]
    x = np.asarray(values, dtype=float)[kept]
    numbers = np.array([_numbers(cycle, units) for cycle in cycles if cycle is not None])
    figure = new_figure(12.0, 3.9)
    panels = figure.subplots(1, 3)
    square = numbers[:, 0] * np.column_stack([numbers[:, 0, 0], 2 * numbers[:, 0, 0], numbers[:, 0, 2]])
    _panel(panels[0], x, square, critical)
    _panel(panels[1], x, numbers[:, 1])
    _panel(panels[2], x, numbers[:, 2], critical)
    label = units.label("displacement")
    names = [f"squared amplitude [({label})²]" if label else "squared amplitude"]
    names += [units.titled(name, quantity) for name, quantity in KEPT[1:]]
    for axes, name in zip(panels, names, strict=True):
        plain(axes, x=axis_label(swept), y=name)
    panels[0].legend(frameon=False, fontsize=8, loc="upper left")
    figure.suptitle(title, fontsize=11)
    return figure


def _panel(axes: Axes, x: Array, numbers: Array, critical: float = float("nan")) -> None:
    """Points with error bars on the line without noise, which begins with nothing at the threshold."""
    order = np.argsort(x)
    line = np.column_stack([x[order], numbers[order, 2]])
    if np.isfinite(critical):
        line = np.concatenate([[[critical, 0.0]], line[line[:, 0] > critical]])
        axes.axvline(critical, color="#888888", linewidth=1.0, linestyle=(0, (4, 3)), label="threshold")
    axes.plot(*line.T, color=ORANGE, linewidth=1.8, label="without noise")
    style: dict[str, Any] = {"fmt": "o", "color": SAMPLED, "ms": 4, "capsize": 3, "linewidth": 1.2}
    axes.errorbar(x, numbers[:, 0], numbers[:, 1], label="sampled ± 1 standard error", **style)
