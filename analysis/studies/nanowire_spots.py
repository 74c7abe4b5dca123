"""Maps of the strongest hot or cold spot of each wire over position and width of the resonance (003 Figs. 5, 6)."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm, TwoSlopeNorm
from matplotlib.figure import Figure

from sgle.analysis.plot_style import new_figure
from sgle.analysis.studies import Answer
from sgle.analysis.studies.nanowire_rows import HEAD, KT, Row, doubts_of, rows
from sgle.analysis.studies.text import aligned, as_csv
from sgle.nanowire import Solution, Spot, dominant
from sgle.recipe.nanowire import Nanowire

Array = np.ndarray
SIDES = ("left", "right")
NEAREST, FARTHEST = 1e-3, 20.0  # l_F; 003 looks up to 20
CLOSE = 1e-2  # an extremum this close is made by the logarithm of P^(φ) at the scatterer
HOT, COLD = (ListedColormap(colormaps[name](np.linspace(0.2, 1, 200))) for name in ("YlOrRd", "YlGnBu"))


def spots(asked: Nanowire, title: str) -> Answer:
    """Strength and place of the dominant spots on a grid of √ε0 and Γ, at every temperature."""
    counts = asked.points or [2, 2]
    roots = np.linspace(asked.peaks[0] ** 0.5, asked.peaks[1] ** 0.5, counts[0])
    widths = np.linspace(asked.widths[0], asked.widths[1], counts[1])
    found = rows(asked, _dominant, (roots**2).tolist(), widths.tolist())
    head = ["kT", "wire", "hot", "cold", "white", "strongest P_ph/P_ext", "at e0", "Gamma", "x"]
    told = [_told(found, t, side) for t in asked.temperatures for side in range(2)]
    lines = [
        [*row.place, name, *(("", "", "") if spot is None else (spot.position, spot.height, spot.strength))]
        for row in found
        for name, spot in zip(SIDES, row.kept, strict=True)
    ]
    return Answer(
        aligned(head, told) + doubts_of(found),
        {"spots.csv": as_csv([*HEAD, "wire", "x", "P_ph/P_ext", "strength"], lines)},
        {
            "strength": strength_figure(asked, found, roots, widths, title),
            "position": position_figure(asked, found, roots, widths, title),
        },
    )


def _dominant(solution: Solution) -> tuple[Spot | None, Spot | None]:
    """The strongest spot of the left and of the right wire, None where the map is white."""
    found = solution.spots(NEAREST, FARTHEST)
    return dominant([s for s in found if s.position < 0]), dominant([s for s in found if s.position > 0])


def _told(found: Sequence[Row], temperature: float, side: int) -> list[object]:
    """A line of the table: how many spots of each kind, and the strongest."""
    members = [row for row in found if row.temperature == temperature]
    seen = [(row, spot) for row in members if (spot := row.kept[side])]
    hot = sum(spot.hot for _, spot in seen)
    counts: list[object] = [temperature, SIDES[side], hot, len(seen) - hot, len(members) - len(seen)]
    if not seen:
        return [*counts, "–", "–", "–", "–"]
    row, best = max(seen, key=lambda pair: abs(pair[1].strength))
    return [*counts, best.height, row.peak, row.width, best.position]


def strength_figure(asked: Nanowire, found: Sequence[Row], roots: Array, widths: Array, title: str) -> Figure:
    """±(|P_ph|/P_ext - 1)^(1/5): red hot, blue cold, white none."""
    maps = _maps(asked, found, lambda spot: spot.strength, (len(roots), len(widths)))
    top = max(float(np.nanmax(np.abs(maps), initial=0.0)), 1e-3) if np.any(np.isfinite(maps)) else 1.0
    figure, panels = _panels(asked, maps)
    for axes, values in panels:
        drawn = axes.pcolormesh(roots, widths, values.T, cmap="RdBu_r", norm=TwoSlopeNorm(0.0, -top, top))
    _mark_close(figure, asked, found, roots, widths)
    bar = figure.colorbar(drawn, ax=figure.axes, shrink=0.7)
    bar.set_label(r"cold spots     $\pm(|P_\mathrm{ph}|/P_\mathrm{ext} - 1)^{1/5}$     hot spots")
    figure.suptitle(f"{title}: strength, eV = {asked.biases[0]:g} μ0", fontsize=11)
    return figure


def position_figure(asked: Nanowire, found: Sequence[Row], roots: Array, widths: Array, title: str) -> Figure:
    """|x| of the spots, one scale of colours for hot and one for cold."""
    shape = (len(roots), len(widths))
    hot = _maps(asked, found, lambda spot: abs(spot.position) if spot.hot else np.nan, shape)
    cold = _maps(asked, found, lambda spot: np.nan if spot.hot else abs(spot.position), shape)
    figure, panels = _panels(asked, hot)
    norm = LogNorm(CLOSE, FARTHEST)
    for (axes, values), others in zip(panels, cold.reshape(-1, *shape), strict=True):
        drawn = [
            axes.pcolormesh(roots, widths, some.T, cmap=colours, norm=norm)
            for some, colours in ((values, HOT), (others, COLD))
        ]
    for mesh, name in zip(drawn, ("hot spots", "cold spots"), strict=True):
        bar = figure.colorbar(
            mesh, ax=[axes for axes, _ in panels], location="bottom", shrink=0.8, aspect=45, extend="min"
        )
        bar.set_label(rf"distance of {name} $|x|/l_\mathrm{{F}}$")
    figure.suptitle(f"{title}: distance, eV = {asked.biases[0]:g} μ0", fontsize=11)
    return figure


def _mark_close(figure: Figure, asked: Nanowire, found: Sequence[Row], roots: Array, widths: Array) -> None:
    """Dots on spots so close to the scatterer that they are no more than the logarithm of P^(φ) there."""
    distances = _maps(asked, found, lambda spot: abs(spot.position), (len(roots), len(widths)))
    for axes, values in zip(figure.axes, distances.reshape(-1, *distances.shape[2:]), strict=True):
        i, j = np.nonzero(values < CLOSE)
        axes.plot(roots[i], widths[j], ".", ms=2.5, color="#333333", label=rf"$|x| < {CLOSE:g}\,l_\mathrm{{F}}$")
    handles = figure.axes[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", frameon=False, fontsize=9)


def _maps(asked: Nanowire, found: Sequence[Row], value: Callable[[Spot], float], shape: tuple[int, int]) -> Array:
    """(n_t, 2, n_roots, n_widths): a number of each spot, nan where there is none."""
    numbers = [[np.nan if spot is None else value(spot) for spot in row.kept] for row in found]
    return np.array(numbers, dtype=float).reshape(*shape, len(asked.temperatures), 2).transpose(2, 3, 0, 1)


def _panels(asked: Nanowire, maps: Array) -> tuple[Figure, list[tuple[Axes, Array]]]:
    """One row per temperature, left wire left; with the map of each panel."""
    count = len(asked.temperatures)
    figure = new_figure(9.0, 2.9 * count + 0.5)
    axes = figure.subplots(count, 2, squeeze=False, sharex=True, sharey=True)
    for i, temperature in enumerate(asked.temperatures):
        for j, side in enumerate(SIDES):
            axes[i, j].set_title(f"{side} wire, {KT} = {temperature:g} μ0", fontsize=10, loc="left")
            axes[i, j].axvline(1.0, color="#888888", lw=0.8, ls=(0, (2, 2)), zorder=3)
        axes[i, 0].set_ylabel(r"width $\Gamma/\mu_0$")
    for axis in axes[-1]:
        axis.set_xlabel(r"position $\sqrt{\varepsilon_0/\mu_0}$")
    return figure, list(zip(axes.ravel(), maps.reshape(-1, *maps.shape[2:]), strict=True))
