"""Pictures of the frequency domain and of sweeps; those of sampled results are in sgle.analysis.plots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure

from sgle.analysis.columns import (
    ATOM_ENERGY,
    CURRENT,
    ENERGY,
    EXCESS,
    TEMPERATURE,
    TOTAL,
    Column,
    axis_label,
)
from sgle.analysis.exact_spectra import Spectra
from sgle.analysis.pair_columns import QUANTA
from sgle.analysis.plot_atoms import atoms_figure, columns_of, probes_figure, side_view, views_of, with_them
from sgle.analysis.plot_style import BLACK, BLUE, CYCLE, DPI, GREEN, ORANGE, RED, SKY, name_ticks, new_figure, plain
from sgle.analysis.solved import Pair
from sgle.files.safe import atomic
from sgle.recipe import Recipe
from sgle.units import Units, by_name

Array = np.ndarray
MOST_LABELS = 10
MOST_VIEWS = 3
WITHOUT = SKY
DASHES = (0, (4, 2))
MARKERS = "osD^v"
COINCIDE = 0.01  # of the height of a panel: curves nearer than this are drawn one upon the other
ALONG = LinearSegmentedColormap.from_list("along", [BLUE, SKY, "#9A9A9A", ORANGE, RED])


def write_pictures(figures: Mapping[str, Figure], folder: Path) -> list[Path]:
    """Write every figure as NAME.png, whole or not at all."""
    written = []
    for name, figure in figures.items():
        path = folder / f"{name}.png"
        with atomic(path) as temporary:
            figure.savefig(temporary, format="png", dpi=DPI)
        written.append(path)
    return written


def landauer_pictures(recipe: Recipe, pair: Pair, columns: Sequence[Column], spectra: Spectra) -> dict[str, Figure]:
    """Pictures of one junction: numbers and spectra, and where it has atoms, their excess and temperatures."""
    found = {"landauer": landauer_figure(recipe, columns, spectra)}
    return found | _atomic(recipe, [pair])


def sweep_pictures(recipe: Recipe, pairs: Sequence[Pair], columns: Sequence[Column]) -> dict[str, Figure]:
    """Pictures of a sweep: everything against the swept value, and the atoms at a few values."""
    values = [pair.value for pair in pairs]
    hidden = _redundant(pairs[0])
    shown = [column for column in columns if not (column.is_about(CURRENT) and column.label in hidden)]
    shown = by_place(shown, pairs)
    found = {"landauer": sweep_figure(recipe, values, shown, [bool(pair.full.trouble) for pair in pairs])}
    stable = [pair for pair in pairs if pair.full.excess is not None and np.any(pair.full.excess != 0.0)]
    places = {round(place) for place in np.linspace(0, len(stable) - 1, MOST_VIEWS)} if stable else set()
    return found | _atomic(recipe, [stable[k] for k in sorted(places)])


def by_place(columns: Sequence[Column], pairs: Sequence[Pair]) -> list[Column]:
    """`columns` with those of single atoms averaged over atoms at the same place along the junction."""
    junction = pairs[0].full.junction
    if junction.atoms is None or junction.atoms.positions is None:
        return list(columns)
    if {pair.full.junction.size for pair in pairs} != {junction.size}:  # the number of atoms itself is swept
        return list(columns)
    along = side_view(junction)[0][:, 0]
    found = [column for column in columns if not (column.is_about(EXCESS) or column.is_about(TEMPERATURE))]
    for title in (EXCESS, TEMPERATURE):
        members = [column for column in columns if column.is_about(title)]
        for group in columns_of(along) if members else ():
            values = np.mean([members[k].values for k in group], axis=0)
            without = np.mean([members[k].without for k in group], axis=0)
            label = f"at {round(float(along[group].mean()), 1) + 0.0:.1f} Å".replace("-", "−")
            found.append(Column(members[0].panel, label, values.tolist(), without=without.tolist()))
    return found


def _redundant(pair: Pair) -> list[str]:
    """Electrons, if two or more other baths are shown: their current is minus the sum of all others, and far larger."""
    baths = pair.full.junction.baths
    electrons = [name for name, bath in baths.items() if "bias" in bath.parameters]
    return electrons if len(baths) - len(electrons) >= 2 else []


def _atomic(recipe: Recipe, pairs: Sequence[Pair]) -> dict[str, Figure]:
    """The atoms coloured by excess, and their probe temperatures, where positions are known."""
    units, found = by_name(recipe.units), {}
    views = views_of(pairs, recipe.swept or "")
    if views:
        found["atoms"] = atoms_figure(views, units, recipe.title, recipe.compared)
        if any(pair.full.temperatures is not None for pair in pairs):
            found["probes"] = probes_figure(pairs, units, recipe.title, recipe.compared, recipe.swept or "")
    return found


def sweep_picture(
    path: Path, recipe: Recipe, values: Sequence[float], columns: Sequence[Column], unstable: Sequence[bool] = ()
) -> None:
    """`sweep_figure` as a PNG."""
    write_pictures({path.stem: sweep_figure(recipe, values, columns, unstable)}, path.parent)


def sweep_figure(
    recipe: Recipe, values: Sequence[float], columns: Sequence[Column], unstable: Sequence[bool] = ()
) -> Figure:
    """One panel per quantity against the swept value; sampled points with bars over the exact lines.

    Dashed: without what is compared.    unstable : values that have no answer, marked at the foot of each panel.
    """
    panels = _panels(columns)
    figure = new_figure(4.7 * len(panels), 3.9)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    order = np.argsort(values, kind="stable")
    for axis, (panel, members) in zip(axes, panels.items(), strict=True):
        for column, look in zip(members, _looks(members), strict=True):
            label = column.label if len(members) <= MOST_LABELS else None
            _draw(axis, np.asarray(values, float), order, column, look, label)
        mark_unstable(axis, values, unstable)
        plain(axis, x=axis_label(recipe.swept or ""), y=panel)
        axis.axhline(0, color=BLACK, linewidth=0.7, zorder=1)
        _legend(axis, members, recipe.compared)
    figure.suptitle(recipe.title, fontsize=11)
    return figure


def _panels(columns: Sequence[Column]) -> dict[str, list[Column]]:
    """What shares a panel: of energies the excess per atom if known, of many atoms only the total; sampled quanta."""
    about = [EXCESS if any(c.is_about(EXCESS) for c in columns) else ENERGY, CURRENT, TEMPERATURE]
    if sum(column.is_about(EXCESS) for column in columns) > 3 * MOST_LABELS:
        about[0] = TOTAL
    chosen = [[column for column in columns if column.is_about(title)] for title in about]
    chosen.append([column for column in columns if column.is_about(QUANTA) and column.errors])
    return {members[0].panel: members for members in chosen if members}


def _draw(axis: Axes, values: Array, order: Array, column: Column, look: "Look", label: str | None) -> None:
    x = values[order]
    if column.errors:
        if column.exact:
            axis.plot(x, np.array(column.exact)[order], color=look.colour, alpha=0.6, linewidth=1.4)
        style: Any = {"fmt": "o", "ms": 3, "capsize": 2}
        axis.errorbar(values, column.values, column.errors, color=look.colour, label=label, **style)
        return
    style = {"marker": look.marker, "ms": look.size, "linewidth": look.width, "mew": 0}
    axis.plot(x, np.array(column.values)[order], color=look.colour, label=label, **style)
    if column.without:
        y = np.array(column.without)[order]
        axis.plot(x, y, color=look.dark, linestyle=look.dashes, linewidth=1.5, zorder=4)


@dataclass(frozen=True)
class Look:
    """Of one curve. late : dashes begin in the gaps of the others', so that two dashed curves in one place are seen."""

    colour: Any
    marker: str
    size: float
    width: float
    late: bool = False

    @property
    def dark(self) -> tuple[float, ...]:
        """The colour of the dashed curve, to be seen on the full one."""
        return tuple(0.6 * part for part in to_rgb(self.colour))

    @property
    def dashes(self) -> Any:
        """Line style of the dashed curve."""
        return (5.5 if self.late else 0, (3.5, 7.5))


def _looks(members: Sequence[Column]) -> list[Look]:
    """One look per curve of a panel: the more later ones lie upon it the broader, so that all are seen."""
    count, curves = len(members), np.array([column.values for column in members], dtype=float)
    near = COINCIDE * (np.nanmax(curves, initial=0.0) - np.nanmin(curves, initial=0.0))
    found = []
    for k, column in enumerate(members):
        apart = np.nan_to_num(np.abs(curves[k + 1 :] - curves[k])).max(axis=1, initial=0.0)
        found.append(_look(column, k, count, int(np.sum(apart <= near))))
    return found


def _look(column: Column, k: int, count: int, above: int) -> Look:
    """Left blue, right red, one phonon bath green for currents and atoms; else the cycle, or from dark to light."""
    colour = CYCLE[k] if count <= len(CYCLE) else colormaps["viridis"](0.95 * k / (count - 1))
    if column.label.startswith("at "):
        colour = ALONG(k / max(count - 1, 1))
    if column.is_about(CURRENT):
        colour = {"L": BLUE, "R": RED, "ph": GREEN}.get(column.label, "#888888")
    late = k >= count / 2
    if count > MOST_LABELS:
        return Look(colour, "o", 2.5, 1.1, late)
    return Look(colour, MARKERS[k % len(MARKERS)], 4.2 + 1.6 * min(above, 2), 1.6 + min(above, 2), late)


def mark_unstable(axis: Axes, values: Sequence[float], unstable: Sequence[bool]) -> None:
    """A cross at the foot of the panel for every value without steady state, on a shaded ground."""
    bad = np.array([value for value, flag in zip(values, unstable, strict=False) if flag])
    if bad.size == 0:
        return
    edges = np.sort(np.asarray(values, float))
    middles = np.concatenate([edges[:1], (edges[1:] + edges[:-1]) / 2, edges[-1:]])
    for value in bad:
        k = int(np.searchsorted(edges, value))
        axis.axvspan(middles[k], middles[k + 1], color=BLACK, alpha=0.08, linewidth=0)
    foot = axis.get_xaxis_transform()
    axis.plot(bad, np.full(bad.size, 0.03), "x", color=BLACK, ms=6, mew=1.6, transform=foot, label="unstable")


def landauer_figure(recipe: Recipe, columns: Sequence[Column], spectra: Spectra) -> Figure:
    """Energies, heat currents, velocity spectra and phonon transmission of one junction."""
    units = by_name(recipe.units)
    figure = new_figure(10.0, 6.8)
    axes = figure.subplots(2, 2)
    panels = list(_single_panels(columns))
    for axis, members in zip(axes[0], panels, strict=True):
        _bars(axis, members, recipe.compared)
    _spectra(axes[1, 0], spectra, units)
    _transmissions(axes[1, 1], spectra, units)
    figure.suptitle(recipe.title, fontsize=11)
    return figure


def _single_panels(columns: Sequence[Column]) -> tuple[list[Column], list[Column]]:
    """The energies most worth showing, and the heat currents."""
    for title in (EXCESS, ATOM_ENERGY, ENERGY):
        energies = [column for column in columns if column.is_about(title)]
        if energies:
            break
    return energies, [column for column in columns if column.is_about(CURRENT)]


def _bars(axis: Axes, columns: Sequence[Column], compared: str) -> None:
    """One bar per number, and a paler one beside it for the comparison."""
    places, second = np.arange(len(columns)), [column.without[0] if column.without else np.nan for column in columns]
    width = 0.38 if compared else 0.62
    shift = width / 2 if compared else 0.0
    if compared:
        axis.bar(places - shift, second, color=WITHOUT, width=width, label=compared)
    axis.bar(
        places + shift, [column.values[0] for column in columns], color=BLUE, width=width, label=with_them(compared)
    )
    plain(axis, y=columns[0].panel)
    axis.grid(visible=False, axis="x")
    name_ticks(axis, np.array([column.label.removeprefix("dof ") for column in columns], dtype=object))
    axis.axhline(0, color=BLACK, linewidth=0.7)
    if len(columns) > MOST_LABELS:
        axis.tick_params(axis="x", labelsize=8)
    if columns[0].label.startswith("dof "):
        axis.set_xlabel("degree of freedom")
    if compared:
        axis.legend(frameon=False, fontsize=8, ncols=2, loc="lower left", bbox_to_anchor=(0.0, 1.0), borderpad=0)


def _spectra(axis: Axes, spectra: Spectra, units: Units) -> None:
    count = spectra.velocity.shape[1]
    for k in range(count):
        name = f"dof {k}" if count <= MOST_LABELS else None
        colour = CYCLE[k] if count <= len(CYCLE) else colormaps["viridis"](k / (count - 1))
        axis.semilogy(_frequency(spectra, units), spectra.velocity[:, k], color=colour, label=name, linewidth=1.1)
    plain(axis, x=_energy_label(units), y="velocity spectrum")
    axis.set_ylim(_decades(spectra.velocity))
    if count <= MOST_LABELS:
        axis.legend(frameon=False, fontsize=8)
    else:
        axis.set_title(f"dof 0 (dark) … {count - 1} (light)", fontsize=8, loc="left")


def _transmissions(axis: Axes, spectra: Spectra, units: Units) -> None:
    for (pair, values), colour in zip(spectra.transmission.items(), CYCLE * 10, strict=False):
        axis.plot(_frequency(spectra, units), values, color=colour, label=" → ".join(pair), linewidth=1.3)
    plain(axis, x=_energy_label(units), y="transmission between phonon baths")
    axis.set_ylim(bottom=0)
    if spectra.transmission:
        axis.legend(frameon=False, fontsize=8)
    else:
        axis.set_axis_off()


def _frequency(spectra: Spectra, units: Units) -> Array:
    return spectra.omega * units.scale("frequency")


def _energy_label(units: Units) -> str:
    return units.titled("frequency ω" if units.name == "natural" else "energy ħω", "frequency")


def _decades(values: Any, most: float = 1e6) -> tuple[float, float]:
    top = float(values.max()) * 2
    return max(float(values[values > 0].min()) / 2, top / most), top


def _legend(axis: Axes, members: Sequence[Column], compared: str) -> None:
    if len(members) > MOST_LABELS:
        shades = ("blue", "red") if members[0].label.startswith("at ") else ("dark", "light")
        first, last = (f"{members[k].label} ({shade})" for k, shade in zip((0, -1), shades, strict=True))
        axis.set_title(f"{first} … {last}", loc="left", fontsize=8)
    if compared and any(column.without for column in members):
        axis.plot([], [], color="#555555", linestyle=DASHES, linewidth=1.2, label=compared)
    if axis.get_legend_handles_labels()[0]:
        axis.legend(frameon=False, fontsize=8)
