"""results.h5: exact round trip, clear sentences for whatever is not one."""

from dataclasses import replace

import h5py
import numpy as np
import pytest

import sgle
from sgle.errors import FileError


def assert_same(a, b):
    """Equal to the last bit, NaN equal to NaN."""
    if isinstance(a, dict):
        assert list(sorted(a)) == list(sorted(b))
        for key in a:
            assert_same(a[key], b[key])
    elif hasattr(a, "stderr"):
        for part in ("value", "stderr", "effective_samples", "grid", "continuum", "degrees"):
            assert_same(getattr(a, part), getattr(b, part))
    elif a is None or isinstance(a, str | bool):
        assert a == b
    else:
        np.testing.assert_array_equal(a, b)
        assert np.asarray(a).dtype == np.asarray(b).dtype


def test_round_trip_is_exact(result, tmp_path):
    path = tmp_path / "results.h5"
    given = replace(result, warnings=("one", "two"), recipe="units = 'natural'\n" * 10_000)
    given.save(path)
    found = sgle.load(path)
    for name in (
        "settings",
        "versions",
        "estimates",
        "series",
        "frequency",
        "band_edges",
        "ledger_error",
        "exact_error",
    ):
        assert_same(getattr(given, name), getattr(found, name))
    assert found.warnings == ("one", "two") and found.recipe == given.recipe
    assert (found.equilibration, found.interrupted) == (given.equilibration, False)
    assert repr(found.crosscheck) == repr(given.crosscheck)
    for ours, theirs in ((given.junction, found.junction), (given.reference, found.reference)):
        np.testing.assert_array_equal(ours.dynamical_matrix, theirs.dynamical_matrix)
        assert repr(ours) == repr(theirs) and ours.bias == theirs.bias
    assert sgle.landauer.heat_currents(found.junction) == sgle.landauer.heat_currents(given.junction)


def test_every_dataset_says_what_it_is(result, tmp_path):
    path = tmp_path / "results.h5"
    result.save(path)
    silent = []

    def look(name, item):
        if isinstance(item, h5py.Dataset) and not {"units", "description"} <= set(item.attrs):
            silent.append(name)

    with h5py.File(path) as file:
        file.visititems(look)
        assert [scale.keys()[0] if scale.keys() else scale.label for scale in file["series/heat_current"].dims] == [
            "chunk",
            "trajectory",
            "bath",
        ]
        assert file.attrs["verdict"] == "passed"
    assert not silent


def test_saving_twice_leaves_one_whole_file(result, tmp_path):
    path = tmp_path / "results.h5"
    for _ in range(2):
        result.save(path)
    assert [item.name for item in tmp_path.iterdir()] == ["results.h5"]


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.999])
def test_truncated_files_are_refused(result, tmp_path, kept):
    path = tmp_path / "results.h5"
    result.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(FileError, match=r"results\.h5"):
        sgle.load(path)


def test_foreign_files_are_refused(result, tmp_path):
    text, other, missing = tmp_path / "text.h5", tmp_path / "other.h5", tmp_path / "missing.h5"
    text.write_text("not HDF5 at all")
    with h5py.File(other, "w") as file:
        file["x"] = 1.0
    for path in (text, other, missing, tmp_path):
        with pytest.raises(FileError, match=path.name):
            sgle.load(path)


def test_newer_and_maimed_files_are_refused(result, tmp_path):
    path = tmp_path / "results.h5"
    result.save(path)
    with h5py.File(path, "a") as file:
        del file["estimates/kinetic_energy/value"]
    with pytest.raises(FileError, match="damaged"):
        sgle.load(path)
    with h5py.File(path, "a") as file:
        file.attrs["version"] = 99
    with pytest.raises(FileError, match="newer"):
        sgle.load(path)


def test_places_where_nothing_can_be_written(result, tmp_path):
    with pytest.raises(FileError, match="cannot be written"):
        result.save(tmp_path / "no" / "folder" / "results.h5")
