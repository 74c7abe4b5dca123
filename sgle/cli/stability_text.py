"""What `sgle stability` says on the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sgle.cli.tables import MOST_ROWS, number, shown, table
from sgle.recipe.schema import SWITCH_NAMES
from sgle.units import Units

if TYPE_CHECKING:
    from sgle.analysis.instability.growth import Growth
    from sgle.analysis.stability_answers import Case, ModeRow, Modes
    from sgle.junction import Junction
    from sgle.stability import Budget, ExceptionalPoint

SURE = 5e-7  # relative error that is not worth showing
NEGLIGIBLE = 1e-12  # of the largest contribution to Im z


def modes_table(modes: "Modes", units: Units, gridded: bool) -> str:
    """Every mode, its frequency and damping, lifetime, overlap and rotation; what its damping is made of."""
    if not modes.rows:
        return "no mode of its own: every wave leaves into the leads"
    rows = sorted(modes.rows[:MOST_ROWS], key=lambda row: row.z.real)
    few = f", the {MOST_ROWS} least damped of {len(modes.rows)}" if len(modes.rows) > MOST_ROWS else ""
    head = [units.titled(f"modes{few}", "frequency"), "Re z", "Im z", *(["Re z, grid", "Im z, grid"] * gridded)]
    head += [units.titled("energy lasts", "time"), "overlap", "rotation", "in the plane of"]
    lines = [
        [f"  {k}", *_frequencies(row, units, gridded), *_motion(row, modes.junction, units)]
        for k, row in enumerate(rows)
    ]
    text = [table(head, lines)]
    if modes.trouble:
        text.append(f"on the time grid they are not known: {modes.trouble}")
    return "\n".join([*text, "", budget_table(rows, units)])


def _frequencies(row: "ModeRow", units: Units, gridded: bool) -> list[str]:
    scale = units.scale("frequency")
    cells = [certain(row.z.real * scale, row.error * scale), certain(row.z.imag * scale, row.error * scale)]
    return cells + [number(part * scale) for part in (row.grid.real, row.grid.imag)] * gridded


def certain(value: float, error: float) -> str:
    """A number to six digits, or with the error of its last two in brackets where that is worse."""
    from sgle.analysis.estimate import with_error

    return with_error(value, error) if value and error > SURE * abs(value) else number(value)


def _motion(row: "ModeRow", junction: "Junction", units: Units) -> list[str]:
    grows = "grows in " if row.z.imag > 0 else ""
    turns = abs(row.orbit.rotation) > 1e-9
    place = " and ".join(dof_name(junction, dof) for dof in row.orbit.plane) if turns else "–"
    lifetime = grows + number(row.lifetime * units.scale("time"), 4)
    overlap = f"{row.overlap:.6f}" if np.isfinite(row.overlap) else "–"
    return [lifetime, overlap, f"{row.orbit.rotation:+.4f}" if turns else "0", place]


def dof_name(junction: "Junction", dof: int) -> str:
    """ "dof 3", or "Au 1 x" of an atom with three of them."""
    atoms = junction.atoms
    if atoms is None:
        return f"dof {dof}"
    atom = int(atoms.dof_atom[dof])
    own = np.flatnonzero(atoms.dof_atom == atom)
    direction = f" {'xyz'[int(np.searchsorted(own, dof))]}" if len(own) == 3 else ""
    return f"{atoms.symbols[atom]} {atom}{direction}"


def budget_table(rows: Sequence["ModeRow"], units: Units) -> str:
    """Contributions to Im z of the friction of each bath, and of the forces of the current."""
    scale = units.scale("frequency")
    largest = max(abs(value) for row in rows for value in (*row.budget.friction.values(), *row.budget.driving.values()))
    driven = [name for name in rows[0].budget.driving if _matters(rows, name, largest)]
    head = [units.titled("Im z is made of", "frequency")]
    head += [f"friction of {name}" for name in rows[0].budget.friction] + [f"{name} drives" for name in driven]
    lines = []
    for k, row in enumerate(rows):
        parts = [*row.budget.friction.values(), *(row.budget.driving[name] for name in driven)]
        parts = [0.0 if abs(part) < NEGLIGIBLE * largest else part for part in parts]
        lines.append([f"  {k}", *(number(part * scale, 5) for part in parts)])
    return table(head, lines)


def _matters(rows: Sequence["ModeRow"], name: str, largest: float) -> bool:
    return any(abs(row.budget.driving[name]) > NEGLIGIBLE * largest for row in rows)


def case_name(name: str) -> str:
    """ "all forces", or "without Berry forces"."""
    return "all forces" if name == "all" else f"without {SWITCH_NAMES[name]}"


def cases_table(cases: Sequence["Case"], units: Units, gridded: bool) -> str:
    """Critical bias with all forces and with each one switched off, mode that goes first; words where there is none."""
    head = [units.titled("critical bias", "bias"), "continuum", *(["grid"] * gridded)]
    head += [units.titled("mode", "frequency"), "growing beyond", ""]
    rows = []
    for case in cases:
        cells = [f"  {case_name(case.name)}"]
        if case.found is None:
            cells += ["–"] * (3 + gridded)
        else:
            scale = units.scale("bias")
            cells += [number(case.found.value * scale, 9), *([number(case.grid * scale, 9)] * gridded)]
            cells += [number(case.found.frequency * units.scale("frequency")), str(case.found.count)]
        rows.append([*cells, ""])
    notes = [f"{case_name(case.name)}: {note}" for case in cases if (note := case_note(case, units))]
    return "\n".join([table(head, rows), *notes])


def case_note(case: "Case", units: Units) -> str:
    """Why there is no critical bias, or what else has to be said of it; empty if nothing."""
    low, high = (number(end * units.scale("bias")) for end in case.span)
    unit = units.label("bias")
    span = f"{low} to {high} {unit}".rstrip()
    if case.again:
        scale = units.scale("bias")
        places = ", ".join(f"{number(a * scale)} to {number(b * scale)}" for a, b in case.again)
        return f"stability is lost or won {len(case.again)} times between {span}: {places}; this is the first time"
    if case.trouble and case.found is None:
        return f"refused: {case.trouble}"
    if case.trouble:
        return f"on the time grid: {case.trouble}"
    if case.growing:
        modes = f"{case.growing} mode{'s' * (case.growing > 1)}"
        return f"{modes} grow{'s' * (case.growing == 1)} already at the beginning of {span}"
    if case.found is None:
        there = f"the least damped one has z = {complex_number(case.nearest, units)} there"
        return f"no mode grows from {span}; {there if np.isfinite(case.nearest) else 'there is none'}"
    return ""


def complex_number(z: complex, units: Units, digits: int = 6) -> str:
    """z in the unit of frequencies: "15.4 - 0.02i meV"."""
    scale = units.scale("frequency")
    if abs(z.imag) < NEGLIGIBLE * abs(z):
        return shown(z.real, units, "frequency", digits)
    sign = "-" if z.imag < 0 else "+"
    label = units.label("frequency")
    text = f"{number(z.real * scale, digits)} {sign} {number(abs(z.imag) * scale, digits)}i"
    return f"({text}) {label}" if label else text


def first_to_go(case: "Case", junction: "Junction", units: Units) -> str:
    """The critical mode: bracket, how fast it turns to growth, its orbit, and who feeds it and who damps it."""
    found, row = case.found, case.mode
    assert found is not None and row is not None
    scale = units.scale("bias")
    bracket = f"{number(min(found.low, found.high) * scale, 9)} to {number(max(found.low, found.high) * scale, 9)}"
    slope = found.slope * units.scale("frequency") / scale
    per = units.label("bias")
    lines = [
        f"bracket of the winding number: {bracket} {units.label('bias')}".rstrip(),
        f"the mode that goes first: Re z = {shown(found.frequency, units, 'frequency')}, "
        f"d Im z/d bias = {number(slope, 4)} {units.label('frequency')}{'/' + per if per else ''}".rstrip(),
        _orbit_sentence(row, junction),
        _budget_sentence(row.budget),
    ]
    return "\n".join(f"  {line}" for line in lines)


def _orbit_sentence(row: "ModeRow", junction: "Junction") -> str:
    orbit = row.orbit
    i, j = (dof_name(junction, dof) for dof in orbit.plane)
    if abs(orbit.rotation) < 1e-9:
        return f"it moves on a line; overlap of left and right vector {row.overlap:.6f}"
    start, end = (i, j) if orbit.rotation > 0 else (j, i)
    return (
        f"its orbit has eccentricity {orbit.eccentricity:.4f} and turns from {start} to {end}, rotation "
        f"{orbit.rotation:+.4f} there; overlap of left and right vector {row.overlap:.6f}"
    )


def _budget_sentence(budget: "Budget") -> str:
    """Energy per cycle, in per cent of the energy of the mode."""
    friction, driving = budget.per_cycle(budget.friction), budget.per_cycle(budget.driving)
    parts = [
        f"{100 * value:+.3g} % from the forces of the current in {name}" for name, value in driving.items() if value
    ]
    parts += [f"{100 * value:+.3g} % from the friction of {name}" for name, value in friction.items()]
    return f"energy per cycle: {', '.join(parts)}"


def exceptional_text(found: "ExceptionalPoint", units: Units) -> str:
    """Where two modes meet, and how near they come at a real bias."""
    bias, label = units.scale("bias"), units.label("bias")
    value = f"{number(found.value.real * bias, 9)} {'-' if found.value.imag < 0 else '+'} "
    value += f"{number(abs(found.value.imag) * bias, 9)}i {label}".rstrip()
    z = np.sqrt(complex(found.eigenvalue))
    apart = abs(found.splitting / (2 * z))
    return "\n".join(
        [
            f"exceptional point: bias {value} ± {found.error * bias:.1g}, z = {complex_number(z, units)}",
            f"  nearest at the real bias {shown(found.closest, units, 'bias', 9)}: the two are "
            f"{shown(apart, units, 'frequency', 4)} apart, overlap of their vectors {found.overlap:.9f}",
            f"  largest overlap {found.most:.9f}, at {shown(found.at, units, 'bias', 9)}",
        ]
    )


def growth_text(found: "Growth", units: Units) -> str:
    """Sampled growth rate beside both exact ones."""
    from sgle.analysis.estimate import with_error

    scale, rate = units.scale("frequency"), found.rate
    unit = units.label("frequency")
    exact = f"Im z = {number(rate.grid * scale)} on this grid, {number(rate.continuum * scale)} in the continuum"
    sampled = f"{with_error(rate.value * scale, rate.stderr * scale)} {unit}".rstrip()
    return (
        f"sampled growth rate {sampled}; {exact}; {100 * found.error:.2g} % off, over {found.decades.value:.3g} "
        f"decades of energy (z = {rate.z:+.2f})"
    )


def map_line(place: str, cases: Sequence["Case"], units: Units) -> str:
    """Critical biases at one point of a map: "system.fermi_level_eV = 0.2: all forces 0.85, without ... 0.71 V"."""
    return f"{place}: {', '.join(f'{case_name(case.name)} {_short(case, units)}' for case in cases)}"


def _short(case: "Case", units: Units) -> str:
    if case.found is not None:
        return shown(case.found.value, units, "bias")
    if case.trouble:
        return "refused"
    return "unstable from the beginning" if case.growing else f"stable up to {shown(case.span[1], units, 'bias')}"
