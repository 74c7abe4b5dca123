"""Lengths of a run: burn-in from the slowest mode, whole chunks, batches that cover all trajectories."""

import numpy as np
import pytest
from laws.models import smooth_minimal

from sgle.analysis.plan import CHUNKS, make_plan
from sgle.analysis.prepare import plan_for
from sgle.errors import InputError
from sgle.grid import Grid

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
    assert plan.batches == [range(0, 3), range(3, 6), range(6, 10)]


@pytest.mark.parametrize(
    ("trajectories", "size", "count"),
    [(48, 33, 2), (256, 2, 2), (96, 3, 1), (4096, 1, 8), (1000, 60, 40), (64, 2000, 64)],
)
def test_batches_are_even_and_no_smaller_than_pays(trajectories, size, count):
    """33 dofs: 46 trajectories fit into the cache; two batches of 24, not 46 and 2."""
    batches = make_plan(**GIVEN | {"trajectories": trajectories, "size": size}).batches
    sizes = {len(batch) for batch in batches}
    assert len(batches) == count and max(sizes) - min(sizes) <= 1
    assert [number for batch in batches for number in batch] == list(range(trajectories))


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


def test_a_start_that_would_be_ignored_is_refused():
    """Trajectories that are drawn begin stationary; a burn-in that is asked for is made and left out all the same."""
    model = Grid(0.2).model(smooth_minimal())
    given = {"steps": 256, "trajectories": 4, "seed": 1, "method": "stationary"}
    with pytest.raises(InputError, match="is for method 'trajectories'"):
        plan_for(model, start="rest", **given)
    assert (plan_for(model, **given).start, plan_for(model, burn_in=64, **given).burn_in) == ("stationary", 64)
