"""A function on an endless ladder of energies, computed in blocks when first asked for and kept."""

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray
BLOCK = 16


class Ladder:
    """f(i·step) for integers i.    function : (n,) energies -> (n, ...) array; keep=False forgets the blocks again.

    Blocks may differ in the length of the last axis (columns of compressed states): shorter ones are padded with zeros.
    Outside `window` f is not asked for; values there are NaN.
    """

    def __init__(
        self, function: Callable[[Array], Array], step: float, window: tuple[float, float], keep: bool = True
    ) -> None:
        self.function, self.step, self.window, self.keep = function, step, window, keep
        self._blocks: dict[int, Array] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Sent to another process without its blocks, which are large and can be made again."""
        return {**self.__dict__, "_blocks": {}}

    def __call__(self, first: int, last: int) -> Array:
        """Values at i = first ... last, both included, (last - first + 1, ...)."""
        numbers = range(first // BLOCK, last // BLOCK + 1)
        blocks = [self._block(number) for number in numbers]
        widest = max(block.shape[-1] for block in blocks)
        padded = [_padded(block, widest) for block in blocks]
        offset = first - numbers[0] * BLOCK
        return np.concatenate(padded)[offset : offset + last - first + 1]

    def weighted(self, first: int, weights: Array) -> Array:
        """Σ_i weights_i f((first+i)·step), block by block, in the order of energy; weights (n, ...) of the leading
        axes of f.
        """
        total: Array | float = 0.0
        done = 0
        while done < len(weights):
            number, offset = divmod(first + done, BLOCK)
            part = weights[done : done + BLOCK - offset]
            used = np.flatnonzero(part.reshape(len(part), -1).any(axis=1))
            if len(used):
                values = self._block(number)[offset + used]
                shape = (len(used), *part.shape[1:]) + (1,) * (values.ndim - part.ndim)
                total = total + np.sum(part[used].reshape(shape) * values, axis=0)
            done += len(part)
        return np.asarray(total)

    def _block(self, number: int) -> Array:
        if number in self._blocks:
            return self._blocks[number]
        energies = self.step * np.arange(number * BLOCK, (number + 1) * BLOCK)
        inside = np.flatnonzero((energies >= self.window[0]) & (energies <= self.window[1]))
        if len(inside) == BLOCK:
            value = self.function(energies)
        else:
            # A block wholly outside still needs a shape: that of one energy inside.
            middle = self.step * np.round(np.array([sum(self.window) / 2]) / self.step)
            found = self.function(energies[inside] if len(inside) else middle)
            value = np.full((BLOCK, *found.shape[1:]), np.nan, found.dtype)
            value[inside] = found[: len(inside)]
        if self.keep:
            self._blocks[number] = value
        return value


def _padded(block: Array, columns: int) -> Array:
    missing = columns - block.shape[-1]
    return np.pad(block, [(0, 0)] * (block.ndim - 1) + [(0, missing)]) if missing else block
