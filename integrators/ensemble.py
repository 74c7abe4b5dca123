"""Ensembles: numbered pieces of work done by processes of this machine or by a dask cluster, results in order.

Which worker does what changes nothing in the results. A worker that dies takes no piece of work with it: that is given
out again, and goes on from its own checkpoint if it has one.
"""

import os
import pickle
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import current_process, get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for
from queue import SimpleQueue
from traceback import format_exception
from typing import Any, Protocol

from sgle.errors import InputError, SgleError

POLL = 0.1  # seconds between two looks at progress and Ctrl-C
DEATHS = 3  # of workers over the same piece of work, without any progress in between, before giving up
PATIENCE = 10.0  # seconds for an idle worker to go by itself
GUARD = 'put what it runs with workers under `if __name__ == "__main__":`'
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
        """A worker has died: replace it; raises WorkerError if that is beyond our power."""

    def close(self, at_once: bool) -> None:
        """Let the workers go, at the end of what they do or at once."""


class Processes:
    """Fresh processes of this machine (spawned), with one thread each for linear algebra. They die with this one.

    Each has a pipe of its own, so that one that dies in the middle of a message leaves the others alone; another takes
    its place when there is work again. Ctrl-C is for this process alone: the workers ignore it.
    Raises : WorkerError where Python allows no processes.
    """

    def __init__(self, workers: int) -> None:
        require_processes()
        self.workers = workers
        self._before = {name: os.environ.get(name) for name in THREADS}
        os.environ.update(dict.fromkeys(THREADS, "1"))  # inherited by the workers, before they load numpy
        self._threads = ThreadPoolExecutor(workers, "sgle-worker", initializer=_without_interrupt)
        self._idle: SimpleQueue[_Worker | None] = SimpleQueue()
        self._all: list[_Worker] = []
        self._over = False
        for _ in range(workers):
            self._idle.put(None)

    def places(self) -> int:
        """Two for each: one under way, one to go on with."""
        return 2 * self.workers

    def submit(self, work: Callable[..., Any], index: int) -> "Future[Any]":
        """Give out a piece of work."""
        return self._threads.submit(self._do, work, index)

    def renew(self) -> None:
        """Nothing to be done: who has died is replaced when there is work."""

    def close(self, at_once: bool) -> None:
        """Wait for the workers, or end them."""
        self._over = at_once
        for worker in list(self._all) if at_once else []:
            worker.process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._all:
            worker.end(at_once)
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def _do(self, work: Callable[..., Any], index: int) -> Any:
        """In a thread: have an idle worker do it, a new one if that has died."""
        worker = self._idle.get()
        try:
            if worker is None:
                worker = _Worker()
                self._all.append(worker)
            if self._over:
                worker.process.kill()
            return worker.do(work, index)
        except DiedError:
            worker = None
            raise
        finally:
            self._idle.put(worker)


class DiedError(SgleError):
    """A worker that died over a piece of work."""


class _Worker:
    """A process and our end of its pipe."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        try:
            with _readable_main():
                self.process.start()
        finally:
            theirs.close()

    def do(self, work: Callable[..., Any], index: int) -> Any:
        """Send work, wait for what comes back. DiedError if nothing will."""
        message = pickle.dumps((work, index))
        try:
            self._pipe.send_bytes(message)
            answer = self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            self.end(at_once=True)
            raise DiedError(f"the worker of piece {index} died", index=index) from error
        well, found = pickle.loads(answer)
        if not well:
            raise found
        return found

    def end(self, at_once: bool) -> None:
        """Let it go, and see it gone."""
        self._pipe.close()
        self.process.join(0 if at_once else PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


_starting = threading.Lock()


@contextmanager
def _readable_main() -> Iterator[None]:
    """Workers read the script of their parent; not one from standard input, of which there is no file."""
    script = sys.modules["__main__"].__dict__
    with _starting:
        name = script.get("__file__")
        missing = name is not None and not os.path.exists(name)
        if missing:
            del script["__file__"]
        try:
            yield
        finally:
            if missing:
                script["__file__"] = name


def _serve(pipe: Connection) -> None:
    """A worker's life: pieces of work until the pipe is closed."""
    _begin()
    while True:
        try:
            message = pipe.recv_bytes()
        except EOFError:
            return
        try:
            work, index = pickle.loads(message)
            answer = pickle.dumps((True, work(index)))
        except Exception as error:
            answer = _failure(error)
        pipe.send_bytes(answer)


def _failure(error: Exception) -> bytes:
    """An exception as it is sent; in words if it cannot be sent."""
    error.add_note("in a worker:\n" + "".join(format_exception(error)))
    try:
        content = pickle.dumps((False, error))
        pickle.loads(content)
    except Exception:
        words = " ".join(f"{type(error).__name__}: {error}".split())
        return pickle.dumps((False, WorkerError(f"a worker failed: {words}")))
    return content


def require_processes() -> None:
    """WorkerError where Python allows no processes; in a worker that reads a script without guard, the end of it."""
    if getattr(current_process(), "_inheriting", False):
        raise SystemExit(f"sgle: a worker has to read your script: {GUARD}")
    if current_process().daemon:
        raise WorkerError(
            "this process is itself a daemonic worker (of multiprocessing.Pool or dask), which may start no processes: "
            "take workers=1 here, or concurrent.futures.ProcessPoolExecutor outside"
        )


def _without_interrupt() -> None:
    """Ctrl-C in a terminal reaches all processes; those started by this thread do not see it from the very first."""
    if hasattr(signal, "pthread_sigmask"):
        from multiprocessing.resource_tracker import ensure_running

        ensure_running()  # else it is started with the first worker, and unblocks the signal
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


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
    progress: Callable[[int], float] = lambda _: 0.0,
) -> Iterator[tuple[int, Any]]:
    """(index, work(index)) in the order of `indices`, each as soon as it and those before it are done.

    work : can be pickled.    stopped : once true, nothing more is given out, and what is under way is waited for.
    watch : called ten times a second.    progress : of a piece of work, any number that grows as it gets somewhere.
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
        progress: Callable[[int], float],
    ) -> None:
        self.force, self.work, self.stopped, self.watch, self.progress = force, work, stopped, watch, progress
        self.open = list(indices)  # not given out
        self.out: dict[Future[Any], int] = {}
        self.back: dict[int, Any] = {}
        self.failed: dict[int, BaseException] = {}
        self.deaths: dict[int, tuple[int, float]] = {}  # how often a piece has lost its worker, how far it was

    def run(self) -> Iterator[tuple[int, Any]]:
        """The loop: give out, wait, collect, hand on."""
        order = list(self.open)
        while order:
            self._give_out()
            done = wait(self.out, timeout=POLL, return_when=FIRST_COMPLETED).done
            self.watch()
            if any([self._take_back(future) for future in done]):
                self.force.renew()
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
        elif isinstance(error, DiedError | CancelledError) or type(error).__name__ == "KilledWorker":
            self.open = sorted([*self.open, index])
            self._count_death(index)
            return True
        else:
            self.failed[index] = error
        return False

    def _count_death(self, index: int) -> None:
        """Once more with a fresh worker, but not for ever."""
        deaths, before = self.deaths.get(index, (0, 0.0))
        reached = self.progress(index)
        deaths = 1 if reached > before else deaths + 1
        self.deaths[index] = deaths, reached
        if deaths >= DEATHS:
            raise WorkerError(
                f"batch {index}: workers died {deaths} times over it without getting anywhere. Most likely the memory "
                f"was used up: take a smaller run.batch or fewer workers. If this is a script of your own, {GUARD}",
                deaths=deaths,
                batch=index,
            )
