"""The contract of an anharmonic force: F(u) = -K u + F_anh(u), F_anh = -dV/du beyond the harmonic part (physics.md 8).

K stays the matrix of the frequency domain. V begins with third powers: energy, force and stiffness of F_anh vanish at
u = 0, where the junction rests. A force made from any potential is that potential without its own force and stiffness
there (sgle.anharmonic.remainder).
"""

from typing import Any, Protocol, runtime_checkable

import numpy as np

from sgle.errors import InputError

Array = np.ndarray


@runtime_checkable
class Anharmonic(Protocol):
    """What moves atoms beyond K. Immutable; may be pickled; the same numbers for a trajectory in any batch.

    size : N dofs.    spec : plain values, texts and arrays with "kind", from which sgle.anharmonic.from_spec makes it
    again; None where nothing can.
    """

    @property
    def size(self) -> int:
        """Number of dofs N."""

    @property
    def spec(self) -> dict[str, Any] | None:
        """What it is made from."""

    def __call__(self, displacement: Array) -> tuple[Array, Array]:
        """u (R, N) of R trajectories, mass-normalised [ħ/√eV] -> force -dV/du (R, N) [eV^1.5/ħ], energy V (R,) [eV]."""


def require_fitting(force: Any, size: int) -> None:
    """InputError unless `force` keeps the contract at u = 0: shapes, finite numbers, no energy, no force."""
    if not isinstance(force, Anharmonic):
        raise InputError(f"anharmonic must come from a constructor in sgle.anharmonic, not {force!r:.60}")
    if force.size != size:
        raise InputError(f"the anharmonic force acts on {force.size} dofs, the junction has {size}", size=force.size)
    pushed, energy = force(np.zeros((1, size)))
    if np.shape(pushed) != (1, size) or np.shape(energy) != (1,):
        raise InputError(
            f"the anharmonic force of one trajectory has shapes {np.shape(pushed)} and {np.shape(energy)}, "
            f"not (1, {size}) and (1,)"
        )
    if np.any(pushed) or np.any(energy):
        raise InputError(
            f"the anharmonic force does not vanish at rest: |F| = {np.abs(pushed).max():.3e}, V = {energy[0]:.3e}. "
            "Take the force and the stiffness at rest out of it (sgle.anharmonic.remainder)",
            force=float(np.abs(pushed).max()),
            energy=float(energy[0]),
        )
