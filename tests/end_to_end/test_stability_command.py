"""`sgle stability` as a user types it: what it says, what it writes, and every way in which there is no answer."""

import csv
import signal
import time

import numpy as np
import pytest
from end_to_end.command import FAST, sgle, start
from end_to_end.example import RUNAWAY

from sgle.recipe import Recipe
from sgle.stability import critical_bias, eigenfrequencies, exceptional_point, pair_of_junction

RUN = """
[run]
time_step = 0.1
burn_in = 300.0
steps = 4000
trajectories = 16
seed = 1
"""
ASKED = """
[stability]
bias = [0.0, 4.0]
points = 9
without = ["nonconservative", "berry"]
"""
# Its bias brings two modes together near 1.67 and apart again: only there the non-conservative force drives one.
WINDOW = """
units = "natural"
bias = 1.5
[system]
dynamical_matrix = [[1.0, 0.0], [0.0, 1.5]]
[baths.e]
kind = "local"
dofs = [0, 1]
temperature = 0.5
cutoff = 10.0
friction = [[0.021, 0.0], [0.0, 0.021]]
nonconservative = [[0.0, 0.02], [-0.02, 0.0]]
shot_noise = [[0.0205, 0.0], [0.0, 0.0205]]
renormalisation = [[0.3, 0.0], [0.0, 0.0]]
"""


def table(path):
    """Rows of a CSV file by heading."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def asked(place, text, *more):
    """`sgle stability` of a recipe text, and its folder."""
    (place / "r.toml").write_text(text)
    return sgle("stability", "r.toml", *more, cwd=place), place / "r-stability"


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    return asked(tmp_path_factory.mktemp("stability"), RUNAWAY + RUN + ASKED)


@pytest.fixture(scope="module")
def recipe():
    return Recipe.from_bytes((RUNAWAY + RUN + ASKED).encode())


def test_an_unstable_junction_is_an_answer(answered):
    done, folder = answered
    assert done.status == 0 and done.err == ""
    tables = {"recipe.toml", "modes.csv", "stability.csv", "critical.csv"}
    assert {path.name for path in folder.iterdir()} == tables | {"roots.png", "growth-rate.png", "orbit.png"}
    for words in (
        "grows in 13.7",
        "e drives",
        "critical bias",
        "turns from dof 0 to dof 1",
        "energy per cycle: +104 %",
    ):
        assert words in done.out


def test_modes_are_those_of_the_library_in_continuum_and_on_the_grid(answered, recipe):
    rows = table(answered[1] / "modes.csv")
    junction = recipe.junction()
    for suffix, exact in (
        ("", eigenfrequencies(junction)),
        (" on the grid", eigenfrequencies(junction, recipe.grid())),
    ):
        z = np.array([complex(float(row[f"Re z{suffix}"]), float(row[f"Im z{suffix}"])) for row in rows])
        assert np.sort_complex(z) == pytest.approx(np.sort_complex(exact), rel=1e-10)
    for row in rows:
        parts = [float(value) for name, value in row.items() if name.startswith("Im z,")]
        assert len(parts) == 6 and sum(parts) == pytest.approx(float(row["Im z"]), rel=1e-9)


def test_critical_bias_is_that_of_the_library_and_without_the_wind_there_is_none(answered, recipe):
    rows = {row["without"]: row for row in table(answered[1] / "critical.csv")}
    at, grid = recipe.junction().at_bias, recipe.grid()
    assert float(rows[""]["critical bias"]) == pytest.approx(critical_bias(at, (0, 4)), abs=1e-9)
    assert float(rows[""]["on the grid"]) == pytest.approx(critical_bias(at, (1, 3), grid=grid), abs=1e-9)
    assert 0 < float(rows[""]["high"]) - float(rows[""]["low"]) < 1.1e-6
    without = critical_bias(lambda bias: at(bias).without("berry"), (0, 4))
    assert float(rows["berry"]["critical bias"]) == pytest.approx(without, abs=1e-9)
    assert without - critical_bias(at, (0, 4)) > 0.05
    assert rows["nonconservative"]["critical bias"] == ""
    assert "no mode grows from 0 to 4; the least damped one has z = 1.11656" in rows["nonconservative"]["note"]


def test_branches_change_sides_at_the_critical_bias(answered):
    rows = table(answered[1] / "stability.csv")
    for domain in ("continuum", "grid"):
        mine = [row for row in rows if row["domain"] == domain]
        assert {float(row["bias"]) for row in mine} >= set(np.linspace(0, 4, 9))
        for row in mine:
            growing = sum(float(other["Im z"]) > 0 for other in mine if other["bias"] == row["bias"])
            assert growing == int(row["growing modes"]) == int(float(row["bias"]) > 2.07)


def test_without_a_table_up_to_twice_the_bias(tmp_path, recipe):
    done, folder = asked(tmp_path, RUNAWAY.replace("bias = 2.6", "bias = 0.5"))
    assert done.status == 0, done.err
    z = max(eigenfrequencies(recipe.junction().at_bias(1.0)), key=lambda z: z.imag)
    nearest = f"{z.real:.6g} - {-z.imag:.6g}i"
    assert f"all forces: no mode grows from 0 to 1; the least damped one has z = {nearest} there" in done.out
    assert "without" not in done.out and (folder / "orbit.png").exists()


def test_map_over_another_key(tmp_path):
    text = RUNAWAY + '[stability]\nbias = [0.0, 4.0]\npoints = 3\nwithout = ["berry"]\n'
    done, folder = asked(tmp_path, text + '[sweep]\n"baths.L.friction" = [0.02, 0.3]\n')
    assert done.status == 0, done.err
    rows = table(folder / "critical.csv")
    assert [(row["baths.L.friction"], row["without"]) for row in rows] == [
        ("0.02", ""), ("0.02", "berry"), ("0.3", ""), ("0.3", "berry")
    ]  # fmt: skip
    damped = Recipe.from_bytes(text.encode(), overrides=["baths.L.friction=0.3"]).junction()
    assert float(rows[2]["critical bias"]) == pytest.approx(critical_bias(damped.at_bias, (0, 4)), abs=1e-9)
    assert float(rows[2]["critical bias"]) > float(rows[0]["critical bias"]) + 0.1
    assert "baths.L.friction = 0.3: all forces 2." in done.out and (folder / "critical-bias.png").exists()


def test_sweep_of_the_bias_is_the_range(tmp_path):
    done, folder = asked(tmp_path, RUNAWAY + '[sweep]\n"bias" = [-3.0, -1.0, 0.0]\n')
    assert done.status == 0, done.err
    (row,) = table(folder / "critical.csv")
    assert float(row["critical bias"]) == pytest.approx(-2.07004972, abs=1e-7)
    assert float(row["low"]) < float(row["critical bias"]) < float(row["high"])


def test_stability_that_comes_back_is_told_with_the_first_threshold(tmp_path):
    done, folder = asked(tmp_path, WINDOW + "[stability]\nbias = [0.0, 3.0]\npoints = 4\nwithout = []\n")
    assert done.status == 0, done.err
    assert "stability is lost or won 2 times between 0 to 3: 1.33333 to 1.66667, 1.66667 to 2" in done.out
    (row,) = table(folder / "critical.csv")
    exact = critical_bias(Recipe.from_bytes(WINDOW.encode()).junction().at_bias, (1.3, 1.7))
    assert float(row["critical bias"]) == pytest.approx(exact, abs=1e-9)


def test_unstable_from_the_beginning(tmp_path):
    done, folder = asked(tmp_path, RUNAWAY + "[stability]\nbias = [3.0, 4.0]\npoints = 2\nwithout = []\n")
    assert done.status == 0, done.err
    assert "1 mode grows already at the beginning of 3 to 4" in done.out
    assert table(folder / "critical.csv")[0]["critical bias"] == ""


def test_exceptional_point_is_that_of_the_library(tmp_path):
    done = sgle("stability", "exceptional-point", "--set", "stability.points=5", cwd=tmp_path)
    assert done.status == 0, done.err
    at = Recipe.load("exceptional-point").junction().at_bias
    found = exceptional_point(pair_of_junction(at, 0.4, (0.98, 1.02)), (0.4, 1.0))
    assert f"exceptional point: bias {found.value.real:.9g} - {-found.value.imag:.9g}i" in done.out
    assert f"overlap of their vectors {found.overlap:.9f}" in done.out and found.overlap > 0.97
    assert (tmp_path / "exceptional-point-stability" / "exceptional-point.png").exists()


def test_no_exceptional_point_is_one_line_with_numbers(tmp_path):
    where = "stability.exceptional_bias=[0.0, 0.2]"
    done = sgle("stability", "exceptional-point", "--set", "stability.points=5", "--set", where, cwd=tmp_path)
    assert done.status == 0, done.err
    (line,) = [line for line in done.out.splitlines() if line.startswith("exceptional point:")]
    assert "no exceptional point near [0, 0.2]" in line


def test_no_bias_and_one_mode(tmp_path):
    done, folder = asked(tmp_path, FAST)
    assert done.status == 0, done.err
    assert "critical bias: there is no bias" in done.out
    assert {path.name for path in folder.iterdir()} == {"recipe.toml", "modes.csv"}


def test_all_mistakes_at_once(tmp_path):
    text = (
        RUNAWAY
        + "[stability]\nbias = [1.0, 1.0]\n"
        + "[lifetime.x]\nbond = [0, 0]\nlimit = 1.0\n[growth]\nseed = 1.5\n"
    )
    done, folder = asked(tmp_path, text, "--set", 'stability.without=["bery"]')
    assert done.status == 2 and done.out == "" and not folder.exists()
    lines = done.err.splitlines()
    assert [line.split(": ")[2] for line in lines] == ["stability.without[0]", "growth.seed", "lifetime.x"]
    done, _ = asked(tmp_path, FAST + ASKED + "[cycle]\n")
    assert done.status == 2
    assert [line.split(": ", 2)[2] for line in done.err.splitlines()] == [
        "stability.bias: no bath feels a bias; only electrons do",
        "cycle: harmonic motion has no limit cycle; it needs [anharmonic]",
    ]


def test_too_deep_is_refused_with_the_depth_that_can_be_reached(tmp_path):
    done, _ = asked(tmp_path, RUNAWAY + "[stability]\ndepth = 50.0\n")
    assert done.status == 3
    assert "depth 50 is too deep: the self-energies of the baths can be continued to" in done.err


def test_growth_of_a_stable_junction_is_refused(tmp_path):
    done, _ = asked(tmp_path, RUNAWAY + RUN + "[growth]\n", "--set", "bias=1.0", "--set", "stability.points=2")
    assert done.status == 3 and "the junction is stable" in done.err


def test_interrupted(tmp_path):
    (tmp_path / "r.toml").write_text(RUNAWAY + "[stability]\nbias = [0.0, 4.0]\npoints = 9000\n")
    process = start("stability", "r.toml", cwd=tmp_path)
    while not (tmp_path / "r-stability" / "critical.csv").exists() and process.poll() is None:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in err
    assert not (tmp_path / "r-stability" / "stability.csv").exists()


def test_run_shows_cycle_and_lifetime(tmp_path):
    more = (
        '[anharmonic]\nkind = "polynomial"\nsites = [0, 1]\nquartic = 0.002\n[cycle]\n[lifetime.bond]\nbond = [0, 1]\n'
    )
    (tmp_path / "r.toml").write_text(RUNAWAY + RUN + more + "limit = 12.0\n")
    done = sgle("run", "r.toml", cwd=tmp_path)
    assert done.status == 0, done.err
    assert (
        "limit cycle" in done.out and "without noise" in done.out and "lifetime, bond: half have passed by" in done.out
    )
    names = {path.name for path in (tmp_path / "r-run").iterdir()}
    assert {"orbit.png", "saturation.png", "mode_distribution.png", "survival_bond.png"} <= names
    page = (tmp_path / "r-run" / "report.html").read_text()
    assert "Beyond the threshold" in page and "power taken from the current" in page
    refused = sgle("run", "r.toml", "--set", "lifetime.bond.bond=[0, 5]", "-o", "other", cwd=tmp_path)
    assert refused.status == 2 and "lifetime.bond: elongation: dof 5 is not among 0 ... 1" in refused.err
    assert not (tmp_path / "other").exists()
