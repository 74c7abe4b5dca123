"""Laws of emission and absorption by electron-hole pairs, on both roads (001 Eqs. 4-7; physics.md 4)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from laws.level_pairs import MIXED, SIGMA_X, TWO_MODES
from laws.models import dagger

from sgle.ehp import levels, pair_rates, two_levels
from sgle.electronic.pairs import CHANNELS, Occupation
from sgle.occupation import noise_factor

OMEGA = np.array([-1.1, -0.5, -0.2, 0.3, 0.5, 1.0])
ROADS = ("closed", "quadrature")
AT = Occupation(0.35, -0.15, 0.3, 0.3)
APART = Occupation(0.35, -0.15, 0.4, 0.2)


def rates(omega=OMEGA, at=AT, road="closed", spin=1, couplings=TWO_MODES, hopping=0.2):
    return pair_rates(two_levels((0.5, -0.4), (0.2, 0.3), hopping), couplings, omega, at, spin=spin, road=road)


def test_numbers_of_the_page():
    """reference/ehp-and-forces.md 1; LL and RR of an isolated pair of levels are zero identically."""
    omega = [0.2, 0.5, 0.9, 1.0, 1.7]
    for road in ROADS:
        found = rates(omega, road=road, couplings=SIGMA_X, hopping=0.0)
        ll, rr, lr, rl = found.broadening[:, :, 0, 0].real
        assert not np.any(ll) and not np.any(rr)
        rl_page = [1.303768107e-3, 9.324582266e-4, 6.079573005e-4, 5.506524716e-4, 3.015420143e-4]
        lr_page = [-1.733837833e-3, 0, 2.486715632e-2, 2.614509971e-2, 4.480109915e-3]
        np.testing.assert_allclose(rl, rl_page, rtol=1e-9)
        np.testing.assert_allclose(lr, lr_page, rtol=1e-9, atol=1e-16)
        for part in (found.emission, found.absorption):  # ω = μ_LR, where n_B Γ is ∞ · 0
            assert part[2, 1, 0, 0].real == pytest.approx(5.052084082e-3, rel=1e-9)
        found = rates([1.0], road=road, couplings=MIXED)
        page = [1.297990524e-3, 3.384007461e-3, 1.590772607e-2, 7.219092964e-4]
        np.testing.assert_allclose(found.broadening[:, 0, 0, 0].real, page, rtol=1e-9)


@pytest.mark.parametrize("at", [AT, APART])
def test_hermitian_positive_and_reversible(at):
    """Γ^{αβ}_kl(ω) = -Γ^{βα}_lk(-ω), and absorption at ω is the other channel's emission at -ω."""
    road = "closed" if at is AT else "quadrature"
    there, back = rates(at=at, road=road), rates(-OMEGA, at, road)
    size = np.abs(there.noise).max()
    for part in (there.absorption, there.emission):
        np.testing.assert_allclose(part, dagger(part), atol=1e-16)
        assert np.linalg.eigvalsh(part).min() > -1e-14 * size
    exchanged = [CHANNELS.index(name[::-1]) for name in CHANNELS]
    turned = np.swapaxes(back.broadening[exchanged], 2, 3)
    np.testing.assert_allclose(there.broadening, -turned, atol=1e-13 * size)
    # k and l exchanged would be seen.
    assert np.abs(there.broadening + np.swapaxes(turned, 2, 3)).max() > 0.02 * size
    emitted = np.swapaxes(back.emission[exchanged], 2, 3)
    np.testing.assert_allclose(there.absorption, emitted, atol=1e-13 * size)


@pytest.mark.parametrize("road", ROADS)
def test_generalized_detailed_balance(road):
    """em/abs = exp[-(ω-μ_αβ)/T], element by element: a boson bath with a chemical potential (001 Eq. 4)."""
    found = rates(road=road)
    for j, name in enumerate(CHANNELS):
        x = OMEGA - AT.potential(name)
        ratio = np.exp(-x / 0.3)[:, None, None]
        np.testing.assert_allclose(found.emission[j], ratio * found.absorption[j], rtol=1e-13, atol=1e-18)
        factor = (noise_factor(x, 0.3) / np.where(x == 0, 1, x))[:, None, None]
        np.testing.assert_allclose(found.noise[j][x != 0], (factor * found.broadening[j])[x != 0], rtol=1e-12)
        sign = np.sign(np.round(x, 12))
        diagonal = np.einsum("wkk->wk", found.broadening[j]).real
        assert np.all(np.sign(diagonal)[sign != 0] == sign[sign != 0, None])
        assert np.abs(diagonal[sign == 0]).max(initial=0.0) < 1e-15
    potentials = [[0.0], [0.0], [0.5], [-0.5]]  # not the other way round, as 001 has it in its text
    np.testing.assert_allclose(found.chemical_potential(0.3) - potentials, 0, atol=1e-13)


def test_two_temperatures_break_it():
    """A channel between electrodes of T = .4 and .2 has no chemical potential: it would depend on frequency."""
    found = rates(at=APART, road="quadrature").chemical_potential(0.3)
    assert np.ptp(found[CHANNELS.index("LR")]) > 0.1
    # Pairs within one electrode keep its temperature.
    for name, temperature in (("LL", 0.4), ("RR", 0.2)):
        found = rates(at=APART, road="quadrature").chemical_potential(temperature)
        np.testing.assert_allclose(found[CHANNELS.index(name)], 0, atol=1e-12)


def test_chemical_potential_of_no_pairs():
    found = rates(couplings=SIGMA_X, hopping=0.0).chemical_potential(0.3)
    assert np.all(np.isnan(found[:2])) and np.all(np.isfinite(found[2:]))


@pytest.mark.parametrize("road", ROADS)
def test_spin_counts_once(road):
    np.testing.assert_allclose(rates(road=road, spin=2).noise, 2 * rates(road=road).noise, rtol=1e-12, atol=1e-18)
    structure = two_levels((0.5, -0.4), (0.2, 0.3))
    default, two = (pair_rates(structure, SIGMA_X, [0.7], AT, **spin) for spin in ({}, {"spin": 2}))
    np.testing.assert_array_equal(default.noise, two.noise)


def test_one_coupling_matrix_is_one_dof():
    one, several = (rates(couplings=m) for m in (SIGMA_X, [SIGMA_X]))
    np.testing.assert_array_equal(one.absorption, several.absorption)


def test_sum_rule_over_electrodes():
    """A_L + A_R = i(G - G†): with one potential and temperature it does not matter who holds the broadening."""
    h, m = [[0.5, 0.1], [0.1, -0.4]], TWO_MODES
    same = Occupation(0.1, 0.1, 0.3, 0.3)
    total = [
        pair_rates(levels(h, left, right), m, OMEGA, same).noise.sum(axis=0)
        for left, right in (([0.2, 0.05], [0.0, 0.25]), ([0.1, 0.2], [0.1, 0.1]))
    ]
    np.testing.assert_allclose(*total, atol=1e-15)


numbers = st.floats(-1, 1)
widths = st.floats(0.02, 1)


@settings(max_examples=25)
@given(
    st.tuples(numbers, numbers, st.floats(-0.5, 0.5)),
    st.tuples(widths, widths),
    st.tuples(numbers, numbers, st.floats(0.005, 2)),
    st.tuples(numbers, numbers, numbers),
)
def test_any_two_levels(structure, ends, electrodes, coupling):
    """Positive, in balance, and sign(Γ) = sign(ω - μ), for any energies, widths, potentials, temperature, coupling."""
    (e1, e2, t), (left, right, temperature) = structure, electrodes
    at = Occupation(left, right, temperature, temperature)
    omega = np.array([-0.7, left - right, 0.0, 0.4])
    m = [[coupling[0], coupling[1]], [coupling[1], coupling[2]]]
    found = pair_rates(two_levels((e1, e2), ends, t), m, omega, at, spin=1)
    size = max(np.abs(found.noise).max(), 1e-300)
    for j, name in enumerate(CHANNELS):
        x = omega - at.potential(name)
        gamma = found.broadening[j, :, 0, 0].real
        assert np.all(gamma * np.sign(x) >= -1e-12 * size)
        assert found.absorption[j].real.min() >= -1e-12 * size and found.emission[j].real.min() >= -1e-12 * size
        larger = np.maximum(found.absorption[j], found.emission[j])[:, 0, 0].real
        smaller = np.minimum(found.absorption[j], found.emission[j])[:, 0, 0].real
        np.testing.assert_allclose(smaller, larger * np.exp(-np.abs(x) / temperature), rtol=1e-9, atol=1e-12 * size)
