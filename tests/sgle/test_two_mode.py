"""001 Eq. 9 as it is printed: the numbers of reference/ehp-and-forces.md section 2; no junction has such a matrix."""

import numpy as np
import pytest
from scipy.optimize import brentq

from sgle.baths import local
from sgle.errors import SpectrumError
from sgle.models.two_mode import effective_matrix
from sgle.stability import exceptional_point, pair_of_matrix

FIGURE_4 = pair_of_matrix(effective_matrix)


def overlap(bias):
    """|⟨v_1|v_2⟩| of the unit right vectors."""
    vectors = FIGURE_4(bias)[1]
    return abs(np.vdot(*vectors)) / np.prod(np.linalg.norm(vectors, axis=1))


def test_exceptional_point_as_printed_lies_beside_the_real_axis():
    found = exceptional_point(FIGURE_4, (0.6, 0.8))
    assert found.value.real == pytest.approx(0.692820477, abs=1e-9)
    assert abs(found.value.imag) == pytest.approx(0.000923760, abs=1e-9)
    assert found.splitting == pytest.approx(3.577709e-3, abs=1e-9)
    assert found.overlap == pytest.approx(0.999000500, abs=1e-9)
    assert found.most == pytest.approx(0.9990005, abs=1e-9) and found.at == pytest.approx(0.692820784, abs=1e-8)
    both = np.linalg.eigvals(effective_matrix(found.value))
    assert abs(both[0] - both[1]) < 1e-6 * 0.07  # they coalesce: 0.07 apart at zero bias


def test_without_damping_it_lies_on_the_axis():
    """V = Ω√(δ² - c²)/a."""
    found = exceptional_point(pair_of_matrix(lambda bias: effective_matrix(bias, damping=0.0)), (0.6, 0.8))
    assert found.value == pytest.approx(np.sqrt(0.04**2 - 0.02**2) / 0.05, abs=1e-9)
    assert found.value.real == pytest.approx(0.692820323, abs=1e-9) and found.overlap == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    ("bias", "expected"),
    [(0, 0.499999333), (0.3, 0.624998974), (0.6, 0.901383012), (0.8, 0.894423613), (1, 0.742780439)],
)
def test_overlap_against_bias(bias, expected):
    assert overlap(bias) == pytest.approx(expected, abs=1e-9)


def test_runs_away_just_beyond():
    """Motion is e^{+iωt} here: Im λ < 0 grows."""
    assert np.sort(FIGURE_4(1.0)[0].imag) == pytest.approx([-0.034056, 0.038056], abs=1e-6)
    first = brentq(lambda bias: FIGURE_4(bias)[0].imag.min(), 0.69, 0.8, xtol=1e-13)
    assert first == pytest.approx(0.693789132, abs=1e-9)


def test_friction_of_figure_4_is_refused_as_a_bath():
    """[[2γ, c], [c, 2γ]] has the eigenvalue -0.018."""
    with pytest.raises(SpectrumError) as refused:
        local([[0.002, 0.02], [0.02, 0.002]], bias=0.0, temperature=0.1, cutoff=10.0, dofs=[0, 1])
    assert refused.value.smallest == pytest.approx(-0.018, rel=1e-9)
