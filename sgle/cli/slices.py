"""Sweeps over several keys: one over the first key, in its own folder, for each combination of the others."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sgle.cli.folder import write_text
from sgle.errors import UnstableError
from sgle.recipe import Recipe

INTERRUPTED = 130
Slice = tuple[Mapping[str, float], Recipe]


def place(values: Mapping[str, float]) -> str:
    """A combination of values as the name of a folder: "system.fermi_level_eV=0.2,system.temperature_K=300"."""
    return ",".join(f"{key}={value:g}" for key, value in values.items())


def heading(values: Mapping[str, float]) -> str:
    """A combination of values for the terminal."""
    return ", ".join(f"{key} = {value:g}" for key, value in values.items())


def every(recipe: Recipe, folder: Path, table: str, one: Callable[[Recipe, Path], int]) -> int:
    """Do one(slice, folder) for every slice of a recipe, then put their tables into one; the worst status of all.

    table : name of the CSV file that each slice leaves in its folder. A slice of which no point has a steady state is
    told and passed over; UnstableError if that is so for all.
    """
    statuses, refused, slices = [], None, recipe.slices()
    write_text(folder / "recipe.toml", recipe.text)
    for number, (values, part) in enumerate(slices, start=1):
        print(f"\n{heading(values)} (sweep {number} of {len(slices)})", flush=True)
        try:
            statuses.append(one(part, folder / place(values)))
        except UnstableError as error:
            print(f"no point of this sweep has a steady state: {error}")
            refused = error
        if INTERRUPTED in statuses:
            break
    if refused is not None and not statuses:
        raise refused
    write_text(folder / table, joined(slices, folder, table))
    print(f"\nall sweeps: {folder / table}")
    return max(statuses)


def joined(slices: Sequence[Slice], folder: Path, table: str) -> str:
    """The tables of all slices in one, values of their combinations first; a cell is empty where one has no number."""
    rows: list[dict[str, str]] = []
    for values, _ in slices:
        path = folder / place(values) / table
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                rows += [{key: repr(value) for key, value in values.items()} | row for row in csv.DictReader(file)]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
