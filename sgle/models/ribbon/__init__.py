"""A graphene nanoribbon (7-AGNR) with bare dimers along its edges: vibrations above the band, far from equilibrium.

The bonds of the bare dimers are so stiff that their vibrations (224 meV) lie above those of the ribbon (180 meV). They
lose their energy to the electrons and, by the broadening that is part of this model, to the leads. Motion in the plane
only, pz electrons, edges without hydrogen (reference/junctions.md 8).
"""

from collections.abc import Mapping

import numpy as np

from sgle.junction import Atoms, Junction
from sgle.models.ribbon import electrons, phonons
from sgle.models.ribbon.geometry import Geometry, geometry
from sgle.models.temperatures import temperatures_of
from sgle.units import kelvin

__all__ = ["Geometry", "geometry", "graphene_ribbon"]

HIGHEST = 0.25  # eV: above the dimers' vibrations
ELECTRON_STEP = 10e-3  # eV, of energies and frequencies


def graphene_ribbon(
    fermi_level: float = 1.4,
    bias: float = 0.0,
    temperature: float = kelvin(300.0),
    *,
    temperatures: Mapping[str, float] | None = None,
    dimers: int = 4,
    margin: int = 1,
    phonon_broadening: float = phonons.BROADENING,
    electron_broadening: float = electrons.BROADENING,
    renormalisation: bool = False,
) -> Junction:
    """The ribbon under bias: baths "L", "R" (phonons) and "e" (electrons); 78 atoms and 156 dofs by default.

    fermi_level [eV] from the middle of the gap (electron-hole symmetric), bias μ_L - μ_R [eV], temperatures k_BT [eV];
    `temperatures` {"L", "R", "eL", "eR"}: those that differ.    dimers along each edge, margin : pristine cells on
    either side of them.    Broadenings η [eV] are part of the model.    Takes minutes for each bias.
    renormalisation : keep the symmetric static shift of the bias, which one-dimensional leads do not hold (see
    sgle.models.chain.electron_chain).
    Raises InputError, JunctionError.
    """
    from sgle.baths.pairs import electron_hole_pairs

    kt = temperatures_of(temperature, temperatures)
    shape = geometry(dimers, margin)
    size = 2 * len(shape.device)
    electron_bath = electron_hole_pairs(
        electrons.structure(shape, electron_broadening),
        electrons.couplings(shape, phonons.MASS),
        bias=bias,
        temperature=temperature,
        temperatures=(kt.eL, kt.eR),
        dofs=list(range(size)),
        highest=HIGHEST,
        fermi_level=fermi_level,
        frequency_step=ELECTRON_STEP,
        energy_step=ELECTRON_STEP,
    )
    left, right = phonons.phonon_leads(shape, kt.L, kt.R, phonon_broadening)
    stiffness = phonons.relaxed_matrix(shape, phonon_broadening)
    return Junction(stiffness, {"L": left, "R": right, "e": electron_bath}, atoms=atoms_of(shape))


def atoms_of(shape: Geometry) -> Atoms:
    """Names, masses and positions of the device atoms; two dofs each."""
    count = len(shape.device)
    return Atoms(
        ("C",) * count, np.repeat(np.arange(count), 2), np.full(count, phonons.MASS), shape.in_space[shape.device]
    )
