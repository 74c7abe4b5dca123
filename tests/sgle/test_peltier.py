"""The Peltier-like term: 000 Eq. 35 against the full currents, its own derivative, and its laws."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from laws.models import INTER, INTRA, minimal
from laws.wire import wire
from scipy.integrate import quad

from sgle import Junction, baths, landauer, peltier
from sgle.errors import BathError, UnstableError


def scaled(s, bias, temperature=0.5):
    """The minimal model with electron-phonon coupling times s: every rate times s²."""
    electrons = baths.flat_band(s**2 * INTRA, s**2 * INTER, bias, temperature, 10.0, [0, 1])
    return minimal(bias, temperature).replace(e=electrons)


@pytest.mark.parametrize("bias", [0.01, 0.3])
def test_odd_part_of_the_full_current_converges_to_it(bias):
    """Relative difference falls as the square of the coupling."""
    away = []
    for s in (0.2, 0.1, 0.05):
        full = [landauer.heat_currents(scaled(s, sign * bias)) for sign in (1, -1)]
        odd = sum(sign * (j["L"] - j["R"]) for sign, j in zip((1, -1), full, strict=True)) / 2
        term = peltier.heat_currents(scaled(s, bias))
        away.append(odd / (term["L"] - term["R"]) - 1)
    assert abs(away[2]) < 5e-3
    assert away[0] / away[1] == pytest.approx(4, rel=0.1) and away[1] / away[2] == pytest.approx(4, rel=0.05)


def test_no_heat_is_made():
    """J_L = -J_R exactly: two lattice baths exchange it, unequal ones too, and three share it."""
    uneven = minimal(0.5).replace(R=baths.drude(0.08, 10.0, 0.5, 1))
    three = uneven.replace(probe=baths.ohmic(0.02, 3.0, 0.5, 0))
    for junction in (minimal(0.5), uneven, three):
        found = peltier.heat_currents(junction)
        assert abs(sum(found.values())) < 1e-14 * max(map(abs, found.values()))
        assert max(map(abs, found.values())) > 1e-5
    full = landauer.heat_currents(minimal(0.5))
    assert abs(full["L"] + full["R"]) > 0.1 * abs(full["L"])  # the full answer has Joule heat too


def test_odd_in_bias_and_silent_without_imaginary_parts():
    forward, backward = (peltier.heat_currents(minimal(bias)) for bias in (0.5, -0.5))
    assert forward["L"] == pytest.approx(-backward["L"], rel=1e-9)
    assert peltier.heat_currents(minimal(0.0))["L"] == pytest.approx(0, abs=1e-14)
    assert peltier.heat_currents(minimal(0.5).without("asymmetric"))["L"] == pytest.approx(0, abs=1e-16)
    assert peltier.coefficient(minimal(0.5).without("asymmetric"))["L"] == pytest.approx(0, abs=1e-16)


@pytest.mark.parametrize("temperature", [0.05, 0.5, 2.0])
def test_coefficient_is_the_slope(temperature):
    slope = peltier.coefficient(minimal(0.7, temperature))
    step = 1e-3 * temperature
    for name in ("L", "R"):
        by_difference = (
            8 * peltier.heat_currents(minimal(step, temperature))[name]
            - peltier.heat_currents(minimal(2 * step, temperature))[name]
        ) / (6 * step)
        assert slope[name] == pytest.approx(by_difference, rel=1e-6)


def test_equation_35_as_printed():
    """By scipy over the full axis, matrices written out here: ½∫ω Tr[Im Λ^RL Im Ã_L](coth - coth), Λ = -Γ/2π."""
    bias, temperature, cutoff, eta = 0.5, 0.5, 10.0, 0.05
    stiffness = np.array([[1.0, -0.16], [-0.16, 1.0]])

    def integrand(w):
        pi = -1j * w * eta * cutoff / (cutoff - 1j * w)
        d = np.linalg.inv((w**2 - pi) * np.eye(2) - stiffness)
        spectral = d.conj().T @ np.diag([-2 * pi.imag, 0]) @ d
        weight = -2 * (w + bias) / (1 + (w / cutoff) ** 2)
        trace = np.trace((weight * INTER).imag @ spectral.imag)
        return w * trace * (1 / np.tanh((w + bias) / 2 / temperature) - 1 / np.tanh(w / 2 / temperature)) / 2

    marks = [-40, -3, -1.2, -1.08, -1, -0.92, -0.7, -0.5, 0, 0.5, 0.7, 0.92, 1, 1.08, 1.2, 3, 40]
    total = sum(quad(integrand, a, b, epsabs=1e-13, limit=200)[0] for a, b in pairwise(marks))
    assert peltier.heat_currents(minimal(bias, temperature))["L"] == pytest.approx(total, rel=1e-5)


def test_temperature_dependence():
    """Linear in T when hot, T⁴ when frozen out: Im Ã of a pinned lattice in Ohmic leads starts as ω²."""
    temperature = np.array([0.004, 0.008, 50.0, 100.0])
    value = peltier.coefficient(minimal(), temperature)["R"]
    assert np.log2(value[1] / value[0]) == pytest.approx(4, abs=0.02)
    assert np.log2(value[3] / value[2]) == pytest.approx(1, abs=0.002)
    assert peltier.coefficient(minimal(), 0.0)["R"] == 0
    assert peltier.coefficient(minimal(), [[0.1, 0.2]])["L"].shape == (1, 2)
    assert float(peltier.coefficient(minimal())["L"]) == pytest.approx(
        float(peltier.coefficient(minimal(), 0.5)["L"]), rel=1e-12
    )


def test_refusals():
    with pytest.raises(BathError, match="no electron bath"):
        peltier.heat_currents(minimal().replace(e=None))
    with pytest.raises(BathError, match="one temperature"):
        peltier.heat_currents(minimal(0.5).replace(L=baths.drude(0.05, 10.0, 0.6, 0)))
    loose = Junction(np.diag([1.0, 2.0]), {k: minimal(0.5).baths[k] for k in ("L", "e")})
    with pytest.raises(UnstableError, match="undamped mode"):
        peltier.heat_currents(loose)


def test_energy_dependent_electrons():
    """Slope, conservation and temperature for electrons that are a table; a bath without its source says so."""
    slope = peltier.coefficient(wire())
    found = peltier.heat_currents(wire(0.004))
    assert found["L"] / 0.004 == pytest.approx(float(slope["L"]), rel=2e-3)
    assert found["L"] == pytest.approx(-found["R"], rel=1e-12)
    assert peltier.heat_currents(wire(-0.004))["L"] == pytest.approx(-found["L"], rel=1e-6)
    warm = peltier.coefficient(wire(), [0.02, 0.03])["R"]
    for value, temperature in zip(warm, (0.02, 0.03), strict=True):
        wanted = float(peltier.coefficient(wire(temperature=temperature))["R"])
        assert value == pytest.approx(wanted, rel=1e-9)
    orphan = wire().replace(e=replace(wire().baths["e"], source=None))
    with pytest.raises(BathError, match=r"known at temperature 0\.0258 alone"):
        peltier.coefficient(orphan, 0.02)


def test_half_filling_has_no_peltier_current():
    """Particle-hole symmetry: Im Γ^LR = 0, and the sign of the current changes with that of the carriers."""
    electrons, holes = (peltier.coefficient(wire(0.0, fermi_level=level))["R"] for level in (-1.5, 1.5))
    assert electrons > 0 and holes == pytest.approx(-electrons, rel=1e-4)
    assert abs(peltier.coefficient(wire(0.0, fermi_level=0.0))["R"]) < 1e-6 * electrons
