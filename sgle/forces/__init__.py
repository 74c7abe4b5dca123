"""The five forces of a current on nuclei (004: Todorov, Dundas, Lü, Brandbyge, Hedegård, Current-induced forces).

Mean force and confining potential, non-conservative wind, friction, Lorentz-like force, noise: of any structure between
two electrodes, at one frequency of vibration. The baths of a junction hold the same physics at all frequencies
(sgle.baths.electron_hole_pairs); a wire without atoms is sgle.jellium.
"""

from sgle.forces.matrices import ForceMatrices, force_matrices
from sgle.forces.mean import mean_force, static_stiffness, waterwheel_work
from sgle.forces.noise import force_noise, oscillator_energy, quantum_energy

__all__ = [
    "ForceMatrices", "force_matrices", "force_noise", "mean_force", "oscillator_energy", "quantum_energy",
    "static_stiffness", "waterwheel_work",
]  # fmt: skip
