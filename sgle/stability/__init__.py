"""Is there a steady state, and what happens where there is none (physics.md 6)."""

from sgle.stability.critical import MapPoint, Threshold, critical_bias, critical_map, threshold
from sgle.stability.eigenmodes import Eigenmodes, eigenfrequencies, eigenmodes
from sgle.stability.exceptional import ExceptionalPoint, exceptional_point, pair_of_junction, pair_of_matrix
from sgle.stability.follow import Branches, follow
from sgle.stability.motion import Budget, Orbit, angular_momentum, budget, orbit
from sgle.stability.resonances import marks, resonances
from sgle.stability.winding import frequency_scale, require_stable, unstable_count, zero_modes

__all__ = [
    "Branches", "Budget", "Eigenmodes", "ExceptionalPoint", "MapPoint", "Orbit", "Threshold", "angular_momentum",
    "budget", "critical_bias", "critical_map", "eigenfrequencies", "eigenmodes", "exceptional_point", "follow",
    "frequency_scale", "marks", "orbit", "pair_of_junction", "pair_of_matrix", "require_stable", "resonances",
    "threshold", "unstable_count", "zero_modes",
]  # fmt: skip
