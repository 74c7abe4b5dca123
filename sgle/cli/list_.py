"""`sgle list`: the recipes that come with sgle."""

from argparse import Namespace

from sgle.recipe import Recipe, shipped


def execute(arguments: Namespace) -> int:
    """Print name and title of every shipped recipe."""
    recipes = [Recipe.load(name) for name in shipped()]
    width = max(len(recipe.name) for recipe in recipes)
    for recipe in recipes:
        print(f"{recipe.name:<{width}}  {recipe.title}")
    return 0
