"""Heat that phonons get along the wires, and its parts (003 Figs. 3, 4)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from sgle.analysis.landauer_plots import ALONG
from sgle.analysis.plot_style import BLACK, BLUE, GREEN, RED, new_figure, plain
from sgle.analysis.studies import Answer
from sgle.analysis.studies.nanowire_rows import HEAD, KT, Row, doubts_of, rows
from sgle.analysis.studies.text import aligned, as_csv
from sgle.nanowire import Solution, Spot
from sgle.recipe.nanowire import Nanowire

Array = np.ndarray
NEAREST, FARTHEST, PLACES = 1e-3, 12.0, 200
COLOURS = (BLACK, GREEN, BLUE, RED)
PARTS = ("all", "external field", "potential φ", "scattering")
NAMES = ("P_ph", "P_ext", "P_phi", "P_s")
DISTANCE = r"distance from the scatterer $x / l_\mathrm{F}$"
RATIO = r"$P_\mathrm{ph} / P_\mathrm{ext}$"


@dataclass(frozen=True)
class Profile:
    """P_ph and its parts over P_ext, (4, n) at x (n,); current, φ(0∓), P^s(0∓)/P_ext, spots."""

    x: Array
    parts: Array
    current: float
    potential: Array
    ends: Array
    spots: list[Spot]


def heating(asked: Nanowire, title: str) -> Answer:
    """Curves of all combinations, and their parts at the highest temperature."""
    found = rows(asked, _profile)
    head = [*HEAD, "I", "phi(0-)", "phi(0+)", "P_s(0-)/P_ext", "P_s(0+)/P_ext", "spots x: P_ph/P_ext"]
    told = ([*row.place, row.kept.current, *row.kept.potential, *row.kept.ends, _told(row.kept)] for row in found)
    lines = [[*row.place, *point] for row in found for point in zip(row.kept.x, *row.kept.parts, strict=True)]
    spots = [[*row.place, s.position, s.height, "hot" if s.hot else "cold"] for row in found for s in row.kept.spots]
    return Answer(
        aligned(head, told) + doubts_of(found),
        {
            "heating.csv": as_csv([*HEAD, "x", *(f"{name}/P_ext" for name in NAMES)], lines),
            "spots.csv": as_csv([*HEAD, "x", "P_ph/P_ext", "kind"], spots),
        },
        {"heating": curves_figure(asked, found, title), "parts": parts_figure(asked, found, title)},
    )


def _profile(solution: Solution) -> Profile:
    side = np.geomspace(NEAREST, FARTHEST, PLACES)
    x = np.concatenate([-side[::-1], side])
    ends = np.array([-0.0, 0.0])
    power = solution.external_heating
    return Profile(
        x,
        np.array(solution.heating(x)) / power,
        solution.current,
        solution.potential(ends),
        solution.heating(ends).scattered / power,
        solution.spots(farthest=FARTHEST),
    )


def _told(profile: Profile) -> str:
    return "; ".join(f"{s.position:.4g}: {s.height:.4g}" for s in profile.spots) or "none"


def _panels(asked: Nanowire, found: list[Row]) -> tuple[Figure, list[tuple[Axes, list[Row]]]]:
    """One panel per transmission (rows) and bias (columns), each with the rows of all temperatures."""
    shapes = [(peak, width) for peak in asked.peaks for width in asked.widths]
    figure = new_figure(5.2 * len(asked.biases), 3.4 * len(shapes) + 0.4)
    axes = figure.subplots(len(shapes), len(asked.biases), squeeze=False)
    made = []
    for i, shape in enumerate(shapes):
        for j, bias in enumerate(asked.biases):
            members = [row for row in found if (row.peak, row.width) == shape and row.bias == bias]
            title = f"ε0 = {shape[0]:g}, Γ = {shape[1]:g}, eV = {bias:g} (unit μ0)"
            plain(axes[i, j], title, DISTANCE if i == len(shapes) - 1 else "", RATIO if j == 0 else "")
            made.append((axes[i, j], members))
    return figure, made


def curves_figure(asked: Nanowire, found: list[Row], title: str) -> Figure:
    """P_ph(x)/P_ext at all temperatures; dots: hot and cold spots."""
    figure, panels = _panels(asked, found)
    order = sorted(asked.temperatures)
    for axes, members in panels:
        for row in members:
            colour = ALONG(order.index(row.temperature) / max(len(order) - 1, 1))
            _halves(axes, row.kept, row.kept.parts[0], color=colour, label=f"{KT} = {row.temperature:g} μ0")
            for spot in row.kept.spots:
                axes.plot(spot.position, spot.height, "o", ms=5.5, mfc="white", mec=colour, mew=1.4, zorder=5)
        _scales(axes, [row.kept.parts[0] for row in members])
    _finish(figure, panels[0][0], title)
    return figure


def parts_figure(asked: Nanowire, found: list[Row], title: str) -> Figure:
    """The parts of P_ph(x)/P_ext at the highest temperature."""
    figure, panels = _panels(asked, found)
    for axes, members in panels:
        row = max(members, key=lambda row: row.temperature)
        for part, colour, name in zip(row.kept.parts, COLOURS, PARTS, strict=True):
            style: dict[str, Any] = {"lw": 2.4, "alpha": 0.45} if name is PARTS[0] else {"lw": 1.4}
            _halves(axes, row.kept, part, color=colour, label=name, **style)
        _scales(axes, list(row.kept.parts))
    _finish(figure, panels[0][0], f"{title}: parts at {KT} = {max(asked.temperatures):g} μ0")
    return figure


def _halves(axes: Axes, profile: Profile, y: Array, label: str, **style: Any) -> None:
    """Both wires; at the scatterer the curve is interrupted."""
    for side, name in ((profile.x < 0, label), (profile.x > 0, None)):
        axes.plot(profile.x[side], y[side], label=name, **style)


def _scales(axes: Axes, curves: list[Array]) -> None:
    low, high = min(curve.min() for curve in curves), max(curve.max() for curve in curves)
    axes.set_xscale("asinh", linear_width=1.0)
    axes.xaxis.set_major_locator(FixedLocator([-10, -5, -2, -1, 0, 1, 2, 5, 10]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(_plainly)
    heat_axis(axes)
    axes.set_ylim(min(1.3 * low, 0) - 0.3, 1.3 * high + 0.3)


def heat_axis(axes: Axes) -> None:
    """P_ph/P_ext, linear near 0 and logarithmic beyond 1: it spans decades of either sign. A line at the scatterer."""
    axes.set_yscale("asinh", linear_width=1.0)
    axes.yaxis.set_major_locator(FixedLocator([-1000, -100, -10, -5, -2, -1, 0, 1, 2, 5, 10, 100, 1000]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(_plainly)
    axes.axvline(0, color=BLACK, lw=0.8, zorder=1)
    axes.axhline(0, color=BLACK, lw=0.7, zorder=1)


def _plainly(value: float, _: float) -> str:
    return f"{value:g}"


def _finish(figure: Figure, first: Axes, title: str) -> None:
    handles = first.get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    figure.suptitle(title, fontsize=11)
