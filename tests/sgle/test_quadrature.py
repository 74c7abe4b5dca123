"""The adaptive rule against integrals known in closed form, its error estimate and its refusal."""

import numpy as np
import pytest
from numpy.polynomial.legendre import leggauss

from sgle.errors import QuadratureError
from sgle.quadrature import GAUSS, KRONROD, POINTS, RULES, integrate

KNOWN = {
    "polynomial": (lambda w: w**7, [0, 1, 2], 2**8 / 8),
    "square-root edge": (lambda w: np.sqrt(np.maximum(4 - w**2, 0)), [0, 2], np.pi),
    "inverse root": (lambda w: 1 / np.sqrt(w), [0, 1], 2.0),
    "kink": (lambda w: np.abs(w - 0.3), [0, 1], (0.3**2 + 0.7**2) / 2),
    "logarithm": (np.log, [0, 1], -1.0),
    "narrow peak": (lambda w: 1e-6 / np.pi / ((w - 1.1) ** 2 + 1e-12), [0, 1.1, 3], 1.0),
    "unmarked peak": (lambda w: 1e-4 / np.pi / ((w - 1.07) ** 2 + 1e-8), [0, 3], 1.0),
    "half line": (lambda w: 1 / (1 + w**2), [0, 1, np.inf], np.pi / 2),
    "only a tail": (lambda w: w**-2.0, [2, np.inf], 0.5),
    "cancelling": (lambda w: np.sin(20 * np.pi * w), [0, 1], 0.0),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_integrals_within_their_error(name):
    function, points, exact = KNOWN[name]
    value, error = integrate(lambda w: function(w)[:, None], points)
    slack = 2e-4 if "peak" in name else 0.0  # the peaks' tails beyond the ends
    assert abs(value[0] - exact) <= 5e-9 * max(1.0, abs(exact)) + slack
    assert 0 <= error[0] < 2e-9
    if not slack:
        assert abs(value[0] - exact) <= 10 * error[0] + 1e-14


def test_nodes_and_weights():
    """Gauss weights sit on numpy's Gauss nodes; both rules are exact to their degree, 19 and 31, not further."""
    nodes, weights = leggauss(10)
    np.testing.assert_allclose(POINTS[GAUSS > 0], nodes, atol=1e-15)
    np.testing.assert_allclose(GAUSS[GAUSS > 0], weights, atol=1e-15)
    for rule, degree in ((GAUSS, 18), (KRONROD, 30)):
        for k in range(0, degree + 1, 2):
            assert rule @ POINTS**k == pytest.approx(2 / (k + 1), abs=1e-14)
        assert abs(rule @ POINTS ** (degree + 2) - 2 / (degree + 3)) > 1e-15 * 100 or degree == 30


def test_components_have_their_own_accuracy():
    value, error = integrate(lambda w: np.stack([np.exp(-w), 1e-2 * np.cos(w) * np.exp(-w), 0 * w], 1), [0, 1, np.inf])
    np.testing.assert_allclose(value, [1.0, 5e-3, 0.0], rtol=2e-9)
    assert np.all(error <= 1e-9 * np.array([1.0, 1e-2, 1e-3]))


def test_undamped_pole_is_refused():
    with pytest.raises(QuadratureError, match="did not converge") as caught:
        integrate(lambda w: (1 / np.maximum(np.abs(w - 0.3), 1e-200))[:, None], [0, 1], rounds=30)
    assert caught.value.excess > 1 and caught.value.rtol == 1e-9


def test_short_rule_is_exact_to_its_degree():
    """QK15: Gauss of 7 points inside Kronrod of 15, degrees 13 and 22."""
    points, kronrod, gauss = RULES[15]
    nodes, weights = leggauss(7)
    np.testing.assert_allclose(points[gauss > 0], nodes, atol=1e-15)
    np.testing.assert_allclose(gauss[gauss > 0], weights, atol=1e-15)
    for rule, degree in ((gauss, 13), (kronrod, 22)):
        for power in range(degree + 1):
            assert rule @ points**power == pytest.approx((1 + (-1) ** power) / (power + 1), abs=1e-14)
    found, _ = integrate(lambda omega: np.cos(omega)[:, None], np.linspace(0, 3, 200), rule=15)
    assert found[0] == pytest.approx(np.sin(3), abs=1e-14)


def test_rounding_noise_is_refused_before_it_fills_the_memory():
    """A current that is zero but for rounding has no relative accuracy: said so, not refined for ever."""
    rng = np.random.default_rng(1)
    with pytest.raises(QuadratureError, match="intervals left"):
        integrate(lambda omega: rng.standard_normal((omega.size, 1)), [0.0, 1.0])
