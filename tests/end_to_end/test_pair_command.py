"""Electron-hole pairs as a user asks for them: sgle landauer, sgle check and sgle run of recipes with [ehp]."""

import csv

import pytest
from end_to_end.command import sgle
from end_to_end.example import PAIRS

ASKED = PAIRS + '[ehp]\norder = "both"\n'


@pytest.fixture
def recipe(tmp_path):
    (tmp_path / "p.toml").write_text('name = "p"\n' + ASKED)
    return tmp_path


def table(path):
    """Rows of a CSV file as dictionaries."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_one_junction(recipe):
    emission = ("--set", 'ehp.emission="ph"', "--set", "ehp.points=20")
    done = sgle("landauer", "p.toml", *emission, cwd=recipe)
    assert (done.status, done.err) == (0, "")  # what the lowest order is worth is told in the table, not by a warning
    assert "lowest order ±32%" in done.out.splitlines()
    lines = {line.strip().rsplit("  ", 1)[0].strip(): line.split()[-1] for line in done.out.splitlines() if line}
    assert lines["all, lowest order"] == "0.0017372673"  # of entropy, the last of that name
    assert lines["I, lowest order"] == "0.0020757943"  # reference: 2.075794302e-3
    written = recipe / "p-landauer"
    assert {"emission.csv", "emission.png", "landauer.csv"} <= {path.name for path in written.iterdir()}
    assert len(table(written / "emission.csv")) == 20


def test_sweep_over_two_keys(recipe):
    sweep = 'sweep={"baths.e.splitting" = [0.0, 0.5], "bias" = [0.0, 0.4]}'
    done = sgle("landauer", "p.toml", "--set", sweep, "--set", "ehp.order=full", "-o", "out", cwd=recipe)
    assert (done.status, done.err) == (0, "")
    assert (recipe / "out" / "pairs.png").stat().st_size > 20_000
    assert (recipe / "out" / "bias=0.4" / "pairs.png").exists()
    rows = table(recipe / "out" / "landauer.csv")
    assert [(row["bias"], row["baths.e.splitting"]) for row in rows] == [
        ("0.0", "0.0"), ("0.0", "0.5"), ("0.4", "0.0"), ("0.4", "0.5")
    ]  # fmt: skip
    head = "energy from electron-hole pairs, "
    for row in rows:
        channels = [float(value) for name, value in row.items() if name.startswith(f"{head}e:") and value]
        assert sum(channels) == pytest.approx(float(row[f"{head}all"]), rel=1e-8)


def test_threshold_in_a_sweep(tmp_path):
    done = sgle("landauer", "electronic-heating", "--set", "sweep.bias=[0.5, 1.6]", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    assert "lasing threshold, exact: 1.45215931" in done.out
    last = [line for line in done.out.splitlines() if line.startswith("1.6 ")][-1]
    assert last.endswith("unstable: 1 mode; lasing: mode 0")
    assert max(map(len, done.out.splitlines())) < 190
    stable, lasing = table(tmp_path / "electronic-heating-landauer" / "landauer.csv")
    assert lasing["quanta of modes, mode 0, golden rule"] == "" and float(lasing["growth rate of quanta, mode 0"]) > 0
    assert float(stable["quanta of modes, mode 0, golden rule"]) == pytest.approx(0.0502252, rel=1e-5)
    assert lasing["note"] == "unstable: 1 mode; lasing: mode 0"


def test_trajectories_count_quanta(tmp_path):
    fewer = ("run.trajectories=64", "run.steps=1000", "run.time_step=0.1", "sweep={bias=[0.3]}")
    overrides = [word for assignment in fewer for word in ("--set", assignment)]
    done = sgle("run", "cold-spot-current", *overrides, "-o", "out", cwd=tmp_path)
    assert done.status == 0, done.err
    (row,) = table(tmp_path / "out" / "sweep.csv")
    sampled, error, exact = (
        float(row[f"quanta of modes, mode 0{part}"]) for part in ("", ", standard error", ", exact")
    )
    assert abs(sampled - exact) < 5 * error < 0.5 * exact


def test_check_tells_what_is_asked(recipe):
    done = sgle("check", "p.toml", cwd=recipe)
    assert done.status == 0
    assert "pairs      [ehp] asks what electron-hole pairs do, full and lowest order: sgle landauer" in done.out


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        (["bias=0.5", "ehp.temperature=0.5", "ehp.difference=0.4"], 2, "heat rectification is found without bias"),
        (
            ['baths.other={kind = "drude", dofs = [0], temperature = 0.7, friction = 0.1, cutoff = 10}'],
            2,
            "[ehp] cannot be told, leave that table out: the currents of single channels need one temperature",
        ),
        (['switches.without=["nonequilibrium_noise"]'], 2, "nonequilibrium_noise switched off"),
        (
            ["bias=3", "baths.e.levels=[0.5, -0.5]", "baths.e.temperature=0.2", "baths.ph.friction=1e-3"],
            3,
            "1 unstable mode",
        ),
    ],
)
def test_what_is_refused(recipe, change, status, message):
    overrides = [word for assignment in change for word in ("--set", assignment)]
    done = sgle("landauer", "p.toml", *overrides, cwd=recipe)
    assert done.status == status
    (line,) = done.err.splitlines()
    assert line.startswith("sgle: error: ") and message in line
