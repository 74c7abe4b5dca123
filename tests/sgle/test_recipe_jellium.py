"""Recipes with [jellium]: what is asked, what is refused and in which words."""

import pytest

from sgle.errors import RecipeError
from sgle.recipe import Recipe


@pytest.mark.parametrize("name", ["jellium-curl", "jellium-lorentz"])
def test_shipped(name):
    recipe = Recipe.load(name)
    study, table = recipe.tables.study
    assert study == "jellium" and table.force == name.removeprefix("jellium-")
    assert len(recipe.points()) > 1


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("jellium.width=-1.0", "jellium.width: should be greater than 0, got -1"),
        ("jellium.distances=[0.1, 30.0]", "jellium: distances reach 30 λ_F, beyond the width of 10 λ_F"),
        ('jellium.force="lorentz"', 'jellium: edges = "exclude" is for force = "curl"'),
        ('jellium.force="wind"', "jellium.force: should be 'curl' or 'lorentz'"),
        ("jellium.depth=3", "jellium.depth: unknown key"),
        ("run.steps=3", "run: [jellium] has no junction; leave this table out"),
    ],
)
def test_problems(change, problem):
    with pytest.raises(RecipeError) as caught:
        Recipe.load("jellium-curl", ["sweep={}", change])
    assert any(text.startswith(problem) for text in caught.value.problems), caught.value.problems
