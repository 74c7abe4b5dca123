"""What a run has found beyond the threshold, from its result alone: the limit cycle, and lifetimes of bonds."""

from dataclasses import dataclass

import numpy as np

from sgle.analysis.estimate import Estimate, with_error
from sgle.analysis.instability.balance import Cycle, harmonic_balance
from sgle.analysis.instability.cycle import NAME, CycleMotion, LimitCycle, limit_cycle
from sgle.analysis.instability.lifetime import Exponentiality, Rate, exponential_rate, exponentiality
from sgle.analysis.instability.survival import NoEventsError, Passages, Survival, kaplan_meier
from sgle.analysis.result import Result
from sgle.errors import SgleError
from sgle.recipe import Recipe
from sgle.recipe.stability import plane_of
from sgle.units import Units

Row = tuple[str, str, str]
UNLIKELY = 0.01  # probability below which passages do not come at a constant rate


@dataclass(frozen=True, eq=False)
class FoundCycle:
    """found : sampled; watch : what observed it.    exact : without noise, on this grid; None where there is none, and
    trouble then says why.    taken : the power that it takes from the current.
    """

    found: LimitCycle
    watch: CycleMotion
    exact: Cycle | None
    taken: float = float("nan")
    trouble: str = ""


@dataclass(frozen=True, eq=False)
class FoundLifetime:
    """passages : from the start.    survival : None if nobody passed.    rate : of passages behind the burn-in.

    test : of a constant rate there; None for too few.
    """

    name: str
    limit: float
    passages: Passages
    survival: Survival | None
    rate: Rate
    test: Exponentiality | None


def cycle_of(result: Result) -> FoundCycle | None:
    """The limit cycle of a run that has watched it ([cycle] of its recipe); None for any other."""
    watch = watch_of(result)
    if watch is None:
        return None
    found = limit_cycle(result, watch)
    try:
        exact = harmonic_balance(result.junction, result.grid)
    except SgleError as error:
        return FoundCycle(found, watch, None, trouble=str(error))
    taken = -sum(exact.heat[name] for name, bath in result.junction.baths.items() if bath.bias)
    return FoundCycle(found, watch, exact, taken)


def watch_of(result: Result) -> CycleMotion | None:
    """The observer that made the series "cycle" of a run of a recipe."""
    if NAME not in result.series or not result.recipe:
        return None
    tables = Recipe.from_bytes(result.recipe.encode()).tables
    if tables.cycle is None:
        return None
    return CycleMotion.of(result.junction, result.grid, plane_of(tables, result.junction.size))


def lifetimes_of(result: Result) -> list[FoundLifetime]:
    """Of every limit that a run has watched for."""
    limits, found = result.settings.get("passages", {}), []
    for name, first in result.passages.items():
        passages = Passages.of(first, result.watched)
        late = passages.behind(result.settings["burn_in"] * result.settings["time_step"])
        behind = late if len(late) and late.exposure else passages
        found.append(
            FoundLifetime(
                name, float(limits[name]), passages, _survival(passages), exponential_rate(behind), _test(behind)
            )
        )
    return found


def _survival(passages: Passages) -> Survival | None:
    try:
        return kaplan_meier(passages)
    except NoEventsError:
        return None


def _test(passages: Passages) -> Exponentiality | None:
    try:
        return exponentiality(passages)
    except NoEventsError:
        return None


def cycle_rows(cycle: FoundCycle, units: Units) -> list[Row]:
    """(what, sampled, without noise) of everything about a limit cycle."""
    found, exact = cycle.found, cycle.exact
    amplitude = shift = frequency = taken = None
    if exact is not None:
        amplitude, frequency, shift = exact.amplitude, exact.frequency, exact.frequency - found.mode.z.real
        taken = cycle.taken
    return [
        _row("amplitude of the mode", found.amplitude, amplitude, units, "displacement"),
        _row("frequency", found.frequency, frequency, units, "frequency"),
        _row("frequency beyond Re z", found.shift, shift, units, "frequency"),
        _row("long half-axis of the orbit", found.orbit.axes[0], None, units, "displacement"),
        _row("short half-axis", found.orbit.axes[1], None, units, "displacement"),
        _row("eccentricity", found.orbit.eccentricity, None, units, ""),
        _row("angular momentum per quantum", found.orbit.per_quantum, None, units, ""),
        _row("purity (1: a motion without noise)", found.orbit.purity, None, units, ""),
        _row("power taken from the current", found.taken, taken, units, "heat_current"),
        *(
            _row(f"heat into {name}", heat, exact.heat[name] if exact else None, units, "heat_current")
            for name, heat in found.heat.items()
        ),
        _row("all heat, less the work of the force", found.balance, 0.0, units, "heat_current"),
    ]


def _row(name: str, sampled: Estimate, exact: float | None, units: Units, quantity: str) -> Row:
    scale = units.scale(quantity)
    value = with_error(sampled.value * scale, sampled.stderr * scale)
    return units.titled(name, quantity), value, "–" if exact is None else f"{exact * scale:.6g}"


def lifetime_sentence(found: FoundLifetime, units: Units) -> str:
    """When half of the trajectories have passed, and the mean lifetime if passages come at a constant rate."""
    scale, unit = units.scale("time"), units.label("time")
    if found.survival is None:
        rate = f"{found.rate.upper / scale:.3g} per {unit or 'unit of time'}"
        return f"lifetime, {found.name}: none has passed; the rate is below {rate} with 95 % confidence"
    text = f"lifetime, {found.name}: half have passed by {_until(*found.survival.median, scale)} {unit}".rstrip()
    if found.test is not None and found.test.p < UNLIKELY:
        return f"{text}; passages do not come at a constant rate (p = {found.test.p:.1g})"
    likely = "" if found.test is None else f" (p = {found.test.p:.2g})"
    mean = f"{_until(*found.rate.mean, scale)} {unit}".rstrip()
    return f"{text}; at a constant rate behind the burn-in{likely} the mean lifetime is {mean}"


def _until(value: float, low: float, high: float, scale: float) -> str:
    """A time with its interval; words where it is not seen."""
    value, low, high = (time * scale for time in (value, low, high))
    known = f"{value:.4g}" if np.isfinite(value) else "some time beyond the end"
    return f"{known} ({low:.4g} to {high:.4g})".replace("inf", "∞")
