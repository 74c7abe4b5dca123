"""Runs that are cut, killed, damaged and resumed: the same numbers bit for bit, or a clear refusal."""

import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from error_bars import SEED
from resume_toys import Press, run, same

from sgle.analysis.engine import batch_files, identity, work_folder
from sgle.analysis.engine.batch_files import CheckpointWarning
from sgle.analysis.engine.identity import ChangedRunError
from sgle.analysis.engine.work_folder import ResumeWarning
from sgle.errors import FileError, SgleWarning
from sgle.files.lock import LockedError, locked

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def whole():
    """The run without any interruption, in this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SgleWarning)
        return run()


@pytest.fixture(autouse=True)
def checkpoints_after_every_block(monkeypatch):
    """However long they take."""
    monkeypatch.setattr(batch_files, "SHARE", 0.0)


def resumed(folder, **changes):
    """The run, resumed; what is doubtful about so small a one does not matter here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=SgleWarning, message=".*prove anything|.*transient")
        return run(folder=folder, resume=True, **changes)


def cut(folder, blocks, **changes):
    """The run, until Ctrl-C in the so manieth block."""
    Press.left = blocks
    try:
        return resumed(folder, **changes)
    except KeyboardInterrupt:
        return None
    finally:
        Press.left = None


def test_cut_into_many_pieces(tmp_path, whole):
    """Ctrl-C after some blocks: in the burn-in, behind it, in another batch, soon after a resume."""
    for blocks in (1, 9, 2, 12, 3):
        cut(tmp_path, blocks)
    same(resumed(tmp_path), whole)
    assert sorted(path.name for path in tmp_path.glob("batch*")) == [f"batch-{k:05d}.done" for k in range(3)]


def test_a_cut_run_from_a_stationary_start(tmp_path):
    reference = resumed(tmp_path / "whole", start="stationary")
    cut(tmp_path / "cut", 9, start="stationary")
    same(resumed(tmp_path / "cut", start="stationary"), reference)


def test_a_finished_run_is_read_not_repeated(tmp_path, whole):
    same(resumed(tmp_path), whole)
    Press.left = 1  # would press Ctrl-C at the first block
    try:
        same(resumed(tmp_path), whole)
    finally:
        Press.left = None


def program(folder, workers):
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}:{HERE}"}
    code = f"import resume_toys; resume_toys.run(folder={str(folder)!r}, workers={workers}, resume=True)"
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def kill_when(process, condition):
    """kill -9 as soon as something is seen; whether the process still ran."""
    deadline = time.monotonic() + 60
    while process.poll() is None and not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.kill()
    process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_at_any_moment(tmp_path, whole, workers):
    """While a checkpoint is being written, and between two batches."""
    patterns = (".batch-*.part", "batch-*.done")[: 3 - workers]
    killed = [kill_when(program(tmp_path, workers), lambda p=p: any(tmp_path.glob(p))) for p in patterns]
    assert any(killed)
    same(resumed(tmp_path), whole)
    assert not any(tmp_path.glob(".*"))


def told(action):
    """What an action returns, and what it says about checkpoints."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = action()
    return found, [str(each.message) for each in caught if issubclass(each.category, CheckpointWarning)]


def test_damaged_checkpoints_are_told_and_not_used(tmp_path, whole):
    """The last one: the one before is taken; both: the batch starts again; a finished batch: run again.

    That every kind of damage is noticed in every file: tests/integrators/test_checkpoint.py.
    """

    def spoil(path, damage):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 16
        spoiled = {"truncated": content[: len(content) // 3], "flipped": content, "foreign": b"something else" * 100}
        path.write_bytes(spoiled[damage])

    cut(tmp_path, 24)
    (now,), (before,) = tmp_path.glob("*.now"), tmp_path.glob("*.before")
    spoil(now, "truncated")
    _, said = told(lambda: cut(tmp_path, 2))
    assert len(said) == 1 and ".now: " in said[0] and said[0].endswith("; trying the one before")
    spoil(now, "flipped")
    spoil(before, "foreign")
    _, said = told(lambda: cut(tmp_path, 2))
    assert len(said) == 2 and ".before: " in said[1] and said[1].endswith("; the batch starts again at step 0")
    spoil(next(tmp_path.glob("*.done")), "flipped")
    found, said = told(lambda: resumed(tmp_path))
    assert len(said) == 1 and ".done: " in said[0] and "the batch is run again" in said[0]
    same(found, whole)


def test_another_run_is_not_resumed(tmp_path, whole):
    cut(tmp_path, 24)
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for change, key in (
        ({"seed": 6}, "seed: 5 -> 6"),
        ({"batch": 3}, "batch: 2 -> 3"),
        ({"memory": "local"}, "memory"),
    ):
        with pytest.raises(ChangedRunError, match=key) as caught:
            resumed(tmp_path, **change)
        assert any(line.startswith(key) for line in caught.value.differences)
    with pytest.raises(FileError, match="unfinished run"):
        run(folder=tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept
    same(resumed(tmp_path), whole)


def test_checkpoints_of_another_run_are_not_used(tmp_path, whole):
    """Even if somebody copies them into the folder."""
    cut(tmp_path / "other", 24, seed=6)
    cut(tmp_path / "mine", 24)
    for path in (tmp_path / "other").glob("batch*"):
        path.replace(tmp_path / "mine" / path.name)
    with pytest.warns(CheckpointWarning, match="belongs to another run"):
        same(resumed(tmp_path / "mine"), whole)


def test_a_damaged_identity_leaves_the_batches_to_their_own(tmp_path, whole):
    cut(tmp_path, 24)
    (tmp_path / work_folder.IDENTITY).write_bytes(b"")
    with pytest.warns(CheckpointWarning, match="every batch is checked by itself"):
        found = resumed(tmp_path)
    same(found, whole)
    assert any("identity: truncated" in text for text in found.warnings)


def test_other_versions_go_on_with_a_warning_that_is_kept(tmp_path, whole, monkeypatch):
    cut(tmp_path, 24)
    monkeypatch.setattr(identity, "version", lambda name: "0.0.1")
    with pytest.warns(ResumeWarning, match=r"numpy: .* -> 0\.0\.1.*: the run goes on, but not bit for bit"):
        found = resumed(tmp_path)
    assert any("not bit for bit" in text for text in found.warnings)
    same(found, whole)


def test_two_runs_in_one_folder(tmp_path):
    with locked(tmp_path), pytest.raises(LockedError, match=f"in use by process {os.getpid()} on ") as caught:
        run(folder=tmp_path)
    assert str(os.getpid()) in caught.value.holder
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_checkpoints_does_not_stop_the_run(tmp_path, whole, monkeypatch):
    """A full disk for every file of a batch: said once a batch, and the numbers are all there."""
    from sgle.integrators import checkpoint

    def full(path, value):
        if "batch" in path.name:
            raise FileError(f"{path}: cannot be written: No space left on device")
        write(path, value)

    write = checkpoint.write
    monkeypatch.setattr(checkpoint, "write", full)
    found, refused = told(lambda: resumed(tmp_path))
    same(found, whole)
    assert len(refused) == 3 and all("No space left" in text for text in refused)


def test_the_clock_on_the_wall_is_not_looked_at(tmp_path, whole, monkeypatch):
    """Hours back and forth between any two looks, and files from the future."""
    rng = np.random.default_rng(SEED)
    monkeypatch.setattr(time, "time", lambda: rng.uniform(0, 4e9))
    cut(tmp_path, 24)
    for path in tmp_path.iterdir():
        os.utime(path, (4e9, 4e9))
    same(resumed(tmp_path), whole)
