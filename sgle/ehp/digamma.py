"""Integrals of a Fermi function over pairs of poles, in closed form by the digamma function ψ.

    ∫dε f(ε-μ)/((ε-a)(ε-b)) = [L(a) - L(b)]/(a-b),   L(z) = ψ(½ + σ(z-μ)/2πiT) + σ iπ/2,   σ = sign Im z

(reference/ehp-and-forces.md E8). For a = b in one half plane this is the derivative: 0/0 as it stands, finite, and met
exactly where two levels of equal width lie one quantum apart, the resonance of 001 Fig. 2.
"""

import numpy as np
from scipy.special import digamma

Array = np.ndarray
CIRCLE = np.exp(2j * np.pi * (np.arange(16) + 0.5) / 16)
RADIUS = 0.1  # of the circle, relative to the distance from the nearest singularity: 1e-16 is left out
NEAR = 0.1  # of the radius: nearer points than this are taken from the circle; further ones lose a factor 100 at most


def _argument(z: Array, side: Array | float, mu: Array | float, temperature: float) -> Array:
    return 0.5 + side * (z - mu) / (2j * np.pi * temperature)


def pair_integral(
    a: Array, side_a: Array | float, b: Array, side_b: Array | float, mu: Array | float, temperature: float
) -> Array:
    """∫dε f(ε-μ)/((ε-a)(ε-b)); all arguments but the temperature broadcast.

    a, b on different sides must not meet: there the integral itself is infinite.
    """
    # ψ before arguments are broadcast against each other: it is what costs.
    x, y = _argument(a, side_a, mu, temperature), _argument(b, side_b, mu, temperature)
    at_a, at_b, jump = digamma(x), digamma(y), 0.5j * np.pi * (side_a - side_b)
    near = (jump == 0) & (np.abs(x - y) < NEAR * RADIUS * _clearance((x + y) / 2))
    value = np.asarray((at_a - at_b + jump) / np.where(near, 1.0, a - b))
    if np.any(near):
        x, y, side = (part[near] for part in np.broadcast_arrays(x, y, side_a, value)[:3])
        value[near] = side / (2j * np.pi * temperature) * _slope(x, y)
    return value


def _clearance(x: Array) -> Array:
    """Distance from the poles of ψ: 0, -1, -2, ..."""
    return np.abs(x - np.minimum(np.round(x.real), 0.0))


def _slope(x: Array, y: Array) -> Array:
    """[ψ(x) - ψ(y)]/(x - y) of near points by Cauchy's integral over a circle around both."""
    middle = (x + y) / 2
    radius = RADIUS * _clearance(middle)
    turn = radius[:, None] * CIRCLE
    around = middle[:, None] + turn
    return np.mean(digamma(around) * turn / ((around - x[:, None]) * (around - y[:, None])), axis=1)
