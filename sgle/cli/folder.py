"""Output folders: never anything lost, and no hour of computing before an unwritable disk is noticed."""

import os
from pathlib import Path

from sgle.errors import FileError
from sgle.files.safe import atomic, reason


def prepare(path: str | Path, overwrite: bool) -> Path:
    """Make the output folder and prove that it can be written. FileError if it holds something or cannot be."""
    folder = Path(path)
    try:
        if folder.is_dir() and not overwrite and any(folder.iterdir()):
            raise FileError(f"{folder}: exists and is not empty; choose another folder with -o, or add --overwrite")
        if folder.exists() and not folder.is_dir():
            raise FileError(f"{folder}: is a file, not a folder; choose another with -o")
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".sgle-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise FileError(f"{folder}: cannot be written: {reason(error)}; choose another folder with -o") from error
    return folder


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
