"""The cross-check: every sampled number against the exact answer for its grid, and one verdict for all of
them.

One false alarm in 10⁴ runs of correct code, whatever the number of numbers: each of n z-scores is compared
with Student's t at the Šidák level 1 - (1 - α)^{1/n}, which holds for independent numbers and is cautious for
correlated ones.

Of anharmonic motion no exact answers exist. What is judged then is its harmonic twin, if one ran with it, and the
energy balance of every step, which must close to rounding in any run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import t as student

from sgle.analysis.estimate import Estimate, with_error

FAMILY_ALPHA = 1e-4
CEILING = 0.1  # kinetic energies known worse than this prove nothing
NEGLIGIBLE = 1e-7  # currents (in units of energy²) and excesses below this part of the energies are rounding
UNRESOLVED = 0.3  # currents with larger error bars, against the largest of them, are called so
STEP_ERROR = 0.05  # grid and continuum differ noticeably
CLOSES = 1e-6  # an energy balance that is off by more than this part of the energy is not off by rounding
PASSED, FAILED, INCONCLUSIVE = "passed", "failed", "inconclusive"
ENERGIES = ("kinetic_energy", "reference_kinetic_energy")


@dataclass(frozen=True)
class Row:
    """One sampled number. scale : what its errors are relative to: the largest of its group; group : name of
    the
    estimate it belongs to, label : which of it. Internal units.
    """

    group: str
    label: str
    value: float
    stderr: float
    grid: float
    continuum: float
    z: float
    degrees: float
    scale: float

    @property
    def signed(self) -> bool:
        """Whether it is a difference that may vanish, measured against the largest of its group."""
        return "heat" in self.group or "excess" in self.group

    @property
    def p_value(self) -> float:
        """Probability of a deviation this large or larger if the grid answer is right (two-sided)."""
        return 2.0 * float(student.sf(abs(self.z), self.degrees)) if np.isfinite(self.z) else 0.0

    @property
    def relative_error(self) -> float:
        """Standard error against the scale of the group."""
        return self.stderr / self.scale if self.scale > 0 else 0.0

    @property
    def step_error(self) -> float:
        """Grid minus continuum, against the scale of the group: the time-step error; 0 if there is no
        continuum answer.
        """
        known = self.scale > 0 and np.isfinite(self.continuum)
        return (self.grid - self.continuum) / self.scale if known else 0.0


@dataclass(frozen=True)
class Balance:
    """closing : largest error of the energy balance of any step, relative to the energy.

    potential : how far the energy of the anharmonic force is from the work it has done, see
    sgle.analysis.anharmonic.PotentialLedger; None for harmonic motion.
    """

    closing: float = 0.0
    potential: float | None = None

    @property
    def sentence(self) -> str:
        """What is wrong, or for anharmonic motion what is right; else empty."""
        if not self.closing <= CLOSES:
            return f"the energy balance of a step is off by {self.closing:.1e} of the energy: that is no rounding"
        if self.potential is None:
            return ""
        return (
            f"energy balance of every step closes to {self.closing:.0e} of the energy; energy and work of the "
            f"anharmonic force agree within {self.potential:.1e} of what it turns over, the time step's doing (∝ Δt²)"
        )


NO_BALANCE = Balance()


@dataclass(frozen=True)
class CrossCheck:
    """Verdict over a family of sampled numbers and the energy balance.

    reasons : what besides the z-scores forbids a "passed".
    """

    rows: tuple[Row, ...]
    alpha: float = FAMILY_ALPHA
    ceiling: float = CEILING
    reasons: tuple[str, ...] = field(default=())
    balance: Balance = NO_BALANCE

    @property
    def level(self) -> float:
        """Significance level of a single number (Šidák)."""
        return -np.expm1(np.log1p(-self.alpha) / max(1, len(self.rows)))

    @property
    def limit(self) -> float:
        """Largest |z| that is allowed; that of the number with most degrees of freedom if they differ."""
        degrees = max((row.degrees for row in self.rows), default=np.inf)
        return float(student.isf(self.level / 2.0, degrees))

    @property
    def offenders(self) -> tuple[Row, ...]:
        """Numbers that contradict the grid answer, worst first."""
        bad = (row for row in self.rows if row.p_value < self.level)
        return tuple(sorted(bad, key=lambda row: row.p_value))

    @property
    def worst(self) -> tuple[Row, ...]:
        """All numbers, the least likely first."""
        return tuple(sorted(self.rows, key=lambda row: row.p_value))

    @property
    def largest_error(self) -> float:
        """Largest error bar of the kinetic energies, relative to the energy itself: the power of the check. Of the
        harmonic twin's if it alone is judged; 0 if nothing sampled is.
        """
        group = next((name for name in ENERGIES if any(row.group == name for row in self.rows)), "")
        nothing = np.inf if self.balance.potential is None else 0.0
        return max((row.relative_error for row in self.rows if row.group == group), default=nothing)

    @property
    def largest_step_error(self) -> float:
        """Largest |grid - continuum| against the scale of its group."""
        return max((abs(row.step_error) for row in self.rows), default=0.0)

    @property
    def weakness(self) -> str:
        """A sentence if heat currents or excesses are hardly known, else empty: their agreement proves
        little.
        """
        groups = dict.fromkeys(row.group for row in self.rows if row.relative_error > UNRESOLVED and row.signed)
        worst = {group: max(row.relative_error for row in self.rows if row.group == group) for group in groups}
        told = ", ".join(f"{group.replace('_', ' ')} {error:.0%}" for group, error in worst.items())
        return f"hardly resolved, error bars against the largest exact number: {told}" if told else ""

    @property
    def step_doubt(self) -> str:
        """A sentence if the time step shifts an answer noticeably, else empty."""
        if self.largest_step_error <= STEP_ERROR:
            return ""
        return (
            f"the time step shifts an answer by up to {self.largest_step_error:.1%} of its size (currents: of "
            "the largest); a shorter step makes that smaller, as its square"
        )

    @property
    def verdict(self) -> str:
        """passed, failed, or inconclusive: no contradiction, but error bars above the ceiling, or not a
        steady state.
        """
        if self.offenders or not self.balance.closing <= CLOSES:
            return FAILED
        return INCONCLUSIVE if self.reasons or self.largest_error > self.ceiling else PASSED

    @property
    def passed(self) -> bool:
        """True if nothing contradicts theory and the error bars are small enough to say so."""
        return self.verdict == PASSED

    def sentences(self) -> list[str]:
        """The verdict in words, with the numbers behind it and the way out."""
        said = [f"cross-check {self.verdict}: {self._judged}"]
        if self.offenders:
            said.append(
                f"{len(self.offenders)} numbers contradict theory: "
                + ", ".join(f"{row.group} {row.label} (z = {row.z:.1f})" for row in self.offenders[:5])
            )
        said.extend(text for text in (self.balance.sentence, *self.reasons) if text)
        if self.largest_error > self.ceiling:
            longer = np.ceil((self.largest_error / self.ceiling) ** 2)
            said.append(
                f"error bars are too large to prove anything: up to {self.largest_error:.1%} of a "
                f"kinetic energy (ceiling {self.ceiling:.0%}); run about {longer:.0f} times as long"
            )
        return [*said, *(text for text in (self.weakness, self.step_doubt) if text)]

    @property
    def _judged(self) -> str:
        """What the verdict rests on."""
        worst = max((abs(row.z) for row in self.rows), default=0.0)
        numbers = (
            f"{len(self.rows)} numbers, largest |z| {worst:.2f}, limit {self.limit:.2f} (false alarms: 1 in "
            f"{1 / self.alpha:.0f} runs)"
        )
        if self.balance.potential is None:
            return numbers
        none = "no exact answer exists for anharmonic motion"
        return f"{none}; of what ran beside it {numbers}" if self.rows else none

    def summary(self, most: int = 40) -> str:
        """Verdict and table, worst first, at most `most` rows, internal units."""
        head = f"{'number':<34}{'sampled':>18}{'grid':>14}{'continuum':>14}{'z':>8}"
        lines = [
            f"{row.group + ' ' + row.label:<34}{with_error(row.value, row.stderr):>18}{row.grid:>14.6g}"
            f"{row.continuum:>14.6g}{row.z:>8.2f}"
            for row in self.worst[:most]
        ]
        more = [f"… and {len(self.rows) - most} more"] if len(self.rows) > most else []
        return "\n".join([*self.sentences(), head, *lines, *more])


def cross_check(
    estimates: Mapping[str, Estimate],
    labels: Mapping[str, np.ndarray],
    *,
    alpha: float = FAMILY_ALPHA,
    ceiling: float = CEILING,
    reasons: tuple[str, ...] = (),
    balance: Balance = NO_BALANCE,
) -> CrossCheck:
    """Judge all estimates that have a grid answer.

    labels : for each estimate, an array of texts of its shape. reasons, balance : see CrossCheck.
    """
    energy = next((size for name in ENERGIES if (size := _largest(estimates.get(name)))), 0.0)
    rows = [
        row
        for name, estimate in estimates.items()
        if estimate.grid is not None
        for row in _rows(name, estimate, labels[name], energy)
    ]
    return CrossCheck(tuple(rows), alpha, ceiling, reasons, balance)


def rows_of(name: str, estimate: Estimate, labels: np.ndarray) -> list[Row]:
    """Numbers without exact answers, NaN in their place, errors relative to what was sampled; not to be judged."""
    sizes = np.abs(estimate.value)
    scale = np.full(sizes.shape, sizes.max(initial=0.0)) if "heat" in name or "excess" in name else sizes
    columns = [np.ravel(x) for x in (labels, estimate.value, estimate.stderr, scale)]
    none = (np.nan, np.nan, np.nan)
    return [
        Row(name, str(label), float(value), float(stderr), *none, estimate.degrees, float(size))
        for label, value, stderr, size in zip(*columns, strict=True)
    ]


def _rows(name: str, estimate: Estimate, labels: np.ndarray, energy: float) -> Iterator[Row]:
    """The numbers of one estimate, flattened."""
    continuum = np.full_like(estimate.value, np.nan) if estimate.continuum is None else estimate.continuum
    columns = [np.ravel(x) for x in (labels, estimate.value, estimate.stderr, estimate.grid, continuum, estimate.z)]
    scales = np.ravel(_scale(name, estimate, energy))
    for (label, *numbers), scale in zip(zip(*columns, strict=True), scales, strict=True):
        value, stderr, grid, exact, z = (float(x) for x in numbers)
        yield Row(name, str(label), value, stderr, grid, exact, z, estimate.degrees, float(scale))


def _scale(name: str, estimate: Estimate, energy: float) -> np.ndarray:
    """What errors are relative to: an energy's own value; for currents and excesses, which may vanish, the
    largest of the group, and 0 (nothing to compare with) if all are negligible beside the energies.
    """
    if not ("heat" in name or "excess" in name):
        return np.abs(estimate.grid)
    negligible = NEGLIGIBLE * (energy**2 if "heat" in name else energy)
    largest = _largest(estimate)
    return np.full(np.shape(estimate.value), largest if largest > negligible else 0.0)


def _largest(estimate: Estimate | None) -> float:
    return 0.0 if estimate is None or estimate.grid is None else float(np.max(np.abs(estimate.grid), initial=0.0))
