"""Sampling: one batch of trajectories through the driver into observers, cut and resumed anywhere; and all of them
put side by side.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from sgle.analysis.chunks import Quantity, join_trajectories
from sgle.analysis.engine.batch import Batch
from sgle.analysis.engine.batch_files import BatchFiles
from sgle.analysis.passage import Passage
from sgle.analysis.plan import Plan
from sgle.analysis.snapshots import Snapshots, joined
from sgle.errors import DivergedError, ForceError
from sgle.integrators import driver
from sgle.integrators.state import State
from sgle.integrators.verlet import Record
from sgle.noise import paired_streams


class Stop(Protocol):
    """Whoever may want the sampling to end after the block under way."""

    @property
    def requested(self) -> bool:
        """Whether it shall end."""


@dataclass
class Part:
    """What one batch has brought: plain arrays, sent between processes and kept in files.

    series : name -> (n_chunks, R, K). power : (R, n_w, N) sum of `pieces` periodograms, or None. ledger : largest
    relative error of the energy balance. steps : made per trajectory. finished : whether those are all.
    potential : see sgle.analysis.anharmonic.PotentialLedger. passages : name -> (R,) first times, NaN for none.
    snapshots, potential : None without anharmonic force.
    """

    index: int
    series: dict[str, np.ndarray]
    power: np.ndarray | None
    pieces: int
    ledger: float
    steps: int
    finished: bool
    potential: float | None = None
    snapshots: Snapshots | None = None
    passages: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass
class Sampled:
    """What the batches have brought.

    series : name -> (n_chunks, R, K), from the very first step, NaN where a trajectory ended early.
    power : (R, n_w, N) mean periodogram of each trajectory, pieces : (R,) how many went into it.
    ledger : largest relative error of the energy balance. interrupted : whether steps are missing.
    potential, snapshots, passages : as of a Part. steps : (R,) made by each trajectory.
    """

    series: dict[str, np.ndarray] = field(default_factory=dict)
    power: np.ndarray | None = None
    pieces: np.ndarray | None = None
    ledger: float = 0.0
    interrupted: bool = False
    potential: float | None = None
    snapshots: Snapshots | None = None
    passages: dict[str, np.ndarray] = field(default_factory=dict)
    steps: np.ndarray = field(default_factory=lambda: np.zeros(0, int))


def run_batch(
    models: Mapping[str, Any],
    plan: Plan,
    index: int,
    quantities: Mapping[str, Quantity],
    stop: Stop,
    *,
    passages: Mapping[str, Passage] = MappingProxyType({}),
    progress: Callable[[int], object] = bool,
    files: BatchFiles | None = None,
) -> Part:
    """One batch, from where its checkpoint left it to the last step or until it is stopped.

    models : {"": the model, "reference_": a second one, if any}, driven in step by the same white noise; the names of
        the series begin with these keys. quantities, passages : extra ones, of the first model.
    stop : once requested (Ctrl-C), the sampling ends after the block under way.
    The numbers depend on models, plan and index alone: blocks begin at multiples of the driver's length, checkpoints
    are taken between two of them. progress : called with trajectory-steps made, those of a checkpoint included.
    Raises : DivergedError, ForceError with the number of the trajectory among all of them; of a force that failed, a
        checkpoint keeps the last good step.
    """
    trajectories = plan.batches[index]
    observed = {
        key: Batch(model, plan, {}, {}, True) if key else Batch(model, plan, quantities, passages)
        for key, model in models.items()
    }
    kept = _restored(files, observed)
    done, weight = kept.step, len(models) * len(trajectories)
    progress(done * weight)
    runs = _runs(models, plan, trajectories, kept)
    try:
        while done < plan.total:
            blocks = {key: next(run) for key, run in runs.items()}
            for key, block in blocks.items():
                observed[key].update(block)
            made = len(blocks[""].velocity)
            done += made
            progress(made * weight)
            stopped = stop.requested and done < plan.total
            if files is not None and done < plan.total and files.due(stopped):
                _keep(files, observed, {key: block.state_after for key, block in blocks.items()}, done)
            if stopped:
                break
    except KeyboardInterrupt:
        return _part(index, observed, done, False)
    except (DivergedError, ForceError) as error:
        if files is not None and isinstance(error, ForceError):
            _keep_begun(files, observed, runs, done)
        raise _renumbered(error, trajectories) from None
    part = _part(index, observed, done, done == plan.total)
    if files is not None and part.finished:
        files.finish(part)
    return part


@dataclass
class Kept:
    """What a checkpoint says: states of the models, steps that were observed, and of each model the steps made beyond
    these before a force failed (sgle.integrators.driver.Run.begun).
    """

    states: dict[str, State] = field(default_factory=dict)
    step: int = 0
    begun: dict[str, Record] = field(default_factory=dict)


def _runs(models: Mapping[str, Any], plan: Plan, trajectories: range, kept: Kept) -> dict[str, Iterator[driver.Block]]:
    """The blocks still to come, of every model."""
    if plan.method == "stationary":
        from sgle.integrators import stationary

        lengths = stationary.plan(list(models.values()), len(trajectories), plan.total)
        return {
            key: stationary.run(model, plan.seed, trajectories, plan.total, lengths=lengths)
            for key, model in models.items()
        }
    streams, states = paired_streams(models, plan.seed, trajectories), kept.states
    if not states and plan.start == "stationary":
        states = {key: _stationary(model, streams[key], trajectories, plan.seed) for key, model in models.items()}
    runs: dict[str, Iterator[driver.Block]] = {}
    for key, model in models.items():
        state = states.get(key)
        steps = plan.total - (state.step if state else 0)
        runs[key] = driver.run(model, streams[key], steps, state=state, begun=kept.begun.get(key))
    return runs


def _stationary(model: Any, streams: Mapping[str, Any], trajectories: range, seed: int) -> State:
    """A state whose future is stationary from step 0 on."""
    from sgle.integrators.start import stationary_state

    return stationary_state(model, streams, trajectories, seed)


def _restored(files: BatchFiles | None, observed: Mapping[str, Batch]) -> Kept:
    """What the checkpoint says, and the observers as it has left them; nothing without one."""
    found = None if files is None else files.checkpoint()
    if found is None:
        return Kept()
    for key, batch in observed.items():
        batch.restore(found["observers"][key])
    begun = {key: Record(**parts) for key, parts in found.get("begun", {}).items()}
    return Kept(found["states"], found["step"], begun)


def _keep(
    files: BatchFiles,
    observed: Mapping[str, Batch],
    states: Mapping[str, State | None],
    done: int,
    begun: Mapping[str, Record] = MappingProxyType({}),
) -> None:
    """Write a checkpoint, if these states are such that a run can go on from them."""
    observers = {key: batch.state() for key, batch in observed.items()}
    if all(state is not None for state in states.values()):
        parts = {key: record._asdict() for key, record in begun.items()}
        files.keep({"states": dict(states), "observers": observers, "step": done, "begun": parts})


def _keep_begun(files: BatchFiles, observed: Mapping[str, Batch], runs: Mapping[str, Any], done: int) -> None:
    """Write a checkpoint in the middle of a block: with it the steps of the block that are made, by whichever model."""
    begun = {key: run.begun for key, run in runs.items() if run.begun is not None and run.state.step > done}
    _keep(files, observed, {key: run.state for key, run in runs.items()}, done, begun)


def _part(index: int, observed: Mapping[str, Batch], steps: int, finished: bool) -> Part:
    """The observers' numbers, as far as all of them have seen the run: one may have been interrupted within a block."""
    means = {key + name: found for key, batch in observed.items() for name, found in batch.means.items()}
    length = min(len(found.series) for found in means.values())
    first, time = observed[""], steps * observed[""].time_step
    if first.snapshots is not None:
        length = min(length, len(first.snapshots.snapshots.displacement))
    count = 0 if first.spectrum is None else first.spectrum.count
    return Part(
        index,
        {name: found.series[:length] for name, found in means.items()},
        first.spectrum.power if first.spectrum is not None and count else None,
        count,
        max(batch.ledger.error for batch in observed.values()),
        steps,
        finished,
        max((batch.potential.error for batch in observed.values() if batch.potential), default=None),
        None if first.snapshots is None else first.snapshots.snapshots.first(length),
        {name: np.where(watch.first < time, watch.first, np.nan) for name, watch in first.passages.items()},
    )


def _renumbered(error: DivergedError | ForceError, trajectories: range) -> DivergedError | ForceError:
    """The error with the trajectory's number among all, where the driver knows only those of its batch."""
    local = error.numbers["trajectory"]
    if local is None:
        return error
    text = re.sub(rf"\btrajectory {local}\b", f"trajectory {trajectories[local]}", str(error))
    return type(error)(text, **error.numbers | {"trajectory": trajectories[local]})


def collect(parts: list[Part], interrupted: bool) -> Sampled:
    """Put batches side by side, all series to one length."""
    found = Sampled(interrupted=interrupted)
    for name in parts[0].series:
        found.series[name] = join_trajectories([part.series[name] for part in parts])
    found.ledger = max(part.ledger for part in parts)
    found.potential = max((part.potential for part in parts if part.potential is not None), default=None)
    whole = [part for part in parts if len(part.series["kinetic_energy"])]
    taken = [part.snapshots for part in whole if part.snapshots is not None]
    found.snapshots = joined(taken) if taken else None
    for name in parts[0].passages:
        found.passages[name] = np.concatenate([part.passages[name] for part in whole])
    counts = [np.full(part.series["kinetic_energy"].shape[1], part.steps) for part in whole]
    found.steps = np.concatenate(counts) if counts else found.steps
    done = [part for part in parts if part.power is not None]
    if done:
        found.power = np.concatenate([part.power / part.pieces for part in done])  # type: ignore[operator]
        found.pieces = np.concatenate([np.full(len(part.power), part.pieces) for part in done])  # type: ignore[arg-type]
    return found
