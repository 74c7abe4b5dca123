"""Sums of equal Gaussians on a ladder of frequencies: smooth interpolation that never leaves the positive cone.

Node values that are Hermitian ≥ 0 stay so between the nodes and on any time grid, the kernel ends like a Gaussian, and
kernel and causal transform are closed forms (physics.md 2). Price: the values are smoothed, φ → φ + (w²/4) φ''.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import wofz

Array = np.ndarray
WIDTH = 1.3  # of a Gaussian in steps of the ladder: their sum ripples by 2 exp(-π² 1.3²) = 1e-7


@dataclass(frozen=True, eq=False)
class Mixture:
    """φ_j(ω) = Σ_i weights_ij (step/√π w) exp(-(ω-centre_i)²/w²), w = 1.3 step.

    centres (g,) ascending, symmetric about 0, `step` apart.    weights (g, m).    even : weights are mirror symmetric,
    kernels real; otherwise the functions are any and kernels complex.
    """

    centres: Array
    weights: Array
    even: bool = True

    @property
    def step(self) -> float:
        """Distance of the centres."""
        return float(self.centres[1] - self.centres[0])

    @property
    def width(self) -> float:
        """w."""
        return WIDTH * self.step

    @property
    def edges(self) -> tuple[float, ...]:
        """No edge."""
        return ()

    @property
    def extent(self) -> float:
        """Where the last Gaussian has fallen below 1e-16."""
        return float(self.centres[-1]) + 6.1 * self.width

    @property
    def bandwidth(self) -> float:
        """Beyond it the functions have less than a hundredth of their largest value."""
        size = np.abs(self.weights).max(axis=1)
        return float(np.abs(self.centres[size > 1e-2 * size.max()]).max())

    def __call__(self, omega: Array) -> Array:
        """φ_j(ω), (n_w, m); at complex ω the same function, which has no singularity."""
        x = (np.asarray(omega)[:, None] - self.centres) / self.width
        return np.exp(-(x**2)) @ self.weights / (np.sqrt(np.pi) * WIDTH)

    def kernel(self, t: Array) -> Array:
        """∫dω/2π φ_j(ω) e^{-iωt}, (n_t, m)."""
        t = np.asarray(t, dtype=float)
        phase = np.outer(t, self.centres)
        waves = np.cos(phase) if self.even else np.exp(-1j * phase)
        envelope = np.exp(-((self.width * t / 2) ** 2)) * (self.step / (2 * np.pi))
        return envelope[:, None] * (waves @ self.weights)

    def causal(self, z: Array) -> Array:
        """∫_0^∞ dt e^{izt} (kernel at t), (n_z, m): half a Faddeeva function for each Gaussian."""
        x = (np.asarray(z, complex)[:, None] - self.centres) / self.width
        return wofz(x) @ self.weights / (2 * np.sqrt(np.pi) * WIDTH)

    continued = causal

    @property
    def cuts(self) -> tuple[float, ...]:
        """None."""
        return ()

    @property
    def reach(self) -> float:
        """Where the ripple of the ladder, which grows as e^{2πy/step}, has become 1e-2 of the function."""
        return 1.8 * self.step


def flat_top(omega: Array, cutoff: float) -> Array:
    """Cutoff φ = e^{-x²}(1 + x² + x⁴/2 + x⁶/6 - 4x⁸/9 + 2x¹⁰/9), x = ω/cutoff: 1 - 0.49 x⁸ inside, 3e-5 at x = 5.

    The last two coefficients make ∫(φ-1)/x² dx and ∫(φ-1)/x⁴ dx vanish: what is cut away and what is added outside (up
    to 2.9 at x = 2.4) leave no term ω² or ω⁴ in Re Π(ω), nor ω or ω³ in its antisymmetric part, of a bath with constant
    friction and constant Im Γ: the vibrations do not notice the cutoff.
    """
    x2 = (np.asarray(omega, dtype=float) / cutoff) ** 2
    return np.exp(-x2) * (1 + x2 * (1 + x2 * (1 / 2 + x2 * (1 / 6 + x2 * (-4 / 9 + x2 * 2 / 9)))))


def banded(nodes: Array, cutoff: float, even: bool) -> Mixture:
    """One function per node of a uniform ladder 0, h, 2h, ...: hat-like inside, the last one continued to the cutoff.

    even=True : m functions, node j standing for ±ω_j. even=False : 2m-1 functions for the nodes -ω_m ... ω_m.
    """
    step, m = nodes[1] - nodes[0], len(nodes)
    outer = max(m - 1, int(np.ceil(6 * cutoff / step)))
    ladder = np.arange(-outer, outer + 1)
    inside = np.clip(ladder, 1 - m, m - 1)
    column = np.abs(inside) if even else inside + m - 1
    weights = np.zeros((len(ladder), m if even else 2 * m - 1))
    weights[np.arange(len(ladder)), column] = flat_top(step * ladder, cutoff)
    return Mixture(step * ladder, weights, even)
