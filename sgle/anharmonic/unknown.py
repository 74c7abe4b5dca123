"""What a file knows of a force that no constructor makes again: how strong it was at two places."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle.anharmonic.contract import Anharmonic
from sgle.check import array
from sgle.errors import ForceError, InputError

Array = np.ndarray
DIGITS = 6  # of the largest force: calculators do not give the last digits twice


@dataclass(frozen=True, eq=False)
class Unknown:
    """A force that was made from a function or an object, read from a file: known at rest alone.

    forces : at two places, rounded, (2, N).
    """

    forces: Array

    @property
    def size(self) -> int:
        """Number of dofs N."""
        return self.forces.shape[1]

    @property
    def spec(self) -> dict[str, Any]:
        """What it is recognised by."""
        return {"kind": "unknown", "forces": self.forces}

    def __call__(self, displacement: Array) -> tuple[Array, Array]:
        """Zeros for u = 0 (R, N). Raises ForceError for any other."""
        moved = np.any(displacement, axis=1)
        if moved.any():
            raise ForceError(
                "this anharmonic force was made from a function or an object, which a file cannot hold: give it again "
                "with junction.with_anharmonic(force)",
                trajectory=int(np.argmax(moved)),
            )
        return np.zeros(np.shape(displacement)), np.zeros(len(displacement))


def unknown(forces: Any) -> Unknown:
    """From its spec. Raises InputError: not (2, N)."""
    given = array(forces, "forces")
    if given.ndim != 2 or len(given) != 2:
        raise InputError(f"forces of an unknown force must be (2, N), not {given.shape}", shape=given.shape)
    return Unknown(given)


def spec_of(force: Anharmonic, dynamical_matrix: Array) -> dict[str, Any]:
    """The spec of a force, or of the `Unknown` that it becomes in a file. K sets how far it is displaced for that."""
    if force.spec is not None:
        return force.spec
    reach = 0.3 * float(np.abs(dynamical_matrix).max() or 1.0) ** -0.25
    places = reach * np.random.default_rng(20261123).standard_normal((2, force.size))
    found = force(places)[0]
    unit = 10.0 ** np.floor(np.log10(np.abs(found).max() or 1.0))
    return Unknown(unit * (np.round(found / unit, DIGITS) + 0.0)).spec
