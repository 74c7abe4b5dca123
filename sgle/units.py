"""Units: ħ = k_B = e = 1 inside, energies in eV, times in ħ/eV; converted at the door only (physics.md 1).

Constants are CODATA 2022 through scipy.constants. A dimensionless model uses the same formulas with
`NATURAL`, whose display factors are all one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scipy import constants

HBAR_FS = constants.hbar / constants.e * 1e15  # one internal time unit, ħ/eV, in fs
BOLTZMANN = constants.k / constants.e  # eV/K
WATT = constants.e**2 / constants.hbar  # one internal heat current, eV²/ħ, in W; one charge current, e eV/ħ, in A
# One internal displacement, ħ/√eV, of an atom of 1 amu, in Å.
ANGSTROM_AMU = constants.hbar / (constants.e * constants.atomic_mass) ** 0.5 * 1e10


def kelvin(temperature: float) -> float:
    """k_B T in eV from a temperature in kelvin."""
    return temperature * BOLTZMANN


def femtoseconds(time: float) -> float:
    """Time in ħ/eV from femtoseconds."""
    return time / HBAR_FS


def picoseconds(time: float) -> float:
    """Time in ħ/eV from picoseconds."""
    return femtoseconds(1e3 * time)


def nanowatts(heat_current: float) -> float:
    """Heat current in nW from the internal eV²/ħ (1 eV²/ħ = 2.43413e-4 W)."""
    return heat_current * WATT * 1e9


@dataclass(frozen=True)
class Units:
    """How internal numbers are shown: shown value = internal value × scale(quantity), with label(quantity)."""

    name: str
    table: Mapping[str, tuple[float, str]]

    def scale(self, quantity: str) -> float:
        """Display value of one internal unit; 1.0 in natural units."""
        return self.table.get(quantity, (1.0, ""))[0]

    def label(self, quantity: str) -> str:
        """Unit name to print, empty in natural units."""
        return self.table.get(quantity, (1.0, ""))[1]

    def titled(self, text: str, quantity: str) -> str:
        """`text [unit]` for the head of a table or an axis, the bare text in natural units."""
        label = self.label(quantity)
        return f"{text} [{label}]" if label else text


NATURAL = Units("natural", {})
EV = Units(
    "eV",
    {
        "energy": (1e3, "meV"),
        "heat_current": (WATT * 1e9, "nW"),
        "time": (HBAR_FS * 1e-3, "ps"),
        "frequency": (1e3, "meV"),
        "temperature": (1 / BOLTZMANN, "K"),
        "bias": (1.0, "V"),
        "charge_current": (WATT * 1e9, "nA"),
        "entropy_current": (WATT * BOLTZMANN * 1e9, "nW/K"),
        "rate": (1e3 / HBAR_FS, "1/ps"),
        "spectral_rate": (1e15 / HBAR_FS, "1/(s eV)"),
        "displacement": (ANGSTROM_AMU, "Å √amu"),
    },
)


def by_name(name: str) -> Units:
    """The unit system called "eV" or "natural"."""
    return {"eV": EV, "natural": NATURAL}[name]
