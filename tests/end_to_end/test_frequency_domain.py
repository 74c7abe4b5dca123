"""Exact answers as a user asks for them: comparisons, sweeps across the critical bias, atoms, probes, no [run]."""

import csv

import numpy as np
import pytest
from end_to_end.command import FAST, sgle

import sgle as library
from sgle.files.junction_file import load_junction, save_junction

# The Rubin leads (no broadening) have a closed form and are quick.
CHAIN = """
title = "Chain"
units = "eV"
bias_V = 0.3
[system]
model = "electron-chain"
atoms = 3
fermi_level_eV = -1.0
phonon_broadening_meV = 0
[switches]
without = ["renormalisation"]
[compare]
without = ["asymmetric"]
"""
REPORTED = """
title = "Two atoms"
units = "natural"
bias = 2.0
[system]
junction = "j.h5"
[compare]
without = ["asymmetric"]
[run]
time_step = 0.15
steps = 4000
trajectories = 32
"""
COMPARE = ("--set", 'compare.without=["asymmetric"]')


def table(path):
    """Rows of a CSV file as dictionaries."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_comparison_beside_every_number(tmp_path):
    done = sgle("landauer", "minimal-model", *COMPARE, cwd=tmp_path)
    assert done.status == 0, done.err
    assert "without asymmetric forces" in done.out
    lines = {line.split()[0]: line.split()[1:] for line in done.out.splitlines() if len(line.split()) == 3}
    assert lines["L"] == ["-0.00035565707", "0.0017048036"]
    assert lines["R"] == ["0.0050557389", "0.0017048036"]  # without asymmetric forces the model is mirror symmetric
    (row,) = table(tmp_path / "minimal-model-landauer" / "landauer.csv")
    assert float(row["kinetic energy, dof 0, without asymmetric forces"]) == pytest.approx(0.38622844, rel=1e-7)


def test_heat_by_electron_hole_pairs(tmp_path):
    """Pairs that give eV heat, those that take it cool, and both together are the current of the table."""
    (tmp_path / "c.toml").write_text(CHAIN + "[channels]\n")
    free = sgle("landauer", "c.toml", "-o", "f", cwd=tmp_path)
    assert free.status == 2 and "1 free translation" in free.err  # without broadening nothing holds the chain
    done = sgle("landauer", "c.toml", "--set", "system.phonon_broadening_meV=0.5", cwd=tmp_path)
    assert done.status == 0, done.err
    (row,) = table(tmp_path / "c-landauer" / "landauer.csv")
    for bath in "LR":
        up, down = (float(row[f"heat from electron-hole pairs [nW], {bath} from e:{pair}"]) for pair in ("LR", "RL"))
        assert up > 0 > down
        assert up + down == pytest.approx(float(row[f"heat current into bath [nW], {bath}"]), rel=1e-3)
    assert "e:LL" not in done.out  # pairs within one electrode give nothing
    warmer = sgle("landauer", "c.toml", "--set", "system.temperature_L_K=310", "-o", "w", cwd=tmp_path)
    assert warmer.status == 2 and "one temperature" in warmer.err


def test_sweep_across_the_critical_bias(tmp_path):
    done = sgle("landauer", "minimal-model", *COMPARE, "--set", "sweep.bias=[1, 12, 2]", "-o", "out", cwd=tmp_path)
    assert done.status == 0, done.err
    (line,) = [line for line in done.out.splitlines() if line.startswith("12 ")]
    assert line.endswith("unstable: 1 mode") and "–" in line
    first, second, third = table(tmp_path / "out" / "landauer.csv")
    key = "heat current into bath, R"
    assert [first["note"], second["note"], third["note"]] == ["", "unstable: 1 mode", ""]
    assert second[key] == "" and float(second[f"{key}, without asymmetric forces"]) > 0.08
    assert float(third[key]) > float(first[key]) > 0
    assert (tmp_path / "out" / "landauer.png").stat().st_size > 10_000


def test_sampled_sweep_across_the_critical_bias(tmp_path):
    less = ("--set", "run.steps=1000", "--set", "run.trajectories=8", "--set", "run.excess=false")
    done = sgle("run", "minimal-model", *less, "--set", "sweep.bias=[12, 1]", "-o", "out", cwd=tmp_path)
    assert done.status in (0, 1), done.err
    assert "bias = 12 (1 of 2)\nunstable: 1 mode" in done.out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "bias=1",
        "recipe.toml",
        "sweep.csv",
        "sweep.png",
    ]
    unstable, stable = table(tmp_path / "out" / "sweep.csv")
    assert unstable["note"] == "unstable: 1 mode" and unstable["kinetic energy, dof 0"] == ""
    assert float(stable["kinetic energy, dof 0"]) > 0 and stable["note"] == ""


def test_check_of_a_sweep_across_the_critical_bias(tmp_path):
    less = ("--set", "run.steps=1000", "--set", "run.trajectories=16")
    done = sgle("check", "minimal-model", *less, "--set", "sweep.bias=[12, 1]", cwd=tmp_path)
    assert done.status == 0, done.err
    assert "unstable: 1 mode: this point has no answers" in done.out and "everything is in order" in done.out


def test_a_recipe_without_run_is_for_the_frequency_domain(tmp_path):
    (tmp_path / "exact.toml").write_text(FAST[: FAST.index("[run]")])
    done, again = sgle("run", "exact.toml", cwd=tmp_path), sgle("landauer", "exact.toml", cwd=tmp_path)
    assert done.status == again.status == 0, done.err
    first, *rest = done.out.splitlines()
    assert first == "no [run] in this recipe: exact answers in the frequency domain only, nothing is sampled"
    assert "\n".join(rest).replace("exact-run", "exact-landauer") == again.out.rstrip("\n")
    files = [{path.name for path in (tmp_path / f"exact-{name}").iterdir()} for name in ("run", "landauer")]
    assert files[0] == files[1] and "landauer.csv" in files[0]


def test_model_with_atoms(tmp_path):
    """000 Fig. 1 in one dimension: symmetric without asymmetric forces, hotter downstream with them."""
    (tmp_path / "chain.toml").write_text(CHAIN + "[probes]\n")
    done = sgle("landauer", "chain.toml", cwd=tmp_path)
    assert done.status == 0, done.err
    for words in ("excess kinetic energy per atom [meV]", "heat current into bath [nW]", "probe temperature [K]"):
        assert words in done.out
    folder = tmp_path / "chain-landauer"
    assert {"atoms.png", "probes.png", "landauer.png"} <= {path.name for path in folder.iterdir()}
    (row,) = table(folder / "landauer.csv")
    for title, top in (("excess kinetic energy per atom [meV]", 100), ("probe temperature [K]", 5000)):
        full = [float(row[f"{title}, Au {k}"]) for k in range(3)]
        without = [float(row[f"{title}, Au {k}, without asymmetric forces"]) for k in range(3)]
        assert without[0] == pytest.approx(without[2], rel=1e-5) and 0 < without[0] < without[1]
        assert full[0] < without[0] and full[2] > full[1] > full[0] and full[2] < top
    total = [float(row[f"heat current into bath [nW], {name}"]) for name in "LRe"]
    assert abs(sum(total)) < 1e-6 * max(map(abs, total))


def test_excess_in_a_sweep_of_the_bias_vanishes_at_zero(tmp_path):
    (tmp_path / "chain.toml").write_text(CHAIN + '[sweep]\n"bias_V" = [-0.2, 0.0, 0.2]\n')
    done = sgle("run", "chain.toml", "-o", "out", cwd=tmp_path)
    assert done.status == 0, done.err
    rows = table(tmp_path / "out" / "landauer.csv")
    excess = [[float(row[f"excess kinetic energy per atom [meV], Au {k}"]) for k in range(3)] for row in rows]
    assert excess[1] == [0, 0, 0]
    assert excess[0] == pytest.approx(excess[2][::-1], rel=1e-6)  # V -> -V: the mirror image
    assert (tmp_path / "out" / "atoms.png").is_file()


def atoms_in_a_file(path):
    """Two atoms at known places, with cheap baths."""
    inter = np.array([[0.004, 0.001 + 0.003j], [0.001 - 0.003j, 0.004]])
    baths = {
        "L": library.baths.ohmic(0.2, 4.0, 0.5, [0]),
        "R": library.baths.ohmic(0.2, 4.0, 0.5, [1]),
        "e": library.baths.flat_band(2 * inter.real, inter, 1.0, 0.5, 4.0, [0, 1]),
    }
    atoms = library.Atoms(("Au", "Au"), np.arange(2), None, np.array([[0.0, 0, 0], [2.5, 0, 0]]))
    save_junction(path, library.Junction([[1.0, -0.2], [-0.2, 1.0]], baths, atoms=atoms))


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """A finished run of two atoms with a comparison: (where, exit status)."""
    place = tmp_path_factory.mktemp("reported")
    atoms_in_a_file(place / "j.h5")
    (place / "two.toml").write_text(REPORTED)
    done = sgle("run", "two.toml", cwd=place)
    assert done.status == 0, done.err
    return place


def test_report_of_a_run_shows_both_exact_answers(reported):
    folder = reported / "two-run"
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<h2>With and without</h2>" in page
    assert "exact, with asymmetric forces" in page and "exact, without asymmetric forces" in page
    assert (folder / "atoms.png").stat().st_size > 20_000 and (folder / "atoms.pdf").is_file()
    exact = library.landauer.heat_currents(load_junction(reported / "j.h5").at_bias(2.0).without("asymmetric"))["L"]
    assert f"<td>{exact:.6g}</td>" in page


def test_sampled_excess_over_the_exact_answer_at_zero_bias(reported):
    """Without a reference run the exact answer of the same grid is taken away: z stays what it is for the energies."""
    from sgle.analysis.report_compare import beside

    result = library.load(reported / "two-run" / "results.h5")
    found = beside(result)
    assert found.sampled.z == pytest.approx(result.kinetic_energy_per_atom.z, abs=1e-9)
    assert found.sampled.continuum == pytest.approx(found.pair.full.excess, rel=1e-6)
    assert found.sampled.grid == pytest.approx(found.pair.full.excess, rel=0.05)
