"""Control variates: unbiased, honest error bars, never much worse, and no way to hide a wrong expectation."""

from dataclasses import replace

import numpy as np
import pytest
from analysis_toys import SMALL_RUN, ar1
from error_bars import SEED, assert_agrees, assert_rate
from scipy.stats import t as student

from sgle.analysis.conclude import Question, conclude
from sgle.analysis.control import controlled
from sgle.analysis.engine.sampling import Sampled
from sgle.analysis.estimate import Estimate
from sgle.analysis.exact import exact_answers
from sgle.analysis.plan import make_plan
from sgle.grid import Grid

RUNS = 1500


def pair(correlation, chunks, trajectories, columns, rng):
    """Two series of mean 2 and 5 whose numbers have this correlation."""
    common, own = (ar1(chunks, trajectories, columns, 0.3, rng) for _ in range(2))
    return 2.0 + correlation * common + np.sqrt(1 - correlation**2) * own, 5.0 + common


@pytest.mark.parametrize(("correlation", "trajectories"), [(0.0, 8), (0.9, 8), (-0.99, 12), (0.99, 40)])
def test_unbiased_and_as_often_right_as_it_says(correlation, trajectories):
    rng = np.random.default_rng(SEED)
    x, y = pair(correlation, 4, trajectories, RUNS, rng)
    found = controlled(x, y, np.full(RUNS, 5.0), grid=np.full(RUNS, 2.0))
    assert found.degrees == pytest.approx(trajectories - 2)
    assert_agrees(found.value[:, None], 2.0, ceiling=0.02)
    assert_rate(np.count_nonzero(np.abs(found.z) > student.isf(0.025, found.degrees)), RUNS, 0.05)
    truth = np.mean((found.value - 2.0) ** 2)
    assert np.mean(found.stderr**2) == pytest.approx(truth, rel=0.2)
    plain = Estimate.from_series(x).stderr
    expected = np.sqrt((1 - correlation**2) * (1 + 1 / (trajectories - 3)))
    assert np.sqrt(np.mean(found.stderr**2) / np.mean(plain**2)) == pytest.approx(expected, rel=0.05)


def test_trajectories_of_unequal_length_are_honest_too():
    rng = np.random.default_rng(SEED)
    x, y = pair(0.9, 40, 12 * 400, 1, rng)
    x, y = x.reshape(40, 12, 400), y.reshape(40, 12, 400)
    x[10:, 8:] = y[10:, 8:] = np.nan
    found = controlled(x, y, np.full(400, 5.0), grid=np.full(400, 2.0))
    assert 7.0 < found.degrees < 10.0
    assert_agrees(found.value[:, None], 2.0, ceiling=0.01)
    assert np.mean(found.stderr**2) == pytest.approx(np.mean((found.value - 2.0) ** 2), rel=0.3)


def test_one_long_trajectory_is_cut_into_pieces():
    x, y = pair(0.95, 4000, 1, 2, np.random.default_rng(SEED))
    found = controlled(x, y, np.full(2, 5.0), grid=np.full(2, 2.0))
    assert np.all(np.abs(found.z) < 5) and np.all(found.stderr < 0.5 * Estimate.from_series(x).stderr)


def test_too_few_pieces_and_constant_controls():
    x, y = pair(0.5, 10, 7, 2, np.random.default_rng(SEED))
    assert controlled(x, y, np.full(2, 5.0)) is None
    assert controlled(x[:, :1], y[:, :1], np.full(2, 5.0)) is None
    x, _ = pair(0.5, 10, 20, 2, np.random.default_rng(SEED))
    constant = controlled(x, np.full_like(x, 5.0), np.full(2, 5.0))
    plain = Estimate.from_series(x)
    np.testing.assert_allclose(constant.value, plain.value, rtol=1e-12)
    np.testing.assert_allclose(constant.stderr, plain.stderr * np.sqrt(19 / 18), rtol=1e-12)


def test_a_linear_relation_leaves_no_error():
    y = ar1(10, 20, 3, 0.5, np.random.default_rng(SEED))
    found = controlled(4.0 - 3.0 * y, y, np.array([0.0, 1.0, 2.0]), grid=np.array([4.0, 1.0, -2.0]))
    np.testing.assert_allclose(found.value, found.grid, atol=1e-13)
    assert np.all(found.stderr < 1e-13)


@pytest.fixture(scope="module")
def question(result):
    """What the small run was asked, with control."""
    given = result.settings
    lengths = {name: SMALL_RUN[name] for name in ("time_step", "steps", "trajectories", "seed")}
    plan = make_plan(**lengths, resonances=np.array([1 - 0.05j]), size=2, taps=1, burn_in=given["burn_in"], segment=0)
    exact = exact_answers(result.junction, result.reference, Grid(given["time_step"]))
    return Question(result.junction, result.reference, plan, exact, None, given, "", control=True)


def test_a_real_run_becomes_sharper_and_stays_right(result, question):
    found = conclude(question, Sampled(series=result.series))
    assert found.crosscheck.passed
    for name in ("kinetic_energy", "heat_current"):
        sharp, plain = found.estimates[f"controlled_{name}"], found.estimates[name]
        assert np.all(plain.stderr > 3.0 * sharp.stderr)
        np.testing.assert_array_equal(sharp.grid, plain.grid)
        np.testing.assert_array_equal(sharp.continuum, plain.continuum)
        assert {row.label for row in found.crosscheck.rows if row.group == f"controlled_{name}"} == set(
            found.labels(name)
        )
    without = conclude(replace(question, control=False), Sampled(series=result.series))
    assert not any(name.startswith("controlled") for name in without.estimates)


def test_a_wrong_expectation_of_the_control_is_found_out(result, question):
    exact = question.exact
    wrong = exact.grid | {"reference_kinetic_energy": 1.03 * exact.grid["reference_kinetic_energy"]}
    check = conclude(replace(question, exact=replace(exact, grid=wrong)), Sampled(series=result.series)).crosscheck
    assert check.verdict == "failed"
    assert {row.group for row in check.offenders} >= {"controlled_kinetic_energy"}
