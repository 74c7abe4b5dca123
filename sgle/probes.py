"""Büttiker probes: the temperature a weak local bath measures at an atom (000 SM Fig. 6; its Refs. 40-44).

A probe is an Ohmic bath at the dofs of one atom whose temperature floats until it takes no heat, J_p = 0:

    J_p = ∫_0^∞ dω/2π ω { Tr[Γ_p D em D†] + Σ_q n_B(T_q) Tr[Γ_p D Γ_q D†] - n_B(T_p) Tr[Γ_p D Γ D†] },

em the emission rates (S - Γ/2) of all other baths, q over the probes, Γ of everything: section 5 of physics.md with the
zero-point parts, which cancel, left out; all terms are positive, so that T_p exists and is unique.
The default is the limit of vanishing friction, in which no probe disturbs the junction or another probe: T_p compares
the thermal kinetic energy of the atom with that of the same D under one temperature. Probes of finite friction are
either attached one at a time or, self-consistent, all at once. Temperatures come from integrals prepared once: D is
computed in one pass on adaptive frequencies, on which Newton's method then solves for all T_p.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from sgle import baths as constructors
from sgle import landauer
from sgle.check import number
from sgle.errors import InputError, PhysicsError, QuadratureError
from sgle.junction import Junction
from sgle.occupation import absorption_factor, emission_factor
from sgle.quadrature import GAUSS, KRONROD, POINTS
from sgle.response import Response, anti_hermitian
from sgle.stability import frequency_scale, marks, require_stable

Array = np.ndarray
Matrices = dict[str, Array]


class Probes(NamedTuple):
    """What the probes measure.

    temperature : (n_p,) [eV].    residual : (n_p,) currents left into the probes [eV²/ħ]; of weak probes per η.
    change : largest change of a heat current by the probes, relative to the largest current; 0 for weak probes.
    points : number of frequencies.
    """

    temperature: Array
    residual: Array
    change: float
    points: int


class _Table(NamedTuple):
    """On the frequencies ω with weights w: gain (n_w, n_a) = ω Tr[Γ_a D em D†] and passed (n_w, n_a, n_p) =
    Tr[Γ_a D Γ_q D†] into probes and fixed baths a (probes first); loss (n_w, n_a) is what a gives in return,
    Tr[Γ_p D Γ D†] of a probe and ω Tr[em_a D Γ D†] of a fixed bath. What belongs to a probe waits for its ω n_B(T_p).
    """

    omega: Array
    weight: Array
    gain: Array
    passed: Array
    loss: Array


def temperatures(
    junction: Junction,
    groups: Sequence[Sequence[int]] | None = None,
    *,
    friction: float | str = "weak",
    self_consistent: bool = False,
    cutoff: float | None = None,
    most_change: float = 0.1,
    rtol: float = 1e-6,
) -> Probes:
    """Temperatures that probes at groups of dofs measure [eV], with the currents they still carry.

    groups : dofs of each probe; by default those of each atom (of each dof without atoms).
    friction : η of the probes [eV], or "weak" for the limit η → 0 (self_consistent then makes no difference).
    self_consistent : all probes at once, each floating, instead of one at a time.
    cutoff [eV] : of the probes' smooth shape; by default five times the highest frequency of the junction, so that a
    probe weighs every mode alike.    most_change : refuse probes that change a heat current by more than this.
    Raises PhysicsError for such probes, InputError, UnstableError, QuadratureError.
    """
    require_stable(junction)
    members = _members(junction, groups)
    kind = _noise_kind(junction)
    band = 5 * frequency_scale(Response(junction)) if cutoff is None else number(cutoff, "cutoff")
    if friction == "weak":
        return _measured(junction, members, 0.0, band, kind, rtol)
    strength = number(friction, "friction")
    if strength <= 0:
        raise InputError(f"friction {strength:g} of a probe must be positive; 'weak' is the limit of zero friction")
    if self_consistent:
        found = [_measured(junction, members, strength, band, kind, rtol)]
    else:
        found = [_measured(junction, row[None], strength, band, kind, rtol) for row in members]
    change = max(probe.change for probe in found)
    if change > most_change:
        raise PhysicsError(
            f"probes of friction {strength:g} change the heat currents they should only observe by {change:.1%} (more "
            f"than {most_change:.1%}): what they measure is not the junction. Lower the friction, or use 'weak'.",
            change=change,
            friction=strength,
        )
    temperature, residual = (np.concatenate([probe[i] for probe in found]) for i in (0, 1))
    return Probes(temperature, residual, change, max(probe.points for probe in found))


def _members(junction: Junction, groups: Sequence[Sequence[int]] | None) -> Array:
    """(n_p, N) ones where a probe touches a dof."""
    n = junction.size
    if groups is None:
        return np.eye(n) if junction.atoms is None else junction.atoms.per_atom(np.eye(n), axis=0)
    if len(groups) == 0:
        raise InputError("no probes: give at least one group of dofs")
    rows = np.zeros((len(groups), n))
    for row, group in zip(rows, groups, strict=True):
        chosen = np.asarray(group)
        if chosen.size == 0 or chosen.dtype.kind not in "iu" or chosen.min() < 0 or chosen.max() >= n:
            raise InputError(f"a probe needs dofs between 0 and {n - 1}, not {list(group)}")
        row[chosen] = 1
    return rows


def _noise_kind(junction: Junction) -> str:
    kinds = {bath.noise_kind for bath in junction.baths.values()}
    if len(kinds) != 1:
        raise InputError(
            f"probes need baths with one kind of noise, this junction has {', '.join(sorted(kinds)) or 'no baths'}: "
            "equilibrium among them is not defined"
        )
    return kinds.pop()


def _measured(junction: Junction, members: Array, friction: float, cutoff: float, kind: str, rtol: float) -> Probes:
    """Attach these probes together and let them float."""
    probed = _with_probes(junction, members, friction, cutoff)
    require_stable(probed)
    table = _table(junction, probed, members, friction, cutoff, kind, rtol)
    hottest = max([0.05 * cutoff, *(bath.temperature for bath in junction.baths.values())])
    temperature = _balanced(table, len(members), kind, bool(friction), hottest)
    currents, _ = _currents(table, temperature, kind, bool(friction))
    change = 0.0
    if friction:
        before = np.array(list(landauer.answers(junction, None, 1e-7).heat_currents.values()))
        after = currents[len(members) :]
        # At equilibrium there is no current to compare with, only what goes both ways, and rounding errors.
        floor = 1e-6 * np.abs(table.weight @ table.gain).max() + 1e-13 * cutoff**2
        change = float(np.abs(after - before).max() / max(np.abs(before).max(), floor))
    return Probes(temperature, currents[: len(members)], change, table.omega.size)


def _with_probes(junction: Junction, members: Array, friction: float, cutoff: float) -> Junction:
    if not friction:
        return junction
    added = {}
    for i, row in enumerate(members):
        dofs = np.flatnonzero(row)
        # The temperature does not enter D.
        added[f"probe {i}"] = constructors.ohmic(friction * np.eye(dofs.size), cutoff, 0.0, dofs)
    return junction.replace(**added)


def _table(
    junction: Junction, probed: Junction, members: Array, friction: float, cutoff: float, kind: str, rtol: float
) -> _Table:
    """Everything about D that the temperatures need, on adaptive frequencies."""
    response, n_p = Response(probed), len(members)
    n_a = n_p + len(junction.baths) * bool(friction)

    def traces(omega: Array) -> Array:
        pi = response.self_energies(omega)
        d = response.greens_function(omega, pi)
        gamma = {name: anti_hermitian(pi[name]) for name in junction.baths}
        noisy = {name: b.emission if kind == "quantum" else b.noise for name, b in junction.baths.items()}
        source = {name: emission(omega) for name, emission in noisy.items()}
        # Weak probes take all they do in proportion to their friction: any will do.
        probe = 2 * (friction or 1.0) * omega * np.exp(-((omega / cutoff) ** 2))
        if friction:
            found = _attached(junction, members, probe, omega, d, gamma, source)
        else:
            found = _weak(junction, members, probe, omega, d, gamma, source)
        return np.concatenate([part.reshape(omega.size, -1) for part in found], axis=1) / (2 * np.pi)

    cold = max(min(bath.temperature for bath in junction.baths.values()), 1e-4 * cutoff)
    omega, weight, values = _nodes(traces, np.append(marks(probed), np.inf), cold, rtol)
    gain, loss, passed = np.split(values, [n_a, 2 * n_a], axis=1)
    return _Table(omega, weight, gain, passed.reshape(omega.size, -1, n_p), loss)


def _weak(
    junction: Junction, members: Array, probe: Array, omega: Array, d: Array, gamma: Matrices, source: Matrices
) -> list[Array]:
    """gain, loss and (empty) passed of _Table for probes that D does not know."""
    heated, damped = ((d @ _embedded(junction, m) * np.conj(d)).sum(axis=-1).real for m in (source, gamma))
    return [
        (omega * probe)[:, None] * (heated @ members.T),
        probe[:, None] * (damped @ members.T),
        np.zeros((omega.size, len(members), len(members))),
    ]


def _attached(
    junction: Junction, members: Array, probe: Array, omega: Array, d: Array, gamma: Matrices, source: Matrices
) -> list[Array]:
    """gain, loss and passed of _Table, probes first, then the baths."""
    all_gamma = _embedded(junction, gamma) + probe[:, None, None] * np.diag(members.sum(axis=0))
    heated, damped = (d @ m @ _dagger(d) for m in (_embedded(junction, source), all_gamma))
    gain = [(omega * probe)[:, None] * (np.einsum("wkk->wk", heated).real @ members.T)]
    loss = [probe[:, None] * (np.einsum("wkk->wk", damped).real @ members.T)]
    passed = [probe[:, None, None] ** 2 * (members @ np.abs(d) ** 2 @ members.T)]
    for name, bath in junction.baths.items():
        rows, columns = np.ix_(bath.dofs, bath.dofs)
        gain.append((omega * np.einsum("wij,wji->w", gamma[name], heated[:, rows, columns]).real)[:, None])
        loss.append((omega * np.einsum("wij,wji->w", source[name], damped[:, rows, columns]).real)[:, None])
        from_bath = d[:, list(bath.dofs), :]
        absorbed = (np.conj(from_bath) * (gamma[name] @ from_bath)).sum(axis=1).real
        passed.append(probe[:, None, None] * (absorbed @ members.T)[:, None, :])
    return [np.concatenate(part, axis=1) for part in (gain, loss, passed)]


def _dagger(matrix: Array) -> Array:
    return np.conj(np.swapaxes(matrix, -1, -2))


def _embedded(junction: Junction, matrices: Matrices) -> Array:
    """Σ_β X_β on all dofs, (n_w, N, N)."""
    n_w = len(next(iter(matrices.values())))
    value = np.zeros((n_w, junction.size, junction.size), complex)
    for name, bath in junction.baths.items():
        rows, columns = np.ix_(bath.dofs, bath.dofs)
        value[:, rows, columns] += matrices[name]
    return value


def _nodes(
    function: Callable[[Array], Array], points: Array, cold: float, rtol: float, rounds: int = 40
) -> tuple[Array, Array, Array]:
    """Frequencies, weights and values on intervals halved until ∫ f ω n_B converges for the lowest T and any high one.

    sgle.quadrature gives integrals; the nodes themselves are wanted here, for integrals with n_B(T_p) of any T_p.
    Raises QuadratureError.
    """
    low = np.arange(len(points) - 1, dtype=float)
    high = low + 1
    kept: list[tuple[Array, Array, Array]] = []
    size: Array | float = 0.0
    for _ in range(rounds):
        omega, weight = _placed(low, high, points)
        values = np.concatenate([function(part) for part in np.array_split(omega.ravel(), 1 + omega.size // 1344)])
        values = values.reshape(*omega.shape, -1)
        worst, size = _worst(values, omega, weight, cold, size)
        bad = worst > rtol / (len(low) + 20)
        good = ~bad
        kept.append((omega[good].ravel(), (KRONROD * weight)[good].ravel(), values[good].reshape(-1, values.shape[-1])))
        if not bad.any():
            return tuple(np.concatenate(column) for column in zip(*kept, strict=True))  # type: ignore[return-value]
        centre = (low[bad] + high[bad]) / 2
        low, high = np.concatenate([low[bad], centre]), np.concatenate([centre, high[bad]])
    raise QuadratureError(f"the probes' integrals did not converge in {rounds} halvings near ω = {omega.min():.6g}")


def _worst(values: Array, omega: Array, weight: Array, cold: float, size: Array | float) -> tuple[Array, Array]:
    """Largest relative error of each interval by QUADPACK's rule, (n_intervals,), and the sizes of the integrals."""
    errors, sizes = [], []
    for factor in (weight, weight * emission_factor(omega, cold)):
        piece = np.einsum("p,ip,ipm->im", KRONROD, factor, np.abs(values), optimize=True)
        raw = np.abs(np.einsum("p,ip,ipm->im", KRONROD - GAUSS, factor, values, optimize=True))
        errors.append(piece * np.minimum(1, (200 * raw / np.maximum(piece, 1e-300)) ** 1.5))
        sizes.append(piece.sum(axis=0))
    total: Array = np.maximum(size, np.array(sizes))
    scale = np.maximum(total, 1e-3 * total.max(axis=1, keepdims=True))
    share = [error / np.maximum(limit, 1e-300) for error, limit in zip(errors, scale, strict=True)]
    return np.max([part.max(axis=1) for part in share], axis=0), total


def _placed(low: Array, high: Array, points: Array) -> tuple[Array, Array]:
    """Kronrod's frequencies in the intervals and dω/dx times their half width, (n_intervals, 21) each.

    Between two points ω moves as (3s - s³)/2, flat at both: square-root edges there do no harm. Beyond the last but
    one, the same variable u from 0 to 1 stands for ω = top/(1 - u).
    """
    half = (high - low)[:, None] / 2
    x = (high + low)[:, None] / 2 + half * POINTS
    k = np.minimum(x.astype(int), len(points) - 2)
    s = 2 * (x - k) - 1
    u, slope = (2 + 3 * s - s**3) / 4, 1.5 * (1 - s**2)
    top, beyond = points[-2], k == len(points) - 2
    span = np.append(np.diff(points[:-1]), 0.0)[k]
    omega = np.where(beyond, top / (1 - u), points[k] + span * u)
    return omega, half * slope * np.where(beyond, omega**2 / top, span)


def _occupation(omega: Array, temperature: Array, kind: str) -> tuple[Array, Array]:
    """ω n_B (ω-weighted; T classically) and its derivative by T, (n_w, n_p) each."""
    if kind == "classical":
        return np.broadcast_to(temperature, (omega.size, temperature.size)), np.ones((omega.size, temperature.size))
    emitted = np.stack([emission_factor(omega, t) for t in temperature], axis=1)
    absorbed = np.stack([absorption_factor(omega, t) for t in temperature], axis=1)
    return emitted, emitted * absorbed / np.maximum(temperature, 1e-150) ** 2


def _currents(table: _Table, temperature: Array, kind: str, attached: bool) -> tuple[Array, Array]:
    """J into probes and fixed baths, (n_a,), and ∂J_p/∂T_q of the probes, (n_p, n_p)."""
    n_p = temperature.size
    weighted, slope = _occupation(table.omega, temperature, kind)
    own, own_slope = table.loss[:, :n_p] * weighted, table.loss[:, :n_p] * slope
    current = table.weight @ table.gain
    current[:n_p] -= table.weight @ own
    current[n_p:] -= table.weight @ table.loss[:, n_p:]
    jacobian = -np.diag(table.weight @ own_slope)
    if attached:
        current += np.einsum("w,waq,wq->a", table.weight, table.passed, weighted, optimize=True)
        jacobian += np.einsum("w,wpq,wq->pq", table.weight, table.passed[:, :n_p], slope, optimize=True)
    return current, jacobian


def _balanced(table: _Table, n_p: int, kind: str, attached: bool, hottest: float) -> Array:
    """T_p with J_p = 0 for all probes, by Newton's method kept positive; J is nearly linear in T."""
    gross = table.weight @ table.gain[:, :n_p]
    if np.any(gross < 0):
        raise PhysicsError(
            f"probe {int(np.argmin(gross))} finds a negative emission from the other baths: their noise lies below the "
            "zero-point motion of their friction (a switch separates the two), and no temperature balances it"
        )
    if gross.max() == 0:
        return np.zeros(n_p)
    # n_B is convex in T: from above Newton's method comes down without overshooting. The classical answer is too low.
    start = gross.sum() / (table.weight @ table.loss[:, :n_p]).sum()
    temperature = np.full(n_p, max(start, hottest))
    for _ in range(100):
        current, jacobian = _currents(table, temperature, kind, attached)
        step = np.linalg.solve(jacobian, -current[:n_p])
        new = np.clip(temperature + step, temperature / 4, temperature * 4)
        if np.abs(new - temperature).max() < 1e-13 * temperature.max():
            return new
        temperature = new
    raise PhysicsError(f"probe temperatures did not converge in 100 steps: {temperature} [eV]")
