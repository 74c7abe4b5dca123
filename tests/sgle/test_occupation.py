"""Occupation factors against their closed forms, with every limit (physics.md 4)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgle.errors import BathError
from sgle.occupation import absorption_factor, bose, emission_factor, fermi, noise_factor, require_temperature

X = np.array([-30.0, -3.0, -0.2, -1e-3, 1e-3, 0.2, 3.0, 30.0])


@pytest.mark.parametrize("temperature", [0.05, 0.5, 7.0])
def test_factors_are_the_textbook_formulas(temperature):
    n = 1 / np.expm1(X / temperature)
    np.testing.assert_allclose(emission_factor(X, temperature), X * n, rtol=2e-12)
    np.testing.assert_allclose(absorption_factor(X, temperature), -X / np.expm1(-X / temperature), rtol=2e-12)
    np.testing.assert_allclose(noise_factor(X, temperature), X / 2 / np.tanh(X / 2 / temperature), rtol=2e-12)
    np.testing.assert_allclose(bose(X[4:], temperature), n[4:], rtol=2e-12)
    np.testing.assert_allclose(fermi(X, temperature), 1 / (1 + np.exp(X / temperature)), rtol=2e-12)


def test_limits():
    assert emission_factor(0.0, 0.3) == absorption_factor(0.0, 0.3) == noise_factor(0.0, 0.3) == 0.3
    np.testing.assert_array_equal(emission_factor(X, 0.0), np.maximum(-X, 0))
    np.testing.assert_array_equal(noise_factor(X, 0.0), np.abs(X) / 2)
    np.testing.assert_array_equal(fermi(np.array([-1.0, 0.0, 1.0]), 0.0), [1.0, 0.5, 0.0])
    # High temperature: T - x/2 and T, to second order in x/T.
    np.testing.assert_allclose(emission_factor(0.1, 1e3), 1e3 - 0.05, rtol=1e-9)


@given(st.floats(-1e3, 1e3), st.floats(1e-6, 1e3))
def test_laws_for_all_arguments(x, temperature):
    absorbed, emitted = absorption_factor(x, temperature), emission_factor(x, temperature)
    assert absorbed >= 0 and emitted >= 0 and np.isfinite(absorbed + emitted)
    assert absorbed - emitted == pytest.approx(x, abs=1e-12 * max(absorbed, emitted) + 1e-300)
    assert noise_factor(x, temperature) == pytest.approx((absorbed + emitted) / 2, rel=1e-12)
    # Detailed balance, in the direction that does not overflow.
    low, high = sorted([absorbed, emitted])
    assert low == pytest.approx(high * np.exp(-abs(x) / temperature), rel=1e-9, abs=1e-300)


@given(st.floats(1e-6, 1e-3), st.sampled_from([0.01, 1.0]))
def test_series_and_formula_meet(ratio, temperature):
    x = ratio * temperature
    assert emission_factor(x, temperature) == pytest.approx(x / np.expm1(ratio), rel=1e-11)


@pytest.mark.parametrize("wrong", [-0.1, float("nan"), float("inf")])
def test_impossible_temperature(wrong):
    with pytest.raises(BathError, match="temperature") as caught:
        require_temperature(wrong)
    np.testing.assert_equal(caught.value.temperature, wrong)
