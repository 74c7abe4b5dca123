"""Electron-hole pairs from electronic structure: against brute force, and the laws of a bath (physics.md 4)."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from laws.brute_pairs import rates as brute_rates
from laws.brute_pairs import window as brute_window
from laws.models import dagger
from laws.stepped_wire import TEMPERATURE, end_of_chain, wire, wire_couplings, wire_electrons, wire_structure

import sgle
from sgle import baths, landauer
from sgle.electronic.pairs import CHANNELS, ElectronHolePairs, Occupation
from sgle.electronic.structure import Electrode, ElectronicStructure
from sgle.electronic.window import WindowFormula
from sgle.errors import BathError, KernelWarning
from sgle.occupation import noise_factor

FERMI = -0.4
OMEGA = np.linspace(-0.022, 0.022, 23)


def occupation(bias, t_left=TEMPERATURE, t_right=TEMPERATURE):
    return Occupation(FERMI + bias / 2, FERMI - bias / 2, t_left, t_right)


@pytest.fixture(scope="module")
def pairs():
    return ElectronHolePairs(wire_structure(), wire_couplings(), 0.025, energy_step=5e-3)


@pytest.mark.parametrize("right", [TEMPERATURE, 2 * TEMPERATURE])
@pytest.mark.parametrize("bias", [0.3, -0.02])
def test_rates_are_those_of_brute_force(pairs, bias, right):
    """Also at ω = μ = 0.02 on the table, where n_B × Γ is ∞ · 0, and for two temperatures."""
    at = occupation(bias, TEMPERATURE, right)
    found = pairs.rates(at)
    brute = brute_rates(wire_structure(), wire_couplings(), pairs.frequencies, bias, TEMPERATURE, right, FERMI)
    for j, channel in enumerate(CHANNELS):
        absorption, emission = brute[channel]
        factor = noise_factor(pairs.frequencies - at.potential(channel), at.temperature(channel))[:, None, None]
        largest = np.abs(absorption + emission).max()
        assert np.abs(found.broadening[j] - absorption + emission).max() < 1e-4 * largest
        assert np.abs(2 * found.strength[j] * factor - absorption - emission).max() < 1e-4 * largest
        assert np.abs(found.broadening[j] - emission + absorption).max() > 0.05 * largest  # a sign would be seen


def test_window_formula_is_that_of_brute_force(pairs):
    window = WindowFormula(pairs, points=6)
    found = window.change(occupation(0.3), FERMI)
    brute = brute_window(wire_structure(), wire_couplings(), window.omega, 0.3, TEMPERATURE, FERMI)
    assert np.abs(found - brute).max() < 5e-5 * np.abs(brute).max()
    # Its anti-Hermitian part is -i/2 of what the bias adds to Γ: two roads to one matrix.
    change = pairs.rates(occupation(0.3)).broadening.sum(0) - pairs.rates(occupation(0.0)).broadening.sum(0)
    anti = found - dagger(found)
    assert np.abs(anti + 1j * change).max() < 3e-5 * np.abs(change).max()
    assert np.abs(anti - 1j * change).max() > np.abs(change).max()


@pytest.mark.parametrize("bias", [0.3, -0.3, 0.01])
@pytest.mark.parametrize("temperatures", [None, (0.02, 0.035)])
def test_laws_of_a_bath(bias, temperatures):
    bath = wire_electrons(bias, temperatures=temperatures)
    gamma, noise, pi = bath.broadening(OMEGA), bath.noise(OMEGA), bath.self_energy(OMEGA)
    size = np.abs(noise).max()
    assert np.abs(noise - dagger(noise)).max() < 1e-14 * size
    assert np.linalg.eigvalsh(noise).min() > -1e-14 * size
    np.testing.assert_allclose(bath.noise(-OMEGA), noise.conj(), atol=1e-13 * size)
    np.testing.assert_allclose(bath.broadening(-OMEGA), -gamma.conj(), atol=1e-13 * size)
    np.testing.assert_allclose(1j * (pi - dagger(pi)), gamma, atol=1e-12 * size)
    np.testing.assert_allclose(bath.absorption(OMEGA) - bath.emission(OMEGA), gamma, atol=1e-13 * size)
    if temperatures is None:
        up, down = (sum(parts) for parts in zip(*(c.rates(OMEGA) for c in bath.channels), strict=True))
        assert np.abs(up - bath.absorption(OMEGA)).max() < 3e-4 * size  # Γ and strengths are interpolated apart
        assert np.abs(down - bath.emission(OMEGA)).max() < 3e-4 * size


def test_between_and_beyond_the_points_of_the_table():
    """Smoothing and cutoff change nothing the vibrations could notice; rates between points by brute force."""
    bath = wire_electrons()
    omega = np.array([0.0021, 0.0113, 0.0187])
    found = brute_rates(wire_structure(), wire_couplings(), omega, 0.3, TEMPERATURE, TEMPERATURE, FERMI)
    for exact, view in zip(
        (sum(c) for c in zip(*found.values(), strict=True)), ("absorption", "emission"), strict=True
    ):
        assert np.abs(getattr(bath, view)(omega) - exact).max() < 5e-4 * np.abs(exact).max()
    assert 0 < bath.residual < 1e-3


@pytest.mark.parametrize("bias", [0.3, 0.6])
def test_self_energy_is_that_of_the_structure(bias):
    """Kramers-Kronig of the band-limited Γ plus local terms meet the window formula at frequencies never fitted."""
    bath = wire_electrons(bias)
    omega = np.array([0.003, 0.009, 0.016, 0.021])
    found = brute_window(wire_structure(), wire_couplings(), omega, bias, TEMPERATURE, FERMI, step=4e-3)
    rest = brute_rates(wire_structure(), wire_couplings(), omega, 0.0, TEMPERATURE, TEMPERATURE, FERMI, step=4e-3)
    exact = found - 0.5j * sum(absorption - emission for absorption, emission in rest.values())
    largest = np.abs(bath.broadening(0.025)).max()
    assert np.abs(bath.self_energy(omega) - exact).max() < 1e-3 * largest
    without = bath.without("renormalisation").self_energy(omega)
    assert np.abs(without - exact).max() > 0.1 * largest


def test_equilibrium_is_equilibrium():
    """At zero bias S = ½coth(ω/2T) Γ to rounding, Γ is real, and no heat flows, in the continuum or on the grid."""
    bath = wire_electrons(0.0)
    omega = np.array([0.004, 0.013, 0.02])
    factor = 0.5 / np.tanh(omega / (2 * TEMPERATURE))
    np.testing.assert_allclose(
        bath.noise(omega), factor[:, None, None] * bath.broadening(omega), rtol=1e-12, atol=1e-22
    )
    junction = wire(0.0)
    for grid in (None, sgle.Grid(8.0)):
        assert max(map(abs, sgle.landauer.heat_currents(junction, grid).values())) < 1e-20


def test_currents_balance_and_are_felt_by_every_switch():
    junction = wire(0.3)
    full = sgle.landauer.heat_currents(junction)
    assert abs(sum(full.values())) < 1e-12 * abs(full["e"])
    for switch in ("renormalisation", "asymmetric", "nonconservative", "asymmetric_noise", "nonequilibrium_noise"):
        changed = sgle.landauer.heat_currents(junction.without(switch))
        assert abs(changed["L"] - full["L"]) > 1e-4 * abs(full["L"]), switch
    berry = sgle.landauer.kinetic_energy(junction.without("berry")) - sgle.landauer.kinetic_energy(junction)
    assert np.abs(berry).max() > 1e-9


def test_grid_is_the_continuum_for_small_steps():
    bath = replace(wire_electrons(0.3), reactive=None)  # the continuum of what the grid approaches
    junction, steps = wire(0.3).replace(e=bath), (4.0, 2.0)
    exact = sgle.landauer.kinetic_energy(junction)
    errors = [np.abs(sgle.landauer.kinetic_energy(junction, sgle.Grid(dt)) / exact - 1).max() for dt in steps]
    assert errors[1] < 1e-3
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.1)


def test_cutoff_is_felt_by_the_grid_alone():
    """Inside the band Π of the continuum is that of the structure whatever the cutoff; on the grid the residual."""
    baths_ = [wire_electrons(0.3, cutoff=cutoff) for cutoff in (0.04, 0.0625, 0.125)]
    pi = [bath.self_energy(OMEGA) for bath in baths_]
    largest = np.abs(baths_[0].broadening(OMEGA)).max()
    assert np.abs(pi[1] - pi[2]).max() < 3e-4 * largest
    assert baths_[0].residual > 1.5 * baths_[1].residual > 1.5 * baths_[2].residual
    bare = replace(baths_[0], reactive=None).self_energy(OMEGA)
    assert np.abs(bare - pi[2]).max() > 1e-3 * largest
    energies = [landauer.kinetic_energy(wire(0.3).replace(e=bath)) for bath in baths_[1:]]
    np.testing.assert_allclose(*energies, rtol=2e-3)  # shot noise above the band knows the cutoff


def test_grid_noise_is_positive_and_scales_with_the_rates():
    model = sgle.Grid(8.0).model(wire(0.3))
    bath, omega = model.baths["e"], np.linspace(0, np.pi / 8.0, 200)
    noise = bath.noise(omega)
    assert np.linalg.eigvalsh(noise).min() > -1e-13 * np.abs(noise).max()
    inside = omega < 0.02
    scale = np.sinc(omega[inside] * 8.0 / np.pi)[:, None, None]
    exact = scale * bath.bath.noise(omega[inside])
    assert np.abs(noise[inside] - exact).max() < 1e-8 * np.abs(exact).max()


def test_bias_by_source_and_by_table():
    bath = wire_electrons(0.3).without("berry")
    again = baths.from_spec(bath.spec)
    np.testing.assert_array_equal(again.noise(OMEGA), bath.noise(OMEGA))
    np.testing.assert_array_equal(again.self_energy(OMEGA), bath.self_energy(OMEGA))
    np.testing.assert_array_equal(again.at_bias(0.0).noise(OMEGA), bath.at_bias(0.0).noise(OMEGA))
    assert bath.at_bias(0.1).bias == 0.1
    with pytest.raises(BathError, match=r"tabulated at bias 0.3, 0, not at 0.1"):
        again.at_bias(0.1)


def test_fermi_level_and_temperature_move_without_new_tables():
    first = wire_electrons(0.3)
    moved = first.source.moved(-0.1, (0.03, 0.03))(0.2)
    made = wire_electrons(0.2, 0.03, fermi_level=-0.1)
    np.testing.assert_array_equal(moved.noise(OMEGA), made.noise(OMEGA))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"bias": 2.9, "window": (-1.9, 1.9)},
            r"need electrons from -2\.\d+ to 1\.\d+ eV, the electrodes are known from -1\.9 to 1\.9",
        ),
        ({"temperature": 0.0}, "temperature above zero"),
        ({"temperature": 1e-7}, r"1e-07 eV are too cold .* the least is 5e-06 eV"),
        ({"cutoff": 0.01}, "inside the vibrational band"),
        ({"highest": -1.0}, "must be positive"),
        ({"fermi_level": np.nan}, "fermi_level"),
        ({"fermi_level": 9.0}, "no electrons to excite"),
    ],
)
def test_bad_input(change, message):
    with pytest.raises(BathError, match=message):
        wire_electrons(**change)


def test_couplings_must_fit():
    with pytest.raises(BathError, match="symmetric"):
        ElectronHolePairs(wire_structure(), np.triu(wire_couplings()), 0.02)
    with pytest.raises(BathError, match=r"needs \(n_dof, 5, 5\)"):
        ElectronHolePairs(wire_structure(), np.zeros((2, 4, 4)), 0.02)
    with pytest.raises(BathError, match="not all zero"):
        ElectronHolePairs(wire_structure(), np.zeros((2, 5, 5)), 0.02)
    with pytest.raises(BathError, match="real"):
        ElectronHolePairs(wire_structure(), wire_couplings() + 0.1j * np.eye(5), 0.02)


def test_a_third_electrode_is_refused():
    """Its electrons would rub the vibrations, too."""
    plain = wire_structure()
    with pytest.raises(BathError, match="two electrodes called L and R, not L, R, tip"):
        ElectronHolePairs(
            ElectronicStructure(plain.hamiltonian, {**plain.electrodes, "tip": Electrode((2,), end_of_chain)}),
            wire_couplings(),
            0.02,
        )


def test_a_junction_goes_to_another_process():
    junction = wire(0.3).without("renormalisation")
    copy = pickle.loads(pickle.dumps(junction))
    for one, other in ((junction, copy), (junction.at_bias(0.1), copy.at_bias(0.1))):
        np.testing.assert_array_equal(landauer.kinetic_energy(one), landauer.kinetic_energy(other))


def test_cold_electrons_and_magnetic_fields_are_told():
    with pytest.warns(KernelWarning, match="k_BT = 1 meV are tabulated every 5 meV"):
        wire_electrons(0.05, 1e-3)
    structure = wire_structure()
    h = structure.hamiltonian + 0j
    h[0, 1] *= 1j
    h[1, 0] *= -1j
    with pytest.raises(BathError, match="no magnetic field"):
        ElectronHolePairs(ElectronicStructure(h, structure.electrodes), wire_couplings(), 0.02)
