"""simulate: a junction in, numbers with error bars and a verdict out."""

import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tqdm import tqdm

from sgle.analysis.chunks import Quantity
from sgle.analysis.conclude import Question, conclude
from sgle.analysis.estimate import TooFewSamplesError
from sgle.analysis.exact import exact_answers, grid_spectrum
from sgle.analysis.interrupt import Interruptible
from sgle.analysis.periodogram import expected_periodogram
from sgle.analysis.plan import Plan, make_plan
from sgle.analysis.quantities import FILE_UNITS
from sgle.analysis.result import Result
from sgle.analysis.sampling import Sampled, sample
from sgle.errors import ContinuumWarning, CrossCheckWarning, EquilibrationWarning, InputError, SgleWarning
from sgle.grid import Grid, GridModel
from sgle.junction import Junction
from sgle.stability import require_stable, resonances


def simulate(
    junction: Junction,
    *,
    time_step: float,
    steps: int,
    trajectories: int,
    seed: int,
    burn_in: int | None = None,
    memory: str | Mapping[str, str] = "convolution",
    memory_time: float | None = None,
    reference: Junction | bool | None = None,
    batch: int | None = None,
    observers: Mapping[str, Quantity] | None = None,
    spectrum_segment: int | None = None,
    units: str = "natural",
    recipe: str = "",
    progress: bool = True,
    on_batch: Callable[[Result], object] | None = None,
) -> Result:
    """Langevin trajectories of a junction on the reference grid, averaged, with both exact answers beside
    them.

    time_step : Δt. steps : averaged steps of each trajectory. trajectories : independent ones; at least two
        are wise.
    seed : of all noise; trajectory r depends on (seed, r) alone, whatever `batch`, the number run at a time.
    burn_in : steps to forget first; by default 8/(2 min|Im z|)/Δt over the resonances z, then checked on the
        data.
    memory, memory_time : see sgle.grid.Grid. reference : junction (True: zero bias) run with the same noise;
        the result then has the excess over it with its paired error bar.
    observers : name -> function of a Block returning (B, R, K) numbers per step; each becomes an Estimate of
        that name.
    spectrum_segment : steps per piece of the velocity spectra; None chooses, 0 leaves them out.
    units : "natural" or "eV", how results are shown. recipe : text kept with the result.
    progress : a bar on a terminal. on_batch : called with the Result so far after each batch.
    Ctrl-C ends the run; what is finished is returned, with `interrupted` set (KeyboardInterrupt if that is
    nothing).
    Raises : UnstableError, StepError, GridError, SpectrumError, QuadratureError, DivergedError,
        TooFewSamplesError, InputError.
    """
    if units not in FILE_UNITS:
        raise InputError(f"units = {units!r} must be one of {', '.join(FILE_UNITS)}", units=units)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        grid = Grid(time_step, memory=memory, memory_time=memory_time)
        models = _models(junction, reference, grid)
        for category, text in models[""].doubts():
            warnings.warn(text, category, stacklevel=2)
        plan = plan_for(
            models[""],
            steps=steps,
            trajectories=trajectories,
            seed=seed,
            burn_in=burn_in,
            segment=spectrum_segment,
            batch=batch,
        )
        settings = {
            "time_step": time_step,
            "steps": plan.steps,
            "burn_in": plan.burn_in,
            "chunk": plan.chunk,
            "trajectories": trajectories,
            "seed": seed,
            "memory": memory,
            "memory_time": memory_time,
            "spectrum_segment": plan.segment,
            "slowest_damping": plan.damping,
            "units": units,
        }
        question = _question(models, plan, settings, recipe)
        _require_new_names(observers or {}, question)
    return _finish(_sample(question, models, observers or {}, progress, on_batch), caught)


def _models(junction: Junction, reference: Junction | bool | None, grid: Grid) -> dict[str, GridModel]:
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


def plan_for(model: GridModel, **lengths: Any) -> Plan:
    """The lengths of a run of this model; see sgle.analysis.plan.make_plan for what may be left open."""
    taps = max(
        (max(len(bath.velocity_taps), 2 * len(bath.noise_filter.taps)) for bath in model.baths.values()),
        default=1,
    )
    return make_plan(
        time_step=model.time_step,
        size=model.size,
        taps=taps,
        resonances=resonances(model.junction),
        **lengths,
    )


def _question(models: Mapping[str, GridModel], plan: Plan, settings: dict[str, Any], recipe: str) -> Question:
    model = models[""]
    reference = models["reference_"].junction if "reference_" in models else None
    exact = exact_answers(model.junction, reference, model.grid)
    expected = None
    if plan.segment:
        spectrum = grid_spectrum(model.junction, model.grid)
        poles = resonances(model.junction, model.grid)
        expected = expected_periodogram(spectrum, plan.segment, plan.time_step, poles)
    return Question(model.junction, reference, plan, exact, expected, settings, recipe)


def _require_new_names(observers: Mapping[str, Quantity], question: Question) -> None:
    taken = sorted(set(observers) & {*question.exact.grid, "velocity_spectrum", "band_energy"})
    if taken:
        raise InputError(f"observers: the names {taken} are taken", taken=taken)


def _sample(
    question: Question,
    models: Mapping[str, GridModel],
    observers: Mapping[str, Quantity],
    progress: bool,
    on_batch: Callable[[Result], object] | None,
) -> Result:
    """Run all batches under a progress bar, and conclude."""
    plan = question.plan
    total = plan.total * plan.trajectories * len(models)
    last: Sampled | None = None
    shown = {"unit": "step", "unit_scale": True, "disable": None if progress else True, "file": sys.stderr}
    with Interruptible() as stop:
        with tqdm(total=total, **shown) as bar:
            for sampled in sample(models, plan, observers, stop, bar.update):
                last = sampled
                if on_batch is not None and not sampled.interrupted:
                    with suppress(TooFewSamplesError):
                        on_batch(conclude(question, sampled))
        assert last is not None
        try:
            return conclude(question, last)
        except TooFewSamplesError:
            if last.interrupted:
                raise KeyboardInterrupt from None
            raise


def _finish(result: Result, caught: list[warnings.WarningMessage]) -> Result:
    """Say what is doubtful, once, as warnings, and keep it in the result."""
    doubts: list[tuple[type[Warning], str]] = [(each.category, str(each.message)) for each in caught]
    if result.equilibration.detected:
        doubts.append((EquilibrationWarning, result.equilibration.sentence(result.settings["chunk"])))
    check = result.crosscheck
    if not check.passed:
        doubts.append((CrossCheckWarning, "; ".join(check.sentences())))
    elif check.step_doubt:
        doubts.append((ContinuumWarning, check.step_doubt))
    told = tuple(text for category, text in doubts if issubclass(category, SgleWarning))
    result = replace(result, warnings=told)
    for category, text in doubts:
        warnings.warn(text, category, stacklevel=3)
    return result
