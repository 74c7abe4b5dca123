"""Phonon self-energy of one Au(100) electrode under the base of the chain, straight from the lattice.

Potential: truncated Sutton-Chen wherever an atom of bases or chain is involved; ideal electrode: nearest-neighbour
springs. With g its Green's function at z = (ω + iη)², V = K_DS and δ = what the junction changes in K_SS,

    Π(ω) = V (1 - g δ)⁻¹ g Vᵀ

(reference/junctions.md 4). S is where V or δ do not vanish: 54 atoms, since the potential has the range 2 R_c.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle.errors import JunctionError
from sgle.models.gold import sutton_chen
from sgle.models.gold.geometry import REACH, Geometry, mirrored
from sgle.models.gold.springs import greens_function
from sgle.units import ANGSTROM_AMU

Array = np.ndarray

CHUNK = 16  # frequencies at a time: 54 atoms make 0.4 MB each
NEGLIGIBLE = 1e-12  # of the largest element of K


@dataclass(frozen=True, eq=False)
class Contact:
    """What ties the device to the left electrode, mass-normalised [eV²].

    dynamical_matrix : K_DD (3 n_D, 3 n_D).    dofs : (k,) of the device that the electrode touches.
    coupling : V = K_DS (k, 3 n_S).    change : δ, of K_SS (3 n_S, 3 n_S).    sites : (n_S, 3) ideal places of S [Å].
    """

    dynamical_matrix: Array
    dofs: tuple[int, ...]
    coupling: Array
    change: Array
    sites: Array


def contact(geometry: Geometry) -> Contact:
    """K_DD, and coupling to and change of the left surface, from the Hessian of the junction and of the surface alone.

    The cluster holds every atom within 2 R_c of the bases: all that feels the junction, with all its neighbours.
    Raises JunctionError if the electrodes are coupled without an atom of the device in between.
    """
    surface = geometry.surface("L", REACH + 0.1)
    device, count = 3 * len(geometry.positions), 3 * len(surface)
    everything = np.concatenate([geometry.positions, surface, mirrored(surface, geometry.gap)])
    full = _mass_normalised(sutton_chen.hessian(everything))
    inner, left, right = slice(0, device), slice(device, device + count), slice(device + count, None)
    limit = NEGLIGIBLE * np.abs(full).max()
    if np.abs(full[left, right]).max() > limit:
        raise JunctionError("the two electrodes are coupled directly: baths are independent only with a longer chain")
    coupling = full[inner, left]
    change = full[left, left] - _mass_normalised(sutton_chen.hessian(surface))
    touched = np.maximum(np.abs(coupling).max(axis=0), np.abs(change).max(axis=0)).reshape(-1, 3).max(axis=1) > limit
    dofs = np.flatnonzero(np.abs(coupling).max(axis=1) > limit)
    columns = np.flatnonzero(np.repeat(touched, 3))
    return Contact(
        full[inner, inner],
        tuple(int(k) for k in dofs),
        coupling[np.ix_(dofs, columns)],
        change[np.ix_(columns, columns)],
        geometry.surface("L", REACH + 0.1, ideal=True)[touched],
    )


def _mass_normalised(hessian: Array) -> Array:
    return ANGSTROM_AMU**2 / sutton_chen.MASS * hessian


def self_energy(tie: Contact, omega: Any, eta: float, mesh: int) -> Array:
    """Π(ω) on tie.dofs, (n_w, k, k) complex symmetric [eV²]; about 4 ms per frequency with a mesh of 24."""
    omega = np.atleast_1d(np.asarray(omega, dtype=float))
    parts = []
    for some in np.array_split(omega, range(CHUNK, len(omega), CHUNK)):
        g = greens_function((some + 1j * eta) ** 2, tie.sites, mesh)
        right = np.linalg.solve(np.eye(len(tie.change)) - g @ tie.change, g @ tie.coupling.T)
        parts.append(tie.coupling @ right)
    return np.concatenate(parts)
