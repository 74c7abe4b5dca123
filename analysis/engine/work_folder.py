"""The folder in which a run keeps what it has, so that it can be resumed.

identity        what run this is        board        progress of the workers
batch-*         see sgle.analysis.engine.batch_files        .lock        held by the process that runs
"""

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sgle.analysis.engine.batch_files import CheckpointWarning
from sgle.analysis.engine.identity import Identity
from sgle.errors import FileError, SgleWarning
from sgle.files.lock import locked
from sgle.files.safe import reason, sweep_up
from sgle.integrators import checkpoint
from sgle.integrators.checkpoint import CheckpointError

IDENTITY, BOARD = "identity", "board"


class ResumeWarning(SgleWarning):
    """A run that is resumed under other circumstances."""


@contextmanager
def work_folder(path: str | Path, identity: Identity, resume: bool) -> Iterator[Path]:
    """The folder of this run, locked, ready to be resumed from or empty.

    resume : go on with what is there, if it is the same run; else what an earlier run has left there is refused.
    Raises : LockedError, ChangedRunError, FileError.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{folder}: cannot be written: {reason(error)}", path=str(folder)) from error
    with locked(folder):
        if has_work(folder):
            if not resume:
                raise FileError(f"{folder}: holds an unfinished run; resume it, or delete the folder", path=str(folder))
            _check(folder, identity)
        sweep_up(folder)
        checkpoint.write(folder / IDENTITY, identity)
        yield folder


def has_work(folder: Path) -> bool:
    """Whether a run has left anything in its work folder."""
    return (folder / IDENTITY).exists() or any(folder.glob("batch-*"))


def clear(folder: Path) -> None:
    """Delete a work folder; FileError if that is impossible."""
    with suppress(FileNotFoundError):
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise FileError(f"{folder}: cannot be deleted: {reason(error)}", path=str(folder)) from error


def _check(folder: Path, identity: Identity) -> None:
    """Refuse to go on with another run; a damaged note of which one it was leaves that to the batches' own tokens."""
    try:
        begun = checkpoint.read(folder / IDENTITY)
        if not isinstance(begun, Identity):
            raise CheckpointError(f"{folder / IDENTITY}: not the identity of a run")
    except CheckpointError as error:
        warnings.warn(f"{error}; every batch is checked by itself", CheckpointWarning, stacklevel=2)
        return
    identity.require_same(begun)
    if sentence := identity.other_software(begun):
        warnings.warn(sentence, ResumeWarning, stacklevel=2)
