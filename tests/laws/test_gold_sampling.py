"""Trajectories of the gold chain: kernels of its leads last 27 ps, its electrons' rates are complex and biased."""

import numpy as np
from error_bars import SEED, limit

from sgle import Grid, landauer, simulate
from sgle.models import gold_chain

TRAJECTORIES, STEP = 48, 8.0


def test_trajectories_of_the_small_junction_meet_its_grid():
    junction = gold_chain(bias=0.8, bases=False).without("renormalisation")
    result = simulate(
        junction,
        time_step=STEP,
        steps=12_000,
        trajectories=TRAJECTORIES,
        seed=SEED,
        progress=False,
        spectrum_segment=0,
    )
    exact = landauer.answers(junction, Grid(STEP, realised=True))
    energy, currents = result.kinetic_energy, result.estimates["heat_current"]
    value = np.concatenate([energy.value, currents.value])
    stderr = np.concatenate([energy.stderr, currents.stderr])
    wanted = np.concatenate([exact.kinetic_energy, list(exact.heat_currents.values())])
    z = (value - wanted) / stderr
    assert np.abs(z).max() < limit(TRAJECTORIES - 1, len(z)), z
    assert np.all(energy.stderr < 0.1 * exact.kinetic_energy), energy.stderr / exact.kinetic_energy
    assert np.all(currents.stderr < 0.08 * max(exact.heat_currents.values()))
    assert result.ledger_error < 1e-13
    # What the asymmetric forces do is far outside the error bars: without them J_L = J_R.
    without = landauer.heat_currents(junction.without("asymmetric"), Grid(STEP))
    currents_by_name = result.heat_currents
    assert (currents_by_name["R"].value - without["R"]) / currents_by_name["R"].stderr > 8
