"""Any potential as anharmonic force: what is left of it without its force and stiffness at rest.

    F_anh(u) = F(u) - F(0) + H u,    V_anh(u) = V(u) - V(0) + F(0)·u - ½ u·H u,    H = -dF/du at u = 0

H belongs into K and is compared with it, once, when the force is made.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from sgle.anharmonic import checks
from sgle.anharmonic.checks import Potential
from sgle.anharmonic.products import columns, fixed, rows, total
from sgle.check import square
from sgle.errors import ForceError, InputError

Array = np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class Remainder:
    """A potential without its energy, force (N,) and stiffness (N, N) at rest."""

    potential: Potential
    rest_force: Array
    rest_energy: float
    stiffness: Array
    spec: dict[str, Any] | None = field(default=None)

    @property
    def size(self) -> int:
        """Number of dofs N."""
        return len(self.rest_force)

    def __repr__(self) -> str:
        kind = type(self.potential).__name__ if self.spec is None else self.spec["kind"]
        return f"Remainder({kind}, {self.size} dofs)"

    @cached_property
    def _springs(self) -> csr_array:
        return fixed(self.stiffness)

    def __call__(self, displacement: Array) -> tuple[Array, Array]:
        """u (R, N) -> force (R, N), energy (R,). The potential is not asked of trajectories that are at rest."""
        u = np.asarray(displacement, dtype=float)
        moved = np.flatnonzero(u.any(axis=1))
        if len(moved) == len(u):
            return self._left(u)
        force, energy = np.zeros(u.shape), np.zeros(len(u))
        if len(moved):
            try:
                force[moved], energy[moved] = self._left(u[moved])
            except ForceError as error:
                raise renumbered(error, moved) from error
        return force, energy

    def _left(self, u: Array) -> tuple[Array, Array]:
        force, energy = self.potential(u)
        # A trajectory that leaves every range overflows; it is told by its number below.
        with np.errstate(over="ignore", invalid="ignore"):
            x = columns(u)
            spring = self._springs @ x
            left = force + rows(spring)
            left -= self.rest_force
            energy = energy - self.rest_energy + total(x * (self.rest_force[:, None] - spring / 2))
        checks.require_finite(left, energy, "force", "atoms too close or too far, or a fault of the potential")
        return left, energy


def renumbered(error: ForceError, trajectories: Array) -> ForceError:
    """The same error, where `trajectories` are the numbers of the rows that were asked for."""
    number = int(trajectories[error.numbers.get("trajectory", 0)])
    return ForceError(str(error), **{**error.numbers, "trajectory": number})


class OneByOne:
    """A potential of one trajectory at a time, u (N,) -> force (N,), energy, as one of many. It tells which failed."""

    def __init__(self, potential: Callable[[Array], tuple[Array, float]]):
        self._potential = potential

    def __call__(self, displacement: Array) -> tuple[Array, Array]:
        """u (R, N) -> force (R, N), energy (R,)."""
        force, energy = np.empty(displacement.shape), np.empty(len(displacement))
        for number, u in enumerate(displacement):
            try:
                force[number], energy[number] = self._potential(u)
            except Exception as error:
                cause = f"{type(error).__name__}: {error}"
                raise ForceError(f"the potential failed: {cause}", trajectory=number) from error
        return force, energy


def remainder(
    potential: Potential,
    size: int,
    *,
    dynamical_matrix: Any = None,
    stiffness: Any = None,
    step: Any = None,
    compare: Any = "all",
    tolerance: float = 1e-2,
    rest_tolerance: float = 0.05,
    work_tolerance: float = 1e-3,
    spec: dict[str, Any] | None = None,
) -> Remainder:
    """An anharmonic force from any potential, checked once, here.

    potential : u (R, N) [ħ/√eV] -> force -dV/du (R, N) [eV^1.5/ħ], energy V (R,) [eV]; a `OneByOne` of a function for a
    single trajectory; from positions: sgle.anharmonic.placed.    size : N.
    dynamical_matrix : K of the junction, (N, N) [eV²]; the stiffness H at rest must be the same where they are
    `compare`d ("all", "off-diagonal" or dofs), within `tolerance` of the largest element.    None: nothing is compared,
    and K is to be made from `force.stiffness`.
    stiffness : H, if known, (N, N), tried along one line; else by differences of forces over ±`step`, ±2 `step` (one or
    (N,) [ħ/√eV]; default: a tenth of the zero-point motion of the stiffest dof of K), 4N evaluations, error of fourth
    order.
    rest_tolerance : largest force at rest over max|H|^(3/4), the one at the zero-point motion of the stiffest dof.
    work_tolerance : of the energy against the work of the forces over that motion.    spec : to make it again.
    Raises InputError with the numbers: shapes, forces at rest, forces that are no gradient or not that of the energy, a
    stiffness that is not K, trajectories that feel their neighbours in the batch. ForceError: not finite.
    """
    expected = None if dynamical_matrix is None else square(dynamical_matrix, size, "dynamical matrix")
    given = None if stiffness is None else square(stiffness, size, "stiffness")
    known = given if given is not None else expected
    if known is None and step is None:
        raise InputError("give dynamical_matrix, stiffness or a step for the differences of forces")
    force, energy = at_rest(potential, size)
    if given is None:
        width = 0.1 * zero_point(known) if step is None else step  # type: ignore[arg-type]
        given = by_differences(potential, np.broadcast_to(np.asarray(width, dtype=float), (size,)))
    found = checks.require_symmetric(given, tolerance)
    reach = zero_point(found)
    _require_rest(force, rest_tolerance * reach**-3)
    if stiffness is not None:
        _require_given(potential, found, 0.1 * reach if step is None else step, tolerance)
    if expected is not None:
        checks.require_same_stiffness(found, expected, compare, tolerance)
    checks.require_independent(potential, size, reach)
    checks.require_slope(potential, size, reach, work_tolerance)
    return Remainder(potential, force, energy, found, spec)


def zero_point(stiffness: Array) -> float:
    """max|H|^(-1/4) [ħ/√eV], about the zero-point motion of the stiffest dof."""
    largest = float(np.abs(stiffness).max())
    if largest == 0.0:
        raise InputError("the stiffness at rest is zero: there is no motion that the checks could be made for")
    return largest**-0.25


def at_rest(potential: Potential, size: int) -> tuple[Array, float]:
    """Force (N,) and energy at u = 0, the shapes checked on a batch of two."""
    force, energy = (np.asarray(value, dtype=float) for value in potential(np.zeros((2, size))))
    if force.shape != (2, size) or energy.shape != (2,):
        raise InputError(
            f"force and energy of two trajectories have the shapes {force.shape} and {energy.shape}, not (2, {size}) "
            "and (2,)",
            shape=force.shape,
        )
    checks.require_finite(force, energy, "force at rest", "a fault of the potential, or positions that make no sense")
    return force[0].copy(), float(energy[0])


def by_differences(potential: Potential, step: Array) -> Array:
    """H = -dF/du at rest, (N, N), from four forces for each dof: (8[F(-h) - F(h)] - [F(-2h) - F(2h)])/12h."""
    if not np.all(step > 0):
        raise InputError(f"step must be positive, it is {step.min():g}", step=float(step.min()))
    stiffness = np.empty((len(step), len(step)))
    for dof, shift in enumerate(np.diag(step)):
        stiffness[:, dof] = _pull(potential, shift, f"force of dof {dof} moved by {step[dof]:.3g}") / step[dof]
    return stiffness


def _pull(potential: Potential, shift: Array, what: str) -> Array:
    """H d for a displacement d, (N,), to fourth order."""
    force, energy = potential(np.outer([-2.0, -1.0, 1.0, 2.0], shift))
    checks.require_finite(force, energy, what, "a fault of the potential")
    pull: Array = (8 * (force[1] - force[2]) - (force[0] - force[3])) / 12
    return pull


def _require_given(potential: Potential, stiffness: Array, step: Any, tolerance: float) -> None:
    """A wrong unit of a stiffness that is given must not pass for an anharmonic force. The direction is fixed."""
    shift = step * np.random.default_rng(20261126).choice([-1.0, 1.0], len(stiffness))
    found = _pull(potential, shift, "force at a step from rest")
    checks.require_given_stiffness(found, stiffness @ shift, tolerance)


def _require_rest(force: Array, limit: float) -> None:
    dof = int(np.argmax(np.abs(force)))
    if abs(force[dof]) > limit:
        raise InputError(
            f"the junction is not at rest at u = 0: the force on dof {dof} is {force[dof]:.3e}, more than {limit:.3e}. "
            "Relax the positions with this potential, or raise rest_tolerance",
            force=float(force[dof]),
            dof=dof,
        )
