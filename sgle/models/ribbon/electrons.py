"""π electrons of the ribbon: one pz orbital per atom, nearest-neighbour hopping that depends on the bond length.

t(d) = -2.7 eV exp[-3.37 (d/1.42 Å - 1)]; source: V. M. Pereira, A. H. Castro Neto, N. M. R. Peres, Phys. Rev. B 80,
045401 (2009). The network is bipartite, so everything at E_F mirrors at -E_F.
"""

from collections.abc import Callable

import numpy as np

from sgle.electronic.couplings import couplings as coupling_matrices
from sgle.electronic.hopping import hamiltonian
from sgle.electronic.structure import Electrode, ElectronicStructure
from sgle.leads.decimation import surface_greens_function
from sgle.models.ribbon.geometry import Geometry
from sgle.models.ribbon.keating import BOND, REACH

Array = np.ndarray

HOPPING, DECAY = -2.7, 3.37  # eV, per relative change of length
BROADENING = 2e-3  # eV, of the electrodes beyond one principal layer


def hopping(r: Array) -> Array:
    """t of pairs of atoms separated by r (n, 3), (n, 1, 1) [eV]."""
    distance = np.linalg.norm(r, axis=-1)
    value = HOPPING * np.exp(-DECAY * (distance / BOND - 1))
    return np.where(distance < REACH, value, 0.0)[:, None, None]


def hopping_gradient(r: Array) -> Array:
    """dt/dr (n, 3, 1, 1) [eV/Å]."""
    unit = r / np.linalg.norm(r, axis=-1, keepdims=True)
    return unit[..., None, None] * (-DECAY / BOND * hopping(r))[:, None]


def sites(geometry: Geometry) -> Array:
    """Atoms of the electronic device: one principal layer of each lead around the device, (106,) for 78 atoms."""
    return np.concatenate([geometry.left[0], geometry.device, geometry.right[0]])


def structure(geometry: Geometry, broadening: float = BROADENING) -> ElectronicStructure:
    """Electronic device between semi-infinite ribbons with E + iη, η = `broadening` [eV], known at every energy.

    The electrodes start one principal layer beyond the atoms that move, for their bonds to atoms at rest matter.
    """
    h = hamiltonian(geometry.in_space, hopping)
    atoms = sites(geometry)
    where = {int(atom): i for i, atom in enumerate(atoms)}
    electrodes = {}
    for name, layers in (("L", geometry.left), ("R", geometry.right)):
        h00, h01 = (h[np.ix_(layers[1], layer)] for layer in (layers[1], layers[2]))
        tied = layers[0][np.any(h[np.ix_(layers[0], layers[1])] != 0, axis=1)]
        self_energy = _self_energy(h00, h01, h[np.ix_(tied, layers[1])], broadening)
        electrodes[name] = Electrode(tuple(where[int(atom)] for atom in tied), self_energy)
    return ElectronicStructure(h[np.ix_(atoms, atoms)], electrodes)


def _self_energy(h00: Array, h01: Array, coupling: Array, broadening: float) -> Callable[[Array], Array]:
    def self_energy(energies: Array) -> Array:
        return coupling @ surface_greens_function(energies + 1j * broadening, h00, h01) @ coupling.T

    return self_energy


def couplings(geometry: Geometry, mass: float) -> Array:
    """M^k of the in-plane motion of the device atoms, (2 n_D, m, m) on the orbitals of `structure` [eV^1.5]."""
    atoms = sites(geometry)
    first = geometry.left.shape[1]
    moving = list(range(first, first + len(geometry.device)))
    return coupling_matrices(geometry.in_space[atoms], hopping_gradient, moving=moving, masses=mass, directions=(0, 1))
