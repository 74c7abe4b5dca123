"""The bath level_pairs: its spectra, its parameters, what it refuses, its modes in a junction."""

import pickle

import numpy as np
import pytest
from laws.level_pairs import MIXED, SIGMA_X, TWO_MODES, electrons, junction
from laws.models import dagger
from scipy.interpolate import AAA

from sgle import Grid, baths, landauer, stability
from sgle.ehp import pair_rates, two_levels
from sgle.electronic.pairs import CHANNELS, Occupation
from sgle.errors import BathError, SpectrumError

OMEGA = np.array([-1.0, -0.3, 1e-7, 0.2, 0.5, 0.7, 1.0, 2.5])


def complex_bath(bias=0.5, **more):
    return electrons(temperature=0.3, bias=bias, widths=(0.2, 0.3), hopping=0.2, couplings=TWO_MODES, **more)


@pytest.mark.parametrize("bias", [0.5, -0.5, 0.0])
def test_laws_of_a_bath(bias):
    bath = complex_bath(bias)
    gamma, noise, pi = bath.broadening(OMEGA), bath.noise(OMEGA), bath.self_energy(OMEGA)
    size = np.abs(noise).max()
    np.testing.assert_allclose(noise, dagger(noise), atol=1e-15 * size)
    assert np.linalg.eigvalsh(noise).min() > -1e-14 * size
    np.testing.assert_allclose(bath.noise(-OMEGA), noise.conj(), atol=1e-13 * size)
    np.testing.assert_allclose(bath.broadening(-OMEGA), -gamma.conj(), atol=1e-13 * size)
    np.testing.assert_allclose(bath.self_energy(-OMEGA), pi.conj(), atol=1e-13 * size)
    np.testing.assert_allclose(1j * (pi - dagger(pi)), gamma, atol=1e-14 * size)
    absorbed, emitted = (sum(parts) for parts in zip(*(c.rates(OMEGA) for c in bath.channels), strict=True))
    np.testing.assert_allclose(absorbed - emitted, gamma, atol=1e-13 * size)
    np.testing.assert_allclose((absorbed + emitted) / 2, noise, atol=1e-13 * size)
    np.testing.assert_allclose(bath.absorption(OMEGA), absorbed, atol=1e-13 * size)
    np.testing.assert_allclose(bath.emission(OMEGA), emitted, atol=1e-13 * size)
    imaginary = np.abs(gamma.imag).max()
    assert imaginary > 0.01 * np.abs(gamma).max() if bias else imaginary == 0


def test_channels_are_the_rates_of_the_structure():
    """Channel by channel, with names, potentials and the spin that was asked for."""
    bath = complex_bath(spin=2, fermi_level=0.1, gate=0.05)
    structure = two_levels((0.55, -0.35), (0.2, 0.3), 0.2)
    at = Occupation(0.35, -0.15, 0.3, 0.3)
    wanted = pair_rates(structure, TWO_MODES, OMEGA, at, road="quadrature")
    assert [channel.name for channel in bath.channels] == list(CHANNELS)
    assert [channel.potential for channel in bath.channels] == pytest.approx([0, 0, 0.5, -0.5])
    for j, channel in enumerate(bath.channels):
        absorbed, emitted = channel.rates(OMEGA)
        size = np.abs(wanted.noise[j]).max()
        np.testing.assert_allclose(absorbed, wanted.absorption[j], atol=3e-13 * size)
        np.testing.assert_allclose(emitted, wanted.emission[j], atol=3e-13 * size)


def test_spin_two_is_the_default():
    given = {"bias": 0.5, "temperature": 0.3, "dofs": [0]}
    default = baths.level_pairs(np.diag([0.5, -0.4]), [0.2, 0], [0, 0.2], SIGMA_X, **given)
    np.testing.assert_allclose(default.noise(1.0), 2 * electrons(0.5, -0.4, 0.3, 0.5).noise(1.0), rtol=1e-14)


def test_equilibrium():
    """Without bias S = ½coth(ω/2T) Γ, no renormalisation, no antisymmetric force; with the phonons, no heat."""
    bath = complex_bath(0.0)
    factor = 0.5 / np.tanh(OMEGA / 0.6)
    np.testing.assert_allclose(
        bath.noise(OMEGA), factor[:, None, None] * bath.broadening(OMEGA), rtol=1e-12, atol=1e-18
    )
    assert bath.antisymmetric is None and not np.any(bath.renormalisation)
    at_rest = junction(t_e=0.4, t_ph=0.4, cutoff=5.0, couplings=MIXED, hopping=0.2, widths=(1.0, 1.2))
    for grid in (None, Grid(0.2)):
        assert max(map(abs, landauer.heat_currents(at_rest, grid).values())) < 1e-17


def test_bias_reversed_is_the_mirrored_molecule():
    """Electrodes renamed: L of one is R of the other."""
    bath = complex_bath(0.5)
    h, left, right = bath.parameters["hamiltonian"], bath.parameters["left"], bath.parameters["right"]
    given = {"bias": -0.5, "temperature": 0.3, "dofs": [0, 1], "spin": 1}
    mirrored = baths.level_pairs(h, right, left, TWO_MODES, **given)
    np.testing.assert_allclose(mirrored.noise(OMEGA), bath.noise(OMEGA), atol=1e-16)
    np.testing.assert_allclose(mirrored.self_energy(OMEGA), bath.self_energy(OMEGA), atol=1e-16)


def test_gate_moves_all_levels():
    shifted = electrons(0.8, -0.1, 0.3, 0.5)
    np.testing.assert_allclose(electrons(0.5, -0.4, 0.3, 0.5, gate=0.3).noise(OMEGA), shifted.noise(OMEGA), rtol=1e-12)
    moved = electrons(0.5, -0.4, 0.3, 0.5, gate=0.3, fermi_level=0.3)
    np.testing.assert_allclose(moved.noise(OMEGA), electrons(0.5, -0.4, 0.3, 0.5).noise(OMEGA), rtol=1e-11)


def same(first, second):
    np.testing.assert_array_equal(first.noise(OMEGA), second.noise(OMEGA))
    np.testing.assert_array_equal(first.self_energy(OMEGA), second.self_energy(OMEGA))
    return True


def test_it_is_made_again():
    """From its spec, at other biases, with other parameters, and through pickle."""
    bath = complex_bath(0.5)
    assert same(baths.from_spec(bath.spec), bath)
    assert same(pickle.loads(pickle.dumps(bath)), bath)
    assert same(bath.at_bias(0.2), complex_bath(0.2)) and bath.at_bias(0.2).bias == 0.2
    assert same(bath.at_bias(0.2).at_bias(0.5), bath)
    warmer = bath.with_parameters(temperature=0.4, gate=0.1)
    assert warmer.temperature == 0.4
    assert not np.allclose(warmer.noise(OMEGA), bath.noise(OMEGA), rtol=1e-3)
    assert same(
        bath.without("berry", "nonconservative").at_bias(0.2), complex_bath(0.2).without("berry", "nonconservative")
    )
    scalar = baths.level_pairs(0.3, 0.2, 0.1, [[[0.1]]], bias=0.2, temperature=0.3, dofs=0)
    assert same(baths.from_spec(scalar.spec), scalar)


def test_switches():
    bath = complex_bath(0.5)
    free = bath.without("renormalisation")
    np.testing.assert_allclose(
        bath.self_energy(OMEGA) - free.self_energy(OMEGA), np.broadcast_to(bath.renormalisation, (8, 2, 2)), atol=1e-16
    )
    assert np.abs(bath.renormalisation).max() > 1e-4
    plain = bath.without("asymmetric")
    assert not np.any(plain.broadening(OMEGA).imag) and not np.any(plain.noise(OMEGA).imag)
    cold = bath.without("zero_point")
    # Normal-ordered: at ω > 0 emission is all there is.
    np.testing.assert_allclose(cold.noise(OMEGA[3:]), bath.emission(OMEGA[3:]), atol=1e-16)
    rest = bath.without("nonequilibrium_noise")
    np.testing.assert_allclose(rest.noise(OMEGA), complex_bath(0.0).noise(OMEGA), atol=1e-16)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"widths": (0.2, 0.0)}, "no electrode reaches it"),
        ({"e1": 0.1, "e2": 0.1, "widths": (0.4, 1e-9), "hopping": 0.1}, "coalesce"),
        ({"temperature": 0.0}, "temperature above zero"),
        ({"temperature": -0.1}, "must not be negative"),
        ({"temperature": np.nan}, "finite"),
        ({"bias": np.inf}, "finite"),
        ({"gate": np.nan}, "finite"),
        ({"spin": 0}, "spin 0 must be positive"),
        ({"spin": -2}, "spin -2 must be positive"),
        ({"couplings": np.zeros((2, 2))}, "couplings must not all be zero"),
        ({"couplings": [[0, 0.1j], [-0.1j, 0]]}, "couplings must be real"),
        ({"couplings": [[0, 0.1], [0.2, 0]]}, r"Hermitian.*M - M† reaches 0\.1\."),
        ({"couplings": np.ones((3, 3))}, r"\(n_dof, 2, 2\)"),
        ({"hopping": 0.1j}, "hamiltonian must be real"),
    ],
)
def test_refusals(changes, match):
    with pytest.raises(BathError, match=match):
        electrons(**changes)


def test_more_refusals():
    given = {"bias": 0.5, "temperature": 0.3}
    with pytest.raises(BathError, match="1 coupling matrices for 2 dofs"):
        baths.level_pairs(np.diag([0.5, -0.4]), [0.2, 0], [0, 0.2], SIGMA_X, dofs=[0, 1], **given)
    with pytest.raises(BathError, match=r"Γ_L has shape \(3,\), 2 levels need \(2, 2\) or \(2,\)"):
        baths.level_pairs(np.diag([0.5, -0.4]), [0.2, 0, 1], [0, 0.2], SIGMA_X, dofs=[0], **given)
    with pytest.raises(BathError, match=r"hamiltonian must be a square matrix, not \(1, 2\)"):
        baths.level_pairs([0.5, -0.4], [0.2, 0], [0, 0.2], SIGMA_X, dofs=[0], **given)
    with pytest.raises(SpectrumError):
        baths.level_pairs(np.diag([0.5, -0.4]), [-0.2, 0.1], [0, 0.2], SIGMA_X, dofs=[0], **given)
    with pytest.raises(BathError) as caught:
        electrons(0.1, 0.1, widths=(0.4, 1e-9), hopping=0.1)
    assert caught.value.numbers["condition"] > 100


@pytest.mark.parametrize("bias", [0.5, 1.2, 1.6])
def test_eigenfrequencies(bias):
    """det D⁻¹(z) = 0 found by Newton on a rational fit to Π on the real axis, which knows nothing of digammas."""
    model = junction(0.5, -0.5, 0.2, 0.2, bias, widths=(0.1, 0.1), cutoff=10.0)
    omega = np.concatenate([np.linspace(0.02, 2.5, 400), np.geomspace(2.5, 40, 60)])
    pi = sum(bath.self_energy(omega)[:, 0, 0] for bath in model.baths.values())
    both = np.concatenate([-omega[::-1], omega])
    fit = AAA(both, np.concatenate([pi[::-1].conj(), pi]), rtol=1e-13, max_terms=60)

    def off(z):
        return z**2 - 1 - fit(np.array([z]))[0]

    z = 1.0 - 0.02j
    for _ in range(40):
        h = 1e-5
        z = z - off(z) * 2 * h / (off(z + h) - off(z - h))
    found = stability.eigenfrequencies(model)
    assert np.abs(found - z).min() < 1e-8
    assert stability.unstable_count(model) == (bias > 1.4521)
    assert (z.imag > 0) == (bias > 1.4521)
