"""Force noise of 004: with friction it makes an oscillator warm, and only it; equilibrium with the electrons."""

import numpy as np
import pytest
from laws.five_forces import BIASED, FREQUENCY, UNBIASED, couplings, junction, wide_band_levels

from sgle import Junction, baths, landauer
from sgle.electronic.pairs import Occupation
from sgle.errors import BathError, InputError
from sgle.forces import force_matrices, force_noise, oscillator_energy, quantum_energy
from sgle.forces.energies import electrons
from sgle.quadrature import integrate


def noise(omega, occupation):
    return force_noise(junction(), couplings(), omega, occupation, spin=1)


def test_friction_and_noise_balance():
    """Eq. 68: S = ω |L| coth(ω/2T) at equilibrium; under bias there is more of it: Joule heating."""
    found = noise([FREQUENCY], UNBIASED)[0]
    damping = force_matrices(junction(), couplings(), FREQUENCY, UNBIASED, spin=1).damping
    np.testing.assert_allclose(found, -FREQUENCY / np.tanh(FREQUENCY / 0.08) * damping, rtol=1e-9)
    biased = force_matrices(junction(), couplings(), FREQUENCY, BIASED, spin=1).damping
    excess = noise([FREQUENCY], BIASED)[0] + FREQUENCY / np.tanh(FREQUENCY / 0.08) * biased
    assert np.linalg.eigvalsh(excess)[0] > 1e-3


def test_all_frequencies_add_up():
    """c(0) = ½⟨{f_k, f_l}⟩ - F_k F_l = Re Tr[M^k ρ M^l (1-ρ)], from one density matrix (Eq. 64 at s = 0)."""
    structure, m = wide_band_levels()
    occupation = Occupation(0.3, -0.1, 0.1, 0.1)
    states = electrons(structure, occupation)
    rho = states.integral(states.filled, states.steps[1], rtol=1e-10)
    wanted = np.einsum("kij,jm,lmn,ni->kl", m, rho, m, np.eye(3) - rho).real
    wanted = (wanted + wanted.T) / 2

    def spectrum(omega):
        return force_noise(structure, m, omega, occupation, spin=1).real.reshape(len(omega), -1)

    total, _ = integrate(spectrum, [0, 0.1, 0.4, 1.0, 2.0, 4.0, np.inf], rtol=1e-8)
    np.testing.assert_allclose(total.reshape(2, 2) / np.pi, wanted, rtol=1e-6)


def test_printed_energies():
    """Reference section 3 (F4): ω0 = 1, |L| = 0.05, noise cut at 3; and the limit of weak friction."""
    temperatures = (0.05, 0.3, 1.0, 3.0)
    filtered = [oscillator_energy(1.0, 0.05, t, 3.0) for t in temperatures]
    np.testing.assert_allclose(filtered, [0.499236, 0.537908, 1.078157, 3.010631], rtol=0, atol=6e-7)
    limit = [quantum_energy(1.0, t) for t in temperatures]
    np.testing.assert_allclose(limit, [0.500000, 0.536994, 1.081977, 3.027726], rtol=0, atol=6e-7)


@pytest.mark.parametrize("temperature", [0.0, 0.3, 3.0])
def test_weak_friction(temperature):
    """Eq. 69 is approached in proportion to the friction."""
    wanted = quantum_energy(1.0, temperature)
    far, near = (oscillator_energy(1.0, g, temperature, 3.0) - wanted for g in (2e-3, 1e-3))
    assert far == pytest.approx(2 * near, rel=0.02) and 1e-6 < abs(near) < 1e-2


def test_zero_point_needs_a_cutoff():
    """½⟨V²⟩ grows by |L|/2π per factor e of the cutoff."""
    low, high = (oscillator_energy(1.0, 0.05, 0.0, c) for c in (1e3, 1e3 * np.e))
    assert high - low == pytest.approx(0.05 / (2 * np.pi), rel=1e-4)


@pytest.mark.parametrize("temperature", [0.05, 0.3, 1.0, 3.0])
def test_a_vibration_among_electrons(temperature):
    """The same in a junction: a bath of electrons alone gives a weakly coupled vibration n_B + ½ of its quanta."""

    def energy(coupling):
        m = [[0.0, coupling], [coupling, 0.0]]
        pairs = baths.level_pairs(
            np.diag([0.5, -0.4]), [0.4, 0], [0, 0.4], m, bias=0.0, temperature=temperature, dofs=[0]
        )
        return 2 * landauer.kinetic_energy(Junction([[1.0]], {"e": pairs}))[0]

    wanted = quantum_energy(1.0, temperature)
    far, near = energy(0.1) - wanted, energy(0.05) - wanted
    assert near == pytest.approx(far / 4, rel=0.15) and abs(near) < 0.02 * wanted


def test_refusals():
    with pytest.raises(InputError, match="above its frequency") as caught:
        oscillator_energy(1.0, 0.05, 0.3, 0.5)
    assert caught.value.numbers["cutoff"] == 0.5
    with pytest.raises(BathError, match="temperature"):
        noise([0.1], Occupation(0.1, 0.0, 0.0, 0.0))
