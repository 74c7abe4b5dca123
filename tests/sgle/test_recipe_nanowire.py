"""[nanowire]: what may be asked of two wires joined by a resonance, and what is said where it does not fit."""

import numpy as np
import pytest

from sgle.errors import RecipeError
from sgle.recipe import Recipe
from sgle.units import HBAR_FS, kelvin

NAMES = ("nanowire-heating", "nanowire-spots", "nanowire-asymmetry", "nanowire-iv")
IV = b"""
units = "natural"
[nanowire]
show = "iv"
peaks = [1.44]
widths = [0.08]
biases = [0.1]
temperatures = [0.3]
"""
MAP = ("nanowire.show=spots", "nanowire.peaks=[0.5, 1.5]", "nanowire.widths=[0.1, 0.2]", "nanowire.points=[3, 2]")


def load(*overrides):
    return Recipe.from_bytes(IV, name="wires", overrides=overrides)


@pytest.mark.parametrize("name", NAMES)
def test_shipped(name):
    recipe = Recipe.load(name)
    study, asked = recipe.tables.study
    assert (study, asked.show, recipe.name) == ("nanowire", name.removeprefix("nanowire-"), name)
    assert Recipe.from_bytes(recipe.text.encode(), name=name).tables.study[1] == asked


def test_shipped_junction():
    """Converted once, and the same again from its own text."""
    recipe = Recipe.load("nanowire-junction")
    study, asked = recipe.tables.study
    assert study == "nanowire_junction"
    assert asked.temperatures == pytest.approx([kelvin(t) for t in (77, 200, 300, 400)])
    assert asked.relaxation_time == pytest.approx(200 / HBAR_FS)
    np.testing.assert_array_equal(asked.energies, [[0.072, -0.01], [-0.01, 0.072]])
    assert Recipe.from_bytes(recipe.text.encode()).tables.study[1] == asked


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        (["nanowire.show=heat"], "nanowire.show: should be 'heating', 'spots', 'asymmetry' or 'iv', got 'heat'"),
        (["nanowire.widths=[0.0]"], "nanowire.widths[0]: should be greater than 0, got 0.0"),
        (["nanowire.temperatures=[-0.1]"], "nanowire.temperatures[0]: should be greater than 0, got -0.1"),
        (["nanowire.biases=[]"], "nanowire.biases: list should have at least 1 item"),
        (["nanowire.biases=[0.1, 0.0]"], "nanowire: biases must not be 0: nothing flows"),
        (["nanowire.peaks=[1.44, 1.44]"], "nanowire: peaks holds a number twice: [1.44, 1.44]"),
        (["nanowire.exponent=1.0"], "nanowire.exponent: should be less than 1, got 1.0"),
        (["nanowire.share=2.0"], "nanowire.share: should be less than or equal to 1, got 2.0"),
        (["nanowire.points=[3, 3]"], 'nanowire: points are those of a map, show = "spots"; iv has'),
        (["nanowire.show=spots"], "nanowire: spots are a map: peaks = [low, high]"),
        ([*MAP, "nanowire.peaks=[1.5, 0.5]"], "nanowire: spots are a map: peaks = [low, high]"),
        ([*MAP, "nanowire.peaks=[-1.5, 0.5]"], "nanowire: spots are a map: peaks = [low, high]"),
        ([*MAP, "nanowire.points=[3, 1]"], "nanowire.points[1]: should be greater than or equal to 2, got 1"),
        ([*MAP, "nanowire.biases=[0.1, 0.2]"], "nanowire: spots are a map at one bias, not 2"),
        (["nanowire.width=[0.1]"], "nanowire.width: unknown key; did you mean widths?"),
        (["run.steps=10"], "run: [nanowire] has no junction; leave this table out"),
    ],
)
def test_message(assignments, message):
    with pytest.raises(RecipeError) as caught:
        load(*assignments)
    assert len(caught.value.problems) == 1
    assert message in caught.value.problems[0]


def test_map_and_negative_bias_are_fine():
    assert load(*MAP, "nanowire.biases=[-0.1]").tables.study[1].points == [3, 2]


def test_there_is_no_junction():
    with pytest.raises(RecipeError, match=r"\[nanowire\] has no junction: it is answered by sgle landauer"):
        load().junction()
