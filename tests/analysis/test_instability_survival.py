"""Lifetimes from censored passages: coverage of every interval, scipy as judge, and what dropping censored ones would
do."""

import numpy as np
import pytest
from error_bars import SEED, assert_rate, limit
from scipy.stats import CensoredData, ecdf

from sgle.analysis.instability.lifetime import exponential_rate, exponentiality
from sgle.analysis.instability.survival import NoEventsError, Passages, kaplan_meier
from sgle.errors import InputError

RATE = 0.3


def censored(rng, count=60, shape=1.0, latest=6.0):
    """Weibull lifetimes (exponential for shape 1), watched until a time of its own for each; half pass."""
    lifetime = rng.weibull(shape, count) / RATE
    watched = rng.uniform(0, latest, count)
    return Passages.of(np.where(lifetime <= watched, lifetime, np.nan), watched)


def many(make, runs=2000):
    return (make(rng) for rng in np.random.default_rng(SEED).spawn(runs))


def dropped(passages):
    """The mistake: only those that passed."""
    return Passages(passages.time[passages.passed], passages.passed[passages.passed])


def test_scipy_gives_the_same_curve_errors_and_band():
    passages = censored(np.random.default_rng(SEED), 200)
    # Times on a coarse grid, so that several pass, or are censored, at the same moment.
    passages = Passages(np.ceil(passages.time * 4) / 4, passages.passed)
    ours = kaplan_meier(passages, level=0.9)
    theirs = ecdf(CensoredData(passages.time[passages.passed], right=passages.time[~passages.passed])).sf
    assert len(ours.time) < passages.events
    np.testing.assert_allclose(ours.at(theirs.quantiles), theirs.probabilities, rtol=1e-12)
    band = theirs.confidence_interval(0.9, method="log-log")
    steps = np.isin(theirs.quantiles, ours.time)
    np.testing.assert_allclose(ours.lower, band.low.probabilities[steps], rtol=1e-10)
    np.testing.assert_allclose(ours.upper, band.high.probabilities[steps], rtol=1e-10)
    linear = theirs.confidence_interval(0.6826894921370859, method="linear")
    inside = (linear.low.probabilities[steps] > 0) & (linear.high.probabilities[steps] < 1)
    width = (linear.high.probabilities - linear.low.probabilities)[steps] / 2
    assert inside.sum() > 5
    np.testing.assert_allclose(ours.stderr[inside], width[inside], rtol=1e-9)


def test_survival_by_hand():
    """Four trajectories: passed at 1, censored at 1 (still watched then), passed at 2, passed at 4."""
    passages = Passages.of([1.0, np.nan, 2.0, 4.0], [5.0, 1.0, 5.0, 5.0])
    found = kaplan_meier(passages)
    np.testing.assert_allclose(found.at_risk, [4, 2, 1])
    np.testing.assert_allclose(found.survival, [3 / 4, 3 / 8, 0])
    np.testing.assert_allclose(found.stderr[:2], [0.75 * (1 / 12) ** 0.5, 0.375 * (1 / 12 + 1 / 2) ** 0.5])
    np.testing.assert_allclose(found.at([0.5, 1.0, 3.9, 4.0]), [1, 0.75, 0.375, 0])
    assert found.median[0] == 2.0
    mean, error = found.restricted_mean(4.0)
    assert mean == pytest.approx(1 + 0.75 + 2 * 0.375)
    assert error == pytest.approx(((0.75 + 0.75) ** 2 / 12 + 0.75**2 / 2) ** 0.5)


def test_intervals_hold_as_often_as_they_say():
    """Band, median, restricted mean and rate of 2000 synthetic data sets; the truth is known."""
    hits = {"band": 0, "median": 0, "mean": 0, "rate": 0}
    truth = np.exp(-RATE * 2.0), np.log(2) / RATE, -np.expm1(-RATE * 4.0) / RATE
    for passages in many(censored):
        curve = kaplan_meier(passages)
        place = np.searchsorted(curve.time, 2.0, side="right") - 1
        _, early, late = curve.median
        mean, error = curve.restricted_mean(4.0)
        rate = exponential_rate(passages)
        hits["band"] += curve.lower[place] <= truth[0] <= curve.upper[place]
        hits["median"] += early <= truth[1] <= late
        hits["mean"] += abs(mean - truth[2]) < 1.96 * error
        hits["rate"] += rate.lower <= RATE <= rate.upper
    for name in ("band", "median", "mean"):
        assert_rate(2000 - hits[name], 2000, 0.05)
    # The χ² interval holds at least as often, but not always.
    assert 1880 < hits["rate"] < 1990, hits


@pytest.mark.parametrize("events", [1, 3, 20])
def test_rate_is_exact_when_watching_ends_with_a_passage(events):
    """Ends of 90 % intervals missed by 5 % on the upper side of the rate; type II censoring, 2λT is χ²(2d)."""
    below = above = 0
    for rng in np.random.default_rng(SEED).spawn(3000):
        time = np.sort(rng.exponential(1 / RATE, 30))
        end = time[events - 1]
        rate = exponential_rate(Passages.of(np.where(time <= end, time, np.nan), end), level=0.9)
        below, above = below + (rate.lower > RATE), above + (rate.upper < RATE)
    assert_rate(below, 3000, 0.05)
    assert above < 0.05 * 3000


def test_bias_of_the_estimates_is_within_their_error_and_that_of_dropping_is_not():
    found, wrong = [], []
    for passages in many(lambda rng: censored(rng, 400), 300):
        curve, spoilt = kaplan_meier(passages), kaplan_meier(dropped(passages))
        found.append([curve.at(3.0), curve.restricted_mean(4.0)[0], exponential_rate(passages).value])
        wrong.append([spoilt.at(3.0), spoilt.restricted_mean(4.0)[0], exponential_rate(dropped(passages)).value])
    exact = np.array([np.exp(-RATE * 3.0), -np.expm1(-RATE * 4.0) / RATE, RATE])
    error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert np.all(error < 0.01 * exact)
    # The rate is biased by its own relative variance, 1/d.
    bias = exact * np.array([0, 0, 1 / 130])
    assert np.all(np.abs(np.mean(found, axis=0) - exact) < limit(299, 3) * error + bias)
    z = (np.mean(wrong, axis=0) - exact) / error
    assert z[0] < -50 and z[1] < -50 and z[2] > 50, z


def test_greenwood_is_the_spread_of_the_estimate():
    curves = [kaplan_meier(passages) for passages in many(lambda rng: censored(rng, 100), 1500)]
    at = [(curve.at(2.0), curve.stderr[np.searchsorted(curve.time, 2.0, side="right") - 1]) for curve in curves]
    value, stderr = np.array(at).T
    spread = value.std(ddof=1)
    assert abs(np.sqrt(np.mean(stderr**2)) / spread - 1) < limit() / np.sqrt(2 * 1500)


@pytest.mark.parametrize("ends", ["set times", "one time", "last passage"])
def test_exponentiality_false_alarms(ends):
    """p is uniform, or above, for exponential lifetimes however watching ends."""
    p = []
    for rng in np.random.default_rng(SEED).spawn(1200):
        lifetime = rng.exponential(1 / RATE, 40)
        end = {"set times": rng.uniform(0, 6.0, 40), "one time": 3.0, "last passage": np.sort(lifetime)[4]}[ends]
        passages = Passages.of(np.where(lifetime <= end, lifetime, np.nan), end)
        found = exponentiality(passages)
        p.append([found.distance_p, found.trend_p])
    for level in (0.01, 0.05, 0.3):
        for column in np.transpose(p):
            assert_rate(int((column < level).sum()), 1200, level)


def test_exponentiality_sees_lifetimes_that_age():
    """Weibull with shape 2: passages become more frequent, as after a growth that takes its time; shape ½: rarer."""
    rng = np.random.default_rng(SEED)
    for shape, sign in ((2.0, 1), (0.5, -1)):
        found = exponentiality(censored(rng, 200, shape))
        assert found.p < 1e-6 and np.sign(found.trend) == sign
    delayed = rng.exponential(1 / RATE, 200) + 2.0
    passages = Passages.of(np.where(delayed < 6, delayed, np.nan), 6.0)
    assert exponentiality(passages).p < 1e-6
    assert exponentiality(passages.behind(2.0)).p > 1e-3


def test_what_is_refused():
    with pytest.raises(InputError, match="trajectory 1 passed at 3"):
        Passages.of([1.0, 3.0], 2.0)
    with pytest.raises(InputError, match="not negative"):
        Passages.of([-1.0], 2.0)
    with pytest.raises(InputError, match="one for each"):
        Passages.of([], 2.0)
    nobody = Passages.of([np.nan] * 5, 10.0)
    with pytest.raises(NoEventsError, match=r"0 of 5.*below 0\.0599") as caught:
        kaplan_meier(nobody)
    assert caught.value.watched == 50
    rate = exponential_rate(nobody)
    assert rate.value == rate.lower == 0 and rate.upper == pytest.approx(3.689 / 50, rel=1e-3)
    assert rate.mean[0] == np.inf and rate.mean[1] > 0
    with pytest.raises(NoEventsError, match="5 are needed"):
        exponentiality(Passages.of([1.0, 2.0, np.nan], 3.0))
    with pytest.raises(InputError, match="level"):
        kaplan_meier(Passages.of([1.0], 2.0), level=95)
