"""The command line with anharmonic recipes: what check says, what is refused before anything is written, sweeps."""

import csv
import warnings

import pytest

import sgle
from sgle.cli import main
from sgle.errors import RecipeError
from sgle.recipe import Recipe

# Two sites pushed round by a current; beyond a bias of about 2 only the quartic terms hold them.
RECIPE = """
title = "Two vibrations that are not harmonic"
units = "natural"
bias = BIAS
[system]
dynamical_matrix = [[1.0, -0.1], [-0.1, 1.0]]
[baths.L]
kind = "ohmic"
dofs = [0]
temperature = 0.3
friction = 0.02
cutoff = 4.0
[baths.R]
kind = "ohmic"
dofs = [1]
temperature = 0.3
friction = 0.02
cutoff = 4.0
[baths.e]
kind = "flat_band"
dofs = [0, 1]
temperature = 0.3
cutoff = 4.0
intra = [[0.02, 0.004], [0.004, 0.02]]
inter = [[0.01, [0.002, 0.008]], [[0.002, -0.008], 0.01]]
[anharmonic]
kind = "polynomial"
sites = [0, 1]
quartic = 0.1
[run]
time_step = 0.15
steps = 1500
trajectories = 8
seed = 5
"""


@pytest.fixture
def command(tmp_path, capsys, monkeypatch):
    """A command in this process: status, and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sgle.cli.run._write_report", lambda result, folder: None)
    monkeypatch.setattr("sgle.analysis.report.write_report", lambda result, folder: folder / "report.html")

    def execute(name, bias, *arguments, more=""):
        (tmp_path / "two.toml").write_text(RECIPE.replace("BIAS", str(bias)) + more)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            status = main([name, "two.toml", *arguments])
        return status, *capsys.readouterr()

    return execute


def test_check_of_a_stable_and_of_an_unstable_one(command):
    status, out, _ = command("check", 0.5)
    assert status == 0 and "anharmonic force: polynomial" in out
    assert (
        "all 2 modes decay" in out
        and "moves harmonic energies of modes by up to" in out
        and "trajectory-steps at" in out
    )
    status, out, _ = command("check", 4.0, "--set", "run.burn_in=300")
    assert status == 0
    assert "1 mode of the harmonic part grows, the fastest in 17.1; the anharmonic force has to hold that" in out
    assert "run it with half the step" in out and "trajectory-steps at" in out


def test_refused_before_anything_is_written(command, tmp_path):
    status, _, err = command("run", 4.0)
    assert status == 2 and "burn_in must be given" in err
    status, _, err = command("run", 4.0, more='burn_in = 300.0\nreference = "harmonic"\n')
    assert status == 3 and "unstable" in err
    status, _, err = command("run", 0.5, more='start = "stationary"\n')
    assert status == 2 and "draws harmonic motion" in err
    assert not (tmp_path / "two-run" / "results.h5").exists()


def test_a_run_beside_its_twin(command, tmp_path):
    status, out, _ = command("run", 0.5, more='reference = "harmonic"\ncontrol = true\n')
    found = sgle.load(tmp_path / "two-run" / "results.h5")
    assert status == (0 if found.crosscheck.passed else 1) and found.twin and found.settings["control"]
    assert "the harmonic twin as control variate" in out and "no exact answer exists" in out


def test_a_sweep_through_the_threshold(command, tmp_path):
    """Points beyond it are run like the others; exact answers are empty."""
    more = "burn_in = 300.0\n[sweep]\nbias = [0.5, 4.0]\n"
    status, out, err = command("run", 0.0, more=more)
    assert status in (0, 1), err
    rows = list(csv.DictReader((tmp_path / "two-run" / "sweep.csv").read_text().splitlines()))
    assert [row["bias"] for row in rows] == ["0.5", "4.0"] and "unstable" not in out
    energies = [float(row["kinetic energy, dof 0"]) for row in rows]
    assert energies[1] > 3 * energies[0] and not any("exact" in name for name in rows[0])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('excess = true\nreference = "harmonic"\n', "one of them at a time"),
        ("control = true\n", "it needs excess = true"),
        ('reference = "cubic"\n', "run.reference"),
    ],
)
def test_keys_that_do_not_go_together(tmp_path, more, message):
    path = tmp_path / "two.toml"
    path.write_text(RECIPE.replace("BIAS", "0.5") + more)
    with pytest.raises(RecipeError, match=message):
        Recipe.load(path)
    path.write_text(RECIPE.replace("BIAS", "0.5") + 'reference = "harmonic"\n')
    assert Recipe.load(path).settings["reference"] == "harmonic"
