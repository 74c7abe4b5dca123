"""The verdict: false alarms as rare as promised, contradictions found, weak evidence called weak."""

import numpy as np
import pytest
from analysis_toys import ar1
from error_bars import SEED, assert_rate

from sgle.analysis.crosscheck import FAILED, INCONCLUSIVE, PASSED, cross_check
from sgle.analysis.estimate import Estimate

NAMES = np.array([f"dof {k}" for k in range(10)])


def energies(rng, trajectories=16, *, truth=1.0, spread=0.3, answer=1.0, continuum=1.0, length=64):
    """Kinetic energies of ten dofs from correlated averages."""
    series = truth + spread * ar1(length, trajectories, 10, 0.3, rng)
    return Estimate.from_series(series, grid=np.full(10, answer), continuum=np.full(10, continuum))


def judge(estimate, **options):
    return cross_check({"kinetic_energy": estimate}, {"kinetic_energy": NAMES}, **options)


@pytest.mark.parametrize("trajectories", [3, 16])
def test_false_alarms_come_as_often_as_alpha_says(trajectories):
    rng = np.random.default_rng(SEED)
    checks = [judge(energies(rng, trajectories, length=8), alpha=0.05) for _ in range(600)]
    assert_rate(sum(bool(check.offenders) for check in checks), 600, 0.05)


def test_right_numbers_pass_and_shifted_ones_do_not():
    estimate = energies(np.random.default_rng(SEED))
    assert judge(estimate).verdict == PASSED
    shifted = energies(np.random.default_rng(SEED), answer=1.1)
    check = judge(shifted)
    assert check.verdict == FAILED and not check.passed
    assert "contradict theory" in check.summary()
    assert check.offenders[0].p_value == min(row.p_value for row in check.rows)


def test_a_single_wrong_number_among_many_is_found_and_named():
    estimate = energies(np.random.default_rng(SEED))
    grid = estimate.grid.copy()
    grid[7] += 12 * estimate.stderr[7]
    check = judge(Estimate(estimate.value, estimate.stderr, estimate.effective_samples, grid, grid, estimate.degrees))
    assert [row.label for row in check.offenders] == ["dof 7"]


def test_two_currents_exchanged_are_found():
    currents = Estimate([-1.0, 1.01], [0.02, 0.02], [50, 50], [1.0, -1.0], [1.0, -1.0], degrees=31)
    check = cross_check({"heat_current": currents}, {"heat_current": np.array(["L", "R"])})
    assert len(check.offenders) == 2


def test_large_error_bars_are_inconclusive_not_passed():
    check = judge(energies(np.random.default_rng(SEED), spread=20.0))
    assert check.verdict == INCONCLUSIVE and not check.passed
    assert check.largest_error > 0.1
    assert "too large to prove anything" in check.summary()


def test_a_reason_from_outside_forbids_passing():
    check = judge(energies(np.random.default_rng(SEED)), reasons=("not equilibrated: because",))
    assert check.verdict == INCONCLUSIVE
    assert "not equilibrated" in check.summary()


def test_time_step_error_is_told():
    check = judge(energies(np.random.default_rng(SEED), continuum=1.2))
    assert check.largest_step_error == pytest.approx(0.2)
    assert "20.0%" in check.step_doubt
    assert not judge(energies(np.random.default_rng(SEED), continuum=1.01)).step_doubt


def test_vanishing_currents_have_no_relative_error():
    energy = energies(np.random.default_rng(SEED))
    currents = Estimate([1e-3, -1e-3], [1e-3, 1e-3], [9, 9], [1e-17, -1e-17], [1e-15, 0.0], degrees=15)
    labels = {"kinetic_energy": NAMES, "heat_current": np.array(["L", "R"])}
    check = cross_check({"kinetic_energy": energy, "heat_current": currents}, labels)
    assert check.passed and check.largest_step_error == 0.0


def test_exact_numbers_without_error_bars_agree_and_others_never_do():
    energy = Estimate([1.0, 2.0], [0.0, 0.0], [9, 9], [1.0, 2.1], degrees=8)
    check = cross_check({"kinetic_energy": energy}, {"kinetic_energy": NAMES[:2]})
    assert [row.label for row in check.offenders] == ["dof 1"]


def test_limit_grows_with_the_family_and_shrinks_with_the_trajectories():
    rng = np.random.default_rng(SEED)
    few, many = judge(energies(rng, 4)), judge(energies(rng, 64))
    assert few.limit > many.limit > 4.4
    single = cross_check({"x": energies(rng, 64)[:1]}, {"x": NAMES[:1]})
    assert single.limit < many.limit
