"""A short wire whose electrons depend on energy: what flows, probes, Peltier term and modes are tried on."""

import numpy as np

from sgle import Junction, baths
from sgle.models import chain

KT = 0.0258


def wire(bias=0.2, fermi_level=-1.5, temperature=KT):
    """Three atoms of the 1D gold chain, pinned, between Drude baths, with its own electrons."""
    atoms = 3
    electrons = baths.electron_hole_pairs(
        chain.structure(atoms), chain.couplings(atoms), bias=bias, temperature=temperature, dofs=range(atoms),
        highest=0.02, fermi_level=fermi_level,
    )  # fmt: skip
    stiffness = chain.dynamical_matrix(atoms) + 2e-5 * np.eye(atoms)
    ends = {name: baths.drude(4e-3, 0.1, temperature, dof) for name, dof in (("L", 0), ("R", atoms - 1))}
    return Junction(stiffness, {**ends, "e": electrons})
