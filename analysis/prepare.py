"""What is settled before the first step: the models, the lengths, the exact answers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sgle.analysis.conclude import Question
from sgle.analysis.exact import exact_answers, grid_spectrum
from sgle.analysis.periodogram import expected_periodogram
from sgle.analysis.plan import METHODS, STARTS, Plan, default_burn_in, make_plan
from sgle.analysis.population import ModePopulation, with_population
from sgle.analysis.twin import grid_models
from sgle.errors import InputError, PhysicsError, UnstableError
from sgle.grid import Grid, GridModel
from sgle.integrators.start import NoStationaryStateError, pays, require_stationary, starter
from sgle.junction import Junction
from sgle.mode_energy import mode_energies
from sgle.stability import eigenfrequencies, require_stable, resonances

Reference = Junction | bool | str | None


def models_of(junction: Junction, reference: Reference, grid: Grid) -> dict[str, GridModel]:
    """The junction on the grid, and its reference: stable, unless an anharmonic force may hold them."""
    second = reference_of(junction, reference)
    if second is not None and (second.size != junction.size or list(second.baths) != list(junction.baths)):
        raise InputError("reference: must have the dofs and the baths of the junction, in the same order")
    models = grid_models({"": junction} | ({} if second is None else {"reference_": second}), grid)
    for model in models.values():
        if model.anharmonic is None:
            require_stable(model.junction)
            require_stable(model.junction, grid)
    return models


def require_possible(junction: Junction, reference: Reference, grid: Grid, burn_in: int | None) -> None:
    """Raise what a junction and its grid have against a run, before anything is made: UnstableError, InputError, ...

    Zero bias, which a reference may stand for, is not looked at.
    """
    twin = reference_of(junction, reference) if isinstance(reference, str) else None
    if junction.anharmonic is None or twin is not None:
        require_stable(junction)
        require_stable(junction, grid.model(junction).grid)
    elif burn_in is None:
        _require_damped(grid.model(junction))


def reference_of(junction: Junction, reference: Reference) -> Junction | None:
    """The junction that is meant. InputError for a word that means none."""
    if isinstance(reference, str):
        if reference != "harmonic":
            raise InputError(f"reference = {reference!r} must be a junction, True or 'harmonic'", reference=reference)
        if junction.anharmonic is None:
            raise InputError("reference = 'harmonic': the junction has no anharmonic force, it is harmonic itself")
        return junction.harmonic
    return junction.at_bias(0.0) if reference is True else reference or None


def plan_for(
    model: GridModel,
    *,
    method: str = "trajectories",
    start: str | None = None,
    reference: GridModel | None = None,
    **lengths: Any,
) -> Plan:
    """The lengths of a run of this model; see sgle.analysis.plan.make_plan for what may be left open.

    start : None for "stationary" if no burn_in is given, and such a state exists and costs less than the burn-in from
        rest, that of the reference too; else "rest", as always with an anharmonic force.
    Raises : InputError, NoStationaryStateError if what was asked for does not exist; InputError without burn_in where
        an anharmonic force holds an unstable junction.
    """
    taps = max(
        (max(len(bath.velocity_taps), 2 * len(bath.noise_filter.taps)) for bath in model.baths.values()),
        default=1,
    )
    models = [model] if reference is None else [model, reference]
    poles = resonances(model.junction)
    if any(each.anharmonic is not None for each in models):
        start = _anharmonic_start(method, start)
        if lengths.get("burn_in") is None:
            _require_damped(model)
    else:
        start = _start(models, method, start, lengths.get("burn_in"), default_burn_in(poles, model.time_step))
    return make_plan(
        time_step=model.time_step,
        size=model.size,
        taps=taps,
        resonances=poles,
        method=method,
        start=start,
        **lengths,
    )


def _anharmonic_start(method: str, start: str | None) -> str:
    """ "rest", or a refusal: what is drawn in frequency space is harmonic."""
    if method == "stationary" or start == "stationary":
        asked = "method" if method == "stationary" else "start"
        raise InputError(
            f"{asked} = 'stationary' draws harmonic motion, and this junction has an anharmonic force: take "
            + ("method = 'trajectories'" if asked == "method" else "start = 'rest' and a burn_in"),
            **{asked: "stationary"},
        )
    _require_known(method, start)
    return "rest"


def _require_damped(model: GridModel) -> None:
    """Refuse to guess a burn-in where the linear part of an anharmonic junction runs away."""
    try:
        require_stable(model.junction)
        require_stable(model.junction, model.grid)
    except UnstableError as error:
        growth, count = fastest_growth(model.junction), error.numbers.get("count", 0)
        steps = math.ceil(1 / (growth * model.time_step)) if growth > 0 else 0
        rate = f"; 1/Im z = {1 / growth:.4g} is {steps} steps, so that {20 * steps} would do" if steps else ""
        raise InputError(
            f"burn_in must be given: the harmonic part of this junction is unstable (growing modes: {count}) and does "
            "not say how long its start is felt. Take the time until the anharmonic force has stopped the growth, from "
            f"rest some twenty growth times{rate}",
            growth=growth,
            steps=steps,
        ) from error


def fastest_growth(junction: Junction) -> float:
    """Largest Im z of an unstable junction, approximate where the exact one cannot be had; 0 if neither shows it."""
    try:
        z = eigenfrequencies(junction)
    except PhysicsError:
        z = resonances(junction)
    return float(np.max(z.imag, initial=0.0))


def _require_known(method: str, start: str | None) -> None:
    if method not in METHODS:
        raise InputError(f"method = {method!r} must be one of {', '.join(METHODS)}", method=method)
    if start is not None and start not in STARTS:
        raise InputError(f"start = {start!r} must be one of {', '.join(STARTS)}", start=start)


def _start(models: Sequence[GridModel], method: str, start: str | None, burn_in: int | None, usual: int) -> str:
    """The start that is meant. usual : steps of burn-in if nothing is said."""
    _require_known(method, start)
    if method == "stationary":
        if start == "rest":
            raise InputError(
                "start = 'rest' is for method 'trajectories': those of method 'stationary' are drawn", start=start
            )
        for model in models:
            require_stationary(model)
        return "stationary"
    if start == "stationary":
        for model in models:
            starter(model)
        return "stationary"
    if start == "rest" or burn_in is not None:
        return "rest"
    try:
        return "stationary" if all(pays(model, usual) and starter(model) for model in models) else "rest"
    except NoStationaryStateError:
        return "rest"


def question_of(
    models: Mapping[str, GridModel],
    plan: Plan,
    settings: dict[str, Any],
    recipe: str,
    control: bool,
    counted: ModePopulation | None = None,
) -> Question:
    """What is asked, with both exact answers as far as there are any. counted : the modes whose quanta are.

    Raises : InputError for control variates from a reference without exact answers.
    """
    model = models[""]
    reference = models["reference_"].junction if "reference_" in models else None
    if control and reference is not None and reference.anharmonic is not None:
        raise InputError(
            "control: the exact answers of the reference are not known, as it has an anharmonic force, too; "
            "reference='harmonic' is one whose answers are"
        )
    exact, expected, modes = exact_answers(model.junction, reference, model.grid), None, None
    exact = with_population(exact, model.junction, model.grid, counted)
    if model.anharmonic is not None:
        modes, error = mode_energies(model.junction, model.grid)
        exact = replace(exact, error=max(exact.error, error))
    elif plan.segment:
        spectrum = grid_spectrum(model.junction, model.grid)
        poles = resonances(model.junction, model.grid)
        expected = expected_periodogram(spectrum, plan.segment, plan.time_step, poles)
    return Question(model.junction, reference, plan, exact, expected, settings, recipe, control, modes)
