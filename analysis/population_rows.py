"""What a sampled number of quanta means: the temperature and the chemical potential of bosons with that number (002).

    N = n_B(Ω, T_eff) = n_B(Ω - μ, T_e),   T_eff = Ω/ln(1 + 1/N),   μ = Ω - T_e ln(1 + 1/N)

with error bars to first order in that of N. Beside them the golden rule's N, the limit of weak damping; it is told, not
judged.
"""

from dataclasses import dataclass

import numpy as np

from sgle.analysis.estimate import Estimate, with_error
from sgle.analysis.population import NAME
from sgle.analysis.result import Result
from sgle.ehp import populations
from sgle.units import Units

HEAD = ("", "frequency", "quanta", "golden rule", "as hot as", "chemical potential")


@dataclass(frozen=True)
class PopulationRow:
    """One mode, internal units. number : sampled N, golden : that of weak damping, infinite where it lases.

    temperature, potential : T_eff and μ; NaN where N ≤ 0, μ also without electrons of one temperature.
    """

    mode: int
    frequency: float
    number: Estimate
    golden: float
    temperature: Estimate
    potential: Estimate

    def cells(self, units: Units) -> tuple[str, ...]:
        """As texts under HEAD."""
        return (
            f"mode {self.mode}",
            f"{self.frequency * units.scale('frequency'):.6g}",
            _text(self.number),
            "lasing" if np.isinf(self.golden) else f"{self.golden:.5g}",
            _text(self.temperature.scaled(units.scale("temperature"))),
            _text(self.potential.scaled(units.scale("energy"))),
        )


def heading(units: Units) -> tuple[str, ...]:
    """HEAD with units."""
    kinds = ("", "frequency", "", "", "temperature", "energy")
    return tuple(units.titled(text, kind) if kind else text for text, kind in zip(HEAD, kinds, strict=True))


def population_rows(result: Result) -> list[PopulationRow]:
    """All modes of a run that has counted their quanta, by ascending frequency; none of any other."""
    if NAME not in result.estimates:
        return []
    numbers, rows = result.estimates[NAME], []
    for k, mode in enumerate(populations(result.junction)):
        number = numbers[k]
        logarithm, slope = np.nan, np.nan
        if number.value > 0:
            logarithm, slope = np.log1p(1 / number.value), 1 / (number.value * (number.value + 1))
        hot = _derived(number, mode.frequency / logarithm, mode.frequency * slope / logarithm**2)
        potential = _derived(number, mode.frequency - mode.temperature * logarithm, mode.temperature * slope)
        rows.append(PopulationRow(k, mode.frequency, number, mode.number, hot, potential))
    return rows


def _derived(number: Estimate, value: float, slope: float) -> Estimate:
    """A function of a number, with the error bar its slope gives it."""
    return Estimate(float(value), abs(float(slope)) * number.stderr, number.effective_samples, degrees=number.degrees)


def _text(estimate: Estimate) -> str:
    return with_error(estimate.value, estimate.stderr) if np.isfinite(estimate.value) else "–"
