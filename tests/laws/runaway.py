"""A two-site model that runs away at a convenient bias, and anharmonic forces that stop it."""

import numpy as np
from scipy.optimize import brentq

from sgle import Junction, anharmonic, baths
from sgle.analysis.instability.mode import fastest_mode

INTER = np.array([[0.01, 0.001 + 0.009j], [0.001 - 0.009j, 0.01]])
INTRA = 0.004 * np.eye(2)


def runaway(bias, temperature=0.5, force=None, cutoff=4.0):
    """The minimal model with a stronger non-conservative force and smooth cutoffs; critical bias about 2.07."""
    return Junction(
        [[1.0, -0.16], [-0.16, 1.0]],
        {
            "L": baths.ohmic(0.02, cutoff, temperature, [0]),
            "R": baths.ohmic(0.02, cutoff, temperature, [1]),
            "e": baths.flat_band(INTRA, INTER, bias, temperature, cutoff, [0, 1], shape="smooth"),
        },
        anharmonic=force,
    )


def bond(quartic):
    """V = ¼ quartic (u_1 - u_0)⁴."""
    return anharmonic.polynomial(anharmonic.bonds(2, [[0, 1]]), quartic=quartic)


def sites(quartic):
    """V = ¼ Σ quartic_k u_k⁴."""
    return anharmonic.polynomial(anharmonic.sites(2, [0, 1]), quartic=quartic)


def critical(grid, low=1.5, high=2.5):
    """Critical bias of `runaway`: where the growth rate of its fastest mode vanishes."""
    return brentq(lambda bias: fastest_mode(runaway(bias), grid).z.imag, low, high, xtol=1e-9)
