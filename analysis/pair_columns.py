"""Answers on electron-hole pairs as columns of a table: one number per point of a sweep (sgle.analysis.columns)."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sgle.analysis.pair_answers import GOLDEN, LOWEST, PairAnswers
from sgle.ehp import PairCurrents
from sgle.units import Units

if TYPE_CHECKING:
    from sgle.analysis.columns import Column
    from sgle.analysis.solved import Pair

ENERGY, CHARGE = "energy from electron-hole pairs", "inelastic charge current"
ENTROPY = "entropy from electron-hole pairs"
QUANTA, GROWTH, POTENTIAL = "quanta of modes", "growth rate of quanta", "chemical potential of modes"
RATIO, STOPPING, THRESHOLD = "heat rectification", "stopping bias", "lasing threshold"
ALL, ALONE = "all", "electrons alone"
HOT = {"hot_electrons": "hot electrons", "hot_phonons": "hot phonons"}  # by field of Rectification
# Panel -> (what stands for it at the head of a column, quantity of sgle.units).
PANELS = {
    ENERGY: ("J", "heat_current"),
    CHARGE: ("I", "charge_current"),
    ENTROPY: ("σ", "entropy_current"),
    QUANTA: ("N", ""),
    POTENTIAL: ("μ", "energy"),
    GROWTH: ("B-A", "rate"),
    RATIO: ("R", ""),
    STOPPING: ("V(I=0)", "bias"),
    THRESHOLD: ("V_c", "bias"),
}
SHARED = (STOPPING, THRESHOLD)  # one number for all biases
ROUNDING = 1e-13  # of Ω: what is left of Ω - T ln(A/B) without bias
IDLE = 1e-12  # of the largest of its panel: a current that vanishes by symmetry

Number = tuple[str, str, float]


def about_pairs(column: "Column") -> str:
    """The title among PANELS that a column belongs to; empty for any other."""
    title = column.panel.partition(" [")[0]
    return title if title in PANELS else ""


def pair_numbers(found: PairAnswers, units: Units) -> Iterator[Number]:
    """(panel, label, value as displayed) of everything known of one junction."""
    for title, label, value in _numbers(found):
        quantity = PANELS[title][1]
        yield units.titled(title, quantity), label, float(value) * units.scale(quantity)


def _numbers(found: PairAnswers) -> Iterator[Number]:
    if not _beside(found):
        yield from _own(found)
    for order, rectified in found.rectification.items():
        for side, hot in HOT.items():
            yield ENERGY, f"{ALL}, {hot}{_tag(order)}", getattr(rectified, side).total
            yield CHARGE, f"I, {hot}{_tag(order)}", getattr(rectified, side).charge
        yield RATIO, f"R{_tag(order)}", rectified.ratio
    yield from ((STOPPING, f"I = 0{_tag(order)}", bias) for order, bias in found.stopping.items())
    yield from ((THRESHOLD, label, bias) for label, bias in found.threshold.items())


def _beside(found: PairAnswers) -> bool:
    """Whether the junction itself is at equilibrium and only its two sisters of heat rectification are of interest."""
    return bool(found.rectification) and all(
        currents.electron_temperature == currents.phonon_temperature for currents in found.currents.values()
    )


def _own(found: PairAnswers) -> Iterator[Number]:
    """Of the junction as it is: not what heat rectification asks for, at temperatures of its own."""
    for order, currents in found.currents.items():
        yield from _currents(currents, _tag(order))
    for k, mode in enumerate(found.modes):
        if found.numbers is not None:
            yield QUANTA, f"mode {k}", found.numbers[k]
        yield QUANTA, f"mode {k}, {GOLDEN}", _finite(mode.number)
        yield QUANTA, f"mode {k}, {ALONE}", _finite(mode.electron_number)
        potential = mode.chemical_potential
        yield POTENTIAL, f"mode {k}", 0.0 if abs(potential) < ROUNDING * mode.frequency else potential
        yield GROWTH, f"mode {k}", -mode.damping


def _currents(found: PairCurrents, tag: str) -> Iterator[Number]:
    yield ENERGY, ALL + tag, found.total
    yield from ((ENERGY, name + tag, value) for name, value in found.energy.items())
    yield CHARGE, f"I{tag}", found.charge
    yield ENTROPY, ALL + tag, found.entropy_production
    yield from ((ENTROPY, name + tag, value) for name, value in found.entropy.items())


def _tag(order: str) -> str:
    return f", {LOWEST}" if order == "lowest" else ""


def _finite(value: float) -> float:
    """NaN instead of the infinite number of quanta of a mode that lases."""
    return value if np.isfinite(value) else np.nan


def without_idle(columns: Sequence["Column"]) -> list["Column"]:
    """`columns` without currents that vanish beside others of their panel: by symmetry, or as nothing drives them."""
    kept = []
    for column in columns:
        if about_pairs(column) in (ENERGY, CHARGE, ENTROPY):
            panel = [other for other in columns if other.panel == column.panel]
            if _largest([column]) < IDLE * _largest(panel):
                continue
        kept.append(column)
    return kept


def _largest(columns: Sequence["Column"]) -> float:
    values = np.abs([column.values for column in columns])
    return float(np.nanmax(values)) if np.any(np.isfinite(values)) else np.inf


def emission_csv(swept: str, pairs: Sequence["Pair"], units: Units) -> str:
    """One line per swept value and frequency: quanta per time and frequency, of every channel and of all."""
    found = [(pair.value, pair.full.pairs.emission) for pair in pairs if pair.full.pairs and pair.full.pairs.emission]
    names = list(dict.fromkeys(name for _, emission in found for name in emission.spectra))
    rate = units.titled("emission", "spectral_rate")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([swept, units.titled("frequency", "frequency"), *(f"{rate}, {name}" for name in (*names, ALL))])
    scale = units.scale("spectral_rate")
    for value, emission in found:
        nothing = np.zeros(len(emission.omega))
        columns = [emission.spectra.get(name, nothing) * scale for name in names] + [emission.total * scale]
        for omega, *numbers in zip(emission.omega * units.scale("frequency"), *columns, strict=True):
            writer.writerow([repr(value), f"{omega:.10g}", *(f"{number:.10g}" for number in numbers)])
    return text.getvalue()
