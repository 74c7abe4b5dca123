"""Growth in trajectories against Im z (issue 5: within 2 % over at least three decades), and what is refused."""

import numpy as np
import pytest
from error_bars import SEED, limit
from laws.runaway import bond, runaway

from sgle import Grid, Junction, baths
from sgle.analysis.instability import growth
from sgle.analysis.instability.growth import NoGrowthError, growth_rate
from sgle.analysis.instability.mode import fastest_mode
from sgle.errors import InputError

SMALL = {"time_step": 0.1, "trajectories": 64, "seed": SEED, "memory": "local", "progress": False}


def agrees(found, exact=None):
    """The judgement of a rate: two per cent, three decades, its own error bar, and that one small enough."""
    exact = found.rate.grid if exact is None else exact
    z = (found.rate.value - exact) / found.rate.stderr
    assert found.rate.stderr < 0.004 * exact
    assert found.decades.value > 3
    assert abs(z) < limit(found.rate.degrees) and abs(found.rate.value / exact - 1) < 0.02, z


@pytest.mark.parametrize("memory", ["local", "convolution"])
def test_rate_is_the_eigenvalue(memory):
    found = growth_rate(runaway(2.5), **SMALL | {"memory": memory})
    agrees(found)
    assert abs(found.decades.z) < limit(found.decades.degrees) and found.error < 0.02
    assert found.energy.shape == (len(found.time), 64) and found.time[-1] >= found.window[1]
    if memory == "convolution":  # local memory is another model, the time step alone a matter of second order
        assert abs(found.rate.value / found.rate.continuum - 1) < 0.02
    near = fastest_mode(runaway(2.53), Grid(SMALL["time_step"], memory=memory)).z.imag
    for wrong in (2 * found.rate.grid, found.rate.grid / 2, near):
        with pytest.raises(AssertionError):
            agrees(found, wrong)


def test_near_the_threshold_and_far_from_it():
    for bias in (2.2, 4.0):
        agrees(growth_rate(runaway(bias), **SMALL))


def test_growth_without_oscillation():
    """One site on top of a hill, V = -½·0.25 u²: z = i κ with κ² + κη = 0.25."""
    hill = Junction([[-0.25]], {"bath": baths.ohmic(0.3, 3.0, 0.2, [0])})
    found = growth_rate(hill, **SMALL | {"trajectories": 512})  # a real amplitude is nearly zero more often
    assert found.mode.overdamped
    assert found.rate.continuum == pytest.approx((0.3**2 / 4 + 0.25) ** 0.5 - 0.15, rel=0.05)
    agrees(found)


def test_early_growth_is_that_of_a_gaussian_from_rest():
    """The mean of log|X|² gains log[(e^{2κt₂} - 1)/(e^{2κt₁} - 1)]; plain exponential growth is rejected there."""
    found = growth_rate(runaway(2.5), **SMALL | {"trajectories": 512})
    kappa, places = found.rate.grid, np.searchsorted(found.time, np.array([0.5, 3.0]) / found.rate.grid)
    gained = np.diff(np.log(found.energy[places]), axis=0)[0]
    early, late = found.time[places]
    error = gained.std(ddof=1) / np.sqrt(gained.size)
    exact = np.log(np.expm1(2 * kappa * late) / np.expm1(2 * kappa * early))
    assert error < 0.02 * exact and abs(gained.mean() - exact) < limit(gained.size - 1) * error
    assert abs(gained.mean() - 2 * kappa * (late - early)) > 5 * error


def test_numbers_do_not_depend_on_batches(monkeypatch):
    few = SMALL | {"trajectories": 6, "decades": 3.0, "initial": 2.0}  # every fourth step is kept
    whole = growth_rate(runaway(2.5), **few)
    monkeypatch.setattr(growth, "BATCH", 4)
    monkeypatch.setattr(growth, "BLOCK", 37)
    cut = growth_rate(runaway(2.5), **few)
    assert whole.time[1] == pytest.approx(4 * few["time_step"])
    np.testing.assert_allclose(cut.energy, whole.energy, rtol=1e-9)
    np.testing.assert_array_equal(cut.time, whole.time)


def test_weak_anharmonicity_changes_nothing_and_a_strong_one_is_refused():
    """V = ¼β q⁴: energies of 10⁷ stay linear for β = 1e-12; for β = 1e-7 they stop at about 10⁴."""
    agrees(growth_rate(runaway(2.5, force=bond(1e-12)), **SMALL))
    with pytest.raises(NoGrowthError, match="saturates") as caught:
        growth_rate(runaway(2.5, force=bond(1e-8)), **SMALL)
    assert 0 < caught.value.reached < 3 and caught.value.wanted == pytest.approx(4)
    # One decade less than what it reached can be had.
    found = growth_rate(runaway(2.5, force=bond(1e-8)), **SMALL | {"decades": 1.0})
    assert abs(found.rate.z) < limit(found.rate.degrees)


def test_refusals():
    with pytest.raises(NoGrowthError, match="stable") as caught:
        growth_rate(runaway(1.0), **SMALL)
    assert caught.value.growth_rate == pytest.approx(fastest_mode(runaway(1.0), Grid(0.1, memory="local")).z.imag)
    with pytest.raises(NoGrowthError, match="guard") as caught:
        growth_rate(runaway(2.5), **SMALL | {"decades": 12.0})
    assert caught.value.wanted == 15 and caught.value.limit == 14
    for wrong in ({"trajectories": 1}, {"decades": 0.0}, {"initial": 0.5}):
        with pytest.raises(InputError, match="at least 2 trajectories"):
            growth_rate(runaway(2.5), **SMALL | wrong)


def test_the_guard_lets_all_decades_pass_that_are_allowed():
    """14 decades of energy, of which the guard of the driver, at 16 and more, sees nothing."""
    found = growth_rate(runaway(4.0), **SMALL | {"trajectories": 8, "decades": 11.0})
    assert abs(found.decades.value / 11 - 1) < 0.01
