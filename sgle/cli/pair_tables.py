"""What electron-hole pairs do, on the terminal: one line per point of a sweep, and what holds for all of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sgle.analysis.columns import Column
from sgle.analysis.pair_answers import GOLDEN, LOWEST
from sgle.analysis.pair_columns import ALL, ENERGY, ENTROPY, GROWTH, PANELS, SHARED, about_pairs
from sgle.cli.exact_tables import points_table
from sgle.cli.tables import MOST_ROWS, number
from sgle.recipe.stability import BIAS_KEYS

if TYPE_CHECKING:
    from sgle.analysis.solved import Pair

SHORTER = {
    f", {LOWEST}": "°",
    GOLDEN: "g",
    "electrons alone": "e",
    "hot electrons": "hot e",
    "hot phonons": "hot ph",
    "mode ": "",
}
LEGEND = {LOWEST: "° = lowest order", GOLDEN: "g = golden rule", "electrons alone": "e = golden rule, electrons alone"}


def pair_table(swept: str, pairs: Sequence["Pair"], columns: Sequence[Column]) -> str:
    """Currents by channel if they are few, else sums over channels, else modes left out, too."""
    shared = SHARED if swept in BIAS_KEYS else ()
    lasing = any(mode.lasing for pair in pairs if pair.full.pairs for mode in pair.full.pairs.modes)
    hidden = ("", *shared, *(() if lasing else (GROWTH,)))
    mine = [column for column in columns if about_pairs(column) not in hidden]
    entropy = next((column for column in mine if about_pairs(column) == ENTROPY), None)  # the sum over channels
    mine = [column for column in mine if about_pairs(column) != ENTROPY or column is entropy]
    sums = [column for column in mine if about_pairs(column) != ENERGY or column.label.startswith(ALL)]
    few = [column for column in sums if "mode" not in column.label]
    chosen = next((some for some in (mine, sums) if len(some) <= MOST_ROWS), few)
    legend = [f"{PANELS[title][0]} = {column.panel}" for title, column in _first_of_each(chosen)]
    legend += [text for mark, text in LEGEND.items() if any(mark in column.label for column in chosen)]
    shown = [(_head(column), column.values) for column in chosen]
    notes = [_note(pair, bool(shared)) for pair in pairs]
    return "\n".join([*legend, "", points_table(swept, pairs, shown, notes)])


def _note(pair: "Pair", biased: bool) -> str:
    """What is to be minded of a point; where the bias is swept what could not be found is told once, below."""
    if biased and pair.full.pairs is not None:
        return "; ".join(part for part in (pair.trouble, *pair.full.pairs.notes) if part).replace(LOWEST, "°")
    return pair.note.replace(LOWEST, "°")


def pair_sentences(swept: str, pairs: Sequence["Pair"], columns: Sequence[Column]) -> list[str]:
    """What is the same at every bias, where that is swept, and why something could not be found."""
    shared = [column for column in columns if swept in BIAS_KEYS and about_pairs(column) in SHARED]
    told = [f"{column.panel}, {column.label}: {number(column.values[0], 9)}" for column in shared]
    refusals = [pair.full.pairs.refusals for pair in pairs if pair.full.pairs]
    reasons = {what: why for found in refusals for what, why in found.items()}
    return told + [f"{what}: {why}" for what, why in reasons.items()]


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
