"""Rates of electron-hole pairs whose electrodes depend on energy: against plain sums and tables."""

import numpy as np
import pytest
from laws.brute_pairs import rates as brute_rates

from sgle.ehp import pair_rates
from sgle.electronic.pairs import CHANNELS, ElectronHolePairs, Occupation
from sgle.errors import BathError, QuadratureError
from sgle.models import chain

EDGE = 2 * abs(chain.HOPPING)
STRUCTURE, COUPLINGS = chain.structure(2), chain.couplings(2)
OMEGA = np.array([-0.3, 0.02, 0.3, 0.9])


def occupation(level, bias, t_left, t_right):
    return Occupation(level + bias / 2, level - bias / 2, t_left, t_right)


@pytest.mark.parametrize(("t_left", "t_right"), [(0.05, 0.05), (0.08, 0.03)])
def test_against_a_plain_sum(t_left, t_right):
    """An endless chain of gold atoms: waves that go the same way hardly scatter, LL is 1e-8 of LR at small ω."""
    found = pair_rates(STRUCTURE, COUPLINGS, OMEGA, occupation(-0.8, 0.6, t_left, t_right), edges=(-EDGE, EDGE))
    brute = brute_rates(STRUCTURE, COUPLINGS, OMEGA, 0.6, t_left, t_right, -0.8, step=5e-3)
    for j, channel in enumerate(CHANNELS):
        for part, wanted in zip((found.absorption[j], found.emission[j]), brute[channel], strict=True):
            assert np.abs(part - wanted).max() < 1e-11 * np.abs(sum(brute[channel])).max()
    assert np.abs(found.broadening[0]).max() > 0  # LL is not zero


def test_at_the_edge_of_the_band():
    """A grows as 1/√ towards the edge: integrated where the edges are told, refused where they are not."""
    at, omega = occupation(0.1 - EDGE, 0.3, 0.05, 0.05), 0.2
    found = pair_rates(STRUCTURE, COUPLINGS, [omega], at, edges=(-EDGE, EDGE), rtol=1e-8)
    # ε = s² - edge makes a smooth function of s.
    points, weights = np.polynomial.legendre.leggauss(300)
    s = 1.2 * (points + 1)
    energy = s**2 - EDGE
    for j, (upper, lower) in enumerate(CHANNELS):
        (mu_up, t), (mu_low, _) = at.of(upper), at.of(lower)
        filled, above = (1 / (1 + np.exp(x / t)) for x in (energy - mu_low, energy + omega - mu_up))
        left, right = (
            COUPLINGS @ STRUCTURE.spectral(name, e)[:, None] for name, e in ((upper, energy + omega), (lower, energy))
        )
        weight = 1.2 * weights * 2 * s * (filled - above) * 2 / (2 * np.pi)
        wanted = np.einsum("e,ekij,elji->kl", weight, left, right)
        assert np.abs(found.broadening[j, 0] - wanted).max() < 1e-8 * np.abs(wanted).max()
    with pytest.raises(QuadratureError, match="band edge") as caught:
        pair_rates(STRUCTURE, COUPLINGS, [omega], at, rtol=1e-8)
    assert caught.value.numbers["omega"] == omega


def test_against_tables():
    """sgle.electronic.pairs keeps T(ε) on a grid, straight between; both have the spin of 2 by default."""
    tables = ElectronHolePairs(STRUCTURE, COUPLINGS, 0.4, frequency_step=0.01, energy_step=0.01)
    at = occupation(-0.8, 0.6, 0.05, 0.05)
    wanted = tables.rates(at)
    picked = [10, 40]
    found = pair_rates(STRUCTURE, COUPLINGS, tables.frequencies[picked], at)
    for j in range(4):
        size = np.abs(wanted.broadening[j][picked]).max()
        assert np.abs(found.broadening[j] - wanted.broadening[j][picked]).max() < 1e-4 * size


def test_closed_form_is_refused():
    with pytest.raises(BathError, match="wide band"):
        pair_rates(STRUCTURE, COUPLINGS, [0.3], occupation(-0.8, 0.6, 0.05, 0.05), road="closed")
