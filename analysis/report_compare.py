"""What a report says beside the sampled numbers: exact answers with parts of the physics off, and the atoms."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from sgle import landauer
from sgle.analysis.estimate import Estimate, with_error
from sgle.analysis.html import table
from sgle.analysis.plot_atoms import atoms_figure, view, with_them
from sgle.analysis.result import Result
from sgle.analysis.solved import Pair, Wanted, feels_bias, same_baths, solve_pair
from sgle.errors import RecipeError
from sgle.recipe import Recipe

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Beside:
    """pair : exact answers; name : what the second of them is called, "" if there is none.

    sampled : excess kinetic energy of each atom over zero bias; None without atoms or electrons.
    """

    pair: Pair
    name: str
    title: str
    sampled: Estimate | None


def beside(result: Result) -> Beside | None:
    """Exact answers for the junction of a result and, if its recipe has [compare], without what that leaves out.

    None if there is neither a comparison nor an excess of atoms to be drawn, and for anharmonic motion.
    """
    if result.anharmonic:
        return None
    junction, recipe = result.junction, _recipe(result)
    compare = recipe.tables.compare if recipe else None
    if not compare and not _is_drawn(result):
        return None
    pair = solve_pair(junction, Wanted(tuple(compare.without) if compare else ()))
    if pair.full.answers is None:
        return None
    sampled = sampled_excess(result) if pair.full.excess is not None else None
    return Beside(pair, recipe.compared if recipe else "", recipe.title if recipe else "", sampled)


def _is_drawn(result: Result) -> bool:
    """Whether the excess of the atoms becomes a picture."""
    atoms = result.junction.atoms
    known = atoms is not None and atoms.positions is not None
    return known and feels_bias(result.junction) and bool(result.junction.bias)


def solutions(result: Result) -> int:
    """How many exact answers, of one junction at one bias each, `beside` finds anew: most of the time of a report.

    Those of the junction itself in the continuum are remembered since the run began.
    """
    if result.anharmonic:
        return 0
    recipe = _recipe(result)
    compare = recipe.tables.compare if recipe else None
    if not compare and not _is_drawn(result):
        return 0
    biased = result.junction.atoms is not None and feels_bias(result.junction)
    count = 2 if biased and "excess_kinetic_energy_per_atom" not in result.estimates else 0
    zero = result.junction.at_bias(0.0) if biased else None
    if compare:
        count += 1 if zero is None or same_baths(zero, zero.without(*compare.without)) else 2
    return count + biased


def _recipe(result: Result) -> Recipe | None:
    """The recipe of a run; None if it was made without one."""
    try:
        return Recipe.from_bytes(result.recipe.encode())
    except RecipeError:
        return None


def sampled_excess(result: Result) -> Estimate:
    """Excess kinetic energy of each atom: over the reference that ran with it, else over the exact answer for V = 0."""
    if "excess_kinetic_energy_per_atom" in result.estimates:
        return result.estimates["excess_kinetic_energy_per_atom"]
    zero, energy = result.junction.at_bias(0.0), result.estimates["kinetic_energy_per_atom"]
    atoms = result.junction.atoms
    assert atoms is not None
    on_grid = atoms.per_atom(landauer.answers(zero, result.grid.realise()).kinetic_energy)
    limit = atoms.per_atom(landauer.answers(zero).kinetic_energy)
    samples, degrees = energy.effective_samples, energy.degrees
    value, answer = energy.value - on_grid, energy.grid - on_grid
    return Estimate(value, energy.stderr, samples, answer, energy.continuum - limit, degrees)


def compare_tables(result: Result, found: Beside) -> list[str]:
    """Excess energies and heat currents: sampled, exact, and exact without what is compared."""
    if not found.name or found.pair.without is None:
        return []
    full, without, made = found.pair.full, found.pair.without, []
    heads = ("", "sampled", f"exact, {with_them(found.name)}", f"exact, {found.name}")
    if found.sampled is not None and full.excess is not None:
        labels = result.labels("kinetic_energy_per_atom")
        caption = result.units.titled("excess kinetic energy of each atom over zero bias", "energy")
        scale = result.units.scale("energy")
        made.append(table(caption, heads, _rows(labels, found.sampled, full.excess, without.excess, scale)))
    currents = result.estimates["heat_current"]
    exact, other = (
        None if each.answers is None else np.array([each.answers.heat_currents[name] for name in result.junction.baths])
        for each in (full, without)
    )
    caption = result.units.titled("heat current into bath", "heat_current")
    scale = result.units.scale("heat_current")
    made.append(table(caption, heads, _rows(result.labels("heat_current"), currents, exact, other, scale)))
    return made


def _rows(
    labels: Array, sampled: Estimate, full: Array | None, without: Array | None, scale: float
) -> list[tuple[str, ...]]:
    shown = sampled.scaled(scale)
    columns = [
        [f"{x * scale:.6g}" for x in part] if part is not None else ["–"] * len(labels) for part in (full, without)
    ]
    numbers = [with_error(value, error) for value, error in zip(shown.value, shown.stderr, strict=True)]
    return list(zip((str(label) for label in labels), numbers, *columns, strict=True))


def atoms_picture(result: Result, found: Beside) -> dict[str, Figure]:
    """The atoms coloured by excess, sampled values on top; nothing where positions or excess are unknown."""
    if found.pair.full.excess is None:
        return {}
    without = found.pair.without.excess if found.pair.without else None
    views = view(result.junction, found.pair.full.excess, without, found.sampled)
    return {"atoms": atoms_figure(views, result.units, found.title, found.name)} if views else {}
