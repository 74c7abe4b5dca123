"""Pictures of electron-hole pairs: what is drawn, in which order, and what is marked."""

import numpy as np
import pytest
from end_to_end.example import PAIRS, load

from sgle.analysis.columns import exact_columns
from sgle.analysis.pair_columns import emission_csv
from sgle.analysis.pair_plots import pair_pictures, slices_figure
from sgle.analysis.solved import Wanted, solve_pair
from sgle.recipe import Recipe
from sgle.units import EV, NATURAL


def solved(recipe):
    """Pairs and columns of a recipe, as `sgle landauer` has them."""
    wanted = Wanted(pairs=recipe.tables.ehp)
    pairs = [solve_pair(point.junction(), wanted, value) for value, point in recipe.points() or [(0.0, recipe)]]
    return pairs, exact_columns(pairs, NATURAL)


def panels(figure):
    """{label of the vertical axis: axes} of the panels that are drawn."""
    return {axes.get_ylabel(): axes for axes in figure.axes if axes.axison}


def curve(axes, label):
    (line,) = [line for line in axes.lines if line.get_label() == label]
    return line.get_xydata()


@pytest.fixture(scope="module")
def heating():
    asked = 'ehp={order = "both", threshold = [0.0, 2.0], emission = "ph", points = 40}'
    recipe = Recipe.load("electronic-heating", ["sweep.bias=[1.0, 0.4, 1.6]", asked, 'title="Warm"'])
    return recipe, *solved(recipe)


def test_panels_against_bias(heating):
    recipe, pairs, columns = heating
    figure = pair_pictures(recipe, pairs, columns)["pairs"]
    found = panels(figure)
    assert list(found) == [
        "energy from electron-hole pairs", "inelastic charge current", "quanta of modes", "chemical potential of modes"
    ]  # fmt: skip
    assert figure.get_suptitle() == "Warm" and {axes.get_xlabel() for axes in found.values()} == {"bias"}
    energy = curve(found["energy from electron-hole pairs"], "all")
    assert energy[:, 0].tolist() == [0.4, 1.0, 1.6]  # sorted
    full = {pair.value: pair.full.pairs.currents.get("full") for pair in pairs}
    np.testing.assert_allclose(energy[:2, 1], [full[0.4].total, full[1.0].total])
    assert np.isnan(energy[2, 1])
    names = {line.get_label() for axes in found.values() for line in axes.lines}
    assert {"e:LR", "e:RL", "lowest order", "unstable", "mode 0, golden rule", "eV"} <= names
    assert "e:LL" not in names  # carries nothing


def test_thresholds_are_vertical_lines(heating):
    recipe, pairs, columns = heating
    first = panels(pair_pictures(recipe, pairs, columns)["pairs"])["energy from electron-hole pairs"]
    places = {line.get_label(): line.get_xdata()[0] for line in first.lines if "threshold" in str(line.get_label())}
    assert places == {
        "lasing threshold, golden rule": pytest.approx(1.4414655, abs=1e-6),
        "lasing threshold, exact": pytest.approx(1.4521593, abs=1e-6),
    }


def test_emission_falls_beyond_the_bias(heating):
    """Slope of em_LR: -1/T beyond ħω = eV, as in 001; here with the Lorentzian of the levels, which changes slowly."""
    recipe, pairs, columns = heating
    (axes,) = pair_pictures(recipe, pairs, columns)["emission"].axes
    drawn = [line for line in axes.lines if len(line.get_xdata()) == 40]
    assert [line.get_label() for line in drawn] == ["bias = 1", "bias = 0.4"]  # none beyond the threshold
    assert [text.get_text() for text in axes.texts] == ["eV", "eV"]
    assert pairs[0].full.pairs.emission.omega[-1] == pytest.approx(1.0 + 10 * 0.2)  # eV + 10 T: beyond what is emitted
    rows = emission_csv("bias", pairs, NATURAL).splitlines()
    assert rows[0] == 'bias,frequency,"emission, e:LR","emission, e:RL","emission, all"'
    assert len(rows) == 1 + 2 * 40
    sums = np.array([[float(cell) for cell in row.split(",")] for row in rows[1:]])
    np.testing.assert_allclose(sums[:, 2] + sums[:, 3], sums[:, 4], rtol=1e-8)
    np.testing.assert_allclose(drawn[0].get_ydata(), sums[:40, 4], rtol=1e-9)
    in_volts = emission_csv("bias", pairs, EV).splitlines()[1].split(",")
    assert float(in_volts[-1]) / sums[0, 4] == pytest.approx(1.5192674e15, rel=1e-6)


def test_one_line_for_each_value_of_the_second_key():
    text = PAIRS + '[ehp]\norder = "both"\n[sweep]\n"baths.ph.temperature" = [0.4, 0.8]\n"bias" = [-0.3, 0.3]\n'
    recipe = load(text, 'title="Two"')
    slices = [(values, *solved(part)) for values, part in recipe.slices()]
    found = panels(slices_figure(recipe, slices))
    assert {"energy from electron-hole pairs", "inelastic charge current", "quanta of modes"} <= set(found)
    lines = [line for line in found["inelastic charge current"].lines if len(line.get_xdata()) == 2]
    assert [line.get_label() for line in lines if line.get_label()[0] != "_"] == ["bias = −0.3", "bias = 0.3"]
    expected = [pair.full.pairs.currents["full"].charge for pair in slices[1][1]]
    np.testing.assert_allclose(curve(found["inelastic charge current"], "bias = 0.3")[:, 1], expected)


def test_one_junction_has_no_curves():
    recipe = load(PAIRS + '[ehp]\nemission = "ph"\npoints = 10\n')
    pairs, columns = solved(recipe)
    assert list(pair_pictures(recipe, pairs, columns)) == ["emission"]
    assert pair_pictures(load(PAIRS + "[ehp]\n"), *solved(load(PAIRS + "[ehp]\n"))) == {}
