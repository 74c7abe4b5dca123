"""kill -9 at random moments, and going on: the run of benchmarks.faults_run, in fresh processes."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.faults_lab import Process, Row, kill, scratch

SECONDS = 1.5  # a kill comes within so long after the sampling has begun
EARLY = 0.15  # of the kills come before that, while everything is imported


def start(folder: Path, *more: object) -> Process:
    """The run, or what is left of it, in a fresh process."""
    return Process("-m", "benchmarks.faults_run", folder, *more)


def whole() -> tuple[str, float]:
    """Checksum of the run without a fault, and how long it took."""
    with scratch() as folder:
        begin = time.monotonic()
        out = start(folder / "run").end().out
        return out.split()[-1], time.monotonic() - begin


def finished(folder: Path) -> dict[str, bytes]:
    """The batches that are done."""
    return {path.name: path.read_bytes() for path in folder.glob("*.done")}


def chains(row: Row, kills: int, right: str, rng, arguments: tuple, moment: Callable, victims: Callable) -> None:
    """Runs that are killed and resumed until they come through, until there were so many kills.

    Every second time at once, while orphaned workers may still be about.
    """
    while row.times < kills:
        with scratch() as place:
            folder, kept, before = place / "run", {}, None
            while True:
                process = start(folder, *arguments)
                moment(process, folder, rng)
                hit = row.times < kills and process.alive() and [kill(pid) for pid in victims(process)]
                process.popen.wait(120)
                if before is not None:
                    row.expect(not before.end().left, "processes left")
                    before = None
                if hit and row.times % 2:
                    before, row.times = process, row.times + 1
                    continue
                ended = process.end()
                row.expect(not ended.left, f"{ended.left} processes left")
                there = finished(folder)
                row.expect(all(there.get(name) == content for name, content in kept.items()), "a batch is lost")
                kept = there
                if not (hit and ended.status < 0):
                    break
                row.times += 1
            row.expect(ended.status == 0, f"status {ended.status}: {ended.err}")
            row.expect(ended.out.split()[-1:] == [right], f"other numbers: {ended.out}")
            row.expect(not any(folder.glob(".*")), "something half written is left")


def at_random(process: Process, folder: Path, rng) -> None:
    """Some time after the sampling begins, or before."""
    if rng.random() < EARLY:
        time.sleep(rng.uniform(0.0, 1.0))
        return
    process.until(lambda: "sampling" in process.said()[0])
    time.sleep(rng.uniform(0.0, SECONDS))


def while_writing(process: Process, folder: Path, rng) -> None:
    """As soon as a half-written file is seen, after some others."""
    if process.until(lambda: any(folder.glob("batch-*"))):
        time.sleep(rng.uniform(0.0, 0.3))
    process.until(lambda: any(folder.glob(".batch-*.part")), pause=0.0)


def with_workers(process: Process, folder: Path, rng) -> None:
    """Some time after the workers have begun to work."""
    process.until(lambda: any(folder.glob("batch-*")))
    time.sleep(rng.uniform(0.0, SECONDS / 2))


def parent(process: Process) -> list[int]:
    return [process.popen.pid]


def one_worker_lost(row: Row, kills: int, right: str, rng, arguments: tuple, pids: Callable) -> None:
    """The run goes on by itself, twice hit if it lasts long enough."""
    while row.times < kills:
        with scratch() as place:
            process = start(place / "run", *arguments)
            process.until(lambda process=process: "sampling" in process.said()[0])
            for _ in range(2):
                before = len(list((place / "run").glob("*.done")))
                process.until(lambda before=before, place=place: _later(place / "run", before))
                time.sleep(rng.uniform(0.0, 0.4))
                there = pids(process)
                if there and process.alive() and row.times < kills:
                    row.times += kill(int(rng.choice(there)))
            ended = process.end()
            row.expect(ended.status == 0, f"status {ended.status}: {ended.err}")
            row.expect(ended.out.split()[-1:] == [right], f"other numbers: {ended.out}")
            row.expect(not ended.left, f"{ended.left} processes left")


def _later(folder: Path, before: int) -> bool:
    """Whether something was kept, and one batch more than before if there were any."""
    return len(list(folder.glob("*.done"))) > before or (not before and any(folder.glob("batch-*")))


def dask_workers_lost(row: Row, kills: int, right: str, rng) -> None:
    """A cluster of three workers, one of which is killed now and then."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        row.note = "distributed is not installed"
        return
    import logging
    import os

    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
        ) as cluster,
        Client(cluster) as client,
    ):
        one_worker_lost(
            row,
            kills,
            right,
            rng,
            ("--dask", cluster.scheduler_address),
            lambda _: list(client.run(os.getpid, on_error="ignore").values()),
        )


def rows(kills: int, seed: int = 1):
    """All of it, one row after another; `kills` in all."""
    right, seconds = whole()
    rng = np.random.default_rng(seed)
    shares = np.round(np.cumsum([0, 0.3, 0.2, 0.1, 0.15, 0.15, 0.1]) * kills).astype(int)
    counts = iter(np.diff(shares).tolist())
    same = "same bits as without a fault, no finished batch touched, no process left"
    for what, arguments, moment, victims in (
        ("kill -9, one process", (), at_random, parent),
        ("kill -9, parent of two workers", ("--workers", 2), at_random, parent),
        ("kill -9, parent and all workers", ("--workers", 2), with_workers, Process.everybody),
        ("kill -9 while a checkpoint is being written", ("--always",), while_writing, parent),
    ):
        row = Row(what, f"--resume until it comes through: {same}")
        chains(row, next(counts), right, rng, arguments, moment, victims)
        yield row
    row = Row("kill -9, one of two workers", f"the run goes on by itself: {same}")
    one_worker_lost(row, next(counts), right, rng, ("--workers", 2), Process.workers)
    yield row
    row = Row(
        "kill -9, a worker of a dask cluster", f"the run goes on by itself: {same}", note=f"run of {seconds:.1f} s"
    )
    dask_workers_lost(row, next(counts), right, rng)
    yield row
