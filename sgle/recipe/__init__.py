"""Recipes: TOML files that say what is computed and how (docs/recipes.md lists every key)."""

from sgle.recipe.recipe import Recipe
from sgle.recipe.source import shipped

__all__ = ["Recipe", "shipped"]
