"""Pictures of atoms: what is drawn where, on one scale, in words a reader understands."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Circle

import sgle
from sgle.analysis.columns import axis_label, exact_columns, point_label
from sgle.analysis.estimate import Estimate
from sgle.analysis.landauer_plots import by_place, sweep_figure, write_pictures
from sgle.analysis.plot_atoms import atoms_figure, columns_of, probes_figure, side_view, view, views_of
from sgle.analysis.solved import Pair, Solved, Wanted, same_baths, solve_pair
from sgle.recipe import Recipe
from sgle.units import EV

PLACES = np.array([[0.0, 0.0, 0.0], [0.1, 0.0, 2.6], [0.0, 0.2, 5.2]])
NAME = "without asymmetric forces"


def junction(bias=1.5, places=PLACES, ends=(0, 2)):
    """Three atoms in a row along z, one dof each, leads on the first and the last, driven by biased electrons."""
    matrix = 1e-4 * np.array([[4.0, -1.2, 0.0], [-1.2, 3.2, -1.2], [0.0, -1.2, 4.0]])
    leads = [sgle.baths.ohmic(1e-3, 0.06, 0.025, [dof]) for dof in ends]
    inter = 1e-6 * np.array([[6, 2 + 1j, 0], [2 - 1j, 6, 2 + 1j], [0, 2 - 1j, 6]])
    electrons = sgle.baths.flat_band(2 * inter.real, inter, bias, 0.025, 0.3, [0, 1, 2])
    atoms = sgle.Atoms(("Au", "C", "Au"), np.arange(3), None, places)
    return sgle.Junction(matrix, {"L": leads[0], "R": leads[1], "e": electrons}, atoms=atoms)


@pytest.fixture(scope="module")
def pair():
    return solve_pair(junction(), Wanted(("asymmetric",), {}))


def texts(figure):
    """Everything that is written in a figure."""
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_excess_is_over_zero_bias_and_the_comparison_is_symmetric(pair):
    zero = sgle.landauer.kinetic_energy(junction(0.0))
    assert pair.full.excess == pytest.approx(sgle.landauer.kinetic_energy(junction()) - zero, rel=1e-9)
    assert pair.without.excess[0] == pytest.approx(pair.without.excess[2], rel=1e-6)
    assert pair.full.excess[2] > 1.2 * pair.full.excess[0]


def test_comparison_shares_its_reference_only_if_a_switch_changes_nothing(pair):
    zero = junction(0.0)
    assert same_baths(zero, zero.without("asymmetric", "berry"))
    assert not same_baths(zero, zero.without("zero_point"))
    assert not same_baths(junction(), junction().without("asymmetric"))


def test_left_bath_is_drawn_on_the_left():
    flat, depth = side_view(junction())
    assert flat[:, 0] == pytest.approx([-2.6, 0.0, 2.6]) and np.ptp(flat[:, 1]) == pytest.approx(0.2)
    assert np.ptp(depth) == pytest.approx(0.1)
    mirrored, _ = side_view(junction(ends=(2, 0)))
    assert mirrored[:, 0] == pytest.approx([2.6, 0.0, -2.6])


def test_columns_gather_what_stands_above_each_other():
    groups = columns_of(np.array([5.0, 0.1, 0.0, 2.5, 5.2]))
    assert [sorted(group) for group in groups] == [[1, 2], [3], [0, 4]]


def test_atoms_picture(pair, tmp_path):
    figure = atoms_figure(views_of([pair]), EV, "Title", NAME)
    upper, lower = figure.axes[:2], figure.axes[2:4]
    said = texts(figure)
    assert {"Title", NAME, "with asymmetric forces", "L", "R", "electrons", "excess energy [meV]"} <= set(said)
    assert "excess kinetic energy of an atom [meV]" in said
    circles = [[patch for patch in axis.patches if isinstance(patch, Circle)][::2] for axis in upper]
    colours = [[p.get_facecolor() for p in sorted(drawn, key=lambda p: p.center)] for drawn in circles]
    assert colours[0][0] == pytest.approx(colours[0][2], abs=1e-2) and colours[1][0] != colours[1][2]
    for axis, excess in zip(lower, (pair.without.excess, pair.full.excess), strict=True):
        drawn = axis.lines[0].get_xydata()
        assert drawn == pytest.approx(np.column_stack([[-2.6, 0.0, 2.6], 1e3 * excess]), abs=1e-9)
    assert lower[0].get_ylim() == lower[1].get_ylim()
    write_pictures({"atoms": figure}, tmp_path)
    assert (tmp_path / "atoms.png").stat().st_size > 10_000


def test_electrons_run_from_the_higher_potential(pair):
    back = solve_pair(junction(-1.5), Wanted())
    ways = []
    for each in (pair, back):
        axis = atoms_figure(views_of([each]), EV, "", "").axes[0]
        (arrow,) = [text for text in axis.texts if getattr(text, "arrow_patch", None)]
        ways.append(np.sign(arrow.xy[0] - arrow.xyann[0]))
    assert ways == [1, -1]


def test_sampled_points_with_error_bars(pair):
    sampled = Estimate(pair.full.excess * 1.1, np.full(3, 1e-3), np.full(3, 9.0))
    views = view(pair.full.junction, pair.full.excess, pair.without.excess, sampled)
    figure = atoms_figure(views, EV, "", NAME)
    assert "sampled ± 1 standard error" in texts(figure)
    (bars,) = figure.axes[3].containers
    assert bars.lines[0].get_ydata() == pytest.approx(1.1e3 * pair.full.excess)


def test_cooled_atoms_are_blue(pair):
    for excess, cold in (((1.0, 2.0, 3.0), False), ((-1.0, 2.0, 3.0), True)):
        (each,) = view(pair.full.junction, 1e-3 * np.array(excess), None)
        axis = atoms_figure([each], EV, "", "").axes[0]
        red, _, blue, _ = axis.patches[2].get_facecolor()
        assert (blue > red) == cold


def test_nothing_to_draw():
    without_places = junction(places=None)
    assert views_of([solve_pair(without_places, Wanted())]) == []
    assert views_of([solve_pair(junction(0.0), Wanted())]) == []
    unstable = Pair(Solved(junction(), None, trouble="unstable: 1 mode"))
    assert views_of([unstable]) == []


def test_an_unstable_comparison_is_said(pair):
    half = Pair(pair.full, Solved(junction(), None, trouble="unstable: 1 mode"))
    assert half.note == "the comparison unstable: 1 mode"
    (each,) = views_of([half])
    assert each.without is None


def test_probes_picture(pair):
    assert pair.full.temperatures[2] > pair.full.temperatures[0] > 0.025
    figure = probes_figure([pair], EV, "Title", NAME)
    assert {"probe temperature [K]", NAME, "with asymmetric forces", "baths L, R, e"} <= set(texts(figure))
    without = figure.axes[0].lines[0].get_ydata()
    assert without[0] == pytest.approx(without[2], rel=1e-4) and without[0] > 290.1


def test_gaps_and_marks_of_a_sweep(pair):
    text = 'title = "T"\nunits = "eV"\nbias_V = 1.0\n[system]\nmodel = "electron-chain"\n'
    recipe = Recipe.from_bytes((text + '[compare]\nwithout = ["asymmetric"]\n[sweep]\nbias_V = [0, 1, 2]').encode())
    broken = Pair(Solved(pair.full.junction, None, trouble="unstable: 1 mode"), pair.without, 1.0)
    columns = exact_columns([pair, broken, pair], EV)
    figure = sweep_figure(recipe, [0.0, 1.0, 2.0], columns, [False, True, False])
    axis = next(axis for axis in figure.axes if axis.get_ylabel() == "heat current into bath [nW]")
    curves = {line.get_label(): line for line in axis.lines}
    assert np.isnan(curves["L"].get_ydata()).tolist() == [False, True, False]
    assert curves["unstable"].get_xdata().tolist() == [1.0]
    assert axis.get_xlabel() == "bias [V]" and NAME in curves


def test_atoms_at_the_same_place_share_a_curve(pair):
    """Two of three atoms above each other: their average, labelled by where they are."""
    stacked = junction(places=np.array([[0.0, 0, 0], [0, 0, 2.6], [0, 2.0, 0]]), ends=(0, 1))
    found = solve_pair(stacked, Wanted(("asymmetric",)))
    columns = by_place(exact_columns([found], EV), [found])
    excess = {column.label: column for column in columns if column.is_about("excess kinetic energy per atom")}
    assert set(excess) == {"at −0.9 Å", "at 1.7 Å"}
    assert excess["at −0.9 Å"].values[0] == pytest.approx(500 * (found.full.excess[0] + found.full.excess[2]))
    assert excess["at 1.7 Å"].without[0] == pytest.approx(1e3 * found.without.excess[1])


@pytest.mark.parametrize(
    ("key", "axis", "point"),
    [
        ("bias_V", "bias [V]", "bias = −1 V"),
        ("bias", "bias", "bias = −1"),
        ("system.fermi_level_eV", "Fermi level $E_F$ [eV]", "Fermi level $E_F$ = −1 eV"),
        ("baths.L.temperature_K", "temperature of L [K]", "temperature of L = −1 K"),
        ("baths.e.splitting", "splitting of the levels", "splitting of the levels = −1"),
        ("baths.L.cutoff_meV", "baths.L.cutoff_meV", "baths.L.cutoff_meV = −1"),
        ("ehp.temperature_K", "mean temperature [K]", "mean temperature = −1 K"),
        ("run.steps", "run.steps", "run.steps = −1"),
    ],
)
def test_keys_as_labels(key, axis, point):
    assert axis_label(key) == axis and point_label(key, -1.0) == point


def test_pictures_cannot_be_written(pair):
    with pytest.raises(sgle.errors.FileError):
        write_pictures({"atoms": atoms_figure(views_of([pair]), EV, "", "")}, Path("/proc/nowhere"))
