"""Friction and wind force in a free-electron metal: Eq. 48, its reciprocity with Eq. 1, and a plain sum over states."""

import numpy as np
import pytest

from sgle.errors import InputError
from sgle.jellium import DENSITY, Wire, cross_section, curl_map, friction, wind_force
from sgle.jellium.wire import FERMI, FERMI_VECTOR


def test_printed_numbers():
    """J7."""
    assert friction(1.0) == pytest.approx(-8.377580410, abs=6e-10)
    assert friction(1.0, 0.2) / friction(1.0) - 1 == pytest.approx(-1.679e-3, abs=6e-7)
    assert friction(1.0, 0.01) / friction(1.0) - 1 == pytest.approx(-4.1667e-6, abs=6e-11)
    assert wind_force(1.0, 1.0) == pytest.approx(2.0)


def test_reciprocity():
    """Moving through electrons at rest, or resting in electrons that move: |L|V = F_w at j = ρV."""
    for strength in (0.3, -2.0):
        assert -friction(strength) * 0.1 == pytest.approx(wind_force(strength, DENSITY * 0.1), rel=1e-14)
    assert cross_section(0.3) == cross_section(-0.3) > 0


def test_wind_force_is_the_curl_maps():
    """2πmC² ν_b j_b eW in the bulk (J2) is σ p_F j (Eq. 1) of the current j_b eW."""
    bulk = 2 * np.pi * (1 / np.pi) * 0.5  # in units of C² eW, that of curl_map's strength
    assert wind_force(1.0, 0.5) == pytest.approx(bulk)
    found = curl_map(Wire(20.3), np.linspace(5, 15.3, 40), np.linspace(5, 15.3, 41), bias=0.02)
    assert bulk * found.strength.mean() == pytest.approx(wind_force(1.0, 0.5), rel=0.02)


@pytest.mark.parametrize(("temperature", "frequency"), [(0.02, 0.0), (0.02, 0.1), (0.0, 0.3)])
def test_pairs_of_states(temperature, frequency):
    """(2π/ω0)Λ' of Eq. 31: two spheres of plane waves of equal weight, (k_p - k_q)_z² averages to (k_p² + k_q²)/3."""
    t, w = temperature * FERMI, max(frequency, 1e-5) * FERMI

    def filled(e):
        return 1 / (1 + np.exp((e - FERMI) / t)) if t > 0 else np.where(e < FERMI, 1.0, 0.0)

    low, high = FERMI - 35 * t, FERMI + w + 35 * t
    x, weights = np.polynomial.legendre.leggauss(400)
    e = (high + low) / 2 + (high - low) / 2 * x
    k_q, k_p = np.sqrt(2 * e), np.sqrt(2 * (e - w))
    density = k_q * k_p / (2 * np.pi**2) ** 2 * (k_q**2 + k_p**2) / 3
    total = (high - low) / 2 * weights @ (density * (filled(e) - filled(e - w))) / 2
    assert friction(1.0, frequency, temperature) == pytest.approx(2 * np.pi / w * total, rel=1e-8)


def test_temperature():
    """∫(-f')ε² = ε_F² + π²T²/3."""
    for t in (1e-3, 0.01):
        assert friction(1.0, 0.0, t) / friction(1.0) - 1 == pytest.approx(np.pi**2 * t**2 / 3, rel=1e-6)


def test_small_frequency_and_strength():
    assert friction(1.0, 1e-6, 0.01) == pytest.approx(friction(1.0, 0.0, 0.01), rel=1e-10)
    assert friction(3.0, 0.1, 0.01) == pytest.approx(9 * friction(1.0, 0.1, 0.01), rel=1e-14)
    assert FERMI_VECTOR**2 / 2 == pytest.approx(FERMI)


@pytest.mark.parametrize(
    "more", [{"frequency": -0.1}, {"frequency": 1.0}, {"temperature": 0.03}, {"temperature": -1.0}]
)
def test_refusals(more):
    with pytest.raises(InputError, match="between 0 and 1"):
        friction(1.0, **more)
