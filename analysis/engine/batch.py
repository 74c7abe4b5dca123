"""Batch: all that looks at one model and one batch of trajectories."""

from collections.abc import Mapping
from typing import Any

from sgle.analysis.anharmonic import PotentialLedger, anharmonic_quantities
from sgle.analysis.chunks import ChunkMeans, Observer, Quantity
from sgle.analysis.heat import EnergyLedger, HeatCurrents, supports
from sgle.analysis.kinetic import kinetic_energy
from sgle.analysis.passage import Passage, PassageWatch
from sgle.analysis.plan import Plan
from sgle.analysis.snapshots import SnapshotTaker
from sgle.analysis.spectra import VelocitySpectrum


class Batch:
    """Observers of one model and one batch of trajectories.

    quantities : name -> function of a block, averaged in chunks.    passages : name -> what is watched for.
    reference : whether the model is not the first one; of a reference averages and ledgers alone are kept.
    Models with an anharmonic force have more averages and a ledger of its energy, the first one also snapshots.
    """

    def __init__(
        self,
        model: Any,
        plan: Plan,
        quantities: Mapping[str, Quantity],
        passages: Mapping[str, Passage],
        reference: bool = False,
    ) -> None:
        places, self.time_step = supports(model), plan.time_step
        wanted: dict[str, Quantity] = {
            "kinetic_energy": kinetic_energy,
            "heat_current": HeatCurrents(places),
            **anharmonic_quantities(model),
            **quantities,
        }
        self.means = {name: ChunkMeans(quantity, plan.chunk) for name, quantity in wanted.items()}
        self.ledger = EnergyLedger(model.stiffness, places)
        pushed, segment = model.anharmonic is not None, 0 if reference else plan.segment
        self.spectrum = VelocitySpectrum(segment, plan.time_step, plan.burn_in) if segment else None
        self.potential = PotentialLedger() if pushed else None
        self.snapshots = SnapshotTaker(plan.chunk, model.stiffness) if pushed and not reference else None
        self.passages = {name: PassageWatch(passage) for name, passage in passages.items()}
        more = (self.spectrum, self.potential, self.snapshots, *self.passages.values())
        self.observers: list[Observer] = [*self.means.values(), self.ledger]
        self.observers += [observer for observer in more if observer is not None]

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
