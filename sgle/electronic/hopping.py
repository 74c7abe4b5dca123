"""From a hopping function of the vector between two sites to matrices: the Hamiltonian, the derivative of a hopping."""

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Hopping = Callable[[Array], Array]  # vectors r_j - r_i (n, 3) [Å] -> blocks H_ij (n, b, b) [eV], 0 beyond its reach
Gradient = Callable[[Array], Array]  # the same vectors -> ∂H_ij/∂r (n, 3, b, b) [eV/Å]


def pair_vectors(positions: Array, first: Array | None = None) -> Array:
    """r_j - r_i from the sites `first` (default all) to all sites, (n_first, n_sites, 3)."""
    positions = np.asarray(positions, dtype=float)
    return positions[None] - (positions if first is None else positions[first])[:, None]


def hamiltonian(positions: Array, hopping: Hopping, onsite: Array | float = 0.0) -> Array:
    """H (n_sites b, n_sites b) [eV] of sites at these positions (n_sites, 3) [Å].

    onsite : number, (n_sites,) or (n_sites, b, b) [eV].    Sites i ≠ j are joined by hopping(r_j - r_i), which must
    satisfy hopping(-r) = hopping(r)†.
    """
    n = len(positions)
    blocks = hopping(pair_vectors(positions).reshape(-1, 3))
    b = blocks.shape[-1]
    blocks = blocks.reshape(n, n, b, b).copy()
    onsite = np.asarray(onsite)
    blocks[np.arange(n), np.arange(n)] = onsite if onsite.ndim == 3 else np.multiply.outer(onsite, np.eye(b))
    return blocks.swapaxes(1, 2).reshape(n * b, n * b)


def central_difference(hopping: Hopping, step: float = 1e-4) -> Gradient:
    """∂H/∂r of any hopping function by central differences, error O(step²); step in Å."""

    def gradient(r: Array) -> Array:
        shifts = step * np.eye(3)
        return np.stack([(hopping(r + s) - hopping(r - s)) / (2 * step) for s in shifts], axis=1)

    return gradient
