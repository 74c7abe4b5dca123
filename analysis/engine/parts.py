"""The engine: all batches of a run, here or by workers, from wherever an earlier run has left them.

A batch is the unit of work, of checkpoints and of resuming. What is in it is fixed by the plan, results are put
together in the order of the batches: the numbers do not depend on who works, on how many, or on where a run was cut.
"""

import pickle
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sgle.analysis.engine.board import Board
from sgle.analysis.engine.interrupt import Interruptible
from sgle.analysis.engine.job import Job, Task
from sgle.analysis.engine.sampling import Part, run_batch
from sgle.analysis.engine.work_folder import BOARD
from sgle.errors import FileError, InputError, SgleWarning
from sgle.files.safe import reason
from sgle.integrators.ensemble import Dask, Processes, Workforce, in_order, require_processes

Progress = Callable[[int], object]


class WorkersWarning(SgleWarning):
    """More workers than there is work for."""


def require_workers(workers: int) -> None:
    """InputError unless the number of workers can be meant, WorkerError where there can be none."""
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise InputError(f"workers = {workers!r} must be a whole number, at least 1", workers=workers)
    if workers > 1:
        require_processes()


def parts(
    job: Job,
    models: Mapping[str, Any],
    stop: Interruptible,
    progress: Progress,
    *,
    workers: int = 1,
    dask: Any = None,
) -> Generator[Part, None, None]:
    """What every batch has brought, in order, as soon as it and those before it are done.

    After Ctrl-C unfinished parts come too, where there is something in them, and some may be missing.
    progress : called with trajectory-steps made. workers : processes; dask : address or Client of a cluster instead.
    Raises : DivergedError, ForceError (of the first batch that has one), WorkerError, InputError.
    """
    kept = {}
    for index in range(len(job.plan.batches)):
        files = job.files(index)
        part = None if files is None else files.finished()
        if part is not None:
            kept[index] = part
    whole = {index: _work(job, index) for index in range(len(job.plan.batches))}
    progress(sum(whole[index] for index in kept))
    remaining = [index for index in whole if index not in kept]
    if dask is None and workers > len(whole):
        text = f"{workers} workers for {len(whole)} batches: {workers - len(whole)} of them have nothing to do"
        warnings.warn(f"{text}; a smaller batch (run.batch) makes more", WorkersWarning, stacklevel=2)
    if dask is None and (workers == 1 or not remaining):
        fresh = _here(job, models, remaining, stop, progress)
    else:
        fresh = _elsewhere(job, remaining, whole, stop, progress, workers, dask)
    yield from _merged(kept, fresh, len(whole))


def _work(job: Job, index: int) -> int:
    """Trajectory-steps of a batch, all models together."""
    return job.plan.total * len(job.plan.batches[index]) * len(job.junctions)


def _merged(kept: Mapping[int, Part], fresh: Iterator[Part], count: int) -> Iterator[Part]:
    """Kept and new parts in the order of their numbers."""
    ahead = None
    for index in range(count):
        if index in kept:
            yield kept[index]
            continue
        ahead = next(fresh, None) if ahead is None else ahead
        if ahead is not None and ahead.index == index:
            yield ahead
            ahead = None


def _here(
    job: Job, models: Mapping[str, Any], remaining: list[int], stop: Interruptible, progress: Progress
) -> Iterator[Part]:
    """One batch after another in this process."""
    for count, index in enumerate(remaining):
        if count and stop.requested:
            return
        files = job.files(index)
        part = run_batch(
            models, job.plan, index, job.quantities, stop, passages=job.passages, progress=progress, files=files
        )
        yield part
        if not part.finished:
            return


def _elsewhere(
    job: Job,
    remaining: list[int],
    whole: Mapping[int, int],
    stop: Interruptible,
    progress: Progress,
    workers: int,
    dask: Any,
) -> Iterator[Part]:
    """Batches by processes or by dask, several at a time."""
    with _board(job) as (board, path):
        task = Task.of(replace(job, board=path), _dumps(dask))
        force: Workforce = Processes(min(workers, len(remaining))) if dask is None else Dask(dask)
        shown, at_once = _Shown(board, remaining, whole, progress), True

        def watch() -> None:
            if stop.requested:
                board.stop()
            shown.refresh()

        try:
            fresh = in_order(
                force,
                task,
                remaining,
                stopped=lambda: stop.requested,
                watch=watch,
                progress=lambda index: float(board.read()[index, 1]),
            )
            for index, part in fresh:
                shown.done(index, part)
                if part is not None:
                    _keep(job, part)
                    yield part
            at_once = False
        except KeyboardInterrupt:  # the second one: what has come back is all there is
            return
        finally:
            board.stop()
            force.close(at_once)


def _keep(job: Job, part: Part) -> None:
    """Keep a finished batch whose worker could not: it does not see the run's folder."""
    files = job.files(part.index)
    if files is not None and part.finished and not files.done.exists():
        files.finish(part)


@contextmanager
def _board(job: Job) -> Iterator[tuple[Board, Path]]:
    """A new board, in the run's folder or in a temporary one."""
    with ExitStack() as stack:
        folder = job.folder or Path(stack.enter_context(TemporaryDirectory(prefix="sgle-")))
        try:
            board = Board.create(folder / BOARD, len(job.plan.batches))
        except OSError as error:
            raise FileError(f"{folder / BOARD}: cannot be written: {reason(error)}", path=str(folder)) from error
        stack.callback(board.close)
        yield board, (folder / BOARD).absolute()


def _dumps(dask: Any) -> Callable[[Any], bytes]:
    """How a job becomes bytes: dask's workers have not read the user's script, its own pickle sends that, too."""
    if dask is None:
        return pickle.dumps
    from cloudpickle import dumps

    return dumps  # type: ignore[no-any-return]


class _Shown:
    """Steps told to the progress bar: those on the board, and all of those of batches that are done."""

    def __init__(self, board: Board, remaining: list[int], whole: Mapping[int, int], progress: Progress) -> None:
        self.board, self.whole, self.progress = board, whole, progress
        self.made = dict.fromkeys(remaining, 0)
        self.told, self.over = 0, set[int]()

    def refresh(self) -> None:
        """Look at the board and tell what is new."""
        steps = self.board.read()[:, 0]
        self.made |= {index: int(steps[index]) for index in self.made if index not in self.over}
        total = sum(self.made.values())
        self.progress(total - self.told)
        self.told = total

    def done(self, index: int, part: Part | None) -> None:
        """A batch is over: its steps count even if its worker does not see the board."""
        self.over.add(index)
        if part is not None and part.finished:
            self.made[index] = self.whole[index]
        self.refresh()
