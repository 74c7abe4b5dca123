"""Electrons that go straight through: what the inelastic current of electron-hole pairs leaves out.

    I_el = g_s ∫dε/2π T(ε) [f_L(ε) - f_R(ε)],   T = Tr[Γ_R G Γ_L G†]

Levels that touch one electrode each and no other level have T = 0, and every electron exchanges a quantum. Otherwise
I_el comes beside sgle.ehp.pair_currents, which is then not all of the current of second order in M either: virtual
quanta change the elastic part by as much (reference/ehp-and-forces.md E6), and that is not computed here.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sgle.ehp.rates import BEYOND, LADDER, level_places, require_two
from sgle.electronic.pairs import SPIN, Occupation
from sgle.electronic.structure import ElectronicStructure
from sgle.occupation import fermi
from sgle.quadrature import integrate

Array = np.ndarray


class ElasticCurrent(NamedTuple):
    """charge : electrons per time from L to R [eV/ħ].    energy : what they take out of L, ∫ε ... [eV²/ħ].

    error : of the charge, estimated by the quadrature.
    """

    charge: float
    energy: float
    error: float


def elastic_current(
    structure: ElectronicStructure,
    occupation: Occupation,
    *,
    spin: float = SPIN,
    edges: Sequence[float] = (),
    rtol: float = 1e-10,
) -> ElasticCurrent:
    """Landauer's current of electrons, also for T_L ≠ T_R.

    edges : energies at which electrodes have band edges.    Raises BathError, QuadratureError.
    """
    require_two(structure, occupation)
    steps = [occupation.of(name) for name in "LR"]
    low, high = min(mu - BEYOND * t for mu, t in steps), max(mu + BEYOND * t for mu, t in steps)
    places = [np.array([low, high]), *(mu + t * LADDER for mu, t in steps), level_places(structure, low, high)]
    found = np.unique(np.concatenate([*places, np.array(edges, dtype=float)]))

    def integrand(energies: Array) -> Array:
        ends = [fermi(energies - mu, t) for mu, t in steps]
        passed = structure.transmission(energies)
        net = passed * (ends[0] - ends[1])
        # The last two, of one sign, tell the quadrature which of the others vanish by cancellation.
        return np.stack([net, energies * net, passed * ends[0], passed * ends[1]], axis=1)

    value, error = integrate(integrand, found[(found >= low) & (found <= high)], rtol=rtol)
    value, error = spin / (2 * np.pi) * value, spin / (2 * np.pi) * error
    return ElasticCurrent(float(value[0]), float(value[1]), float(error[0]))
