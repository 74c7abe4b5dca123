"""simulate: a junction in, numbers with error bars and a verdict out."""

import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sgle.analysis.certificate import certificate
from sgle.analysis.chunks import Quantity
from sgle.analysis.conclude import Question, conclude
from sgle.analysis.engine.identity import identify
from sgle.analysis.engine.interrupt import Interruptible
from sgle.analysis.engine.job import Job
from sgle.analysis.engine.parts import parts, require_workers
from sgle.analysis.engine.sampling import Part, collect
from sgle.analysis.engine.work_folder import work_folder
from sgle.analysis.estimate import TooFewSamplesError
from sgle.analysis.passage import Passage
from sgle.analysis.plan import Plan
from sgle.analysis.population import NAME as POPULATION
from sgle.analysis.population import mode_population
from sgle.analysis.prepare import Reference, models_of, plan_for, question_of
from sgle.analysis.quantities import FILE_UNITS, QUANTITIES
from sgle.analysis.result import Result
from sgle.analysis.target import reached
from sgle.errors import ContinuumWarning, CrossCheckWarning, EquilibrationWarning, InputError, SgleWarning
from sgle.grid import Grid
from sgle.junction import Junction


class TargetWarning(SgleWarning):
    """A target error that was not reached."""


OnBatch = Callable[[Result], object]


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
    memory_error: float = 1e-3,
    method: str = "trajectories",
    start: str | None = None,
    reference: Reference = None,
    control: bool = False,
    batch: int | None = None,
    observers: Mapping[str, Quantity] | None = None,
    passages: Mapping[str, Passage] | None = None,
    populations: bool = False,
    spectrum_segment: int | None = None,
    target_error: float | None = None,
    workers: int = 1,
    dask: Any = None,
    folder: str | Path | None = None,
    resume: bool = False,
    checkpoint_seconds: float = 60.0,
    units: str = "natural",
    recipe: str = "",
    progress: bool = True,
    on_batch: OnBatch | None = None,
) -> Result:
    """Langevin trajectories of a junction on the reference grid, averaged, with both exact answers beside
    them.

    time_step : Δt. steps : averaged steps of each trajectory. trajectories : independent ones; at least two
        are wise.
    seed : of all noise; trajectory r depends on (seed, r) alone, to rounding whatever `batch`, the most at a time.
    burn_in : steps to forget first; by default 8/(2 min|Im z|)/Δt over the resonances z, then checked on the
        data; none from a stationary start. It must be given where an anharmonic force holds an unstable junction.
    memory, memory_time, memory_error : see sgle.grid.Grid. reference : junction (True: zero bias; "harmonic": without
        anharmonic force) run with the same noise; the result then has the excess over it with its paired error bar.
        control : use it as control variate; it must be harmonic.
    method : "trajectories", or "stationary" to draw the motion of a harmonic junction at once. start : "rest" or
        "stationary"; see sgle.analysis.prepare.plan_for.
    observers : name -> function of a Block returning (B, R, K) numbers per step, which depend on the block alone;
        each becomes an Estimate of that name. passages : name -> what is watched for, see sgle.analysis.passage.
    populations : count the quanta of every mode, see sgle.analysis.population.
    spectrum_segment : steps per piece of the velocity spectra; None chooses, 0 leaves them out.
    target_error : stop after the first batches, in order, that give every number to this relative error.
    workers : processes. dask : address of a scheduler or a distributed.Client, instead. Neither changes a bit of the
        result, as long as linear algebra has one thread here as there (OPENBLAS_NUM_THREADS=1).
    folder : where to keep checkpoints and finished batches. resume : go on with what is there, bit for bit.
        checkpoint_seconds : between two checkpoints of a batch. The folder is left as it is when all is done.
    units : "natural" or "eV", how results are shown. recipe : text kept with the result.
    progress : a bar on a terminal. on_batch : called with the Result so far after each batch.
    A junction with an anharmonic force may be unstable without it. Its estimates have no exact answers; the result has
    snapshots and the energies of the modes, and the cross-check judges what can be judged.
    Ctrl-C ends the run; what is finished is returned, with `interrupted` set (KeyboardInterrupt if that is
    nothing). A second one ends it at once.
    Raises : UnstableError, StepError, GridError, SpectrumError, QuadratureError, DivergedError, ForceError,
        TooFewSamplesError, WorkerError, ChangedRunError, LockedError, FileError, InputError. After a ForceError the
        folder has the last good step, and resume=True goes on from there once the force works again.
    """
    _require_reference_and_folder(control, reference, resume, folder)
    _require_meant(units, checkpoint_seconds)
    require_workers(workers)
    observers, passages = _watched(observers, passages)
    counted = mode_population(junction) if populations else None
    observers |= {} if counted is None else {POPULATION: counted}
    with ExitStack() as stack:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            grid = Grid(time_step, memory=memory, memory_time=memory_time, memory_error=memory_error)
            models = models_of(junction, reference, grid)
            for category, text in dict.fromkeys(doubt for model in models.values() for doubt in model.doubts()):
                warnings.warn(text, category, stacklevel=2)
            counts: dict[str, Any] = {"steps": steps, "trajectories": trajectories, "seed": seed, "burn_in": burn_in}
            more: dict[str, Any] = {"batch": batch, "segment": spectrum_segment, "reference": models.get("reference_")}
            plan = plan_for(models[""], method=method, start=start, **counts, **more)
            told: dict[str, Any] = {"memory": memory, "memory_time": memory_time, "memory_error": memory_error}
            told |= {"units": units} | _limits(passages)
            question = question_of(models, plan, settings_of(plan) | told, recipe, control, counted)
            junctions = {key: model.junction for key, model in models.items()}
            identity = identify(junctions, grid, plan, observers, passages, recipe)
            place = None if folder is None else stack.enter_context(work_folder(folder, identity, resume))
        job = Job(
            identity.token, junctions, grid, plan, observers, place, seconds=checkpoint_seconds, passages=passages
        )
        with Interruptible() as stop, _bar(job, progress) as bar:
            fresh = parts(job, models, stop, bar.update, workers=workers, dask=dask)
            result = _sampled(question, stack.enter_context(closing(fresh)), target_error, on_batch)
    return _finish(result, caught)


def _require_reference_and_folder(control: bool, reference: Reference, resume: bool, folder: str | Path | None) -> None:
    if control and not reference:
        raise InputError("control: there is no reference to take the fluctuation from; reference=True is one")
    if resume and folder is None:
        raise InputError("resume: there is no folder to go on from")


def _require_meant(units: str, checkpoint_seconds: float) -> None:
    if units not in FILE_UNITS:
        raise InputError(f"units = {units!r} must be one of {', '.join(FILE_UNITS)}", units=units)
    if checkpoint_seconds < 0:
        text = f"checkpoint_seconds = {checkpoint_seconds!r} must not be negative"
        raise InputError(text, checkpoint_seconds=checkpoint_seconds)


def settings_of(plan: Plan) -> dict[str, Any]:
    """What a result repeats of its plan."""
    names = {"segment": "spectrum_segment", "damping": "slowest_damping"}
    return {names.get(name, name): value for name, value in asdict(plan).items()}


def _watched(
    observers: Mapping[str, Quantity] | None, passages: Mapping[str, Passage] | None
) -> tuple[dict[str, Quantity], dict[str, Passage]]:
    """Observers and passages, checked."""
    _require_new_names(observers or {})
    _require_passages(passages or {})
    return dict(observers or {}), dict(passages or {})


def _limits(passages: Mapping[str, Passage]) -> dict[str, Any]:
    """What a result repeats of its passages, if it has any."""
    return {"passages": {name: each.limit for name, each in passages.items()}} if passages else {}


def _require_new_names(observers: Mapping[str, Quantity]) -> None:
    taken = sorted(set(observers) & set(QUANTITIES))
    if taken:
        raise InputError(f"observers: the names {taken} are taken", taken=taken)


def _require_passages(passages: Mapping[str, Passage]) -> None:
    for name, passage in passages.items():
        if not isinstance(passage, Passage):
            raise InputError(f"passages: {name!r} must be a sgle.analysis.passage.Passage, not {passage!r:.60}")
        if not name or "/" in name:
            raise InputError(f"passages: {name!r} is no name, which may not be empty or contain a slash", name=name)


def _bar(job: Job, progress: bool) -> "tqdm[Any]":
    """A progress bar over all trajectory-steps, on a terminal."""
    total = job.plan.total * job.plan.trajectories * len(job.junctions)
    return tqdm(total=total, unit="step", unit_scale=True, disable=None if progress else True, file=sys.stderr)


def _sampled(question: Question, fresh: Iterator[Part], target: float | None, on_batch: OnBatch | None) -> Result:
    """Take in batch after batch until all are done, the target is reached or the run is interrupted; conclude."""
    found: list[Part] = []
    wanted, begin = len(question.plan.batches), time.perf_counter()
    for part in fresh:
        found.append(part)
        whole = part.finished and part.index == len(found) - 1
        if not whole or (on_batch is None and target is None):
            continue
        with suppress(TooFewSamplesError):
            result = conclude(question, collect(found, False))
            if on_batch is not None:
                on_batch(result)
            if len(found) == wanted or (target is not None and reached(result, target).reached):
                return _with_target(result, target, begin)
    interrupted = len(found) < wanted or not all(part.finished for part in found)
    try:
        if not found:
            raise KeyboardInterrupt
        return _with_target(conclude(question, collect(found, interrupted)), target, begin)
    except TooFewSamplesError:
        if interrupted:
            raise KeyboardInterrupt from None
        raise


def _with_target(result: Result, target: float | None, begin: float) -> Result:
    """The result with the sentence on its target error, and a warning if that is not reached."""
    if target is None:
        return result
    verdict = reached(result, target)
    made = result.series["kinetic_energy"].shape[1]
    sentence = verdict.sentence(made, time.perf_counter() - begin)
    told = result.warnings if verdict.reached else (*result.warnings, sentence)
    return replace(result, settings=result.settings | {"target_error": target, "target": sentence}, warnings=told)


def _finish(result: Result, caught: list[warnings.WarningMessage]) -> Result:
    """Say what is doubtful, once, as warnings, and keep it in the result."""
    doubts: list[tuple[type[Warning], str]] = [(each.category, str(each.message)) for each in caught]
    if result.equilibration.detected:
        doubts.append((EquilibrationWarning, result.equilibration.sentence(result.settings["chunk"])))
    check = result.crosscheck
    if not check.passed:
        doubts.append((CrossCheckWarning, "; ".join(check.sentences())))
    elif check.step_doubt:
        fitted = "; part of that is the fitted memory's, see the certificate" if certificate(result) else ""
        doubts.append((ContinuumWarning, check.step_doubt + fitted))
    doubts += [(TargetWarning, text) for text in result.warnings]
    told = tuple(text for category, text in doubts if issubclass(category, SgleWarning))
    result = replace(result, warnings=told)
    for category, text in doubts:
        warnings.warn(text, category, stacklevel=3)
    return result
