"""Where electrons heat a wire: two Boltzmann wires joined by a scatterer (003 Leumer et al. 2024).

The rest of sgle heats the atoms inside a coherent junction; here electrons pass the scatterer without loss and give
their heat to the phonons of the wires outside, over their free path, in hot and cold spots. Without units: `Scales`.
"""

from sgle.nanowire.hfunction import Crossing
from sgle.nanowire.laws import laws
from sgle.nanowire.scales import Scales
from sgle.nanowire.solution import Distribution, Heating, Power, Solution
from sgle.nanowire.solve import LinearisationWarning, solve
from sgle.nanowire.spots import Spot, dominant
from sgle.nanowire.transmission import Transmission, lorentzian, of_electrons, resonances, step, table

__all__ = [
    "Crossing", "Distribution", "Heating", "LinearisationWarning", "Power", "Scales", "Solution", "Spot",
    "Transmission", "dominant", "laws", "lorentzian", "of_electrons", "resonances", "solve", "step", "table",
]  # fmt: skip
