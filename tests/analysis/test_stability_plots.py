"""Pictures and tables of `sgle stability`: what is drawn is what was found, where it was found, and turns its way."""

import csv
import io

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from sgle import Junction, baths
from sgle.analysis.stability_answers import _twins, branches, modes_of, search
from sgle.analysis.stability_csv import branches_csv, critical_csv, modes_csv
from sgle.analysis.stability_orbit import displacements, in_space, orbit_figure, path
from sgle.analysis.stability_pair import followed, pair_figure
from sgle.analysis.stability_plots import critical_figure, growth_figure, roots_figure
from sgle.grid import Grid
from sgle.junction import Atoms
from sgle.models.two_mode import effective_matrix
from sgle.stability import critical_bias, exceptional_point, pair_of_matrix
from sgle.units import EV, NATURAL

SPAN = (0.0, 4.0)
NAMES = {"all": "all forces", "nonconservative": "without wind", "berry": "without Berry force"}


def junction(bias=2.6, friction=0.02):
    """The two sites of runaway-minimal; critical bias 2.07."""
    inter = np.array([[0.01, 0.001 + 0.009j], [0.001 - 0.009j, 0.01]])
    leads = {name: baths.ohmic(friction, 4.0, 0.5, [dof]) for dof, name in enumerate("LR")}
    return Junction(
        [[1.0, -0.16], [-0.16, 1.0]],
        leads | {"e": baths.flat_band(0.004 * np.eye(2), inter, bias, 0.5, 4.0, [0, 1])},
    )


@pytest.fixture(scope="module")
def found():
    return {"continuum": branches(junction().at_bias, np.linspace(*SPAN, 9))[0]}


@pytest.fixture(scope="module")
def cases():
    return [search(junction().at_bias, SPAN, name) for name in NAMES]


def labels(figure):
    """Every label in the legends of a figure, and its artist."""
    return {line.get_label(): line for axes in figure.axes for line in axes.get_lines()}


def test_search_tells_threshold_mode_and_grid(cases):
    grid = Grid(0.1)
    case = search(junction().at_bias, SPAN, grid=grid)
    assert case.found.value == pytest.approx(critical_bias(junction().at_bias, SPAN), abs=1e-9)
    assert case.grid == pytest.approx(critical_bias(junction().at_bias, (1.0, 3.0), grid=grid), abs=1e-9)
    assert case.mode.budget.total == pytest.approx(0.0, abs=1e-12)
    assert case.mode.z.imag == pytest.approx(0.0, abs=1e-12)
    assert cases[1].found is None and cases[1].nearest.imag < 0
    assert cases[2].found.value > cases[0].found.value + 0.05
    beyond = search(junction().at_bias, (3.0, 4.0))
    assert beyond.found is None and beyond.growing == 1


def test_modes_stand_beside_their_twins_on_the_grid():
    rows = modes_of(junction(), Grid(0.1)).rows
    assert [row.z.imag for row in rows] == sorted((row.z.imag for row in rows), reverse=True)
    for row in rows:
        assert 0 < abs(row.grid - row.z) < 0.005
        assert row.lifetime == pytest.approx(1 / (2 * abs(row.z.imag)))
        assert row.budget.total == pytest.approx(row.z.imag, rel=1e-9)


def test_a_mode_that_the_grid_does_not_know_takes_no_other_ones_twin():
    z = np.array([1.0 - 0.1j, 1.01 - 0.1j, 2.0 - 0.1j, 3.0 - 0.1j])
    found = _twins(z, np.array([3.01 - 0.1j, 1.011 - 0.1j, 1.6 - 0.1j]))
    assert found[[1, 3]] == pytest.approx([1.011 - 0.1j, 3.01 - 0.1j])
    assert np.isnan(found[[0, 2]]).all()


def test_roots_are_drawn_where_they_are(found, cases):
    figure = roots_figure(found, NATURAL, "title", cases[0])
    drawn = [item for item in figure.axes[0].collections if isinstance(item, LineCollection)]
    assert len(drawn) == 2
    for k, lines in enumerate(drawn):
        points = np.array([piece[0] for piece in lines.get_segments()])
        assert points[:, 0] + 1j * points[:, 1] == pytest.approx(found["continuum"].z[:-1, k])
    mark = labels(figure)["critical bias 2.07"]
    assert mark.get_xydata()[0] == pytest.approx([cases[0].found.frequency, 0.0])
    low, high = figure.axes[0].get_ylim()
    assert low < found["continuum"].z.imag.min() and high > found["continuum"].z.imag.max()


def test_growth_crosses_zero_at_the_marked_bias(found, cases):
    drawn = labels(growth_figure(found, cases, NATURAL, "title", NAMES))
    mark = drawn["all forces: 2.07"]
    assert "without wind" not in " ".join(drawn) and "without Berry force: 2.137" in drawn
    red = [line for line in drawn.values() if line.get_color() == mark.get_color() and len(line.get_xdata()) > 2]
    (line,) = red
    assert np.interp(mark.get_xdata()[0], *line.get_data()) == pytest.approx(0.0, abs=2e-3)
    assert line.get_ydata()[-1] > 0.1


def test_units_scale_both_axes(found, cases):
    figure = roots_figure(found, EV, "title", cases[0])
    assert figure.axes[0].get_xlabel() == "Re z [meV]" and "critical bias 2.07 V" in labels(figure)
    assert labels(figure)["critical bias 2.07 V"].get_xdata()[0] == pytest.approx(1e3 * cases[0].found.frequency)


def test_map_shows_thresholds_and_what_stays_stable(cases):
    second = [search(junction(friction=0.06).at_bias, SPAN, name) for name in NAMES]
    by_name = {name: [cases[k], second[k]] for k, name in enumerate(NAMES)}
    drawn = labels(critical_figure("baths.L.friction", [0.02, 0.06], by_name, NATURAL, "title", NAMES))
    assert drawn["all forces"].get_ydata() == pytest.approx([cases[0].found.value, second[0].found.value])
    assert np.isnan(drawn["without wind"].get_ydata()).all()
    assert "stable up to the end of the range" in drawn and "unstable from the beginning" not in drawn


def area(way):
    """Signed area of a closed way, positive if it is gone round anticlockwise."""
    x, y = way.T
    return 0.5 * np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])


def test_orbit_is_drawn_in_its_sense_of_rotation(cases):
    """A mode with x and its mirror image x* turn opposite ways."""
    row = cases[0].mode
    for each in (row, row._replace(shape=np.conj(row.shape))):
        turned = np.imag(np.conj(each.shape[0]) * each.shape[1])
        figure = orbit_figure(each, junction(), ("dof 0", "dof 1"), "title")
        way = figure.axes[0].get_lines()[0].get_xydata()
        assert len(way) == 361 and np.sign(area(way)) == np.sign(turned)
    assert row.orbit.rotation > 0.5 and area(path(row.shape)) > 0


def test_atoms_move_along_their_dofs():
    places = np.array([[0.0, 0.0, 0.0], [2.5, 0.0, 0.0]])
    atoms = Atoms(("Au", "H"), np.repeat([0, 1], 3), np.array([4.0, 1.0]), places)
    matrix = np.diag([1.0, 1.1, 1.2, 1.3, 1.35, 1.2])
    matrix[0, 3] = matrix[3, 0] = -0.05
    inter = 0.01 * np.eye(6) + np.pad([[0, 0.009j], [-0.009j, 0]], (0, 4))
    electrons = baths.flat_band(0.004 * np.eye(6), inter, 0.4, 0.5, 4.0, range(6))
    spatial = Junction(matrix, {"e": electrons}, atoms=atoms)
    rows = modes_of(spatial).rows
    row = max(rows, key=lambda row: abs(row.orbit.rotation))
    assert in_space(spatial) and not in_space(junction()) and row.orbit.plane == (0, 1)
    moved = displacements(row, spatial)
    assert moved[1, 0] / moved[0, 0] == pytest.approx(row.shape[3] / row.shape[0] * np.sqrt(4.0))
    assert np.abs(moved[:, 2]).max() < 1e-9 < np.abs(moved[1, 0])
    assert np.linalg.norm(path(moved), axis=-1).max() == pytest.approx(0.9)
    figure = orbit_figure(row, spatial, ("Au 0 x", "Au 0 y"), "title")
    assert len(figure.axes) == 2 and len(figure.axes[0].patches) >= 2


def test_pair_meets_where_the_vectors_coalesce():
    """001 Eq. 9 as printed; the exceptional point is 9e-4 beside the real axis."""
    pair_at = pair_of_matrix(effective_matrix)
    point = exceptional_point(pair_at, (0.6, 0.8))
    values = np.linspace(0.6, 0.8, 81)

    def exchanged(value):
        """The two in an order that means nothing."""
        squares, right = pair_at(value)
        turn = 1 if round(1e4 * value) % 3 else -1
        return squares[::turn], right[::turn]

    z, overlap = followed(exchanged, values)
    assert values[np.argmax(overlap)] == pytest.approx(point.value.real, abs=0.003) and overlap.max() > 0.99
    assert np.abs(np.diff(z, axis=0)).max() < 0.01  # no exchange of the two
    assert len(pair_figure(pair_at, (0.6, 0.8), point, NATURAL, "title").axes) == 3


def test_tables_in_display_units(found, cases):
    rows = list(csv.DictReader(io.StringIO(modes_csv(modes_of(junction()), EV))))
    assert float(rows[0]["Im z [meV]"]) == pytest.approx(36.4929, rel=1e-5)
    first = next(csv.DictReader(io.StringIO(branches_csv(found, EV))))
    z = 1e3 * found["continuum"].z[0, 0]
    assert [float(first[f"{part} z [meV]"]) for part in ("Re", "Im")] == pytest.approx([z.real, z.imag])
    rows = list(csv.DictReader(io.StringIO(critical_csv([({"key": 1.0}, case, "why") for case in cases], EV))))
    assert [row["critical bias [V]"] != "" for row in rows] == [True, False, True]
    assert [(row["key"], row["without"]) for row in rows] == [("1", ""), ("1", "nonconservative"), ("1", "berry")]
