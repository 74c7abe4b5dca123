"""Pieces of work by real processes: in order, whoever does them, and whoever dies meanwhile."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from ensemble_toys import DieOnce, DieSpeaking, die, fail, square

from sgle.integrators.ensemble import DEATHS, Dask, Processes, WorkerError, in_order

ROOT = Path(__file__).parents[2]
TOYS = {**os.environ, "PYTHONPATH": f"{ROOT}:{Path(__file__).parent}"}


@contextmanager
def processes(workers):
    force = Processes(workers)
    try:
        yield force
    finally:
        force.close(at_once=False)


def test_results_come_in_order_from_processes_with_one_thread(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    with processes(2) as force:
        found = list(in_order(force, square, range(6)))
    assert [(index, value) for index, (value, _, _) in found] == [(k, k * k) for k in range(6)]
    assert {threads for _, (_, threads, _) in found} == {"1"}
    assert os.getpid() not in {pid for _, (_, _, pid) in found}
    assert os.environ["OPENBLAS_NUM_THREADS"] == "7"


def test_the_first_failure_in_order_ends_it_after_the_results_before_it():
    found = []
    with processes(3) as force, pytest.raises(ValueError, match="piece 2"):
        for index, _ in in_order(force, fail, range(8)):
            found.append(index)
    assert found == [0, 1]


@pytest.mark.parametrize("work", [DieOnce, DieSpeaking])
def test_work_of_a_killed_worker_is_done_by_another(tmp_path, work):
    with processes(2) as force:
        assert list(in_order(force, work(str(tmp_path)), range(4))) == [(k, k) for k in range(4)]
    assert (tmp_path / "died").exists()


def test_letting_go_at_once_leaves_nobody():
    force = Processes(2)
    fresh = in_order(force, square, range(40))
    assert next(fresh)[0] == 0
    force.close(at_once=True)
    assert not multiprocessing.active_children()
    fresh.close()


def test_a_daemonic_process_is_told_that_it_cannot_have_workers(monkeypatch):
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)
    with pytest.raises(WorkerError, match="workers=1"):
        Processes(2)


def test_a_script_without_guard_ends_and_says_what_to_do(tmp_path):
    """Its workers run it again as they read it; none of them starts workers of its own."""
    (tmp_path / "script.py").write_text(
        "from ensemble_toys import square\nfrom sgle.integrators.ensemble import Processes, in_order\n"
        "list(in_order(Processes(1), square, [5]))"
    )
    done = subprocess.run(
        [sys.executable, tmp_path / "script.py"], env=TOYS, capture_output=True, text=True, timeout=60
    )
    said = done.stderr.splitlines()
    assert done.returncode == 1 and sum("has to read your script" in line for line in said) == DEATHS
    assert "WorkerError" in said[-1] and all('`if __name__ == "__main__":`' in line for line in (said[0], said[-1]))


def test_workers_that_die_again_and_again_are_given_up():
    with processes(1) as force, pytest.raises(WorkerError, match="memory") as caught:
        list(in_order(force, die, range(2, -1, -1)))
    assert caught.value.deaths == DEATHS and caught.value.batch == 1


def test_stopping_gives_out_nothing_more():
    seen = []
    with processes(1) as force:
        for index, _ in in_order(force, square, range(100), stopped=lambda: bool(seen)):
            seen.append(index)
    assert seen == list(range(len(seen))) and len(seen) < 6


def test_workers_follow_their_parent_into_death():
    code = (
        "from ensemble_toys import wait_long\nfrom sgle.integrators.ensemble import Processes, in_order\n"
        "if __name__ == '__main__': list(in_order(Processes(1), wait_long, [0]))"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, env=TOYS, stdout=subprocess.PIPE, text=True) as parent:
        worker = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        deadline = time.monotonic() + 20
        while Path(f"/proc/{worker}").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
    assert not Path(f"/proc/{worker}").exists()


def test_a_scheduler_that_is_not_there():
    pytest.importorskip("distributed")
    from sgle.errors import InputError

    with pytest.raises(InputError, match="no scheduler"):
        Dask("nowhere://1")
