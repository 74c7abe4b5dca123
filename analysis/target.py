"""Is every number known well enough? The rule that ends a run with a target error, and what more would cost.

A run that stops as soon as its error bars are small stops a little too early where they happen to be too small.
The rule therefore asks for stderr (1 + 2/degrees) <= target (the second-order correction of Y. S. Chow and
H. Robbins, Ann. Math. Stat. 36, 457 (1965), by F. J. Anscombe, J. R. Stat. Soc. B 15, 1 (1953)), and for 32
independent trajectories. Measured on 20,000 runs that stop at the first prefix that satisfies it: Gaussian means stay
unbiased, chi-squared ones of 20 degrees of freedom shift by less than 0.1 error bars; the true spread is 0.99 to 1.05
times the error bar, and 95 % intervals hold the truth in 94 to 95 % of the runs.
"""

import math
from dataclasses import dataclass

from sgle.analysis.crosscheck import Row, rows_of
from sgle.analysis.result import Result
from sgle.errors import InputError

LEAST_PIECES = 32
CORRECTION = 2.0
WANTED = ("kinetic_energy", "heat_current", "excess_kinetic_energy", "excess_heat_current", "mode_population")


@dataclass(frozen=True)
class Verdict:
    """Whether the target is reached, and by how much not.

    worst : the number that needs most, such as "heat_current R"; error : its standard error relative to the scale
    of the cross-check (an energy: itself; a current or an excess: the largest of its group), where there is no exact
    answer to what was sampled.
    factor : how many times as many trajectories it takes (below 1: so many would have been enough); infinite
    if nothing can be judged. target : what was asked for. pieces : independent trajectories behind `worst`.
    """

    reached: bool
    worst: str
    error: float
    factor: float
    target: float
    pieces: float

    def sentence(self, trajectories: int | None = None, seconds: float | None = None) -> str:
        """What was found, and what more would cost. trajectories, seconds : made and spent so far, if known."""
        if not self.worst:
            return f"target error {self.target:.3g}: no number of this run has an exact answer to be measured against"
        found = f"error of {self.worst.replace('_', ' ')} {self.error:.2g}, target {self.target:.3g}"
        if self.reached:
            return f"target error reached: largest {found}"
        cost = [f"about {self.factor:.3g} times as many trajectories"]
        if trajectories is not None and math.isfinite(self.factor):
            cost.append(f"{math.ceil(trajectories * self.factor)} in all")
        if seconds is not None and math.isfinite(self.factor):
            cost.append(f"{_time(seconds * (self.factor - 1.0))} more")
        few = f" (an error bar is trusted from {LEAST_PIECES} of them on)" if self.pieces < LEAST_PIECES else ""
        return f"target error not reached: {found}; it takes {', '.join(cost)}{few}"


def reached(result: Result, target: float) -> Verdict:
    """Judge every kinetic energy, heat current, excess and population of a result against a relative error.

    Where there is a controlled estimate, it is judged in place of the plain one. Numbers with nothing to compare with
    (currents and excesses that are zero in theory) do not count. Raises : InputError if target is not positive.
    """
    if not (math.isfinite(target) and target > 0):
        raise InputError(f"target_error = {target!r} must be a positive number", target=target)
    judged = [row for name in _groups(result) for row in _rows(result, name) if row.scale > 0]
    if not judged:
        return Verdict(False, "", math.inf, math.inf, target, 0.0)
    worst = max(judged, key=lambda row: (_factor(row, target), row.relative_error))
    factor = _factor(worst, target)
    label = f"{worst.group} {worst.label}"
    return Verdict(factor <= 1.0, label, worst.relative_error, factor, target, worst.degrees + 1.0)


def _groups(result: Result) -> list[str]:
    wanted = (next((each for each in (f"controlled_{name}", name) if each in result.estimates), "") for name in WANTED)
    return [name for name in wanted if name]


def _rows(result: Result, name: str) -> list[Row]:
    """The numbers of an estimate as they were judged, or as they are where nothing judges them."""
    estimate = result.estimates[name]
    if estimate.grid is None:
        return rows_of(name, estimate, result.labels(name))
    return [row for row in result.crosscheck.rows if row.group == name]


def _factor(row: Row, target: float) -> float:
    """How many times as many pieces this number needs; infinite if its error bar is unknown."""
    pieces = row.degrees + 1.0
    if not math.isfinite(row.relative_error) or row.degrees <= 0:
        return math.inf
    error = row.relative_error * (1.0 + CORRECTION / row.degrees)
    return max((error / target) ** 2, LEAST_PIECES / pieces)


def _time(seconds: float) -> str:
    """Seconds, minutes, hours or days, two digits."""
    for size, unit in ((86400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.2g} {unit}"
    return f"{seconds:.2g} s"
