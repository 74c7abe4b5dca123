"""Chunk averages: a long trajectory, block by block, reduced to averages over equal consecutive times."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

Quantity = Callable[[Any], np.ndarray]


class Observer(Protocol):
    """What looks at a run: it gets every block of the driver once, in order, and keeps a small reduction."""

    def update(self, block: Any) -> None:
        """Take in one block (integrators.driver.Block: B steps, R trajectories, N dofs)."""

    def state(self) -> dict[str, Any]:
        """Everything the next updates depend on, as plain numbers and arrays, for a checkpoint."""

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there, bit for bit."""


class ChunkMeans:
    """Averages of quantity(block) over chunks of equal length, per trajectory.

    quantity : maps a block to (B, R, K) numbers, one per step. length : steps per chunk; blocks may straddle
        chunks.
    .series : (n_chunks, R, K), finished chunks only; memory n_chunks R K floats, whatever the number of
        steps.
    """

    def __init__(self, quantity: Quantity, length: int) -> None:
        self.quantity, self.length = quantity, length
        self._finished: list[np.ndarray] = []
        self._sum: Any = 0.0
        self._count = 0

    def update(self, block: Any) -> None:
        """Add one block of B steps to the chunk under way; close the chunks it fills."""
        values = self.quantity(block)
        begin = 0
        while begin < len(values):
            end = min(len(values), begin + self.length - self._count)
            self._sum = self._sum + values[begin:end].sum(axis=0)
            self._count += end - begin
            begin = end
            if self._count == self.length:
                self._finished.append(self._sum / self.length)
                self._sum, self._count = 0.0, 0

    def state(self) -> dict[str, Any]:
        """Finished chunks and the one under way."""
        return {"finished": self.series, "sum": self._sum, "count": self._count}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self._finished, self._sum, self._count = list(state["finished"]), state["sum"], state["count"]

    @property
    def series(self) -> np.ndarray:
        """Finished chunks, (n_chunks, R, K); (0,) before the first one is full."""
        return np.array(self._finished)


def join_trajectories(parts: list[np.ndarray]) -> np.ndarray:
    """Series of several batches side by side: (n, ΣR, K), NaN where a batch has fewer chunks than the
    longest.

    parts : list of (n_i, R_i, K). A batch without a finished chunk is left out.
    """
    parts = [part for part in parts if len(part)]
    if not parts:
        return np.empty((0, 0, 0))
    longest = max(len(part) for part in parts)
    return np.concatenate([_lengthen(part, longest) for part in parts], axis=1)


def _lengthen(part: np.ndarray, length: int) -> np.ndarray:
    missing = np.full((length - len(part), *part.shape[1:]), np.nan)
    return np.concatenate([part, missing])
