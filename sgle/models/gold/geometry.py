"""Geometry of N gold atoms in a row between two Au(100) surfaces, each with a base of four atoms.

Layers of the ideal left crystal lie at z = -n a/2, odd ones shifted by (d/2, d/2), d = a/√2; the chain stands on the
axis above a surface atom, the base atoms at (±d/2, ±d/2). The right side is the mirror image z -> gap - z. First the
top five layers relax, each rigidly, then bases and chain with the surfaces frozen (reference/junctions.md 4).
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from sgle.check import number
from sgle.errors import InputError, JunctionError, SgleError
from sgle.models.gold import sutton_chen
from sgle.models.gold.sutton_chen import NEIGHBOUR
from sgle.units import ANGSTROM_AMU

Array = np.ndarray

SPACING = sutton_chen.LATTICE / 2  # of the layers [Å]
RELAXED = 5
REACH = 2 * sutton_chen.CUTOFF
LONGEST_BOND = 3.6  # [Å]; a chain with a longer gap between neighbours is two pieces
MOST_ATOMS = 12
_BASE = NEIGHBOUR / 2 * np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])


@dataclass(frozen=True, eq=False)
class Geometry:
    """Relaxed junction.

    atoms : N of the chain.    gap : between the ideal first layers [Å].    positions : (N + 8, 3) [Å], left base (4),
    chain (N), right base (4).    layers : (5,) z of the relaxed left layers.    largest_force : on positions [eV/Å].
    lowest_mode : of positions with the surfaces frozen [eV].
    """

    atoms: int
    gap: float
    positions: Array
    layers: Array
    largest_force: float
    lowest_mode: float

    @property
    def chain(self) -> tuple[int, ...]:
        """Indices of the chain atoms among positions."""
        return tuple(range(4, 4 + self.atoms))

    def base(self, side: str) -> tuple[int, ...]:
        """Indices of the four atoms of the base "L" or "R"."""
        start = {"L": 0, "R": 4 + self.atoms}[side]
        return tuple(range(start, start + 4))

    @property
    def mirror(self) -> tuple[int, ...]:
        """Index of the mirror image of every atom under z -> gap - z."""
        return (*self.base("R"), *self.chain[::-1], *self.base("L"))

    def surface(self, side: str, reach: float = REACH, *, ideal: bool = False) -> Array:
        """Atoms of one electrode within reach of its relaxed base, (n_s, 3) [Å], by layer from the surface inward.

        The order is the same on both sides and with ideal=True, which gives the unrelaxed sites of the same atoms.
        """
        base = self.positions[:4]
        places = surface_sites(reach + 0.5)
        relaxed = relaxed_sites(places, self.layers)
        distance = np.linalg.norm(relaxed[:, None, :] - base, axis=2).min(axis=1)
        chosen = (places if ideal else relaxed)[distance < reach]
        return chosen if side == "L" else mirrored(chosen, self.gap)


def mirrored(positions: Array, gap: float) -> Array:
    """The same points seen in the plane z = gap/2."""
    return positions * [1, 1, -1] + [0, 0, gap]


def surface_sites(reach: float) -> Array:
    """Sites of the ideal left crystal closer than `reach` to a hollow that holds a base atom, by layer, (n, 3)."""
    side = np.arange(-int(reach / NEIGHBOUR) - 3, int(reach / NEIGHBOUR) + 4) * NEIGHBOUR
    x, y = (axis.ravel() for axis in np.meshgrid(side, side, indexing="ij"))
    found = []
    for layer in range(int(reach / SPACING) + 2):
        shift = NEIGHBOUR / 2 * (layer % 2)
        sites = np.stack([x + shift, y + shift, np.full(x.size, -layer * SPACING)], axis=1)
        hollows = np.column_stack([_BASE, np.full(4, SPACING)])
        near = np.linalg.norm(sites[:, None, :] - hollows, axis=2).min(axis=1) < reach
        found.append(sites[near])
    return np.concatenate(found)


def relaxed_sites(sites: Array, layers: Array) -> Array:
    """Ideal sites with the z of their layer where it is relaxed."""
    index = np.rint(-sites[:, 2] / SPACING).astype(int)
    height = np.where(index < len(layers), np.append(layers, 0.0)[np.minimum(index, len(layers))], sites[:, 2])
    return np.column_stack([sites[:, :2], height])


@lru_cache(maxsize=1)
def _surface_layers() -> tuple[float, ...]:
    depth = RELAXED + 5
    ideal = np.array([[NEIGHBOUR / 2 * (n % 2), NEIGHBOUR / 2 * (n % 2), -n * SPACING] for n in range(depth)])
    basis = np.zeros((3 * depth, RELAXED))
    basis[3 * np.arange(RELAXED) + 2, np.arange(RELAXED)] = 1
    relaxed = _relax(ideal, basis, NEIGHBOUR * np.eye(3)[:2])
    return tuple(relaxed[:RELAXED, 2])


def surface_layers() -> Array:
    """z of the top five layers of Au(100), (5,) [Å], relaxed rigidly on the ideal crystal."""
    return np.array(_surface_layers())


def _relax(positions: Array, basis: Array, cell: Array | None = None) -> Array:
    """Stationary point of the energy along the columns of basis (3m, n_p), which move the first m atoms.

    Newton steps, downhill in every mode.
    """
    moving = len(basis) // 3
    for _ in range(200):
        slope = -sutton_chen.forces(positions, cell)[:moving].ravel() @ basis
        if np.abs(slope).max() < 1e-11:
            return positions
        values, modes = np.linalg.eigh(basis.T @ sutton_chen.hessian(positions, cell, moving) @ basis)
        step = basis @ (modes @ ((slope @ modes) / np.maximum(np.abs(values), 0.05)))
        # Beyond a tenth of an Ångström pairs may cross the sharp cutoff.
        step *= min(1.0, 0.1 / np.abs(step).max())
        positions = positions.copy()
        positions[:moving] -= step.reshape(-1, 3)
    raise JunctionError(f"relaxation did not end in 200 steps: largest force {np.abs(slope).max():.2e} eV/Å")


def natural_gap(atoms: int) -> float:
    """A gap in which N atoms stand straight: 12.68, 15.23, 17.78 Å for N = 3, 4, 5."""
    return 12.68 + 2.55 * (atoms - 3)


def geometry(atoms: int = 3, gap: float | None = None) -> Geometry:
    """N gold atoms in a row between two Au(100) surfaces `gap` apart [Å], relaxed.

    gap : None takes `natural_gap(atoms)`.    Raises InputError for senseless input, JunctionError where the straight
    chain breaks or is not stable, with the gap, the lowest mode and the window of gaps around the natural one.
    """
    atoms, gap = _checked(atoms, gap)
    found = _straight(atoms, gap)
    flaw = _flaw(found)
    if flaw is None:
        return found
    window = stable_gaps(atoms)
    advice = (
        f"{window[0]:.2f} to {window[1]:.2f} Å are stable around the natural gap {natural_gap(atoms):.2f} Å"
        if window
        else f"the natural gap {natural_gap(atoms):.2f} Å is not stable either; scan with "
        "sgle.models.gold.geometry.stable_gaps(atoms, near=...)"
    )
    raise JunctionError(
        f"gold chain of {atoms} atoms in a gap of {gap:.4g} Å {flaw}. Of its gaps, {advice}.",
        gap=gap,
        atoms=atoms,
        lowest_mode=found.lowest_mode,
        window=window,
    )


def stable_gaps(atoms: int, near: float | None = None, step: float = 0.04) -> tuple[float, float] | None:
    """Smallest and largest gap [Å] with a stable straight chain around `near` (natural_gap), None if `near` has none.

    Walks outward by step and halves the last one twice: the limits hold to 0.01 Å, on the stable side.
    """
    near = natural_gap(atoms) if near is None else near
    if not _stable(atoms, near):
        return None
    return _limit(atoms, near, -step), _limit(atoms, near, step)


def _limit(atoms: int, gap: float, step: float) -> float:
    for _ in range(60):
        if not _stable(atoms, gap + step):
            break
        gap += step
    for _ in range(2):
        step /= 2
        gap = gap + step if _stable(atoms, gap + step) else gap
    return round(gap, 4)


def _stable(atoms: int, gap: float) -> bool:
    try:
        return _flaw(_straight(atoms, gap)) is None
    except SgleError:
        return False


def _checked(atoms: int, gap: float | None) -> tuple[int, float]:
    if isinstance(atoms, bool) or not isinstance(atoms, (int, np.integer)) or not 2 <= atoms <= MOST_ATOMS:
        raise InputError(
            f"atoms = {atoms!r}: a chain has 2 to {MOST_ATOMS} atoms (one alone would tie both electrodes)"
        )
    gap = natural_gap(atoms) if gap is None else number(gap, "gap")
    shortest, longest = 2 * SPACING + 1.5 * (atoms + 1), 2 * SPACING + LONGEST_BOND * (atoms + 1)
    if not shortest < gap < longest:
        raise JunctionError(
            f"gap {gap:.6g} Å is no place for {atoms} atoms in a row: between {shortest:.2f} Å (squeezed) and "
            f"{longest:.2f} Å (torn). Start from {natural_gap(atoms):.2f} Å.",
            gap=gap,
            atoms=atoms,
        )
    return int(atoms), gap


@lru_cache(maxsize=64)
def _straight(atoms: int, gap: float) -> Geometry:
    """The straight chain of full symmetry, stable or not."""
    layers = surface_layers()
    base = np.column_stack([_BASE, np.full(4, 1.85)])
    first = 1.85 + 1.93
    chain = np.column_stack([np.zeros((atoms, 2)), np.linspace(first, gap - first, atoms)])
    device = np.concatenate([base, chain, mirrored(base, gap)])
    left = relaxed_sites(surface_sites(REACH + 0.5), layers)
    everything = np.concatenate([device, left, mirrored(left, gap)])
    everything = _relax(everything, _symmetric(device, atoms))
    device = everything[: len(device)].copy()
    stiffness = sutton_chen.hessian(everything, moving=len(device))
    lowest = float(np.linalg.eigvalsh(stiffness)[0]) / sutton_chen.MASS
    force = sutton_chen.forces(everything)[: len(device)]
    for array in (device, layers):
        array.setflags(write=False)
    mode = float(np.sign(lowest) * ANGSTROM_AMU * np.sqrt(abs(lowest)))
    return Geometry(atoms, gap, device, layers, float(np.abs(force).max()), mode)


def _symmetric(device: Array, atoms: int) -> Array:
    """Orthonormal displacements (3n, n_p) that keep axis and mirror: bases up and apart, chain atoms along z."""
    patterns = []
    count = len(device)
    sign = np.repeat([1.0, 0.0, -1.0], [4, atoms, 4])
    lift = np.zeros((count, 3))
    lift[:, 2] = sign
    spread = np.zeros((count, 3))
    spread[:, :2] = np.abs(sign)[:, None] * np.sign(device[:, :2])
    patterns += [lift, spread]
    for k in range((atoms + 1) // 2):
        move = np.zeros((count, 3))
        # The middle atom of an odd chain stays where it is: its two signs cancel.
        move[4 + k, 2] += 1
        move[4 + atoms - 1 - k, 2] -= 1
        patterns.append(move)
    columns = np.stack([pattern.ravel() for pattern in patterns], axis=1)
    length = np.linalg.norm(columns, axis=0)
    return columns / np.where(length > 0, length, 1.0)


def _flaw(found: Geometry) -> str | None:
    """What is wrong with the straight chain, in words, or None."""
    z = found.positions[:, 2]
    bonds = [z[b] - z[a] for a, b in pairwise(found.chain)]
    reach = np.linalg.norm(found.positions[4] - found.positions[0])
    longest = max(*bonds, reach)
    if longest > LONGEST_BOND:
        return f"breaks: {longest:.3f} Å between neighbours (limit {LONGEST_BOND} Å)"
    if min(bonds) <= 0:
        return "is not a chain: atoms change places"
    if found.lowest_mode <= 0:
        return (
            f"is not stable: lowest mode {1e3 * abs(found.lowest_mode):.3f}i meV, so that the atoms leave the straight "
            "line or pair up"
        )
    return None
