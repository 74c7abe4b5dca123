"""How pictures look: colours that colour-blind readers can tell apart (Okabe and Ito, 2008), sizes, saving.

Figures are made by matplotlib's object interface alone: no pyplot, no global state, no window.
"""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sgle.errors import FileError

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#222222",
)
CYCLE = (BLUE, RED, GREEN, PURPLE, ORANGE, SKY)
SAMPLED, GRID, CONTINUUM = BLACK, BLUE, ORANGE
DPI = 150


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, inches, whose panels arrange themselves."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def plain(axes: Axes, title: str = "", x: str = "", y: str = "") -> None:
    """Labels, a light grid behind the data, no box."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xlabel(x)
    axes.set_ylabel(y)


def name_ticks(axes: Axes, names: np.ndarray, most: int = 24) -> None:
    """Names below an axis whose places are 0, 1, 2 ...; every second, third ... only, if there are many."""
    every = -(-len(names) // most)
    places = np.arange(0, len(names), every)
    slanted = max(len(str(name)) for name in names) * len(places) > 80
    axes.set_xticks(places, [str(names[k]) for k in places], rotation=90 if slanted else 0)
    axes.set_xlim(-0.6, len(names) - 0.4)


def png(figure: Figure) -> bytes:
    """The figure as a PNG picture."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI)
    return buffer.getvalue()


def save_figures(figures: Mapping[str, Figure], folder: str | Path) -> list[Path]:
    """Write name.png and name.pdf of every figure into an existing folder. FileError if that is
    impossible.
    """
    written = []
    for name, figure in figures.items():
        for ending in ("png", "pdf"):
            path = Path(folder) / f"{name}.{ending}"
            try:
                figure.savefig(path, dpi=DPI)
            except OSError as error:
                raise FileError(f"{path}: cannot be written: {error.strerror or error}", path=str(path)) from error
            written.append(path)
    return written
