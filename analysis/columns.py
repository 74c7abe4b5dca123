"""Numbers against a swept value: gathered once, then a CSV table and a picture."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sgle.units import Units

if TYPE_CHECKING:
    from sgle.analysis.result import Result
    from sgle.landauer import Answers

ENERGY, CURRENT = "kinetic energy", "heat current into bath"


@dataclass
class Column:
    """One quantity at every swept value, as displayed. panel : what it shares a picture with; label : its own name."""

    panel: str
    label: str
    values: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    exact: list[float] = field(default_factory=list)


def sampled_columns(results: Sequence["Result"], units: Units) -> list[Column]:
    """Kinetic energies and heat currents of the points of a sweep, with error bars and grid answers."""
    columns: dict[tuple[str, str], Column] = {}
    for result in results:
        for name, title, quantity in (("kinetic_energy", ENERGY, "energy"), ("heat_current", CURRENT, "heat_current")):
            estimate, factor = result.estimates[name], units.scale(quantity)
            for k, label in enumerate(result.labels(name)):
                column = _column(columns, units.titled(title, quantity), str(label))
                column.values.append(float(estimate.value[k]) * factor)
                column.errors.append(float(estimate.stderr[k]) * factor)
                column.exact.append(float(estimate.grid[k]) * factor)
    return list(columns.values())


def exact_columns(points: Iterable["Answers"], units: Units) -> list[Column]:
    """Kinetic energies and heat currents in the frequency domain."""
    columns: dict[tuple[str, str], Column] = {}
    for answers in points:
        energies: Mapping[str, float] = {f"dof {k}": float(e) for k, e in enumerate(answers.kinetic_energy)}
        groups = ((energies, ENERGY, "energy"), (answers.heat_currents, CURRENT, "heat_current"))
        for numbers, title, quantity in groups:
            for label, value in numbers.items():
                column = _column(columns, units.titled(title, quantity), label)
                column.values.append(value * units.scale(quantity))
    return list(columns.values())


def _column(columns: dict[tuple[str, str], Column], panel: str, label: str) -> Column:
    return columns.setdefault((panel, label), Column(panel, label))


def as_csv(swept: str, values: Sequence[float], columns: Sequence[Column]) -> str:
    """A table with one line per swept value; error bars and exact answers in columns of their own."""
    head, body = [swept], [[repr(value)] for value in values]
    for column in columns:
        for suffix, numbers in (("", column.values), (", standard error", column.errors), (", exact", column.exact)):
            if numbers:
                head.append(f"{column.panel}, {column.label}{suffix}")
                for line, number in zip(body, numbers, strict=True):
                    line.append(f"{number:.10g}")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *body])
    return text.getvalue()
