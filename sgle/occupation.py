"""Bose and Fermi occupation with their limits: the only place that knows x coth x (physics.md 1, 4).

Everything is written through x·n_B(x), which is finite at x = 0, so that a rate never meets 0·∞.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from sgle.check import number
from sgle.errors import BathError

Array = np.ndarray


def require_temperature(temperature: float) -> float:
    """The temperature as a float, refused when negative or not finite. Zero is allowed."""
    value = number(temperature, "temperature")
    if value < 0:
        raise BathError(f"temperature {temperature!r} must not be negative", temperature=value)
    return value


def emission_factor(x: ArrayLike, temperature: float) -> Array:
    """x·n_B(x, T) ≥ 0 for every real x; T at x = 0; max(-x, 0) at T = 0."""
    x = np.asarray(x, dtype=float)
    # Below the smallest normal numbers a temperature is zero: x/T would overflow.
    if temperature < 1e-150:
        return np.maximum(-x, 0.0)
    y = x / temperature
    small = np.abs(y) < 1e-4
    safe = np.where(small, 1.0, y)
    # For y > 0 written with exp(-y), which cannot overflow.
    value = np.where(safe > 0, safe * np.exp(-np.abs(safe)), -safe) / -np.expm1(-np.abs(safe))
    series = 1 - y / 2 + y**2 / 12
    return temperature * np.where(small, series, value)


def absorption_factor(x: ArrayLike, temperature: float) -> Array:
    """x·(n_B(x, T) + 1) = (-x)·n_B(-x, T) ≥ 0 for every real x."""
    return emission_factor(-np.asarray(x, dtype=float), temperature)


def noise_factor(x: ArrayLike, temperature: float) -> Array:
    """x·(n_B(x, T) + ½) = (x/2) coth(x/2T), even in x; T at x = 0, |x|/2 at T = 0."""
    x = np.asarray(x, dtype=float)
    return emission_factor(np.abs(x), temperature) + np.abs(x) / 2


def bose(x: ArrayLike, temperature: float) -> Array:
    """n_B(x, T) for x > 0."""
    x = np.asarray(x, dtype=float)
    return emission_factor(x, temperature) / x


def fermi(x: ArrayLike, temperature: float) -> Array:
    """n_F(x, T) = 1/(1 + exp(x/T)); a step of height ½ at x = 0 for T = 0."""
    x = np.asarray(x, dtype=float)
    if temperature == 0:
        return np.heaviside(-x, 0.5)
    return expit(-x / temperature)
