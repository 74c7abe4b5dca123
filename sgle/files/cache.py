"""Results that take seconds to compute and never change: kept on disk between runs.

One file per result in $SGLE_CACHE, or ~/.cache/sgle. Its name is a checksum of everything the result depends on:
the inputs, and the source of the packages that compute such results, so that changed code never meets old numbers.
The folder can be deleted at any time; a folder that cannot be used (SGLE_CACHE=/dev/null) only means no cache.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

import sgle
from sgle.errors import FileError, InputError
from sgle.files.safe import atomic

Array = np.ndarray
# Packages whose results are kept, and the modules of numbers that all of them use.
SOURCES = ("leads", "electronic", "models", "units.py", "occupation.py", "rational.py", "reduction.py", "fft.py")
ROOT = Path(sgle.__file__).parent
_KEY, _VALUE = "key", "value "
_writing = threading.Lock()  # `atomic` names its temporary file after the process alone


def cached(name: str, inputs: Mapping[str, Any], compute: Callable[[], Mapping[str, Any]]) -> dict[str, Array]:
    """The arrays `compute()` returns, from disk if they were computed before with the same inputs and source.

    name : of the kind of result, letters, digits and hyphens.    inputs : everything the result depends on, nested as
    you like: numbers, texts, truth values, None, arrays, lists, tuples, mappings; 1 and 1.0 are the same input.
    Two processes that ask at once both compute; what is read is always whole. A damaged file is computed again.
    Raises InputError for an input of another type; whatever `compute` raises.
    """
    key = _key(name, inputs)
    folder = _folder()
    path = folder / f"{name}-{key[:32]}.npz" if folder else None
    found = _read(path, key) if path else None
    if found is None:
        found = {label: np.asarray(value) for label, value in compute().items()}
        if path:
            _write(path, key, found)
    return found


def _folder() -> Path | None:
    """Where results are kept; None where there is no home."""
    try:
        return Path(os.environ.get("SGLE_CACHE") or Path.home() / ".cache" / "sgle")
    except RuntimeError:
        return None


def _key(name: str, inputs: Mapping[str, Any]) -> str:
    """Checksum of name, inputs and source."""
    return hashlib.sha256(f"{name}\n{_source(ROOT)}\n{_canonical(inputs)}".encode()).hexdigest()


@lru_cache(maxsize=1)
def _source(root: Path) -> str:
    """Checksum of the Python files a cached result may depend on, with their names; once per process."""
    digest = hashlib.sha256()
    for source in SOURCES:
        place = root / source
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(f"{file.relative_to(root)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _canonical(value: Any) -> str:
    """Text that is equal for equal values and only for them: floats in hexadecimal, arrays by checksum."""
    if value is None or isinstance(value, bool | np.bool_ | str):
        return repr(bool(value)) if isinstance(value, np.bool_) else repr(value)
    if isinstance(value, int | np.integer):
        return float(value).hex() if abs(int(value)) < 2**53 else str(int(value))
    if isinstance(value, float | np.floating):
        return float(value).hex()
    if isinstance(value, complex | np.complexfloating):
        return f"complex({_canonical(value.real)},{_canonical(value.imag)})"
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        content = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return f"array({value.shape},{value.dtype.str},{content})"
    if isinstance(value, Mapping):
        items = sorted((_canonical(key), _canonical(item)) for key, item in value.items())
        return "{" + ",".join(f"{key}:{item}" for key, item in items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_canonical(item) for item in value) + "]"
    raise InputError(f"cache: an input of type {type(value).__name__} has no checksum")


def _read(path: Path, key: str) -> dict[str, Array] | None:
    """What is in a file; None if it is missing, damaged (zip files carry checksums) or of another key."""
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            if str(file[_KEY]) != key:
                return None
            return {label.removeprefix(_VALUE): file[label] for label in file.files if label != _KEY}
    except (OSError, ValueError, LookupError, EOFError, BadZipFile, NotImplementedError, MemoryError):
        return None


def _write(path: Path, key: str, found: Mapping[str, Array]) -> None:
    """Keep a result, whole or not at all; a folder that cannot be written is no reason to stop."""
    if any(value.dtype.hasobject for value in found.values()):
        raise InputError(f"cache: {path.stem} has values that are no numbers or texts")
    content: dict[str, Any] = {_KEY: np.array(key), **{_VALUE + label: value for label, value in found.items()}}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _writing, atomic(path) as temporary, temporary.open("wb") as file:
            np.savez(file, **content)
    except (OSError, FileError):
        return
