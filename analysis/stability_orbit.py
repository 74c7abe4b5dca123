"""Picture of the orbit of a mode: the ellipse of the two dofs that enclose the largest area, and how the atoms move."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from sgle.analysis.plot_atoms import RADII, side_view
from sgle.analysis.plot_style import BLACK, BLUE, RED, new_figure, plain
from sgle.analysis.stability_answers import ModeRow
from sgle.junction import Junction

Array = np.ndarray
TURN = np.linspace(0, 2 * np.pi, 361)
ARROWS = (40, 220)  # degrees of the turn where an arrow shows its sense
ROUND = 0.1  # minor over major axis of a way whose sense of rotation is seen
STILL, STRONG = 0.03, 0.25  # of the largest motion: not worth drawing, worth its colour
LONGEST = 0.9  # of a displacement on paper [Å]


def orbit_figure(row: ModeRow, junction: Junction, names: tuple[str, str], title: str) -> Figure:
    """How a mode goes round: u_j against u_i, and beside it the atoms of a junction that knows their places.

    names : of the two dofs.    The size of the motion is arbitrary. Dots: all at one moment.
    """
    space = in_space(junction)
    figure = new_figure(10.4 if space else 5.4, 4.9 if space else 5.6)
    if space:
        left, right = figure.subplots(1, 2, width_ratios=(1.75, 1))
        _atoms(left, row, junction)
    else:
        right = figure.subplots()
    _plane(right, row, names)
    figure.suptitle(title, fontsize=10)
    return figure


def in_space(junction: Junction) -> bool:
    """Whether every atom has its place, and three dofs in the order x, y, z."""
    atoms = junction.atoms
    if atoms is None or atoms.positions is None:
        return False
    return np.array_equal(atoms.dof_atom, np.repeat(np.arange(len(atoms.symbols)), 3))


def path(x: Array) -> Array:
    """Re(x e^{-iφ}) at every φ of a turn, (361, ...)."""
    return np.real(np.multiply.outer(np.exp(-1j * TURN), x))


def _plane(axes: Axes, row: ModeRow, names: tuple[str, str]) -> None:
    """One ellipse in the plane of two dofs."""
    way = path(row.shape[list(row.orbit.plane)])
    way /= max(np.abs(way).max(), 1e-300)
    _draw(axes, way, RED, 2.2)
    axes.set_xlim(-1.15, 1.15)
    axes.set_ylim(-1.15, 1.15)
    axes.set_aspect("equal")
    axes.axhline(0, color=BLACK, linewidth=0.6, zorder=1)
    axes.axvline(0, color=BLACK, linewidth=0.6, zorder=1)
    text = f"rotation {row.orbit.rotation:+.3f}, eccentricity of all {row.orbit.eccentricity:.4f}"
    plain(axes, text, f"u of {names[0]} (relative)", f"u of {names[1]} (relative)")


def _draw(axes: Axes, way: Array, colour: str, width: float, arrows: bool = True) -> None:
    """A closed way (361, 2), a dot where it begins, arrows in its sense if it is round."""
    axes.plot(*way.T, color=colour, linewidth=width, zorder=4, solid_joinstyle="round")
    axes.plot(*way[0], "o", color=colour, ms=3 * width, mec="white", mew=0.8, zorder=6)
    size = np.linalg.svd(way - way.mean(axis=0), compute_uv=False)
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "mutation_scale": 6 + 5 * width}
    for k in ARROWS if arrows and size[1] > ROUND * size[0] else ():
        axes.annotate("", way[k + 4], way[k], arrowprops=style, zorder=5)


def _atoms(axes: Axes, row: ModeRow, junction: Junction) -> None:
    """Atoms as pale discs from the side of the largest motion, with their ways: strongly moving ones in red."""
    assert junction.atoms is not None
    moved = displacements(row, junction)
    places, paper = _side(junction, moved)
    ways = path(moved @ paper.T)
    size = np.abs(ways).max(axis=(0, 2))
    for k, symbol in enumerate(junction.atoms.symbols):
        radius = 0.75 * RADII.get(symbol, 1.3)
        axes.add_patch(Circle(tuple(places[k]), radius, facecolor="#F4E7C5", edgecolor="#C9B47C", linewidth=0.8))
        if size[k] > STILL * size.max():
            strong = size[k] > STRONG * size.max()
            _draw(axes, places[k] + ways[:, k], RED if strong else BLUE, 1.8 if strong else 1.0, strong)
    reach = np.abs(places).max(axis=0) + 1.7
    axes.set_xlim(-reach[0], reach[0])
    axes.set_ylim(-max(reach[1], 2.6), max(reach[1], 2.6))
    axes.set_aspect("equal")
    plain(axes, "how the atoms move, enlarged", "Å", "Å")


def displacements(row: ModeRow, junction: Junction) -> Array:
    """Complex displacement of each atom, (n, 3), x/√m of its dofs, the longest as long as it is drawn [Å]."""
    assert junction.atoms is not None
    atoms = junction.atoms
    masses = np.ones(len(atoms.symbols)) if atoms.masses is None else atoms.masses
    moved = row.shape.reshape(-1, 3) / np.sqrt(masses)[:, None]
    return LONGEST * moved / np.linalg.norm(path(moved), axis=-1).max()


def _side(junction: Junction, moved: Array) -> tuple[Array, Array]:
    """Places (n, 2) and the two axes of the paper (2, 3): along the junction, and up, where it moves most."""
    assert junction.atoms is not None and junction.atoms.positions is not None
    positions = junction.atoms.positions - junction.atoms.positions.mean(axis=0)
    lying = int(np.argmax(np.ptp(positions, axis=0)))
    along = np.eye(3)[lying] * np.sign(side_view(junction)[0][:, 0] @ positions[:, lying])
    across = moved - np.outer(moved @ along, along)
    up = np.linalg.svd(np.concatenate([across.real, across.imag, 1e-9 * np.eye(3)]))[2][0]
    up = up - (up @ along) * along
    up *= np.sign(up[np.argmax(np.abs(up))]) / np.linalg.norm(up)
    paper = np.array([along, up])
    return positions @ paper.T, paper
