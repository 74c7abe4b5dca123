"""What a recipe is and what a result says, in a few lines for the terminal."""

from typing import TYPE_CHECKING

import numpy as np

from sgle.cli.tables import MOST_ROWS, number, shown, table
from sgle.units import Units, by_name

if TYPE_CHECKING:
    from sgle.analysis.estimate import Estimate
    from sgle.analysis.result import Result
    from sgle.junction import Junction
    from sgle.recipe import Recipe

# Estimates shown after a run: (name, title, quantity of sgle.units).
SHOWN = (
    ("kinetic_energy", "kinetic energy", "energy"),
    ("controlled_kinetic_energy", "kinetic energy, zero bias as control variate", "energy"),
    ("excess_kinetic_energy", "excess over zero bias", "energy"),
    ("heat_current", "heat current into", "heat_current"),
    ("controlled_heat_current", "heat current, zero bias as control variate, into", "heat_current"),
    ("excess_heat_current", "excess over zero bias, into", "heat_current"),
)


def describe(recipe: "Recipe", junction: "Junction") -> str:
    """Title, size, baths and bias."""
    units = by_name(recipe.units)
    dofs = f"{junction.size} dofs" if junction.size > 1 else "1 dof"
    baths = ", ".join(
        f"{name} ({bath.kind}, T = {shown(bath.temperature, units, 'temperature')})"
        for name, bath in junction.baths.items()
    )
    lines = [f"{recipe.name}: {recipe.title}".removesuffix(": "), f"{dofs}; baths {baths}"]
    if recipe.swept:
        values = recipe.tables.sweep[recipe.swept]
        lines.append(f"{len(values)} values of {recipe.swept} from {values[0]:g} to {values[-1]:g}")
    elif recipe.tables.top.bias is not None:
        lines.append(f"bias {shown(junction.bias, units, 'bias')}")
    return "\n".join(lines)


def summary(result: "Result") -> str:
    """Every sampled number beside its two exact answers, the verdict, and how the run was made shorter or sharper."""
    from sgle.analysis.report_text import remarks

    units = result.units
    rows: list[list[str]] = []
    for name, title, quantity in SHOWN:
        if name in result.estimates:
            rows += _rows(result, *_per_atom(result, name, title), quantity, units)
    return "\n".join(
        [table(["", "sampled", "grid", "continuum", "z"], rows), "", *result.crosscheck.sentences(), *remarks(result)]
    )


def _per_atom(result: "Result", name: str, title: str) -> tuple[str, str]:
    """Atoms instead of dofs where there are too many dofs to print."""
    atoms = f"{name}_per_atom"
    if result.junction.size > MOST_ROWS and atoms in result.estimates:
        return atoms, f"{title} per atom"
    return name, title


def _rows(result: "Result", name: str, title: str, quantity: str, units: Units) -> list[list[str]]:
    """A heading and one line per number; of very many, those that fit theory least."""
    estimate, labels = result.estimates[name], result.labels(name)
    order = list(range(len(labels)))
    heading = units.titled(title, quantity)
    if len(labels) > 2 * MOST_ROWS:
        worst = np.argsort(-np.abs(estimate.z))[:MOST_ROWS]
        order, heading = sorted(worst), f"{heading}, the {MOST_ROWS} of {len(labels)} with the largest |z|"
    factor = units.scale(quantity)
    return [[heading, "", "", "", ""], *(_row(f"  {labels[k]}", estimate, int(k), factor) for k in order)]


def _row(label: str, estimate: "Estimate", k: int, factor: float) -> list[str]:
    from sgle.analysis.estimate import with_error

    exact = [np.nan if answer is None else answer[k] * factor for answer in (estimate.grid, estimate.continuum)]
    z = "–" if estimate.z is None else f"{estimate.z[k]:+.2f}"
    value = with_error(estimate.value[k] * factor, estimate.stderr[k] * factor)
    return [label, value, number(exact[0], 5), number(exact[1], 5), z]
