"""Sampling: one batch of trajectories through the driver into observers, cut and resumed anywhere; and all of them
put side by side.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from sgle.analysis.chunks import ChunkMeans, Observer, Quantity, join_trajectories
from sgle.analysis.engine.batch_files import BatchFiles
from sgle.analysis.heat import EnergyLedger, HeatCurrents, supports
from sgle.analysis.kinetic import kinetic_energy
from sgle.analysis.plan import Plan
from sgle.analysis.spectra import VelocitySpectrum
from sgle.errors import DivergedError
from sgle.integrators import driver
from sgle.integrators.state import State
from sgle.noise import paired_streams


class Stop(Protocol):
    """Whoever may want the sampling to end after the block under way."""

    @property
    def requested(self) -> bool:
        """Whether it shall end."""


class Batch:
    """Observers of one model and one batch of trajectories.

    quantities : name -> function of a block, averaged in chunks. segment : see VelocitySpectrum, 0 for none.
    """

    def __init__(self, model: Any, plan: Plan, quantities: Mapping[str, Quantity], segment: int) -> None:
        places = supports(model)
        wanted: dict[str, Quantity] = {
            "kinetic_energy": kinetic_energy,
            "heat_current": HeatCurrents(places),
            **quantities,
        }
        self.means = {name: ChunkMeans(quantity, plan.chunk) for name, quantity in wanted.items()}
        self.ledger = EnergyLedger(model.stiffness, places)
        self.spectrum = VelocitySpectrum(segment, plan.time_step, plan.burn_in) if segment else None
        self.observers: list[Observer] = [*self.means.values(), self.ledger]
        if self.spectrum is not None:
            self.observers.append(self.spectrum)

    def update(self, block: Any) -> None:
        """Show a block to every observer."""
        for observer in self.observers:
            observer.update(block)

    def state(self) -> list[dict[str, Any]]:
        """Of every observer, in order."""
        return [observer.state() for observer in self.observers]

    def restore(self, states: list[dict[str, Any]]) -> None:
        """Go on from a state."""
        for observer, state in zip(self.observers, states, strict=True):
            observer.restore(state)


@dataclass
class Part:
    """What one batch has brought: plain arrays, sent between processes and kept in files.

    series : name -> (n_chunks, R, K). power : (R, n_w, N) sum of `pieces` periodograms, or None. ledger : largest
    relative error of the energy balance. steps : made per trajectory. finished : whether those are all.
    """

    index: int
    series: dict[str, np.ndarray]
    power: np.ndarray | None
    pieces: int
    ledger: float
    steps: int
    finished: bool


@dataclass
class Sampled:
    """What the batches have brought.

    series : name -> (n_chunks, R, K), from the very first step, NaN where a trajectory ended early.
    power : (R, n_w, N) mean periodogram of each trajectory, pieces : (R,) how many went into it.
    ledger : largest relative error of the energy balance. interrupted : whether steps are missing.
    """

    series: dict[str, np.ndarray] = field(default_factory=dict)
    power: np.ndarray | None = None
    pieces: np.ndarray | None = None
    ledger: float = 0.0
    interrupted: bool = False


def sample(
    models: Mapping[str, Any],
    plan: Plan,
    quantities: Mapping[str, Quantity],
    stop: Stop,
    progress: Callable[[int], object] = bool,
) -> Iterator[Sampled]:
    """Run all batches one after another; after each one, give everything sampled so far.

    models : {"": the model, "reference_": a second one, if any}, driven in step by the same white noise; the names of
        the series begin with these keys. quantities : extra ones, of the first model.
    stop : once requested (Ctrl-C), the sampling ends after the block under way.
    progress : called with trajectory-steps made.
    """
    parts: list[Part] = []
    for index in range(len(plan.batches)):
        if parts and stop.requested:
            yield collect(parts, True)
            return
        parts.append(run_batch(models, plan, index, quantities, stop, progress=progress))
        yield collect(parts, not parts[-1].finished)
        if not parts[-1].finished:
            return


def run_batch(
    models: Mapping[str, Any],
    plan: Plan,
    index: int,
    quantities: Mapping[str, Quantity],
    stop: Stop,
    *,
    progress: Callable[[int], object] = bool,
    files: BatchFiles | None = None,
) -> Part:
    """One batch, from where its checkpoint left it to the last step or until it is stopped.

    The numbers depend on models, plan and index alone: blocks begin at multiples of the driver's length, checkpoints
    are taken between two of them. progress : called with trajectory-steps made, those of a checkpoint included.
    Raises : DivergedError with the number of the trajectory among all of them.
    """
    trajectories = plan.batches[index]
    observed = {
        key: Batch(model, plan, {} if key else quantities, 0 if key else plan.segment) for key, model in models.items()
    }
    states, done = _restored(files, observed)
    weight = len(models) * len(trajectories)
    progress(done * weight)
    try:
        for blocks in zip(*_runs(models, plan, trajectories, states, done), strict=True):
            for batch, block in zip(observed.values(), blocks, strict=True):
                batch.update(block)
            done += len(blocks[0].velocity)
            progress(len(blocks[0].velocity) * weight)
            stopped = stop.requested and done < plan.total
            if files is not None and done < plan.total and files.due(stopped):
                _keep(files, observed, dict(zip(models, blocks, strict=True)), done)
            if stopped:
                break
    except KeyboardInterrupt:
        return _part(index, observed, done, False)
    except DivergedError as error:
        raise _renumbered(error, trajectories) from None
    part = _part(index, observed, done, done == plan.total)
    if files is not None and part.finished:
        files.finish(part)
    return part


def _runs(
    models: Mapping[str, Any], plan: Plan, trajectories: range, states: Mapping[str, State], done: int
) -> list[Iterator[driver.Block]]:
    """The blocks still to come, of every model."""
    if plan.method == "stationary":
        from sgle.integrators import stationary

        lengths = stationary.plan(list(models.values()), len(trajectories), plan.total)
        return [
            stationary.run(model, plan.seed, trajectories, plan.total, lengths=lengths) for model in models.values()
        ]
    streams = paired_streams(models, plan.seed, trajectories)
    if not states and plan.start == "stationary":
        states = {key: _stationary(model, streams[key], trajectories, plan.seed) for key, model in models.items()}
    return [driver.run(model, streams[key], plan.total - done, state=states.get(key)) for key, model in models.items()]


def _stationary(model: Any, streams: Mapping[str, Any], trajectories: range, seed: int) -> State:
    """A state whose future is stationary from step 0 on."""
    from sgle.integrators.start import stationary_state

    return stationary_state(model, streams, trajectories, seed)


def _restored(files: BatchFiles | None, observed: Mapping[str, Batch]) -> tuple[dict[str, State], int]:
    """States of the models and steps made according to the checkpoint; nothing without one."""
    kept = None if files is None else files.checkpoint()
    if kept is None:
        return {}, 0
    for key, batch in observed.items():
        batch.restore(kept["observers"][key])
    return kept["states"], kept["step"]


def _keep(files: BatchFiles, observed: Mapping[str, Batch], blocks: Mapping[str, driver.Block], done: int) -> None:
    """Write a checkpoint, if these blocks come from something that can go on from one."""
    states = {key: block.state_after for key, block in blocks.items()}
    observers = {key: batch.state() for key, batch in observed.items()}
    if all(state is not None for state in states.values()):
        files.keep({"states": states, "observers": observers, "step": done})


def _part(index: int, observed: Mapping[str, Batch], steps: int, finished: bool) -> Part:
    """The observers' numbers, all series to the length of the shortest."""
    means = {key + name: found for key, batch in observed.items() for name, found in batch.means.items()}
    length = min(len(found.series) for found in means.values())
    spectrum = observed[""].spectrum
    count = 0 if spectrum is None else spectrum.count
    return Part(
        index,
        {name: found.series[:length] for name, found in means.items()},
        spectrum.power if spectrum is not None and count else None,
        count,
        max(batch.ledger.error for batch in observed.values()),
        steps,
        finished,
    )


def _renumbered(error: DivergedError, trajectories: range) -> DivergedError:
    """The error with the trajectory's number among all, where the driver knows only those of its batch."""
    local = error.numbers["trajectory"]
    text = str(error).replace(f"trajectory {local} ", f"trajectory {trajectories[local]} ", 1)
    return DivergedError(text, **error.numbers | {"trajectory": trajectories[local]})


def collect(parts: list[Part], interrupted: bool) -> Sampled:
    """Put batches side by side, all series to one length."""
    found = Sampled(interrupted=interrupted)
    for name in parts[0].series:
        found.series[name] = join_trajectories([part.series[name] for part in parts])
    found.ledger = max(part.ledger for part in parts)
    done = [part for part in parts if part.power is not None]
    if done:
        found.power = np.concatenate([part.power / part.pieces for part in done])  # type: ignore[operator]
        found.pieces = np.concatenate([np.full(len(part.power), part.pieces) for part in done])  # type: ignore[arg-type]
    return found
