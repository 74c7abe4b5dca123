"""Signals, closed pipes, stopped processes, turned clocks, other versions, changed recipes, two runs at once."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.faults_disk import whole
from benchmarks.faults_lab import RECIPE, ROOT, Process, Row, begun, kill, numbers, resumed, run, scratch


def signals(right: str) -> Row:
    """What ends a process from outside."""
    row = Row("SIGTERM, SIGHUP, SIGINT once and twice, to a run of one and of two processes", "--resume: same bits")
    for how, times, status in (
        (signal.SIGTERM, 1, None),
        (signal.SIGHUP, 1, None),
        (signal.SIGINT, 1, 130),
        (signal.SIGINT, 2, 130),
    ):
        for more in ((), ("--workers", "2")):
            with scratch() as folder:
                process = run(folder, *more)
                begun(process, folder, 1)
                for _ in range(times):
                    process.popen.send_signal(how)
                    time.sleep(0.05)
                ended = process.end()
                ended.clean(row)
                row.times += 1
                expected = (-how, 130) if status is None else (status,)
                row.expect(ended.status in expected, f"{how.name}: status {ended.status}: {ended.err!r}")
                resumed(row, folder, right, *more)
    return row


def terminal(right: str) -> Row:
    """Ctrl-C in a terminal goes to all processes, workers that are just being started among them."""
    row = Row(
        "Ctrl-C in a terminal (whole process group) while workers start and work", "status 130; --resume: same bits"
    )
    for delay in (0.1, 0.4, 0.8, 1.6):
        with scratch() as folder:
            process = run(folder, "--workers", "2")
            process.until((folder / "out" / "work" / "board").exists)
            time.sleep(delay)
            os.killpg(process.popen.pid, signal.SIGINT)
            process.end().ends(row, 130)
            row.times += 1
            resumed(row, folder, right)
    return row


SCRIPT = """
from benchmarks.faults_run import run
def mine(block):
    return block.velocity
{guard}run({folder!r}, trajectories=16, steps=500, workers=2{more})
print("done")
"""


def scripts(_right: str) -> Row:
    """Scripts of the user that workers cannot read."""
    row = Row(
        "script without `__main__` guard; from standard input; observer in one",
        "ends, says what to do; no process left",
    )
    cases = (
        ("", "", False, 1, "put what it runs with workers under `if __name__"),
        ("if __name__ == '__main__': ", "", False, 0, ""),
        ("", "", True, 0, ""),
        ("", ", observers={'mine': mine}", True, 1, "no notebook, no standard input"),
    )
    for guard, more, piped, status, text in cases:
        with scratch() as folder:
            path = folder / "script.py"
            path.write_text(SCRIPT.format(guard=guard, folder=str(folder / "run"), more=more))
            with path.open() as content:
                process = Process("-" if piped else path, cwd=folder, stdin=content)
                ended = process.end()
            row.times += 1
            row.expect(ended.status == status and text in ended.err, f"status {ended.status}: {ended.err}")
            row.expect(not ended.left, f"{ended.left} processes left")
    return row


def early(right: str) -> Row:
    """Ctrl-C before the first batch, at random moments of the set-up, and while the report is written."""
    row = Row("Ctrl-C during set-up and while the report is written", "status 130; --resume: same bits")
    for moment in ("out", "out/work", "out/work/identity", "out/results.h5", "out/kinetic_energy.png"):
        with scratch() as folder:
            process = run(folder)
            process.until(lambda place=folder / moment: place.exists(), pause=0.001)
            process.popen.send_signal(signal.SIGINT)
            ended = process.end()
            ended.clean(row)
            row.times += 1
            row.expect(ended.status == 130, f"{moment}: status {ended.status}: {ended.err!r}")
            resumed(row, folder, right)
            row.expect((folder / "out" / "report.html").exists(), "no report")
    return row


def closed_pipe(right: str) -> Row:
    """sgle run ... | head -1, with and without 2>&1."""
    row = Row("reader of the output has left (`| true`, `2>&1 | true`)", "the run goes to its end")
    for more in ("", "2>&1 "):
        with scratch() as folder:
            (folder / "long.toml").write_text(RECIPE)
            line = f"{sys.executable} -m sgle run long.toml -o out {more}| true; exit ${{PIPESTATUS[0]}}"
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            done = subprocess.run(["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True)
            row.times += 1
            row.expect(done.returncode == 0 and not done.stderr, f"{more} status {done.returncode}: {done.stderr!r}")
            there = (folder / "out" / "report.html").exists()
            row.expect(there and numbers(folder) == right, "no whole results")
    return row


def stopped(right: str) -> Row:
    """A worker that hangs for a while."""
    row = Row("a worker, then the parent, stopped for 2 s (SIGSTOP, SIGCONT)", "the run waits: same bits")
    with scratch() as folder:
        process = run(folder, "--workers", "2")
        begun(process, folder, 1)
        for pid in (*process.workers()[:1], process.popen.pid):
            row.times += kill(pid, signal.SIGSTOP)
            time.sleep(2)
            kill(pid, signal.SIGCONT)
        process.end().ends(row, 0)
        row.expect(numbers(folder) == right, "other numbers")
    return row


def clock(right: str) -> Row:
    """The clock on the wall jumps back by hours, several times, in a run that is interrupted and resumed."""
    row = Row("clock going backwards by hours and years", "same bits, also after --resume from files of the future")
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        row.note = "not tried: no faketime"
        return row
    with scratch() as folder:
        (folder / "now").write_text("+3000d")
        turned = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(folder / "now"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        process = run(folder, "--workers", "2", **turned)
        for batches, when in enumerate(("+5h", "+0", "-2h", "-400d"), 1):
            begun(process, folder, batches)
            (folder / "now").write_text(when)
            row.times += 1
        process.popen.kill()
        process.end()
        resumed(row, folder, right)
    return row


def two_at_once(right: str) -> Row:
    """Two runs into one folder, begun together."""
    row = Row("two runs into one folder at once", "one goes on, the other is refused by name, status 2")
    for _ in range(3):
        with scratch() as folder:
            both = [run(folder), run(folder, "--overwrite")]
            ended = sorted((process.end() for process in both), key=lambda one: one.status)
            ended[0].ends(row, 0)
            ended[1].ends(row, 2, "in use by process ")
            row.times += 1
            row.expect(numbers(folder) == right, "other numbers")
    return row


def changed(right: str) -> Row:
    """A run that is not the one that was begun, or by another version of sgle."""
    row = Row(
        "changed recipe, other version of sgle, finished run, no run at all: --resume",
        "refused with the difference, or told",
    )
    with scratch() as folder:
        process = run(folder)
        begun(process, folder)
        process.popen.kill()
        process.end()
        run(folder, "--resume", "--set", "run.seed=4").end().ends(row, 2, "run.seed: 3 -> 4")
        run(folder).end().ends(row, 2, "--resume")
        _other_version(folder / "out" / "work" / "identity")
        ended = run(folder, "--resume").end()
        ended.ends(row, 0, "0.0.1 -> ")
        row.expect(numbers(folder) == right, "other numbers")
        before = (folder / "out" / "results.h5").read_bytes()
        again = run(folder, "--resume").end()
        again.ends(row, 0)
        row.expect("finished already" in again.out, again.out)
        run(folder, "--resume", "--set", "run.seed=4").end().ends(row, 2, "run.seed: 3 -> 4")
        row.expect((folder / "out" / "results.h5").read_bytes() == before, "results were touched")
        shutil.rmtree(folder / "out")
        resumed(row, folder, right)
        row.times += 6
    return row


def _other_version(path: Path) -> None:
    from dataclasses import replace

    from sgle.integrators import checkpoint

    identity = checkpoint.read(path)
    checkpoint.write(path, replace(identity, software=identity.software | {"sgle": "0.0.1"}))


def rows(_kills: int):
    right = whole()
    for fault in (signals, terminal, scripts, early, closed_pipe, stopped, clock, two_at_once, changed):
        yield fault(right)
