"""Is there a steady state, and what happens where there is none (physics.md 6)."""

from sgle.stability.eigenmodes import Eigenmodes, eigenfrequencies, eigenmodes
from sgle.stability.resonances import marks, resonances
from sgle.stability.winding import frequency_scale, require_stable, unstable_count, zero_modes

__all__ = [
    "Eigenmodes", "eigenfrequencies", "eigenmodes", "frequency_scale", "marks", "require_stable", "resonances",
    "unstable_count", "zero_modes",
]  # fmt: skip
