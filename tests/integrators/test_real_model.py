"""The integrators on a junction as users build it: real baths, real taps, real noise."""

import numpy as np
import pytest
from integrator_toys import ledger_error, simulate, whole

from sgle import Grid, Junction, baths
from sgle.integrators.driver import run
from sgle.noise import noise_streams

STIFFNESS = np.array([[1.0, -0.4, 0.0], [-0.4, 1.1, -0.3], [0.0, -0.3, 0.9]])
MEMORIES = ["convolution", "local", {"L": "convolution", "R": "convolution", "e": "local"}]


def junction_model(memory):
    """Three dofs between a Drude bath and a chain, and a biased electron bath: friction, NC, Berry force."""
    intra, inter = 0.02 * np.eye(2), np.array([[0.01, 0.004j], [-0.004j, 0.01]])
    junction = Junction(
        STIFFNESS,
        {
            "L": baths.drude(0.2, 3.0, 0.3, (0,)),
            "R": baths.chain_lead(0.5, 0.1, 0.1, 2),
            "e": baths.flat_band(intra, inter, 0.5, 0.3, 2.0, (1, 2)),
        },
    )
    return Grid(0.3, memory=memory, memory_time=60.0).model(junction)


@pytest.mark.parametrize("memory", MEMORIES)
def test_ledger_holds_to_rounding(memory):
    model = junction_model(memory)
    result = simulate(model, noise_streams(model, seed=1, trajectories=range(3)), 1500)
    assert ledger_error(model, result) < 1e-13
    assert all(np.any(result.reaction[name]) and np.any(result.noise[name]) for name in ("L", "e"))


@pytest.mark.parametrize("cut", [300, 777])
def test_resumed_run_is_the_whole_run_bit_for_bit(cut):
    """New streams after the cut: the noise has no state to carry over."""
    model = junction_model("convolution")

    def streams():
        return noise_streams(model, seed=2, trajectories=range(2))

    straight = simulate(model, streams(), 1200)
    first = list(run(model, streams(), cut))
    state = first[-1].state_after.copy()
    cut_run = whole([*first, *run(model, streams(), 1200 - cut, state=state)])
    assert np.array_equal(cut_run.displacement, straight.displacement)
    assert all(np.array_equal(cut_run.reaction[name], straight.reaction[name]) for name in model.baths)


def test_trajectory_alone_or_in_a_batch():
    model = junction_model("convolution")
    together = simulate(model, noise_streams(model, seed=3, trajectories=range(5)), 600).displacement[:, 3]
    alone = simulate(model, noise_streams(model, seed=3, trajectories=[3]), 600).displacement[:, 0]
    assert np.abs(together - alone).max() < 1e-12 * np.abs(alone).max()
