"""What a recipe has its trajectories watched for: limit cycle, first passages, quanta."""

from typing import TYPE_CHECKING, Any

from sgle.recipe import Recipe
from sgle.recipe.stability import plane_of, watched

if TYPE_CHECKING:
    from sgle.junction import Junction


def asked(recipe: Recipe, junction: "Junction") -> dict[str, Any]:
    """Keyword arguments of sgle.simulate for `[cycle]`, `[lifetime.NAME]` and `[ehp]`.

    Raises : RecipeError, EigenfrequencyError.
    """
    from sgle.analysis.instability.cycle import NAME, CycleMotion

    found: dict[str, Any] = {}
    if recipe.tables.cycle is not None:
        plane = plane_of(recipe.tables, junction.size)
        found["observers"] = {NAME: CycleMotion.of(junction, recipe.grid(), plane)}
    if recipe.tables.ehp is not None:
        found["populations"] = True
    passages = watched(recipe.tables, junction)
    return found | ({"passages": passages} if passages else {})
