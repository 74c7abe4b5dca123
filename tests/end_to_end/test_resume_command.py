"""`sgle run ... --resume`: after Ctrl-C, after kill -9, on disks that refuse, and in folders of others."""

import os
import signal
import socket
import sys
import time
import warnings
from contextlib import redirect_stderr, redirect_stdout

import pytest
from end_to_end.command import FAST, Finished, sgle, start

import sgle as library
from sgle.cli import main
from sgle.cli.output import lasting
from sgle.files.lock import locked
from sgle.recipe import Recipe

# A batch takes about a tenth of a second.
LONG = FAST.replace("trajectories = 64", "trajectories = 320\nbatch = 32\nseed = 3")


def same(found, whole):
    assert found.series["kinetic_energy"].tobytes() == whole.series["kinetic_energy"].tobytes()
    assert found.spectra.value.tobytes() == whole.spectra.value.tobytes()
    assert not found.interrupted


def stopped(cwd, batches, how, *arguments):
    """Begin the run or go on with it, and stop it once so many batches are done; status and what it said."""
    (cwd / "long.toml").write_text(LONG)
    process = start("run", "long.toml", *arguments, cwd=cwd)
    deadline = time.monotonic() + 60
    while len(list(cwd.glob("long-run/work/*.done"))) < batches:
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.01)
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in out + err
    return process.returncode, err


@pytest.fixture
def here(tmp_path, capsys, monkeypatch):
    """`sgle run` in this process, which is quicker: status, and what it printed."""

    def execute(*arguments):
        monkeypatch.chdir(tmp_path)
        with warnings.catch_warnings():  # the command shows them in its own way
            warnings.simplefilter("default")
            status = main(["run", *arguments])
        return Finished(status, *capsys.readouterr())

    return execute


@pytest.fixture
def refused(here):
    """What a run says that is refused as the user's mistake."""

    def refuse(*arguments):
        done = here("long.toml", *arguments)
        assert done.status == 2
        return done.err

    return refuse


def test_folders_that_hold_no_run_are_not_resumed(tmp_path, refused):
    (tmp_path / "long.toml").write_text(LONG)
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "report.html").write_text("mine")
    assert "thesis: exists and is not empty" in refused("--resume", "-o", "thesis")
    assert "choose one of them" in refused("--resume", "--overwrite")
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["report.html"]


def test_output_that_nobody_reads_stops_nothing():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", buffering=1) as stream, redirect_stdout(stream), redirect_stderr(stream), lasting():
        print("nobody reads this")
        print("nor this", file=sys.stderr, flush=True)


def test_killed_then_interrupted_then_finished_then_once_more(tmp_path, here, refused):
    """kill -9, Ctrl-C with two workers, and to the end: the numbers of a run without interruption."""
    assert stopped(tmp_path, 2, signal.SIGKILL)[0] == -signal.SIGKILL
    folder = tmp_path / "long-run"
    with locked(folder):
        assert refused("--resume") == f"sgle: error: long-run: in use by {me()}\n"
    unasked = refused()
    assert "--resume" in unasked and "--overwrite" in unasked
    assert "sgle: error:   run.seed: 3 -> 4" in refused("--resume", "--set", "run.seed=4").splitlines()
    status, err = stopped(tmp_path, 4, signal.SIGINT, "--resume", "--workers", "2")
    assert status == 130 and "--resume goes on" in err
    assert library.load(folder / "results.h5").interrupted
    done = here("long.toml", "--resume")
    assert done.status == 0, done.err
    same(library.load(folder / "results.h5"), whole(tmp_path))
    assert not (folder / "work").exists()
    before = (folder / "results.h5").read_bytes()
    (folder / "report.html").unlink()
    again = here("long.toml", "--resume")
    assert again.status == 0 and "finished already" in again.out
    assert (folder / "results.h5").read_bytes() == before and (folder / "report.html").exists()


def whole(folder):
    """The run without interruption, in this process."""
    recipe = Recipe.load(folder / "long.toml")
    return library.simulate(recipe.junction(), **recipe.settings, progress=False)


def me():
    return f"process {os.getpid()} on {socket.gethostname()}"


def test_a_sweep_goes_on_point_by_point(tmp_path, here):
    text = LONG + '[sweep]\n"baths.L.temperature" = [0.5, 1.0]\n'
    (tmp_path / "fast.toml").write_text(text.replace("trajectories = 320", "trajectories = 96"))
    process = start("run", "fast.toml", "-o", "out", cwd=tmp_path)
    first, second = (tmp_path / "out" / f"baths.L.temperature={value}" for value in ("0.5", "1"))
    while not any(second.glob("work/*.done")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.kill()
    process.communicate()
    kept = (first / "results.h5").stat().st_mtime_ns
    again = here("fast.toml", "-o", "out", "--resume")
    assert again.status in (0, 1) and again.out.count("finished already") == 1
    assert (first / "results.h5").stat().st_mtime_ns == kept
    assert not library.load(second / "results.h5").interrupted and (tmp_path / "out" / "sweep.csv").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_became_read_only(tmp_path, refused):
    stopped(tmp_path, 1, signal.SIGKILL)
    folder = tmp_path / "long-run"
    folder.chmod(0o555)
    try:
        assert "cannot be written: Permission denied" in refused("--resume")
    finally:
        folder.chmod(0o755)


@pytest.mark.parametrize("wrong", [("--workers", "0"), ("--workers", "two"), ("--target-error", "2")])
def test_options_that_cannot_be_meant(tmp_path, wrong):
    (tmp_path / "fast.toml").write_text(FAST)
    (line,) = sgle("run", "fast.toml", *wrong, cwd=tmp_path).err.splitlines()
    assert line.startswith("sgle: error: ") and wrong[0] in line
