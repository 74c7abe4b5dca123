"""The potential of `gold_chain(bases=False)` as an ASE calculator of all its atoms, written anew in Cartesian terms.

Pairs in which a chain atom takes part; density at every atom from the others at rest. `GoldChain` is asked for one
structure at a time, `GoldChains` for all trajectories at once.
"""

from functools import lru_cache

import numpy as np
from ase.constraints import FixAtoms

from sgle.anharmonic.ase import as_structure
from sgle.models.gold.anharmonic import WINDOW, gold_chain_atoms, gold_chain_following, shares
from sgle.models.gold.sutton_chen import BINDING, ENERGY

REACH = WINDOW[1] + 1.0  # [Å]


@lru_cache
def _cluster():
    """Places of all atoms of bases and surfaces, and which of them the three chain atoms, the first, can meet."""
    places = gold_chain_atoms(bases=False).positions
    distance = np.linalg.norm(places[:, None] - places[:3], axis=2)
    return places, np.flatnonzero(distance.min(axis=1) < REACH)


def structure():
    """The atoms that the calculators are for, all but the chain held."""
    near = _cluster()[1]
    atoms = as_structure(gold_chain_atoms(bases=False))[near]
    atoms.set_constraint(FixAtoms(range(3, len(near))))
    return atoms


def following():
    """How they follow the chain atoms, (3n, 9)."""
    near = _cluster()[1]
    return gold_chain_following(bases=False)[(3 * near[:, None] + np.arange(3)).ravel()]


class GoldChain:
    """One structure at a time."""

    def __init__(self):
        everything, near = _cluster()
        places, count = everything[near], len(near)
        self.pairs = [(i, j) for i in range(3) for j in range(i + 1, count)]
        self.first, self.second = np.array(self.pairs).T
        apart = np.sum((places[:, None] - everything) ** 2, axis=2)
        held = (apart > 0) & (np.arange(len(everything)) > 2) & (np.arange(count)[:, None] > 2)
        self.background = shares(np.where(held, apart, 1e4)).density.sum(axis=1)

    def many(self, positions):
        """Forces (R, n, 3) [eV/Å] and energies (R,) [eV] of positions (R, n, 3) [Å]."""
        d = np.take(positions, self.second, axis=1) - np.take(positions, self.first, axis=1)  # laid out by trajectory
        pair = shares(np.sum(d**2, axis=2))
        density = np.tile(self.background, (len(positions), 1))
        for end in (self.first, self.second):
            np.add.at(density, (slice(None), end), pair.density)
        root = np.sqrt(density)
        bond = -ENERGY * BINDING / 2 / root
        pull = pair.repulsion_slope + (bond[:, self.first] + bond[:, self.second]) * pair.density_slope
        forces = np.zeros(positions.shape)
        for end, sign in ((self.first, 1.0), (self.second, -1.0)):
            np.add.at(forces, (slice(None), end), sign * pull[:, :, None] * d)
        return forces, pair.repulsion.sum(axis=1) - ENERGY * BINDING * root.sum(axis=1)

    def get_forces(self, atoms):
        """Of one structure, (n, 3)."""
        return self.many(atoms.positions[None])[0][0]

    def get_potential_energy(self, atoms):
        """Of one structure."""
        return self.many(atoms.positions[None])[1][0]


class GoldChains(GoldChain):
    """All trajectories at once."""

    def sgle_batch(self, positions, atoms):
        """Forces and energies of all."""
        return self.many(positions)
