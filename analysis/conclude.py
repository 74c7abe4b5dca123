"""From sampled series to Estimates: averages behind the transient, exact answers beside them, and the
verdict.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle.analysis.bands import band_edges, band_energies
from sgle.analysis.control import controlled
from sgle.analysis.crosscheck import Balance, CrossCheck, cross_check
from sgle.analysis.engine.sampling import Sampled
from sgle.analysis.equilibration import Equilibration, detect
from sgle.analysis.estimate import Estimate, TooFewSamplesError
from sgle.analysis.exact import Exact
from sgle.analysis.plan import Plan
from sgle.analysis.provenance import versions
from sgle.analysis.result import Result, labels
from sgle.analysis.spectra import frequencies
from sgle.junction import Junction
from sgle.mode_energy import ModeEnergies

MISMATCH = 0.05  # of the work of an anharmonic force that may be missing in its energy


@dataclass(frozen=True)
class Question:
    """What was asked: the junctions, the plan, the exact answers and what else a Result repeats.

    periodogram : (n_w, N) expected one on the grid, or None if there are no spectra or it is not known. control :
        whether the reference, whose exact answers are known, shall take its fluctuation out of the sampled numbers.
    modes : of the harmonic part of a junction with anharmonic force.
    """

    junction: Junction
    reference: Junction | None
    plan: Plan
    exact: Exact
    periodogram: np.ndarray | None
    settings: dict[str, Any]
    recipe: str
    control: bool = False
    modes: ModeEnergies | None = None


def conclude(question: Question, sampled: Sampled) -> Result:
    """Reduce what was sampled. Raises : TooFewSamplesError if there is no error bar to be had."""
    plan = question.plan
    first = plan.burn_in // plan.chunk
    kept = sampled.series["kinetic_energy"][first:]
    if not np.isfinite(kept).any():
        raise TooFewSamplesError("nothing was sampled behind the burn-in", burn_in=plan.burn_in)
    equilibration = detect(kept[:, np.isfinite(kept).any(axis=(0, 2))])
    discarded = equilibration.detected if equilibration.done else 0
    averaged = {name: series[first + discarded :] for name, series in sampled.series.items()}
    estimates = averages(question, averaged) | _controlled(question, averaged) | _spectra(question, sampled)
    done = int(np.isfinite(sampled.series["kinetic_energy"][..., 0]).sum()) * plan.chunk
    return Result(
        question.junction,
        question.reference,
        question.settings | {"control": question.control, "discarded": discarded, "steps_done": done},
        versions(),
        estimates,
        sampled.series,
        *_axes(question, sampled),
        equilibration,
        _judge(question, sampled, estimates, equilibration),
        sampled.ledger,
        question.exact.error,
        sampled.interrupted,
        recipe=question.recipe,
        modes=question.modes,
        snapshots=sampled.snapshots,
        passages=sampled.passages,
        watched=sampled.steps * plan.time_step,
    )


def averages(question: Question, series: dict[str, np.ndarray]) -> dict[str, Estimate]:
    """An Estimate of every series, of its sums over atoms, and of the excess over the reference."""
    series = dict(series)
    if question.reference is not None:
        for name in ("kinetic_energy", "heat_current"):
            series[f"excess_{name}"] = series[name] - series[f"reference_{name}"]
    if question.junction.atoms is not None:
        for name in ("kinetic_energy", "excess_kinetic_energy"):
            if name in series:
                series[f"{name}_per_atom"] = question.junction.atoms.per_atom(series[name])
    exact = question.exact
    return {
        name: Estimate.from_series(values, grid=exact.grid.get(name), continuum=exact.continuum.get(name))
        for name, values in series.items()
    }


def _controlled(question: Question, series: dict[str, np.ndarray]) -> dict[str, Estimate]:
    """Energies and currents with the reference as control variate, if wanted, and if there are enough trajectories."""
    exact, found = question.exact, {}
    if question.control and question.reference is not None:
        for name in ("kinetic_energy", "heat_current"):
            found[f"controlled_{name}"] = controlled(
                series[name],
                series[f"reference_{name}"],
                exact.grid[f"reference_{name}"],
                grid=exact.grid.get(name),
                continuum=exact.continuum.get(name),
            )
    return {name: estimate for name, estimate in found.items() if estimate is not None}


def _spectra(question: Question, sampled: Sampled) -> dict[str, Estimate]:
    """Velocity spectra and the energies of their bands, if there are at least two trajectories with a
    piece.
    """
    if sampled.power is None or sampled.pieces is None or len(sampled.power) < 2:
        return {}
    expected, step, power = question.periodogram, question.plan.time_step, sampled.power
    # A half overlapping Hann piece is worth 18/19 of an independent one (Welch 1967).
    worth = float(np.sum(1.0 + (sampled.pieces - 1.0) * 18.0 / 19.0))
    samples = np.full(power.shape[1:], worth)
    found = {"velocity_spectrum": Estimate.from_means(power, sampled.pieces, grid=expected, samples=samples)}
    if expected is not None:
        edges = band_edges(expected)
        exact = band_energies(expected, edges, step)
        found["band_energy"] = Estimate.from_means(band_energies(power, edges, step), sampled.pieces, grid=exact)
    return found


def _axes(question: Question, sampled: Sampled) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Frequencies of the spectra and the edges of their bands."""
    if sampled.power is None or len(sampled.power) < 2:
        return None, None
    omega = frequencies(question.plan.segment, question.plan.time_step)
    if question.periodogram is None:
        return omega, None
    return omega, omega[np.minimum(band_edges(question.periodogram), len(omega) - 1)]


def _judge(
    question: Question, sampled: Sampled, estimates: dict[str, Estimate], equilibration: Equilibration
) -> CrossCheck:
    """The verdict over everything but single bins of a spectrum, which the bands stand for."""
    family = {name: estimate for name, estimate in estimates.items() if name != "velocity_spectrum"}
    texts = {name: labels(question.junction, name, np.shape(estimate.value)) for name, estimate in family.items()}
    reasons = [] if equilibration.done else ["not equilibrated: " + equilibration.sentence(question.plan.chunk)]
    if sampled.potential is not None and not sampled.potential <= MISMATCH:
        reasons.append(
            f"energy and work of the anharmonic force differ by {sampled.potential:.1%} of what it turns over: take a "
            "shorter time step, unless its force is not the slope of its energy"
        )
    return cross_check(family, texts, reasons=tuple(reasons), balance=Balance(sampled.ledger, sampled.potential))
