"""The same numbers, bit for bit, whoever makes them: this process, others, a dask cluster, workers that are killed."""

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

import sgle
from sgle.analysis.engine.board import Board
from sgle.analysis.engine.identity import software
from sgle.analysis.engine.interrupt import Interruptible
from sgle.analysis.engine.job import Job, Never, Task
from sgle.analysis.engine.parts import WorkersWarning, parts
from sgle.analysis.engine.sampling import run_batch
from sgle.analysis.plan import Plan
from sgle.errors import DivergedError, InputError, SgleWarning

sys.path.insert(0, str(Path(__file__).parents[1] / "analysis"))
from analysis_toys import small_junction
from resume_toys import run, same


@pytest.fixture(autouse=True)
def too_short_to_prove_anything():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=SgleWarning, message=".*prove anything|.*transient")
        yield


@pytest.fixture(scope="module")
def alone():
    """The run in this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SgleWarning)
        return run(trajectories=7)


@pytest.fixture(scope="module")
def cluster():
    """A dask cluster of two worker processes on this machine."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made:
        yield made


def test_dask(alone, cluster, tmp_path):
    from distributed import Client

    same(run(trajectories=7, dask=cluster.scheduler_address), alone)
    with Client(cluster) as client:
        pids = client.run(os.getpid).values()
        killer = threading.Thread(target=kill_when, args=(lambda: list(pids), lambda: any(tmp_path.glob("*.now"))))
        killer.start()
        same(run(trajectories=7, dask=client, folder=tmp_path), alone)
        killer.join()
        assert client.status == "running" and set(client.run(os.getpid).values()) != set(pids)


def kill_when(pids, condition):
    """kill -9 the first of some processes, as soon as something is seen."""
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(pids()[0], signal.SIGKILL)


def test_three_workers_of_which_one_is_killed(alone, tmp_path):
    """Two of them are below, where the target ends the run."""

    def pids():
        return [child.pid for child in multiprocessing.active_children()]

    killer = threading.Thread(target=kill_when, args=(pids, lambda: any(tmp_path.glob("*.now"))))
    killer.start()
    same(run(trajectories=7, workers=3, folder=tmp_path), alone)
    killer.join()


def test_more_workers_than_batches_is_told(alone, tmp_path):
    run(trajectories=7, folder=tmp_path)
    with pytest.warns(WorkersWarning, match=r"9 workers for 4 batches: 5 .* nothing to do; .* \(run\.batch\)"):
        same(run(trajectories=7, folder=tmp_path, workers=9, resume=True), alone)


def test_what_cannot_be_sent_is_told_before_anything_runs():
    with pytest.raises(InputError, match="top of a module"):
        run(observers={"x": lambda block: block.velocity}, workers=2)
    with pytest.raises(InputError, match="workers = 0"):
        run(workers=0)


def test_what_a_worker_cannot_read_is_told():
    """Of another version, or with an observer of a notebook."""
    with pytest.raises(InputError, match=r"other software.*: numpy: 0\.1 -> .*; install the same") as caught:
        Task("old", pickle.dumps((software() | {"numpy": "0.1"}, b"")))(0)
    assert len(caught.value.differences) == 1
    with pytest.raises(InputError, match="no notebook"):
        Task("lost", pickle.dumps((software(), b"csgle.errors\nno_such_observer\n.")))(0)


def test_a_board_that_was_cut_short_reads_as_zero(tmp_path):
    board = Board.create(tmp_path / "board", 3)
    board.made(2, 7)
    assert board.read().tolist() == [[0, 0], [0, 0], [7, 0]]
    os.truncate(tmp_path / "board", 11)
    assert not board.read().any() and board.read().shape == (3, 2)
    board.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_diverging_trajectories_end_the_run_by_name(workers):
    """No force field yet that could diverge in a stable junction: an unstable one, past the check that refuses it."""
    junction = sgle.Junction([[-4.0]], {"L": sgle.baths.ohmic(0.2, 4.0, 0.5, [0])})
    grid = sgle.Grid(0.2)
    plan = Plan(0.2, 2560, 0, 10, 0, 9, 3, seed=5, damping=1.0)
    job = Job("token", {"": junction}, grid, plan, {})
    models = {"": grid.model(junction)}
    with pytest.raises(DivergedError, match=r"trajectory [012] ran away") as first, Interruptible() as stop:
        list(parts(job, models, stop, int, workers=workers))
    assert first.value.step > 0 and first.value.dof == 0
    with pytest.raises(DivergedError, match=r"trajectory [678] ran away") as last:
        run_batch(models, plan, 2, {}, Never())
    assert last.value.trajectory in plan.batches[2]


def test_the_target_ends_the_run_after_the_same_batches():
    junction, settings = small_junction(), {"reference": None, "spectrum_segment": 0, "target_error": 0.2}
    from analysis_toys import small_run

    found = [
        small_run(junction, **settings, steps=1000, trajectories=160, batch=8, workers=workers) for workers in (1, 2)
    ]
    same(*found)
    made = found[0].series["kinetic_energy"].shape[1]
    assert 32 <= made < 160 and made % 8 == 0 and not found[0].interrupted
    assert "target error reached" in found[0].settings["target"]
