"""Thresholds, critical bias and what is refused on the way (sgle.stability.critical)."""

import numpy as np
import pytest
from laws.closed_forms import eq_36, markov
from laws.models import INTER, minimal
from scipy.optimize import brentq

from sgle import Grid, Junction, baths
from sgle.errors import EigenfrequencyError
from sgle.stability import critical_bias, critical_map, eigenfrequencies, threshold, unstable_count


@pytest.mark.parametrize("berry", [0.0, 0.03, -0.02])
def test_against_the_root_of_the_polynomial(berry):
    """000 Eq. 36: max Im z of the quartic passes zero."""
    exact = brentq(lambda bias: eq_36(bias, berry).imag.max(), 1.0, 30.0, xtol=1e-13)
    assert critical_bias(lambda bias: markov(bias, berry), (0.0, 30.0)) == pytest.approx(exact, abs=1e-9)


def test_the_bracket_is_the_winding_numbers():
    found = threshold(minimal, (0.0, 12.0))
    assert found.high - found.low == pytest.approx(1e-6, rel=1e-6) and found.low < found.value < found.high
    assert unstable_count(minimal(found.low)) == 0 and unstable_count(minimal(found.high)) == 1
    assert found.count == 1 and abs(found.modes.z[found.index].imag) < 1e-13
    step = 1e-3
    growth = eigenfrequencies(minimal(found.value + step)).imag.max()
    assert growth / step == pytest.approx(found.slope, rel=1e-2)


def test_negative_bias_and_other_parameters():
    """The mirror image at the opposite bias; and friction in the place of the bias."""
    there, back = (critical_bias(minimal, (0.0, end)) for end in (12.0, -12.0))
    assert back == pytest.approx(-there, abs=1e-9)

    def rubbed(less):
        inter = np.array([[0.004, 0.001 + 0.003j], [0.001 - 0.003j, 0.004]])
        leads = {name: baths.drude(0.06 - less, 10.0, 0.5, [k]) for k, name in enumerate("LR")}
        return Junction(minimal().dynamical_matrix, {**leads, "e": minimal(there, inter=inter).baths["e"]})

    assert threshold(rubbed, (0.0, 0.05)).value == pytest.approx(0.01, abs=1e-8)


def test_on_the_grid():
    """The threshold of the time step, off that of the continuum as Δt²."""
    exact = critical_bias(minimal, (0.0, 12.0))
    off = [critical_bias(minimal, (0.0, 12.0), grid=Grid(dt)) - exact for dt in (0.04, 0.02)]
    assert abs(off[0]) > 1e-4 and off[0] / off[1] == pytest.approx(4.0, rel=0.05)


def test_nothing_in_the_bracket():
    with pytest.raises(EigenfrequencyError, match=r"no threshold between 0 and 3.*wider") as caught:
        critical_bias(minimal, (0.0, 3.0))
    assert caught.value.eigenfrequency.imag < 0
    with pytest.raises(EigenfrequencyError, match="1 modes grow already at the beginning of the bracket, 9"):
        critical_bias(minimal, (9.0, 12.0))


def test_lost_and_won_again():
    """A threshold that is one of several is not picked silently."""

    def there_and_back(value):
        return minimal(10.0 * np.sin(value))

    with pytest.raises(EigenfrequencyError, match="2 times in the bracket") as caught:
        critical_bias(there_and_back, (0.0, np.pi))
    assert len(caught.value.intervals) == 2
    assert critical_bias(there_and_back, (0.0, np.pi / 2)) == pytest.approx(
        np.arcsin(critical_bias(minimal, (0.0, 12.0)) / 10.0), abs=1e-9
    )


def test_map_with_each_force_off():
    def at(bias, temperature):
        return minimal(bias, temperature=temperature)

    points = critical_map(at, [0.3, 0.6], (0.0, 12.0), without=("nonconservative", "berry", "friction_change"))
    for point in points:
        cases = point.cases
        # Flat bands: temperature and bias change neither force nor friction; without the driving force nothing grows.
        assert cases["all"].value == pytest.approx(critical_bias(minimal, (0.0, 12.0)), abs=1e-9)
        assert cases["friction_change"].value == pytest.approx(cases["all"].value, abs=1e-9)
        assert "no threshold" in cases["nonconservative"]
        assert cases["berry"].value != pytest.approx(cases["all"].value, abs=1e-3)


def test_no_electrons_no_threshold():
    real = INTER.real.astype(complex)
    with pytest.raises(EigenfrequencyError, match="no threshold"):
        critical_bias(lambda bias: minimal(bias, inter=real), (0.0, 50.0))


def test_a_value_looked_at_may_be_the_threshold_itself():
    there = critical_bias(minimal, (0.0, 12.0))
    found = threshold(minimal, (0.0, 9 * there / 4))
    assert found.value == pytest.approx(there, abs=1e-9) and found.count == 1


@pytest.mark.parametrize("friction", [0.05, 2.0])
@pytest.mark.parametrize("cutoff", ["smooth", "exponential"])
def test_a_mode_that_topples(friction, cutoff):
    """z = 0 where det(K + Π(0)) = 0, whatever the friction."""

    def at(softer):
        return Junction([[0.1 - softer, 0.05], [0.05, 1.0]], {"L": baths.ohmic(friction * np.eye(2), 5.0, 0.4, [0, 1],
                                                                               cutoff)})  # fmt: skip

    found = threshold(at, (0.0, 0.5))
    assert found.value == pytest.approx(0.1 - 0.05**2, abs=1e-9)
    assert found.frequency == pytest.approx(0.0, abs=1e-12) and found.count == 1


def pairs(*biases):
    """Pairs of sites under different biases, not coupled."""
    made, zero, each = {}, np.zeros((2, 2)), [minimal(float(bias)) for bias in biases]
    for k, pair in enumerate(each):
        for name, bath in pair.baths.items():
            made[name + str(k)] = bath.with_parameters(dofs=[dof + 2 * k for dof in bath.dofs])
    blocks = [[pair.dynamical_matrix if j == k else zero for j in range(len(each))] for k, pair in enumerate(each)]
    return Junction(np.block(blocks), made)


def test_two_modes_at_once():
    """Two equal pairs, not coupled, lose stability together."""
    found = threshold(lambda bias: pairs(bias, bias), (0.0, 12.0))
    assert found.count == 2 and found.value == pytest.approx(critical_bias(minimal, (0.0, 12.0)), abs=1e-9)


def test_the_first_of_two():
    """Both grow at the end of one interval; and if the first has become stable again there, it is still the first."""
    there = critical_bias(minimal, (0.0, 12.0))
    both = threshold(lambda share: pairs(there * share, 1.1 * there * share), (0.5, 1.4), scan=0)
    assert both.value == pytest.approx(1 / 1.1, abs=1e-9)
    again = threshold(lambda v: pairs(there * (0.9 + 0.4 * v), there * (1.1 - 10 * (v - 0.2) ** 2)), (0.0, 0.6), scan=0)
    assert again.value == pytest.approx(0.1, abs=1e-9) and again.count == 1
