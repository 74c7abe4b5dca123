"""Files that are cut short or have a bit flipped: everything a run keeps, read by everything that reads it."""

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.faults_lab import Row, begun, numbers, resumed, run, scratch

FLIPS = 300  # of each kind of file; a quarter as many are cut short, one is empty
WHOLE_RUNS = 12


def damages(content: bytes, count: int, rng) -> list[bytes]:
    """The content with one bit flipped, cut short anywhere, or empty."""
    found = [b""]
    for place in rng.integers(0, 8 * len(content), count):
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << place % 8
        found.append(bytes(flipped))
    return found + [content[:length] for length in rng.integers(1, len(content), count // 4)]


def refused(what: str, path: Path, read: Callable[[Path], bytes], rng) -> Row:
    """Every damage is refused by the error type of files, or what is read is what was written."""
    from sgle.errors import FileError

    row = Row(f"{what}: bit flipped or truncated", "FileError of one line, or the very same content")
    content, right, harmless = path.read_bytes(), read(path), 0
    for damaged in damages(content, FLIPS, rng):
        path.write_bytes(damaged)
        row.times += 1
        try:
            row.expect(read(path) == right, "wrong content was read")
            harmless += 1
        except FileError as error:
            row.expect("\n" not in str(error), str(error))
        except BaseException as error:
            row.expect(False, f"{type(error).__name__}: {error}")
    path.write_bytes(content)
    row.note = f"{harmless} of them changed nothing that is read"
    return row


def packed(path: Path) -> bytes:
    """What a checkpoint says."""
    from sgle.integrators import checkpoint

    return b"".join(bytes(part) for part in checkpoint.pack(checkpoint.read(path)))


def result(path: Path) -> bytes:
    """What a result says."""
    import sgle
    from benchmarks.faults_run import checksum

    return checksum(sgle.load(path)).encode()


def recipes(folder: Path, rng) -> Row:
    """The user's recipe, damaged between the beginning and --resume."""
    from sgle.analysis.engine.identity import require_same_recipe
    from sgle.errors import SgleError
    from sgle.recipe import Recipe

    row = Row("recipe.toml: bit flipped or truncated", "refused as a recipe, or as another run, or says the same")
    path = folder / "long.toml"
    content, same = path.read_bytes(), 0
    begun_with = Recipe.load(path)
    for damaged in damages(content, FLIPS, rng):
        path.write_bytes(damaged)
        row.times += 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                found = Recipe.load(path)
                require_same_recipe(begun_with.text, found.text)
            row.expect(found.settings == begun_with.settings, "another run is taken for the same")
            same += 1
        except SgleError:
            pass
        except BaseException as error:
            row.expect(False, f"{type(error).__name__}: {error}")
    path.write_bytes(content)
    row.note = f"{same} of them changed the title only"
    return row


def boards(folder: Path, rng) -> Row:
    """The board, spoiled while workers use it."""
    row = Row("board of a run with two workers: bits flipped, truncated, deleted under it", "no wrong number, no crash")
    for spoil in (_cut, _flip, _delete, _empty):
        with scratch() as place:
            process = run(place, "--workers", "2")
            begun(process, place, 1)
            spoil(place / "out" / "work" / "board", rng)
            ended = process.end()
            ended.clean(row)
            row.times += 1
            row.expect(ended.status in (0, 130), f"{spoil.__name__}: status {ended.status}: {ended.err!r}")
            resumed(row, place, numbers(folder))
    return row


def _cut(board: Path, rng) -> None:
    with board.open("r+b") as file:
        file.truncate(11)


def _empty(board: Path, rng) -> None:
    with board.open("r+b") as file:
        file.truncate(0)


def _flip(board: Path, rng) -> None:
    with board.open("r+b") as file:
        file.seek(8)
        file.write(rng.bytes(160))


def _delete(board: Path, rng) -> None:
    board.unlink()


def whole_runs(folder: Path, rng) -> Row:
    """Any file in the work folder of a killed run, then --resume by the command line."""
    row = Row("any file of an unfinished run damaged, then --resume", "told in one line, same bits")
    with scratch() as place:
        process = run(place, "--workers", "2")
        begun(process, place, 3)
        process.popen.kill()
        process.end()
        for number in range(WHOLE_RUNS):
            with scratch() as copy:
                shutil.copytree(place, copy, dirs_exist_ok=True)
                files = sorted(each for each in (copy / "out").rglob("*") if each.is_file() and each.suffix != ".part")
                path = files[number % len(files)]
                content = path.read_bytes()
                path.write_bytes(damages(content, 4, rng)[int(rng.integers(1, 5))] if content else b"x")
                row.times += 1
                ended = run(copy, "--resume").end()
                ended.ends(row, 0)
                told = "warning" in ended.err or path.name in ("board", ".lock", "recipe.toml", "results.h5")
                row.expect(told, f"{path.name}: nothing was said")
                row.expect(ended.err.count("\n") <= 2, ended.err)
                row.expect(not ended.status and numbers(copy) == numbers(folder), f"{path.name}: other numbers")
    return row


def rows(_kills: int):
    rng = np.random.default_rng(2)
    with scratch() as folder:
        process = run(folder, "--workers", "2")
        begun(process, folder, 3)
        process.popen.send_signal(2)
        process.end()
        work = folder / "out" / "work"
        yield refused("finished batch", next(work.glob("*.done")), packed, rng)
        yield refused("identity of the run", work / "identity", packed, rng)
        yield refused("checkpoint", next(work.glob("*.now")), packed, rng)
        yield recipes(folder, rng)
        run(folder, "--resume").end()
        yield refused("results.h5", folder / "out" / "results.h5", result, rng)
        yield boards(folder, rng)
        yield whole_runs(folder, rng)
