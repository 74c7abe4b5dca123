"""The oracle itself: laws of electron-hole pairs and the numbers of reference/ehp-and-forces.md 4."""

import numpy as np
import pytest
from laws.brute_pairs import CHANNELS, broadening, greater_lesser, noise, rates, window
from laws.models import dagger

BIAS, LEVEL, KT = 0.4, 0.25, 0.04


class FourSites:
    """Leads with hopping 1 tied by 0.6 to four sites; two coordinates move the second site and the third."""

    couplings = np.zeros((2, 4, 4))
    couplings[0, 0, 1] = couplings[1, 1, 2] = 1.0
    couplings[0, 1, 2] = couplings[1, 2, 3] = -1.0
    couplings += np.swapaxes(couplings, -1, -2)
    hamiltonian = np.diag([0.2, -0.1, 0.15, -0.3]) - np.diag([0.8, 1.0, 0.7], 1) - np.diag([0.8, 1.0, 0.7], -1)

    def sigma(self, energy):
        return 0.36 * (energy - np.sqrt(energy - 2 + 0j) * np.sqrt(energy + 2 + 0j)) / 2

    def greens_function(self, energy):
        inverse = energy[:, None, None] * np.eye(4) - self.hamiltonian + 0j
        for site in (0, 3):
            inverse[:, site, site] -= self.sigma(energy)
        return np.linalg.inv(inverse)

    def spectral(self, name, energy):
        column = self.greens_function(energy)[:, :, 0 if name == "L" else 3]
        return -2 * self.sigma(energy).imag[:, None, None] * column[:, :, None] * column.conj()[:, None, :]


MODEL = FourSites()
OMEGA = np.array([-0.2, 0.12, 0.4])


def found(t_left=KT, t_right=KT, omega=OMEGA, step=4e-3, bias=BIAS):
    return rates(MODEL, MODEL.couplings, omega, bias, t_left, t_right, LEVEL, step)


def test_numbers_of_the_page():
    """Λ (000 Eq. 3, spin 2) = -Γ/2π at ω = 0.12. The page prints Im Λ_LR,12 as .0127005757: two digits changed places,
    K^asym below holds with .0127007557 only.
    """
    at = {name: (absorbed - emitted)[1] / (-2 * np.pi) for name, (absorbed, emitted) in found().items()}
    assert at["LL"][0, 0].real == pytest.approx(-0.0210097731, abs=1e-9)
    assert at["LR"][0, 1] == pytest.approx(-0.0466679957 + 0.0127007557j, abs=1e-9)
    assert at["RL"][0, 1] == pytest.approx(0.1001051815 + 0.0262277712j, abs=1e-9)
    # 004: K^asym = Im Γ/2, L^sym = -Re Γ/2ω, spinless.
    gamma = broadening(found())[1] / 2
    assert gamma[0, 1].imag / 2 == pytest.approx(-0.0614672363, abs=1e-9)
    assert -gamma[0, 1].real / 0.24 == pytest.approx(1.1448488905, abs=1e-9)


@pytest.mark.parametrize("temperatures", [(KT, KT), (0.06, 0.02)])
def test_rates_are_hermitian_and_positive(temperatures):
    for pair in found(*temperatures).values():
        for rate in pair:
            np.testing.assert_allclose(rate, dagger(rate), atol=1e-14)
            assert np.linalg.eigvalsh(rate).min() > -1e-14


@pytest.mark.parametrize("channel", CHANNELS)
def test_detailed_balance(channel):
    """em/abs = exp[-(ω-μ)/T], only at one temperature."""
    mu = {"LL": 0.0, "RR": 0.0, "LR": BIAS, "RL": -BIAS}[channel]
    absorbed, emitted = found()[channel]
    ratio = np.exp(-(OMEGA - mu) / KT)[:, None, None]
    np.testing.assert_allclose(emitted, ratio * absorbed, rtol=1e-9)
    absorbed, emitted = found(0.06, 0.02)[channel]
    assert np.abs(emitted / (ratio * absorbed) - 1).max() > 0.05


@pytest.mark.parametrize("temperatures", [(KT, KT), (0.06, 0.02)])
def test_reversal(temperatures):
    """Γ^{αβ}_kl(ω) = -Γ^{βα}_lk(-ω), and Γ_e(-ω) = -Γ_e(ω)*, S_e(-ω) = S_e(ω)*."""
    plus, minus = found(*temperatures, omega=[0.3]), found(*temperatures, omega=[-0.3])
    for upper, lower in CHANNELS:
        there = plus[upper + lower][0] - plus[upper + lower][1]
        back = minus[lower + upper][0] - minus[lower + upper][1]
        np.testing.assert_allclose(there, -np.swapaxes(back, -1, -2), atol=1e-13)
    np.testing.assert_allclose(broadening(plus), -broadening(minus).conj(), atol=1e-13)
    np.testing.assert_allclose(noise(plus), noise(minus).conj(), atol=1e-13)


def test_by_lesser_and_greater_functions():
    other = greater_lesser(MODEL, MODEL.couplings, OMEGA, BIAS, KT, LEVEL, 4e-3)
    np.testing.assert_allclose(broadening(found()), other, atol=1e-13)


def test_window_has_the_dissipative_part_of_the_rates():
    """Anti-Hermitian part of Π(V) - Π(0) = -i/2 [Γ(V) - Γ(0)]; its real static part against 004's K at ω = 0.12."""
    change = window(MODEL, MODEL.couplings, OMEGA, BIAS, KT, LEVEL, 4e-3)
    gamma = broadening(found()) - broadening(found(bias=0.0))
    np.testing.assert_allclose(change - dagger(change), -1j * gamma, atol=1e-11)
    k = change[1].real / 2
    assert k[0, 0] == pytest.approx(-1.4724296088 + 1.4890749238, abs=1e-9)
    assert k[0, 1] == pytest.approx(1.0400742789 - 1.2296415138, abs=1e-9)


def test_converged_in_step():
    np.testing.assert_allclose(broadening(found(step=8e-3)), broadening(found(step=2e-3)), atol=1e-11)
    assert np.abs(broadening(found(step=0.15)) - broadening(found())).max() > 1e-6
