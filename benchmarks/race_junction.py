"""The junction of the race: 20 atoms (60 dofs) between two phonon leads of 30 dofs each, biased electrons on all dofs.

A random network of springs in three dimensions, layer by layer: ten atoms a layer on a jittered lattice, springs to
every neighbour within reach, strength and direction of each its own. Nothing is separable: every kernel is a full
30 × 30 matrix of its own at every lag, the matrices of the electrons are complex. Units: eV, ħ = 1, mass-normalised.
"""

from functools import lru_cache

import numpy as np

from sgle import Grid, Junction, baths
from sgle.grid import GridModel
from sgle.leads.decimation import surface_greens_function
from sgle.units import kelvin

ATOMS, SEED = 10, 4  # atoms of a layer; of the network
REACH = 1.35  # of a bond, in lattice constants
STIFF, SOFT, ONSITE = 2.4e-3, 0.8e-3, 1.0e-3  # springs along and across a bond, and of a site, eV²
TIME_STEP, BROADENING, BIAS = 2.0, 2.5e-3, 0.2  # ħ/eV (1.3 fs), eV, eV
HOT, COLD, ELECTRONS = kelvin(330), kelvin(270), kelvin(300)
DOFS = 3 * ATOMS
LEFT, RIGHT, ALL = range(DOFS), range(DOFS, 2 * DOFS), range(2 * DOFS)


def layer_positions(rng):
    """Ten atoms of a slab one atom thick, jittered, (10, 3) in lattice constants; the next slab is one further in z."""
    lattice = [(x, y, 0.0) for x in range(5) for y in range(2)]
    return np.array(lattice) + rng.uniform(-0.2, 0.2, (ATOMS, 3))


def bonds(below, above, rng):
    """Pairs (i, j) within reach and the 3 × 3 spring of each: stiff along the bond, soft across, ± 30 %."""
    for i, a in enumerate(below):
        for j, b in enumerate(above):
            distance = np.linalg.norm(b - a)
            if 0 < distance < REACH and (below is not above or i < j):
                along = np.outer(b - a, b - a) / distance**2
                yield i, j, rng.uniform(0.7, 1.3) * (SOFT * np.eye(3) + (STIFF - SOFT) * along)


def within(positions, rng):
    """Springs inside a layer and to its substrate, (30, 30)."""
    matrix = ONSITE * np.eye(DOFS)
    for i, j, spring in bonds(positions, positions, rng):
        _add(matrix, i, i, spring), _add(matrix, j, j, spring)
        _add(matrix, i, j, -spring), _add(matrix, j, i, -spring)
    return matrix


def between(below, above, rng):
    """Springs from a layer to the next: what they add to either layer's own block, and the block that couples them."""
    own, other, coupling = np.zeros((3, DOFS, DOFS))
    for i, j, spring in bonds(below, above + np.array([0, 0, 1.0]), rng):
        _add(own, i, i, spring), _add(other, j, j, spring), _add(coupling, i, j, -spring)
    return own, other, coupling


def _add(matrix, i, j, spring):
    matrix[3 * i : 3 * i + 3, 3 * j : 3 * j + 3] += spring


def electrons(rng):
    """Friction, and per volt the other matrices of sgle.baths.local; left-right pairs of rank eight."""
    modes = rng.normal(size=(8, 60, 2)).view(complex)[..., 0] / np.sqrt(8 * 60)
    pairs = 4e-3 * np.einsum("ki,kj->ij", modes, modes.conj())
    other = 4e-3 * (lambda a: a @ a.T / 120)(rng.normal(size=(60, 120)))
    odd, even = (rng.normal(size=(60, 60)) for _ in range(2))
    return {
        "friction": 2 * pairs.real + other,
        "shot_noise": pairs.real,
        "nonconservative": -pairs.imag,
        "berry": 1e-5 * (odd - odd.T),
        "renormalisation": 1e-6 * (even + even.T),
    }


@lru_cache(maxsize=1)
def race_junction():
    """The junction, with baths "L", "R" and "e"."""
    rng = np.random.default_rng(SEED)
    left, right, first, second = (layer_positions(rng) for _ in range(4))
    stiffness = np.zeros((2 * DOFS, 2 * DOFS))
    stiffness[:DOFS, :DOFS], stiffness[DOFS:, DOFS:] = within(first, rng), within(second, rng)
    up, down, coupling = between(first, second, rng)
    stiffness[:DOFS, :DOFS] += up
    stiffness[DOFS:, DOFS:] += down
    stiffness[:DOFS, DOFS:], stiffness[DOFS:, :DOFS] = coupling, coupling.T
    _, own, to_left = between(left, first, rng)
    stiffness[:DOFS, :DOFS] += own
    own, _, to_right = between(second, right, rng)
    stiffness[DOFS:, DOFS:] += own
    own, other, onward = between(left, left, rng)
    ends = {
        "L": _lead(left, (own, other, onward.T), to_left.T, HOT, LEFT, rng),
        "R": _lead(right, between(right, right, rng), to_right, COLD, RIGHT, rng),
        "e": baths.local(**electrons(rng), bias=BIAS, temperature=ELECTRONS, cutoff=1.0, dofs=ALL),
    }
    return Junction(stiffness, ends)


def _lead(positions, outward, coupling, temperature, dofs, rng):
    """The same random layer again and again; its atoms feel a weak friction of their own, so that Γ is smooth.

    outward : (30, 30) springs of a layer to the next one outward, and what they add to either layer's own block.
    """
    own, other, onward = outward
    block = within(positions, rng) + own + other
    omega = np.concatenate([np.arange(0, 0.16, BROADENING / 5), np.linspace(0.16, 0.4, 61)])
    green = surface_greens_function((omega + 1j * BROADENING) ** 2, block, onward)
    gamma = -2 * (coupling @ green @ coupling.T).imag
    gamma[[0, -1]] = 0.0
    return baths.tabulated(omega, (gamma + gamma.swapaxes(1, 2)) / 2, temperature, dofs, counter_term=False)


def race_grid(taps=1000, memory="convolution", **more):
    """The grid: so many taps of both phonon baths under a Parzen window, electrons without memory."""
    kinds = {"L": memory, "R": memory, "e": "local"}
    return Grid(TIME_STEP, memory=kinds, memory_time=taps * TIME_STEP, **more)


def race_model(taps=1000, memory="convolution", **more) -> GridModel:
    """The junction on its grid; `more` goes to Grid (memory_error=...)."""
    return race_grid(taps, memory, **more).model(race_junction())
