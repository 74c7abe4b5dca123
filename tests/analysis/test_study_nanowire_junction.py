"""Answers of [nanowire_junction] against reference/nanowire.md, constants of nature and laws of the model."""

import csv
import io

import numpy as np
import pytest
from scipy import constants
from scipy.integrate import trapezoid

from sgle.analysis.studies.nanowire_junction import answer
from sgle.errors import InputError, PhysicsError, RecipeError, SpectrumError
from sgle.recipe import Recipe
from sgle.units import BOLTZMANN

TABLE = """
units = "eV"
[nanowire_junction]
levels_eV = [0.172]
left_eV = [0.004]
right_eV = [0.004]
chemical_potential_meV = 50
band_bottom_eV = 0.1
effective_mass = 0.067
relaxation_time_fs = 200
temperatures_K = [{kelvin}]
biases_mV = [5]
share = 0.0
"""
WARM = TABLE.format(kelvin=0.3 * 0.05 / BOLTZMANN)


def ask(text, *overrides):
    return answer(Recipe.from_bytes(text.encode(), overrides=[f"nanowire_junction.{item}" for item in overrides]))


def read(found, file):
    return [{key: float(value) for key, value in row.items() if key != "kind"} for row in _rows(found, file)]


def _rows(found, file):
    return csv.DictReader(io.StringIO(found.tables[file]))


def test_one_level_is_the_resonance_of_the_paper():
    """(1.44, .08), eV = .1, k_BT = .3 of nanowire.md, both spins, in nA, nW and nm."""
    found = ask(WARM)
    (row,) = read(found, "junction.csv")
    conductance = constants.e**2 / constants.h
    assert row["I [nA]"] == pytest.approx(2 * 0.0124564 * conductance * 0.05 * 1e9, rel=1e-5)
    power = 2 * conductance * 0.05**2 * 1e9
    assert row["P_R - P_L [nW]"] == pytest.approx(0.00624022 * power, rel=1e-5)
    assert row["P_R - P_L, Landauer [nW]"] == pytest.approx(0.009213 * power, rel=1e-5)
    path = np.sqrt(2 * 0.05 * constants.e / (0.067 * constants.m_e)) * 200e-15 * 1e9
    spots = [(spot["x [nm]"] / path, spot["P_ph/P_ext"]) for spot in read(found, "spots.csv")]
    np.testing.assert_allclose(spots, [(-5.978, 1.05705), (8.5128, 0.991245)], rtol=2e-5)


def test_heat_is_the_work_of_current_and_field():
    """∫(P_ph - P_ext)dx = I V_tot (003 Eqs. 30, 32): between I V and what a free path of field adds."""
    found = ask(WARM, "spin=1.0")
    (row,) = read(found, "junction.csv")
    # φ(0+) - φ(0-) = -2.11218e-3 - 1.62051e-3 in μ0.
    total = row["I [nA]"] * (0.005 - 0.05 * (2.11218e-3 + 1.62051e-3))
    assert row["P_L [nW]"] + row["P_R [nW]"] == pytest.approx(total, rel=1e-5)
    points = read(found, "heating.csv")
    far = points[0]["P_ph [nW/nm]"] / points[0]["P_ph/P_ext"]
    x, heat = np.array([(p["x [nm]"], p["P_ph [nW/nm]"] - far) for p in points]).T
    right = trapezoid(heat[x > 0], x[x > 0])
    assert right == pytest.approx(row["P_R [nW]"], rel=0.02)


def test_exchanging_the_dots_and_the_bias_mirrors_everything():
    forward = ask(Recipe.load("nanowire-junction").text, "temperatures_K=[300]", "biases_V=[0.02]", "share=0.3")
    back = ask(Recipe.load("nanowire-junction").text, "temperatures_K=[300]", "biases_V=[-0.02]", "share=0.7")
    (one,), (other,) = read(forward, "junction.csv"), read(back, "junction.csv")
    assert one["P_L [nW]"] == pytest.approx(other["P_R [nW]"], rel=1e-8)
    assert one["I [nA]"] == pytest.approx(-other["I [nA]"], rel=1e-8)
    assert abs(one["P_L [nW]"] / one["P_R [nW]"] - 1) > 0.05


def test_shipped_recipe_turns_the_heat_around():
    found = ask(Recipe.load("nanowire-junction").text, "temperatures_K=[200, 300]", "biases_V=[0.005]")
    cold, warm = read(found, "junction.csv")
    assert cold["P_R - P_L [nW]"] > 0 > warm["P_R - P_L [nW]"]
    assert min(cold["P_R - P_L, Landauer [nW]"], warm["P_R - P_L, Landauer [nW]"]) > 0
    assert [row["kind"] for row in _rows(found, "spots.csv")] == ["hot", "cold"] * 2
    assert [axes.get_title(loc="left") for axes in found.pictures["junction"].axes][1].endswith("V = 0.005 V")


@pytest.mark.parametrize(
    ("overrides", "error", "message"),
    [
        (["levels_eV=[0.15, 0.15]", "left_eV=[0.008, 0.008]", "right_eV=[0.008, 0.008]"], InputError, "several"),
        (["left_eV=[-0.004]"], SpectrumError, "nanowire_junction: "),
        (
            ["left_eV=[2.0]", "right_eV=[2.0]", "levels_eV=[0.15]", "biases_mV=[20]"],
            PhysicsError,
            "174.068 K, 0.02 V: the field over",
        ),
    ],
)
def test_refused(overrides, error, message):
    with pytest.raises(error, match=message):
        ask(WARM, *overrides)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("biases_V = [0]", "nanowire_junction: biases must not be 0"),
        (
            "hamiltonian_eV = [[0.1]]",
            "nanowire_junction: give one of levels (their energies), hamiltonian; found levels",
        ),
        ("temperatures_K = [300, 300]", "nanowire_junction: temperatures holds a number twice"),
        ("relaxation_time = 1", "nanowire_junction.relaxation_time: needs its unit in the key"),
        ("left_eV = 0.004", "nanowire_junction.left_eV: "),
    ],
)
def test_message(line, message):
    """A line in the place of the one it replaces, if any."""
    key = line.partition("_")[0]
    rest = [other for other in WARM.splitlines() if not other.startswith(key)]
    with pytest.raises(RecipeError) as caught:
        ask("\n".join([*rest, line]))
    assert message in str(caught.value)


def test_it_counts_in_eV():
    natural = WARM.replace('"eV"', '"natural"')
    for key in ("_eV", "_meV", "_mV", "_K", "_fs"):
        natural = natural.replace(f"{key} =", " =")
    with pytest.raises(RecipeError, match='units = "eV"'):
        ask(natural)
