"""Picture of the study `[jellium]`: a wire's cross-section as maps, and the line through its middle."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgle.analysis.plot_style import BLACK, CYCLE, new_figure, plain
from sgle.jellium import surface

Array = np.ndarray
LABELS = {
    "curl": (r"strength $L_z / eW\nu_b j_b$", r"$(\nabla\times F)_y$  [$C^2 eW$]"),
    "lorentz": (r"vector potential $A_z$  [$C^2 eW$]", r"field $B_y$  [$C^2 eW$]"),
}
BRIGHT = 99.0  # per cent of the map that the colours resolve


@dataclass(frozen=True)
class Drawn:
    """x, y [λ_F], value and curl (n_x, n_y) of the map; lines : {name: (distance, value, curl)}."""

    force: str
    x: Array
    y: Array
    value: Array
    curl: Array
    lines: Mapping[str, tuple[Array, Array, Array]]
    title: str


def figure(drawn: Drawn) -> Figure:
    """Above, the value and the y component of its curl; below, both on the line."""
    page = new_figure(10.4, 8.6)
    axes = page.subplots(2, 2, height_ratios=(1.45, 1.0))
    value, curl = LABELS[drawn.force]
    low, high = np.percentile(drawn.value, [100 - BRIGHT, BRIGHT])
    _map(page, axes[0, 0], drawn, drawn.value, value, "viridis", (min(low, 0.0), max(high, 0.0)))
    largest = float(np.percentile(np.abs(drawn.curl), BRIGHT))
    _map(page, axes[0, 1], drawn, drawn.curl, curl, "RdBu_r", (-largest, largest))
    for axis, label, place in zip(axes[1], (value, curl), (1, 2), strict=True):
        _lines(axis, drawn, label, place)
    page.suptitle(drawn.title, fontsize=11)
    return page


def _map(
    page: Figure, axes: Axes, drawn: Drawn, values: Array, label: str, colours: str, ends: tuple[float, float]
) -> None:
    mesh = axes.pcolormesh(
        drawn.x, drawn.y, values.T, cmap=colours, vmin=ends[0], vmax=ends[1], shading="nearest", rasterized=True
    )
    axes.set_aspect("equal")
    axes.set_xlabel(r"x  [$\lambda_F$]")
    axes.set_ylabel(r"y  [$\lambda_F$]")
    bar = page.colorbar(mesh, ax=axes, aspect=30, pad=0.02, extend="both")
    bar.set_label(label)
    bar.outline.set_linewidth(0.4)  # type: ignore[operator]


def _lines(axes: Axes, drawn: Drawn, label: str, place: int) -> None:
    """Along y = height/2, by distance from the surface x = 0; dashed, the surface of an endless metal."""
    for k, (name, line) in enumerate(drawn.lines.items()):
        axes.plot(line[0], line[place], color=CYCLE[k % len(CYCLE)], linewidth=1.5, label=name)
    end = min(line[0][-1] for line in drawn.lines.values())
    if drawn.force == "curl":
        d = np.linspace(end / 2000, end, 1000)
        axes.plot(d, surface(d)[place - 1], color=BLACK, linewidth=1.0, linestyle=(0, (4, 2)), label="endless metal")
    axes.axhline(0.0, color=BLACK, linewidth=0.6)
    plain(axes, x=r"distance from the surface, y in the middle  [$\lambda_F$]", y=label)
    axes.set_xlim(0, end)
    if place == 2 and (any(drawn.lines) or drawn.force == "curl"):
        axes.legend(frameon=False, fontsize=8)
