"""Board: a small file in which workers note how far they are and read whether to stop.

64-bit integers: stop, then for every batch the trajectory-steps made and the steps in its last checkpoint. Plain reads
and writes at fixed places: a file that is truncated or on a full disk then fails as an error, where a mapped one would
end the process. Where workers do not see the file (another machine), progress shows batch by batch.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Self

import numpy as np

WORD = 8


class Board:
    """An open board. Made by `create` in the parent, by `find` in a worker."""

    def __init__(self, handle: int, batches: int = 0) -> None:
        self._handle, self._batches = handle, batches

    @classmethod
    def create(cls, path: Path, batches: int) -> Self:
        """A new board, all zero, in place of any older one. Raises OSError."""
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        os.pwrite(handle, bytes(WORD * (1 + 2 * batches)), 0)
        return cls(handle, batches)

    @classmethod
    def find(cls, path: Path | None) -> "Board | None":
        """The board at a path, or None where it cannot be seen."""
        if path is not None:
            with suppress(OSError):
                return cls(os.open(path, os.O_RDWR))
        return None

    @property
    def requested(self) -> bool:
        """Whether the parent wants everybody to stop after the block under way."""
        return any(os.pread(self._handle, WORD, 0))

    def stop(self) -> None:
        """Ask everybody to stop."""
        self._write(0, 1)

    def made(self, batch: int, steps: int) -> None:
        """Note the trajectory-steps a batch has made so far."""
        self._write(1 + 2 * batch, steps)

    def kept(self, batch: int, steps: int) -> None:
        """Note the steps in the last checkpoint of a batch."""
        self._write(2 + 2 * batch, steps)

    def read(self) -> np.ndarray:
        """(batches, 2) numbers of `made` and `kept`, for the one who made the board; zero where it was cut short."""
        size = 2 * WORD * self._batches
        return np.frombuffer(os.pread(self._handle, size, WORD).ljust(size, bytes(1)), "<i8").reshape(-1, 2)

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)

    def _write(self, word: int, value: int) -> None:
        with suppress(OSError):  # the bar is not worth a run
            os.pwrite(self._handle, int(value).to_bytes(WORD, "little"), WORD * word)
