"""How many quanta a mode holds between electron-hole pairs and phonons: the master equation of 002, Eqs. 10-13.

    dN/dt = B (N+1) - A N,   B = Σ v†em(Ω)v/2Ω,   A = Σ v†abs(Ω)v/2Ω  over all baths and channels,   N = B/(A - B)

For a real mode v of frequency Ω (Fermi's golden rule: damping A - B much less than Ω and than what the rates vary
within). Where B exceeds A there is no steady state: the mode lases, its number grows with B - A until something
saturates. The electrons alone have N_e = 1/(A_e/B_e - 1) = n_B(Ω - μ, T_e) with the effective chemical potential
μ = Ω - T_e ln(A_e/B_e): that of one channel if it is the only one, 0 without bias.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from sgle.errors import BathError, EigenfrequencyError
from sgle.junction import Junction
from sgle.mode_energy import SOFT
from sgle.modes import static_stiffness

Array = np.ndarray


@dataclass(frozen=True)
class Population:
    """One mode. Rates [eV/ħ] by "ph", "e:LR", ...

    frequency Ω; shape v (N,).    creation, absorption : B and A of each channel.    temperature : T_e, NaN where
    electrons have two.
    """

    frequency: float
    shape: Array
    creation: Mapping[str, float]
    absorption: Mapping[str, float]
    temperature: float

    def _sum(self, rates: Mapping[str, float], electrons: bool | None = None) -> float:
        return sum(rate for name, rate in rates.items() if electrons is None or (":" in name) == electrons)

    @property
    def electronic(self) -> float:
        """A_e - B_e: energy decay rate by electrons, negative where they drive the mode."""
        return self._sum(self.absorption, True) - self._sum(self.creation, True)

    @property
    def phononic(self) -> float:
        """A_ph - B_ph: energy decay rate by phonons."""
        return self._sum(self.absorption, False) - self._sum(self.creation, False)

    @property
    def damping(self) -> float:
        """A - B; the number of quanta grows where it is negative."""
        return self.electronic + self.phononic

    @property
    def lasing(self) -> bool:
        """Whether there is no steady state."""
        return self.damping <= 0

    @property
    def number(self) -> float:
        """N = B/(A - B); infinite where the mode lases."""
        return np.inf if self.lasing else self._sum(self.creation) / self.damping

    @property
    def electron_number(self) -> float:
        """N_e of the electrons alone; infinite where they drive the mode."""
        return np.inf if self.electronic <= 0 else self._sum(self.creation, True) / self.electronic

    @property
    def chemical_potential(self) -> float:
        """μ = Ω - T_e ln(A_e/B_e), above Ω where electrons drive the mode; NaN without electrons of one temperature."""
        created, absorbed = self._sum(self.creation, True), self._sum(self.absorption, True)
        if not (created > 0 and absorbed > 0):
            return np.nan
        return float(self.frequency - self.temperature * np.log(absorbed / created))


def populations(junction: Junction) -> list[Population]:
    """Every mode of K + Re Π(0) without electrons, by ascending frequency. Raises BathError where one has none."""
    bare = junction.replace(**{name: None for name, bath in junction.baths.items() if len(bath.channels) > 1})
    squares, shapes = np.linalg.eigh(static_stiffness(bare))
    if squares[0] <= SOFT * np.abs(squares).max():
        raise BathError(
            f"the softest mode has Ω² = {squares[0]:.3e} eV²: a mode without stiffness holds no quanta to be counted",
            square=float(squares[0]),
        )
    return [population(junction, frequency, shape) for frequency, shape in zip(np.sqrt(squares), shapes.T, strict=True)]


def population(junction: Junction, frequency: float, shape: Array) -> Population:
    """A mode of any frequency Ω > 0 and any real shape v (N,), normalised."""
    shape, omega = np.asarray(shape, float), np.array([float(frequency)])
    created, absorbed, temperatures = {}, {}, set()
    for name, bath in junction.baths.items():
        electrons = len(bath.channels) > 1
        part = shape[list(bath.dofs)]
        for i, channel in enumerate(bath.channels):
            label = f"{name}:{channel.name or i}" if electrons else name
            taken, given = (part @ rate[0] @ part / (2 * omega[0]) for rate in channel.rates(omega))
            absorbed[label], created[label] = float(taken.real), float(given.real)
        if electrons:
            temperatures |= {channel.temperature for channel in bath.channels}
    single = temperatures.pop() if len(temperatures) == 1 else np.nan
    return Population(float(frequency), shape, created, absorbed, single)


def lasing_bias(junction_at: Callable[[float], Junction], bracket: tuple[float, float], mode: int = 0) -> float:
    """The bias at which A = B of a mode by the golden rule; stability.critical_bias knows it exactly.

    junction_at : bias -> Junction.    bracket : (lower, higher) bias, the mode stable at one end and lasing at the
    other.    Raises EigenfrequencyError where it is not, with the damping at both ends; BathError for an unknown mode.
    """

    def damping(bias: float) -> float:
        modes = populations(junction_at(bias))
        if not 0 <= mode < len(modes):
            raise BathError(f"there is no mode {mode}: modes are 0 to {len(modes) - 1}", mode=mode, modes=len(modes))
        return modes[mode].damping

    low, high = (damping(bias) for bias in bracket)
    if low * high > 0:
        raise EigenfrequencyError(
            f"no lasing threshold between bias {bracket[0]:.6g} and {bracket[1]:.6g}: the mode is damped with "
            f"{low:.4g} and {high:.4g}; take a bracket in which the sign changes",
            damping=(low, high),
        )
    return float(brentq(damping, *bracket, xtol=1e-12, rtol=1e-13))


def heat_engine_efficiency(frequency: float, bias: float, cold: float, hot: float) -> float:
    """η = 1 - (T_L/T_H)(Ω - eV)/Ω of an engine whose working medium is the mode (002 Eq. 13).

    Above Carnot's 1 - T_L/T_H for eV > 0: what comes from the hot side is heat and chemical energy eV per quantum, and
    all of the latter may become work.    Raises BathError unless eV < Ω and 0 < T_L ≤ T_H.
    """
    if not (0 < cold <= hot and bias < frequency and frequency > 0):
        raise BathError(
            f"an engine needs 0 < T_L ≤ T_H and eV < Ω (beyond it the mode lases), not T_L = {cold:.6g}, "
            f"T_H = {hot:.6g}, eV = {bias:.6g}, Ω = {frequency:.6g}"
        )
    return 1 - cold / hot * (frequency - bias) / frequency
