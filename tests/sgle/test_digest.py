"""The digest of an HDF5 file: any change of what it says is found, how it is laid out does not matter."""

import os

import h5py
import numpy as np
import pytest

from sgle.errors import FileError
from sgle.files.digest import NAME, content_digest, signed, verify


def fill(file, order=1, **options):
    """One of everything, written in one order or the other."""
    steps = [
        lambda: file.create_dataset("numbers", data=np.arange(600.0).reshape(20, 30), **options),
        lambda: file.create_dataset("group/texts", data=np.array(["a", "bc"], dtype=h5py.string_dtype())),
        lambda: file.create_dataset("group/text", data="ångström"),
        lambda: file.create_dataset("empty", data=h5py.Empty("f8")),
        lambda: file.create_dataset("none", data=np.empty((0, 3))),
        lambda: file.create_dataset("complex", data=1 + 2j),
        lambda: file.attrs.update(text="eV", number=1.5, truth=True, list=[1, 2, 3]),
    ]
    for step in steps[::order]:
        step()
    file["group"].attrs["description"] = "a group"


@pytest.fixture
def path(tmp_path):
    with signed(tmp_path / "file.h5") as file:
        fill(file)
    return tmp_path / "file.h5"


def test_a_signed_file_is_verified(path):
    with h5py.File(path) as file:
        verify(file, required=True)
        assert len(file.attrs[NAME]) == 64


def test_layout_and_order_do_not_matter(path, tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        fill(file, -1, compression="gzip", chunks=(5, 7))
        with h5py.File(path) as first:
            assert content_digest(file) == first.attrs[NAME]
        file["numbers"].make_scale("n")
        file["complex"].attrs["DIMENSION_LIST"] = 1.0
        with h5py.File(path) as first:
            assert content_digest(file) == first.attrs[NAME]


CHANGES = {
    "a number": lambda file: file["numbers"].write_direct(
        np.array([[np.nextafter(1.0, 2.0)]]), dest_sel=np.s_[0:1, 1:2]
    ),
    "a text": lambda file: file["group/texts"].__setitem__(1, "bd"),
    "a cut between texts": lambda file: file["group/texts"].__setitem__(slice(None), ["ab", "c"]),
    "an attribute": lambda file: file.attrs.__setitem__("number", 1.25),
    "an attribute's type": lambda file: file.attrs.__setitem__("number", np.float32(1.5)),
    "an attribute's name": lambda file: h5py.h5a.rename(file["group"].id, b"description", b"descriptiom"),
    "a shape": lambda file: [file.pop("none"), file.create_dataset("none", data=np.empty((3, 0)))],
    "something more": lambda file: file.create_group("more"),
    "something less": lambda file: file.pop("complex"),
    "a name": lambda file: file.move("complex", "complez"),
    "the digest": lambda file: file.attrs.__setitem__(NAME, "0" * 64),
    "a foreign link": lambda file: file.__setitem__("link", h5py.ExternalLink("nowhere.h5", "/x")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_found(path, change):
    with h5py.File(path, "r+") as file:
        CHANGES[change](file)
        with pytest.raises((FileError, KeyError)):
            verify(file, required=False)


def test_a_missing_digest(path):
    with h5py.File(path, "r+") as file:
        del file.attrs[NAME]
        verify(file, required=False)
        with pytest.raises(FileError, match="digest is missing"):
            verify(file, required=True)


def test_nothing_is_left_of_a_failed_write(tmp_path):
    with pytest.raises(RuntimeError), signed(tmp_path / "file.h5") as file:
        fill(file)
        raise RuntimeError
    assert os.listdir(tmp_path) == []
