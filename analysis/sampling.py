"""Sampling: batches of trajectories through the driver into observers, until done or interrupted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sgle.analysis.chunks import ChunkMeans, Observer, Quantity, join_trajectories
from sgle.analysis.heat import EnergyLedger, HeatCurrents, supports
from sgle.analysis.interrupt import Interruptible
from sgle.analysis.kinetic import kinetic_energy
from sgle.analysis.plan import Plan
from sgle.analysis.spectra import VelocitySpectrum
from sgle.integrators import driver
from sgle.noise import noise_streams


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
    stop: Interruptible,
    progress: Callable[[int], object] | None = None,
) -> Iterator[Sampled]:
    """Run all batches; after each one, give everything sampled so far.

    models : {"": the model, "reference_": a second one, if any}, driven in step by the same white noise; the
        names of
        the series begin with these keys. quantities : extra ones, of the first model.
    stop : once requested (Ctrl-C), the sampling ends after the block under way.
    progress : called with trajectory-steps made.
    """
    finished: list[dict[str, Batch]] = []
    for trajectories in plan.batches:
        if finished and stop.requested:
            yield collect(finished, True)
            return
        batch = {
            key: Batch(model, plan, {} if key else quantities, 0 if key else plan.segment)
            for key, model in models.items()
        }
        finished.append(batch)
        interrupted = _run(models, plan, trajectories, batch, stop, progress)
        yield collect(finished, interrupted)
        if interrupted:
            return


def _run(
    models: Mapping[str, Any],
    plan: Plan,
    trajectories: range,
    batch: Mapping[str, Batch],
    stop: Interruptible,
    progress: Callable[[int], object] | None,
) -> bool:
    """One batch from the first to the last step. Returns whether it was interrupted before."""
    runs = [driver.run(model, noise_streams(model, plan.seed, trajectories), plan.total) for model in models.values()]
    try:
        for blocks in zip(*runs, strict=True):
            for observed, block in zip(batch.values(), blocks, strict=True):
                for observer in observed.observers:
                    observer.update(block)
            if progress is not None:
                progress(len(blocks) * blocks[0].velocity.shape[0] * blocks[0].velocity.shape[1])
            if stop.requested:
                return True
    except KeyboardInterrupt:
        return True
    return False


def collect(finished: list[dict[str, Batch]], interrupted: bool) -> Sampled:
    """Put batches side by side, all series to one length."""
    found = Sampled(interrupted=interrupted)
    lengths = [min(len(means.series) for part in batch.values() for means in part.means.values()) for batch in finished]
    for key in finished[0]:
        for name in finished[0][key].means:
            parts = [batch[key].means[name].series[:length] for batch, length in zip(finished, lengths, strict=True)]
            found.series[key + name] = join_trajectories(parts)
    found.ledger = max(part.ledger.error for batch in finished for part in batch.values())
    spectra = [batch[""].spectrum for batch in finished]
    done = [spectrum for spectrum in spectra if spectrum is not None and spectrum.count]
    if done:
        found.power = np.concatenate([spectrum.power / spectrum.count for spectrum in done])
        found.pieces = np.concatenate([np.full(len(spectrum.power), spectrum.count) for spectrum in done])
    return found
