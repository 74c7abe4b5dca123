"""Bad input and refused physics of the nanowire: the type, the numbers and a way out."""

import numpy as np
import pytest

from sgle.errors import GridError, InputError, PhysicsError
from sgle.nanowire import LinearisationWarning, solve, step, table

GOOD = (1.44, 0.08)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"temperature": 0.0}, "positive"),
        ({"temperature": "warm"}, "number"),
        ({"temperature": np.nan}, "finite"),
        ({"bias": None}, "either"),
        ({"current": 0.1}, "either"),
        ({"bias": 0.0}, "nothing to speak of"),
        ({"current": -1e-13, "bias": None}, "nothing to speak of"),
        ({"bias": np.inf}, "finite"),
        ({"accuracy": -1.0}, "positive"),
        ({"exponent": 1.0}, "must lie"),
        ({"exponent": -1.1}, "must lie"),
        ({"transmission": 0.3}, "callable"),
        ({"transmission": (1.0, 0.1, 2.0)}, "callable"),
        ({"transmission": lambda e: 1.2 * np.exp(-((e - 1) ** 2))}, "passes between 0 and 1"),
        ({"transmission": lambda e: e - 0.5}, "passes between 0 and 1"),
        ({"transmission": lambda e: np.full(e.shape, np.nan)}, "passes between 0 and 1"),
        ({"transmission": lambda e: 0.5}, "as many numbers"),
        ({"transmission": table([0.5, 2.0], [0.1, 0.1])}, "extend the table"),
    ],
)
def test_input_is_refused(changes, said):
    given = {"transmission": GOOD, "temperature": 0.3, "bias": 0.1, **changes}
    with pytest.raises(InputError, match=said):
        solve(given.pop("transmission"), given.pop("temperature"), **given)


def test_transmission_out_of_range_says_where():
    with pytest.raises(InputError) as caught:
        solve(lambda e: 1.5 * np.exp(-(((e - 1) / 0.1) ** 2)), 0.3, bias=0.1)
    assert caught.value.transmission > 1 and abs(caught.value.energy - 1) < 0.07


def test_rounding_of_a_transmission_is_allowed():
    exact = solve(lambda e: 0.0 * e + 0.5 * (e > 1), 0.3, bias=0.1)
    assert solve(lambda e: -1e-12 + 0.5 * (e > 1), 0.3, bias=0.1).current == pytest.approx(exact.current, rel=1e-9)


@pytest.mark.parametrize("given", [{"bias": 0.1}, {"current": 0.5}])
def test_perfect_transmission_is_refused(given):
    """T = 1: the drop V is lost beside that of the wires, F ~ 1/(1-T) (nanowire.md: I = 76 at v = .1)."""
    with pytest.raises(PhysicsError) as caught:
        solve(lambda e: np.ones_like(e), 0.3, **given)
    assert caught.value.exit_status == 3
    if "bias" in given:
        assert caught.value.force > 1
        assert caught.value.current == pytest.approx(76, abs=1)
        linear = solve(lambda e: np.ones_like(e), 0.3, **given, allow_nonlinear=True)
        assert linear.current == caught.value.current


def test_doubtful_linearisation_warns():
    """003 Fig. 5 at t = .1, wide peaks: F = 2.3 k_BT; occupations leave [0, 1] only there."""
    with pytest.warns(LinearisationWarning, match="outside"):
        found = solve((0.49, 1.0), 0.1, bias=0.1)
    assert 2 < found.nonlinearity == found.force / 0.1
    far = found.distribution(50.0)
    assert min(far.left_moving) < -0.05
    fine = solve((0.49, 1.0), 0.1, bias=0.08).distribution(50.0)
    at = np.argmin(np.abs(fine.momentum - 1))
    assert 0 < fine.left_moving[at] < fine.right_moving[at] < 1


def test_current_without_a_bias_says_how_far_it_goes():
    """Weak transmission saturates; the number given can be had, a little more cannot."""
    with pytest.raises(PhysicsError, match="no bias gives") as caught:
        solve(GOOD, 0.1, current=0.1, accuracy=1e-3)
    assert caught.value.bias == pytest.approx(1 + 40 * 0.1)  # all that one side holds is free to pass
    largest = caught.value.largest
    assert largest == pytest.approx(0.0156, rel=0.01)  # nanowire.md, Fig. 9, v = 2
    assert solve(GOOD, 0.1, current=0.99 * largest, accuracy=1e-3).bias > 0.5
    # The other way the level, fixed to the left wire, comes down to the electrons.
    assert solve(GOOD, 0.1, current=-0.1, accuracy=1e-3).bias < -0.1


def test_nothing_passes():
    with pytest.raises(PhysicsError, match="passes nothing"):
        solve(step(100.0), 0.3, bias=0.1)


def test_spots_need_a_range():
    with pytest.raises(InputError, match="to a larger"):
        solve(GOOD, 0.3, bias=0.1, accuracy=1e-2).spots(nearest=0.0)


def test_bias_of_too_many_temperatures():
    with pytest.raises(GridError, match="500") as caught:
        solve(GOOD, 0.01, bias=6)
    assert caught.value.bias == 6
    with pytest.raises(GridError, match="500"):
        solve(GOOD, 1e-3, bias=0.1)


def test_transmission_too_narrow_or_too_rich():
    with pytest.raises(InputError, match="at least"):
        solve((1.1, 1e-12), 0.3, bias=0.1)
    with pytest.raises(GridError, match="smooth it") as caught:
        solve(lambda e: np.sin(1e4 * e) ** 2, 0.3, bias=0.1)
    assert caught.value.nodes > 3000
