"""Electrons of gold: one s orbital an atom, hoppings of first and second neighbours; Au(100) electrodes; couplings.

H_ij = -(ε c/2)(a/R)^q, on-site energy 0, and a pair repulsion V(R) = ε (a/R)^p that only the bulk sums use: the
phonons of this model are unusable (reference/junctions.md 3a). The range is two shells of the perfect crystal.
Source: A. P. Sutton, T. N. Todorov, M. J. Cawkwell, J. Hoekstra, Phil. Mag. A 81, 1833 (2001); junctions.md 2, 4.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle.check import number
from sgle.electronic.couplings import couplings as coupling_matrices
from sgle.electronic.hopping import hamiltonian
from sgle.electronic.interpolate import Interpolated
from sgle.electronic.structure import Electrode, ElectronicStructure
from sgle.errors import BathError, JunctionError
from sgle.leads import Surface, real_space, square_operations
from sgle.models.gold.geometry import mirrored, relaxed_sites, surface_sites

Array = np.ndarray
LATTICE = 4.08  # a [Å]
ENERGY, HOPPING = 0.0078680, 139.07  # ε [eV], c
REPULSION_POWER, HOPPING_POWER = 11, 4  # p, q
CUTOFF = 4.5  # [Å], between second and third shell of the crystal
FILLING = 0.36  # occupied fraction of the band
FERMI_LEVEL = 0.457  # of the bulk [eV]; the zero of energy is the on-site energy
MASS = 196.96657  # [amu]
BROADENING = 0.02  # η [eV], part of the model
MESH = 80  # in-plane wave vectors per direction
TABLE = (-1.45, 2.40, 97)  # energies [eV] at which the electrodes are computed: first, last, number


def hopping(r: Array) -> Array:
    """H_ij (n, 1, 1) [eV] of two atoms r_j - r_i (n, 3) [Å] apart; 0 beyond CUTOFF and at r = 0."""
    distance = _within(r)
    return (-ENERGY * HOPPING / 2 * (LATTICE / distance) ** HOPPING_POWER)[:, None, None]


def gradient(r: Array) -> Array:
    """∂H_ij/∂r (n, 3, 1, 1) [eV/Å]: -q H_ij r/r², without the step at CUTOFF."""
    return -HOPPING_POWER * hopping(r)[:, None] * (r / _within(r)[:, None] ** 2)[:, :, None, None]


def _within(r: Array) -> Array:
    """|r|, infinite beyond CUTOFF and at r = 0, where there is no bond."""
    distance = np.linalg.norm(r, axis=-1)
    return np.where((distance > 0) & (distance < CUTOFF), distance, np.inf)


def surface() -> Surface:
    """Ideal semi-infinite Au(100) with an atom at the origin, two layers a principal layer."""
    side = LATTICE / np.sqrt(2)
    layers = [[0.0, 0.0, 0.0], [side / 2, side / 2, -LATTICE / 2]]
    return Surface(np.array(layers), side * np.eye(3)[:2], np.array([0, 0, -LATTICE]), hopping, CUTOFF)


def touched_sites(positions: Any, layers: Any) -> tuple[Array, Array]:
    """Sites of the left surface within CUTOFF of the device: ideal and relaxed, (n_s, 3) [Å] each.

    positions : (n_D, 3) [Å] of the device.    layers : (n,) z of the relaxed layers [Å].
    """
    ideal = surface_sites(CUTOFF + 0.5)
    relaxed = relaxed_sites(ideal, np.asarray(layers))
    distance = np.linalg.norm(relaxed[:, None] - np.asarray(positions), axis=-1).min(axis=1)
    chosen = distance < CUTOFF
    if not np.any(chosen):
        raise JunctionError(
            f"the device does not reach the left surface: nearest sites are {distance.min():.4g} Å away"
        )
    return ideal[chosen], relaxed[chosen]


def sites(positions: Any, layers: Any, gap: float) -> Array:
    """Positions (m, 3) [Å] of all orbitals: left surface sites, device, their mirror images on the right."""
    positions = np.asarray(positions, dtype=float)
    _, left = touched_sites(positions, layers)
    _, right = touched_sites(mirrored(positions, gap), layers)
    if not np.array_equal(left, right):
        raise JunctionError(
            f"the device touches {len(left)} sites of the left surface and {len(right)} or others of the right one; "
            "the two electrodes must be mirror images"
        )
    return np.concatenate([left, positions, mirrored(left, gap)])


def electrode_table(
    ideal: Array, broadening: float = BROADENING, mesh: int = MESH, energies: tuple[float, float, int] = TABLE
) -> Interpolated:
    """g(E + iη) between sites of the ideal surface, `ideal` (n_s, 3) [Å], tabulated and splined.    About 1.5 s."""
    if not number(broadening, "electron broadening") > 0:
        raise BathError(f"electron broadening {broadening:.6g} eV must be positive", broadening=broadening)
    first, last, points = energies
    table = np.linspace(first, last, points)
    return Interpolated(table, real_space(surface(), table + 1j * broadening, ideal, mesh, square_operations()))


@dataclass(frozen=True, eq=False)
class SurfaceSelfEnergy:
    """Σ(E) = E - H_SS - g_S(E)⁻¹ (n_E, n_s, n_s) of the crystal behind its surface sites; a class, to be pickled."""

    table: Interpolated
    hamiltonian: Array

    def __call__(self, energies: Array) -> Array:
        """Σ at these energies [eV]."""
        bare = energies[:, None, None] * np.eye(len(self.hamiltonian)) - self.hamiltonian
        return bare - np.linalg.inv(self.table(energies))


def structure(
    positions: Any,
    layers: Any,
    gap: float,
    *,
    broadening: float = BROADENING,
    mesh: int = MESH,
    energies: tuple[float, float, int] = TABLE,
    table: Interpolated | None = None,
) -> ElectronicStructure:
    """Electrons of a gold junction: orbitals of the left surface sites, the device, the right surface sites.

    positions : (n_D, 3) [Å] of the device, layers : z of the relaxed surface layers [Å], gap : between the ideal
    first layers [Å]; right side = mirror image z -> gap - z.    broadening η, mesh and the table (first, last, number)
    of energies [eV] are part of the model.    Energies are absolute: the bulk's Fermi level is at FERMI_LEVEL.
    table : what `electrode_table` gives for the ideal touched_sites, if it is at hand already (a cache).
    The surface is ideal but for its bonds to the device, which have the relaxed length. Σ = E - H_SS - g_S(E)⁻¹.
    """
    ideal, _ = touched_sites(positions, layers)
    own, h = hamiltonian(ideal, hopping), hamiltonian(sites(positions, layers, gap), hopping)
    k, m = len(ideal), len(h)
    left, right = np.arange(k), np.arange(m - k, m)
    if np.any(h[:k, m - k :]):
        raise JunctionError(f"the two surfaces are within {CUTOFF} Å of each other at a gap of {gap:.6g} Å", gap=gap)
    known = electrode_table(ideal, broadening, mesh, energies) if table is None else table
    for orbitals in (left, right):
        h[orbitals[:, None], orbitals] = own
    self_energy = SurfaceSelfEnergy(known, own)
    sides = {"L": left, "R": right}
    return ElectronicStructure(
        h, {name: Electrode(tuple(orbitals), self_energy, known.window) for name, orbitals in sides.items()}
    )


def couplings(positions: Any, layers: Any, gap: float, *, moving: Any = None) -> Array:
    """M^k (3 n_moving, m, m) [eV^1.5] on the orbitals of `structure`; only atoms of the device move.

    moving : indices into positions, default all of them. Bonds to surface atoms are kept.
    """
    chosen = np.arange(len(positions)) if moving is None else np.asarray(moving)
    first = len(touched_sites(positions, layers)[0])
    return coupling_matrices(sites(positions, layers, gap), gradient, moving=(first + chosen).tolist(), masses=MASS)
