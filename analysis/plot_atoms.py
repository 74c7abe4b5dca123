"""The atoms of a junction, coloured by their excess kinetic energy, without and with the asymmetric forces.

After 000 Figs. 1 and 3: a side view of the atoms, below it the energies averaged over each column of atoms, sampled
values with error bars on top; and after 000 SM Fig. 6 the temperatures that Büttiker probes on the atoms read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from sgle.analysis.columns import point_label
from sgle.analysis.estimate import Estimate
from sgle.analysis.plot_style import BLACK, BLUE, RED, SAMPLED, new_figure, plain
from sgle.analysis.solved import Pair
from sgle.junction import Atoms, Junction
from sgle.units import Units

Array = np.ndarray
# Covalent radii [Å] (Cordero et al., 2008) of the elements that junctions are made of; any other: 1.3.
RADII = {"H": 0.31, "C": 0.76, "N": 0.71, "O": 0.66, "S": 1.05, "Si": 1.11, "Al": 1.21, "Cu": 1.32, "Pt": 1.36}
RADII |= {"Au": 1.36, "Ag": 1.45}
COLUMN = 0.3  # atoms nearer than this along the junction [Å] share a column
TILT = 0.32  # rad
WITH, WITHOUT = RED, BLUE
HEAT = LinearSegmentedColormap.from_list(
    "heat", ["#FFF6DC", "#FFE08A", "#FDB046", "#F2722B", "#CF3A22", "#8E1420", "#4A0818"]
)
COLD_HEAT = LinearSegmentedColormap.from_list(
    "cold-heat", ["#1B4F9C", "#6FA8DC", "#F7F3EA", "#FDB046", "#CF3A22", "#4A0818"]
)


@dataclass(frozen=True, eq=False)
class View:
    """One junction as drawn: flat (n, 2) [Å], left to right and bottom to top; depth (n,) towards the reader.

    full, without : (n,) excess kinetic energies [eV]; `without` may be None.    sampled : Estimate over atoms, or None.
    bias : its sign gives the direction of the electrons.    label : what tells this view from its neighbours.
    """

    atoms: Atoms
    flat: Array
    depth: Array
    full: Array
    without: Array | None
    bias: float
    sampled: Estimate | None = None
    label: str = ""


def views_of(pairs: Sequence[Pair], swept: str = "") -> list[View]:
    """Views of all pairs that have atoms with positions and an excess."""
    found = []
    for pair in pairs:
        excess, label = pair.full.excess, point_label(swept, pair.value) if swept else ""
        if excess is not None:
            without = pair.without.excess if pair.without else None
            found += view(pair.full.junction, excess, without, label=label)
    return found


def view(
    junction: Junction, full: Array, without: Array | None, sampled: Estimate | None = None, label: str = ""
) -> list[View]:
    """The view of one junction as a list, empty if it does not know where its atoms are, or none has an excess."""
    if junction.atoms is None or junction.atoms.positions is None or not np.any(full):
        return []
    flat, depth = side_view(junction)
    return [View(junction.atoms, flat, depth, full, without, junction.bias, sampled, label)]


def side_view(junction: Junction) -> tuple[Array, Array]:
    """(n, 2) places on paper and (n,) depths: the two widest axes, the wider one lying, bath L on the left.

    What is deep is turned a little about the lying axis, so that atoms behind each other are all seen.
    """
    assert junction.atoms is not None and junction.atoms.positions is not None
    positions = junction.atoms.positions - junction.atoms.positions.mean(axis=0)
    width = np.ptp(positions, axis=0)
    lying, standing, depth = np.argsort(-width, kind="stable")
    along = positions[:, lying] * _orientation(junction, positions[:, lying])
    angle = TILT if width[depth] > 0.5 * width[standing] > 0.5 else 0.0
    up = np.cos(angle) * positions[:, standing] + np.sin(angle) * positions[:, depth]
    near = np.cos(angle) * positions[:, depth] - np.sin(angle) * positions[:, standing]
    return np.stack([along, up], axis=1), near


def _orientation(junction: Junction, along: Array) -> float:
    """-1 if bath L is at the larger coordinates, by where its broadening is."""
    centres = []
    highest = np.sqrt(np.abs(np.linalg.eigvalsh(junction.dynamical_matrix)).max())
    for name in ("L", "R"):
        if name not in junction.baths or junction.atoms is None:
            return 1.0
        bath = junction.baths[name]
        weight = np.zeros(junction.size)
        weight[list(bath.dofs)] = np.einsum("kk->k", bath.broadening(0.41 * highest)).real
        weight = junction.atoms.per_atom(np.maximum(weight, 0.0))
        centres.append(weight @ along / max(weight.sum(), 1e-300))
    return -1.0 if centres[0] > centres[1] + 1e-6 else 1.0


def with_them(compared: str) -> str:
    """What the full junction is called beside one "without asymmetric forces"."""
    return compared.replace("without ", "with ", 1) or "exact"


def columns_of(along: Array) -> list[Array]:
    """Indices of the atoms of each column, from left to right."""
    order = np.argsort(along, kind="stable")
    breaks = np.flatnonzero(np.diff(along[order]) > COLUMN) + 1
    return np.split(order, breaks)


def atoms_figure(views: Sequence[View], units: Units, title: str, compared: str) -> Figure:
    """One row per view, each with the atoms and their energies: left without what is compared, right with it."""
    panels = 2 if any(each.without is not None for each in views) else 1
    aspect = max(_extent(each)[1] / _extent(each)[0] for each in views)
    wide, upper, lower = 5.4, 5.2 * min(aspect, 0.8), 1.75
    figure = new_figure(wide * panels + 1.1, (upper + lower + 0.75) * len(views) + 0.5)
    grid = figure.subplots(2 * len(views), panels, squeeze=False, height_ratios=[upper, lower] * len(views))
    for k, each in enumerate(views):
        rows = grid[2 * k : 2 * k + 2]
        norm, colours = _scale(each, units.scale("energy"))
        _row(rows[0], rows[1], each, units, norm, colours, compared if panels == 2 else "")
        mappable = ScalarMappable(norm, colours)
        bar = figure.colorbar(mappable, ax=rows.ravel().tolist(), aspect=28, pad=0.015, shrink=0.9)
        bar.set_label(units.titled("excess kinetic energy of an atom", "energy"))
        bar.outline.set_linewidth(0.4)  # type: ignore[operator]
    for axis in grid[-1]:
        axis.set_xlabel("position along the junction [Å]")
    figure.suptitle(title, fontsize=11)
    return figure


def _scale(each: View, factor: float) -> tuple[Normalize, Colormap]:
    """One colour scale for both panels: from 0 upwards, or blue below 0 if something is noticeably cooled."""
    everything = factor * np.concatenate([part for part in (each.full, each.without) if part is not None])
    low, high = min(0.0, float(everything.min())), max(float(everything.max()), 1e-300)
    if low < -0.04 * high:
        return TwoSlopeNorm(0.0, low, high), COLD_HEAT
    return Normalize(0.0, high), HEAT


def _row(
    top: Sequence[Axes], bottom: Sequence[Axes], each: View, units: Units, norm: Normalize, colours: Colormap, name: str
) -> None:
    """The panels of one view."""
    factor = units.scale("energy")
    parts = [(each.full, with_them(name), WITH, each.sampled)]
    if len(top) == 2:
        parts.insert(0, (each.without, name, WITHOUT, None))  # type: ignore[arg-type]
    for (values, text, colour, sampled), upper, lower in zip(parts, top, bottom, strict=True):
        heading = ", ".join(part for part in (text, each.label) if part)
        if values is None:
            upper.set_axis_off()
            lower.set_axis_off()
            upper.set_title(f"{heading}: unstable", fontsize=10, loc="left")
            continue
        draw_atoms(upper, each, values * factor, norm, colours)
        upper.set_title(heading, fontsize=10, loc="left")
        _dots(lower, each, values * factor, colour, sampled.scaled(factor) if sampled else None)
        lower.set_xlim(upper.get_xlim())
    _same_height(bottom, each, factor)
    bottom[0].set_ylabel(units.titled("excess energy", "energy"))


def _same_height(axes: Sequence[Axes], each: View, factor: float) -> None:
    """The same limits for energies that are to be compared."""
    known = [part * factor for part in (each.full, each.without) if part is not None]
    if each.sampled is not None:
        known += [(each.sampled.value + side * each.sampled.stderr) * factor for side in (-1, 1)]
    low, high = min(0.0, *(part.min() for part in known)), max(part.max() for part in known)
    for axis in axes:
        axis.set_ylim(low - 0.06 * (high - low), high + 0.1 * (high - low))


def draw_atoms(axis: Axes, each: View, values: Array, norm: Normalize, colours: Colormap) -> None:
    """Bonds and atoms from back to front, the electrodes as grey blocks, an arrow for the electrons."""
    (width, height), radii = _extent(each), _radii(each.atoms)
    _electrodes(axis, each, width, height)
    axis.add_collection(LineCollection(_bonds(each), colors="#8A8F98", linewidths=2.2, zorder=2, capstyle="round"))
    for k in np.argsort(each.depth, kind="stable"):
        colour, place = colours(norm(values[k])), (each.flat[k, 0], each.flat[k, 1])
        axis.add_patch(Circle(place, radii[k], facecolor=colour, edgecolor="#333333", linewidth=0.8, zorder=3))
        shine = (place[0] - 0.32 * radii[k], place[1] + 0.34 * radii[k])
        axis.add_patch(Circle(shine, 0.26 * radii[k], facecolor="white", alpha=0.45, linewidth=0, zorder=3))
    if each.bias:
        _arrow(axis, each, width, height)
    axis.set_xlim(-width / 2, width / 2)
    axis.set_ylim(-height / 2, height / 2)
    axis.set_aspect("equal")
    axis.set_axis_off()


def _radii(atoms: Atoms) -> Array:
    """(n,) radii on paper: two thirds of covalent, so that bonds stay visible."""
    return 0.62 * np.array([RADII.get(symbol, 1.3) for symbol in atoms.symbols])


def _extent(each: View) -> tuple[float, float]:
    """Width and height of the drawing [Å], with room for electrodes and arrow."""
    largest = float(_radii(each.atoms).max())
    width = np.ptp(each.flat[:, 0]) + 2 * largest + 5.0
    return float(width), max(2 * float(np.abs(each.flat[:, 1]).max()) + 2 * largest + 2.6, 0.2 * float(width))


def _bonds(each: View) -> list[Array]:
    """Lines between atoms nearer than 1.2 times the sum of their covalent radii."""
    positions, radii = each.atoms.positions, _radii(each.atoms) / 0.62
    assert positions is not None
    distance = np.linalg.norm(positions[:, None] - positions, axis=2)
    first, second = np.nonzero(np.triu(distance < 1.2 * (radii[:, None] + radii), 1))
    return [each.flat[[i, j]] for i, j in zip(first, second, strict=True)]


def _electrodes(axis: Axes, each: View, width: float, height: float) -> None:
    """Where the leads begin: grey blocks with their names."""
    deep, edge = 1.5, float(_radii(each.atoms).max()) + 0.9
    for name, side in (("L", -1.0), ("R", 1.0)):
        end = side * (np.abs(each.flat[:, 0]).max() + edge)
        left = end if side > 0 else end - deep
        block = Rectangle((left, -0.42 * height), deep, 0.84 * height, facecolor="#E4E7EB", linewidth=0, zorder=0)
        axis.add_patch(block)
        axis.text(left + deep / 2, 0, name, ha="center", va="center", fontsize=11, color="#5C6B7A", weight="bold")


def _arrow(axis: Axes, each: View, width: float, height: float) -> None:
    """Electrons run from the higher chemical potential to the lower: from L to R at positive bias."""
    way, place = np.sign(each.bias), 0.44 * height
    long = min(4.2, 0.3 * width)
    style = {"arrowstyle": "-|>", "color": "#444444", "linewidth": 1.4, "mutation_scale": 13}
    axis.annotate("", (way * long / 2, place), (-way * long / 2, place), arrowprops=style)
    axis.text(0, place - 0.25, "electrons", ha="center", va="top", fontsize=8, color="#444444")


def _dots(axis: Axes, each: View, values: Array, colour: str, sampled: Estimate | None) -> None:
    """The energy of each atom, pale, and the average over each column; sampled averages with their error bars."""
    along, groups = each.flat[:, 0], columns_of(each.flat[:, 0])
    centres = np.array([along[group].mean() for group in groups])
    means = np.array([values[group].mean() for group in groups])
    if any(len(group) > 1 for group in groups):
        axis.plot(along, values, "o", ms=3, color=colour, alpha=0.3, mew=0)
    axis.plot(centres, means, "o-", ms=5.5, lw=1.1, color=colour, label="exact")
    if sampled is not None:
        found = [sampled.value[group].mean() for group in groups]
        errors = [sampled.stderr[group].mean() for group in groups]  # as if they all moved alike: an upper bound
        style: dict[str, Any] = {"fmt": "_", "color": SAMPLED, "ms": 9, "capsize": 3, "lw": 1.3}
        axis.errorbar(centres, found, errors, label="sampled ± 1 standard error", **style)
        axis.legend(frameon=False, fontsize=8)
    plain(axis)
    axis.axhline(0, color=BLACK, linewidth=0.7, zorder=1)


def probes_figure(pairs: Sequence[Pair], units: Units, title: str, compared: str, swept: str = "") -> Figure:
    """Temperature of a Büttiker probe on each atom against its place, with and without what is compared."""
    shown = [pair for pair in pairs if pair.full.temperatures is not None]
    figure = new_figure(5.6 * len(shown) + 0.4, 3.8)
    axes = figure.subplots(1, len(shown), squeeze=False, sharey=True)[0]
    factor = units.scale("temperature")
    for axis, pair in zip(axes, shown, strict=True):
        along = side_view(pair.full.junction)[0][:, 0]
        if pair.without and pair.without.temperatures is not None:
            _profile(axis, along, pair.without.temperatures * factor, WITHOUT, compared, "s--")
        assert pair.full.temperatures is not None
        _profile(axis, along, pair.full.temperatures * factor, WITH, with_them(compared), "o-")
        warm = {name: bath.temperature * factor for name, bath in pair.full.junction.baths.items()}
        for value in set(warm.values()):
            names = ", ".join(name for name, its in warm.items() if its == value)
            axis.axhline(value, color="#777777", linewidth=1.0, linestyle=":", label=f"baths {names}", zorder=1)
        heading = point_label(swept, pair.value) if swept else ""
        plain(axis, heading, x="position along the junction [Å]")
        axis.legend(frameon=False, fontsize=8)
    axes[0].set_ylabel(units.titled("probe temperature", "temperature"))
    figure.suptitle(title, fontsize=11)
    return figure


def _profile(axis: Axes, along: Array, values: Array, colour: str, label: str, form: str) -> None:
    """Single atoms pale, averages of the columns joined."""
    groups = columns_of(along)
    if any(len(group) > 1 for group in groups):
        axis.plot(along, values, form[0], ms=3, color=colour, alpha=0.3, mew=0)
    centres, means = ([part[group].mean() for group in groups] for part in (along, values))
    axis.plot(centres, means, form, ms=5.5, lw=1.2, color=colour, label=label)
