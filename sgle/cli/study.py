"""Recipes without a junction (sgle.recipe.studies): computed at once, told, drawn."""

from importlib import import_module
from typing import TYPE_CHECKING

from sgle.cli.folder import prepare, write_text
from sgle.errors import SgleError
from sgle.recipe import Recipe

if TYPE_CHECKING:
    from sgle.analysis.studies import Answer


def study(recipe: Recipe, target: str, overwrite: bool) -> int:
    """Answer a study into a folder: text on the terminal, CSV tables, pictures. Exit status 0."""
    from sgle.analysis.landauer_plots import write_pictures

    name, _ = recipe.tables.study or ("", None)
    folder = prepare(target, overwrite)
    title = recipe.title or recipe.name
    print(f"{recipe.name}: {title}", flush=True)
    try:
        answer: Answer = import_module(f"sgle.analysis.studies.{name}").answer(recipe)
    except SgleError:
        if not any(folder.iterdir()):
            folder.rmdir()
        raise
    write_text(folder / "recipe.toml", recipe.text)
    for file, table in answer.tables.items():
        write_text(folder / file, table)
    pictures = write_pictures(answer.pictures, folder)
    print(f"\n{answer.text}\n")
    print(f"written: {', '.join(str(path) for path in [*pictures, *(folder / file for file in answer.tables)])}")
    return 0
