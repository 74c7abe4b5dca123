"""Output folders: never anything lost, and no hour of computing before an unwritable disk is noticed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sgle.errors import FileError, InputError
from sgle.files import lock
from sgle.files.safe import atomic, reason, sweep_up

WORK = "work"  # folder of a run that is not finished (sgle.analysis.engine.work_folder)
RESULTS, RECIPE = "results.h5", "recipe.toml"


def prepare(path: str | Path, overwrite: bool) -> Path:
    """Make the output folder and prove that it can be written. FileError if it holds something or cannot be."""
    folder = _made(path)
    if overwrite:
        sweep_up(folder)
    else:
        _require_empty(folder)
    return folder


@contextmanager
def occupied(path: str | Path, overwrite: bool, resume: bool) -> Iterator[Path]:
    """The output folder of a run, locked. FileError as above, or if another run is at work in it.

    resume : what is there is what the run goes on with; a folder without any run in it must be empty.
    """
    if overwrite and resume:
        raise InputError("--resume goes on with a run, --overwrite begins it again: choose one of them")
    folder = _made(path)
    with lock.locked(folder):
        if not (overwrite or (resume and holds_run(folder))):
            _require_empty(folder)
        sweep_up(folder)
        yield folder


def holds_run(folder: Path) -> bool:
    """Whether there is anything of a run, or of a sweep over one key or two, in a folder."""
    return any(any(folder.glob(depth + name)) for name in (WORK, RESULTS, RECIPE) for depth in ("", "*/", "*/*/"))


def _made(path: str | Path) -> Path:
    """The folder, which can be written."""
    folder = Path(path)
    try:
        if folder.exists() and not folder.is_dir():
            raise FileError(f"{folder}: is a file, not a folder; choose another with -o")
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".sgle-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise FileError(f"{folder}: cannot be written: {reason(error)}; choose another folder with -o") from error
    return folder


def _require_empty(folder: Path) -> None:
    found = [item for item in folder.iterdir() if item.name != lock.NAME and item.suffix != ".part"]
    if any(place.is_dir() for place in folder.rglob(WORK)):
        raise FileError(f"{folder}: holds an unfinished run; go on with --resume, or begin again with --overwrite")
    if found:
        raise FileError(f"{folder}: exists and is not empty; choose another folder with -o, or add --overwrite")


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
