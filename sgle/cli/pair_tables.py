"""What electron-hole pairs do, on the terminal: one line per point of a sweep, and what holds for all of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sgle.analysis.columns import Column
from sgle.analysis.pair_columns import ALL, CHARGE, ENERGY, ENTROPY, GROWTH, LOWEST, PANELS, SHARED, about_pairs
from sgle.cli.exact_tables import points_table
from sgle.cli.tables import MOST_ROWS, number
from sgle.recipe.stability import BIAS_KEYS

if TYPE_CHECKING:
    from sgle.analysis.solved import Pair

SHORTER = {f", {LOWEST}": "°", "electrons alone": "e", "hot electrons": "hot e", "hot phonons": "hot ph", "mode ": ""}
LEGEND = {LOWEST: "° = lowest order", "electrons alone": "e = of the electrons alone"}


def pair_table(swept: str, pairs: Sequence["Pair"], columns: Sequence[Column]) -> str:
    """All numbers if they are few, else sums over channels, else sums over channels and modes left out."""
    shared = SHARED if swept in BIAS_KEYS else ()
    mine = [column for column in columns if about_pairs(column) not in ("", GROWTH, *shared)]
    currents = (ENERGY, CHARGE, ENTROPY)
    sums = [column for column in mine if about_pairs(column) not in currents or _is_sum(column)]
    few = [column for column in sums if "mode" not in column.label]
    chosen = next((some for some in (mine, sums) if len(some) <= MOST_ROWS), few)
    legend = [f"{PANELS[title][0]} = {column.panel}" for title, column in _first_of_each(chosen)]
    legend += [text for mark, text in LEGEND.items() if any(mark in column.label for column in chosen)]
    shown = [(_head(column), column.values) for column in chosen]
    notes = [
        "; ".join([*filter(None, [pair.trouble]), *pair.full.pairs.notes]) if shared else pair.note for pair in pairs
    ]
    return "\n".join([*legend, "", points_table(swept, pairs, shown, notes)])


def pair_sentences(swept: str, pairs: Sequence["Pair"], columns: Sequence[Column]) -> list[str]:
    """What is the same at every bias, where that is swept, and why something could not be found."""
    shared = [column for column in columns if swept in BIAS_KEYS and about_pairs(column) in SHARED]
    told = [f"{column.panel}, {column.label}: {number(column.values[0], 9)}" for column in shared]
    refusals = [pair.full.pairs.refusals for pair in pairs if pair.full.pairs]
    reasons = {what: why for found in refusals for what, why in found.items()}
    return told + [f"{what}: {why}" for what, why in reasons.items()]


def _is_sum(column: Column) -> bool:
    return column.label.startswith(ALL) or about_pairs(column) == CHARGE


def _first_of_each(columns: Sequence[Column]) -> list[tuple[str, Column]]:
    found: dict[str, Column] = {}
    for column in columns:
        found.setdefault(about_pairs(column), column)
    return list(found.items())


def _head(column: Column) -> str:
    """ "J e:LR°", "N 0", "N 0 e": symbol and label in short."""
    symbol, label = PANELS[about_pairs(column)][0], column.label
    for long, short in SHORTER.items():
        label = label.replace(long, short)
    label = label.replace(",", "")
    if label.startswith((symbol, "I = 0")):
        return symbol + label.removeprefix("I = 0").removeprefix(symbol)
    return f"{symbol} {label}"
