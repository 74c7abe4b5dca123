"""Dyson's equation for a surface that a junction has changed, and the self-energy it hands to the device."""

import numpy as np

Array = np.ndarray


def modified(g: Array, delta: Array) -> Array:
    """(1 - g δ)⁻¹ g: Green's function (..., n, n) after the Hamiltonian (or K) changed by δ (n, n) on these atoms."""
    return np.linalg.solve(np.eye(g.shape[-1]) - g @ delta, g)


def embedded(coupling: Array, g: Array, delta: Array | None = None) -> Array:
    """Σ = V (1 - g δ)⁻¹ g V†, (..., n, n): self-energy on the n dofs that V (n, n_s) couples to the surface atoms."""
    changed = g if delta is None else modified(g, delta)
    return coupling @ changed @ np.conj(np.swapaxes(coupling, -1, -2))
