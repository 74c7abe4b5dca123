"""What `sgle stability` finds out: modes with their budgets, thresholds with forces switched off in turn, branches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from sgle.errors import EigenfrequencyError, SgleError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.stability import (
    Branches,
    Budget,
    Eigenmodes,
    Orbit,
    Threshold,
    eigenmodes,
    follow,
    orbit,
    threshold,
    unstable_count,
)
from sgle.stability import budget as budget_of

Array = np.ndarray
JunctionAt = Callable[[float], Junction]
ALL = "all"
UNKNOWN = complex(np.nan, np.nan)
SAME_MODE = 0.02  # of |z|: a mode of the grid further away is another one


class ModeRow(NamedTuple):
    """One mode: z with its error, its twin on the time grid (NaN without), overlap |yᵀx|/|x||y|, vector x (N,)."""

    z: complex
    error: float
    grid: complex
    overlap: float
    shape: Array
    orbit: Orbit
    budget: Budget

    @property
    def lifetime(self) -> float:
        """Of the energy, 1/(2|Im z|); what it takes to grow by e where Im z > 0."""
        return float(1 / (2 * abs(self.z.imag))) if self.z.imag else np.inf


@dataclass(frozen=True, eq=False)
class Modes:
    """All modes of one junction, the least damped first.    trouble : why the grid's are missing, if they are."""

    junction: Junction
    rows: Sequence[ModeRow]
    trouble: str = ""


@dataclass(frozen=True, eq=False)
class Case:
    """The search for the critical bias with one thing switched off, or with all forces.

    found : the threshold, None if there is none; mode : the one that goes first, there; grid : the critical bias on the
    time grid.    span : where it was looked for.
    growing : modes that grow at the beginning already.    nearest : z of the least damped mode at the end, if none
    ever grows.    again : intervals in which stability is lost or won, if there are several; the first one is `found`.
    trouble : why the answer is refused.
    """

    name: str
    span: tuple[float, float]
    found: Threshold | None = None
    mode: ModeRow | None = None
    grid: float = float("nan")
    growing: int = 0
    nearest: complex = UNKNOWN
    again: Sequence[tuple[float, float]] = ()
    trouble: str = ""


def modes_of(junction: Junction, grid: Grid | None = None, depth: float | None = None) -> Modes:
    """Modes in the continuum, each beside its twin on the grid.

    Raises : EigenfrequencyError, UnstableError for the continuum; what fails on the grid alone is told.
    """
    junction = junction.harmonic
    found, trouble = eigenmodes(junction, depth=depth), ""
    twins = np.full(len(found), UNKNOWN)
    if grid is not None:
        try:
            twins = _twins(found.z, eigenmodes(junction, grid).z)
        except SgleError as error:
            trouble = str(error)
    order = np.argsort(-found.z.imag, kind="stable")
    return Modes(junction, [mode_row(junction, found, int(k), complex(twins[k])) for k in order], trouble)


def mode_row(junction: Junction, modes: Eigenmodes, index: int, grid: complex = UNKNOWN) -> ModeRow:
    """Everything about one of the modes of a junction."""
    shape = modes.right[index]
    with np.errstate(invalid="ignore"):  # a free translation has z = 0, and no left vector
        overlap = float(modes.overlap[index])
    return ModeRow(
        complex(modes.z[index]),
        float(modes.error[index]),
        grid,
        overlap,
        shape,
        orbit(shape),
        budget_of(junction, modes, index),
    )


def _twins(z: Array, others: Array) -> Array:
    """For each z the one of `others` that is the same mode, each taken once, nearest first; (n,), NaN where none is."""
    distance = np.abs(z[:, None] - others)
    found, free = np.full(z.size, UNKNOWN), np.ones(len(others), dtype=bool)
    for place in np.argsort(distance, axis=None, kind="stable"):
        k, j = np.unravel_index(place, distance.shape)
        if distance[k, j] < SAME_MODE * abs(z[k]) and free[j] and np.isnan(found[k]):
            found[k], free[j] = others[j], False
    return found


def search(junction_at: JunctionAt, span: tuple[float, float], name: str = ALL, grid: Grid | None = None) -> Case:
    """Critical bias in a range, all forces or with the switch `name` off; never raises for what physics says."""

    def at(bias: float) -> Junction:
        junction = junction_at(bias).harmonic
        return junction if name == ALL else junction.without(name)

    case = _searched(at, span, name)
    if case.found is None:
        return case
    mode = mode_row(at(case.found.value), case.found.modes, case.found.index)
    if grid is None:
        return replace(case, mode=mode)
    beside = _searched(at, _around(case.found.value, span), name, grid)
    value = beside.found.value if beside.found else float("nan")
    return replace(case, mode=mode, grid=value, trouble=beside.trouble)


def _around(value: float, span: tuple[float, float]) -> tuple[float, float]:
    """Where the grid's threshold is looked for: half way from the beginning, and as far beyond the continuum's."""
    return span[0] + 0.5 * (value - span[0]), span[0] + 1.5 * (value - span[0])


def _searched(at: JunctionAt, span: tuple[float, float], name: str, grid: Grid | None = None) -> Case:
    try:
        return Case(name, span, threshold(at, span, grid=grid))
    except EigenfrequencyError as error:
        numbers = error.numbers
        if "intervals" in numbers:
            first = _searched(at, numbers["intervals"][0], name, grid)
            return Case(name, span, first.found, again=numbers["intervals"], trouble=first.trouble)
        if "bracket" in numbers:
            count, z = numbers.get("count", 0), numbers.get("eigenfrequency", UNKNOWN)
            return Case(name, span, growing=count, nearest=z)
        return Case(name, span, trouble=str(error))
    except SgleError as error:
        return Case(name, span, trouble=str(error))


def branches(
    junction_at: JunctionAt, values: Array, grid: Grid | None = None, depth: float | None = None
) -> tuple[Branches, str]:
    """Modes followed along the bias; where they cannot be told apart, each value by itself, and why.

    Raises : what `eigenmodes` raises.
    """

    def at(bias: float) -> Junction:
        return junction_at(bias).harmonic

    if not len(eigenmodes(at(float(values[0])), grid, depth)):
        return _by_themselves(at, values, grid, depth), ""
    try:
        return follow(at, values, grid, depth, progress=True), ""
    except EigenfrequencyError as error:
        return _by_themselves(at, values, grid, depth), str(error)


def _by_themselves(at: JunctionAt, values: Array, grid: Grid | None, depth: float | None) -> Branches:
    """Modes of each value in the order of their frequencies, not followed."""
    found = [eigenmodes(at(float(value)), grid, depth) for value in values]
    counts = [unstable_count(at(float(value)), grid) for value in values]
    most = max(len(modes) for modes in found)

    def padded(rows: Sequence[Array]) -> Array:
        blank = (np.full((most - len(row), *row.shape[1:]), np.nan, row.dtype) for row in rows)
        return np.array([np.concatenate(pair) for pair in zip(rows, blank, strict=True)])

    return Branches(
        np.asarray(values, dtype=float),
        np.ones(len(values), dtype=bool),
        padded([modes.z for modes in found]),
        padded([modes.error for modes in found]),
        padded([modes.overlap for modes in found]),
        padded([modes.right for modes in found]),
        np.array(counts),
    )
