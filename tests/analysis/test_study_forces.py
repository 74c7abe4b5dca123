"""Study [forces]: the reference's numbers, work that balances, and where friction turns negative."""

import csv

import numpy as np
import pytest
from laws.five_forces import couplings, junction

from sgle.analysis.studies.forces import answer
from sgle.electronic.pairs import Occupation
from sgle.forces import force_matrices
from sgle.recipe import Recipe


def asked(*overrides):
    return answer(Recipe.load("current-induced-forces", list(overrides)))


def numbers(found):
    """{name: number} of a study without sweep."""
    head, row = csv.reader(found.tables["forces.csv"].splitlines())
    return {name: float(value) for name, value in zip(head[1:], row[1:], strict=True)}


def rows(found):
    return list(csv.DictReader(found.tables["forces.csv"].splitlines()))


def test_reference_numbers():
    """Section 4, every part; the recipe's loop the other way round loses what it gained."""
    found = numbers(asked("sweep={}"))
    wanted = {
        "Ks00": -1.4724296088, "Ks11": -1.5812335230, "Ks01": (1.0400742789 + 1.1630087515) / 2,
        "Ka01": -0.0614672363, "Ls00": -0.9842044555, "Ls11": -1.4684650417, "Ls01": 1.1448488905,
        "La01": -0.0580799108,
    }  # fmt: skip
    for name, value in wanted.items():
        assert found[name] == pytest.approx(value, abs=6e-10)
    back = numbers(asked("sweep={}", "forces.loop=[[0.16, -0.02], [0.13, 0.02]]"))
    for name in ("work, mean force", "work, non-conservative"):
        assert found[name] == pytest.approx(-back[name], rel=1e-6) and found[name] > 1e-3
    assert back["work, friction"] == pytest.approx(found["work, friction"], rel=1e-9)
    assert found["work, both"] > 0 > back["work, both"]  # the current feeds one sense of rotation


def test_work_of_slow_turns():
    """For small loops and low frequency the mean force's work is that of K at ω0; π Im c†Kc by hand."""
    small = "forces.loop=[[0.016, 0.002], [0.013, -0.002]]"
    found = numbers(asked("sweep={}", small, "forces.frequency=0.001"))
    assert found["work, mean force"] == pytest.approx(found["work, non-conservative"], rel=1e-3)
    area = 0.016 * -0.002 - 0.002 * 0.013  # Im(c_0* c_1)
    assert found["work, non-conservative"] == pytest.approx(2 * np.pi * found["Ka01"] * area, rel=1e-9)
    spared = 0.016**2 + 0.002**2, 0.016 * 0.013 - 0.002**2, 0.013**2 + 0.002**2  # Re(c_k* c_l)
    dissipated = spared[0] * found["Ls00"] + 2 * spared[1] * found["Ls01"] + spared[2] * found["Ls11"]
    assert found["work, friction"] == pytest.approx(np.pi * 0.001 * dissipated, rel=1e-6)


def test_where_friction_turns_negative():
    """The place told is a zero of the largest damping; at a higher frequency there is none."""
    found = asked("forces.loop_points=3", "sweep={'forces.bias'=[3.0, 2.4, 2.8], 'forces.frequency'=[0.12, 0.48]}")
    first, second = found.text.splitlines()[-3], found.text.splitlines()[-1]
    assert first.startswith("friction turns negative at bias = 2.6") and first.endswith(", frequency = 0.12")
    assert second == "friction is positive at every point, frequency = 0.48"
    bias = float(first.split(" = ")[1].split(",")[0])

    def largest(bias):
        occupation = Occupation(0.25 + bias / 2, 0.25 - bias / 2, 0.04, 0.04)
        damping = force_matrices(junction(), couplings(), 0.12, occupation, spin=1).damping
        return np.linalg.eigvalsh(damping)[-1]

    assert largest(bias - 1e-4) < 0 < largest(bias + 1e-4)


def test_slices_and_picture():
    found = asked("forces.loop_points=3", "sweep={'forces.frequency'=[0.48, 0.06], 'forces.bias'=[0.0, 0.4]}")
    table = rows(found)
    assert [(row["slice"], float(row["frequency"])) for row in table] == [
        ("bias = 0", 0.48), ("bias = 0", 0.06), ("bias = 0.4", 0.48), ("bias = 0.4", 0.06)
    ]  # fmt: skip
    assert abs(float(table[0]["Ka01"])) < 1e-12
    assert float(table[2]["Ka01"]) == pytest.approx(-0.042625875, abs=1e-9)
    assert float(table[3]["La01"]) == pytest.approx(-0.058196374, abs=1e-9)
    axes = {axis.get_title(loc="left"): axis for axis in found.pictures["forces"].axes}
    line = axes["non-conservative, (K - Kᵀ)/2"].lines[1]
    assert line.get_xdata().tolist() == [0.06, 0.48] and line.get_ydata()[1] == pytest.approx(-0.042625875, abs=1e-9)


ONE = """
units = "natural"
[forces]
hamiltonian = [[0.5, 0.0], [0.0, -0.4]]
couplings = [[0.0, 0.1], [0.1, 0.0]]
left = [0.4, 0.0]
right = [0.0, 0.4]
temperature = 0.05
frequency = 1.0
spin = 1.0
"""


def test_one_displacement_has_no_curl(tmp_path):
    """Friction is that of the page of thermal-equilibration."""
    (tmp_path / "one.toml").write_text(ONE)
    found = answer(Recipe.load(str(tmp_path / "one.toml")))
    assert set(numbers(found)) == {"point", "Ks00", "Ls00", "largest damping"} and not found.pictures
    assert numbers(found)["Ls00"] == pytest.approx(-0.0229818, abs=6e-8)
    swept = answer(Recipe.load(str(tmp_path / "one.toml"), ["sweep={'forces.bias'=[0.0, 0.2, 0.4]}"]))
    titles = [axis.get_title(loc="left") for axis in swept.pictures["forces"].axes if axis.axison]
    assert titles == ["conservative, (K + Kᵀ)/2", "damping, (L + Lᵀ)/2", "largest eigenvalue of the damping"]
