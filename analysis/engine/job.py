"""Job: a run as workers get it, and what a worker does with it.

A worker builds the grid model from the junction once and keeps it for all batches of a run. The same code with the same
numbers gives the same filters and taps, bit for bit.
"""

import pickle
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from socket import gethostname
from typing import Any

from sgle.analysis.chunks import Quantity
from sgle.analysis.engine.batch_files import BatchFiles
from sgle.analysis.engine.board import Board
from sgle.analysis.engine.identity import changes, software
from sgle.analysis.engine.sampling import Part, run_batch
from sgle.analysis.passage import Passage
from sgle.analysis.plan import Plan
from sgle.analysis.twin import grid_models
from sgle.errors import InputError
from sgle.grid import Grid, GridModel
from sgle.junction import Junction

THEIRS = "observers, coordinates of passages or the anharmonic force"
WAY_OUT = "define them at the top of a module that can be imported (no notebook, no standard input), or take workers=1"


@dataclass(frozen=True, eq=False)
class Job:
    """token : of the run (sgle.analysis.engine.identity). junctions : {"": junction, "reference_": another, if any}.

    quantities, passages : the user's, of the first junction.
    folder : where batches are kept, or None. board : its file, or None. seconds : between two checkpoints.
    software : versions of what determines the last bits; every worker must have the same.
    """

    token: str
    junctions: Mapping[str, Junction]
    grid: Grid
    plan: Plan
    quantities: Mapping[str, Quantity]
    folder: Path | None = None
    board: Path | None = None
    seconds: float = 60.0
    software: Mapping[str, str] = field(default_factory=software)
    passages: Mapping[str, Passage] = field(default_factory=dict)

    def files(self, index: int, told: Callable[[int], object] | None = None) -> BatchFiles | None:
        """The files of a batch, if the run keeps any."""
        return None if self.folder is None else BatchFiles(self.folder, index, self.token, self.seconds, told)


@dataclass(frozen=True, eq=False)
class Task:
    """A job sent once as bytes and unpacked once in every process: call it with the index of a batch."""

    token: str
    content: bytes

    @classmethod
    def of(cls, job: Job, dumps: Callable[[Any], bytes] = pickle.dumps) -> "Task":
        """The task of a job. Raises InputError if an observer, a coordinate or a force cannot be sent."""
        try:
            return cls(f"{job.token} {job.board}", dumps((dict(job.software), dumps(job))))
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise InputError(f"{THEIRS} cannot be sent to workers ({error}); {WAY_OUT}") from error

    def __call__(self, index: int) -> Part | None:
        """Run one batch; None if the run was stopped before it began."""
        job, models = _unpacked(self)
        board = Board.find(job.board)
        try:
            return _run(job, models, index, board)
        finally:
            if board is not None:
                board.close()


_lock = threading.Lock()
_known: dict[str, tuple[Job, dict[str, GridModel]]] = {}


def _unpacked(task: Task) -> tuple[Job, dict[str, GridModel]]:
    """Job and models of a task, those of the last one kept for the next batch."""
    with _lock:
        if task.token not in _known:
            job = _job(task.content)
            models = grid_models(job.junctions, job.grid)
            for model in models.values():
                for bath in model.baths.values():
                    bath.noise_filter  # noqa: B018  (made here, under the lock, not by two threads at once)
            _known.clear()
            _known[task.token] = job, models
        return _known[task.token]


def _job(content: bytes) -> Job:
    """The job in these bytes, for a worker that can do it bit for bit."""
    versions, packed = pickle.loads(content)
    if found := changes(versions, software()):
        raise InputError(
            f"a worker on {gethostname()} has other software, so that its numbers would differ in the last bits: "
            f"{', '.join(found)}; install the same everywhere",
            differences=found,
        )
    try:
        job: Job = pickle.loads(packed)
    except (AttributeError, ImportError) as error:
        raise InputError(f"{THEIRS} are not found by a worker ({error}); {WAY_OUT}") from error
    return job


def _run(job: Job, models: Mapping[str, Any], index: int, board: Board | None) -> Part | None:
    if board is None:
        files = job.files(index)
        return run_batch(models, job.plan, index, job.quantities, Never(), passages=job.passages, files=files)
    if board.requested:
        return None
    counted = _Counted(board, index)
    return run_batch(
        models,
        job.plan,
        index,
        job.quantities,
        board,
        passages=job.passages,
        progress=counted.add,
        files=job.files(index, lambda steps: board.kept(index, steps)),
    )


class Never:
    """Nobody asks to stop."""

    requested = False


class _Counted:
    """Steps added up on the board."""

    def __init__(self, board: Board, index: int) -> None:
        self.board, self.index, self.made = board, index, 0

    def add(self, steps: int) -> None:
        """Note so many more."""
        self.made += steps
        self.board.made(self.index, self.made)
