"""results.h5: exact round trip, clear sentences for whatever is not one."""

import warnings
from dataclasses import replace

import h5py
import numpy as np
import pytest
from analysis_toys import small_junction, small_run
from error_bars import SEED

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


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Bytes of the file of a very small run, and what is in it."""
    path = tmp_path_factory.mktemp("small") / "results.h5"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = small_run(small_junction(), steps=64, trajectories=4, spectrum_segment=16)
    given.save(path)
    return path.read_bytes(), everything(sgle.load(path))


def everything(result):
    """All numbers and texts of a result, as one text."""
    numbers = [{name: vars(estimate) for name, estimate in result.estimates.items()}, result.series]
    plain = [result.settings, result.versions, result.crosscheck, result.equilibration, result.warnings, result.recipe]
    rest = [result.frequency, result.band_edges, result.ledger_error, result.exact_error, result.interrupted]
    junctions = [(j.dynamical_matrix, [b.spec for b in j.baths.values()]) for j in (result.junction, result.reference)]
    with np.printoptions(floatmode="unique", threshold=10**9):
        return repr([numbers, plain, rest, junctions])


def test_damaged_bytes_never_give_other_numbers(small, tmp_path):
    """Bytes are changed at 60 random places: the file is refused, or nothing that is read has changed."""
    whole, expected = small
    rng, refused, path = np.random.default_rng(SEED), 0, tmp_path / "results.h5"
    for _ in range(60):
        damaged = bytearray(whole)
        damaged[rng.integers(len(whole))] ^= int(rng.choice([1 << int(rng.integers(8)), int(rng.integers(1, 256))]))
        path.write_bytes(damaged)
        try:
            found = sgle.load(path)
        except FileError:
            refused += 1
        else:
            assert everything(found) == expected
    assert refused > 45


@pytest.mark.parametrize("name", ["series/heat_current", "estimates/kinetic_energy/stderr", "junction/baths/L/omega"])
def test_a_changed_number_is_refused(result, tmp_path, name):
    path = tmp_path / "results.h5"
    result.save(path)
    with h5py.File(path, "a") as file:
        file[name][...] = np.nextafter(file[name][()], 1e9)
    with pytest.raises(FileError, match="does not match its digest"):
        sgle.load(path)


def test_files_of_the_format_before_have_no_digest(small, tmp_path):
    path = tmp_path / "results.h5"
    path.write_bytes(small[0])
    with h5py.File(path, "a") as file:
        del file.attrs["sha256_of_content"]
    with pytest.raises(FileError, match="digest is missing"):
        sgle.load(path)
    with h5py.File(path, "a") as file:
        file.attrs["version"] = 1
    assert everything(sgle.load(path)) == small[1]


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
