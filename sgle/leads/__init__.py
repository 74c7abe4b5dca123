"""Semi-infinite crystals as electrodes, for electrons and phonons alike (physics.md 3; reference/junctions.md 4).

Two-dimensional in-plane meshes, principal layers by decimation, projection on given surface atoms, Dyson's equation.
"""

from sgle.leads.crystal import Surface
from sgle.leads.decimation import surface_greens_function
from sgle.leads.dyson import embedded, modified
from sgle.leads.mesh import square_operations, wave_vectors
from sgle.leads.projection import real_space

__all__ = [
    "Surface",
    "embedded",
    "modified",
    "real_space",
    "square_operations",
    "surface_greens_function",
    "wave_vectors",
]
