"""Junctions that are not harmonic, forces from outside that break, and short runs of both."""

import numpy as np
from analysis_toys import small_junction, small_run

import sgle
from sgle.anharmonic import polynomial, sites

RUN = {"steps": 2000, "trajectories": 8, "reference": None, "spectrum_segment": 64, "time_step": 0.1}


def hard(junction, quartic=0.3):
    """The junction with ¼ c u⁴ on every dof."""
    return junction.with_anharmonic(polynomial(sites(junction.size), quartic=quartic))


def soft_run(quartic=0.3, **changes):
    """The small junction with quartic terms."""
    return small_run(hard(small_junction(), quartic), **RUN | changes)


def runaway(quartic=0.1):
    """The two sites pushed round by a current beyond what friction bears; quartic terms hold them."""
    left, right = (sgle.baths.ohmic(0.02, 4.0, 0.3, [dof]) for dof in (0, 1))
    intra = 2 * np.array([[0.01, 0.002], [0.002, 0.01]])
    inter = np.array([[0.01, 0.002 + 0.008j], [0.002 - 0.008j, 0.01]])
    electrons = sgle.baths.flat_band(intra, inter, 4.0, 0.3, 4.0, [0, 1])
    return hard(sgle.Junction([[1.0, -0.1], [-0.1, 1.0]], {"L": left, "R": right, "e": electrons}), quartic)


class Outside:
    """A force asked from outside, which breaks at the so manieth call of this process."""

    spec = None
    left: int | None = None
    asked = 0

    def __init__(self, size, how="raises"):
        self.size, self.how, self.inner = size, how, polynomial(sites(size), quartic=0.3)

    def __call__(self, displacement):
        force, energy = self.inner(displacement)
        Outside.asked += 1
        if Outside.left is not None:
            Outside.left -= 1
            if Outside.left < 0:
                if self.how == "raises":
                    raise RuntimeError("SCF did not converge\nin 60 iterations")
                energy[-1] = np.nan
        return force, energy


def beyond(block):
    """A coordinate of this module, thus one that workers can import."""
    return np.abs(block.displacement).max(axis=-1)
