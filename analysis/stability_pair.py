"""Picture of two modes that meet at an exceptional point (001 Fig. 4): frequencies, dampings, and their overlap."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgle.analysis.plot_style import BLACK, BLUE, PURPLE, RED, new_figure, plain
from sgle.stability import ExceptionalPoint
from sgle.units import Units

Array = np.ndarray
PairAt = Callable[[float], tuple[Array, Array]]
POINTS = 121


def pair_figure(
    pair_at: PairAt, span: tuple[float, float], found: ExceptionalPoint, units: Units, title: str
) -> Figure:
    """Re z, Im z and |⟨x_1|x_2⟩| of two modes along a range of bias.

    pair_at(V) : λ = z² (2,) and right vectors (2, N).
    """
    values = np.linspace(*span, POINTS)
    z, overlap = followed(pair_at, values)
    bias, scale = values * units.scale("bias"), units.scale("frequency")
    figure = new_figure(7.6, 7.6)
    panels = figure.subplots(3, 1, sharex=True)
    for axes, part, name in zip(panels, (z.real, z.imag), ("Re z", "Im z"), strict=False):
        for column, colour in zip(part.T * scale, (BLUE, RED), strict=True):
            axes.plot(bias, column, color=colour, linewidth=2.2)
        plain(axes, y=units.titled(name, "frequency"))
    panels[1].axhline(0, color=BLACK, linewidth=0.8, zorder=1)
    panels[2].plot(bias, overlap, color=BLACK, linewidth=2.2)
    panels[2].axhline(1, color=BLACK, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
    panels[2].set_ylim(0, 1.06)
    plain(panels[2], x=units.titled("bias", "bias"), y="overlap of the vectors")
    for axes in panels:
        _place(axes, found, units)
    panels[0].legend(frameon=False, fontsize=8)
    figure.suptitle(title, fontsize=11)
    return figure


def _place(axes: Axes, found: ExceptionalPoint, units: Units) -> None:
    scale, unit = units.scale("bias"), units.label("bias")
    sign = "−" if found.value.imag < 0 else "+"
    value = f"{found.value.real * scale:.5g} {sign} {abs(found.value.imag) * scale:.2g}i {unit}".rstrip()
    axes.axvline(found.value.real * scale, color=PURPLE, linewidth=1.4, linestyle=(0, (4, 3)), zorder=1,
                 label=f"real part of the exceptional point {value}")  # fmt: skip
    axes.set_xlim(axes.get_lines()[0].get_xdata()[[0, -1]])  # type: ignore[index,arg-type]


def followed(pair_at: PairAt, values: Array) -> tuple[Array, Array]:
    """z (n, 2), each column one mode as far as the two can be told apart, and the overlap of their vectors (n,)."""
    z, overlap = np.zeros((len(values), 2), complex), np.zeros(len(values))
    for k, value in enumerate(values):
        squares, right = pair_at(float(value))
        found = np.sqrt(np.asarray(squares, complex))
        expected = z[0] if k < 2 else 2 * z[k - 1] - z[k - 2]
        if k and np.abs(found[::-1] - expected).sum() < np.abs(found - expected).sum():
            found = found[::-1]
        z[k] = found
        overlap[k] = abs(np.vdot(right[0], right[1])) / np.linalg.norm(right[0]) / np.linalg.norm(right[1])
    return z, overlap
