"""Radiation between bodies with temperatures and potentials: numbers of 002 A1, signs, bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgle import Junction, baths, landauer
from sgle.ehp.two_body import radiation, stopping_potential
from sgle.errors import BathError, InputError, QuadratureError

BAND = (1.0, 2.0)
# ehp-and-forces.md 1: (T1, ν1), (T2, ν2), J for τ = 1 on [1, 2], printed to ten digits.
NUMBERS = [
    ((0.5, 0.0), (0.4, 0.0), 6.921528864e-3),
    ((0.5, 0.0), (0.4, 0.3), -1.115935829e-3),
    ((0.5, -0.3), (0.4, 0.0), 5.898593737e-4),
    ((0.5, 0.3), (0.5, 0.0), 1.280902433e-2),
]


@pytest.mark.parametrize(("first", "second", "energy"), NUMBERS)
def test_reference_numbers(first, second, energy):
    found, back = radiation(1.0, BAND, first, second), radiation(1.0, BAND, second, first)
    assert found.energy == pytest.approx(energy, rel=1e-9)
    assert found.error[0] < 1e-9 * abs(energy)
    for forth, other in zip(found[:2], back[:2], strict=True):
        assert other == pytest.approx(-forth, rel=1e-12)
    assert back.entropy == pytest.approx(found.entropy, rel=1e-12)


def test_stopping_potentials():
    assert stopping_potential(1.0, BAND, (0.5, 0.0), 0.4) == pytest.approx(0.2709458235, abs=1e-10)
    assert stopping_potential(1.0, BAND, (0.4, 0.0), 0.5) == pytest.approx(-0.3414572425, abs=1e-10)
    assert stopping_potential(1.0, BAND, (0.5, 0.0), 0.4, (0.0, 0.9)) == pytest.approx(0.2709458235, abs=1e-10)
    quanta = stopping_potential(1.0, BAND, (0.5, 0.0), 0.4, of="quanta")
    assert abs(radiation(1.0, BAND, (0.5, 0.0), (0.4, quanta)).quanta) < 1e-12
    assert quanta == pytest.approx(0.26, abs=0.005)  # slower bosons count more: nearer to ω₀(1 - T₂/T₁) at ω₀ = 1


def test_equal_temperatures_stop_at_equal_potentials():
    assert stopping_potential(1.0, BAND, (0.5, 0.2), 0.5) == pytest.approx(0.2, abs=1e-11)


def test_one_frequency_stops_at_carnots_share():
    for width in (1e-2, 1e-5, 1e-7):
        nu = stopping_potential(1.0, (1.0, 1.0 + width), (0.5, 0.0), 0.4)
        assert nu == pytest.approx((1 + width / 2) * (1 - 0.4 / 0.5), rel=width**2 + 1e-9)


@given(
    st.floats(0.05, 2.0), st.floats(-1.0, 0.95), st.floats(0.05, 2.0), st.floats(-1.0, 0.95), st.sampled_from([0, 1, 2])
)
def test_second_law(t1, nu1, t2, nu2, power):
    """Entropy never falls, and it is what the heat of both bodies says."""
    found = radiation(lambda omega: (omega - 1) ** power, BAND, (t1, nu1), (t2, nu2))
    gross = radiation(1.0, BAND, (t1, nu1), (1e-3, -1.0)).quanta + radiation(1.0, BAND, (t2, nu2), (1e-3, -1.0)).quanta
    assert found.entropy >= 0
    heats = (found.energy - nu2 * found.quanta) / t2 - (found.energy - nu1 * found.quanta) / t1
    assert found.entropy == pytest.approx(heats, rel=1e-7, abs=1e-11 * gross * (1 / t1 + 1 / t2))


def test_equilibrium():
    found = radiation(1.0, BAND, (0.4, 0.3), (0.4, 0.3))
    assert found[:3] == (0, 0, 0)


def test_of_a_junction():
    """τ of two sites between gapped chains, one of them not matched: the same currents as from the junction."""
    junction = Junction(
        [[2.5, -0.3], [-0.3, 2.2]],
        {
            "L": baths.chain_lead(0.75, 1.0, 0.5, 0, potential=0.2),
            "R": baths.chain_lead(0.6, 1.21, 0.4, 1, potential=0.5),
        },
    )
    found = radiation(
        lambda omega: landauer.transmission(junction, omega, "L", "R"),
        (1.1, np.sqrt(3.61), 2.0),
        (0.5, 0.2),
        (0.4, 0.5),
    )
    assert found.energy == pytest.approx(landauer.heat_currents(junction)["R"], rel=1e-8)


def test_stefan_boltzmann_in_one_dimension():
    """τ = 1 on all frequencies: J = π(T₁² - T₂²)/12; with a potential below zero a dilogarithm."""
    found = radiation(lambda omega: np.ones(omega.size), (1e-9, 1.0, np.inf), (0.5, 0.0), (0.4, 0.0))
    assert found.energy == pytest.approx(np.pi / 12 * (0.25 - 0.16), rel=1e-7)
    sums = [t**2 * np.sum(np.exp(-0.3 * np.arange(1, 200) / t) / np.arange(1, 200) ** 2) for t in (0.5, 0.4)]
    found = radiation(1.0, (0.0, 1.0, np.inf), (0.5, -0.3), (0.4, -0.3))
    assert found.energy == pytest.approx((sums[0] - sums[1]) / (2 * np.pi), rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((1.0, BAND, (0.5, 1.0), (0.4, 0.0)), BathError, "ν = 1 must lie below the lower edge 1 "),
        ((1.0, BAND, (0.5, 0.0), (0.4, 1.5)), BathError, r"ν = 1\.5"),
        ((1.0, (0.0, 1.0), (0.5, 0.1), (0.4, 0.0)), BathError, "edge 0 "),
        ((1.0, BAND, (0.0, 0.0), (0.4, 0.0)), InputError, "must be positive"),
        ((1.0, BAND, 0.5, (0.4, 0.0)), InputError, "pair"),
        ((1.0, (2.0, 1.0), (0.5, 0.0), (0.4, 0.0)), InputError, "ascending"),
        ((1.0, (1.0,), (0.5, 0.0), (0.4, 0.0)), InputError, "ascending"),
        ((-0.1, BAND, (0.5, 0.0), (0.4, 0.0)), InputError, "≥ 0, found -0.1"),
        ((lambda omega: np.full(omega.size, np.nan), BAND, (0.5, 0.0), (0.4, 0.0)), InputError, "≥ 0"),
        ((lambda omega: np.ones((omega.size, 2)), BAND, (0.5, 0.0), (0.4, 0.0)), InputError, "shape"),
        ((1.0, (0.0, 1.0), (0.5, 0.0), (0.4, 0.0)), QuadratureError, "infinite"),
    ],
)
def test_bad_input(arguments, kind, message):
    with pytest.raises(kind, match=message):
        radiation(*arguments)


def test_no_stopping_potential():
    with pytest.raises(InputError, match="no potential between") as caught:
        stopping_potential(1.0, BAND, (0.5, 0.0), 0.4, (0.3, 0.9))
    assert caught.value.bracket == (0.3, 0.9)
    assert caught.value.flows[0] == pytest.approx(-1.115935829e-3, rel=1e-8) and caught.value.flows[1] < -0.05
    # A τ that vanishes at the edge lets a cold body send only so much.
    with pytest.raises(InputError, match="no potential"):
        stopping_potential(lambda omega: (omega - 1) * (2 - omega), BAND, (2.0, 0.9), 0.1)
    with pytest.raises(InputError, match="needs a bracket"):
        stopping_potential(1.0, (1.0, np.inf), (0.5, 0.0), 0.4)
    with pytest.raises(InputError, match="known: 'energy', 'quanta'"):
        stopping_potential(1.0, BAND, (0.5, 0.0), 0.4, of="heat")
    with pytest.raises(InputError, match="must be positive"):
        stopping_potential(1.0, BAND, (0.5, 0.0), -0.4)
