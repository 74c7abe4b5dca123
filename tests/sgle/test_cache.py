"""The cache gives back what was computed, exactly, whatever happens to its files and however many ask at once."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sgle.errors import InputError
from sgle.files import cache
from sgle.files.cache import cached

INPUTS = {"gap": 12.68, "atoms": 3, "mesh": (24, 24), "bases": True, "note": None, "positions": np.arange(6.0)}
RESULT = {"matrix": np.array([[1 / 3, 1e-300], [np.pi, -0.0]]), "wave": np.array([1 + 2j]), "file": np.array(7)}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SGLE_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


class Counted:
    """A computation that counts how often it is made."""

    def __init__(self, result=RESULT):
        self.result, self.calls = result, 0

    def __call__(self):
        self.calls += 1
        return self.result


def assert_same(found, wanted=RESULT):
    assert set(found) == set(wanted)
    for name, value in wanted.items():
        assert found[name].dtype == value.dtype and found[name].tobytes() == value.tobytes()
        assert found[name].shape == value.shape


def test_second_time_comes_from_disk_bit_for_bit(folder):
    compute = Counted()
    assert_same(cached("toy", INPUTS, compute))
    assert_same(cached("toy", dict(reversed(INPUTS.items())), compute))
    assert compute.calls == 1
    assert [path.suffix for path in folder.iterdir()] == [".npz"]


def test_first_and_second_answer_have_the_same_types(folder):
    first, second = (cached("toy", {}, lambda: {"number": 1.5, "list": [1, 2]}) for _ in range(2))
    assert_same(second, first)


CHANGES = [
    {"gap": np.nextafter(12.68, 13)},
    {"atoms": 4},
    {"bases": False},
    {"bases": 1},
    {"note": "None"},
    {"mesh": (24, 25)},
    {"mesh": ((24,), 24)},
    {"positions": np.arange(6.0) + 1e-15},
    {"positions": np.arange(6.0).reshape(2, 3)},
    {"positions": np.arange(6)},
    {"more": 0},
    {"temperatures": {"L": 1.0, "R": 2.0}},
]


@pytest.mark.parametrize("change", CHANGES)
def test_other_inputs_are_computed_anew(folder, change):
    compute = Counted()
    cached("toy", INPUTS, compute)
    cached("toy", INPUTS | change, compute)
    assert compute.calls == 2


def test_names_do_not_mix_and_equal_numbers_are_equal(folder):
    compute = Counted()
    cached("toy", {"x": 1, "y": [0.5]}, compute)
    cached("toy", {"x": np.float64(1.0), "y": (np.float64(0.5),)}, compute)
    assert compute.calls == 1
    cached("other", {"x": 1, "y": [0.5]}, compute)
    assert compute.calls == 2


def test_changed_source_is_computed_anew(folder, monkeypatch):
    compute = Counted()
    cached("toy", INPUTS, compute)
    monkeypatch.setattr(cache, "_source", lambda root: "another checksum")
    cached("toy", INPUTS, compute)
    assert compute.calls == 2


def test_source_checksum_covers_every_file_of_the_packages(tmp_path):
    modules = [name for name in cache.SOURCES if name.endswith(".py")]
    for name in (*modules, "leads/__init__.py", "electronic/window.py", "models/gold/phonons.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a = 1")
    found = [cache._source.__wrapped__(tmp_path)]
    (tmp_path / "models" / "gold" / "phonons.py").write_text("a = 2")
    found.append(cache._source.__wrapped__(tmp_path))
    (tmp_path / "models" / "gold" / "phonons.py").rename(tmp_path / "models" / "gold" / "other.py")
    found.append(cache._source.__wrapped__(tmp_path))
    assert len(set(found)) == 3
    assert cache._source.__wrapped__(tmp_path) == found[-1]


@pytest.mark.parametrize("damage", [b"", b"not a zip file", "truncated", "flipped", "exchanged"])
def test_damaged_files_are_computed_again_and_replaced(folder, damage):
    compute = Counted()
    cached("toy", INPUTS, compute)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    if damage == "exchanged":
        cached("toy", {"other": 1}, lambda: {"matrix": np.zeros(3)})
        (other,) = set(folder.iterdir()) - {path}
        damage = other.read_bytes()
    elif damage == "flipped":
        place = whole.index(RESULT["matrix"].tobytes())
        damage = whole[:place] + b"X" + whole[place + 1 :]
    path.write_bytes(whole[: len(whole) // 2] if damage == "truncated" else damage)
    assert_same(cached("toy", INPUTS, compute))
    assert compute.calls == 2
    assert_same(cached("toy", INPUTS, compute))
    assert compute.calls == 2


def test_pickles_are_never_read(folder):
    cached("toy", INPUTS, Counted())
    (path,) = folder.iterdir()
    np.savez(path, key=np.array([{"evil": 1}], dtype=object))
    compute = Counted()
    assert_same(cached("toy", INPUTS, compute))
    assert compute.calls == 1


@pytest.mark.parametrize("place", ["/dev/null", "/proc/sgle", "a file"])
def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path, monkeypatch, place):
    if place == "a file":
        place = tmp_path / "file"
        place.write_text("in the way")
    monkeypatch.setenv("SGLE_CACHE", str(place))
    compute = Counted()
    assert_same(cached("toy", INPUTS, compute))
    assert_same(cached("toy", INPUTS, compute))
    assert compute.calls == 2


def test_default_folder_is_below_home(tmp_path, monkeypatch):
    monkeypatch.delenv("SGLE_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    cached("toy", INPUTS, Counted())
    assert len(list((tmp_path / ".cache" / "sgle").iterdir())) == 1


def test_failures_are_not_kept(folder):
    def fails():
        raise RuntimeError("no result")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="no result"):
            cached("toy", INPUTS, fails)
    assert not folder.exists()


def test_what_has_no_checksum_or_no_numbers_is_refused(folder):
    with pytest.raises(InputError, match="type object"):
        cached("toy", {"x": object()}, Counted())
    with pytest.raises(InputError, match="no numbers"):
        cached("toy", {}, lambda: {"x": np.array([object()])})


RACE = """
import sys, time
import numpy as np
from sgle.files.cache import cached
while time.time() < float(sys.argv[1]):
    pass
for round in range(20):
    made = lambda: {"a": np.full(50_000, float(round)), "b": np.array(round)}
    found = cached("race", {"round": round}, made)
    assert found["a"].shape == (50_000,) and np.all(found["a"] == round) and found["b"] == round
print("whole")
"""


def test_processes_started_at_once_all_see_whole_results(folder):
    start = str(time.time() + 1.0)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", RACE, start]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) for _ in range(4)]
    finished = [process.communicate(timeout=60) for process in running]
    assert [(out, err) for out, err in finished] == [("whole\n", "")] * 4
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 20 and all(name.startswith("race-") for name in names)
