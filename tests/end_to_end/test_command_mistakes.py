"""What goes wrong on the command line: one clear line per problem, the right exit status, nothing left behind."""

import signal
import time

import pytest
from end_to_end.command import FAST, ROOT, sgle, start

import sgle as library

UNSTABLE = FAST.replace("[[1.0]]", "[[-1.0]]")
COARSE = FAST.replace("time_step = 0.15", "time_step = 2.5").replace("cutoff = 3.0", "cutoff = 0.2")
ALIASED = FAST.replace("time_step = 0.15", "time_step = 1.2")
INDEFINITE = FAST.replace("friction = 0.2", "friction = -0.2")


def problem(text, *more, command="run", cwd):
    """Exit status and the lines of stderr for a recipe that cannot work; no output folder may appear."""
    (cwd / "bad.toml").write_text(text)
    done = sgle(command, "bad.toml", *more, cwd=cwd)
    assert [path.name for path in cwd.iterdir()] == ["bad.toml"]
    return done.status, done.err.splitlines()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("rum",), "invalid choice: 'rum'"),
        (("run",), "the following arguments are required: RECIPE"),
        (("run", "minimal-modell"), "did you mean minimal-model?"),
        (("report", "nowhere"), "No such file"),
        (("import", "sclmd", "none.nc", "-o", "j.h5"), "none.nc: cannot be read"),
        (("import", "sclmd", str(ROOT / "pyproject.toml"), "-o", "j.h5"), "not an sclmd file"),
        (("run", "graphene-alkane"), "junction.h5"),
    ],
)
def test_one_line_and_status_2(tmp_path, arguments, message):
    done = sgle(*arguments, cwd=tmp_path)
    assert done.status == 2 and done.out == ""
    assert len(done.err.splitlines()) == 1 and done.err.startswith("sgle: error: ") and message in done.err
    assert list(tmp_path.iterdir()) == []


def test_all_problems_of_a_recipe(tmp_path):
    status, lines = problem(FAST + "stepz = 1\nseed = -1\n", "--set", "baths.L.color=1", cwd=tmp_path)
    assert status == 2
    assert [line.split(": ")[2] for line in lines] == ["run.stepz", "run.seed", "baths.L.color"]


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        (UNSTABLE, 3, "unstable"),
        (COARSE, 3, "time step 2.5 is too large"),
        (ALIASED, 2, "Nyquist"),
        (INDEFINITE, 3, "baths.L: friction is not positive semidefinite"),
        (FAST.replace("dofs = [0]", "dofs = [1]"), 2, "acts on dof 1, but the junction has 1"),
    ],
)
def test_refused_before_anything_is_computed(tmp_path, text, status, message):
    got, lines = problem(text, cwd=tmp_path)
    assert got == status and len(lines) == 1
    assert message in lines[0]


def test_check_and_landauer_refuse_the_unstable_too(tmp_path):
    for command in ("check", "landauer"):
        status, lines = problem(UNSTABLE, command=command, cwd=tmp_path)
        assert status == 3 and "unstable" in lines[0]


def test_a_sweep_without_any_steady_state_is_refused(tmp_path):
    for command in ("run", "landauer"):
        status, lines = problem(UNSTABLE + '[sweep]\n"baths.L.friction" = [0.1, 0.2]\n', command=command, cwd=tmp_path)
        assert status == 3 and len(lines) == 1 and "unstable" in lines[0]


def test_folders_that_cannot_be_written(tmp_path):
    (tmp_path / "fast.toml").write_text(FAST)
    for target in ("fast.toml", "fast.toml/inside", "/proc/sgle"):
        done = sgle("run", "fast.toml", "-o", target, cwd=tmp_path)
        assert done.status == 2 and len(done.err.splitlines()) == 1
        assert done.err.startswith(f"sgle: error: {target}: ") and "-o" in done.err


def test_truncated_results(tmp_path):
    (tmp_path / "fast.toml").write_text(FAST)
    assert sgle("run", "fast.toml", cwd=tmp_path).status == 0
    results = tmp_path / "fast-run" / "results.h5"
    results.write_bytes(results.read_bytes()[:5000])
    done = sgle("report", "fast-run", cwd=tmp_path)
    assert done.status == 2 and "fast-run/results.h5: damaged" in done.err


def test_interrupt_leaves_usable_results(tmp_path):
    (tmp_path / "long.toml").write_text(FAST.replace("trajectories = 64", "trajectories = 6400\nbatch = 64"))
    process = start("run", "long.toml", cwd=tmp_path)
    results = tmp_path / "long-run" / "results.h5"
    deadline = time.monotonic() + 60
    while not results.exists():
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    result = library.load(results)
    assert result.interrupted and abs(result.kinetic_energy.z[0]) < 5
    assert "interrupted" in out + err
    assert (tmp_path / "long-run" / "report.html").is_file()


def test_a_reader_that_leaves_early_is_no_error(tmp_path):
    process = start("list", cwd=tmp_path)
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == ""
    process.stderr.close()
