"""Kinetic energy per degree of freedom: ½ v_n² at the grid points (physics.md 5, 000 Eq. 7)."""

from typing import Any

import numpy as np


def kinetic_energy(block: Any) -> np.ndarray:
    """½ v_n² of every dof, mass-normalised velocities, in eV. Returns : (B, R, N)."""
    return 0.5 * block.velocity**2
