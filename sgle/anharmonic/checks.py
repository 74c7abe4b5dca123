"""What a force must pass: finite numbers, forces that are the slope of the energy, a stiffness at rest that K has."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sgle.errors import ForceError, InputError
from sgle.units import ANGSTROM_AMU

Array = np.ndarray
Potential = Callable[[Array], tuple[Array, Array]]

_BOHR, _HARTREE, _MOL = 0.529177, 27.2114, 1 / 96.4853  # Å, eV, kJ/mol in eV
# Ratio of two stiffnesses, in internal units, of which one was given in another unit: what that one looks like.
LOOKS_LIKE = {
    1 / _MOL: "kJ/mol in place of eV",
    4.184 * _MOL: "eV in place of kcal/mol",
    100 / _MOL: "kJ/mol/nm² in place of eV/Å²",
    1 / _HARTREE: "Hartree in place of eV",
    2 / _HARTREE: "Rydberg in place of eV",
    _BOHR**2: "eV/Bohr² in place of eV/Å²",
    _BOHR**2 / _HARTREE: "Hartree/Bohr² in place of eV/Å²",
    2 * _BOHR**2 / _HARTREE: "Rydberg/Bohr² in place of eV/Å²",
    1e6: "meV² in place of eV²",
    0.01: "eV/Å² in place of eV/nm²",
    1 / ANGSTROM_AMU**2: "eV/Å²/amu in place of eV²",
    6.241509e-2: "eV/Å² in place of N/m",
}
PROBES = 3  # random directions along which the work is measured
NODES, WEIGHTS = np.polynomial.legendre.leggauss(6)


def require_finite(force: Array, energy: Array, what: str, cause: str) -> None:
    """ForceError with the number of the first trajectory (row) whose force or energy is not finite."""
    bad = ~(np.isfinite(energy) & np.isfinite(force).all(axis=1))
    if bad.any():
        raise ForceError(
            f"{what}: not finite on trajectory {int(np.argmax(bad))} ({int(bad.sum())} of {len(bad)}): {cause}",
            trajectory=int(np.argmax(bad)),
        )


def require_independent(potential: Potential, size: int, reach: float) -> None:
    """InputError unless trajectories have the same force alone as in a batch. reach : of random places [ħ/√eV]."""
    places = reach * np.random.default_rng(20261122).uniform(-1, 1, (3, size))
    force, energy = potential(places)
    require_finite(force, energy, f"force {reach:.3g} per dof away from rest", "a fault of the potential")
    for number, u in enumerate(places):
        alone = potential(u[None])
        difference = max(np.abs(alone[0] - force[number]).max(), abs(alone[1][0] - energy[number]) / reach)
        if not difference <= 1e-6 * np.abs(force).max():
            raise InputError(
                f"trajectory {number} of a batch of three feels the others: its force differs by {difference:.3e} from "
                f"the one it has alone (largest force {np.abs(force).max():.3e})",
                difference=float(difference),
            )


def require_slope(potential: Potential, size: int, reach: float, tolerance: float) -> None:
    """InputError unless the work of the forces along random straight lines from rest is the energy lost.

    reach : length of the lines per dof [ħ/√eV].    tolerance : relative to ∫ |F·dl|.    The seed is fixed.
    """
    ends = reach * np.random.default_rng(20261121).uniform(-1, 1, (PROBES, size))
    places = (1 + NODES)[:, None, None] / 2 * ends
    forces, energies = potential(places.reshape(-1, size))
    require_finite(forces, energies, f"force {reach:.3g} per dof away from rest", "a fault of the potential")
    forces = forces.reshape(places.shape)
    along = np.einsum("pkn,kn->pk", forces, ends)
    work, scale = WEIGHTS @ along / 2, WEIGHTS @ np.abs(along) / 2
    energy = potential(np.concatenate([ends, np.zeros((1, size))]))[1]
    lost = energy[-1] - energy[:-1]
    worst = int(np.argmax(np.abs(work - lost) / scale))
    if not np.abs(work[worst] - lost[worst]) <= tolerance * scale[worst]:
        raise InputError(
            f"the forces are not -dE/du: along a random line of {reach:.3g} per dof they do the work "
            f"{work[worst]:.6g}, the energy falls by {lost[worst]:.6g} (relative tolerance {tolerance:g}). Look for "
            "another unit of the energy, an energy of another kind than the forces belong to, or a sign",
            work=float(work[worst]),
            lost=float(lost[worst]),
        )


def require_symmetric(stiffness: Array, tolerance: float) -> Array:
    """The symmetric part of -dF/du; InputError if the rest of it is more than `tolerance` of the largest element."""
    twist, largest = np.abs(stiffness - stiffness.T).max() / 2, np.abs(stiffness).max()
    if not twist <= tolerance * largest:
        raise InputError(
            f"the forces are no gradient: the antisymmetric part of -dF/du at rest reaches {twist:.3e}, the largest "
            f"element is {largest:.3e} (tolerance {tolerance:g}). If that is noise, take a larger `step`",
            twist=float(twist),
            largest=float(largest),
        )
    return (stiffness + stiffness.T) / 2


def require_same_stiffness(
    found: Array, expected: Array, compare: Any = "all", tolerance: float = 1e-2, unweighted: float = np.nan
) -> None:
    """InputError unless the stiffness of a force at rest is that of the junction, (N, N) both [eV²].

    compare : "all"; "off-diagonal", for a K that holds springs to electrodes which the force does not know; or the
    dofs to be compared among each other.    tolerance : of the difference, relative to the largest compared element.
    unweighted : internal stiffness of 1 eV/Å² at the mean mass, if known, for the message.
    """
    chosen = _chosen(len(expected), compare)
    h, k = found[chosen], expected[chosen]
    largest = np.abs(k).max(initial=0.0)
    difference = np.abs(h - k).max(initial=0.0)
    if difference <= tolerance * largest:
        return
    ratio = float(h @ k / (k @ k)) if largest else np.inf
    left = np.abs(h - ratio * k).max() / np.abs(h).max() if largest else 1.0
    row, column = np.unravel_index(np.argmax(np.where(chosen, np.abs(found - expected), -1.0)), found.shape)
    if left < 0.2 * abs(ratio - 1):
        reason = f"it is {ratio:.5g} times K throughout: {_unit(ratio, unweighted, 'K')}"
    else:
        reason = (
            'if K holds springs to electrodes that the force lacks, compare = "off-diagonal", or the dofs that agree; '
            "else positions, masses or the order of the dofs differ"
        )
    raise InputError(
        f"the stiffness of the force at rest is not the dynamical matrix: largest difference {difference:.3e} at "
        f"[{row}, {column}], {found[row, column]:.6g} against K = {expected[row, column]:.6g} (tolerance "
        f"{tolerance:g} of {largest:.3e}); {reason}",
        difference=float(difference),
        ratio=ratio,
        row=int(row),
        column=int(column),
    )


def require_given_stiffness(found: Array, expected: Array, tolerance: float) -> None:
    """InputError unless the stiffness that was given is that of the forces along a direction d.

    found : -dF along d, (N,).    expected : H d.    tolerance : of the difference, relative to the largest of H d.
    """
    difference, largest = np.abs(found - expected).max(), np.abs(expected).max()
    if difference <= tolerance * largest:
        return
    ratio = float(found @ expected / (expected @ expected)) if largest else np.inf
    raise InputError(
        f"the stiffness given is not that of the forces: along a random line they differ by {difference:.3e}, more "
        f"than {tolerance:g} of {largest:.3e}. The forces' is {ratio:.5g} times the one given: "
        f"{_unit(ratio, np.nan, 'the one given')}",
        difference=float(difference),
        ratio=ratio,
    )


def _chosen(size: int, compare: Any) -> Array:
    """Mask of the compared elements, (N, N)."""
    if isinstance(compare, str):
        if compare not in ("all", "off-diagonal"):
            raise InputError(f'compare must be "all", "off-diagonal" or dofs, not {compare!r:.40}')
        return ~np.eye(size, dtype=bool) if compare == "off-diagonal" else np.ones((size, size), bool)
    if not isinstance(compare, Sequence | np.ndarray) or not all(0 <= int(dof) < size for dof in compare):
        raise InputError(f"compare: dofs must lie in 0..{size - 1}, not {compare!r:.60}")
    mask = np.zeros((size, size), bool)
    mask[np.ix_(np.asarray(compare, int), np.asarray(compare, int))] = True
    return mask


def _unit(ratio: float, unweighted: float, name: str) -> str:
    """What the stiffness of a force may be if it is `ratio` times the one called `name`."""
    if abs(ratio / unweighted - 1) < 0.2:
        return f"{name} looks like eV/Å², not divided by the masses"
    for factor, text in LOOKS_LIKE.items():
        if abs(ratio / factor - 1) < 3e-3:
            return f"the force looks like {text}"
        if abs(ratio * factor - 1) < 3e-3:
            return f"{name} looks like {text}"
    if ratio > 0 and 1 < ANGSTROM_AMU**2 / ratio < 300:
        return f"{name} looks like eV/Å², not divided by masses of about {ANGSTROM_AMU**2 / ratio:.3g} amu"
    return "one of the two is in another unit, or for other masses"
