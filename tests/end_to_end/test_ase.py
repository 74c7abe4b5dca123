"""Runs driven through ASE: one potential by both roads, in Python and on the command line, on one process and on two;
and a calculator that fails in the middle of a run.
"""

import shutil
import warnings
from textwrap import dedent

import numpy as np
import pytest

pytest.importorskip("ase", reason="needs ASE: pip install 'sgle[ase]'")

from ase_structures import EMT_PATH, gold_line
from end_to_end import failing_emt, gold_calculator
from end_to_end.command import ROOT
from end_to_end.command import sgle as command

import sgle
from sgle.anharmonic.ase import from_calculator, moving_atoms
from sgle.errors import SgleWarning
from sgle.files.junction_file import save_junction
from sgle.models import gold_chain
from sgle.models.gold.anharmonic import gold_chain_force
from sgle.recipe import Recipe
from sgle.units import kelvin

RUN = {
    "time_step": 12.0,
    "steps": 120,
    "burn_in": 40,
    "trajectories": 32,
    "batch": 16,
    "seed": 1,
    "spectrum_segment": 0,
}
ONE, MANY = (f"{gold_calculator.__name__}:{name}" for name in ("GoldChain", "GoldChains"))


def simulate(junction, **changes):
    """Short runs: error bars are large, which is not what these tests are about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SgleWarning)
        return sgle.simulate(junction, **RUN | {"units": "eV", "progress": False, "spectrum_segment": 0} | changes)


def furthest(found, expected):
    """Largest difference of any sampled number, relative to the largest of its kind."""
    assert found.series.keys() == expected.series.keys() and len(found.series) >= 5
    return max(
        np.abs(found.series[name] - whole).max() / np.abs(whole).max() for name, whole in expected.series.items()
    )


def same(found, expected):
    """Bit for bit."""
    assert found.series.keys() == expected.series.keys()
    assert all(np.array_equal(found.series[name], whole) for name, whole in expected.series.items())
    assert np.array_equal(found.snapshots.displacement, expected.snapshots.displacement)


def between_walls():
    """The chain between atoms that stay, and two simple baths of 400 and 200 K."""
    force = gold_chain_force(bases=False, elastic=False)
    baths = {
        name: sgle.baths.drude(2e-3 * np.eye(3), 0.06, kelvin(hot), dofs)
        for name, hot, dofs in (("L", 400.0, [0, 1, 2]), ("R", 200.0, [6, 7, 8]))
    }
    return sgle.Junction(force.stiffness, baths, atoms=moving_atoms(gold_calculator.structure()), anharmonic=force)


@pytest.fixture(scope="module", params=["lattice", "walls"])
def both(request):
    """The model with electrodes and current, or the simple one; built in, and through ASE by either protocol."""
    lattice = request.param == "lattice"
    junction = gold_chain(bases=False, bias=0.8, anharmonic=True) if lattice else between_walls()
    more = {"following": gold_calculator.following(), "tolerance": 0.2} if lattice else {}
    more |= {"junction": junction, "stiffness": junction.anharmonic.stiffness}
    forces = [from_calculator(path, gold_calculator.structure(), **more) for path in (ONE, MANY)]
    return junction, *(junction.with_anharmonic(force) for force in forces)


def test_both_roads(both):
    """To rounding; one call per trajectory and all at once, to the same bits."""
    built_in, one, many = both
    expected, found = simulate(built_in), simulate(one)
    assert furthest(found, expected) < 1e-10
    same(simulate(many), found)
    beyond = np.abs(expected.estimates["anharmonic_energy"].value)
    assert beyond > 0.02 * expected.kinetic_energy.value.sum()  # K is not all of it


RECIPE = """
units = "eV"
[system]
junction = "chain.h5"
[anharmonic]
kind = "ase"
structure = "chain.traj"
calculator = "CALCULATOR"
[run]
time_step_fs = 8.0
steps = 120
burn_in_fs = 320.0
trajectories = 32
batch = 16
seed = 1
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A recipe, its junction and structure, and beside them the module of the calculator, for any process."""

    def write(module, name, junction, structure, more=""):
        shutil.copy(module.__file__, tmp_path)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.chdir(tmp_path)
        structure.write("chain.traj")
        save_junction("chain.h5", junction.harmonic)
        path = f"{module.__name__.split('.')[-1]}:{name}"
        (tmp_path / "chain.toml").write_text(RECIPE.replace("CALCULATOR", path) + more)
        return tmp_path

    return write


def test_the_script_of_the_guide(capsys):
    """As it stands, with fewer steps."""
    guide = (ROOT / "docs" / "guide.md").read_text().split("## Forces from an ASE calculator\n")[1]
    code = dedent(guide.split("\n\nTrajectories feel")[0])
    short = code.replace("steps=2000, trajectories=32", "steps=100, trajectories=4, burn_in=20")
    assert short != code
    scope: dict = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SgleWarning)
        exec(compile(short, "guide.md", "exec"), scope)
    assert scope["result"].twin and len(scope["frames"]) == len(scope["result"].snapshots.displacement)
    moved = scope["frames"][-1].positions - scope["atoms"].positions
    assert 1e-3 < np.abs(moved[2:5]).max() < 1.0 and not moved[[0, 1, 5, 6]].any()


def in_this_process(folder, changes=()):
    """The recipe's run, without a folder of its own."""
    recipe = Recipe.load(folder / "chain.toml", changes)
    return simulate(recipe.junction(), **recipe.settings)


def test_on_the_command_line(folder):
    """Two processes the same bits as one; the built-in numbers."""
    built_in = between_walls()
    place = folder(gold_calculator, "GoldChain", built_in, gold_calculator.structure())
    done = command("run", "chain.toml", "--workers", "2", cwd=place)
    assert done.status in (0, 1), done.err
    assert "anharmonic force: calculator gold_calculator:GoldChain" in done.out
    found = sgle.load(place / "chain-run" / "results.h5")
    same(found, in_this_process(place))
    expected = simulate(built_in, **Recipe.load(place / "chain.toml").settings)
    assert furthest(found, expected) < 1e-4  # the stiffness is found by differences of forces


PARAMETERS = """
[anharmonic.parameters]
file = "broken"
at = 230
"""
SHORT = ("--set", "run.trajectories=6", "--set", "run.batch=2", "--set", "run.steps=60")


def test_a_calculator_that_fails_on_the_way(folder):
    """In one of two processes: one line, status 3, finished batches are kept; --resume ends as if nothing had been."""
    force = from_calculator(EMT_PATH, gold_line())
    bath = sgle.baths.drude(3e-3 * np.eye(9), 0.06, kelvin(30.0), range(9))
    junction = sgle.Junction(force.stiffness, {"L": bath}, atoms=moving_atoms(gold_line()))
    place = folder(failing_emt, "FailingEMT", junction, gold_line(), PARAMETERS)
    lost = command("run", "chain.toml", *SHORT, "--workers", "2", cwd=place)
    (line,) = [text for text in lost.err.splitlines() if text.startswith("sgle: error: ")]
    assert lost.status == 3 and "the anharmonic force failed at step" in line
    assert "FailingEMT failed: RuntimeError: SCF did not converge in 60 iterations" in line and "--resume" in lost.out
    kept = sgle.load(place / "chain-run" / "results.h5")
    assert (place / "broken").exists() and kept.interrupted
    done = command("run", "chain.toml", *SHORT, "--resume", cwd=place)
    assert done.status in (0, 1), done.err
    found, whole = sgle.load(place / "chain-run" / "results.h5"), in_this_process(place, SHORT[1::2])
    same(found, whole)
    assert not found.interrupted and not (place / "chain-run" / "work").exists()
    before, after = kept.series["kinetic_energy"], whole.series["kinetic_energy"]
    finished = np.isfinite(before).all(axis=(0, 2))
    assert 2 <= finished.sum() < 6
    assert np.array_equal(before[:, finished], after[:, : len(finished)][:, finished])
