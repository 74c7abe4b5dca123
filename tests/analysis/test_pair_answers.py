"""[ehp] answered: the reference's numbers in the columns of tables, golden rule beyond the threshold, what is refused.

Numbers: reference/ehp-and-forces.md section 1, of the strictly Ohmic phonon bath (cutoff 1e9).
"""

import numpy as np
import pytest
from end_to_end.example import PAIRS, load

from sgle.analysis.columns import as_csv, exact_columns
from sgle.analysis.pair_answers import EXACT, GOLDEN, pair_answers
from sgle.analysis.pair_columns import about_pairs
from sgle.analysis.solved import Wanted, solve_pair
from sgle.baths import drude
from sgle.ehp import lasing_bias
from sgle.errors import BathError
from sgle.landauer import answers
from sgle.recipe import Recipe
from sgle.units import EV, NATURAL, WATT

STRICT = "baths.ph.cutoff=1e9"


def solved(recipe):
    """Pairs of all points of a recipe, as `sgle landauer` has them."""
    wanted = Wanted(pairs=recipe.tables.ehp)
    points = recipe.points() or [(0.0, recipe)]
    return [solve_pair(point.junction(), wanted, value) for value, point in points]


def columns(recipe):
    """{"panel, label": values} of all points of a recipe."""
    return {f"{c.panel}, {c.label}": np.array(c.values) for c in exact_columns(solved(recipe), NATURAL)}


def rectification(splittings, *overrides):
    text = PAIRS.replace("levels = [0.5, -0.4]", "levels = [0.0, 0.0]\nsplitting = 0.0").replace("0.4\n", "0.6\n")
    text += f'[ehp]\ntemperature = 0.5\ndifference = 0.4\n[sweep]\n"baths.e.splitting" = {splittings}\n'
    return columns(load(text, *overrides))


def test_rectification_of_the_reference():
    found = rectification([0.0, 1.0, 3.0], "ehp.order=lowest")
    np.testing.assert_allclose(
        found["heat rectification, R, lowest order"], [0.620875, 0.509252, 1.152122], atol=5.1e-7
    )
    charge = found["inelastic charge current, I, hot electrons, lowest order"]
    assert charge[0] == 0
    assert charge[1] == pytest.approx(4.181226944e-3, rel=2e-10)


def test_both_directions_at_full_order():
    found = rectification([0.5])
    hot, cold = (found[f"energy from electron-hole pairs, all, hot {side}"] for side in ("electrons", "phonons"))
    assert hot > 0 > cold
    np.testing.assert_allclose(-hot / cold, found["heat rectification, R"], rtol=1e-14)
    # Nothing drives the junction itself: it is left out beside the two directions, whose temperatures it has not.
    assert not [name for name in found if "e:" in name or name.startswith(("entropy", "quanta", "chemical"))]


def test_a_driven_junction_is_told_beside_its_rectification():
    found = rectification([0.5], "baths.e.temperature=0.7")
    assert found["energy from electron-hole pairs, all"] > 0 and found["quanta of modes, mode 0"] > 0


def test_a_wide_band_does_not_rectify():
    wide = ("baths.e.left=[2000.0, 0.0]", "baths.e.right=[0.0, 2000.0]")
    np.testing.assert_allclose(rectification([0.0], *wide)["heat rectification, R"], 1.0, atol=3e-6)


REFERENCE = {  # bias: J, I, N of the electrons alone, its chemical potential
    "electronic-heating": {
        0.2: (7.251111e-4, 7.334878e-4, 0.018649, 0.199907),
        0.5: (3.644352e-3, 3.678329e-3, 0.089316, 0.499775),
        0.8: (1.111121e-2, 1.119042e-2, 0.579486, 0.799457),
        1.2: (3.057497e-2, 3.071077e-2, np.nan, np.nan),  # N < 0: no number
    },
    "electronic-cooling": {
        0.2: (-3.143503e-4, 3.190669e-4, 0.002488, -0.199718),
        0.8: (-5.271660e-4, 5.406004e-4, 0.000145, -0.767240),
        1.2: (-5.399632e-4, 5.628122e-4, 0.000076, -0.898073),
    },
}
COLUMNS = (
    "energy from electron-hole pairs, all, lowest order",
    "inelastic charge current, I, lowest order",
    "quanta of modes, mode 0, electrons alone",
    "chemical potential of modes, mode 0",
)


@pytest.mark.parametrize("name", REFERENCE)
def test_heating_and_cooling(name):
    expected = np.array(list(REFERENCE[name].values())).T
    found = columns(Recipe.load(name, [STRICT, f"sweep.bias={list(REFERENCE[name])}", 'ehp={order="lowest"}']))
    for label, values, tolerance in zip(COLUMNS, expected, ({"rtol": 3e-7},) * 2 + ({"atol": 6e-7},) * 2, strict=True):
        known = np.isfinite(values)
        np.testing.assert_allclose(found[label][known], values[known], **{"rtol": 0} | tolerance, err_msg=label)
    assert np.isnan(found[COLUMNS[2]]).tolist() == np.isnan(expected[2]).tolist()


def test_cooling_is_strongest_near_one_and_a_quarter():
    asked = [STRICT, "sweep.bias=[1.2, 1.24, 1.25, 1.26, 1.3]", 'ehp={order="lowest"}']
    energy = columns(Recipe.load("electronic-cooling", asked))[COLUMNS[0]]
    assert np.argmin(energy) in (1, 2, 3)
    # The reference took the least of a scan; ours is -5.4009573e-4 at 1.25685.
    assert energy.min() == pytest.approx(-5.400948e-4, rel=2e-6)


def test_full_order_is_landauers_current():
    """The sum over channels is the heat current into the phonons of the same junction, by another road."""
    recipe = Recipe.load("electronic-heating", ["sweep.bias=[0.5]", 'ehp={order="full"}'])
    (pair,) = solved(recipe)
    assert pair.full.pairs.currents["full"].total == pytest.approx(pair.full.answers.heat_currents["ph"], rel=1e-8)
    assert pair.full.pairs.numbers[0] == pytest.approx(2 * answers(pair.full.junction).kinetic_energy[0], rel=1e-8)
    quantum = pair.full.junction.replace(**Recipe.load("electronic-heating", ["switches.without=[]"]).junction().baths)
    assert pair_answers(quantum.at_bias(0.5), recipe.tables.ehp).numbers[0] == pytest.approx(pair.full.pairs.numbers[0])


def test_the_first_of_two_modes_to_lase():
    """Vibrations of 1 and 0.9 between levels 0.9 apart: the slower one lases first, by golden rule and exactly."""
    two = PAIRS.replace("[[1.0]]", "[[1.0, 0.0], [0.0, 0.81]]").replace("dofs = [0]", "dofs = [0, 1]")
    two = two.replace("[[0.0, 0.1], [0.1, 0.0]]", "[[[0.0, 0.05], [0.05, 0.0]], [[0.0, 0.1], [0.1, 0.0]]]")
    two = two.replace("friction = 0.05", "friction = 0.002").replace("temperature = 0.4", "temperature = 0.1")
    recipe = load(two.replace("temperature = 0.6", "temperature = 0.1") + "[ehp]\nthreshold = [0.0, 1.5]\n")
    found = pair_answers(recipe.junction(), recipe.tables.ehp).threshold
    each = [lasing_bias(recipe.junction().at_bias, (0.0, 1.5), mode) for mode in (0, 1)]
    assert each[0] < each[1] - 0.05
    assert found[GOLDEN] == each[0]
    assert found[EXACT] == pytest.approx(found[GOLDEN], abs=0.05)


def test_thresholds():
    recipe = Recipe.load("mode-population", [STRICT, "sweep.bias=[0.2]"])
    found = columns(recipe)
    assert found["lasing threshold, golden rule"][0] == pytest.approx(1.017294276, abs=2e-9)
    # The exact threshold moves by strong coupling; its eigenfrequency has been counted by winding numbers.
    assert found["lasing threshold, exact"][0] == pytest.approx(1.0198, abs=1e-4)


def test_cold_spot():
    """Signs of 002 IV B; the stopping bias of the reference."""
    text = PAIRS + '[ehp]\norder = "lowest"\nstop = [-0.9, 0.9]\n[sweep]\n"baths.ph.temperature" = [0.4, 0.6, 0.8]\n'
    found = columns(load(text))
    current, stop = found["inelastic charge current, I, lowest order"], found["stopping bias, I = 0, lowest order"]
    assert current[0] == pytest.approx(2.075794302e-3, rel=2e-10)
    assert found["energy from electron-hole pairs, all, lowest order"][0] == pytest.approx(2.084720766e-3, rel=2e-10)
    assert stop[0] == pytest.approx(-0.4751247423, abs=1e-9)
    assert (np.sign(current) == [1, 0, -1]).all() and stop[0] < 0 < stop[2]
    assert abs(stop[1]) < 1e-12
    back = columns(load(text, "baths.e.levels=[-0.4, 0.5]", 'ehp={order="lowest"}'))
    np.testing.assert_allclose(back["inelastic charge current, I, lowest order"], -current, rtol=1e-9, atol=1e-15)
    alike = columns(load(text, "baths.e.levels=[0.2, 0.2]", 'ehp={order="lowest"}'))
    assert np.abs(alike["inelastic charge current, I, lowest order"]).max() < 1e-16
    assert (np.array(alike["entropy from electron-hole pairs, all, lowest order"]) >= 0).all()


def test_beyond_the_threshold_the_golden_rule_is_still_told():
    recipe = Recipe.load("electronic-heating", ["sweep.bias=[1.4, 1.6]", 'ehp={order = "both"}'])
    stable, lasing = solved(recipe)
    assert stable.note == "lowest order ±92%"
    assert lasing.note == "unstable: 1 mode; lasing: mode 0"
    found = {f"{c.panel}, {c.label}": c.values for c in exact_columns([stable, lasing], NATURAL)}
    for name in (
        "energy from electron-hole pairs, all",
        "quanta of modes, mode 0",
        "quanta of modes, mode 0, golden rule",
    ):
        assert np.isfinite(found[name][0]) and np.isnan(found[name][1]), name
    assert found["growth rate of quanta, mode 0"][0] < 0 < found["growth rate of quanta, mode 0"][1]
    assert found["chemical potential of modes, mode 0"][1] > 1.0  # beyond Ω
    assert np.isfinite(found["energy from electron-hole pairs, all, lowest order"][1])
    table = as_csv("bias", [1.4, 1.6], exact_columns([stable, lasing], NATURAL), notes=[stable.note, lasing.note])
    assert table.splitlines()[-1].endswith("unstable: 1 mode; lasing: mode 0")


def test_what_cannot_be_found_is_told():
    recipe = load(PAIRS + "[ehp]\nstop = [0.1, 0.5]\nthreshold = [0.0, 0.1]\n")
    (pair,) = solved(recipe)
    assert set(pair.full.pairs.refusals) == {"no stopping bias", "no golden-rule threshold", "no exact threshold"}
    assert "does not change sign between bias 0.1 and 0.5" in pair.full.pairs.refusals["no stopping bias"]
    assert pair.note == "no stopping bias; no golden-rule threshold; no exact threshold"
    assert np.isnan(pair.full.pairs.stopping["full"])


def test_another_bias_keeps_what_does_not_depend_on_it():
    recipe = load(PAIRS + "[ehp]\nstop = [-0.9, 0.0]\n")
    first = pair_answers(recipe.junction(), recipe.tables.ehp)
    second = pair_answers(recipe.junction().at_bias(0.2), recipe.tables.ehp, known=first)
    assert second.stopping is first.stopping
    assert second.currents["full"].total != first.currents["full"].total


def test_phonons_of_two_temperatures_are_refused():
    recipe = load(PAIRS + "[ehp]\n")
    junction = recipe.junction().replace(other=drude([[0.1]], 10.0, 0.7, [0]))
    with pytest.raises(BathError, match=r"\[ehp\] cannot be told, leave that table out: .* one temperature"):
        pair_answers(junction, recipe.tables.ehp)


def test_units_of_the_columns():
    (pair,) = solved(load(PAIRS + "[ehp]\n"))
    natural, shown = ([c for c in exact_columns([pair], units) if about_pairs(c)] for units in (NATURAL, EV))
    scales = {c.panel: d.values[0] / c.values[0] for c, d in zip(shown, natural, strict=True) if c.values[0]}
    assert 1 / scales["inelastic charge current [nA]"] == pytest.approx(WATT * 1e9, rel=1e-12)
    assert 1 / scales["energy from electron-hole pairs [nW]"] == pytest.approx(WATT * 1e9, rel=1e-12)
    assert 1 / scales["entropy from electron-hole pairs [nW/K]"] == pytest.approx(20.97575, rel=1e-6)
    assert 1 / scales["growth rate of quanta [1/ps]"] == pytest.approx(1519.2674, rel=1e-6)
    assert scales["quanta of modes"] == 1.0
