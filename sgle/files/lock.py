"""A lock on a folder, so that two runs never write into the same one. It ends with the process that holds it."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sgle.errors import FileError
from sgle.files.safe import reason

try:
    import fcntl
except ImportError:  # not POSIX: no lock
    fcntl = None  # type: ignore[assignment]

NAME = ".lock"


class LockedError(FileError):
    """Another process works in the folder; `holder` says which."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder. LockedError if somebody else does; FileError if the folder cannot be written."""
    if fcntl is None:
        yield
        return
    path = folder / NAME
    handle = _held(path)
    try:
        yield
    finally:
        with suppress(OSError):  # still held: nobody can have locked it since
            path.unlink()
        os.close(handle)


def _held(path: Path) -> int:
    """The open and locked file of this name, which holds our number and machine."""
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise FileError(f"{path.parent}: cannot be written: {reason(error)}", path=str(path.parent)) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 200).decode(errors="replace").strip() or "another process"
            os.close(handle)
            raise LockedError(f"{path.parent}: in use by {holder}", path=str(path.parent), holder=holder) from None
        except OSError:
            return handle  # a file system without locks: the run goes on unguarded
        if _same(handle, path):
            break
        os.close(handle)  # deleted by the one who held it before
    with suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
    return handle


def _same(handle: int, path: Path) -> bool:
    try:
        return os.fstat(handle).st_ino == os.stat(path).st_ino
    except OSError:
        return False
