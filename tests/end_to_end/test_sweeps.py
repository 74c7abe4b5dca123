"""Sweeps over several keys: a folder for each combination, one table for all."""

import csv

from end_to_end.command import FAST, sgle

TWO = (
    FAST
    + """
[baths.R]
kind = "ohmic"
dofs = [0]
temperature = 0.3
friction = 0.1
cutoff = 3.0
[sweep]
"baths.L.temperature" = [0.5, 0.7]
"system.dynamical_matrix.0.0" = [1.0, -1.0, 2.0]
"""
)
KEYS = ["system.dynamical_matrix.0.0", "baths.L.temperature"]


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_exact_answers_of_every_combination_in_one_table(tmp_path):
    (tmp_path / "two.toml").write_text(TWO)
    done = sgle("landauer", "two.toml", "-o", "out", cwd=tmp_path)
    assert done.status == 0
    assert "no point of this sweep has a steady state" in done.out  # the one of negative stiffness
    found = rows(tmp_path / "out" / "landauer.csv")
    assert [[float(row[key]) for key in KEYS] for row in found] == [[1, 0.5], [1, 0.7], [2, 0.5], [2, 0.7]]
    assert rows(tmp_path / "out" / "system.dynamical_matrix.0.0=2" / "landauer.csv") == [
        {key: value for key, value in row.items() if key != KEYS[0]} for row in found[2:]
    ]


def test_a_sampled_sweep_goes_on_where_it_was(tmp_path):
    short = (
        TWO.replace("steps = 4000", "steps = 400").replace("0.5, 0.7]", "0.5]").replace("1.0, -1.0, 2.0]", "1.0, 2.0]")
    )
    (tmp_path / "two.toml").write_text(short)
    assert sgle("run", "two.toml", "-o", "out", cwd=tmp_path).status in (0, 1)
    assert sgle("run", "two.toml", "-o", "out", cwd=tmp_path).status == 2
    again = sgle("run", "two.toml", "-o", "out", "--resume", cwd=tmp_path)
    assert again.out.count("finished already") == 2
    assert len(rows(tmp_path / "out" / "sweep.csv")) == 2
