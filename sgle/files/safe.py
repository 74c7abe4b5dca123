"""Opening files so that nothing is lost: atomic writing, and one clear sentence for whatever cannot be read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import h5py

from sgle.errors import FileError, SgleError


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, sync it to disk and rename it to `path`.

    A reader of `path` sees the old file or the whole new one, never a part. FileError if it cannot be written.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{os.urandom(4).hex()}.part")  # on other machines, too
    try:
        yield temporary
        _sync(temporary)
        os.replace(temporary, target)
        _sync(target.parent)
    except OSError as error:
        raise FileError(f"{target}: cannot be written: {reason(error)}", path=str(target)) from error
    finally:
        temporary.unlink(missing_ok=True)


def sweep_up(folder: Path) -> None:
    """Delete what processes that were killed have left half written. The folder must be locked, or one's own."""
    for left in folder.glob(".*.part"):
        with suppress(OSError):
            left.unlink()


@contextmanager
def new_hdf5(path: str | Path, **options: Any) -> Iterator[h5py.File]:
    """A new HDF5 file, made in memory and written to `path` whole or not at all. FileError if it cannot be written.

    HDF5 itself must not meet a full disk: it fails with all kinds of errors, and ends the process with a bus error.
    options : of h5py.File, such as libver.
    """
    with h5py.File(Path(path).name, "w", driver="core", backing_store=False, **options) as file:
        yield file
        file.flush()
        image = file.id.get_file_image()
    with atomic(path) as temporary:
        temporary.write_bytes(image)


def _sync(path: Path) -> None:
    """Flush a file, or on POSIX a folder's list of names, to the disk."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def opened(path: str | Path, what: str) -> Iterator[h5py.File]:
    """An HDF5 file open for reading; everything that goes wrong inside becomes a FileError that names `path`.

    what : what the file should be, such as "a junction file".
    """
    _require_hdf5(Path(path), what)
    try:
        with h5py.File(path, "r") as file:
            yield file
    except FileError as error:
        raise FileError(f"{path}: {error}", path=str(path)) from error
    except (SgleError, OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError, MemoryError) as error:
        raise FileError(f"{path}: damaged, or not {what}: {reason(error)}", path=str(path)) from error


def _require_hdf5(path: Path, what: str) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {reason(error)}", path=str(path)) from error
    if start.startswith(b"CDF"):
        raise FileError(f"{path}: this is netCDF classic; {what} is HDF5 (or netCDF-4)", path=str(path))
    if start != b"\x89HDF\r\n\x1a\n":
        raise FileError(f"{path}: not {what}: it does not begin like an HDF5 file", path=str(path))


def reason(error: BaseException) -> str:
    """The cause in a few words, on one line."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:200]
