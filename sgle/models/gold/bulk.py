"""What the electrons of electrons.py say of the perfect fcc crystal: the check of their parameters and range."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from sgle.models.gold.electrons import ENERGY, FILLING, HOPPING, HOPPING_POWER, LATTICE, REPULSION_POWER

Array = np.ndarray
GIGAPASCAL = 160.2176634  # of 1 eV/Å³


@dataclass(frozen=True)
class Bulk:
    """Equilibrium at band filling FILLING: a0 [Å], E_coh [eV], B [GPa]; at a = LATTICE: E_F and band [eV]."""

    lattice_constant: float
    cohesive_energy: float
    bulk_modulus: float
    fermi_level: float
    band: tuple[float, float]


def bulk(shells: int = 2, points: int = 96) -> Bulk:
    """The fcc crystal with hoppings and repulsion over this many shells; points : of the mesh in 1/8 of the zone's box.

    All distances scale with a, so E(a) = E_b (LATTICE/a)^q + E_p (LATTICE/a)^p is known from one band sum.
    """
    vectors = fcc_vectors(shells)
    energies = np.sort(band(vectors, points))
    occupied = FILLING * len(energies)
    whole = int(occupied)
    attraction = float(2 * (energies[:whole].sum() + (occupied - whole) * energies[whole]) / len(energies))
    repulsion = float(ENERGY / 2 * np.sum(np.linalg.norm(vectors, axis=1) ** -float(REPULSION_POWER)))
    p, q = REPULSION_POWER, HOPPING_POWER
    scale = (-q * attraction / (p * repulsion)) ** (1 / (p - q))
    pulled, pushed = attraction * scale**q, repulsion * scale**p
    a0 = LATTICE / scale
    modulus = (q**2 * pulled + p**2 * pushed) / (9 * a0**3 / 4) * GIGAPASCAL
    return Bulk(a0, -(pulled + pushed), modulus, float(energies[whole]), (float(energies[0]), float(energies[-1])))


def fcc_vectors(shells: int) -> Array:
    """Neighbours in the first shells of fcc, (n, 3), in units of the cubic lattice constant."""
    steps = np.array([step for step in product(range(-4, 5), repeat=3) if sum(step) % 2 == 0 and any(step)]) / 2
    squares = np.rint(4 * (steps**2).sum(axis=1)).astype(int)
    return steps[squares <= np.unique(squares)[shells - 1]]


def band(vectors: Array, points: int) -> Array:
    """ε(k) [eV] at a = LATTICE on a shifted mesh of points³ wave vectors, an irreducible eighth of four zones."""
    angles = (np.arange(points) + 0.5) * np.pi / points
    hoppings = -ENERGY * HOPPING / 2 * np.linalg.norm(vectors, axis=1) ** -float(HOPPING_POWER)
    total = np.zeros((points,) * 3)
    for vector, t in zip(vectors, hoppings, strict=True):
        # Mirrors k_x -> -k_x of the star of each vector leave products of cosines; 2 R/a is a vector of integers.
        x, y, z = (np.cos(2 * c * angles) for c in vector)
        total += t * x[:, None, None] * y[:, None] * z
    return total.ravel()
