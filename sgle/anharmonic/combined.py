"""Several anharmonic forces as one: their sum."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle.anharmonic.contract import Anharmonic
from sgle.errors import InputError

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Sum:
    """The sum of forces on the same dofs."""

    terms: tuple[Any, ...]

    @property
    def size(self) -> int:
        """Number of dofs N."""
        return int(self.terms[0].size)

    @property
    def spec(self) -> dict[str, Any] | None:
        """Those of all terms; None if one of them has none."""
        specs = tuple(term.spec for term in self.terms)
        return None if None in specs else {"kind": "sum", "terms": specs}

    @property
    def stiffness(self) -> Array:
        """What K must hold of all terms, (N, N) [eV²]."""
        return np.sum([term.stiffness for term in self.terms], axis=0)

    def __call__(self, displacement: Array) -> tuple[Array, Array]:
        """u (R, N) -> force (R, N), energy (R,)."""
        force, energy = self.terms[0](displacement)
        for term in self.terms[1:]:
            more, higher = term(displacement)
            force, energy = force + more, energy + higher
        return force, energy


def sum_of(*forces: Anharmonic) -> Sum:
    """Forces on the same dofs, added.    Raises InputError: none, or of different size."""
    sizes = sorted({force.size for force in forces})
    if len(sizes) != 1:
        raise InputError(f"forces to be added must act on the same dofs, not on {sizes or 'none'}", sizes=sizes)
    return Sum(forces)
