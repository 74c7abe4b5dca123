"""Energy curves of a bond against its elongation q: V, V' and V''. With parameters of shape (n, 1), q of (n, R)."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Array = np.ndarray


class Curve(NamedTuple):
    """V, dV/dq and d²V/dq²."""

    energy: Array
    slope: Array
    curvature: Array


def polynomial(q: Array, cubic: Array, quartic: Array) -> Curve:
    """V = c₃ q³/3 + c₄ q⁴/4."""
    square = q * q
    energy = square * (cubic * q / 3 + quartic * square / 4)
    return Curve(energy, square * (cubic + quartic * q), q * (2 * cubic + 3 * quartic * q))


def morse(q: Array, depth: Array, width: Array) -> Curve:
    """V = D (1 - e^{-aq})²: D is the energy to break the bond, 2 D a² its stiffness (Morse, Phys. Rev. 34, 57)."""
    decay = np.exp(-width * q)
    short = 1 - decay
    slope = 2 * depth * width * decay * short
    return Curve(depth * short**2, slope, 2 * depth * width**2 * decay * (2 * decay - 1))


def lennard_jones(q: Array, depth: Array, length: Array) -> Curve:
    """V = D (1 - (l/r)⁶)², r = l + q: the 12-6 potential from its minimum upward, stiffness 72 D/l². NaN for r ≤ 0."""
    distance = np.where(length + q > 0, length + q, np.nan)
    third = (length / distance) ** 2 * (length / distance)
    sixth = third * third
    slope = 12 * depth * sixth * (1 - sixth) / distance
    return Curve(depth * (1 - sixth) ** 2, slope, 12 * depth * sixth * (13 * sixth - 7) / distance**2)


CURVES: dict[str, Callable[..., Curve]] = {"polynomial": polynomial, "morse": morse, "lennard_jones": lennard_jones}
