"""Tables of `sgle stability` as CSV, in the units that are shown."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sgle.analysis.stability_answers import Case, Modes
from sgle.stability import Branches
from sgle.units import Units

Cell = str | int | float


def modes_csv(modes: Modes, units: Units) -> str:
    """One line per mode: z with its error, the grid's, lifetime, overlap, orbit, and what Im z is made of."""
    scale, unit = units.scale("frequency"), units.label("frequency")
    baths = list(modes.junction.baths)
    head = [_head(name, unit) for name in ("Re z", "Im z", "error", "Re z on the grid", "Im z on the grid")]
    head += [_head("energy lasts", units.label("time")), "overlap", "rotation", "dof i", "dof j", "eccentricity"]
    head += ["angular momentum per quantum"]
    head += [_head(f"Im z, friction of {name}", unit) for name in baths]
    head += [_head(f"Im z, forces of the current in {name}", unit) for name in baths]
    rows = []
    for row in modes.rows:
        frequencies = [row.z.real, row.z.imag, row.error, row.grid.real, row.grid.imag]
        parts = [*row.budget.friction.values(), *row.budget.driving.values()]
        rows.append(
            [
                *(scale * value for value in frequencies),
                row.lifetime * units.scale("time"),
                row.overlap,
                row.orbit.rotation,
                *row.orbit.plane,
                row.orbit.eccentricity,
                row.orbit.momentum,
                *(scale * value for value in parts),
            ]
        )
    return _written(head, rows)


def branches_csv(found: Mapping[str, Branches], units: Units) -> str:
    """One line per mode and bias, of the continuum and of the grid."""
    scale, unit = units.scale("frequency"), units.label("frequency")
    head = [_head("bias", units.label("bias")), "domain", "mode"]
    head += [_head(name, unit) for name in ("Re z", "Im z", "error")]
    head += ["overlap", "growing modes"]
    rows: list[list[Cell]] = []
    for domain, each in found.items():
        for k, bias in enumerate(each.values):
            for m in range(each.z.shape[1]):
                z = complex(each.z[k, m])
                if np.isfinite(z):
                    numbers = [scale * z.real, scale * z.imag, scale * float(each.error[k, m])]
                    rows.append(
                        [
                            float(bias) * units.scale("bias"),
                            domain,
                            m,
                            *numbers,
                            float(each.overlap[k, m]),
                            int(each.unstable[k]),
                        ]
                    )
    return _written(head, rows)


def critical_csv(cases: Sequence[tuple[Mapping[str, float], Case, str]], units: Units) -> str:
    """One line per search: values of the swept keys, what is switched off, the threshold, or why there is none."""
    bias, frequency = units.label("bias"), units.label("frequency")
    keys = list(dict.fromkeys(key for values, _, _ in cases for key in values))
    head = [*keys, "without", *(_head(name, bias) for name in ("critical bias", "low", "high", "on the grid"))]
    head += [_head("Re z", frequency), "growing modes", "note"]
    rows = []
    for values, case, note in cases:
        found, scale = case.found, units.scale("bias")
        numbers: list[Cell] = [""] * 6
        if found is not None:
            ends = (found.value, min(found.low, found.high), max(found.low, found.high), case.grid)
            numbers = [*(end * scale for end in ends), found.frequency * units.scale("frequency"), found.count]
        name = "" if case.name == "all" else case.name
        rows.append([*(values.get(key, "") for key in keys), name, *numbers, note])
    return _written(head, rows)


def _head(name: str, unit: str) -> str:
    return f"{name} [{unit}]" if unit else name


def _written(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return text.getvalue()


def _cell(value: Any) -> str:
    """A number to twelve digits, nothing for one that is not known."""
    if isinstance(value, float | np.floating):
        return f"{value:.12g}" if np.isfinite(value) else ""
    return str(value)
