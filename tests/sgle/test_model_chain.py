"""The one-dimensional chain: electron-hole symmetry, mirror laws, the numbers of reference/junctions.md 7."""

from functools import cache

import numpy as np
import pytest
from laws.models import dagger

from sgle import landauer
from sgle.baths import chain_lead
from sgle.errors import InputError, UnstableError
from sgle.models import chain
from sgle.units import kelvin, nanowatts

KT = kelvin(300)


@cache
def unbiased(fermi_level, **changes):
    return chain.electron_chain(fermi_level=fermi_level, **changes)


@cache
def junction(fermi_level, bias, **changes):
    return unbiased(fermi_level, **changes).at_bias(bias)


def solved(given):
    found = landauer.answers(given, rtol=1e-4)
    return nanowatts(np.array([found.heat_currents[name] for name in ("L", "R", "e")])), found.kinetic_energy


@cache
def answers(fermi_level, bias, **changes):
    return solved(junction(fermi_level, bias, **changes))


def excess(fermi_level, bias):
    return answers(fermi_level, bias)[1] - answers(fermi_level, 0.0)[1]


def page_excess(fermi_level, bias):
    """As the page integrates: 4000 uniform points up to 40 meV (what lies beyond adds 0.03 meV at 0.2 V)."""
    omega = np.linspace(0, 40e-3, 4001)[1:]
    spectra = [landauer.velocity_spectrum(junction(fermi_level, value), omega) for value in (bias, 0.0)]
    return np.trapezoid(spectra[0] - spectra[1], omega, axis=0) / (2 * np.pi)


def test_uniform_electrons():
    """An endless chain transmits one channel in its band and none outside; nothing but the electrodes broadens it."""
    electrons = chain.structure(4)
    np.testing.assert_allclose(electrons.transmission([-7.0, -1.5, 0.0, 3.0]), 1.0, rtol=1e-12)
    np.testing.assert_allclose(electrons.transmission([-7.2, 7.5]), 0.0, atol=1e-12)
    g = electrons.greens_function([0.3])
    np.testing.assert_allclose(electrons.spectral("L", [0.3]) + electrons.spectral("R", [0.3]), 1j * (g - dagger(g)))


def test_couplings():
    """M is the change of H when an atom moves, hoppings to the atoms of the leads included; stretch none of the sum."""
    m = chain.couplings(4)
    assert m.shape == (4, 6, 6)
    step = 1e-4
    moved = chain.sites(4)
    moved[2, 0] += step
    change = (chain.hamiltonian(moved, chain.hopping) - chain.hamiltonian(chain.sites(4), chain.hopping)) / step
    np.testing.assert_allclose(m[1], change * 0.0646541513 / np.sqrt(chain.MASS), atol=1e-10)
    # A shift of the four leaves the hoppings between them alone, and changes those to the leads.
    total = m.sum(axis=0)
    np.testing.assert_allclose(total[1:5, 1:5], 0.0, atol=1e-16)
    assert abs(total[0, 1]) > 0.02 and total[0, 1] == pytest.approx(-total[4, 5], rel=1e-12)


def test_phonon_lead_is_the_chain_with_eta():
    """The table against k² g(ω + iη) in closed form, and against Rubin's for η → 0."""
    lead = chain.phonon_lead(0, KT)
    omega = np.linspace(0.2e-3, 30e-3, 400)
    exact = chain.Rubin(chain.SPRING).self_energy(omega + 1j * chain.PHONON_BROADENING)
    np.testing.assert_allclose(lead.self_energy(omega)[:, 0, 0], exact, atol=3e-4 * chain.SPRING)
    static = chain.SPRING - chain.PHONON_BROADENING * chain.TOP / 2
    assert lead.static[0, 0] == pytest.approx(-static, rel=1e-4)  # η gives the chain something to hold on to
    bare, closed = chain.phonon_lead(0, KT, 0.0), chain_lead(chain.SPRING, 0.0, KT, 0)
    np.testing.assert_array_equal(bare.self_energy(omega), closed.self_energy(omega))
    assert 2e3 * chain.SPRING**0.5 == pytest.approx(20.0, rel=1e-6)


def test_equilibrium():
    currents, energy = answers(-1.5, 0.0, phonon_broadening=0.0)
    np.testing.assert_allclose(currents, 0.0, atol=1e-9)
    # Near the classical kT/2, a little above it: (ω/4) coth(ω/2T).
    assert np.all((energy > KT / 2) & (energy < 1.05 * KT / 2))


@pytest.mark.parametrize(("bias", "current"), [(0.2, 1.55684), (0.4, 3.68605)])
def test_half_filled_chain_heats_both_sides_alike(bias, current):
    currents, _ = answers(0.0, bias)
    np.testing.assert_allclose(currents[:2], current, rtol=2e-4)
    assert currents.sum() == pytest.approx(0.0, abs=1e-9)
    # No asymmetric force at all: the antisymmetric part of Γ_e vanishes, and so does that of Π.
    electrons = junction(0.0, bias).baths["e"]
    gamma = electrons.broadening(np.array([2e-3, 10e-3, 18e-3]))
    assert np.abs(gamma.imag).max() < 1e-6 * np.abs(gamma).max()
    other = junction(-1.5, bias).baths["e"].broadening(np.array([2e-3]))
    assert np.abs(other.imag).max() > 0.1 * np.abs(other).max()


def test_excess_energy_of_the_half_filled_chain():
    wanted = [2.7724e-3, 3.6007e-3, 3.6007e-3, 2.7724e-3]
    np.testing.assert_allclose(page_excess(0.0, 0.2), wanted, rtol=1e-3)
    np.testing.assert_allclose(excess(0.0, 0.2), np.array(wanted) + 0.03e-3, atol=0.003e-3)


@pytest.mark.parametrize(("bias", "left", "right"), [(0.2, -2.08267, 13.54351), (0.4, 12.451, 139.45)])
def test_less_filled_chain_pumps_heat(bias, left, right):
    """At E_F = -1.5 eV heat leaves to the right, at 0.2 V some is even taken out of the left lead."""
    currents, _ = answers(-1.5, bias)
    np.testing.assert_allclose(currents[:2], [left, right], rtol=3e-4)
    assert currents.sum() == pytest.approx(0.0, abs=1e-8)


def test_excess_energy_of_the_less_filled_chain():
    wanted = np.array([-0.350, 1.907, 8.353, 11.402]) * 1e-3
    np.testing.assert_allclose(page_excess(-1.5, 0.2), wanted, atol=0.006e-3)


def test_mirror_laws():
    """V -> -V or E_F -> -E_F: left and right change places (000 Eqs. 53-55); without asymmetric forces nothing is
    asymmetric to begin with.
    """
    currents, energy = answers(-1.5, 0.2, phonon_broadening=0.0)
    for level, bias in ((-1.5, -0.2), (1.5, 0.2)):
        other, swapped = answers(level, bias, phonon_broadening=0.0)
        np.testing.assert_allclose(other, currents[[1, 0, 2]], rtol=1e-6)
        np.testing.assert_allclose(swapped, energy[::-1], rtol=1e-6)
    left, right, _ = solved(junction(-1.5, 0.2, phonon_broadening=0.0).without("asymmetric"))[0]
    assert left == pytest.approx(right, rel=1e-3) and currents[1] - currents[0] > 10


def test_without_eta_the_answer_differs_by_a_few_percent():
    """J = 1.4912 nW by the closed form of the leads: 1D has no static stiffness but η's (pitfall of the page)."""
    closed, _ = answers(0.0, 0.2, phonon_broadening=0.0)
    np.testing.assert_allclose(closed[:2], 1.49159, rtol=1e-3)


def test_temperatures_of_the_leads():
    hot = chain.electron_chain(temperatures={"L": 1.2 * KT, "eR": 0.9 * KT}, phonon_broadening=0.0)
    assert [hot.baths[name].temperature for name in ("L", "R")] == [1.2 * KT, KT]
    left, right, electrons = solved(hot)[0]
    assert left < 0 < right and electrons > 0


def test_the_static_shift_of_the_bias_topples_the_chain():
    """Pitfall of the page: it breaks translation invariance, and 1D leads have no stiffness against translation."""
    with pytest.raises(UnstableError, match="unstable mode"):
        solved(chain.electron_chain(bias=0.2, renormalisation=True))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"atoms": 0}, "at least one atom"),
        ({"temperatures": {"electrons": 1.0}}, "no temperature is called"),
        ({"phonon_broadening": -1e-3}, "must not be negative"),
    ],
)
def test_bad_input(changes, words):
    with pytest.raises(InputError, match=words):
        chain.electron_chain(**changes)


def test_a_free_chain_stands_at_zero_bias():
    """Between Rubin's leads nothing holds it: electrons at rest must add no static force, not even of 1e-9."""
    junction = chain.electron_chain(3, fermi_level=-1.5, phonon_broadening=0.0)
    assert np.abs(junction.baths["e"].self_energy(0.0)).max() < 1e-14 * chain.SPRING
    assert landauer.heat_currents(junction)["L"] == pytest.approx(0.0, abs=1e-18)
