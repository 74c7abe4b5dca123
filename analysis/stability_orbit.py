"""Picture of the orbit of a mode: an ellipse in the plane of two dofs, or one at each atom."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgle.analysis.plot_atoms import RADII, side_view
from sgle.analysis.plot_style import BLACK, BLUE, RED, new_figure, plain
from sgle.analysis.stability_answers import ModeRow
from sgle.junction import Junction
from sgle.units import Units

Array = np.ndarray
TURN = np.linspace(0, 2 * np.pi, 361)
ARROWS = (40, 220)  # degrees of the turn where an arrow shows its sense
STILL = 0.03  # of the largest motion: not worth drawing


def orbit_figure(row: ModeRow, junction: Junction, units: Units, title: str) -> Figure:
    """How the atoms move in a mode; of a junction without atoms in space, the two dofs with the largest area.

    The size of the motion is arbitrary, the same for all atoms. Dot: the moment at which all phases begin.
    """
    place = f"z = {row.z.real * units.scale('frequency'):.5g} {units.label('frequency')}".rstrip()
    if junction.atoms is not None and junction.atoms.positions is not None and _three_each(junction):
        figure = _atoms(row, junction)
    else:
        figure = _plane(row)
    figure.suptitle(f"{title}\nmode that goes first, {place}", fontsize=10)
    return figure


def _three_each(junction: Junction) -> bool:
    assert junction.atoms is not None
    return np.array_equal(junction.atoms.dof_atom, np.repeat(np.arange(len(junction.atoms.symbols)), 3))


def path(x: Array) -> Array:
    """Re(x e^{-iφ}) at every φ of a turn, (361, ...)."""
    return np.real(np.multiply.outer(np.exp(-1j * TURN), x))


def _plane(row: ModeRow) -> Figure:
    """One ellipse, u_j against u_i."""
    figure = new_figure(5.2, 5.4)
    axes = figure.subplots()
    i, j = row.orbit.plane if row.orbit.plane[0] != row.orbit.plane[1] else (0, min(1, len(row.shape) - 1))
    way = path(row.shape[[i, j]])
    way /= np.abs(way).max()
    _draw(axes, way, RED, 2.4)
    axes.set_xlim(-1.15, 1.15)
    axes.set_ylim(-1.15, 1.15)
    axes.set_aspect("equal")
    axes.axhline(0, color=BLACK, linewidth=0.6, zorder=1)
    axes.axvline(0, color=BLACK, linewidth=0.6, zorder=1)
    text = f"eccentricity {row.orbit.eccentricity:.4f}, rotation {row.orbit.rotation:+.3f}"
    plain(axes, text, f"$u_{{{i}}}$ (relative)", f"$u_{{{j}}}$ (relative)")
    return figure


def _draw(axes: Axes, way: Array, colour: str, width: float, arrows: bool = True) -> None:
    """A closed way (361, 2) with a dot where it begins and arrows in its sense."""
    axes.plot(*way.T, color=colour, linewidth=width, zorder=4, solid_joinstyle="round")
    axes.plot(*way[0], "o", color=colour, ms=2.5 * width, mew=0, zorder=5)
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "mutation_scale": 6 + 5 * width}
    for k in ARROWS if arrows else ():
        axes.annotate("", way[k + 4], way[k], arrowprops=style, zorder=5)


def _atoms(row: ModeRow, junction: Junction) -> Figure:
    """Ellipses at the atoms, seen from the side and along the junction."""
    assert junction.atoms is not None
    moved = _displacements(row, junction)
    flat, axes3 = _views(junction, moved)
    figure = new_figure(9.6, 5.2)
    panels = figure.subplots(1, 2, width_ratios=_widths(flat))
    for axes, places, pair, name in zip(panels, flat, axes3, ("from the side", "along the junction"), strict=True):
        _view(axes, junction, places, moved @ pair.T)
        plain(axes, name, "Å", "Å")
        axes.set_aspect("equal")
    return figure


def _displacements(row: ModeRow, junction: Junction) -> Array:
    """Complex displacement of each atom in space, (n, 3), the longest 0.8 Å; by √m lighter atoms move further."""
    assert junction.atoms is not None
    atoms = junction.atoms
    masses = np.ones(len(atoms.symbols)) if atoms.masses is None else atoms.masses
    moved = row.shape.reshape(-1, 3) / np.sqrt(masses)[:, None]
    return 0.8 * moved / np.abs(path(moved)).max()


def _views(junction: Junction, moved: Array) -> tuple[list[Array], list[Array]]:
    """Places of the atoms (n, 2) and rows (2, 3) of the paper, from the side of the largest motion and along."""
    assert junction.atoms is not None and junction.atoms.positions is not None
    positions = junction.atoms.positions - junction.atoms.positions.mean(axis=0)
    lying = int(np.argmax(np.ptp(positions, axis=0)))
    axis = np.eye(3)[lying]
    flipped = side_view(junction)[0][:, 0] @ positions[:, lying] < 0
    axis = -axis if flipped else axis
    across = moved - np.outer(moved @ axis, axis)
    both = np.concatenate([across.real, across.imag])
    up = np.linalg.svd(both)[2][0]
    up = up - (up @ axis) * axis
    up *= np.sign(up[np.argmax(np.abs(up))]) / np.linalg.norm(up)
    side, end = np.array([axis, up]), np.array([np.cross(axis, up), up])
    return [positions @ side.T, positions @ end.T], [side, end]


def _widths(flat: list[Array]) -> list[float]:
    return [float(np.ptp(places[:, 0]) + 3.0) for places in flat]


def _view(axes: Axes, junction: Junction, places: Array, moved: Array) -> None:
    """Atoms as pale discs, their ways around them: strongly moving ones in colour."""
    from matplotlib.patches import Circle

    assert junction.atoms is not None
    ways = path(moved)
    size = np.abs(ways).max(axis=(0, 2))
    for k, symbol in enumerate(junction.atoms.symbols):
        disc = Circle(tuple(places[k]), 0.75 * RADII.get(symbol, 1.3), facecolor="#F4E7C5", edgecolor="#C9B47C")
        disc.set_linewidth(0.8)
        disc.set_zorder(2)
        axes.add_patch(disc)
        if size[k] > STILL * size.max():
            strong = size[k] > 0.25 * size.max()
            _draw(axes, places[k] + ways[:, k], RED if strong else BLUE, 1.8 if strong else 1.1, strong)
    reach = np.abs(places).max(axis=0) + 1.6
    axes.set_xlim(-reach[0], reach[0])
    axes.set_ylim(-reach[1], reach[1])
