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

# Estimates shown after a run: (name, title, quantity of sgle.units); {} is what the reference is called.
SHOWN = (
    ("kinetic_energy", "kinetic energy", "energy"),
    ("controlled_kinetic_energy", "kinetic energy, {} as control variate", "energy"),
    ("excess_kinetic_energy", "excess over {}", "energy"),
    ("heat_current", "heat current into", "heat_current"),
    ("controlled_heat_current", "heat current, {} as control variate, into", "heat_current"),
    ("excess_heat_current", "excess over {}, into", "heat_current"),
    ("reference_kinetic_energy", "kinetic energy of {}", "energy"),
    ("reference_heat_current", "heat current of {}, into", "heat_current"),
    ("mode_population", "quanta of each mode", ""),
    ("anharmonic_energy", "energy of the anharmonic force", "energy"),
    ("anharmonic_power", "its work per time", "heat_current"),
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
    if junction.anharmonic is not None:
        from sgle.analysis.anharmonic import force_name

        lines.append(f"anharmonic force: {force_name(junction)}")
    return "\n".join(lines)


def summary(result: "Result") -> str:
    """Every sampled number beside its two exact answers, the verdict, and how the run was made shorter or sharper."""
    from sgle.analysis.report_text import remarks

    units = result.units
    rows: list[list[str]] = []
    for name, title, quantity in SHOWN:
        if name in result.estimates and (result.twin or not name.startswith("reference")):
            rows += _rows(result, *_per_atom(result, name, title.format(result.beside)), quantity, units)
    tables = [
        table(["", "sampled", "grid", "continuum", "z"], rows),
        *_modes(result, units),
        *_populations(result),
        *_beyond(result),
    ]
    return "\n".join([*tables, "", *result.crosscheck.sentences(), *remarks(result)])


def _modes(result: "Result", units: Units) -> list[str]:
    """Energies of the modes of an anharmonic run beside harmonic ones; of very many, those that differ most."""
    from sgle.analysis.estimate import with_error
    from sgle.analysis.leakage import mode_rows

    found = mode_rows(result)
    if not found:
        return []
    heading = units.titled("twice the kinetic energy of a mode", "energy")
    if len(found) > 2 * MOST_ROWS:
        heading += f", the {MOST_ROWS} of {len(found)} that differ most"
        found = sorted(sorted(found, key=lambda row: -abs(np.nan_to_num(row.z)))[:MOST_ROWS], key=lambda row: row.mode)
    scale, energy = units.scale("frequency"), units.scale("energy")
    rows = [[heading, "", "", "", ""]]
    for row in found:
        sampled = with_error(row.value * energy, row.stderr * energy)
        place = f"  mode {row.mode}, Ω = {number(row.frequency * scale, 4)}"
        rows.append([place, sampled, number(row.quantum * energy, 5), number(row.harmonic * energy, 5), row.share])
    return ["", table(["", "sampled", "weakly damped", "harmonic", "beyond it"], rows)]


def _populations(result: "Result") -> list[str]:
    """What the quanta of the modes mean, beside the golden rule; of very many modes, the slowest."""
    from sgle.analysis.population_rows import heading, population_rows

    rows = [list(row.cells(result.units)) for row in population_rows(result)[: 2 * MOST_ROWS]]
    return ["", table(heading(result.units), rows)] if rows else []


def _beyond(result: "Result") -> list[str]:
    """The limit cycle beside the one without noise, and lifetimes."""
    from sgle.analysis.beyond import cycle_rows
    from sgle.analysis.report_beyond import Beyond

    found = Beyond(result)
    said = list(found.sentences())
    if found.cycle is None:
        return ["", *said] if said else []
    rows = cycle_rows(found.cycle, result.units)
    return ["", table(["limit cycle", "sampled", "without noise"], [[f"  {row[0]}", *row[1:]] for row in rows]), *said]


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
        size, what = (estimate.value, "value") if estimate.z is None else (estimate.z, "z")
        worst = np.argsort(-np.abs(size))[:MOST_ROWS]
        order, heading = sorted(worst), f"{heading}, the {MOST_ROWS} of {len(labels)} with the largest |{what}|"
    factor = units.scale(quantity)
    return [[heading, "", "", "", ""], *(_row(f"  {labels[k]}", estimate, int(k), factor) for k in order)]


def _row(label: str, estimate: "Estimate", k: int, factor: float) -> list[str]:
    from sgle.analysis.estimate import with_error

    exact = [np.nan if answer is None else answer[k] * factor for answer in (estimate.grid, estimate.continuum)]
    z = "–" if estimate.z is None else f"{estimate.z[k]:+.2f}"
    value = with_error(estimate.value[k] * factor, estimate.stderr[k] * factor)
    return [label, value, number(exact[0], 5), number(exact[1], 5), z]
