"""A small conductor without any symmetry: three vibrating sites of a tight-binding wire with a step in it."""

import numpy as np

from sgle import Junction, baths
from sgle.electronic.structure import Electrode, ElectronicStructure

HOPPING, TEMPERATURE = -1.0, 0.025
SPRING = 1e-4  # (10 meV)², chains that carry the heat away up to 20 meV


def end_of_chain(energy, hopping=HOPPING, onsite=0.0):
    """Self-energy of a semi-infinite chain, (n_E, 1, 1)."""
    x = np.asarray(energy) - onsite + 0j
    return ((x - np.sqrt(x - 2 * abs(hopping)) * np.sqrt(x + 2 * abs(hopping))) / 2)[:, None, None]


def wire_structure(window=(-np.inf, np.inf)):
    """Five sites; on-site energies and one weak bond break mirror and particle-hole symmetry."""
    h = np.diag([0.0, 0.3, -0.2, 0.1, 0.0]) + 0.0
    bonds = [HOPPING, 0.8 * HOPPING, HOPPING, 1.1 * HOPPING]
    h += np.diag(bonds, 1) + np.diag(bonds, -1)
    ends = {"L": Electrode((0,), end_of_chain, window), "R": Electrode((4,), end_of_chain, window)}
    return ElectronicStructure(h, ends)


def wire_couplings(strength=0.012):
    """M^k of the three middle sites: bond lengths change the hopping; (3, 5, 5) [eV^1.5]."""
    m = np.zeros((3, 5, 5))
    for k, site in enumerate((1, 2, 3)):
        m[k, site - 1, site] = m[k, site, site - 1] = strength
        m[k, site, site + 1] = m[k, site + 1, site] = -strength
    return m


def wire_electrons(bias=0.3, temperature=TEMPERATURE, window=(-np.inf, np.inf), **more):
    """The electron bath of the wire."""
    options = {"highest": 0.025, "fermi_level": -0.4, **more}
    return baths.electron_hole_pairs(
        wire_structure(window), wire_couplings(), bias=bias, temperature=temperature, dofs=[0, 1, 2], **options
    )


def wire(bias=0.3, **more):
    """The wire between two semi-infinite chains of springs, smooth ones so that kernels are short."""
    k = 2 * SPRING * np.eye(3) - SPRING * (np.eye(3, k=1) + np.eye(3, k=-1))
    ends = {name: baths.ohmic(2e-3, 0.04, TEMPERATURE, [dof], shape="smooth") for name, dof in (("L", 0), ("R", 2))}
    return Junction(k, {**ends, "e": wire_electrons(bias, **more)})
