"""Estimates: means and error bars against known answers, autocorrelation times against emcee."""

import emcee
import numpy as np
import pytest
from analysis_toys import ar1
from error_bars import SEED, assert_agrees, assert_rate

from sgle.analysis.autocorrelation import effective_samples, integrated_time
from sgle.analysis.estimate import Estimate, TooFewSamplesError, batch_means, with_error
from sgle.errors import SgleError


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_integrated_time_agrees_with_emcee_and_with_the_exact_one(memory):
    series = ar1(20_000, 20, 1, memory, np.random.default_rng(SEED))
    ours = integrated_time(series)[0]
    theirs = emcee.autocorr.integrated_time(series, c=5, tol=0)[0]
    assert ours == pytest.approx(theirs, rel=0.03)
    assert ours == pytest.approx((1 + memory) / (1 - memory), rel=0.1)


def test_single_trajectory_agrees_with_emcee():
    series = ar1(20_000, 1, 1, 0.8, np.random.default_rng(SEED))
    assert integrated_time(series)[0] == pytest.approx(
        emcee.autocorr.integrated_time(series[:, 0, 0], c=5)[0], rel=1e-6
    )


def test_effective_samples_are_summed_over_trajectories():
    series = ar1(2000, 16, 3, 0.6, np.random.default_rng(SEED))
    np.testing.assert_allclose(effective_samples(series), 2000 * 16 / 4.0, rtol=0.1)


def test_constant_and_anticorrelated_series_are_worth_their_length():
    constant = np.ones((50, 2, 1))
    swinging = np.tile([[[1.0]], [[-1.0]]], (50, 2, 1))
    assert effective_samples(constant)[0] == 100
    assert effective_samples(swinging)[0] == 200


@pytest.mark.parametrize("trajectories", [1, 4, 32])
def test_error_bars_cover_the_truth_as_often_as_they_should(trajectories):
    rng = np.random.default_rng(SEED)
    series = ar1(600, 300 * trajectories, 1, 0.5, rng).reshape(600, 300, trajectories, 1)
    estimates = [Estimate.from_series(series[:, k], grid=np.zeros(1)) for k in range(300)]
    from scipy.stats import t as student

    inside = sum(abs(e.z[0]) < student.isf(0.025, e.degrees) for e in estimates)
    assert_rate(300 - inside, 300, 0.05)


def test_two_trajectories_mean_one_degree_of_freedom():
    estimate = Estimate.from_means(np.array([[1.0], [3.0]]))
    assert estimate.value[0] == 2.0
    assert estimate.stderr[0] == pytest.approx(1.0)
    assert estimate.degrees == pytest.approx(1.0)


def test_shorter_trajectories_count_less_and_stay_unbiased():
    rng = np.random.default_rng(SEED)
    means = []
    for _ in range(400):
        series = 1.0 + ar1(64, 6, 1, 0.3, rng)
        series[8:, 4:] = np.nan
        estimate = Estimate.from_series(series)
        assert 3.0 < estimate.degrees < 5.0
        means.append([estimate.value[0], estimate.stderr[0] ** 2])
    means = np.array(means)
    assert_agrees(means[:, :1], 1.0, ceiling=0.01)
    assert np.mean(means[:, 1]) == pytest.approx(np.var(means[:, 0]), rel=0.3)


def test_too_few_pieces_are_refused_with_numbers():
    with pytest.raises(TooFewSamplesError, match="at least 2 independent means, there are 1"):
        Estimate.from_means(np.ones((1, 3)))
    slow = ar1(200, 1, 1, 0.99, np.random.default_rng(SEED))
    with pytest.raises(TooFewSamplesError, match="several trajectories") as refused:
        Estimate.from_series(slow)
    assert refused.value.needed > refused.value.length == 200


def test_batches_are_long_against_the_autocorrelation_time():
    series = ar1(5000, 1, 2, 0.8, np.random.default_rng(SEED))[:, 0]
    pieces = batch_means(series)
    assert 2 <= len(pieces) <= 64
    np.testing.assert_allclose(pieces.mean(axis=0), series.mean(axis=0), atol=0.3)


def test_z_indexing_and_shapes():
    estimate = Estimate([1.0, 2.0], [0.1, 0.0], [10, 10], grid=[0.8, 2.0])
    np.testing.assert_allclose(estimate.z, [2.0, 0.0])
    assert estimate[0].z == pytest.approx(2.0)
    assert isinstance(estimate[0].value, float)
    assert estimate.continuum is None and estimate[1].continuum is None
    assert Estimate(1.0, 0.0, 5, grid=2.0).z == -np.inf
    assert Estimate(1.0, 0.1, 5).z is None
    assert estimate.scaled(-2.0).stderr[0] == pytest.approx(0.2)
    with pytest.raises(SgleError, match="stderr has shape"):
        Estimate([1.0, 2.0], 0.1, [1, 1])


@pytest.mark.parametrize(
    ("value", "stderr", "text"),
    [
        (0.36899, 0.00123, "0.3690(12)"),
        (123.4, 5.6, "123.4(5.6)"),
        (-3.5566e-4, 4.2e-6, "-0.0003557(42)"),
        (3.5566e-7, 4.2e-9, "3.557(42)e-07"),
        (1e7, 1e5, "1.000(10)e+07"),
        (0.0, 0.001, "0.0000(10)"),
        (2.0, 0.0996, "2.00(10)"),
        (1.0, 0.0, "1(0)"),
        (float("nan"), 1.0, "nan(1)"),
    ],
)
def test_numbers_are_written_with_two_digits_of_their_error(value, stderr, text):
    assert with_error(value, stderr) == text


def test_repr_shows_the_first_few():
    assert repr(Estimate(0.36899, 0.00123, 5)) == "Estimate(0.3690(12))"
    assert repr(Estimate(np.ones(10), np.full(10, 0.1), np.ones(10))).endswith("… 10 in all])")
