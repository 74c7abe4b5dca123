"""Exact answers on the terminal: one junction in full, or one line per point of a sweep."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sgle.analysis.columns import ATOM_ENERGY, CHANNELS, CURRENT, ENERGY, EXCESS, TOTAL, Column
from sgle.analysis.pair_columns import about_pairs
from sgle.cli.tables import MOST_ROWS, number, table

if TYPE_CHECKING:
    from sgle.analysis.solved import Pair

# What stands at the head of a column of a sweep for each quantity.
SHORT = {ENERGY: "E", CURRENT: "J", EXCESS: "ΔE", TOTAL: "ΔE", ATOM_ENERGY: "E"}


def single_table(columns: Sequence[Column], without: str) -> str:
    """Every number of one junction, and beside it the one without what is compared."""
    atoms = any(column.is_about(ATOM_ENERGY) for column in columns)
    many = sum(column.is_about(ENERGY) for column in columns) > MOST_ROWS
    rows: list[list[str]] = []
    for panel in dict.fromkeys(column.panel for column in columns):
        members = [column for column in columns if column.panel == panel]
        if not (many and atoms and members[0].is_about(ENERGY)):
            rows += _rows(panel, members, bool(without))
    return table(["", "continuum", *([without] if without else [])], rows)


def _rows(panel: str, members: Sequence[Column], compared: bool) -> list[list[str]]:
    """A heading and one line per number; of very many, the largest."""
    order = list(range(len(members)))
    if len(members) > 2 * MOST_ROWS:
        sizes = [-np.nan_to_num(abs(column.values[0])) for column in members]
        order = sorted(np.argsort(sizes, kind="stable")[:MOST_ROWS])
        panel = f"{panel}, the {MOST_ROWS} largest of {len(members)}"
    rows = [[panel, "", *([""] * compared)]]
    for column in (members[k] for k in order):
        second = [number(column.without[0], 8) if column.without else "–"] if compared else []
        rows.append([f"  {column.label}", number(column.values[0], 8), *second])
    return rows


def sweep_table(swept: str, pairs: Sequence["Pair"], columns: Sequence[Column], without: str) -> str:
    """One line per swept value: all numbers if they are few, else heat currents and the total excess.

    What electron-hole pairs do has a table of its own (sgle.cli.pair_tables).
    """
    columns = [column for column in columns if not about_pairs(column)]
    left_out = (ATOM_ENERGY, TOTAL, CHANNELS)
    few = [column for column in columns if not any(column.is_about(title) for title in left_out)]
    chosen = (
        few
        if len(few) * (2 if without else 1) <= MOST_ROWS
        else [c for c in columns if c.is_about(CURRENT) or c.is_about(TOTAL)]
    )
    shown = []
    for column in chosen:
        named = ((_head(column), column.values), (f"{_head(column)} *", column.without))
        shown += [(name, values) for name, values in named if values]
    panels = dict.fromkeys(column.panel for column in chosen)
    legend = [f"{_symbol(next(c for c in chosen if c.panel == panel))} = {panel}" for panel in panels]
    legend += [f"* = {without}"] if without else []
    return "\n".join([*legend, "", points_table(swept, pairs, shown, [pair.trouble for pair in pairs])])


def points_table(
    swept: str, pairs: Sequence["Pair"], shown: Sequence[tuple[str, Sequence[float]]], notes: Sequence[str]
) -> str:
    """One line per swept value of some columns (head, values), what is rounding against the largest as zero."""
    head, cells = [swept], [[f"{pair.value:g}"] for pair in pairs]
    for name, values in shown:
        head.append(name)
        tiny = 1e-11 * np.nanmax(np.abs(values), initial=0.0)
        for row, value in zip(cells, values, strict=True):
            row.append(number(0.0 if abs(value) < tiny else value))
    if any(notes):
        head.append("")
        for row, note in zip(cells, notes, strict=True):
            row.append(note)
    return table(head, cells)


def _symbol(column: Column) -> str:
    return SHORT.get(column.panel.partition(" [")[0], "T")


def _head(column: Column) -> str:
    return f"{_symbol(column)} {column.label}"
