"""Units of a nanowire: from eV, electron masses, fs, K and V to the dimensionless model and back."""

from dataclasses import dataclass

import numpy as np
from scipy import constants

from sgle.errors import InputError
from sgle.units import BOLTZMANN


@dataclass(frozen=True)
class Scales:
    """What one dimensionless unit is worth.

    chemical_potential : μ0 from the bottom of the band [eV]; that of the wire at its temperature, at fixed density it
    falls with it.    mass : effective mass of the carriers [electron masses].    relaxation_time : τ(p_F) [fs].
    One spin; a wire with both carries twice the current, the heat and the power. Raises InputError unless all are > 0.
    """

    chemical_potential: float
    mass: float
    relaxation_time: float

    def __post_init__(self) -> None:
        for name in ("chemical_potential", "mass", "relaxation_time"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise InputError(f"{name} {value!r} of a nanowire must be positive and finite", name=name, value=value)

    def temperature(self, kelvin: float) -> float:
        """k_BT/μ0 from K."""
        return kelvin * BOLTZMANN / self.chemical_potential

    def kelvin(self, temperature: float) -> float:
        """K from k_BT/μ0."""
        return temperature * self.chemical_potential / BOLTZMANN

    def bias(self, volts: float) -> float:
        """eV/μ0 from V; also of any energy in eV."""
        return volts / self.chemical_potential

    def volts(self, bias: float) -> float:
        """V from eV/μ0, or a potential eφ/μ0."""
        return bias * self.chemical_potential

    @property
    def velocity(self) -> float:
        """v_F = sqrt(2 μ0/m) [m/s]."""
        return float(np.sqrt(2 * self.chemical_potential * constants.e / (self.mass * constants.m_e)))

    @property
    def length(self) -> float:
        """One x, l_F = v_F τ [nm]."""
        return self.velocity * self.relaxation_time * 1e-6

    @property
    def current(self) -> float:
        """One I, e μ0/h [nA]."""
        return constants.e**2 * self.chemical_potential / constants.h * 1e9

    @property
    def heat_current(self) -> float:
        """One J or P, μ0²/h [nW]."""
        return (self.chemical_potential * constants.e) ** 2 / constants.h * 1e9

    @property
    def heating(self) -> float:
        """One P_ph, μ0²/(h l_F) [nW/nm]."""
        return self.heat_current / self.length

    @property
    def field(self) -> float:
        """One F, μ0/l_F over the charge [V/nm]."""
        return self.chemical_potential / self.length
