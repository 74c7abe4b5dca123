"""Small things to analyse: processes with known answers, blocks without a driver, a junction that runs in a
second.
"""

from types import SimpleNamespace

import numpy as np
from scipy.signal import lfilter

import sgle

SMALL_RUN = {
    "time_step": 0.2,
    "steps": 8000,
    "trajectories": 24,
    "seed": 5,
    "reference": True,
    "spectrum_segment": 256,
    "progress": False,
}


def ar1(steps, trajectories, columns, memory, rng):
    """Stationary x_n = memory x_{n-1} + noise of variance 1: integrated time (1 + memory)/(1 - memory)."""
    start = rng.standard_normal((1, trajectories, columns))
    noise = rng.standard_normal((steps - 1, trajectories, columns)) * np.sqrt(1 - memory**2)
    return lfilter([1.0], [1.0, -memory], np.concatenate([start, noise]), axis=0)


def blocks(velocity, length, time_step=1.0, **more):
    """A velocity history (n, R, N) cut into blocks as the driver gives them."""
    for start in range(0, len(velocity), length):
        cut = {name: value[start : start + length] for name, value in more.items()}
        yield SimpleNamespace(start=start, time_step=time_step, velocity=velocity[start : start + length], **cut)


def small_junction(bias=1.0, electron_temperature=0.5):
    """Two coupled sites, two warm leads, biased electrons; all cutoffs smooth, so that everything is
    quick.
    """
    left = sgle.baths.ohmic(0.2, 4.0, 0.5, [0])
    right = sgle.baths.ohmic(0.2, 4.0, 0.4, [1])
    intra = 2 * np.array([[0.004, 0.001], [0.001, 0.004]])
    inter = np.array([[0.004, 0.001 + 0.003j], [0.001 - 0.003j, 0.004]])
    electrons = sgle.baths.flat_band(intra, inter, bias, electron_temperature, 4.0, [0, 1])
    atoms = sgle.Atoms(symbols=("Au", "C"), dof_atom=np.array([0, 1]))
    return sgle.Junction([[1.0, -0.2], [-0.2, 1.2]], {"L": left, "R": right, "e": electrons}, atoms=atoms)


def small_run(junction, **changes):
    """A run of a second or two."""
    return sgle.simulate(junction, **(SMALL_RUN | changes))
