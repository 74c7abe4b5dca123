"""The end of a tight-binding chain as an electrode, in closed form (004's wires, reference section 4)."""

from dataclasses import dataclass

import numpy as np

from sgle.check import number
from sgle.electronic.structure import Electrode
from sgle.errors import JunctionError

Array = np.ndarray


@dataclass(frozen=True)
class ChainEnd:
    """Σ(E) = V² g(E), g of the last site of a half-infinite chain: hopping t, on-site energy ε0, tied by V [eV]."""

    coupling: float
    hopping: float
    onsite: float

    @property
    def edges(self) -> tuple[float, float]:
        """Ends of the band, where Σ has square roots."""
        return self.onsite - 2 * abs(self.hopping), self.onsite + 2 * abs(self.hopping)

    def __call__(self, energies: Array) -> Array:
        """(n_E, 1, 1), the branch that decays outside the band."""
        z = np.asarray(energies, dtype=complex) - self.onsite
        width = 2 * abs(self.hopping)
        g = (z - np.sqrt(z - width) * np.sqrt(z + width)) / (2 * self.hopping**2)
        return (self.coupling**2 * g)[:, None, None]


def chain_electrode(orbital: int, coupling: float, hopping: float = 1.0, onsite: float = 0.0) -> Electrode:
    """A half-infinite chain tied to one orbital of the device by `coupling` [eV]. Raises JunctionError."""
    coupling, hopping = number(coupling, "coupling"), number(hopping, "hopping")
    if hopping == 0 or coupling == 0:
        raise JunctionError(f"a chain needs a hopping ({hopping:g}) and a coupling ({coupling:g}) other than zero")
    return Electrode((orbital,), ChainEnd(coupling, hopping, number(onsite, "onsite")))
