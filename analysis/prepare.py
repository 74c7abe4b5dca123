"""What is settled before the first step: the models, the lengths, the exact answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from sgle.analysis.conclude import Question
from sgle.analysis.exact import exact_answers, grid_spectrum
from sgle.analysis.periodogram import expected_periodogram
from sgle.analysis.plan import METHODS, STARTS, Plan, default_burn_in, make_plan
from sgle.errors import InputError
from sgle.grid import Grid, GridModel
from sgle.integrators.start import NoStationaryStateError, pays, require_stationary, starter
from sgle.junction import Junction
from sgle.stability import require_stable, resonances


def models_of(junction: Junction, reference: Junction | bool | None, grid: Grid) -> dict[str, GridModel]:
    """The junction on the grid, and its reference, both known to be stable."""
    second = junction.at_bias(0.0) if reference is True else reference or None
    models = {}
    for key, each in {"": junction, "reference_": second}.items():
        if each is None:
            continue
        if each.size != junction.size or list(each.baths) != list(junction.baths):
            raise InputError("reference: must have the dofs and the baths of the junction, in the same order")
        models[key] = grid.model(each)
        require_stable(each)
        require_stable(each, grid)
    return models


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
        rest, that of the reference too; else "rest".
    Raises : InputError, NoStationaryStateError if what was asked for does not exist.
    """
    taps = max(
        (max(len(bath.velocity_taps), 2 * len(bath.noise_filter.taps)) for bath in model.baths.values()),
        default=1,
    )
    models = [model] if reference is None else [model, reference]
    poles = resonances(model.junction)
    return make_plan(
        time_step=model.time_step,
        size=model.size,
        taps=taps,
        resonances=poles,
        method=method,
        start=_start(models, method, start, lengths.get("burn_in"), default_burn_in(poles, model.time_step)),
        **lengths,
    )


def _start(models: Sequence[GridModel], method: str, start: str | None, burn_in: int | None, usual: int) -> str:
    """The start that is meant. usual : steps of burn-in if nothing is said."""
    if method not in METHODS:
        raise InputError(f"method = {method!r} must be one of {', '.join(METHODS)}", method=method)
    if start is not None and start not in STARTS:
        raise InputError(f"start = {start!r} must be one of {', '.join(STARTS)}", start=start)
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
    models: Mapping[str, GridModel], plan: Plan, settings: dict[str, Any], recipe: str, control: bool
) -> Question:
    """What is asked, with both exact answers."""
    model = models[""]
    reference = models["reference_"].junction if "reference_" in models else None
    exact = exact_answers(model.junction, reference, model.grid)
    expected = None
    if plan.segment:
        spectrum = grid_spectrum(model.junction, model.grid)
        poles = resonances(model.junction, model.grid)
        expected = expected_periodogram(spectrum, plan.segment, plan.time_step, poles)
    return Question(model.junction, reference, plan, exact, expected, settings, recipe, control)
