"""Picture of the study `[forces]`: the four parts of K and L, and energy per turn, against a swept value."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgle.analysis.plot_style import BLACK, BLUE, CYCLE, ORANGE, RED, new_figure, plain
from sgle.recipe import Recipe

if TYPE_CHECKING:
    from sgle.analysis.studies.forces import Curves

STYLES = ("-", (0, (4, 2)), (0, (1, 1.2)), (0, (5, 1, 1, 1)))  # one for each value of a second swept key
PANELS = {
    "conservative": "conservative, (K + Kᵀ)/2",
    "non-conservative": "non-conservative, (K - Kᵀ)/2",
    "work": "energy per turn on the loop",
    "damping": "damping, (L + Lᵀ)/2",
    "Lorentz-like": "Lorentz-like, (L - Lᵀ)/2",
    "eigenvalues": "largest eigenvalue of the damping",
}
UNITS = {"conservative": "eV²", "non-conservative": "eV²"}
WORK = {"mean force": ORANGE, "non-conservative": BLUE, "friction": RED, "both": BLACK}
GROWS = "#FBE3D6"


def figure(key: str, slices: Sequence["Curves"], recipe: Recipe) -> Figure:
    """One panel for each part; where the loop gains energy or friction feeds, the background is warm."""
    names = [name for name in PANELS if any(slices[0].columns.get(name, {}))]
    page = new_figure(13.6, 3.7 * -(-len(names) // 3) + 0.4)
    axes = page.subplots(-(-len(names) // 3), 3, squeeze=False).ravel()
    for axis, name in zip(axes, names, strict=False):
        for style, curves in zip(_styles(len(slices)), slices, strict=True):
            _curves(axis, curves, name, style, named=curves is slices[0])
        unit = f"  [{UNITS.get(name, 'eV')}]" if recipe.units == "eV" else ""
        plain(axis, title=PANELS[name] + unit, x=key)
        axis.axhline(0.0, color=BLACK, linewidth=0.6)
        axis.margins(x=0 if len(slices[0].x) > 1 else 0.5)
        if name in ("work", "eigenvalues"):
            axis.axhspan(0.0, max(axis.get_ylim()[1], 0.0), color=GROWS, zorder=0, linewidth=0)
        if axis.get_legend_handles_labels()[0]:
            axis.legend(frameon=False, fontsize=8)
    for axis in axes[len(names) :]:
        axis.set_axis_off()
    _name_slices(axes[0], slices)
    page.suptitle(recipe.title, fontsize=11)
    return page


def _styles(count: int) -> list[object]:
    return [STYLES[k % len(STYLES)] for k in range(count)]


def _curves(axes: Axes, curves: "Curves", name: str, style: object, named: bool) -> None:
    order = np.argsort(curves.x, kind="stable")
    for k, (label, values) in enumerate(curves.columns[name].items()):
        colour = WORK.get(label, BLACK if name == "eigenvalues" else CYCLE[k % len(CYCLE)])
        shown = _label(name, label) if named else None
        axes.plot(curves.x[order], values[order], color=colour, linestyle=style, linewidth=1.5, label=shown)


def _label(name: str, label: str) -> str | None:
    """ "Ks01" as K01; the only curve of a panel needs no name."""
    return label if name == "work" else None if name == "eigenvalues" else label[0] + label[2:]


def _name_slices(axes: Axes, slices: Sequence["Curves"]) -> None:
    """Which line belongs to which value of the second key, in the first panel's legend."""
    for style, curves in zip(_styles(len(slices)), slices, strict=True):
        if curves.named:
            axes.plot([], [], color=BLACK, linestyle=style, linewidth=1.2, label=curves.named)
    axes.legend(frameon=False, fontsize=8)
