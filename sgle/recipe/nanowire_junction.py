"""What a recipe asks of a junction of a few levels between two Boltzmann wires: `[nanowire_junction]`."""

from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from sgle.recipe.arrays import real_matrix
from sgle.recipe.quantities import Quantity
from sgle.recipe.schema import Broadening, Table

_ENERGY, _TIME = Quantity("energy"), Quantity("time")
_TEMPERATURE, _BIAS = Quantity("temperature"), Quantity("bias")
Some = Field(min_length=1, max_length=100)


class NanowireJunction(Table):
    """`[nanowire_junction]`: levels with broadenings by either wire, the wires, and what is applied to them.

    levels or hamiltonian, left, right : as of `level_pairs` baths.    chemical_potential : of the wires, from the
    bottom of their bands, held at every temperature; band_bottom : where that lies on the scale of the levels.
    effective_mass : electron masses.    relaxation_time : τ at the Fermi level; ∝ p^exponent elsewhere.    share : 0 if
    the levels follow the left wire, 1 the right one.    spin : 2 for both.
    """

    levels: Annotated[list[float] | None, Field(min_length=1), _ENERGY] = None
    hamiltonian: Annotated[Any, AfterValidator(real_matrix), _ENERGY] = None
    left: Broadening
    right: Broadening
    chemical_potential: Annotated[float, Field(gt=0), _ENERGY]
    band_bottom: Annotated[float, _ENERGY] = 0.0
    effective_mass: Annotated[float, Field(gt=0)]
    relaxation_time: Annotated[float, Field(gt=0), _TIME]
    temperatures: Annotated[list[Annotated[float, Field(gt=0)]], Some, _TEMPERATURE]
    biases: Annotated[list[float], Some, _BIAS]
    share: Annotated[float, Field(ge=0, le=1)] = 0.5
    exponent: Annotated[float, Field(ge=-1, lt=1)] = 0.0
    spin: Annotated[float, Field(gt=0)] = 2.0
    allow_nonlinear: bool = False

    @model_validator(mode="after")
    def _together(self) -> "NanowireJunction":
        given = [name for name in ("levels", "hamiltonian") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give one of levels (their energies), hamiltonian; found {' and '.join(given) or 'none'}")
        for name in ("temperatures", "biases"):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"{name} holds a number twice")
        if 0.0 in self.biases:
            raise ValueError("biases must not be 0: nothing flows, nothing is heated")
        return self

    @property
    def energies(self) -> np.ndarray:
        """Hamiltonian (m, m) [eV]."""
        return np.array(self.hamiltonian if self.levels is None else np.diag(self.levels), dtype=float)
