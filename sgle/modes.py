"""Vibrational modes one by one: which of them the electrons drive, and which pair carries the asymmetry (000 Fig. 1).

Modes are the real eigenvectors of K + Re Π(0), symmetric part, of the junction without electrons' asymmetric forces:
orthonormal, mass-weighted, damped weakly or not. `projected` lets the electrons couple to some modes only (the red
triangles of 000 Fig. 1: modes (1) and (2)): with the projector P every matrix X of the electron bath becomes P X P,
coupling, force and noise alike, while K and the phonon baths stay. A non-conservative force needs two modes, so that
the smallest piece that can make an asymmetry is a pair.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from sgle import landauer
from sgle.bath import Bath
from sgle.check import dof_tuple
from sgle.errors import BathError, InputError, UnstableError
from sgle.junction import Junction
from sgle.landauer import Answers
from sgle.stability import require_stable

Array = np.ndarray
Measure = Callable[[Answers], float]


class Modes(NamedTuple):
    """Modes by ascending frequency.

    frequency : (n,) [eV].    shape : (N, n), columns orthonormal, mass-weighted.
    broadening : {bath: (n,)} energy decay rates v†Γ_α(Ω)v/2Ω [eV]; a root has Im z ≈ -½ their sum.
    friction, nonconservative, berry : (n, n) Markov matrices η, N, B of all electron baths between the modes
    (physics.md 2).
    """

    frequency: Array
    shape: Array
    broadening: dict[str, Array]
    friction: Array
    nonconservative: Array
    berry: Array


class Pair(NamedTuple):
    """What two modes do when the electrons couple to them alone.

    asymmetry : the measure (nan if unstable).    share : of the full junction's asymmetry.    unstable : a runaway.
    nonconservative : N_km [eV²].    rotation : 2 Im(u_k* u_m)/|u|² of the least damped of the two coupled motions
    e^{-izt}: +1 turns in a circle from k to m, -1 from m to k, 0 swings (friction between modes alone gives some).
    decay : -Im z of that motion [eV].
    """

    modes: tuple[int, int]
    asymmetry: float
    share: float
    unstable: bool
    nonconservative: float
    rotation: float
    decay: float


def modes(junction: Junction) -> Modes:
    """Modes of the junction and what its baths do to them. Raises UnstableError for an unstable junction, or if a mode
    has no stiffness (a free translation has no frequency).
    """
    require_stable(junction)
    stiffness = static_stiffness(junction)
    squares, shape = np.linalg.eigh(stiffness)
    if squares[0] <= 1e-11 * squares[-1]:
        raise UnstableError(
            f"the softest mode has Ω² = {squares[0]:.3e} eV²: a mode without stiffness has no frequency to be named by",
            count=0,
        )
    frequency = np.sqrt(squares)
    broadening = {name: _decay(bath, frequency, shape) for name, bath in junction.baths.items()}
    friction, nonconservative, berry = _markov(junction, shape)
    return Modes(frequency, shape, broadening, friction, nonconservative, berry)


def static_stiffness(junction: Junction) -> Array:
    """K + Re Π(0) without its antisymmetric part, (N, N)."""
    value = junction.dynamical_matrix.copy()
    for bath in junction.baths.values():
        static = bath.self_energy(0.0).real
        value[np.ix_(bath.dofs, bath.dofs)] += (static + static.T) / 2
    return value


def _decay(bath: Bath, frequency: Array, shape: Array) -> Array:
    """v†Γ(Ω)v/2Ω for each mode, (n,)."""
    part = shape[list(bath.dofs)]
    gamma = bath.broadening(frequency)
    return np.einsum("im,mij,jm->m", part, gamma, part, optimize=True).real / (2 * frequency)


def _electron_names(junction: Junction) -> list[str]:
    names = [name for name, bath in junction.baths.items() if len(bath.channels) > 1]
    if not names:
        raise BathError("the junction has no electron bath: no mode is driven")
    return names


def _markov(junction: Junction, shape: Array) -> tuple[Array, Array, Array]:
    """η, N, B of the electrons between the modes, (n, n) each; zero without electrons."""
    total = np.zeros((3, shape.shape[1], shape.shape[1]))
    for bath in junction.baths.values():
        if len(bath.channels) > 1:
            part, markov = shape[list(bath.dofs)], bath.markov()
            matrices = (markov.friction, markov.nonconservative, markov.berry)
            total += np.array([part.T @ matrix @ part for matrix in matrices])
    return total[0], total[1], total[2]


def projected(junction: Junction, vectors: Any, bath: str | None = None) -> Junction:
    """The junction with electrons coupled only to motion in the span of these vectors; everything else unchanged.

    vectors : (N,) or (N, n), mass-weighted, linearly independent; or a sequence of mode numbers of `modes`.
    bath : name of the electron bath; by default all of them.    Bias and switches work on the result as ever.
    Raises InputError, BathError; UnstableError only when an answer is asked for.
    """
    given = np.asarray(vectors)
    if given.dtype.kind in "iu" and given.ndim == 1:
        given = _chosen(junction, given)
    basis = _orthonormal(given, junction.size)
    names = _electron_names(junction) if bath is None else [bath]
    if unknown := [name for name in names if name not in junction.baths]:
        raise BathError(f"no bath {unknown[0]!r} in this junction; it has {', '.join(junction.baths)}")
    return junction.replace(**{name: projected_bath(junction.baths[name], basis) for name in names})


def _chosen(junction: Junction, numbers: Array) -> Array:
    _require_modes(numbers.tolist(), junction.size)
    return modes(junction).shape[:, numbers]


def _require_modes(numbers: Sequence[int], size: int) -> None:
    if not numbers or len(set(numbers)) != len(numbers) or min(numbers) < 0 or max(numbers) >= size:
        raise InputError(f"modes {list(numbers)} must be different ones among 0 ... {size - 1}")


def _orthonormal(vectors: Array, size: int) -> Array:
    """(N, n) orthonormal columns with the same span."""
    columns = vectors.reshape(len(vectors), -1).astype(float)
    if len(columns) != size or not np.all(np.isfinite(columns)):
        raise InputError(f"mode vectors must be finite, ({size},) or ({size}, n), not {vectors.shape}")
    left, values, _ = np.linalg.svd(columns, full_matrices=False)
    if values[-1] < 1e-10 * values[0]:
        raise InputError(
            f"the {columns.shape[1]} mode vectors are linearly dependent (singular value {values[-1]:.1e})"
        )
    return left


def projected_bath(source: Bath, basis: Any) -> Bath:
    """The bath with every matrix X replaced by P X P, P = basis basisᵀ, now on all N dofs of the junction.

    basis : (N, n) orthonormal.    It follows the bias and the switches as `source` does; no recipe can name it.
    """
    basis = np.asarray(basis)
    onto = basis @ basis[list(source.dofs)].T

    def project(matrix: Array) -> Array:
        value = onto @ matrix @ onto.T
        # Rounding must not make a symmetric or Hermitian matrix anything else.
        return (value + np.conj(np.swapaxes(value, -1, -2))) / 2

    def project_antisymmetric(matrix: Array) -> Array:
        value = onto @ matrix @ onto.T
        return (value - np.swapaxes(value, -1, -2)) / 2

    return replace(
        source,
        kind=f"projected {source.kind}",
        dofs=dof_tuple(np.arange(len(basis))),
        friction_spectrum=source.friction_spectrum.map(project),
        channels=tuple(replace(c, strength=c.strength.map(project)) for c in source.channels),
        antisymmetric=None if source.antisymmetric is None else source.antisymmetric.map(project_antisymmetric),
        renormalisation=None if source.renormalisation is None else project(source.renormalisation),
        berry=None if source.berry is None else project_antisymmetric(source.berry),
        constructor=None,
        parameters={},
        source=partial(_projected_at, source, basis),
    )


def _projected_at(source: Bath, basis: Array, bias: float) -> Bath:
    return projected_bath(source.at_bias(bias), basis)


def current_asymmetry(left: str = "L", right: str = "R") -> Measure:
    """Measure J_left - J_right of two baths [eV²/ħ]."""

    def measure(answer: Answers) -> float:
        currents = answer.heat_currents
        if unknown := [name for name in (left, right) if name not in currents]:
            raise InputError(f"no bath {unknown[0]!r} in this junction; it has {', '.join(currents)}")
        return currents[left] - currents[right]

    return measure


def energy_asymmetry(left: Sequence[int], right: Sequence[int]) -> Measure:
    """Measure E_right - E_left, kinetic energies summed over dofs [eV]."""
    return lambda answer: float(answer.kinetic_energy[list(right)].sum() - answer.kinetic_energy[list(left)].sum())


def ranked_pairs(
    junction: Junction,
    measure: Measure,
    *,
    most: int | None = 30,
    candidates: Sequence[int] | None = None,
    rtol: float = 1e-6,
) -> list[Pair]:
    """Pairs of modes by the asymmetry they make when electrons couple to them alone, runaways first, then the largest.

    measure : `current_asymmetry(...)`, `energy_asymmetry(...)` or any function of landauer.Answers.
    Of all pairs (of `candidates`) the `most` with the largest |N_km|/(|Ω_k²-Ω_m²| + Ω(Γ_k+Γ_m)), the mixing by the
    non-conservative force, are solved exactly; most=None solves all: N(N-1)/2 junctions.
    Raises UnstableError (the junction itself, or an undamped mode), QuadratureError, BathError.
    """
    _electron_names(junction)
    found = modes(junction)
    whole = measure(landauer.answers(junction, None, rtol))
    chosen = range(junction.size) if candidates is None else sorted(candidates)
    _require_modes(chosen, junction.size)
    pairs = sorted(combinations(chosen, 2), key=lambda pair: -_mixing(found, *pair))[:most]
    solved = [_pair(junction, found, k, m, measure, whole, rtol) for k, m in pairs]
    return sorted(solved, key=lambda pair: -np.inf if pair.unstable else -abs(pair.asymmetry))


def _mixing(found: Modes, k: int, m: int) -> float:
    """|N_km| against detuning and width of the two modes."""
    decay = np.sum(list(found.broadening.values()), axis=0)
    squares = found.frequency**2
    mean = (found.frequency[k] + found.frequency[m]) / 2
    apart = abs(squares[k] - squares[m]) + mean * (decay[k] + decay[m])
    return float(abs(found.nonconservative[k, m]) / max(apart, np.finfo(float).tiny))


def _pair(junction: Junction, found: Modes, k: int, m: int, measure: Measure, whole: float, rtol: float) -> Pair:
    restricted = projected(junction, found.shape[:, [k, m]])
    rotation, decay = _rotation(junction, found, k, m)
    try:
        asymmetry, unstable = measure(landauer.answers(restricted, None, rtol)), False
    except UnstableError as error:
        if not error.numbers.get("count"):
            raise
        asymmetry, unstable = np.nan, True
    share = asymmetry / whole if whole else np.nan
    return Pair((k, m), asymmetry, share, unstable, float(found.nonconservative[k, m]), rotation, decay)


def _rotation(junction: Junction, found: Modes, k: int, m: int) -> tuple[float, float]:
    """Sense of rotation and decay of the less damped motion of two modes under all baths, at their mean frequency."""
    mean = (found.frequency[k] + found.frequency[m]) / 2
    vectors = found.shape[:, [k, m]]
    effective = vectors.T @ junction.dynamical_matrix @ vectors + 0j
    for bath in junction.baths.values():
        part = vectors[list(bath.dofs)]
        effective += part.T @ bath.self_energy(mean) @ part
    squares, motions = np.linalg.eig(effective)
    z = np.sqrt(squares)
    least = int(np.argmax(z.imag))
    u = motions[:, least]
    return float(2 * (np.conj(u[0]) * u[1]).imag / np.vdot(u, u).real), float(-z[least].imag)
