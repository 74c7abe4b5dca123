"""Lengths of a run: burn-in from the slowest mode, whole chunks, batches that cover all trajectories."""

import numpy as np
import pytest

from sgle.analysis.plan import CHUNKS, make_plan
from sgle.errors import InputError

GIVEN = {
    "time_step": 0.1,
    "steps": 10_000,
    "trajectories": 10,
    "seed": 1,
    "size": 2,
    "taps": 100,
    "resonances": np.array([1 - 0.05j, 2 - 0.5j]),
}


def test_burn_in_is_eight_memory_times_of_the_slowest_energy():
    plan = make_plan(**GIVEN)
    assert 0 <= plan.burn_in - 8 / (2 * 0.05) / 0.1 < plan.chunk
    assert plan.burn_in % plan.chunk == plan.steps % plan.chunk == 0
    assert 10_000 <= plan.steps < 10_000 + plan.chunk
    assert plan.steps // plan.chunk <= CHUNKS


def test_what_is_given_is_kept():
    plan = make_plan(**GIVEN | {"steps": 256, "burn_in": 7, "segment": 32, "batch": 4})
    assert (plan.steps, plan.burn_in, plan.chunk, plan.segment) == (256, 7, 1, 32)
    assert plan.batches == [range(0, 4), range(4, 8), range(8, 10)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0},
        {"steps": 1.5},
        {"trajectories": -1},
        {"trajectories": True},
        {"seed": -1},
        {"burn_in": -5},
        {"batch": 0},
        {"segment": 33},
        {"segment": 2**20},
    ],
)
def test_counts_that_cannot_be_meant(wrong):
    with pytest.raises(InputError, match=r"must be"):
        make_plan(**GIVEN | wrong)
