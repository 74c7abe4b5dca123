"""The digest of an HDF5 file: SHA-256 over all it says, so that no changed bit is ever taken for a number.

Kept in the attribute `sha256_of_content` of the root. It covers every group, every dataset (path, type, shape, bytes)
and every attribute but itself and the bookkeeping of dimension scales, which holds addresses in the file. It does not
depend on compression, chunks or the order in which things were written.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from sgle.errors import FileError
from sgle.files.safe import new_hdf5

NAME = "sha256_of_content"
SCALES = ("CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST")  # of HDF5's dimension scales, not read by sgle


LAYOUT = "v110"  # of HDF5 1.10 (2016): every header and index has a checksum, and files are a third smaller


@contextmanager
def signed(path: str | Path) -> Iterator[h5py.File]:
    """A new HDF5 file to write into, signed and put in place, whole or not at all, when the block ends well.

    FileError if it cannot be written.
    """
    with new_hdf5(path, libver=LAYOUT) as file:
        yield file
        file.attrs[NAME] = content_digest(file)


def verify(file: h5py.File, *, required: bool) -> None:
    """Raise FileError unless the content of a file is what was signed.

    required : whether a file without digest is refused, too; files of older formats have none.
    """
    if NAME not in file.attrs:
        if required:
            raise FileError("damaged: its digest is missing")
        return
    if content_digest(file) != file.attrs[NAME]:
        raise FileError("damaged, or changed since it was written: the content does not match its digest")


def content_digest(file: h5py.File) -> str:
    """SHA-256 of the content of a file, as hexadecimal text."""
    digest = hashlib.sha256()
    for text, content in _parts(file):
        digest.update(f"{len(text)}:{text}{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()


def _parts(group: h5py.Group) -> Iterator[tuple[str, Any]]:
    """Everything in a group, in alphabetical order: a line that says what it is, and its bytes."""
    yield from _attributes(group)
    for name in sorted(group):
        item = group[name]
        if isinstance(item, h5py.Group):
            yield f"group {item.name}", b""
            yield from _parts(item)
        elif isinstance(item, h5py.Dataset):
            yield _described(f"dataset {item.name}", item.dtype, item.shape), _bytes(item[()])
            yield from _attributes(item)
        else:
            raise FileError(f"{group.name}/{name} is no group and no dataset")


def _attributes(item: h5py.Group | h5py.Dataset) -> Iterator[tuple[str, Any]]:
    for name in sorted(item.attrs):
        if name != NAME and name not in SCALES:
            value, kind = item.attrs[name], item.attrs.get_id(name)
            yield _described(f"attribute {item.name} {name}", kind.dtype, kind.shape), _bytes(value)


def _described(what: str, dtype: np.dtype, shape: tuple[int, ...] | None) -> str:
    kind = "text" if dtype.hasobject else dtype.str
    return f"{what} {kind} {shape}"


def _bytes(value: Any) -> Any:
    """The value of a dataset or attribute as bytes; texts with the length of each; nothing for an empty one."""
    if isinstance(value, h5py.Empty):
        return b""
    array = np.ascontiguousarray(value)
    if array.dtype.kind not in "OSU":
        return array.reshape(-1).view(np.uint8).data
    texts = [text if isinstance(text, bytes) else str(text).encode("utf-8", "surrogateescape") for text in array.flat]
    return b"".join(b"%d:%s" % (len(text), text) for text in texts)
