"""Sutton-Chen forces on the atoms of the gold chain, many trajectories at a time, as anharmonic force.

The potential of `sutton_chen`, with one change: its sharp cutoff at 4.5 Å, where the energy jumps by 10 to 15 meV per
pair, would break the balance of energy whenever two atoms pass it. Here both powers of a/r are switched off smoothly,

    s = 1 - x³(10 - 15x + 6x²),  x = (r - 4.3 Å)/0.4 Å,

twice differentiable. No two atoms of the junction at rest are 4.3 to 4.7 Å apart, which is checked: energy, forces and
stiffness at rest, and so K, are those of the sharp potential.

Atoms of the baths, surfaces and (bases=False) bases, follow the moving ones as their springs let them (`following`).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from sgle.anharmonic.cartesian import Cartesian, Separations, cartesian
from sgle.anharmonic.products import columns, fixed, total
from sgle.anharmonic.remainder import Remainder, renumbered
from sgle.errors import ForceError, JunctionError
from sgle.junction import Atoms
from sgle.models.gold.following import device_following
from sgle.models.gold.geometry import Geometry, geometry
from sgle.models.gold.sutton_chen import BINDING, DENSITY, ENERGY, LATTICE, MASS, REPULSION

Array = np.ndarray

WINDOW = (4.3, 4.7)  # where the potential is switched off [Å]
NEAR, FAR = 1.0, 4.0  # how far atoms may go with the list of likely pairs, enough at 300 K, and with that of all [Å]
CLOSEST = LATTICE / 4  # as in `sutton_chen`


class Shares(NamedTuple):
    """Of pairs: repulsion [eV] and density, and their slopes over r, (1/r) d/dr [eV/Å², 1/Å²]."""

    repulsion: Array
    density: Array
    repulsion_slope: Array
    density_slope: Array


def shares(square: Array) -> Shares:
    """Of r² [Å²], any shape."""
    inverse = LATTICE**2 / square
    fourth = (inverse * inverse) ** 2
    fifth = fourth * inverse
    distance = np.sqrt(square)
    x = np.clip((distance - WINDOW[0]) / (WINDOW[1] - WINDOW[0]), 0.0, 1.0)
    switch = 1 - x * x * x * (10 - x * (15 - 6 * x))
    fall = -30 / (WINDOW[1] - WINDOW[0]) * (x * (1 - x)) ** 2 / distance
    repulsion, density = ENERGY * fifth * switch, fourth * switch
    return Shares(
        repulsion,
        density,
        ENERGY * fifth * fall - REPULSION * repulsion / square,
        fourth * fall - DENSITY * density / square,
    )


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Pairs that can meet while no atom has moved further than `reach` [Å].

    pairs : their separations.    ends : 1 where an atom is one of a pair, (n, P).    background : density at each of
    these atoms from pairs that do not move, (n,).
    """

    reach: float
    pairs: Separations
    ends: Array
    background: Array

    @cached_property
    def _onto_atoms(self) -> csr_array:
        return fixed(self.ends)

    @cached_property
    def _onto_pairs(self) -> csr_array:
        return fixed(self.ends.T)

    @cached_property
    def _rest_root(self) -> Array:
        """√ρ at rest, (n, 1)."""
        density = shares(np.sum(self.pairs.rest**2, axis=0)[:, None]).density
        return np.sqrt(self.background[:, None] + self._onto_atoms @ density)

    def stiffness(self) -> Array:
        """d²V/du² at rest, (N, N) [eV²]; analytic."""
        d = self.pairs.rest
        square = np.sum(d**2, axis=0)
        pair = shares(square)
        slope = np.einsum("ap,apk->pk", d, self.pairs.slope.reshape(3, len(square), -1))  # r dr/du
        root = self._rest_root[:, 0]
        embedding = -ENERGY * BINDING / 2 / root
        density_slopes = self.ends @ (pair.density_slope[:, None] * slope)
        bending = ENERGY * BINDING / 4 / root**3
        onto_pairs = self.ends.T @ embedding
        pull = np.tile(pair.repulsion_slope + onto_pairs * pair.density_slope, 3)
        # Away from the window r d/dr of (1/r) d/dr of a power r^-n is -(n + 2) times it.
        change = -(REPULSION + 2) * pair.repulsion_slope - (DENSITY + 2) * onto_pairs * pair.density_slope
        return (
            self.pairs.slope.T @ (pull[:, None] * self.pairs.slope)
            + slope.T @ ((change / square)[:, None] * slope)
            + density_slopes.T @ (bending[:, None] * density_slopes)
        )

    def __call__(self, displacement: Array) -> tuple[Array, Array]:
        """u (R, N) -> force (R, N), energy (R,) [eV] less the embedding energy at rest."""
        d, square = self.pairs.vectors(displacement)
        self._require_apart(square)
        pair = shares(square)
        root = np.sqrt(self.background[:, None] + self._onto_atoms @ pair.density)
        energy = total(pair.repulsion) - ENERGY * BINDING * total(root - self._rest_root)
        # An atom that has lost all its neighbours has no slope of the root, and no pair that would pull it.
        embedding = -ENERGY * BINDING / 2 / np.where(root > 0, root, np.inf)
        pull = pair.repulsion_slope + (self._onto_pairs @ embedding) * pair.density_slope
        return self.pairs.force(pull, d), energy

    def _require_apart(self, square: Array) -> None:
        nearest = square.min(axis=0)
        if nearest.min() < CLOSEST**2:
            worst = int(np.argmin(nearest))
            raise ForceError(
                f"two gold atoms are {np.sqrt(nearest[worst]):.4f} Å apart: nearer than {CLOSEST:.2f} Å makes no sense",
                trajectory=worst,
                distance=float(np.sqrt(nearest[worst])),
            )


@dataclass(frozen=True, eq=False)
class SuttonChen:
    """The potential: likely pairs alone for trajectories near rest, all pairs for the others; the same numbers."""

    near: Neighbours
    far: Neighbours
    scale: Array

    def __call__(self, displacement: Array) -> tuple[Array, Array]:
        """u (R, N) -> force (R, N) [eV^1.5/ħ], energy (R,) [eV]."""
        moved = columns(displacement * self.scale).reshape(-1, 3, len(displacement))
        furthest = np.einsum("axr,axr->ar", moved, moved).max(axis=0)
        if furthest.max(initial=0.0) <= self.near.reach**2:
            return self.near(displacement)
        self._require_near(np.sqrt(furthest))
        force, energy = np.empty(displacement.shape), np.empty(len(displacement))
        wide = furthest > self.near.reach**2
        for neighbours, some in ((self.near, np.flatnonzero(~wide)), (self.far, np.flatnonzero(wide))):
            try:
                if len(some):
                    force[some], energy[some] = neighbours(displacement[some])
            except ForceError as error:
                raise renumbered(error, some) from error
        return force, energy

    def _require_near(self, furthest: Array) -> None:
        if not furthest.max() <= self.far.reach:
            worst = int(np.argmax(np.where(np.isnan(furthest), np.inf, furthest)))
            raise ForceError(
                f"a gold atom has gone {furthest[worst]:.2f} Å from its place: beyond {self.far.reach:g} Å its "
                "neighbours are not known",
                trajectory=worst,
                distance=float(furthest[worst]),
            )


def gold_chain_atoms(atoms: int = 3, gap: float | None = None, bases: bool = True) -> Atoms:
    """The atoms of `gold_chain`, those that move first, then all that stay and are felt: bases (if False), surfaces.

    Frozen atoms have no dofs in `dof_atom`.    Raises as `gold_chain` does for the geometry.
    """
    place = geometry(atoms, gap)
    moving, frozen = _cluster(place, bases)
    everything = np.concatenate([moving, frozen])
    dof_atom = np.repeat(np.arange(len(moving)), 3)
    return Atoms(("Au",) * len(everything), dof_atom, np.full(len(everything), MASS), everything)


def gold_chain_following(atoms: int = 3, gap: float | None = None, bases: bool = True) -> Array:
    """How all of `gold_chain_atoms` go with the moving ones between elastic electrodes, (3n, N): Å per Å of each dof.

    For other potentials of the same junction: sgle.anharmonic.ase.from_calculator(..., following=...).
    """
    cluster = gold_chain_atoms(atoms, gap, bases)
    return _motion(geometry(atoms, gap), cluster, bases, elastic=True).reshape(-1, len(cluster.dof_atom))


def gold_chain_force(
    atoms: int = 3, gap: float | None = None, bases: bool = True, *, elastic: bool = True
) -> Remainder:
    """Anharmonic force of `gold_chain` with these arguments: Sutton-Chen without its force and stiffness at rest.

    elastic : the atoms of the baths follow as their springs let them, V(u, G u) (`following`): with the lattice baths
    the whole is then bounded, and its stiffness at rest that of the junction.    False: they stay where they are;
    `force.stiffness` is then K itself, and the force one for baths whose static part is counted in K.
    Trajectories that go beyond 4 Å or squeeze two atoms to 1.02 Å raise ForceError.    Raises as `gold_chain` does for
    the geometry; JunctionError where two atoms at rest are 4.3 to 4.7 Å apart, so that the switched potential would not
    have its K.
    """
    place = geometry(atoms, gap)
    cluster = gold_chain_atoms(atoms, gap, bases)
    where = cartesian(cluster)
    motion = _motion(place, cluster, bases, elastic)
    near, far = (_neighbours(where, motion, reach) for reach in (NEAR, FAR))
    potential = SuttonChen(near, far, where.scale)
    force, energy = potential(np.zeros((1, where.size)))
    spec = {"kind": "sutton_chen", "atoms": place.atoms, "gap": place.gap, "bases": bool(bases), "elastic": elastic}
    return Remainder(potential, force[0], float(energy[0]), near.stiffness(), spec)


def _cluster(place: Geometry, bases: bool) -> tuple[Array, Array]:
    """Moving atoms and those of the baths, bases first: all in the far list, with all their own neighbours."""
    reach = FAR + 2 * WINDOW[1]
    surfaces = [place.surface(side, reach) for side in "LR"]
    if bases:
        return place.positions, np.concatenate(surfaces)
    frozen = place.positions[[*place.base("L"), *place.base("R")]]
    return place.positions[list(place.chain)], np.concatenate([frozen, *surfaces])


def _motion(place: Geometry, cluster: Atoms, bases: bool, elastic: bool) -> Array:
    """Å of every atom of the cluster per Å of the moving ones, (n, 3, N)."""
    moving = len(cluster.dof_atom)
    motion = np.zeros((3 * len(cluster.symbols), moving))
    motion[:moving] = np.eye(moving)
    if elastic:
        held = moving // 3 + (0 if bases else 8)
        motion[moving:] = np.concatenate(device_following(place, np.asarray(cluster.positions)[held:], bases))
    return motion.reshape(-1, 3, moving)


def _neighbours(where: Cartesian, motion: Array, reach: float) -> Neighbours:
    """Pairs with at least one moving atom, by atom; these come first."""
    positions, moving = where.positions, len(where.moving)
    distance = np.linalg.norm(positions[:, None] - positions, axis=2)
    # How far an atom goes at most while each moving one goes 1 Å.
    furthest = np.linalg.norm(motion.reshape(len(positions), 3, moving, 3), ord=2, axis=(1, 3)).sum(axis=1)
    close = np.triu(distance < WINDOW[1] + reach * (furthest[:, None] + furthest), 1)
    pairs = np.argwhere(close[:moving])
    touched = np.unique(pairs)
    _require_window_empty(distance[touched])
    ends = (touched[:, None, None] == pairs).any(axis=2).astype(float)
    frozen = np.where((distance > 0) & (distance < WINDOW[1]), distance, np.inf)
    frozen[:moving], frozen[:, :moving] = np.inf, np.inf
    background = shares(frozen[touched] ** 2).density.sum(axis=1)
    first, second = pairs.T
    slope = (motion[second] - motion[first]).transpose(1, 0, 2) * where.scale
    rest = np.ascontiguousarray((positions[second] - positions[first]).T)
    return Neighbours(reach, Separations(rest, slope.reshape(-1, where.size)), ends, background)


def _require_window_empty(distance: Array) -> None:
    inside = distance[(distance > WINDOW[0]) & (distance < WINDOW[1])]
    if inside.size:
        raise JunctionError(
            f"two gold atoms are {inside[0]:.4f} Å apart at rest, where the potential is switched off ({WINDOW[0]} to "
            f"{WINDOW[1]} Å): the anharmonic force would not belong to K. Take another gap",
            distance=float(inside[0]),
        )
