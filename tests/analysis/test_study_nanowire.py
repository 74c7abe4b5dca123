"""Answers of [nanowire] against reference/nanowire.md and laws of the model."""

import csv
import io

import numpy as np
import pytest

from sgle.analysis.studies.nanowire import answer
from sgle.errors import PhysicsError, RecipeError
from sgle.recipe import Recipe


def ask(name, *overrides):
    return answer(Recipe.load(name, [f"nanowire.{item}" for item in overrides]))


def read(found, file):
    return list(csv.DictReader(io.StringIO(found.tables[file])))


def column(rows, *names):
    return np.array([[float(row[name]) for name in names] for row in rows]).squeeze()


@pytest.fixture(scope="module")
def warm():
    """(1.44, 0.08) at eV = 0.1, k_BT = 0.7: a hot spot on the left, a cold one on the right."""
    return ask("nanowire-heating", "peaks=[1.44]", "biases=[0.1]", "temperatures=[0.7]")


def test_heating_shows_the_spots_of_the_reference(warm):
    rows = read(warm, "spots.csv")
    assert [row["kind"] for row in rows] == ["hot", "cold"]
    np.testing.assert_allclose(column(rows, "x", "P_ph/P_ext"), [(-0.78473, 25.8055), (1.1823, -15.5358)], rtol=2e-5)
    assert "0.0083215" in warm.text and "-0.7847: 25.81; 1.182: -15.54" in warm.text
    assert set(warm.pictures) == {"heating", "parts"}


def test_parts_add_up_and_end_in_joule_heat(warm):
    """003 Eq. 23; Eq. 33 joins P^s at 0 and φ; far away only the external field heats."""
    x, total, external, potential, scattered = column(
        read(warm, "heating.csv"), "x", "P_ph/P_ext", "P_ext/P_ext", "P_phi/P_ext", "P_s/P_ext"
    ).T
    np.testing.assert_allclose(total, external + potential + scattered, atol=1e-8)
    np.testing.assert_array_equal(external, 1)
    assert np.max(np.abs(scattered)) > 20
    assert abs(total[0] - 1) < 0.1 and abs(total[-1] - 1) < 0.1
    np.testing.assert_allclose(scattered[x < 0][-1], 11.3793, rtol=0.01)  # P^s(0-), P^s(0+)
    np.testing.assert_allclose(scattered[x > 0][0], 7.04755, rtol=0.05)


def test_reversed_bias_is_the_mirror_image(warm):
    """share = 1 and a peak eV higher: the same resonance, seen from the other end."""
    mirrored = ask("nanowire-heating", "peaks=[1.54]", "biases=[-0.1]", "temperatures=[0.7]", "share=0.0")
    same = ask("nanowire-heating", "peaks=[1.54]", "biases=[0.1]", "temperatures=[0.7]", "share=1.0")
    np.testing.assert_allclose(
        column(read(mirrored, "heating.csv"), "P_ph/P_ext")[::-1], column(read(same, "heating.csv"), "P_ph/P_ext")
    )
    np.testing.assert_allclose(
        column(read(same, "heating.csv"), "P_ph/P_ext"), column(read(warm, "heating.csv"), "P_ph/P_ext"), rtol=1e-5
    )


def test_asymmetry_is_that_of_the_reference():
    """Fig. 7, Γ = .08 at eV = .1 and Γ = .32 at eV = .5."""
    found = ask("nanowire-asymmetry", "temperatures=[0.5, 0.7]")
    rows = read(found, "asymmetry.csv")
    numbers = column(rows, "P_asym", "P_Landauer", "P_approx")
    np.testing.assert_allclose(
        numbers[:2], [(0.000177204, 0.008476, -0.000910098), (-0.00503871, 0.0070515, -0.00581865)], rtol=2e-5
    )
    np.testing.assert_allclose(
        numbers[-2:], [(0.0313016, 0.140101, -0.0364197), (-0.0597169, 0.137405, -0.120986)], rtol=2e-5
    )
    line = next(line for line in found.text.splitlines() if line.startswith("e0 = 1.44, Gamma = 0.08, eV = 0.1: "))
    at = float(line.removeprefix("e0 = 1.44, Gamma = 0.08, eV = 0.1: P_asym changes sign at kT = "))
    wanted = 0.5 + 0.2 * 0.000177204 / (0.000177204 + 0.00503871)
    assert at == pytest.approx(wanted, abs=6e-4)


def test_iv_is_that_of_the_reference():
    found = ask("nanowire-iv", "temperatures=[0.1, 0.7]", "biases=[0.02, 0.4, 2.0]")
    rows = read(found, "iv.csv")
    wanted = [0.002496, 0.001757, 0.15843, 0.036477, 0.22975, 0.13529]
    wanted += [0.001323, 0.001697, 0.011762, 0.030491, 0.015610, 0.082436]
    current, bias, dropped, landauer = column(rows, "I", "eV", "eV_tot", "I_Landauer").T
    np.testing.assert_allclose(current, wanted, atol=6e-7 + 5e-5 * max(wanted))
    np.testing.assert_allclose(current, wanted, rtol=4e-4)
    assert np.all(np.abs(dropped - bias) < 0.2) and np.all(dropped != bias)
    assert np.all((landauer > 0.7 * current) & (landauer < 1.05 * current))
    assert "I [e μ0/h], e0 = 0.64, Gamma = 0.08" in found.text


def test_map_has_the_dominant_spots_and_white_regions():
    """(1.44, .08) at k_BT = .7: hot left, cold right; (.64, .08): none."""
    found = ask("nanowire-spots", "peaks=[0.64, 1.44]", "widths=[0.08, 0.3]", "points=[2, 2]", "temperatures=[0.7]")
    rows = read(found, "spots.csv")
    assert len(rows) == 2 * 4
    by_place = {(float(row["e0"]), float(row["Gamma"]), row["wire"]): row for row in rows}
    left, right = (by_place[1.44, 0.08, side] for side in ("left", "right"))
    np.testing.assert_allclose(
        column([left, right], "x", "P_ph/P_ext"), [(-0.78473, 25.8055), (1.1823, -15.5358)], rtol=2e-5
    )
    np.testing.assert_allclose(column([left, right], "strength"), [24.8055**0.2, -(14.5358**0.2)], rtol=1e-4)
    assert by_place[0.64, 0.08, "left"]["strength"] == by_place[0.64, 0.08, "right"]["strength"] == ""
    assert [axes.get_title(loc="left").split(",")[0] for axes in found.pictures["strength"].axes[:2]] == [
        "left wire", "right wire",
    ]  # fmt: skip


def test_pictures_show_what_the_tables_say(warm):
    axes = warm.pictures["heating"].axes[0]
    drawn = np.concatenate([line.get_ydata() for line in axes.lines if len(line.get_ydata()) > 2])
    np.testing.assert_allclose(drawn, column(read(warm, "heating.csv"), "P_ph/P_ext"), rtol=1e-8)


def test_fields_beyond_linear_are_told_or_refused():
    cold = ("peaks=[1.0, 1.1]", "widths=[0.5, 1.0]", "points=[2, 2]", "temperatures=[0.1]")
    assert "of 4 solutions have fields above 2 k_BT, up to" in ask("nanowire-spots", *cold).text
    with pytest.raises(PhysicsError, match=r"^peak 1, width 1, bias 0.1, temperature 0.1: .*mean nothing"):
        ask("nanowire-spots", *cold, "allow_nonlinear=false")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ('[sweep]\n"nanowire.exponent" = [0.0, 0.5]', "sweep: [nanowire] has lists of its own"),
        ('units = "eV"', 'units: [nanowire] is written in units = "natural"'),
        ("bias = 0.1", "bias: belongs into [nanowire], biases"),
    ],
)
def test_what_would_be_passed_over_is_refused(override, message):
    text = Recipe.load("nanowire-iv").text
    text = f"{text}\n{override}" if "[" in override else f"{override}\n{text}"
    text = text.replace('units = "natural"', "") if "units" in override else text
    with pytest.raises(RecipeError) as caught:
        answer(Recipe.from_bytes(text.encode()))
    assert message in str(caught.value)
