"""What one batch keeps on disk: checkpoints of two generations while it runs, its numbers once it is done.

batch-00003.now, .before : the last checkpoint and the one before it.    batch-00003.done : the numbers.
All are of the format of sgle.integrators.checkpoint and carry the token of the run they belong to.
"""

import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sgle.errors import FileError, SgleWarning
from sgle.integrators import checkpoint
from sgle.integrators.checkpoint import CheckpointError

SHARE = 20.0  # a checkpoint is taken after at least so many times the time the last one took to write


class CheckpointWarning(SgleWarning):
    """A checkpoint that could not be written or read, and what happens instead."""


class BatchFiles:
    """The files of one batch.

    token : of the run; files of another run are not read. seconds : between two checkpoints, by the monotonic clock.
    told : called with the number of steps in each checkpoint, once it is on disk.
    """

    def __init__(
        self,
        folder: Path,
        index: int,
        token: str,
        seconds: float = 60.0,
        told: Callable[[int], object] | None = None,
    ) -> None:
        self.token, self.index, self.seconds, self.told = token, index, seconds, told
        self.now, self.before, self.done = (folder / f"batch-{index:05d}.{end}" for end in ("now", "before", "done"))
        self._last, self._cost, self._warned = time.monotonic(), 0.0, False

    def due(self, stopped: bool = False) -> bool:
        """Whether it is time for a checkpoint: at once if the run is stopped."""
        return stopped or time.monotonic() - self._last >= max(self.seconds, SHARE * self._cost)

    def keep(self, content: dict[str, Any]) -> None:
        """Write a checkpoint; a disk that refuses is told once and asked again after the next interval."""
        begin = time.monotonic()
        try:
            if self.now.exists():
                self.now.replace(self.before)
            checkpoint.write(self.now, {"token": self.token, "index": self.index, **content})
        except (CheckpointError, FileError, OSError) as error:
            self._refused(f"no checkpoint of batch {self.index}", error)
        else:
            if self.told is not None:
                self.told(content["step"])
        self._last = time.monotonic()
        self._cost = self._last - begin

    def finish(self, part: Any) -> None:
        """Keep the numbers of the whole batch; its checkpoints are of no more use then."""
        try:
            checkpoint.write(self.done, {"token": self.token, "index": self.index, "part": part})
        except (CheckpointError, FileError, OSError) as error:
            self._refused(f"batch {self.index} is done but not kept", error)
            return
        for path in (self.now, self.before):
            path.unlink(missing_ok=True)

    def finished(self) -> Any | None:
        """The numbers of the batch, if it is done; None if it is not, or if the file is damaged, which is told."""
        content = self._read(self.done, "the batch is run again from its last checkpoint, if it has one")
        return None if content is None else content["part"]

    def checkpoint(self) -> dict[str, Any] | None:
        """The last checkpoint that is whole, or None; a damaged one is deleted, lest it become the one before."""
        for path, instead in ((self.now, "trying the one before"), (self.before, "the batch starts again at step 0")):
            content = self._read(path, instead)
            if content is not None:
                return content
            path.unlink(missing_ok=True)
        return None

    def _read(self, path: Path, instead: str) -> dict[str, Any] | None:
        """The content of a file of this run and batch; anything else there is told."""
        if not path.exists():
            return None
        try:
            content = checkpoint.read(path)
            mine = isinstance(content, dict) and (content["token"], content["index"]) == (self.token, self.index)
            if not mine:
                raise CheckpointError(f"{path}: belongs to another run", path=str(path))
        except CheckpointError as error:
            warnings.warn(f"{error}; {instead}", CheckpointWarning, stacklevel=3)
            return None
        return content

    def _refused(self, what: str, error: Exception) -> None:
        if not self._warned:
            warnings.warn(f"{what}: {error}; the run goes on without", CheckpointWarning, stacklevel=3)
        self._warned = True
