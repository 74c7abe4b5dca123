"""The parts of a report that are words: verdict, captions, settings, origin."""

from html import escape
from typing import Any

from sgle.analysis.certificate import certified
from sgle.analysis.control import gain
from sgle.analysis.html import table
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
    "velocity_spectrum": "Velocity spectra (averaged Hann-windowed periodograms) over what theory says such a "
    "periodogram shows, leakage included; below, their ratio.",
    "z_scores": "Every sampled number minus its exact answer, in standard errors. Correct code stays inside the dashed "
    "limits in all but one of ten thousand runs.",
    "running_averages": "How the averages settle. The shaded start is not averaged.",
}
HEADLINES = {
    "passed": "Sampled numbers agree with theory",
    "failed": "Sampled numbers contradict theory",
    "inconclusive": "Nothing can be concluded from this run",
}


def verdict(result: Result) -> str:
    """The box on top: the verdict, its reasons, whatever else is doubtful."""
    check = result.crosscheck
    said = list(dict.fromkeys([*check.sentences(), *remarks(result), *_doubts(result)]))
    items = "".join(f"<li>{escape(text[:1].upper() + text[1:])}.</li>" for text in said)
    return f'<div class="verdict {check.verdict}"><strong>{HEADLINES[check.verdict]}</strong><ul>{items}</ul></div>'


def remarks(result: Result) -> list[str]:
    """Why the run has ended, what control variates have gained, what auxiliary variables have changed."""
    return [text for text in (result.settings.get("target", ""), gain(result.estimates), *certified(result)) if text]


def _doubts(result: Result) -> list[str]:
    """Interruption, energy balance, equilibration, warnings other than the verdict itself."""
    said = []
    if result.interrupted:
        wanted = result.settings["trajectories"] * (result.settings["steps"] + result.settings["burn_in"])
        done = result.settings["steps_done"]
        said.append(f"interrupted: {done} of {wanted} trajectory-steps were made, all of them are used")
    said.append(result.equilibration.sentence(result.settings["chunk"]))
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
        *([("control variates", "reference, same noise")] if given.get("control") else []),
        *([("target error", f"{given['target_error']:g}")] if given.get("target_error") else []),
        ("steps per stored average", str(given["chunk"])),
        ("steps per piece of a spectrum", str(given["spectrum_segment"] or "no spectra")),
        (
            "slowest damping",
            f"{given['slowest_damping'] * units.scale('frequency'):.4g} {units.label('frequency')}".strip(),
        ),
        ("bias", f"{result.junction.bias * units.scale('bias'):g} {units.label('bias')}".strip()),
    ]
    return table("Settings", (), [*rows, *_baths(result)], css="settings")


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
