"""Snapshots: where the atoms are and how fast they move at the end of every chunk, and the energies there."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sgle.analysis.chunks import join_trajectories

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Snapshots:
    """At the last step n of every chunk, from the first chunk of the run on; NaN where a trajectory ended earlier.

    displacement, velocity : u_n [ħ/√eV] and v_n [√eV], mass-normalised, (n_chunks, R, N).
    harmonic_energy : H_{n+1/2} = ½|w_{n+1/2}|² + ½ u_{n+1}·K u_n, the energy of the ledger, (n_chunks, R) [eV].
    anharmonic_energy : V(u_n), (n_chunks, R) [eV].
    """

    displacement: Array
    velocity: Array
    harmonic_energy: Array
    anharmonic_energy: Array

    def first(self, count: int) -> "Snapshots":
        """Those of the first chunks."""
        return Snapshots(**{each.name: getattr(self, each.name)[:count] for each in fields(self)})


def joined(parts: list[Snapshots]) -> Snapshots:
    """Trajectories of several batches side by side."""
    names = [each.name for each in fields(Snapshots)]
    return Snapshots(**{name: join_trajectories([getattr(part, name) for part in parts]) for name in names})


class SnapshotTaker:
    """Observer that takes them.

    length : steps per chunk.    stiffness : (N, N), K with the static parts of the baths.
    """

    def __init__(self, length: int, stiffness: Array) -> None:
        self.length, self.stiffness = length, stiffness
        self._taken: dict[str, list[Array]] = {each.name: [] for each in fields(Snapshots)}
        self._steps = 0

    def update(self, block: Any) -> None:
        """Look at the last steps of the chunks that end in this block."""
        first = (self.length - 1 - self._steps) % self.length
        for n in range(first, len(block.velocity), self.length):
            u, w = block.displacement[n], block.half_velocity[n]
            later = u + block.time_step * w
            harmonic = 0.5 * np.einsum("rk,rk->r", w, w) + 0.5 * np.einsum("rk,kl,rl->r", later, self.stiffness, u)
            shown = (u, block.velocity[n], harmonic, block.anharmonic_energy[n])
            for taken, values in zip(self._taken.values(), shown, strict=True):
                taken.append(values.copy())
        self._steps += len(block.velocity)

    @property
    def snapshots(self) -> Snapshots:
        """Those taken so far."""
        return Snapshots(**{name: np.array(taken) for name, taken in self._taken.items()})

    def state(self) -> dict[str, Any]:
        """Snapshots so far, and steps."""
        return {"taken": {name: np.array(taken) for name, taken in self._taken.items()}, "steps": self._steps}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self._taken = {name: list(taken) for name, taken in state["taken"].items()}
        self._steps = state["steps"]
