"""Disks that are full or read-only, folders that are taken away: real runs of the command line on file systems in
memory.
"""

import shutil
import subprocess
from pathlib import Path

from benchmarks.faults_lab import RECIPE, Row, begun, numbers, resumed, run, scratch

SIZES = ("24k", "64k", "128k", "256k", "400k", "640k", "900k", "1200k", "2000k")
NO_ROOT = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")  # root whom permissions stop


def whole() -> str:
    """Checksum of the run without a fault."""
    with scratch() as folder:
        run(folder).end()
        return numbers(folder)


def full(right: str) -> Row:
    """Disks of many sizes, so that they are full at all kinds of moments, then made larger."""
    row = Row(
        "disk full: identity, checkpoint, batch, results, report", "one line says so, status 2; --resume with room"
    )
    for size in SIZES:
        try:
            with scratch(memory=size) as folder:
                ended = run(folder).end()
                ended.clean(row)
                row.times += 1
                row.expect("No space left" in ended.err, f"{size}: not said: {ended.err!r}")
                row.expect(ended.status == 2, f"{size}: status {ended.status}")
                results = folder / "out" / "results.h5"
                row.expect(not results.exists() or numbers(folder) in ("interrupted", right), f"{size}: wrong results")
                _resize(folder, "20m")
                resumed(row, folder, right)
        except OSError as error:
            row.note = f"not tried: {error}"
            break
    return row


def _resize(folder: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)


def full_meanwhile(right: str) -> Row:
    """Somebody else fills the disk while the run is under way, and goes away later."""
    row = Row("disk filled by another while running", "the run goes on, says so, ends 2 or 0; --resume with room")
    for batches in (1, 4):
        try:
            with scratch(memory="8m") as folder:
                process = run(folder, "--workers", "2")
                begun(process, folder, batches)
                _fill(folder / "filler")
                ended = process.end()
                ended.clean(row)
                row.times += 1
                row.expect("No space left" in ended.err and ended.status == 2, f"{ended.status}: {ended.err!r}")
                (folder / "filler").unlink()
                resumed(row, folder, right)
        except OSError as error:
            row.note = f"not tried: {error}"
    return row


def _fill(path: Path) -> None:
    try:
        with path.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError:
        pass


def read_only(right: str) -> Row:
    """Folders without permission to write, from the beginning, at the resume, and all of a sudden."""
    row = Row(
        "read-only folder: at the start, at --resume, while running", "one line says so, status 2; --resume later"
    )
    if shutil.which("setpriv") is None:
        row.note = "not tried: no setpriv"
        return row
    with scratch() as folder:
        (folder / "long.toml").write_text(RECIPE)
        folder.chmod(0o555)
        run(folder, before=NO_ROOT).end().ends(row, 2, "cannot be written: Permission denied")
        row.times += 1
        folder.chmod(0o755)
        process = run(folder, before=NO_ROOT)
        begun(process, folder)
        _chmod(folder / "out", 0o555)
        ended = process.end()
        ended.ends(row, 2, "cannot be written: Permission denied")
        row.times += 1
        run(folder, "--resume", before=NO_ROOT).end().ends(row, 2, "cannot be written: Permission denied")
        row.times += 1
        _chmod(folder / "out", 0o755)
        resumed(row, folder, right)
    return row


def _chmod(folder: Path, mode: int) -> None:
    for place in (folder, *(each for each in folder.rglob("*") if each.is_dir())):
        place.chmod(mode)


def deleted(right: str) -> Row:
    """Somebody deletes what is being written to."""
    row = Row("work folder, or all of the run's folder, deleted under the run", "results are whole, the loss is told")
    for what in ("out/work", "out"):
        for more in ((), ("--workers", "2")):
            with scratch() as folder:
                process = run(folder, *more)
                begun(process, folder)
                while (folder / what).exists() and process.alive():
                    shutil.rmtree(folder / what, ignore_errors=True)
                ended = process.end()
                ended.ends(row, 0, "warning: ")
                row.times += 1
                row.expect(not ended.status and numbers(folder) == right, f"{what}: no whole results: {ended.err!r}")
    return row


def moved(right: str) -> Row:
    """The folder of an interrupted run goes elsewhere."""
    row = Row("run folder renamed and moved, then --resume", "same bits")
    with scratch() as folder, scratch() as other:
        process = run(folder)
        begun(process, folder)
        process.popen.kill()
        process.end()
        shutil.move(folder / "out", other / "out")
        resumed(row, other, right)
        row.times += 1
    return row


def rows(_kills: int):
    right = whole()
    for fault in (full, full_meanwhile, read_only, deleted, moved):
        yield fault(right)
