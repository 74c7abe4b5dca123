"""The forces of a current as a user asks for them."""

from end_to_end.command import sgle


def test_sweep(tmp_path):
    sweep = "sweep={'forces.bias'=[0.0, 0.4]}"
    done = sgle("run", "current-induced-forces", "--set", sweep, "--set", "forces.loop_points=4", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    (folder,) = tmp_path.iterdir()
    assert {path.name for path in folder.iterdir()} == {"recipe.toml", "forces.csv", "forces.png"}
    assert "friction is positive at every point" in done.out


def test_refusals_are_one_line(tmp_path):
    couplings = "forces.couplings=[[[0.0, 0.1], [0.1, 0.0]], [[0.0, 0.1], [0.1, 0.0]]]"
    done = sgle("landauer", "current-induced-forces", "--set", "sweep={}", "--set", couplings, cwd=tmp_path)
    assert done.status == 2
    (line,) = done.err.splitlines()
    assert line.startswith("sgle: error: ") and "4" in line


def test_a_sweep_over_one_value(tmp_path):
    sweep = "sweep={'forces.bias'=[0.4]}"
    done = sgle("landauer", "current-induced-forces", "--set", sweep, "--set", "forces.loop_points=4", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
