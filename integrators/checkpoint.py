"""Checkpoints: plain values in one file that is whole or refused, written without pickle.

File: magic and version, length of the payload, its SHA-256, the payload. Payload: length of an index in JSON, the
index, the bytes of all arrays one after another. What may be kept: None, truth values, numbers, texts, arrays of
numbers, lists, tuples, dictionaries and dataclasses of the package `sgle`, nested as you like. Arrays come back with
the order of their axes in memory, as products of matrices may depend on it in the last bit.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from importlib import import_module
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from sgle.errors import FileError
from sgle.files.safe import atomic, reason

MAGIC = b"\x89sgle checkpoint 1\n"
LENGTH, DIGEST = 8, 32  # bytes of the two numbers that follow
PACKAGE = "sgle"


class CheckpointError(FileError):
    """A file that is no whole checkpoint, or a value that cannot be kept in one."""


def write(path: str | Path, value: Any) -> None:
    """Keep a value in a file, whole or not at all (written, synced, renamed).

    Raises : CheckpointError for a value of a type that cannot be kept, FileError if the disk refuses.
    """
    parts = pack(value)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    size = sum(memoryview(part).nbytes for part in parts)
    with atomic(path) as temporary, temporary.open("wb") as file:
        file.write(MAGIC + size.to_bytes(LENGTH, "little") + digest.digest())
        for part in parts:
            file.write(part)


def read(path: str | Path) -> Any:
    """The value kept in a file. CheckpointError if it is missing, truncated, damaged or something else."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {reason(error)}", path=str(path)) from error
    try:
        return unpack(_payload(content))
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}", path=str(path)) from error


def _payload(content: bytes) -> memoryview:
    """The payload of a file, once magic, length and checksum are right."""
    begin = len(MAGIC) + LENGTH + DIGEST
    if not content.startswith(MAGIC[: len(content)]):
        raise CheckpointError("not a checkpoint of this version of sgle")
    if len(content) < begin:
        raise CheckpointError(f"truncated: {len(content)} bytes are left")
    size = int.from_bytes(content[len(MAGIC) : len(MAGIC) + LENGTH], "little")
    payload = memoryview(content)[begin:]
    if len(payload) < size:
        raise CheckpointError(f"truncated: {len(payload)} of {size} bytes are left", found=len(payload), wanted=size)
    if len(payload) > size or hashlib.sha256(payload).digest() != content[begin - DIGEST : begin]:
        raise CheckpointError("damaged: its checksum is wrong")
    return payload


def pack(value: Any) -> list[Any]:
    """The payload of a value, in pieces that need no copy: index with its length, then the bytes of the arrays."""
    buffers: list[Any] = []
    index = json.dumps(_encode(value, buffers)).encode()
    return [len(index).to_bytes(LENGTH, "little") + index, *buffers]


def unpack(payload: bytes | memoryview) -> Any:
    """The value of a payload. CheckpointError for an index or a type that `pack` would not have written."""
    payload = memoryview(payload)
    end = LENGTH + int.from_bytes(payload[:LENGTH], "little")
    try:
        return _decode(json.loads(bytes(payload[LENGTH:end])), _Arrays(payload[end:]).take)
    except (ValueError, LookupError, TypeError, AttributeError, ImportError) as error:
        raise CheckpointError(f"unreadable: {reason(error)}") from error


def _encode(value: Any, buffers: list[Any]) -> Any:
    """A value as JSON: plain ones as they are, all others as [type, ...]; arrays go to the buffers."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return ["array" if isinstance(value, np.ndarray) else "number", *_encode_array(np.asarray(value), buffers)]
    if isinstance(value, list | tuple):
        return [type(value).__name__, [_encode(item, buffers) for item in value]]
    if type(value) is dict:
        return ["dict", [[_encode(key, buffers), _encode(item, buffers)] for key, item in value.items()]]
    if is_dataclass(value) and type(value).__module__.partition(".")[0] == PACKAGE:
        content = {field.name: _encode(getattr(value, field.name), buffers) for field in fields(value) if field.init}
        return ["dataclass", type(value).__module__, type(value).__qualname__, content]
    raise CheckpointError(f"a value of type {type(value).__name__} cannot be kept in a checkpoint")


def _encode_array(array: np.ndarray, buffers: list[Any]) -> list[Any]:
    """Type, shape and axes in the order in which they lie in memory, slowest first."""
    if array.dtype.kind not in "biufc":
        raise CheckpointError(f"an array of type {array.dtype} cannot be kept in a checkpoint")
    axes = sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis]))
    stored = np.ascontiguousarray(array.transpose(axes))
    buffers.append(stored.reshape(-1).view(np.uint8).data if stored.size else b"")
    return [array.dtype.str, [array.shape[axis] for axis in axes], axes]


class _Arrays:
    """Gives out the arrays behind the index, in order."""

    def __init__(self, content: memoryview) -> None:
        self.content, self.position = content, 0

    def take(self, dtype: str, shape: list[int], axes: list[int]) -> np.ndarray:
        """The next array, in memory of its own."""
        kind = np.dtype(dtype)
        if kind.kind not in "biufc":
            raise CheckpointError(f"an array of type {kind} has no place in a checkpoint")
        flat = np.frombuffer(self.content, kind, prod(shape), self.position) if prod(shape) else np.empty(0, kind)
        self.position += flat.nbytes
        return flat.copy().reshape(shape).transpose(np.argsort(axes) if axes else None)


def _decode(node: Any, take: Callable[..., np.ndarray]) -> Any:
    """The value of a node of the index."""
    if not isinstance(node, list):
        return node
    kind, *content = node
    if kind in ("array", "number"):
        array = take(*content)
        return array if kind == "array" else array[()]
    if kind in ("list", "tuple"):
        items = [_decode(item, take) for item in content[0]]
        return items if kind == "list" else tuple(items)
    if kind == "dict":
        return {_decode(key, take): _decode(item, take) for key, item in content[0]}
    if kind == "dataclass":
        module, name, values = content
        return _known(module, name)(**{field: _decode(value, take) for field, value in values.items()})
    raise CheckpointError(f"unknown type of value {kind!r}")


def _known(module: str, name: str) -> Any:
    """A dataclass of this package; anything else is refused before it is imported."""
    if module.partition(".")[0] != PACKAGE:
        raise CheckpointError(f"{module}.{name} is not of this package")
    found = getattr(import_module(module), name)
    if not (isinstance(found, type) and is_dataclass(found) and found.__module__ == module):
        raise CheckpointError(f"{module}.{name} is no dataclass")
    return found
