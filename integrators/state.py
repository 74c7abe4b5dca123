"""State: all that the future of a run depends on, besides the model and the noise."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class State:
    """R trajectories of N dofs before step n: copied and restored whole, a run goes on bit for bit.

    displacement : u_n, (R, N).    half_velocity : w_{n-1/2}, (R, N).    step : n.
    memories : state of each bath's memory by name; baths without memory have none.
    The noise needs no state: a stream is asked for the forces from step n on.
    """

    displacement: np.ndarray
    half_velocity: np.ndarray
    memories: dict[str, Any] = field(default_factory=dict)
    step: int = 0

    @property
    def trajectories(self) -> int:
        """Number of trajectories R."""
        return len(self.displacement)

    def copy(self) -> "State":
        """A copy that shares nothing with this state."""
        memories = {name: memory.copy() for name, memory in self.memories.items()}
        return State(self.displacement.copy(), self.half_velocity.copy(), memories, self.step)


def columns(dofs: Sequence[int]) -> slice | list[int]:
    """Index of a bath's dofs: a slice, thus a view, where they follow each other."""
    first, last = dofs[0], dofs[-1]
    return slice(first, last + 1) if tuple(dofs) == tuple(range(first, last + 1)) else list(dofs)
