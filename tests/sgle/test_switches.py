"""Every switch does what physics.md 4 says, in self-energy and noise, in the continuum and in the taps."""

import numpy as np
import pytest
from laws.models import FRICTION, SHOT, electrons, smooth_minimal

from sgle import Grid, Junction, baths, landauer
from sgle.errors import BathError
from sgle.models import electron_chain
from sgle.switches import SWITCHES

OMEGA = np.array([-1.7, -0.9, -0.2, 0.0, 0.2, 0.9, 1.7])
GRID = Grid(0.1)
FULL = electrons(bias=0.7)


def parts(pi):
    """Π = R - iΓ/2 → (Re R, Im R, Re Γ, Im Γ): renormalisation, Berry, friction, non-conservative."""
    dagger = np.conj(np.swapaxes(pi, -1, -2))
    hermitian, gamma = (pi + dagger) / 2, 1j * (pi - dagger)
    return hermitian.real, hermitian.imag, gamma.real, gamma.imag


def both_domains(bath):
    """[(Π, S) in the continuum, (Π_d, S_d) on the grid]."""
    taps = GRID.model(Junction(2 * np.eye(2), {"e": bath})).baths["e"]
    return [(bath.self_energy(OMEGA), bath.noise(OMEGA)), (taps.self_energy(OMEGA), taps.noise(OMEGA))]


def compare(*switches, changed):
    """Switch off, and find that exactly the named parts of (Re R, Im R, Re Γ, Im Γ, Re S, Im S) have changed."""
    names = ("renormalisation", "berry", "friction", "nonconservative", "noise", "asymmetric noise")
    for (pi, s), (pi0, s0) in zip(both_domains(FULL.without(*switches)), both_domains(FULL), strict=True):
        pairs = zip(names, (*parts(pi), s.real, s.imag), (*parts(pi0), s0.real, s0.imag), strict=True)
        found = {name for name, new, old in pairs if np.abs(new - old).max() > 1e-12}
        assert found == set(changed), switches
    return both_domains(FULL.without(*switches))


def test_renormalisation():
    for domain, ((pi, _), (full, _)) in enumerate(
        zip(compare("renormalisation", changed=["renormalisation"]), both_domains(FULL), strict=True)
    ):
        shift = np.broadcast_to(0.7 * FULL.parameters["renormalisation"], pi.shape)
        np.testing.assert_allclose(full - pi, shift, atol=1e-14, err_msg=str(domain))


def test_asymmetric_forces_off():
    for pi, s in compare("asymmetric", changed=["berry", "nonconservative", "asymmetric noise"]):
        _, berry, _, nonconservative = parts(pi)
        for imaginary in (berry, nonconservative, s.imag):
            np.testing.assert_allclose(imaginary, 0, atol=1e-16)


def test_nonconservative_off_keeps_the_berry_force():
    """What is left of the antisymmetric Π is -iωB with the low-frequency B."""
    bath = FULL.without("nonconservative")
    for pi, _ in compare("nonconservative", changed=["berry", "nonconservative"]):
        assert np.abs(parts(pi)[3]).max() < 1e-16
    np.testing.assert_allclose(
        parts(bath.self_energy(OMEGA))[1], -OMEGA[:, None, None] * FULL.markov().berry, atol=1e-15
    )
    np.testing.assert_array_equal(bath.markov().berry, FULL.markov().berry)
    np.testing.assert_array_equal(bath.markov().nonconservative, 0)


def test_berry_off_keeps_the_nonconservative_force():
    bath = FULL.without("berry")
    compare("berry", changed=["berry"])
    np.testing.assert_allclose(bath.markov().berry, 0, atol=1e-12)
    np.testing.assert_array_equal(bath.markov().nonconservative, FULL.markov().nonconservative)
    # What is left is of third order in ω.
    rest = np.abs(parts(bath.self_energy(np.array([0.1, 0.2])))[1]).max(axis=(1, 2))
    assert rest[1] / rest[0] == pytest.approx(8, rel=0.02)


@pytest.mark.parametrize("order", [("berry", "nonconservative"), ("nonconservative", "berry")])
def test_berry_and_nonconservative_off_in_any_order(order):
    together = FULL.without(*order)
    one_by_one = FULL.without(order[0]).without(order[1])
    for bath in (together, one_by_one):
        for pi, s in both_domains(bath):
            assert np.abs(parts(pi)[1]).max() < 1e-15 and np.abs(parts(pi)[3]).max() < 1e-15
            assert np.abs(s.imag).max() > 1e-3  # the noise is not theirs


def test_asymmetric_noise_off():
    for (_, s), (_, full) in zip(
        compare("asymmetric_noise", changed=["asymmetric noise"]), both_domains(FULL), strict=True
    ):
        np.testing.assert_array_equal(s.imag, 0)
        np.testing.assert_allclose(s.real, full.real, atol=1e-15)


def test_nonequilibrium_noise_off():
    """Noise of the same bath at eV = 0; forces stay."""
    for (_, s), (_, calm) in zip(
        compare("nonequilibrium_noise", changed=["noise", "asymmetric noise"]),
        both_domains(FULL.at_bias(0.0)),
        strict=True,
    ):
        np.testing.assert_array_equal(s, calm)
    again = FULL.without("nonequilibrium_noise").at_bias(-0.3)
    np.testing.assert_array_equal(again.noise(OMEGA), FULL.at_bias(0.0).noise(OMEGA))


def test_zero_point_off():
    """A phonon bath keeps n_B Γ; an electron bath its emission rate at ω > 0. Nothing is left at T = 0 and no bias."""
    phonons = baths.ohmic(FRICTION, 3.0, 0.3, [0, 1])
    up = OMEGA[OMEGA > 0]
    wanted = phonons.broadening(up) / np.expm1(up / 0.3)[:, None, None]
    np.testing.assert_allclose(phonons.without("zero_point").noise(up), wanted, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(FULL.without("zero_point").noise(up), FULL.emission(up), atol=1e-14)
    compare("zero_point", changed=["noise", "asymmetric noise"])
    assert not np.any(electrons(bias=0.0, temperature=0.0).without("zero_point").noise(OMEGA))
    calm = FULL.without("zero_point").noise(-up)
    np.testing.assert_allclose(calm, FULL.without("zero_point").noise(up).conj(), atol=1e-15)


def test_classical_noise():
    """T Γ/ω at equilibrium; at bias the shot noise (eV/2)coth(eV/2T) of each pair; ω only in the cutoff."""
    phonons = baths.ohmic(FRICTION, 3.0, 0.3, [0, 1]).without("quantum_noise")
    np.testing.assert_allclose(phonons.noise(0.9), 0.3 * phonons.broadening(0.9) / 0.9, rtol=1e-14)
    shot = 0.35 / np.tanh(0.7 / 0.6)
    wanted = (0.3 * (2 * FRICTION - 2 * SHOT) + shot * 2 * SHOT) * np.exp(-(0.9**2) / 9)
    np.testing.assert_allclose(FULL.without("quantum_noise").noise(0.9), wanted, rtol=1e-12)
    compare("quantum_noise", changed=["noise", "asymmetric noise"])


def test_classical_noise_has_no_zero_point_in_any_order():
    """A loaded bath has its switches put off in the order of the list."""
    bath = electrons(1.0).without("quantum_noise").without("zero_point")
    omega = np.array([0.1, 1.0])
    np.testing.assert_array_equal(bath.noise(omega), electrons(1.0).without("quantum_noise").noise(omega))
    np.testing.assert_array_equal(baths.from_spec(bath.spec).noise(omega), bath.noise(omega))


def test_classical_noise_gives_equipartition():
    junction = smooth_minimal(temperature=0.5).without("quantum_noise")
    np.testing.assert_allclose(landauer.kinetic_energy(junction), 0.25, rtol=1e-8)


@pytest.mark.parametrize("name", SWITCHES)
def test_each_switch_acts_alone_and_is_remembered(name):
    bath = FULL.without(name)
    assert bath.switched_off == (name,) and bath.spec["without"] == (name,)
    assert bath.without(name).switched_off == (name,)
    assert FULL.switched_off == ()
    assert bath.at_bias(0.2).switched_off == (name,)
    pi = {"renormalisation", "asymmetric", "nonconservative", "berry"}
    if name == "friction_change":  # that of these electrons is the same at any bias
        np.testing.assert_array_equal(bath.noise(OMEGA), FULL.noise(OMEGA))
        np.testing.assert_array_equal(bath.self_energy(OMEGA), FULL.self_energy(OMEGA))
        return
    same_pi = np.array_equal(bath.self_energy(OMEGA), FULL.self_energy(OMEGA))
    same_noise = np.array_equal(bath.noise(OMEGA), FULL.noise(OMEGA))
    assert same_pi == (name not in pi) and same_noise == (name in pi - {"asymmetric"})


def test_friction_of_zero_bias():
    """Energy-dependent electrons: Γ_s of zero bias, everything else as it is, in both domains."""
    full, still = (electron_chain(3, fermi_level=-1.5, bias=bias).baths["e"] for bias in (0.3, 0.0))
    bath, omega = full.without("friction_change"), np.array([0.004, 0.011, 0.017])
    changed = np.abs(full.broadening(omega).real - still.broadening(omega).real).max()
    assert changed > 1e-4 * np.abs(still.broadening(omega).real).max()
    np.testing.assert_array_equal(bath.broadening(omega).real, still.broadening(omega).real)
    np.testing.assert_array_equal(bath.broadening(omega).imag, full.broadening(omega).imag)
    np.testing.assert_array_equal(bath.noise(omega), full.noise(omega))
    grid = Grid(8.0)
    sampled = [Junction(np.eye(3) * 1e-4, {"e": each}) for each in (bath, still, full)]
    gammas = [grid.model(junction).baths["e"].broadening(omega) for junction in sampled]
    np.testing.assert_allclose(gammas[0].real, gammas[1].real, rtol=0, atol=1e-14 * np.abs(gammas[0]).max())
    np.testing.assert_allclose(gammas[0].imag, gammas[2].imag, rtol=0, atol=1e-14 * np.abs(gammas[0]).max())


@pytest.mark.parametrize(
    "name", ["renormalisation", "asymmetric", "nonconservative", "berry", "asymmetric_noise", "nonequilibrium_noise"]
)
def test_phonon_baths_know_no_electrons(name):
    bath = baths.chain_lead(1.0, 0.0, 0.3, 0)
    np.testing.assert_array_equal(bath.without(name).self_energy(OMEGA), bath.self_energy(OMEGA))
    np.testing.assert_array_equal(bath.without(name).noise(OMEGA), bath.noise(OMEGA))


def test_junction_switches_all_its_baths():
    junction = smooth_minimal(0.7).without("quantum_noise", "berry")
    assert {bath.switched_off for bath in junction.baths.values()} == {("berry", "quantum_noise")}


def test_unknown_switch_is_named_with_the_known_ones():
    with pytest.raises(BathError, match=r"unknown switch 'magnetic'.*zero_point") as caught:
        FULL.without("berry", "magnetic")
    assert caught.value.unknown == ["magnetic"]
