"""`[forces]`: what electrons of a biased conductor do to moving nuclei (sgle.forces), a study without junction."""

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from sgle.recipe.arrays import real_matrix, some_matrices
from sgle.recipe.quantities import Quantity
from sgle.recipe.schema import Broadening, Table, Temperature

if TYPE_CHECKING:
    from sgle.electronic.pairs import Occupation
    from sgle.electronic.structure import ElectronicStructure

_ENERGY = Quantity("energy")


class Forces(Table):
    """Orbitals between electrodes: wide bands (left, right), or chains tied to the first and last orbital (contact).

    couplings : M^k, one matrix for each displacement.    hopping, chain_level : of the chains.    bias : μ_L - μ_R,
    symmetric about fermi_level.    frequency : ω0 of the vibration.    loop : [real, imaginary] of each displacement,
    internal units, of the path u(θ) = Re[loop e^{-iθ}] around which work is told.    loop_points : on it.
    """

    hamiltonian: Annotated[Any, AfterValidator(real_matrix), _ENERGY]
    couplings: Annotated[Any, AfterValidator(some_matrices), Quantity("coupling")]
    left: Annotated[Broadening | None, _ENERGY] = None
    right: Annotated[Broadening | None, _ENERGY] = None
    contact: Annotated[float | None, _ENERGY] = None
    hopping: Annotated[float, _ENERGY] = 1.0
    chain_level: Annotated[float, _ENERGY] = 0.0
    bias: Annotated[float, Quantity("bias")] = 0.0
    fermi_level: Annotated[float, _ENERGY] = 0.0
    temperature: Temperature
    frequency: Annotated[float, Field(gt=0), _ENERGY]
    spin: Annotated[float, Field(gt=0)] = 2.0
    loop: Annotated[list[list[float]] | None, Field(min_length=2)] = None
    loop_points: Annotated[int, Field(ge=3, le=1000)] = 24

    @model_validator(mode="after")
    def _together(self) -> "Forces":
        wide = [name for name in ("left", "right") if getattr(self, name) is not None]
        if len(wide) + 2 * (self.contact is not None) != 2:
            found = [*wide, *(["contact"] if self.contact is not None else [])]
            raise ValueError(
                "electrodes are wide bands (left and right) or chains (contact); found " + (", ".join(found) or "none")
            )
        count = len(self.matrices)
        if self.loop is not None and (len(self.loop) != count or any(len(pair) != 2 for pair in self.loop)):
            raise ValueError(f"loop needs [real, imaginary] for each of the {count} couplings")
        return self

    @property
    def matrices(self) -> np.ndarray:
        """M^k, (n, m, m)."""
        m = np.array(self.couplings, dtype=float)
        return m[None] if m.ndim == 2 else m

    @property
    def path(self) -> np.ndarray | None:
        """The loop as complex displacements (n,), or None."""
        return None if self.loop is None else np.array(self.loop) @ [1, 1j]

    @property
    def structure(self) -> "ElectronicStructure":
        """The conductor. Raises JunctionError, BathError, SpectrumError."""
        from sgle.ehp import levels
        from sgle.electronic.chain_electrode import chain_electrode
        from sgle.electronic.structure import ElectronicStructure

        if self.contact is None:
            return levels(self.hamiltonian, self.left, self.right)
        ends = {"L": 0, "R": len(self.hamiltonian) - 1}
        chains = {k: chain_electrode(i, self.contact, self.hopping, self.chain_level) for k, i in ends.items()}
        return ElectronicStructure(self.hamiltonian, chains)

    @property
    def occupation(self) -> "Occupation":
        """How the electrodes fill it."""
        from sgle.electronic.pairs import Occupation

        half = self.bias / 2
        return Occupation(self.fermi_level + half, self.fermi_level - half, self.temperature, self.temperature)
