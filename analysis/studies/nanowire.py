"""Answers of `[nanowire]`: two wires joined by a resonance (003 Leumer et al. 2024), everything in units of μ0."""

from typing import Any

from sgle.analysis.studies import Answer
from sgle.analysis.studies.nanowire_asymmetry import asymmetry
from sgle.analysis.studies.nanowire_heating import heating
from sgle.analysis.studies.nanowire_iv import iv
from sgle.analysis.studies.nanowire_spots import spots
from sgle.errors import RecipeError
from sgle.recipe import Recipe
from sgle.recipe.nanowire import Nanowire

SHOWN = {"heating": heating, "spots": spots, "asymmetry": asymmetry, "iv": iv}


def answer(recipe: Recipe) -> Answer:
    """Whatever `show` asks for. RecipeError for keys without a meaning here; PhysicsError as sgle.nanowire.solve."""
    asked: Nanowire = table_of(recipe, "natural")
    return SHOWN[asked.show](asked, recipe.title)


def table_of(recipe: Recipe, units: str) -> Any:
    """The study's table; RecipeError for what would be passed over in silence beside it."""
    table, asked = recipe.tables.study or ("", None)
    problems = []
    if recipe.units != units:
        problems.append(f'units: [{table}] is written in units = "{units}"')
    if recipe.tables.sweep:
        problems.append(f"sweep: [{table}] has lists of its own; write the values there")
    if recipe.tables.top.bias is not None:
        problems.append(f"bias: belongs into [{table}], biases")
    if problems:
        raise RecipeError("\n".join(problems), problems=problems)
    return asked
