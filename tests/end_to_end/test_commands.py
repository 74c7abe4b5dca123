"""Every command as a user types it: what it prints, what it writes, and its exit status."""

import csv
from pathlib import Path

import h5py
import numpy as np
import pytest
from end_to_end.command import FAST, ROOT, sgle

import sgle as library
from sgle.files.junction_file import digest, load_junction, save_junction
from sgle.recipe import Recipe
from sgle.units import BOLTZMANN


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run to its end: (folder, what it printed)."""
    place = tmp_path_factory.mktemp("run")
    (place / "fast.toml").write_text(FAST)
    return place, sgle("run", "fast.toml", cwd=place)


def table(path):
    """Rows of a CSV file."""
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


def test_version_and_list(tmp_path):
    assert sgle("--version", cwd=tmp_path).out == f"sgle {library.__version__}\n"
    listed = sgle("list", cwd=tmp_path)
    assert listed.status == 0
    names = [line.split()[0] for line in listed.out.splitlines()]
    assert len(names) >= 31 and names == sorted(path.stem for path in (ROOT / "runs").glob("*.toml"))
    told = (ROOT / "docs" / "recipes.md").read_text()
    assert [name for name in names if f"| [{name}](recipes/{name}.md) |" not in told] == []
    assert [name for name in names if not (ROOT / "docs" / "recipes" / f"{name}.md").exists()] == []


def test_run_writes_everything(finished):
    place, run = finished
    assert run.status == 0, run.err
    folder = place / "fast-run"
    assert {"recipe.toml", "results.h5", "report.html"} <= {path.name for path in folder.iterdir()}
    assert list(folder.glob("*.png")) and list(folder.glob("*.pdf"))
    assert (folder / "recipe.toml").read_text() == FAST
    assert "kinetic energy" in run.out and "cross-check passed" in run.out
    assert "report: fast-run/report.html" in run.out


def test_results_can_be_read_again(finished):
    place, _ = finished
    result = library.load(place / "fast-run" / "results.h5")
    assert result.recipe == FAST and result.crosscheck.passed and not result.interrupted
    assert digest(result.junction) == digest(Recipe.load(place / "fast.toml").junction())


def test_every_dataset_of_the_results_is_labelled(finished):
    place, _ = finished
    bare = []

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and not (item.attrs.get("units") and item.attrs.get("description")):
            bare.append(name)

    with h5py.File(place / "fast-run" / "results.h5") as file:
        file.visititems(visit)
    assert bare == []


def test_report_again(finished):
    place, _ = finished
    report = place / "fast-run" / "report.html"
    before = report.read_bytes()
    report.unlink()
    again = sgle("report", "fast-run", cwd=place)
    assert again.status == 0 and "cross-check passed" in again.out
    assert len(report.read_bytes()) == pytest.approx(len(before), rel=0.01)


def test_a_folder_with_results_is_not_touched(finished):
    place, _ = finished
    results = place / "fast-run" / "results.h5"
    before = results.stat().st_mtime_ns
    refused = sgle("run", "fast.toml", cwd=place)
    assert refused.status == 2
    assert refused.err.startswith("sgle: error: fast-run: exists and is not empty;") and "--overwrite" in refused.err
    assert results.stat().st_mtime_ns == before
    assert sgle("run", "fast.toml", "--overwrite", "--set", "run.steps=1000", cwd=place).status in (0, 1)
    assert results.stat().st_mtime_ns != before
    assert "steps = 1000" in (place / "fast-run" / "recipe.toml").read_text()


def test_error_bars_that_prove_nothing_are_status_1(tmp_path):
    (tmp_path / "short.toml").write_text(FAST)
    run = sgle("run", "short.toml", "--set", "run.steps=256", "--set", "run.trajectories=4", cwd=tmp_path)
    assert run.status == 1
    assert "inconclusive" in run.out
    assert library.load(tmp_path / "short-run" / "results.h5").crosscheck.verdict == "inconclusive"


def test_sweep(tmp_path):
    (tmp_path / "fast.toml").write_text(FAST + '[sweep]\n"baths.L.temperature" = [0.5, 1.0]\n')
    run = sgle("run", "fast.toml", "-o", "out", cwd=tmp_path)
    assert run.status == 0, run.err
    results = [library.load(tmp_path / "out" / f"baths.L.temperature={t:g}" / "results.h5") for t in (0.5, 1)]
    assert results[0].kinetic_energy.grid[0] < results[1].kinetic_energy.grid[0]
    rows = table(tmp_path / "out" / "sweep.csv")
    assert [row[0] for row in rows] == ["baths.L.temperature", "0.5", "1.0"]
    assert float(rows[1][1]) == pytest.approx(results[0].kinetic_energy.value[0], rel=1e-9)
    assert (tmp_path / "out" / "sweep.png").stat().st_size > 1000


def test_check(tmp_path):
    checked = sgle("check", "two-temperature-junction", "--set", "run.trajectories=8", cwd=tmp_path)
    assert checked.status == 0, checked.err
    for word in ("all 3 modes decay", "Δt·ω_max", "noise filter", "trajectory-steps", "everything is in order"):
        assert word in checked.out
    assert list(tmp_path.iterdir()) == []


def test_landauer(tmp_path):
    done = sgle("landauer", "minimal-model", cwd=tmp_path)
    assert done.status == 0, done.err
    assert "0.36542533" in done.out and "0.0050557389" in done.out
    folder = tmp_path / "minimal-model-landauer"
    assert {path.name for path in folder.iterdir()} == {"recipe.toml", "landauer.csv", "spectra.csv", "landauer.png"}


def test_landauer_sweep_mirrors(tmp_path):
    """eV → -eV exchanges the two sites of the minimal model."""
    done = sgle("landauer", "minimal-model", "--set", "sweep.bias=[-1.0, 0.0, 1.0]", "-o", "out", cwd=tmp_path)
    assert done.status == 0, done.err
    rows = table(tmp_path / "out" / "landauer.csv")
    minus, zero, plus = ([float(cell) for cell in row] for row in rows[1:])
    assert minus[1:5] == pytest.approx([plus[2], plus[1], plus[4], plus[3]], rel=1e-8)
    assert zero[1:3] == pytest.approx([0.36899444] * 2, abs=1e-8)


def test_import(tmp_path):
    with h5py.File(tmp_path / "made.nc", "w") as file:
        file["hw"], file["U"], file["eta_r"] = [0.1, 0.2, 0.3], np.eye(3), 0.01 * np.eye(3)
        for name in ("xim_r", "xip_r", "zeta1_r", "zeta2_r"):
            file[name] = np.zeros((3, 3))
    command = ("import", "sclmd", "made.nc", "-o", "j.h5", "--symbols", "Au", "--temperature-K", "4.2")
    done = sgle(*command, cwd=tmp_path)
    assert done.status == 0, done.err
    assert "3 dofs, vibrations from 100 to 300 meV" in done.out
    junction = load_junction(tmp_path / "j.h5")
    assert junction.atoms.symbols == ("Au",)
    assert junction.baths["e"].temperature == pytest.approx(4.2 * BOLTZMANN)
    again = sgle(*command, cwd=tmp_path)
    assert again.status == 2 and "j.h5: exists already" in again.err


def test_junction_file_in_a_recipe(tmp_path):
    junction = Recipe.load("minimal-model").junction()
    save_junction(tmp_path / "j.h5", junction)
    (tmp_path / "r.toml").write_text('units = "natural"\nbias = 1.0\n[system]\njunction = "j.h5"\n')
    assert digest(Recipe.load(tmp_path / "r.toml").junction()) == digest(load_junction(tmp_path / "j.h5"))
    done = sgle("landauer", "r.toml", cwd=tmp_path)
    assert done.status == 0 and "0.36542533" in done.out
    assert Path(tmp_path / "r-landauer").is_dir()
