"""What a run will take, from a trial of its own parts: set-up, sampling, writing, report."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sgle.analysis.conclude import Question
    from sgle.analysis.engine.sampling import Sampled
    from sgle.analysis.result import Result

TRIAL_SECONDS = 1.0
LEAST_STEPS = 512
Clock = Callable[[], float]


@dataclass(frozen=True)
class Cost:
    """Seconds of each part of a run; speed : trajectory-steps per second of one process in the long run."""

    setup: float
    sampling: float
    writing: float
    report: float
    work: float
    speed: float

    @property
    def total(self) -> float:
        """Seconds of the whole run."""
        return self.setup + self.sampling + self.writing + self.report


def predict(
    question: "Question",
    models: Mapping[str, Any],
    setup: float,
    answers: float = 0.0,
    *,
    workers: int = 1,
    clock: Clock = time.perf_counter,
) -> Cost:
    """The cost of a run whose set-up has just been made and took `setup` seconds, `answers` of them the exact answers.

    workers : processes; they share the batches, on as many cores as there are. clock : time.process_time gives
    seconds of CPU instead of the wall's. Raises what the trial raises, such as DivergedError.
    """
    plan = question.plan
    once, each, speed, sampled = _trial(models, plan, clock)
    rounds = ceil(len(plan.batches) / min(workers, len(plan.batches), os.cpu_count() or 1))
    start = setup if workers > 1 else 0.0  # every worker begins as the run did
    writing, report = _end(question, _whole(question, sampled), answers / (2 * len(models)), clock)
    work = plan.total * plan.trajectories * len(models)
    return Cost(setup, start + once + rounds * each, writing, report, work, speed)


def _trial(models: Mapping[str, Any], plan: Any, clock: Clock) -> tuple[float, float, float, "Sampled"]:
    """Seconds once and for each batch, speed, and what was sampled: from short batches of two lengths.

    The first one fills what is kept between batches. Lengths are whole segments of noise, as far as the run is.
    """
    short = min(plan.total, _segment(models, plan))
    first, _ = _batch(models, plan, short, clock)
    low, sampled = _batch(models, plan, short, clock)
    steps, high = short, low
    while steps < plan.total and (steps == short or high < TRIAL_SECONDS):
        steps = min(2 * steps, plan.total)
        high, sampled = _batch(models, plan, steps, clock)
    slope = max(high - low, 0.0) / (steps - short) if steps > short else high / steps
    slope = slope or high / steps
    each = high + slope * (plan.total - steps)
    return max(first - low, 0.0), each, len(plan.batches[0]) * len(models) / slope, sampled


def _segment(models: Mapping[str, Any], plan: Any) -> int:
    """Steps for which noise is made at a time: the longest of all baths."""
    from sgle.segments import window_length

    count, longest = len(plan.batches[0]), LEAST_STEPS
    for model in models.values():
        for bath in model.baths.values():
            half = (len(bath.noise_filter.taps) - 1) // 2
            longest = max(longest, window_length(half, count * len(bath.dofs)) - 2 * half)
    return longest


def _batch(models: Mapping[str, Any], plan: Any, steps: int, clock: Clock) -> tuple[float, "Sampled"]:
    """Seconds for the first batch of a run of so many steps, with all that looks at it, and what it brought."""
    from sgle.analysis.engine.job import Never
    from sgle.analysis.engine.sampling import collect, run_batch

    segment = plan.segment if plan.segment <= steps else 0
    trial = replace(plan, steps=steps, burn_in=0, chunk=min(plan.chunk, steps), segment=segment)
    begin = clock()
    part = run_batch(models, trial, 0, {}, Never())
    return clock() - begin, collect([part], False)


def _whole(question: "Question", sampled: "Sampled") -> "Sampled":
    """What was sampled, repeated until it is as large as the whole run will be."""
    plan = question.plan
    chunks = plan.total // plan.chunk
    series = {
        name: np.resize(part, (chunks, plan.trajectories, part.shape[2])) for name, part in sampled.series.items()
    }
    power = question.periodogram
    if power is not None:
        power = np.repeat(power[None], plan.trajectories, axis=0)
    snapshots = sampled.snapshots
    if snapshots is not None:
        long = {
            key: np.resize(part, (chunks, plan.trajectories, *part.shape[2:])) for key, part in vars(snapshots).items()
        }
        snapshots = replace(snapshots, **long)
    return replace(
        sampled,
        series=series,
        power=power,
        pieces=np.ones(plan.trajectories),
        snapshots=snapshots,
        steps=np.full(plan.trajectories, plan.total),
    )


def _end(question: "Question", sampled: "Sampled", answers: float, clock: Clock) -> tuple[float, float]:
    """Seconds for writing results, which happens after every batch, and for the report.

    answers : seconds for the exact answers of one junction, in the continuum or on the grid. Zero where nothing can be
    concluded.
    """
    from sgle.analysis.conclude import conclude
    from sgle.analysis.estimate import TooFewSamplesError

    begin = clock()
    try:
        result = conclude(question, sampled)
    except TooFewSamplesError:
        return 0.0, 0.0
    with TemporaryDirectory(prefix="sgle-") as folder:
        result.save(Path(folder) / "results.h5")
        each = clock() - begin
        report = _drawing(result, Path(folder), clock)
    count = len(question.plan.batches)
    # After the k-th of n batches k/n of the numbers are written; after the last one all of them, once.
    writing = each * (count + 1) / 2.0
    return writing, report + answers * _solutions(result)


def _drawing(result: "Result", folder: Path, clock: Clock) -> float:
    """Seconds for all pictures, judged by one of them."""
    begin = clock()
    from sgle.analysis.plot_style import png, save_figures
    from sgle.analysis.plots import figures

    drawn = figures(result)
    middle = clock()
    one = {"running_averages": drawn["running_averages"]}
    png(one["running_averages"])
    save_figures(one, folder)
    return middle - begin + len(drawn) * (clock() - middle)


def _solutions(result: "Result") -> int:
    """How many exact answers a report finds anew: see sgle.analysis.report_compare.beside."""
    from sgle.analysis.report_compare import solutions

    return solutions(result)
