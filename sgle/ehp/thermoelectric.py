"""Heat rectification, current from a cold spot, and linear response between electrons and phonons (001; 002 IV).

A junction is asked with other temperatures of its electrons and of its phonon baths, or at other biases; everything
else is sgle.ehp.currents.
"""

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from sgle.ehp.currents import (
    TRANSFER,
    LowestOrderWarning,
    PairCurrents,
    electron_channels,
    kind,
    pair_currents,
    without_electrons,
)
from sgle.errors import BathError, EigenfrequencyError
from sgle.flows import common_temperature, phonon_baths, time_reversed
from sgle.junction import Junction
from sgle.landauer import integrated
from sgle.occupation import absorption_factor, emission_factor
from sgle.response import Response

Array = np.ndarray


class Rectification(NamedTuple):
    """ratio R = -J(ΔT)/J(-ΔT), ΔT = T_e - T_ph; the currents with hot electrons and with hot phonons."""

    ratio: float
    hot_electrons: PairCurrents
    hot_phonons: PairCurrents


class LinearResponse(NamedTuple):
    """At equilibrium J = a X + b Y and I = b X + d Y, with X = 1/T_ph - 1/T_e and Y = eV/T_e.

    energy a, mixed b (one number for both: Onsager's reciprocity), charge d.
    """

    energy: float
    mixed: float
    charge: float


def at_temperatures(junction: Junction, electrons: float, phonons: float) -> Junction:
    """The same junction with all electrons at one temperature and all other baths at another [eV].

    Raises BathError for baths whose temperature is not a parameter (tables of electrons from a file).
    """
    changed = {}
    for name, bath in junction.baths.items():
        wanted = electrons if len(bath.channels) > 1 else phonons
        changed[name] = bath.with_parameters(temperature=wanted)
    return junction.replace(**changed)


def rectification(junction: Junction, mean: float, difference: float, order: str = "full") -> Rectification:
    """Both directions of heat at temperatures mean ± difference/2, without bias.

    R = 1 if Γ_e does not depend on T_e: for energy-independent A(ε), a wide band (002 App. D).    Raises BathError
    unless 0 < difference < 2 mean and the bias is zero.
    """
    if not 0 < difference < 2 * mean or junction.bias != 0:
        raise BathError(
            f"rectification needs 0 < difference < 2 mean and no bias, not {difference:.6g}, {mean:.6g} and bias "
            f"{junction.bias:.6g}"
        )
    warm, cool = mean + difference / 2, mean - difference / 2
    ahead, back = (pair_currents(at_temperatures(junction, *pair), order) for pair in ((warm, cool), (cool, warm)))
    return Rectification(-ahead.total / back.total, ahead, back)


def stopping_bias(junction_at: Callable[[float], Junction], bracket: tuple[float, float], order: str = "full") -> float:
    """The bias at which no charge flows, I = 0: the voltage that a temperature difference builds up.

    Where each electron takes one quantum Ω (tight coupling) it is Ω(1 - T_e/T_ph).    bracket : biases of which one
    has I < 0, the other I > 0.    Raises EigenfrequencyError otherwise, with the currents at both ends.
    """

    def charge(bias: float) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LowestOrderWarning)
            return pair_currents(junction_at(bias), order).charge

    low, high = (charge(bias) for bias in bracket)
    if not low * high < 0:
        raise EigenfrequencyError(
            f"the charge current does not change sign between bias {bracket[0]:.6g} and {bracket[1]:.6g}: it is "
            f"{low:.4g} and {high:.4g}; widen the bracket",
            currents=(low, high),
        )
    return float(brentq(charge, *bracket, xtol=1e-13, rtol=1e-12))


def linear_response(junction: Junction, order: str = "full") -> LinearResponse:
    """Exact derivatives of J and I at equilibrium. Raises BathError at a bias or at different temperatures.

    What the bias does to D and to Γ_c is of second order in the currents.
    """
    temperature = common_temperature(junction)
    if junction.bias != 0:
        raise BathError(f"linear response is that around zero bias, not around {junction.bias:.6g}", bias=junction.bias)
    channels, phonons = electron_channels(junction), phonon_baths(junction)
    moved = np.array([TRANSFER.get(kind(name), 0) for name in channels])

    def integrand(response: Response, omega: Array) -> Array:
        spectrum = np.sum(time_reversed(response, omega, phonons), axis=0)
        rates = []
        for bath, channel in channels.values():
            absorbed, emitted = channel.rates(omega)
            rows, columns = np.ix_(bath.dofs, bath.dofs)
            block = spectrum[:, rows, columns]
            rates.append(np.einsum("wij,wji->w", absorbed - emitted, block).real)
        # -T dn/dω = n (n+1), times the rate of each kind of pair.
        weight = emission_factor(omega, temperature) * absorption_factor(omega, temperature) / omega**2
        events = np.array(rates) * weight
        both = moved @ events
        return np.stack([omega**2 * events.sum(axis=0), omega * both, moved**2 @ events]).T / (2 * np.pi)

    solved = junction if order == "full" else without_electrons(junction)
    (a, b, d), _ = integrated(solved, integrand)
    return LinearResponse(float(a), float(b), float(d))
