"""The forces of electrons on vibrations of one frequency, F = -K X + L V: four kinds of them (004 Secs. II-IV).

Π = K + iω0 L element by element is the electrons' self-energy at ω0, with nothing left out (physics.md 4). 004 is
spinless: all of it times g_s here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle.check import array, number
from sgle.ehp.rates import require_couplings
from sgle.electronic.pairs import SPIN, Occupation
from sgle.electronic.structure import ElectronicStructure
from sgle.errors import InputError
from sgle.forces import greens, pairs
from sgle.forces.energies import electrons, require_complete

Array = np.ndarray
ROADS = {"greens": greens.response, "pairs": pairs.transformed}


@dataclass(frozen=True, eq=False)
class ForceMatrices:
    """K and L of Eq. 14, (n, n) real, for displacements that oscillate at the frequency ω0 > 0 [eV].

    stiffness K [eV²], velocity L [eV]: of mass-normalised displacements, F_k = -Σ_l K_kl X_l + Σ_l L_kl V_l.
    """

    frequency: float
    stiffness: Array
    velocity: Array

    @property
    def conservative(self) -> Array:
        """Symmetric part of K: a change of the dynamical matrix."""
        return (self.stiffness + self.stiffness.T) / 2

    @property
    def nonconservative(self) -> Array:
        """Antisymmetric part of K (Eq. 34): half the curl of the force (Eq. 33); zero without bias."""
        return (self.stiffness - self.stiffness.T) / 2

    @property
    def damping(self) -> Array:
        """Symmetric part of L (Eq. 40): minus the friction; positive eigenvalues feed energy into vibrations."""
        return (self.velocity + self.velocity.T) / 2

    @property
    def lorentz(self) -> Array:
        """Antisymmetric part of L (Eq. 44), the Berry force: does no work; zero without bias."""
        return (self.velocity - self.velocity.T) / 2

    @property
    def self_energy(self) -> Array:
        """Π(ω0) = K + iω0 L, (n, n)."""
        return self.stiffness + 1j * self.frequency * self.velocity

    @property
    def curl(self) -> Array:
        """∂F_b/∂X_a - ∂F_a/∂X_b = K_ab - K_ba (Eq. 33), (n, n)."""
        return self.stiffness - self.stiffness.T

    def power(self, mode: object) -> tuple[float, float]:
        """Mean power of the non-conservative force and of the friction on X(t) = Re[mode e^{-iω0 t}] [eV²/ħ].

        mode : (n,) complex.    Positive feeds the vibration. Eq. 43 is the second; the other two forces do none.
        """
        c = array(mode, "mode", complex)
        if c.shape != (len(self.stiffness),) or not np.all(np.isfinite(c)):
            raise InputError(f"a mode of {len(self.stiffness)} displacements is needed, not one of shape {c.shape}")
        wheel = self.frequency / 2 * np.vdot(c, self.nonconservative @ c).imag
        return float(wheel), float(self.frequency**2 / 2 * np.vdot(c, self.damping @ c).real)

    def driven(self) -> tuple[Array, Array]:
        """Eigenvalues of the damping that are positive, (k,), and their displacements, (n, k): negative friction."""
        values, vectors = np.linalg.eigh(self.damping)
        return values[values > 0], vectors[:, values > 0]


def force_matrices(
    structure: ElectronicStructure,
    couplings: Any,
    frequency: float,
    occupation: Occupation,
    *,
    spin: float = SPIN,
    road: str = "greens",
    edges: Sequence[float] = (),
    rtol: float = 1e-8,
) -> ForceMatrices:
    """K and L at ω0 of any structure between electrodes L and R, biased or not, warm or at T = 0.

    couplings : M^k (n, m, m) Hermitian [eV^1.5], f_k = -M^k.    spin : g_s, 1 for the spinless electrons of 004.
    road : "greens" (Eqs. 20-21, milliseconds) or "pairs" (Eqs. 29-47 from densities of electron-hole pairs, seconds).
    edges : band edges of electrodes that do not know them (sgle.electronic.chain_electrode does).
    rtol : of the integrals, whose true errors are far smaller.
    Raises InputError (ω0 ≤ 0: take `static_stiffness`), BathError, PhysicsError (states that no electrode fills),
    QuadratureError.
    """
    frequency, spin = number(frequency, "frequency"), number(spin, "spin")
    if not frequency > 0:
        raise InputError(
            f"forces are those on vibrations of a frequency above zero, not {frequency:.6g}: L is the response divided "
            "by it. The limit K(ω0 → 0) is static_stiffness; for L take a frequency far below all electronic scales.",
            frequency=frequency,
        )
    if road not in ROADS or not spin > 0:
        raise InputError(f"road {road!r} must be one of {', '.join(ROADS)}, spin {spin:g} positive")
    states = electrons(structure, occupation, edges)
    couplings = require_couplings(couplings, len(structure))
    require_complete(states)
    response = spin * ROADS[road](states, couplings, frequency, rtol)
    return ForceMatrices(frequency, response.real, response.imag / frequency)
