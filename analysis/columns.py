"""Numbers against a swept value: gathered once, then a CSV table and a picture."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sgle.analysis.pair_columns import QUANTA, pair_numbers, without_idle
from sgle.units import Units

if TYPE_CHECKING:
    from sgle.analysis.result import Result
    from sgle.analysis.solved import Pair, Solved
    from sgle.landauer import Answers

ENERGY, CURRENT = "kinetic energy", "heat current into bath"
ATOM_ENERGY, EXCESS = "kinetic energy per atom", "excess kinetic energy per atom"
TOTAL, TEMPERATURE = "excess kinetic energy of all atoms", "probe temperature"
CHANNELS = "heat from electron-hole pairs"

# What is sampled of every point of a sweep: (panel, quantity of sgle.units, name of the estimate).
SAMPLED = (
    (ENERGY, "energy", "kinetic_energy"),
    (CURRENT, "heat_current", "heat_current"),
    (QUANTA, "", "mode_population"),
)
# How a swept key is called in a picture, by its last part without unit; of a bath, "temperature of L".
NAMES = {"bias": "bias", "fermi_level": "Fermi level $E_F$", "temperature": "temperature", "gap": "gap"}
NAMES |= {"gate": "gate", "splitting": "splitting of the levels", "friction": "friction"}
WHOLE = {"ehp.temperature": "mean temperature", "ehp.difference": "difference of temperatures"}
UNIT_NAMES = {"eV": "eV", "meV": "meV", "V": "V", "mV": "mV", "K": "K", "A": "Å", "nm": "nm"}


def axis_label(swept: str) -> str:
    """A swept key as the label of an axis: "system.fermi_level_eV" is "Fermi level E_F [eV]"; others stay."""
    name, unit = _spoken(swept)
    return f"{name} [{unit}]" if unit else name


def point_label(swept: str, value: float) -> str:
    """One point of a sweep: "bias = 0.8 V"."""
    name, unit = _spoken(swept)
    return f"{name} = {value:g} {unit}".rstrip().replace("= -", "= −")


def _spoken(swept: str) -> tuple[str, str]:
    """Name and unit of a swept key."""
    head, _, unit = swept.rpartition("_")
    stem, unit = (head, UNIT_NAMES[unit]) if unit in UNIT_NAMES else (swept, "")
    if stem in WHOLE:
        return WHOLE[stem], unit
    *place, last = stem.split(".")
    if last not in NAMES or len(place) > 2:
        return swept, ""
    of_bath = f" of {place[1]}" if len(place) == 2 and last in ("temperature", "friction") else ""
    return NAMES[last] + of_bath, unit


@dataclass
class Column:
    """One quantity at every swept value, as displayed; NaN where there is no answer.

    panel : what it shares a picture with; label : its own name.    errors, exact : of sampled values.
    without : the same with parts of the physics off.
    """

    panel: str
    label: str
    values: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    exact: list[float] = field(default_factory=list)
    without: list[float] = field(default_factory=list)

    def is_about(self, title: str) -> bool:
        """True if this is `title`, whatever the unit behind it."""
        return self.panel.partition(" [")[0] == title


def sampled_columns(results: Sequence["Result | None"], units: Units) -> list[Column]:
    """What is sampled at the points of a sweep, with error bars and grid answers; None: no run."""
    columns: dict[tuple[str, str], Column] = {}
    for k, result in enumerate(results):
        for title, quantity, name in SAMPLED:
            if result is None or name not in result.estimates:
                continue
            estimate = result.estimates[name].scaled(units.scale(quantity))
            for i, label in enumerate(result.labels(name)):
                column = _column(columns, units.titled(title, quantity), str(label))
                parts = {"values": estimate.value, "errors": estimate.stderr, "exact": estimate.grid}
                for part, numbers in parts.items():
                    if numbers is not None:  # anharmonic motion has no exact answers
                        _put(column, part, k, float(numbers[i]), len(results))
    return list(columns.values())


def exact_columns(pairs: Sequence["Pair"], units: Units) -> list[Column]:
    """Exact answers of the points of a sweep: energies, currents, excess per atom, probe temperatures, pairs."""
    columns: dict[tuple[str, str], Column] = {}
    for k, pair in enumerate(pairs):
        for part, solved in (("values", pair.full), ("without", pair.without)):
            for panel, label, value in _numbers(solved, units) if solved else ():
                column = _column(columns, panel, label)
                _put(column, part, k, value, len(pairs))
    for column in columns.values():  # stable only without what is compared, or never with it
        column.values = column.values or [np.nan] * len(pairs)
    return without_idle(list(columns.values()))


def _numbers(solved: "Solved", units: Units) -> Iterator[tuple[str, str, float]]:
    """(panel, label, value as displayed) of everything known of one junction."""
    if solved.answers is not None:
        yield from _landauer(solved, solved.answers, units)
    if solved.pairs is not None:
        yield from pair_numbers(solved.pairs, units)


def _landauer(solved: "Solved", found: "Answers", units: Units) -> Iterator[tuple[str, str, float]]:
    """The same of what a steady state has."""
    atoms = solved.junction.atoms
    names = [] if atoms is None else [f"{symbol} {k}" for k, symbol in enumerate(atoms.symbols)]
    groups: list[tuple[str, str, list[str], object]] = [
        (ENERGY, "energy", [f"dof {k}" for k in range(len(found.kinetic_energy))], found.kinetic_energy),
        (CURRENT, "heat_current", list(found.heat_currents), list(found.heat_currents.values())),
    ]
    if atoms is not None and len(names) < solved.junction.size:
        groups.append((ATOM_ENERGY, "energy", names, atoms.per_atom(found.kinetic_energy)))
    if solved.excess is not None:
        groups += [(EXCESS, "energy", names, solved.excess), (TOTAL, "energy", ["sum"], [solved.excess.sum()])]
    if solved.temperatures is not None:
        groups.append((TEMPERATURE, "temperature", names, solved.temperatures))
    if solved.flows:
        labels = [f"{bath} from {pair}" for bath, pair in solved.flows]
        groups.append((CHANNELS, "heat_current", labels, list(solved.flows.values())))
    for title, quantity, labels, values in groups:
        for label, value in zip(labels, np.asarray(values, dtype=float), strict=True):
            yield units.titled(title, quantity), label, float(value) * units.scale(quantity)


def _put(column: Column, part: str, place: int, value: float, count: int) -> None:
    """Set one of `count` numbers of a part of a column, all of which are NaN at first."""
    if not getattr(column, part):
        setattr(column, part, [np.nan] * count)
    getattr(column, part)[place] = value


def _column(columns: dict[tuple[str, str], Column], panel: str, label: str) -> Column:
    return columns.setdefault((panel, label), Column(panel, label))


def as_csv(
    swept: str, values: Sequence[float], columns: Sequence[Column], without: str = "", notes: Sequence[str] = ()
) -> str:
    """A table with one line per swept value; error bars, exact answers and answers `without` in columns of their own.

    An answer that does not exist is an empty cell. notes : the last column, such as "unstable: 1 mode".
    """
    head, body = [swept], [[repr(value)] for value in values]
    for column in columns:
        parts = ((", standard error", column.errors), (", exact", column.exact), (f", {without}", column.without))
        for suffix, numbers in (("", column.values), *parts):
            if numbers:
                head.append(f"{column.panel}, {column.label}{suffix}")
                for line, number in zip(body, numbers, strict=True):
                    line.append(f"{number:.10g}" if np.isfinite(number) else "")
    if any(notes):
        head.append("note")
        for line, note in zip(body, notes, strict=True):
            line.append(note)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *body])
    return text.getvalue()
