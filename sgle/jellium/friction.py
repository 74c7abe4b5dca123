"""Friction and wind force on a weak scatterer in a free-electron metal, and their reciprocity (004 Eqs. 1, 48).

    F_w = σ p_F j,   F = -p_F σ ρ V,   σ = m²C²/πħ⁴ (Born),   ρ = k_F³/6π² (spinless)

Electrons that stream past a resting scatterer, or a scatterer that moves through resting electrons: the same force.
"""

import numpy as np

from sgle.check import number
from sgle.errors import InputError
from sgle.jellium.window import BEYOND, STEP
from sgle.jellium.wire import FERMI, FERMI_VECTOR, Array
from sgle.occupation import fermi
from sgle.quadrature import integrate

DENSITY = FERMI_VECTOR**3 / (6 * np.pi**2)  # ρ per λ_F³


def cross_section(strength: float) -> float:
    """σ [λ_F²] of C δ(r - R), C in units of ħ²λ_F/m: total and transport cross-section, s waves alone."""
    return number(strength, "strength") ** 2 / np.pi


def wind_force(strength: float, current: float) -> float:
    """F_w along the particle current density j (004 Eq. 1), in units of ħ = m = λ_F = 1."""
    return FERMI_VECTOR * cross_section(strength) * number(current, "current")


def friction(strength: float, frequency: float = 0.0, temperature: float = 0.0) -> float:
    """L_zz < 0, F = L_zz V on a scatterer that oscillates at ω0, in units of ħ = m = λ_F = 1.

    frequency, temperature in units of ε_F, the chemical potential stays at ε_F.    At T = 0 Eq. 48 times
    1 - (ω0/ε_F)²/24 to second order: with f_q,p = -iC(k_p - k_q) e^{..} of plane waves,

        L = -(2π C²/3ω0) ∫dε g(ε) g(ε-ω0) (2ε - ω0) [f(ε-ω0) - f(ε)],   g = k/2π².

    Raises InputError.
    """
    omega, t = FERMI * number(frequency, "frequency"), FERMI * number(temperature, "temperature")
    if not 0 <= omega < FERMI or not 0 <= t < FERMI / BEYOND:
        raise InputError(
            f"a frequency of {frequency:.6g} ε_F and a temperature of {temperature:.6g} ε_F must lie between 0 and 1, "
            f"0 and {1 / BEYOND:g}: electrons are excited from the Fermi level, not from the bottom of the band",
            frequency=frequency,
            temperature=temperature,
        )
    squared = 2 * np.pi / 3 * number(strength, "strength") ** 2
    if t == 0 and omega == 0:
        return -squared * float(_pairs(np.array([FERMI]), 0.0)[0])
    marks = [max(omega, FERMI - BEYOND * t), FERMI + omega + BEYOND * t]
    marks += [mark for mark in [*(FERMI + t * STEP), *(FERMI + omega + t * STEP)] if marks[0] < mark < marks[1]]

    def integrand(energies: Array) -> Array:
        return (_pairs(energies, omega) * _emptied(energies - FERMI, omega, t))[:, None]

    return -squared * float(integrate(integrand, marks, rtol=1e-11)[0][0])


def _pairs(energies: Array, omega: float) -> Array:
    """g(ε) g(ε-ω0) (2ε - ω0), (2ε - ω0) = (k_p² + k_q²)/2."""
    return np.sqrt(4 * energies * (energies - omega)) * (2 * energies - omega) / (2 * np.pi**2) ** 2


def _emptied(x: Array, omega: float, t: float) -> Array:
    """[f(ε-ω0) - f(ε)]/ω0, -f' for ω0 = 0; x = ε - μ."""
    if t == 0:
        return ((x > 0) & (x < omega)) / omega
    spread = -np.expm1(-omega / t) / omega if omega > 0 else 1 / t
    return fermi(x - omega, t) * fermi(-x, t) * spread
