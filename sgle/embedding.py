"""Auxiliary variables: a bath's memory as a few damped variables per trajectory instead of its taps.

    x_{n+1} = Λ x_n + b [v_n; u_n],   tail_n = Re c x_n,   so that the taps k ≥ 1 are Re c Λ^{k-1} b

with complex Λ inside the unit circle (stable) and residues of rank one. Found from the taps by balanced truncation
(sgle.rational), with as few variables as the requested error allows. The error is that of the grid's self-energy,

    error = max_{ω ≤ ω_b} |Π_fit,d(ω) - Π_d(ω)| / max_ω |Γ_d(ω)|,    |·| the largest singular value,

over the band of the bath: up to the last ω_b where |Γ_d| exceeds `error` times its maximum. Beyond it the two differ
by more, as the force of a velocity grows with frequency; `beyond` is that error over the whole grid.

Passive : the friction c(ω) + c(ω)† of the fit is nowhere below the least eigenvalue of the bath's own, or zero where
that is positive. What the rational model lacks is made up by a local friction, the same for all dofs, of the size of
the error; it is part of the fit and of its error, and damps above the bath's band as well, without noise: a mode that
lives there on less friction than `shift` is seen too cold. `certify` shows it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sgle.errors import GridError
from sgle.files.cache import cached
from sgle.rational import Modes
from sgle.reduction import PASSIVE, Reduced, Search, Taps

if TYPE_CHECKING:
    from sgle.grid import Grid
    from sgle.junction import Junction

Array = np.ndarray
FORGOTTEN = 1e-10  # of the first tap, for all later ones together


@dataclass(frozen=True, eq=False)
class Embedding:
    """The fitted memory of one bath; n dofs.

    modes : poles and residues of the taps k ≥ 1, inputs [v] or, with `position`, [v; u].
    first_velocity, first_position : taps k = 0, (n, n); the local friction `shift` is in the first.
    error, beyond : as in the module's docstring.    friction : least eigenvalue of c(ω) + c(ω)† over max |c + c†|, of
    the fit.    band : ω_b.
    """

    modes: Modes = field(repr=False)
    first_velocity: Array
    first_position: Array
    position: bool
    error: float
    beyond: float
    shift: float
    friction: float
    band: float

    @property
    def size(self) -> int:
        """Number of dofs n."""
        return len(self.first_velocity)

    @property
    def variables(self) -> int:
        """Number M of real auxiliary variables."""
        return int(np.sum(np.where(self.modes.poles.imag == 0, 1, 2)))

    @property
    def passive(self) -> bool:
        """The friction of the fit is positive semidefinite at all frequencies."""
        return bool(self.friction >= -PASSIVE)

    @cached_property
    def lasting(self) -> int:
        """Steps after which all taps together are below 1e-10 of the first, by a bound on each mode."""
        radius = np.abs(self.modes.poles)
        weight = np.linalg.norm(self.modes.outputs, axis=0) * np.linalg.norm(self.modes.inputs, axis=1) / (1 - radius)
        first = max(np.abs(self.first_velocity).max(), np.abs(self.first_position).max())
        allowed = FORGOTTEN * first / max(len(radius), 1)
        excess = np.log(np.maximum(weight / allowed, 1.0)) / -np.log(np.maximum(radius, 1e-300))
        return int(np.ceil(excess.max(initial=0.0))) + 2

    def taps(self, length: int) -> tuple[Array, Array]:
        """The first taps c_k and d_k of the endless sequences, (length, n, n) and, if there are any, as many d_k."""
        tail = self.modes.sequence(length - 1)
        velocity = np.concatenate([self.first_velocity[None], tail[:, :, : self.size]])
        if not self.position:
            return velocity, np.zeros((0, self.size, self.size))
        return velocity, np.concatenate([self.first_position[None], tail[:, :, self.size :]])

    def sums(self, phase: Array) -> tuple[Array, Array]:
        """Σ_k c_k e^{ik phase} and Σ_k d_k e^{ik phase} over all k ≥ 0, in closed form, (n_phase, n, n) each."""
        tail = self.modes.transfer(phase)
        velocity = self.first_velocity + tail[:, :, : self.size]
        if not self.position:
            return velocity, np.zeros_like(velocity)
        return velocity, self.first_position + tail[:, :, self.size :]


def fit(velocity: Array, position: Array, time_step: float, error: float) -> Embedding:
    """The embedding of taps c_k and d_k with the fewest variables that reach the error. Kept by content, on disk too.

    velocity, position : (K_v, n, n), (K_d, n, n), the second may be empty.    error : as in the module's docstring.
    Raises : GridError with `reached` and `variables` if more than 1024 variables would be needed.
    """
    digest = hashlib.sha256(np.ascontiguousarray(velocity).tobytes() + np.ascontiguousarray(position).tobytes())
    return _cached(Taps(digest.digest(), velocity.shape, float(time_step), float(error), velocity, position))


@lru_cache(maxsize=16)
def _cached(taps: Taps) -> Embedding:
    found, size = _reduced(taps), taps.shape[-1]
    return Embedding(
        found.modes,
        taps.velocity[0] + found.shift * np.eye(size),
        taps.position[0] if len(taps.position) else np.zeros((size, size)),
        len(taps.position) > 1,
        *found[1:],
    )


def _reduced(taps: Taps) -> Reduced:
    """The search, or what it found before: large leads take half a minute, and every worker asks for the same fit."""

    def search() -> dict[str, Any]:
        found = Search(taps).run()
        return {**vars(found.modes), "numbers": np.array(found[1:])}

    inputs = {"taps": taps.digest.hex(), "shape": taps.shape, "time_step": taps.time_step, "error": taps.error}
    kept = cached("fit", inputs, search)
    return Reduced(Modes(kept["poles"], kept["outputs"], kept["inputs"]), *kept["numbers"].tolist())


class Certificate(NamedTuple):
    """What auxiliary variables do to the exact answers of a junction on a grid.

    variables, taps : per bath.    error : of Π, as fitted, per bath.    shift : local friction added, per bath.
    energy : (N,) relative change of each kinetic energy.    current : change of each heat current over the largest of
    all.    passive : per bath.
    """

    variables: Mapping[str, int]
    taps: Mapping[str, int]
    error: Mapping[str, float]
    shift: Mapping[str, float]
    passive: Mapping[str, bool]
    energy: Array
    current: Mapping[str, float]


def certify(junction: "Junction", grid: "Grid") -> Certificate:
    """Exact consequences of fitting the memory of a junction's baths, against the same grid with all taps.

    grid : with memory "auxiliary" for one bath or more.    Raises GridError, UnstableError (of either model).
    """
    from sgle.landauer import answers

    fitted = {name: bath.embedding for name, bath in grid.model(junction).baths.items() if bath.embedding}
    if not fitted:
        raise GridError("nothing to certify: no bath of this grid has auxiliary variables; set memory = 'auxiliary'")
    kinds = {name: "convolution" if name in fitted else grid.memory_of(name) for name in junction.baths}
    whole = replace(grid, memory=kinds)
    model, exact = answers(junction, grid), answers(junction, whole)
    largest = max((abs(value) for value in exact.heat_currents.values()), default=0.0)
    return Certificate(
        {name: some.variables for name, some in fitted.items()},
        {name: len(whole.model(junction).baths[name].velocity_taps) for name in fitted},
        {name: some.error for name, some in fitted.items()},
        {name: some.shift for name, some in fitted.items()},
        {name: some.passive for name, some in fitted.items()},
        model.kinetic_energy / exact.kinetic_energy - 1,
        {name: (value - exact.heat_currents[name]) / (largest or 1.0) for name, value in model.heat_currents.items()},
    )
