"""The tight-binding junction on which 004's forces are known by four roads (reference section 4), and others."""

import numpy as np

from sgle.ehp import levels
from sgle.electronic.chain_electrode import chain_electrode
from sgle.electronic.pairs import Occupation
from sgle.electronic.structure import ElectronicStructure

BIASED, REVERSED, UNBIASED = (
    Occupation(left, right, 0.04, 0.04) for left, right in ((0.45, 0.05), (0.05, 0.45), (0.25, 0.25))
)
FREQUENCY = 0.12


def junction(onsite=(0.2, -0.1, 0.15, -0.3), contact=0.6):
    """Four sites between chains of hopping 1."""
    hopping = np.diag([-0.8, -1.0, -0.7], 1)
    ends = {"L": chain_electrode(0, contact), "R": chain_electrode(3, contact)}
    return ElectronicStructure(np.diag(onsite) + hopping + hopping.T, ends)


def couplings():
    """M1: H12 += u, H23 -= u;  M2: H23 += u, H34 -= u."""
    m = np.zeros((2, 4, 4))
    for k in (0, 1):
        m[k, k, k + 1], m[k, k + 1, k + 2] = 1, -1
    return m + np.swapaxes(m, 1, 2)


def wide_band_levels():
    """Three levels without any symmetry, and two couplings: G has three poles, everything a closed form."""
    rng = np.random.default_rng(7)

    def symmetric():
        a = rng.normal(size=(3, 3))
        return (a + a.T) / 2

    half, full = rng.normal(size=(3, 2)), rng.normal(size=(3, 3))
    couplings = 0.1 * np.array([symmetric(), symmetric()])
    return levels(symmetric(), 0.1 * half @ half.T, 0.1 * full @ full.T), couplings
