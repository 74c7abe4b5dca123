"""The scattering picture (000 Eqs. 10, 11, 56-61), and the electron-hole symmetry law (Eqs. 53-55)."""

import laws.wire
import numpy as np
import pytest

from sgle import Junction, baths, landauer, peltier
from sgle.errors import InputError
from sgle.flows import pair_broadening
from sgle.scattering import (
    Chain,
    difference,
    interference,
    lattice_response,
    left_spectral,
    pair_strengths,
    rate,
    response,
    wave_number,
)

UNIFORM = Chain(6, hopping=-1.3, derivative=0.7)
BARRIER = Chain(7, hopping=-1.3, derivative=0.7, onsite=np.array([0, 0, 0.4, -0.8, 0.3, 0, 0]))
MOMENTA = [(0.4, -0.9), (1.1, -1.2), (2.0, -0.3), (2.7, -2.9), (0.8, -2.5)]
Q = np.array([0.1, 0.7, 1.5, 2.2, 3.0])


def energies(chain, k_left, k_right):
    return chain.energy(k_left), chain.energy(k_right)


@pytest.mark.parametrize("hopping", [-1.3, 0.6])
def test_states_are_the_waves_of_a_uniform_chain(hopping):
    chain = Chain(5, hopping=hopping)
    energy = 0.37
    k, sites = chain.momentum(energy), np.arange(5)
    assert chain.energy(k) == pytest.approx(energy)
    np.testing.assert_allclose(chain.state(energy, "L"), np.exp(1j * k * sites), atol=1e-13)
    np.testing.assert_allclose(chain.state(energy, "R"), np.exp(-1j * k * (sites - 4)), atol=1e-13)


@pytest.mark.parametrize("chain", [UNIFORM, BARRIER])
def test_states_are_complete(chain):
    """A_L + A_R = i(G - G†), and a state is an eigenvector of H inside."""
    for energy in (-1.7, 0.2, 2.1):
        g = chain.greens_function(energy)
        psi = [chain.state(energy, side) for side in "LR"]
        spectral = sum(np.outer(p, np.conj(p)) for p in psi) / chain.velocity(energy)
        np.testing.assert_allclose(spectral, 1j * (g - g.conj().T), atol=1e-12)
        residue = (chain.hamiltonian - energy * np.eye(chain.sites)) @ psi[0]
        np.testing.assert_allclose(residue[1:-1], 0, atol=1e-12)


def test_coupling_is_the_derivative():
    """M^j against a displaced chain; all atoms together do not change the hopping; and 000 Eq. 56 as printed."""
    q = 0.7
    printed = np.zeros((4, 4), complex)
    for (a, b), value in {(0, 1): 1, (1, 2): -1 + np.exp(1j * q), (2, 3): -np.exp(1j * q)}.items():
        printed[a, b] = printed[b, a] = value
    found = Chain(4).mode_coupling(q, [1, 2])
    np.testing.assert_allclose(found, printed, atol=1e-15)
    assert np.abs(found - found.conj().T).max() > 1  # symmetric, not Hermitian
    np.testing.assert_allclose(Chain(4).mode_coupling(-q, [1, 2]), found.conj().T)
    u, chain = np.array([0, 0.3, -0.2, 0.5, 0, 0]), UNIFORM
    moved = sum(u[j] * chain.coupling(j) for j in range(1, 5))
    bonds = chain.derivative * np.diff(u)
    np.testing.assert_allclose(moved, np.diag(bonds, 1) + np.diag(bonds, -1), atol=1e-15)


@pytest.mark.parametrize("momenta", MOMENTA)
def test_rate_is_equation_57_with_its_prefactor(momenta):
    k_left, k_right = momenta
    shift, mean = k_left - k_right, (k_left + k_right) / 2
    factor = 64 * UNIFORM.derivative**2 * (np.cos(mean) * np.sin(shift / 2)) ** 2
    for q in Q:
        found = rate(UNIFORM, q, *energies(UNIFORM, k_left, k_right), [2, 3])
        assert found == pytest.approx(factor * np.cos((q - shift) / 2) ** 2, rel=1e-12, abs=1e-13)
        reverse = np.conj(UNIFORM.state(UNIFORM.energy(k_right), "R")) @ UNIFORM.mode_coupling(-q, [2, 3])
        assert found == pytest.approx(abs(reverse @ UNIFORM.state(UNIFORM.energy(k_left), "L")) ** 2, rel=1e-12)
        wrong = factor * np.cos((q + shift) / 2) ** 2  # negative control: absorption
        assert abs(found - wrong) > 1e-3 * factor


def test_difference_is_sin_q_sin_k():
    """ΔM/(sin q sin(k_L-k_R)) is 64 t'² cos² sin²: constant over q, and over k with the factor "∼" hides (Eq. 58)."""
    ratio = []
    for k_left, k_right in MOMENTA:
        factor = (np.cos((k_left + k_right) / 2) * np.sin((k_left - k_right) / 2)) ** 2
        found = [difference(UNIFORM, q, *energies(UNIFORM, k_left, k_right), [2, 3]) for q in Q]
        ratio += list(found / (np.sin(Q) * np.sin(k_left - k_right) * factor))
    np.testing.assert_allclose(ratio, 64 * UNIFORM.derivative**2, rtol=1e-12)


@pytest.mark.parametrize("chain", [UNIFORM, BARRIER])
def test_difference_is_the_interference_of_two_atoms(chain):
    """ΔM = 4 sin q Im(...) for any states: Eq. 58 is Eq. 60."""
    for k_left, k_right in MOMENTA:
        at = energies(chain, k_left, k_right)
        found = [difference(chain, q, *at, [2, 3]) for q in Q]
        np.testing.assert_allclose(found, 4 * np.sin(Q) * interference(chain, *at, 2), rtol=1e-11, atol=1e-14)
    k_left, k_right = MOMENTA[0]
    shift, mean = k_left - k_right, (k_left + k_right) / 2
    wanted = 16 * UNIFORM.derivative**2 * (np.cos(mean) * np.sin(shift / 2)) ** 2 * np.sin(shift)
    assert interference(UNIFORM, *energies(UNIFORM, k_left, k_right), 2) == pytest.approx(wanted, rel=1e-12)


def test_one_atom_has_no_direction():
    assert difference(UNIFORM, 0.7, *energies(UNIFORM, 1.1, -1.2), [2]) == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("omega", [0.3, 1.0, 1.7])
def test_response_is_equation_59(omega):
    q, atom, sites = wave_number(omega), 4, 12
    single = np.abs(lattice_response(omega, sites)[:, atom]) ** 2
    for direction in (1, -1):
        found = np.abs(response(omega, sites, atom, direction)) ** 2 / single
        np.testing.assert_allclose(found[:atom], 4 * np.cos((direction * q + q) / 2) ** 2, atol=1e-12)
        np.testing.assert_allclose(found[atom + 1 :], 4 * np.cos((direction * q - q) / 2) ** 2, atol=1e-12)


def test_left_spectral_function_has_the_sign_of_time_reversal():
    """Im Ã_{n+1,n} = -sin q Ã_nn = -1/2k: Eq. 61 leaves out the sign and the density of states."""
    for omega in (0.3, 1.0, 1.7):
        found, q = left_spectral(omega, 6, 1.5), wave_number(omega, 1.5)
        np.testing.assert_allclose(np.diag(found, -1).imag, -np.sin(q) * np.diag(found).real[1:], rtol=1e-12)
        np.testing.assert_allclose(np.diag(found, -1).imag, -1 / 3, rtol=1e-12)


def test_all_sites_conserve_crystal_momentum():
    """N moving atoms: |M|² has its peak N² |M^n|² at q = k_L - k_R (mod 2π), and falls off as 1/N² away from it."""
    k_left, k_right = 0.9, -0.7
    single = rate(Chain(102), 0.0, *energies(Chain(102), k_left, k_right), [1])
    for count in (10, 100):
        chain, atoms = Chain(count + 2), np.arange(1, count + 1)
        at = energies(chain, k_left, k_right)
        for q in (k_left - k_right, k_left - k_right - 2 * np.pi):
            assert rate(chain, q, *at, atoms) / single == pytest.approx(count**2, rel=1e-10)
        x = 0.5
        wanted = (np.sin(count * x / 2) / np.sin(x / 2)) ** 2
        assert rate(chain, k_left - k_right + x, *at, atoms) / single == pytest.approx(wanted, rel=1e-9)
        allowed = 2 * np.pi * np.arange(count) / count + k_left - k_right
        rates = np.array([rate(chain, q, *at, atoms) for q in allowed])
        assert np.abs(rates[1:]).max() < 1e-18 * count**2 * rates[0] + 1e-20


def wire(fermi_level, bias, temperature=0.1, chain=None):
    """Four moving atoms of a lattice between its continuations, heated by the electrons of the chain."""
    chain = chain or Chain(6, hopping=-1.0, derivative=0.05)
    atoms = np.arange(1, 5)
    intra, inter = pair_strengths(chain, fermi_level, atoms)
    stiffness = 2.02 * np.eye(4) - np.eye(4, k=1) - np.eye(4, k=-1)
    ends = {name: baths.drude(0.5, 20.0, temperature, dof) for name, dof in (("L", 0), ("R", 3))}
    return Junction(stiffness, {**ends, "e": baths.flat_band(intra, inter, bias, temperature, 20.0, range(4))})


def test_electrons_push_phonons_along():
    """Eqs. 35 and 58 agree in sign: electrons going right pump heat to the right if ΔM > 0, back if ΔM < 0."""
    chain = Chain(6, hopping=-1.0, derivative=0.05)
    for fermi_level in (-1.2, 1.2):
        pumped = peltier.heat_currents(wire(fermi_level, 0.5))["R"]
        emitted = difference(chain, 0.5, fermi_level, fermi_level, [2, 3])
        assert np.sign(pumped) == np.sign(emitted) == -np.sign(fermi_level)
        full = landauer.heat_currents(wire(fermi_level, 0.5))
        assert np.sign(full["R"] - full["L"]) == -np.sign(fermi_level)


def test_spectral_functions_of_the_chain_at_opposite_energies():
    """000 Eq. 53 as printed fails for neighbours' hopping; with the sign (-1)^j of each site it holds."""
    chain, sign = UNIFORM, np.diag((-1.0) ** np.arange(6))
    for side in "LR":
        a, b = (
            np.outer(p, np.conj(p)) / chain.velocity(e) for e, p in ((e, chain.state(e, side)) for e in (0.8, -0.8))
        )
        np.testing.assert_allclose(b, sign @ np.conj(a) @ sign, atol=1e-13)
        assert np.abs(b - np.conj(a)).max() > 0.1


def test_electron_hole_symmetry():
    """A_α(ε) = A_α(-ε)* makes Λ^LR(ω, V) = Λ^RL(ω, -V) and J_α(V) = J_α(-V) (Eqs. 53-55)."""
    forward, backward = wire(0.0, 0.7), wire(0.0, -0.7)
    omega = np.linspace(-2, 2, 7)
    channels = [{c.name: c for c in junction.baths["e"].channels} for junction in (forward, backward)]
    np.testing.assert_allclose(
        pair_broadening(channels[0]["LR"], omega), pair_broadening(channels[1]["RL"], omega), atol=1e-13
    )
    one, other = landauer.heat_currents(forward), landauer.heat_currents(backward)
    for name in one:
        assert one[name] == pytest.approx(other[name], rel=1e-9)
    assert one["L"] == pytest.approx(one["R"], rel=1e-9)


def test_without_electron_hole_symmetry_bias_and_filling_reverse_together():
    """Negative control: away from half filling J(V) ≠ J(-V); electrons at E and holes at -E do mirrored things."""
    one, other = landauer.heat_currents(wire(-0.9, 0.7)), landauer.heat_currents(wire(-0.9, -0.7))
    assert abs(one["L"] / other["L"] - 1) > 0.05
    holes = landauer.heat_currents(wire(0.9, -0.7))
    for name in one:
        assert one[name] == pytest.approx(holes[name], rel=1e-8)
    assert one["L"] == pytest.approx(other["R"], rel=1e-8)


def test_an_obstacle_breaks_it():
    """A mirror-symmetric obstacle at half filling: Im λ ≠ 0 and the currents differ."""
    obstacle = Chain(6, hopping=-1.0, derivative=0.05, onsite=np.array([0, 0, 0.9, 0.9, 0, 0]))
    one, other = (landauer.heat_currents(wire(0.0, v, chain=obstacle)) for v in (0.7, -0.7))
    assert abs(one["L"] / other["L"] - 1) > 0.01
    assert one["L"] == pytest.approx(other["R"], rel=1e-8)


def test_refusals():
    with pytest.raises(InputError, match="outside the band of ±2"):
        Chain(4).state(2.5, "L")
    with pytest.raises(InputError, match="both neighbours"):
        Chain(4).coupling(0)
    with pytest.raises(InputError, match="at least 2 sites"):
        Chain(1)
    with pytest.raises(InputError, match="phonon band"):
        wave_number(2.0)


@pytest.mark.parametrize("fermi_level", [0.0, -1.5])
def test_electron_hole_symmetry_of_energy_dependent_electrons(fermi_level):
    """J_α(V) = J_α(-V) at half filling and nowhere else; E_F → -E_F with V → -V changes nothing."""
    one, other = (landauer.heat_currents(laws.wire.wire(bias, fermi_level)) for bias in (0.2, -0.2))
    holes = landauer.heat_currents(laws.wire.wire(-0.2, -fermi_level).without("renormalisation"))
    bare = landauer.heat_currents(laws.wire.wire(0.2, fermi_level).without("renormalisation"))
    for name in ("L", "R"):
        same = abs(one[name] - other[name]) < 1e-7 * abs(one[name])
        assert same == (fermi_level == 0.0)
        assert bare[name] == pytest.approx(holes[name], abs=1e-4 * abs(bare["R"]))
