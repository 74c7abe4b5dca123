"""K and L from Green's functions (004 Eqs. 20-21), and their static limit, the derivative of the mean force.

    Π_kl(ω) = ∫dε {Tr[M^k G(ε+ω) M^l ρ(ε)] + Tr[M^k G(ε-ω) M^l ρ(ε)]*},   K = Re Π(ω0),   L = Im Π(ω0)/ω0

ρ(ε) = Σ_a f_a A_a/2π: all filled states contribute, so that ε runs from the bottom of the bands to the last electrons.
"""

import numpy as np

from sgle.forces.energies import Electrons

Array = np.ndarray


def response(states: Electrons, couplings: Array, omega: float, rtol: float) -> Array:
    """Π(ω0) per spin, (n, n) complex; at ω0 = 0 real, -∂F_k/∂u_l of the mean force."""

    def integrand(energies: Array) -> Array:
        rho = states.filled(energies)
        ahead, behind = (states.structure.greens_function(energies + shift) for shift in (omega, -omega))
        return _trace(couplings, ahead, rho) + np.conj(_trace(couplings, behind, rho))

    return states.integral(integrand, states.steps[1], shifts=(0.0, omega, -omega), rtol=rtol)


def _trace(couplings: Array, g: Array, rho: Array) -> Array:
    """Tr[M^k G M^l ρ], (n_E, n, n)."""
    first, second = couplings @ g[:, None], couplings @ rho[:, None]
    return np.einsum("ekij,elji->ekl", first, second)
