"""The minimal model of 000 SM II with strictly Ohmic friction, and its closed form."""

from dataclasses import replace

import numpy as np

from sgle import Junction, baths


def markov(bias, berry=0.03, friction=0.05, cutoff=1e12):
    """000 SM II without γ'_e: D⁻¹ = [[Ω, ω_1² + X], [ω_1² - X, Ω]], X = a + ibω; Ohmic to 1e-13."""
    inter = np.array([[0.004, 0.003j], [-0.003j, 0.004]])
    electrons = baths.flat_band(2 * inter.real, inter, bias, 0.5, cutoff, [0, 1])
    electrons = replace(electrons, berry=berry * bias * np.array([[0.0, 1.0], [-1.0, 0.0]]))
    leads = {name: baths.drude(friction, cutoff, 0.5, [k]) for k, name in enumerate("LR")}
    return Junction([[1.0, -0.16], [-0.16, 1.0]], {**leads, "e": electrons})


def eq_36(bias, berry=0.03, friction=0.05):
    """Roots of N(z) = Ω² - (ω_1² + X)(ω_1² - X) of 000 Eq. 36, Ω = z² - ω_0² + iγ_t z, with Re z > 0."""
    gamma = friction + 2 * np.pi * (2 * 0.004 + 2 * 0.004)
    big, x = np.array([1, 1j * gamma, -1.0]), np.array([1j * berry * bias, -4 * np.pi * bias * 0.003])
    z = np.roots(np.polysub(np.polymul(big, big), np.polysub([0.16**2], np.polymul(x, x))))
    return np.sort_complex(z[z.real > 0])
