"""A force that fails in the middle of a run: one line, everything finished is kept, and the run goes on bit for bit."""

import warnings

import numpy as np
import pytest
import well_calculator
from analysis_toys import small_junction, small_run
from anharmonic_toys import RUN, Outside, beyond, hard
from resume_toys import same

import sgle
from sgle.analysis.engine import batch_files
from sgle.analysis.passage import Passage
from sgle.cli import main
from sgle.errors import DivergedError, ForceError, SgleWarning
from sgle.files.junction_file import save_junction
from sgle.units import ANGSTROM_AMU

BATCHES = {"steps": 1000, "batch": 2, "trajectories": 6, "reference": True, "passages": {"far": Passage(beyond, 2.0)}}


def run(how="raises", **changes):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=SgleWarning, message=".*batches|.*prove anything")
        return small_run(small_junction().with_anharmonic(Outside(2, how)), **RUN | BATCHES | changes)


@pytest.fixture
def breaking(monkeypatch):
    """Make the force of this process break at the so manieth call."""

    def after(calls):
        monkeypatch.setattr(Outside, "left", calls)

    monkeypatch.setattr(batch_files, "SHARE", 0.0)
    return after


@pytest.fixture(scope="module")
def whole():
    return run()


def calls_of_a_batch(found):
    """Two models."""
    return 2 * (found.settings["steps"] + found.settings["burn_in"])


@pytest.mark.parametrize(("into", "how"), [(0.3, "NaN"), (1.6, "raises"), (1.6003, "NaN")])
def test_the_run_goes_on_once_the_force_works_again(tmp_path, breaking, whole, how, into):
    """Broken in the first or the second batch, in the model or in its reference, then once more soon after."""
    each, Outside.asked = calls_of_a_batch(whole), 0
    breaking(int(into * each))
    with pytest.raises(ForceError) as caught:
        run(how, folder=tmp_path)
    error, batch = caught.value, int(into)
    assert len(str(error).splitlines()) == 1 and f"at step {error.step}," in str(error)
    assert abs(error.step - (into - batch) * each / 2) < 300
    if how == "NaN":
        assert error.trajectory == 2 * batch + 1 and f"in trajectory {2 * batch + 1}:" in str(error)
    else:
        assert "RuntimeError: SCF did not converge in 60 iterations" in str(error)
    assert sorted(path.name for path in tmp_path.glob("*.done")) == [f"batch-{k:05d}.done" for k in range(batch)]
    breaking(100)
    with pytest.raises(ForceError):
        run(how, folder=tmp_path, resume=True)
    breaking(None)
    found = run(how, folder=tmp_path, resume=True)
    same(found, whole)
    assert np.array_equal(found.snapshots.displacement, whole.snapshots.displacement)
    assert np.array_equal(found.passages["far"], whole.passages["far"], equal_nan=True)
    assert found.potential_error == whole.potential_error
    assert 0 < Outside.asked - 3 * each < 150  # to build the junctions, but no step is asked for twice


def test_a_runaway_leaves_what_is_finished(tmp_path):
    """Trajectory 2 leaves the well at some time, which its cubic term allows; those before it are kept."""
    seen = []
    junction = small_junction()
    weak = hard(junction, -0.08)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SgleWarning)
        with pytest.raises(DivergedError) as caught:
            small_run(weak, **RUN | {"trajectories": 12, "batch": 1}, folder=tmp_path, on_batch=seen.append)
    done = len(list(tmp_path.glob("*.done")))
    assert done == caught.value.trajectory > 0 and f"of trajectory {done} " in str(caught.value)
    assert len(seen) == done and all(np.isfinite(each.kinetic_energy.value).all() for each in seen)


RECIPE = """
units = "eV"
[system]
junction = "well.h5"
[anharmonic]
kind = "ase"
calculator = "well_calculator:Well"
[run]
time_step_fs = 4.0
steps = 500
burn_in_fs = 400.0
trajectories = 8
batch = 2
seed = 3
"""


@pytest.fixture
def command(tmp_path, capsys, monkeypatch):
    """`sgle run` in this process: status, and what it printed."""
    mass = 196.966570
    atoms = sgle.Atoms(("Au",), np.zeros(3, int), np.array([mass]), well_calculator.CENTRE)
    stiffness = well_calculator.SPRING * ANGSTROM_AMU**2 / mass * np.eye(3)
    bath = sgle.baths.ohmic(0.002 * np.eye(3), 0.06, 0.025, [0, 1, 2])
    save_junction(tmp_path / "well.h5", sgle.Junction(stiffness, {"L": bath}, atoms=atoms))
    (tmp_path / "well.toml").write_text(RECIPE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sgle.cli.run._write_report", lambda result, folder: None)  # most of the time

    def execute(*arguments, breaks=None):
        well_calculator.calls = 0
        monkeypatch.setenv("WELL_BREAKS_AFTER", str(breaks or 10**9))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            status = main(["run", "well.toml", *arguments])
        return status, *capsys.readouterr()

    return execute


@pytest.mark.parametrize("workers", ["1", "2"])
def test_on_the_command_line(tmp_path, command, workers):
    """Status 3 and one line; what was finished is in results.h5; --resume ends as if nothing had been."""
    assert command("-o", "whole")[0] == 0
    status, out, err = command("--workers", workers, breaks=2000 if workers == "1" else 1500)
    errors = [line for line in err.splitlines() if line.startswith("sgle: error: ")]
    assert status == 3 and len(errors) == 1 and "Traceback" not in err, err
    assert "the anharmonic force failed at step" in errors[0] and "SCF did not converge (60 iterations)" in errors[0]
    assert "--resume goes on" in out
    kept = sgle.load(tmp_path / "well-run" / "results.h5")
    assert kept.interrupted and any("the run ended: the anharmonic force" in text for text in kept.warnings)
    status, out, err = command("--resume")
    assert status == 0, err
    same(sgle.load(tmp_path / "well-run" / "results.h5"), sgle.load(tmp_path / "whole" / "results.h5"))
    assert not (tmp_path / "well-run" / "work").exists()
