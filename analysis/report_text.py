"""The parts of a report that are words: verdict, captions, settings, origin."""

from html import escape
from typing import Any

import numpy as np

from sgle.analysis.anharmonic import force_name
from sgle.analysis.certificate import certified
from sgle.analysis.control import gain
from sgle.analysis.html import table
from sgle.analysis.leakage import leakage
from sgle.analysis.result import Result

CAPTIONS = {
    "atoms": "Kinetic energy of each atom beyond that at zero bias, exact, on one scale of colours; below, the average "
    "over the atoms of each column, single atoms pale, sampled averages with their error bars.",
    "kinetic_energy": "Kinetic energy of each degree of freedom: sampled points on the exact answers; below, enlarged, "
    "the difference from the answer for this time step.",
    "kinetic_energy_per_atom": "Kinetic energy of each atom, the sum over its degrees of freedom.",
    "excess_kinetic_energy": "Kinetic energy beyond that of the reference junction, driven by the same noise: "
    "most of the fluctuation cancels.",
    "excess_kinetic_energy_per_atom": "Excess kinetic energy, summed over each atom.",
    "heat_current": "Heat current, positive into the bath. All of them add up to zero in a steady state.",
    "excess_heat_current": "Heat current beyond that of the reference junction, driven by the same noise.",
    "mode_population": "Quanta of each vibration: twice its kinetic energy over its frequency, less the zero-point "
    "half if the noise has it.",
    "velocity_spectrum": "Velocity spectra (averaged Hann-windowed periodograms) over what theory says such a "
    "periodogram shows, leakage included; below, their ratio.",
    "mode_energy": "Energy of each vibration, twice its kinetic energy, on that of harmonic motion. With quantum "
    "noise an anharmonic force makes it leak from fast to slow modes, which nature does not do.",
    "energy_in_time": "Energy of the junction, and all heat since the start, positive into the bath. Together they are "
    "what was there at the start, nothing, but for the time step. The shaded start is not averaged.",
    "z_scores": "Every sampled number minus its exact answer, in standard errors. Correct code stays inside the dashed "
    "limits in all but one of ten thousand runs.",
    "running_averages": "How the averages settle. The shaded start is not averaged.",
}
HEADLINES = {
    "passed": "Sampled numbers agree with theory",
    "failed": "Sampled numbers contradict theory",
    "inconclusive": "Nothing can be concluded from this run",
}
ANHARMONIC = {
    "passed": "Everything that can be checked agrees",
    "failed": "Something that can be checked is wrong",
    "inconclusive": "Nothing can be concluded from this run",
}


def verdict(result: Result) -> str:
    """The box on top: the verdict, its reasons, whatever else is doubtful."""
    check = result.crosscheck
    said = list(dict.fromkeys([*check.sentences(), *remarks(result), *_doubts(result)]))
    items = "".join(f"<li>{escape(text[:1].upper() + text[1:])}.</li>" for text in said)
    headline = (ANHARMONIC if result.anharmonic else HEADLINES)[check.verdict]
    return f'<div class="verdict {check.verdict}"><strong>{headline}</strong><ul>{items}</ul></div>'


def remarks(result: Result) -> list[str]:
    """Why the run has ended, what control variates have gained, what auxiliary variables have changed, what modes have
    lost and gained, who has passed a limit.
    """
    said = (result.settings.get("target", ""), gain(result.estimates), *certified(result), leakage(result))
    return [text for text in (*said, *_passages(result)) if text]


def _passages(result: Result) -> list[str]:
    """How many trajectories have gone beyond each limit."""
    limits, said = result.settings.get("passages", {}), []
    for name, first in result.passages.items():
        passed = int(np.isfinite(first).sum())
        said.append(f"{name} beyond {limits[name]:g} in {passed} of {len(first)} trajectories")
    return said


def _doubts(result: Result) -> list[str]:
    """Interruption, energy balance, equilibration, warnings other than the verdict itself."""
    said = []
    if result.interrupted:
        wanted = result.settings["trajectories"] * (result.settings["steps"] + result.settings["burn_in"])
        done = result.settings["steps_done"]
        said.append(f"interrupted: {done} of {wanted} trajectory-steps were made, all of them are used")
    said.append(result.equilibration.sentence(result.settings["chunk"]))
    if not result.anharmonic:
        said.append(f"energy balance of every step closes to {result.ledger_error:.1e} of the energy")
    said.extend(text for text in result.warnings if not text.startswith("cross-check"))
    return [text.rstrip(".") for text in said]


def settings(result: Result) -> str:
    """Table of what was asked for, with times also in display units."""
    given, units = result.settings, result.units
    step = given["time_step"] * units.scale("time")
    head = units.titled("", "time").strip()
    rows = [
        (
            "time step",
            f"{given['time_step']:.6g} ħ/energy unit" + (f" = {step:.4g} {units.label('time')}" if head else ""),
        ),
        ("averaged steps", f"{given['steps']} = {given['steps'] * step:.4g} {units.label('time')}".strip()),
        ("burn-in", f"{given['burn_in']} steps = {given['burn_in'] * step:.4g} {units.label('time')}".strip()),
        ("trajectories", str(given["trajectories"])),
        ("seed", str(given["seed"])),
        ("method", _method(given)),
        ("memory", _memory(given)),
        *([("anharmonic force", force_name(result.junction))] if result.anharmonic else []),
        *([("reference", f"{result.beside}, same noise")] if result.anharmonic and result.reference else []),
        *([("control variates", "reference, same noise")] if given.get("control") else []),
        *([("target error", f"{given['target_error']:g}")] if given.get("target_error") else []),
        ("steps per stored average", str(given["chunk"])),
        ("steps per piece of a spectrum", str(given["spectrum_segment"] or "no spectra")),
        _damping(result),
        ("bias", f"{result.junction.bias * units.scale('bias'):g} {units.label('bias')}".strip()),
    ]
    return table("Settings", (), [*rows, *_baths(result)], css="settings")


def _damping(result: Result) -> tuple[str, str]:
    """Slowest decay of the harmonic motion, or its growth."""
    rate, units = result.settings["slowest_damping"], result.units
    text = f"{abs(rate) * units.scale('frequency'):.4g} {units.label('frequency')}".strip()
    return ("slowest damping", text) if rate >= 0 else ("fastest growth of harmonic motion", text)


def _method(given: dict[str, Any]) -> str:
    """How the motion was made, and from where."""
    if given.get("method") == "stationary":
        return "stationary motion, drawn at once"
    return "step by step, from " + ("a stationary state" if given.get("start") == "stationary" else "rest")


def _memory(given: dict[str, Any]) -> str:
    """Kinds of memory; the error that auxiliary variables were allowed."""
    memory = given["memory"]
    text = memory if isinstance(memory, str) else ", ".join(f"{name}: {kind}" for name, kind in memory.items())
    return f"{text}, error {given['memory_error']:g}" if "auxiliary" in text and "memory_error" in given else text


def _baths(result: Result) -> list[tuple[str, str]]:
    scale, unit = result.units.scale("temperature"), result.units.label("temperature")
    return [
        (f"bath {name}", f"{bath.kind}, T = {bath.temperature * scale:.4g} {unit}, {len(bath.dofs)} dofs")
        for name, bath in result.junction.baths.items()
    ]


def provenance(result: Result) -> str:
    """Table of versions, machine, date and the accuracy of the exact answers."""
    rows = [*result.versions.items(), ("relative error of the exact answers", f"{result.exact_error:.1e}")]
    return table("Origin", (), rows, css="settings")
