"""[ehp]: what may be asked of electron-hole pairs, and what is said where it does not fit."""

import pytest
from end_to_end.example import CHAIN, PAIRS, load

from sgle.errors import RecipeError
from sgle.recipe import Recipe
from sgle.units import kelvin

ASKED = """
[ehp]
order = "both"
temperature_K = 300
difference_K = 100
stop_mV = [-900, 100]
threshold_V = [0, 2]
emission = "L"
frequencies_meV = [0, 500]
points = 50
"""


def problems(*overrides, text=PAIRS):
    with pytest.raises(RecipeError) as caught:
        load(text, *overrides)
    return caught.value.problems


def test_units_are_converted_once():
    asked = load(CHAIN.replace("bias_mV = 250\n", "") + ASKED).tables.ehp
    assert asked.rectified == pytest.approx((kelvin(300), kelvin(100)), rel=1e-14)
    assert asked.stop == pytest.approx([-0.9, 0.1], rel=1e-14)
    assert asked.threshold == [0.0, 2.0]
    assert asked.frequencies == [0.0, 0.5]
    assert (asked.orders, asked.emission, asked.points) == (("full", "lowest"), "L", 50)
    told = "full and lowest order, heat rectification, stopping bias, lasing threshold, emission spectrum"
    assert asked.told == told


def test_an_empty_table_asks_for_the_full_order():
    asked = load(PAIRS + "[ehp]\n").tables.ehp
    assert (asked.orders, asked.rectified, asked.told) == (("full",), None, "full order")
    assert load(PAIRS).tables.ehp is None


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        (["ehp.order=first"], "ehp.order: should be 'full', 'lowest' or 'both', got 'first'"),
        (["ehp.temperature=1"], "ehp: temperature and difference belong together: those of heat rectification"),
        (["ehp.temperature=1", "ehp.difference=2"], "ehp: the colder side would have a temperature of 0"),
        (["ehp.emission=light"], "ehp.emission: no bath is called light; there is ph"),
        (["ehp.emission=e"], "ehp.emission: quanta go into a bath of phonons or photons; e is of electrons"),
        (["ehp.frequencies=[0, 1]"], "ehp: frequencies are those of emission"),
        (["ehp.stop=[1, 1]"], "ehp: stop goes from 1 to 1: give two different ends"),
        (["ehp.stop=[1]"], "ehp.stop: list should have at least 2 items"),
        (["ehp.stop_V=[0, 1]"], 'ehp.stop_V: units are "natural", so keys carry no unit; write stop'),
        (["ehp.spectrum=1"], "ehp.spectrum: unknown key"),
    ],
)
def test_message(assignments, message):
    assert len(found := problems(*assignments)) == 1
    assert message in found[0]


def test_rectification_has_no_bias():
    message = "ehp.temperature: heat rectification is found without bias; leave the bias out"
    both = ("ehp.temperature=0.5", "ehp.difference=0.4")
    assert problems(*both, "bias=0.3") == [message]
    assert message in problems(*both, text=PAIRS + '[sweep]\n"bias" = [0.0, 0.1]\n')[0]
    assert load(PAIRS, *both).tables.ehp.rectified == (0.5, 0.4)


def test_pairs_need_electrons():
    text = PAIRS[: PAIRS.index("[baths.e]")].replace("bias = 0.0", "") + "[ehp]\n"
    assert problems(text=text) == ["ehp: electron-hole pairs need a bath of electrons: flat_band, local, level_pairs"]


@pytest.mark.parametrize(
    "name",
    ["heat-rectification", "cold-spot-current", "electronic-heating", "electronic-cooling", "mode-population"],
)
def test_shipped_recipes_ask(name):
    recipe = Recipe.load(name)
    assert recipe.tables.ehp is not None and recipe.tables.sweep
    assert (recipe.tables.run is None) == (name == "heat-rectification")


def test_stability_is_judged_with_whole_memories():
    """Auxiliary variables are fitted anew at every bias: their jumps would be taken for what the bias does."""
    from sgle.cli.stability_question import Question

    recipe = Recipe.load("electronic-heating")
    assert recipe.grid().memory == "auxiliary" and Question.of(recipe).grid.memory == "convolution"
    mixed = Recipe.load("electronic-heating", ['run.memory={e = "auxiliary", ph = "local"}'])
    assert dict(Question.of(mixed).grid.memory) == {"e": "convolution", "ph": "local"}
