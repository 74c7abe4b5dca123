"""Trajectories between bodies with chemical potentials: heat from cold to hot, as the grid says (002 A1)."""

import numpy as np
import pytest
from error_bars import SEED, limit

from sgle import Grid, Junction, baths, landauer, simulate

TRAJECTORIES, DT, MEMORY = 64, 0.3, 100.0


def bodies(potential):
    """Two sites of an endless chain with the band [1, 2]: hot at 0.5 on the left, cold at 0.4 with ν on the right."""
    hot = baths.chain_lead(0.75, 1.0, 0.5, 0)
    cold = baths.chain_lead(0.75, 1.0, 0.4, 1, potential=potential)
    return Junction([[2.5, -0.75], [-0.75, 2.5]], {"L": hot, "R": cold})


@pytest.mark.filterwarnings("ignore::sgle.errors.KernelWarning")  # a short memory: the grid answer has it, too
@pytest.mark.filterwarnings("ignore::sgle.errors.ContinuumWarning")
@pytest.mark.parametrize(("potential", "switches", "steps"), [(0.3, ("zero_point",), 24000), (0.6, (), 8000)])
def test_heat_goes_from_cold_to_hot(potential, switches, steps):
    """Zero-point motion carries no heat and is most of the noise: without it the smaller flow is seen soon enough."""
    junction = bodies(potential).without(*switches)
    result = simulate(
        junction,
        time_step=DT,
        steps=steps,
        trajectories=TRAJECTORIES,
        memory_time=MEMORY,
        seed=SEED,
        progress=False,
        spectrum_segment=0,
    )
    energy, current = result.kinetic_energy, result.estimates["heat_current"]
    grid = Grid(DT, memory_time=MEMORY, realised=True)
    wanted, without = (landauer.answers(j, grid) for j in (junction, bodies(0.0).without(*switches)))
    bound = limit(TRAJECTORIES - 1, 4)
    z = np.append(energy.value - wanted.kinetic_energy, current.value - [*wanted.heat_currents.values()])
    z /= np.append(energy.stderr, current.stderr)
    assert np.all(np.abs(z) < bound), z
    assert current.stderr.max() < 0.1 * abs(wanted.heat_currents["R"])
    assert np.all(energy.stderr < 0.02 * wanted.kinetic_energy)
    # Cold R loses, hot L gains; without the potential it would be the other way round, and the sites colder.
    assert current.value[1] < -bound * current.stderr[1] and current.value[0] > bound * current.stderr[0]
    assert current.value[1] - without.heat_currents["R"] < -2 * bound * current.stderr[1]
    assert np.all(energy.value - without.kinetic_energy > bound * energy.stderr)
