"""What all faults need: fresh processes that can be found again, folders that go away, rows of the table."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
MARK = "SGLE_FAULTS_MARK"
RECIPE = """
title = "One vibration"
units = "natural"
[system]
dynamical_matrix = [[1.0]]
[baths.L]
kind = "ohmic"
dofs = [0]
temperature = 0.5
friction = 0.2
cutoff = 3.0
[run]
time_step = 0.15
steps = 2000
trajectories = 320
batch = 32
seed = 3
"""


@dataclass
class Row:
    """One line of the table. wrong : what was not as it should be, one text for every case."""

    fault: str
    checked: str
    times: int = 0
    wrong: list[str] = field(default_factory=list)
    note: str = ""

    def expect(self, right: object, otherwise: str) -> None:
        """Note what is wrong unless it is right."""
        if not right:
            self.wrong.append(" ".join(otherwise.split())[-300:])

    def __str__(self) -> str:
        outcome = f"**{len(self.wrong)} wrong**: {self.wrong[0]}" if self.wrong else "survived" if self.times else "–"
        return f"| {self.fault} | {self.times} | {self.checked} | {outcome}{self.note and f' ({self.note})'} |"


class Process:
    """A fresh Python process with all its descendants, which are found by a mark in their environment."""

    def __init__(
        self, *arguments: object, cwd: Path | None = None, before: tuple[str, ...] = (), stdin=None, **more: str
    ) -> None:
        self.mark = uuid.uuid4().hex
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), MARK: self.mark, **threads, **more}
        self.out, self.err = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
        command = [*before, sys.executable, *map(str, arguments)]
        self.popen = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=stdin, stdout=self.out, stderr=self.err, start_new_session=True
        )

    def alive(self) -> bool:
        """Whether the first process still runs."""
        return self.popen.poll() is None

    def everybody(self) -> list[int]:
        """Numbers of the first process and all of its descendants, as far as they run."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                mine = f"{MARK}={self.mark}".encode() in (place / "environ").read_bytes()
            except OSError:
                continue
            if mine:
                found.append(int(place.name))
        return found

    def workers(self) -> list[int]:
        """Numbers of the worker processes that are under way."""
        return [pid for pid in self.everybody() if pid != self.popen.pid and b"spawn_main" in _command(pid)]

    def said(self) -> tuple[str, str]:
        """What it has printed so far."""
        self.out.seek(0)
        self.err.seek(0)
        return self.out.read(), self.err.read()

    def until(self, condition, seconds: float = 120.0, pause: float = 0.003) -> bool:
        """Wait for something; False if the process ended before, or too late."""
        deadline = time.monotonic() + seconds
        while self.alive() and time.monotonic() < deadline:
            if condition():
                return True
            time.sleep(pause)
        return False

    def end(self, seconds: float = 120.0) -> "Ended":
        """Wait for the end and for all descendants; those that stay are killed, and counted."""
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait()
        deadline = time.monotonic() + 10
        while (left := self.everybody()) and time.monotonic() < deadline:
            time.sleep(0.02)
        for pid in left:
            kill(pid)
        out, err = self.said()
        self.out.close()
        self.err.close()
        return Ended(self.popen.returncode, out, err, len(left))


@dataclass(frozen=True)
class Ended:
    """Exit status, what was printed, and how many processes stayed behind."""

    status: int
    out: str
    err: str
    left: int

    def clean(self, row: Row) -> None:
        """No process left, no traceback, no internal error."""
        row.expect(not self.left, f"{self.left} processes left")
        row.expect("Traceback" not in self.err + self.out, f"traceback: {self.err}")
        row.expect("internal error" not in self.err, self.err)

    def ends(self, row: Row, status: int, text: str = "") -> None:
        """It is clean, and ended as it should."""
        self.clean(row)
        row.expect(self.status == status, f"status {self.status} instead of {status}: {self.err}")
        row.expect(text in self.err, f"not said: {text!r}, but {self.err!r}")


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def kill(pid: int, how: int = signal.SIGKILL) -> bool:
    """Send a signal; whether there was somebody."""
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def scratch(memory: str = "") -> Iterator[Path]:
    """A folder for one case; `memory`: a file system of its own in memory, of that size. OSError if that cannot be."""
    folder = Path(tempfile.mkdtemp(prefix="sgle-faults-"))
    try:
        if memory:
            command = ["mount", "-t", "tmpfs", "-o", f"size={memory}", "tmpfs", str(folder)]
            subprocess.run(command, check=True, capture_output=True)
        yield folder
    except subprocess.CalledProcessError as error:
        raise OSError(error.stderr.decode().strip()) from error
    finally:
        if memory:
            subprocess.run(["umount", "-l", str(folder)], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def command(*arguments: object, cwd: Path, **more) -> Process:
    """`sgle ...` as a user types it."""
    return Process("-m", "sgle", *arguments, cwd=cwd, **more)


def run(cwd: Path, *arguments: object, **more) -> Process:
    """`sgle run long.toml -o out ...` in a folder that gets the recipe."""
    if not (cwd / "long.toml").exists():
        (cwd / "long.toml").write_text(RECIPE)
    return command("run", "long.toml", "-o", "out", *arguments, cwd=cwd, **more)


def begun(process: Process, cwd: Path, batches: int = 2) -> bool:
    """Wait until so many batches are finished."""
    return process.until(lambda: len(list((cwd / "out" / "work").glob("*.done"))) >= batches)


def numbers(cwd: Path) -> str:
    """Checksum of the sampled numbers in results.h5; "interrupted" if it is no whole run."""
    import sgle
    from benchmarks.faults_run import checksum

    found = sgle.load(cwd / "out" / "results.h5")
    return "interrupted" if found.interrupted else checksum(found)


def resumed(row: Row, cwd: Path, whole: str, *arguments: object) -> None:
    """Go on to the end; the numbers are those of the run without a fault."""
    ended = run(cwd, "--resume", *arguments).end()
    ended.ends(row, 0)
    if not ended.status:
        row.expect(numbers(cwd) == whole, "other numbers than without the fault")
        row.expect(not (cwd / "out" / "work").exists(), "work is left")
