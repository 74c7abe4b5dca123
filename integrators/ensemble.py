"""Ensembles: numbered pieces of work done by processes of this machine or by a dask cluster, results in order.

Which worker does what changes nothing in the results. A worker that dies takes no piece of work with it: that is given
out again, and goes on from its own checkpoint if it has one.
"""

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from typing import Any, Protocol

from sgle.errors import InputError, SgleError

POLL = 0.1  # seconds between two looks at progress and Ctrl-C
DEATHS = 3  # of workers, without any progress in between, before giving up
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerError(SgleError):
    """Workers that die again and again, or cannot be reached."""


class Workforce(Protocol):
    """Those who work."""

    def places(self) -> int:
        """How many pieces of work are useful to have given out at a time."""

    def submit(self, work: Callable[..., Any], index: int) -> "Future[Any]":
        """Give out a piece of work."""

    def renew(self) -> None:
        """Replace workers that have died; raises WorkerError if that is beyond our power."""

    def close(self, at_once: bool) -> None:
        """Let the workers go, at the end of what they do or at once."""


class Processes:
    """Fresh processes of this machine (spawned), with one thread each for linear algebra. They die with this one.

    Ctrl-C is for this process alone: the workers ignore it.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._before = {name: os.environ.get(name) for name in THREADS}
        os.environ.update(dict.fromkeys(THREADS, "1"))  # inherited by the workers, before they load numpy
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.workers, get_context("spawn"), initializer=_begin)

    def places(self) -> int:
        """Two for each: one under way, one to go on with."""
        return 2 * self.workers

    def submit(self, work: Callable[..., Any], index: int) -> "Future[Any]":
        """Give out a piece of work; a pool that is broken says so by the future."""
        try:
            return self._pool.submit(work, index)
        except BrokenExecutor as error:
            broken: Future[Any] = Future()
            broken.set_exception(error)
            return broken

    def renew(self) -> None:
        """A new pool: one that has lost a worker is of no more use."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._start()

    def close(self, at_once: bool) -> None:
        """Wait for the workers, or end them."""
        running = list((getattr(self._pool, "_processes", None) or {}).values()) if at_once else []
        self._pool.shutdown(wait=not at_once, cancel_futures=True)
        for process in running:
            process.terminate()
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _begin() -> None:
    """First thing in a worker: leave Ctrl-C to the parent, follow it into death, warn in one line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.showwarning = _warn  # type: ignore[assignment]
    threading.Thread(target=_follow, daemon=True).start()


def _warn(message: Warning | str, *_: object) -> None:
    print(f"sgle: warning: {' '.join(str(message).split())}", file=sys.stderr, flush=True)


def _follow() -> None:
    parent = parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


class Dask:
    """Workers of a dask.distributed cluster.

    cluster : the address of its scheduler, or a distributed.Client, which stays open. One thread to a worker is best.
    Raises : InputError if distributed is not installed or the scheduler does not answer.
    """

    def __init__(self, cluster: Any) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise InputError("dask: this needs the library distributed: pip install 'sgle[dask]'") from error
        self._own = not isinstance(cluster, Client)
        try:
            self.client = Client(cluster, set_as_default=False, timeout=20) if self._own else cluster
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"dask: no scheduler answers at {cluster!r}: {error}", address=str(cluster)) from error
        self._pool = self.client.get_executor(pure=False, retries=0)

    def places(self) -> int:
        """Two for each thread of the cluster as it is now, which may grow."""
        return 2 * max(1, sum(self.client.ncores().values()))

    def submit(self, work: Callable[..., Any], index: int) -> "Future[Any]":
        """Give out a piece of work."""
        future: Future[Any] = self._pool.submit(work, index)
        return future

    def renew(self) -> None:
        """The scheduler replaces workers and gives their work out again by itself, until it gives up."""
        raise WorkerError(
            "dask gave up: the workers that took on the same batch died one after another, or the scheduler is gone. "
            "Most likely they had too little memory: take a smaller run.batch, or workers with more"
        )

    def close(self, at_once: bool) -> None:
        """Take back what is not under way; leave a client of the user alone."""
        self._pool.shutdown(wait=not at_once)
        if self._own:
            self.client.close()


def in_order(
    force: Workforce,
    work: Callable[..., Any],
    indices: Sequence[int],
    *,
    stopped: Callable[[], bool] = lambda: False,
    watch: Callable[[], object] = lambda: None,
    progress: Callable[[], float] = lambda: 0.0,
) -> Iterator[tuple[int, Any]]:
    """(index, work(index)) in the order of `indices`, each as soon as it and those before it are done.

    work : can be pickled.    stopped : once true, nothing more is given out, and what is under way is waited for.
    watch : called ten times a second.    progress : any number that grows as long as workers get somewhere.
    An exception of `work` ends it, after the results before it; of several, the one of the first index.
    Raises : that exception; WorkerError after several deaths of workers without progress.
    """
    return _Ledger(force, work, indices, stopped, watch, progress).run()


class _Ledger:
    """What is given out, what has come back."""

    def __init__(
        self,
        force: Workforce,
        work: Callable[..., Any],
        indices: Sequence[int],
        stopped: Callable[[], bool],
        watch: Callable[[], object],
        progress: Callable[[], float],
    ) -> None:
        self.force, self.work, self.stopped, self.watch, self.progress = force, work, stopped, watch, progress
        self.open = list(indices)  # not given out
        self.out: dict[Future[Any], int] = {}
        self.back: dict[int, Any] = {}
        self.failed: dict[int, BaseException] = {}
        self.deaths, self.reached = 0, progress()

    def run(self) -> Iterator[tuple[int, Any]]:
        """The loop: give out, wait, collect, hand on."""
        order = list(self.open)
        while order:
            self._give_out()
            done = wait(self.out, timeout=POLL, return_when=FIRST_COMPLETED).done
            self.watch()
            if any([self._take_back(future) for future in done]):
                self._replace_workers()
            while order and order[0] in self.back:
                yield order[0], self.back.pop(order.pop(0))
            if order and order[0] in self.failed:
                raise self.failed[order[0]]
            if self.stopped() and not self.out:
                yield from ((index, self.back[index]) for index in order if index in self.back)
                return

    def _give_out(self) -> None:
        """Keep everybody busy; nothing behind a failure, nothing once stopped."""
        last = min(self.failed, default=None)
        if self.stopped() or last is not None:
            for future, index in list(self.out.items()):
                if (last is None or index > last) and future.cancel():
                    del self.out[future]
            self.open = [] if self.stopped() else [index for index in self.open if index < last]  # type: ignore[operator]
        while self.open and len(self.out) < self.force.places():
            index = self.open.pop(0)
            self.out[self.force.submit(self.work, index)] = index

    def _take_back(self, future: "Future[Any]") -> bool:
        """Note what has become of a piece of work; whether its worker has died."""
        index = self.out.pop(future)
        error = CancelledError() if future.cancelled() else future.exception()  # ours are no longer in `out`
        if error is None:
            self.back[index] = future.result()
            self.deaths = 0
        elif isinstance(error, BrokenExecutor | CancelledError) or type(error).__name__ == "KilledWorker":
            self.open = sorted([*self.open, index])
            return True
        else:
            self.failed[index] = error
        return False

    def _replace_workers(self) -> None:
        """After a death: once more with fresh workers, but not for ever."""
        for future in wait(self.out, timeout=POLL).done:  # a broken pool breaks everything it was given
            self._take_back(future)
        self.open = sorted([*self.open, *self.out.values()])
        self.out.clear()
        reached = self.progress()
        self.deaths = 1 if reached > self.reached else self.deaths + 1
        self.reached = reached
        if self.deaths >= DEATHS:
            raise WorkerError(
                f"workers died {self.deaths} times without getting anywhere; batches {self.open[:8]} are not done. "
                "Most likely the memory was used up: take a smaller run.batch or fewer workers. A script of your own "
                'needs `if __name__ == "__main__":` around what it runs with workers',
                deaths=self.deaths,
                batches=list(self.open),
            )
        self.force.renew()
