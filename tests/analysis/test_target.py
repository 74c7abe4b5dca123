"""The target error: which number is worst, what it would cost, and that stopping at it tells no lies."""

from dataclasses import replace

import numpy as np
import pytest
from analysis_toys import SMALL_RUN
from error_bars import SEED, assert_agrees
from scipy.stats import t as student

from sgle.analysis.crosscheck import CrossCheck, Row
from sgle.analysis.target import CORRECTION, LEAST_PIECES, Verdict, reached
from sgle.errors import InputError


def judged(result, *rows, estimates=("kinetic_energy", "heat_current")):
    """The small result with other numbers to judge."""
    return replace(result, crosscheck=CrossCheck(rows), estimates=dict.fromkeys(estimates, result.kinetic_energy))


def row(group, label, stderr, degrees=1000.0, scale=1.0):
    return Row(group, label, 1.0, stderr, 1.0, 1.0, 0.0, degrees, scale)


def test_the_worst_number_decides(result):
    rows = row("kinetic_energy", "dof 0", 0.01), row("heat_current", "R", 0.03, scale=0.5)
    verdict = reached(judged(result, *rows), 0.02)
    assert not verdict.reached and verdict.worst == "heat_current R"
    assert verdict.error == pytest.approx(0.06)
    assert verdict.factor == pytest.approx(9.0, rel=0.01)
    assert reached(judged(result, *rows), 0.0602).reached
    assert not reached(judged(result, *rows), 0.06).reached, "the correction for stopping early is missing"


def test_what_cannot_be_compared_does_not_count(result):
    rows = [row("kinetic_energy", "dof 0", 0.01), row("heat_current", "R", 0.03, scale=0.0)]
    rows += [row("reference_kinetic_energy", "dof 0", 9.0), row("band_energy", "dof 0 band 0", 9.0)]
    assert reached(judged(result, *rows), 0.02).reached
    nothing = reached(judged(result), 0.02)
    assert not nothing.reached and "no number" in nothing.sentence()


def test_controlled_numbers_stand_for_the_plain_ones(result):
    rows = row("kinetic_energy", "dof 0", 0.1), row("controlled_kinetic_energy", "dof 0", 0.01)
    assert not reached(judged(result, *rows), 0.02).reached
    names = ("kinetic_energy", "controlled_kinetic_energy")
    assert reached(judged(result, *rows, estimates=names), 0.02).reached


def test_few_pieces_are_not_trusted(result):
    verdict = reached(judged(result, row("kinetic_energy", "dof 0", 1e-9, degrees=7.0)), 0.02)
    assert not verdict.reached and verdict.factor == pytest.approx(LEAST_PIECES / 8)
    assert "trusted from 32" in verdict.sentence(8, 60.0)
    assert not reached(judged(result, row("kinetic_energy", "dof 0", np.nan)), 0.02).reached


def test_a_real_result(result):
    loose, tight = reached(result, 10.0), reached(result, 1e-4)
    assert loose.factor == pytest.approx(LEAST_PIECES / SMALL_RUN["trajectories"])
    assert not tight.reached and tight.factor > 1e3 and tight.worst.split()[0] in result.estimates
    errors = [each.relative_error for each in result.crosscheck.rows if each.group == tight.worst.split()[0]]
    assert tight.error == max(errors)


def test_the_sentence_says_what_it_would_cost():
    verdict = Verdict(False, "heat_current R", 0.032, 10.24, 0.01, 256.0)
    assert verdict.sentence(256, 1000.0) == (
        "target error not reached: error of heat current R 0.032, target 0.01; it takes about 10.2 times as many "
        "trajectories, 2622 in all, 2.6 h more"
    )
    assert verdict.sentence().endswith("about 10.2 times as many trajectories")
    assert (
        replace(verdict, reached=True).sentence()
        == "target error reached: largest error of heat current R 0.032, target 0.01"
    )


@pytest.mark.parametrize("target", [0.0, -1.0, np.nan, np.inf])
def test_targets_that_cannot_be_meant(result, target):
    with pytest.raises(InputError, match="target_error"):
        reached(result, target)


@pytest.mark.parametrize("needed", [20, 45, 100])
def test_stopping_at_the_target_leaves_means_and_error_bars_honest(needed):
    """The rule, applied after each trajectory to 8000 runs of Gaussian means of variance 1."""
    rng, runs, most = np.random.default_rng(SEED), 8000, 4 * needed + 80
    x = rng.standard_normal((runs, most))
    n = np.arange(1, most + 1)
    mean = np.cumsum(x, axis=1) / n
    stderr = np.sqrt(np.maximum(np.cumsum(x**2, axis=1) / n - mean**2, 0.0) / np.maximum(n - 1, 1))
    good = (stderr * (1 + CORRECTION / np.maximum(n - 1, 1)) <= needed**-0.5) & (n >= LEAST_PIECES)
    assert good.any(axis=1).all()
    at = np.arange(runs), good.argmax(axis=1)
    z, degrees = mean[at] / stderr[at], n[at[1]] - 1
    assert_agrees(mean[at], 0.0, ceiling=0.01)
    assert 0.94 < np.std(mean[at]) / np.sqrt(np.mean(stderr[at] ** 2)) < 1.08
    assert np.std(mean[at]) < 1.03 * needed**-0.5
    assert 0.93 < np.mean(np.abs(z) < student.isf(0.025, degrees)) < 0.96
