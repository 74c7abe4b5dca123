"""Answers of `[nanowire]`: two wires joined by a resonance (003 Leumer et al. 2024), everything in units of μ0."""

from sgle.analysis.studies import Answer
from sgle.analysis.studies.nanowire_asymmetry import asymmetry
from sgle.analysis.studies.nanowire_heating import heating
from sgle.analysis.studies.nanowire_iv import iv
from sgle.analysis.studies.nanowire_spots import spots
from sgle.errors import RecipeError
from sgle.recipe import Recipe

SHOWN = {"heating": heating, "spots": spots, "asymmetry": asymmetry, "iv": iv}


def answer(recipe: Recipe) -> Answer:
    """Whatever `show` asks for. RecipeError for keys without a meaning here; PhysicsError as sgle.nanowire.solve."""
    require_alone(recipe, "nanowire", "natural")
    _, asked = recipe.tables.study or ("", None)
    return SHOWN[asked.show](asked, recipe.title)  # type: ignore[union-attr]


def require_alone(recipe: Recipe, table: str, units: str) -> None:
    """Refuse what this study would pass over in silence."""
    problems = []
    if recipe.units != units:
        problems.append(f'units: [{table}] is written in units = "{units}"')
    if recipe.tables.sweep:
        problems.append(f"sweep: [{table}] has lists of its own; write the values there")
    if recipe.tables.top.bias is not None:
        problems.append(f"bias: belongs into [{table}], biases")
    if problems:
        raise RecipeError("\n".join(problems), problems=problems)
