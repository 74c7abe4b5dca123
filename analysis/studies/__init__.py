"""Answers of recipes without a junction, one module for each table of sgle.recipe.studies: answer(recipe) -> Answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Answer:
    """text : for the terminal.    tables : {file.csv: content}.    pictures : {name: figure}."""

    text: str
    tables: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, Figure] = field(default_factory=dict)
