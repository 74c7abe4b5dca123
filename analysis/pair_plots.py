"""Pictures of what electron-hole pairs do: against a swept value, for several values of a second, and by frequency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from sgle.analysis.columns import Column, axis_label, point_label
from sgle.analysis.landauer_plots import ALONG, DASHES, mark_unstable
from sgle.analysis.pair_answers import GOLDEN, LOWEST
from sgle.analysis.pair_columns import (
    ALONE,
    CHARGE,
    ENERGY,
    HOT,
    POTENTIAL,
    QUANTA,
    RATIO,
    SHARED,
    about_pairs,
)
from sgle.analysis.plot_style import BLACK, BLUE, CYCLE, GREEN, ORANGE, PURPLE, RED, new_figure, plain
from sgle.analysis.solved import Pair
from sgle.recipe import Recipe
from sgle.recipe.stability import BIAS_KEYS
from sgle.units import Units, by_name

SHOWN = (ENERGY, CHARGE, QUANTA, POTENTIAL, RATIO, *SHARED)
COLOURS = {"LR": RED, "RL": BLUE, "LL": GREEN, "RR": PURPLE}
GREY = "#777777"
FEW_POINTS = 25  # of a curve, each with a dot
DECADES = 30.0  # quanta that differ by more than this factor are drawn on a logarithmic axis
SIDE = 3  # panels side by side
MOST_MODES = 6
MOST_SPECTRA = 8


@dataclass(frozen=True)
class Curve:
    """One line of a panel: y (n,) over the swept values."""

    y: np.ndarray
    colour: Any
    label: str = ""
    style: Any = "-"
    marker: str = "o"


@dataclass
class Panel:
    """One quantity. lines : places of horizontal lines, each with a name."""

    title: str
    label: str
    curves: list[Curve] = field(default_factory=list)
    lines: dict[str, float] = field(default_factory=dict)


def pair_pictures(recipe: Recipe, pairs: Sequence[Pair], columns: Sequence[Column]) -> dict[str, Figure]:
    """Pictures of a sweep, or of one junction if nothing is swept: pairs, and emission if it is asked for."""
    found = {"pairs": pairs_figure(recipe, pairs, columns)} if recipe.swept else {}
    return found | ({"emission": emission_figure(recipe, pairs)} if _emitting(pairs) else {})


def pairs_figure(recipe: Recipe, pairs: Sequence[Pair], columns: Sequence[Column]) -> Figure:
    """One panel per quantity against the swept value: energy by channel, charge, quanta, chemical potential, and more.

    Dashed: lowest order.    Crosses mark values without steady state, vertical lines a stopping bias and thresholds.
    """
    swept = recipe.swept or ""
    panels = [_panel(title, columns) for title in SHOWN if not (title in SHARED and swept in BIAS_KEYS)]
    marks = {_shared_name(c): c.values[0] for c in columns if swept in BIAS_KEYS and about_pairs(c) in SHARED}
    return _figure(recipe, pairs, [panel for panel in panels if _tells(panel)], marks)


def slices_figure(recipe: Recipe, slices: Sequence[tuple[Mapping[str, float], Sequence[Pair], list[Column]]]) -> Figure:
    """The main curve of each quantity against the first swept value, one for each value of the other swept keys."""
    panels = {title: Panel(title, "") for title in SHOWN}
    for k, (values, _, columns) in enumerate(slices):
        colour = ALONG(k / max(len(slices) - 1, 1))
        name = ", ".join(point_label(key, value) for key, value in values.items())
        for title, panel in panels.items():
            members = [column for column in columns if about_pairs(column) == title]
            if members:
                panel.label = ", ".join([members[0].panel, *(hot for hot in HOT.values() if hot in members[0].label)])
                panel.curves.append(Curve(np.array(members[0].values), colour, name))
    return _figure(recipe, slices[0][1], [panel for panel in panels.values() if _tells(panel)], {}, below=True)


def _panel(title: str, columns: Sequence[Column]) -> Panel:
    members = [column for column in columns if about_pairs(column) == title]
    panel = Panel(title, members[0].panel if members else title)
    for column in members:
        name = column.label.removesuffix(f", {LOWEST}")
        place = int(name.removeprefix("mode ").split(",")[0]) if name.startswith("mode ") else 0
        if place < MOST_MODES:
            panel.curves.append(_curve(np.array(column.values), name, place, LOWEST in column.label))
    return panel


def _curve(y: np.ndarray, name: str, place: int, lowest: bool) -> Curve:
    mode = CYCLE[place % len(CYCLE)]
    if name.startswith("mode "):
        style = ":" if ALONE in name else DASHES if GOLDEN in name else "-"
        return Curve(y, mode, name, style, "o" if style == "-" else "")
    colour = COLOURS.get(name.rpartition(":")[2], BLACK)
    directions = zip(HOT.values(), (RED, BLUE), strict=True)
    colour = next((side for hot, side in directions if hot in name), colour)
    return Curve(y, colour, "", DASHES, "") if lowest else Curve(y, colour, name)


def _shared_name(column: Column) -> str:
    return f"{column.panel.partition(' [')[0]}, {column.label}"


def _tells(panel: Panel) -> bool:
    """Whether any curve of a panel is more than one number."""
    spans = [np.ptp(some) for curve in panel.curves if (some := curve.y[np.isfinite(curve.y)]).size > 1]
    scale = max((np.nanmax(np.abs(curve.y)) for curve in panel.curves if np.any(np.isfinite(curve.y))), default=0.0)
    return bool(spans) and max(spans) > 1e-9 * scale


def _figure(
    recipe: Recipe, pairs: Sequence[Pair], panels: Sequence[Panel], marks: Mapping[str, float], below: bool = False
) -> Figure:
    """All panels, with a legend in each, or one for all below them."""
    columns = 2 if len(panels) == 4 else min(SIDE, max(len(panels), 1))
    rows = -(-max(len(panels), 1) // columns)
    figure = new_figure(4.7 * columns, 3.6 * rows + 0.3)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis, panel in zip(axes, panels, strict=False):
        _draw(axis, recipe, pairs, panel)
        _mark(axis, marks, named=panel is panels[0])
        if axis.get_legend_handles_labels()[0] and not below:
            axis.legend(frameon=False, fontsize=8)
    for axis in axes[len(panels) :]:
        axis.set_axis_off()
    if below:
        named = axes[0].get_legend_handles_labels()
        figure.legend(*named, loc="outside lower center", ncols=6, frameon=False, fontsize=9)
    figure.suptitle(recipe.title, fontsize=11)
    return figure


def _mark(axis: Axes, marks: Mapping[str, float], named: bool) -> None:
    """Vertical lines, which one panel gives the names of."""
    for k, (name, place) in enumerate(marks.items()):
        if np.isfinite(place):
            style: Any = {"color": GREY, "linewidth": 1.1, "linestyle": ((0, (1, 1.5)), (0, (5, 2)))[k % 2]}
            axis.axvline(place, label=name if named else None, **style)


def _draw(axis: Axes, recipe: Recipe, pairs: Sequence[Pair], panel: Panel) -> None:
    x = np.array([pair.value for pair in pairs])
    order, few = np.argsort(x, kind="stable"), len(x) <= FEW_POINTS
    for curve in panel.curves:
        style = {"ls": curve.style, "marker": curve.marker if few else "", "ms": 3.5}
        axis.plot(x[order], curve.y[order], color=curve.colour, label=curve.label or None, **style)
    if any(curve.style is DASHES and not curve.label for curve in panel.curves):
        axis.plot([], [], color=GREY, ls=DASHES, label=LOWEST)
    logarithmic = panel.title == QUANTA and _ratio(panel) > DECADES
    axis.set_yscale("log" if logarithmic else "linear")
    if panel.title in (ENERGY, CHARGE) and (width := _divergence(panel)):
        axis.set_yscale("asinh", linear_width=width)
        axis.yaxis.set_major_locator(FixedLocator(_decades(panel, width)))
        axis.yaxis.set_minor_locator(NullLocator())
    if not logarithmic:
        axis.axhline(1.0 if panel.title == RATIO else 0.0, color=BLACK, linewidth=0.7, zorder=1)
    if panel.title == POTENTIAL:
        _references(axis, recipe, pairs, x)
    mark_unstable(axis, x.tolist(), [bool(pair.full.trouble) for pair in pairs])
    plain(axis, x=axis_label(recipe.swept or ""), y=panel.label)


def _divergence(panel: Panel) -> float:
    """What to be linear below where currents grow by decades; 0 where they do not."""
    sizes = np.abs(np.concatenate([curve.y for curve in panel.curves[:1]]))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    return float(np.median(sizes) / 10) if sizes.size and sizes.max() > DECADES * np.median(sizes) else 0.0


def _decades(panel: Panel, width: float) -> list[float]:
    """Zero, and the powers of ten well beyond `width` up to the largest size, with either sign."""
    largest = max(float(np.nanmax(np.abs(curve.y))) for curve in panel.curves if np.any(np.isfinite(curve.y)))
    powers = 10.0 ** np.arange(np.ceil(np.log10(1.5 * width)), np.floor(np.log10(largest)) + 1)
    return [*-powers[::-1], 0.0, *powers]


def _ratio(panel: Panel) -> float:
    values = np.concatenate([curve.y for curve in panel.curves])
    values = values[np.isfinite(values)]
    return float(values.max() / values.min()) if values.size and values.min() > 0 else 1.0


def _references(axis: Axes, recipe: Recipe, pairs: Sequence[Pair], x: np.ndarray) -> None:
    """Ω of the modes, and the potentials eV of pairs LR and -eV of pairs RL where the bias is swept."""
    units, found = by_name(recipe.units), pairs[0].full.pairs
    low, high = axis.get_ylim()
    for mode in found.modes[:MOST_MODES] if found else ():
        place = mode.frequency * units.scale("energy")
        if low <= place <= high:
            axis.axhline(place, color=GREY, linewidth=0.9, linestyle=(0, (1, 1.5)))
            axis.annotate(" Ω", (1.0, place), xycoords=("axes fraction", "data"), color=GREY, fontsize=9, va="center")
    if recipe.swept in BIAS_KEYS:
        energy = np.array([pair.full.junction.bias for pair in pairs]) * units.scale("energy")
        order = np.argsort(x)
        for potential, label in ((energy, "eV"), (-energy, "−eV")):
            if np.count_nonzero((potential >= low) & (potential <= high)) > 1:  # not just where it leaves the picture
                axis.plot(x[order], potential[order], color=ORANGE, linewidth=1.0, zorder=1, label=label)
        axis.set_ylim(low, high)


def emission_figure(recipe: Recipe, pairs: Sequence[Pair]) -> Figure:
    """Quanta per time and frequency, all channels, on a logarithmic axis; a tick marks ħω = eV of each curve."""
    units, chosen = by_name(recipe.units), _emitting(pairs)
    places = np.unique(np.linspace(0, len(chosen) - 1, MOST_SPECTRA).round().astype(int))
    figure = new_figure(6.4, 4.4)
    axis = figure.subplots()
    top = 0.0
    for k in places:
        pair = chosen[k]
        colour = ALONG(k / max(len(chosen) - 1, 1))
        top = max(top, _spectrum(axis, recipe, pair, colour, units))
    axis.set_yscale("log")
    axis.set_ylim(top * 1e-9, top * 3)
    asked = recipe.tables.ehp
    name = f"quanta into {asked.emission if asked else ''} per time and frequency"
    plain(
        axis,
        x=units.titled("ħω" if units.name == "eV" else "frequency ω", "frequency"),
        y=units.titled(name, "spectral_rate"),
    )
    if recipe.swept:
        axis.legend(frameon=False, fontsize=8)
    axis.set_title(recipe.title, fontsize=11)
    return figure


def _spectrum(axis: Axes, recipe: Recipe, pair: Pair, colour: Any, units: Units) -> float:
    """One curve and its mark at ħω = eV; returns its highest value."""
    emission = pair.full.pairs.emission  # type: ignore[union-attr]
    omega, total = emission.omega * units.scale("frequency"), emission.total * units.scale("spectral_rate")  # type: ignore
    label = point_label(recipe.swept, pair.value) if recipe.swept else None
    axis.plot(omega, total, color=colour, linewidth=1.4, label=label)
    edge = abs(pair.full.junction.bias) * units.scale("frequency")
    if omega[0] <= edge <= omega[-1]:
        height = float(np.interp(edge, omega, total))
        axis.plot([edge, edge], [height / 3, height * 3], color=colour, linewidth=1.2)
        axis.annotate("eV", (edge, height * 3), color=colour, fontsize=8, ha="center", va="bottom")
    return float(total.max())


def _emitting(pairs: Sequence[Pair]) -> list[Pair]:
    return [pair for pair in pairs if pair.full.pairs is not None and pair.full.pairs.emission is not None]
