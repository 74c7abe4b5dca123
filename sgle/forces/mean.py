"""Mean force of a steady current on nuclei at rest, its derivative, its work around a closed path (004 Sec. III).

    F_k(u) = -g_s ∫dε Tr[M^k ρ(ε; u)],   ρ of the Hamiltonian H + Σ_l M^l u_l,   K(ω0 → 0) = -∂F_k/∂u_l

At equilibrium F is the gradient of a free energy and does no work on any loop, however large; under bias it does: a
waterwheel (Fig. 2).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sgle.check import array, number
from sgle.ehp.rates import require_couplings
from sgle.electronic.pairs import SPIN, Occupation
from sgle.electronic.structure import ElectronicStructure
from sgle.errors import InputError
from sgle.forces import greens
from sgle.forces.energies import electrons, require_complete

Array = np.ndarray


def mean_force(
    structure: ElectronicStructure,
    couplings: Any,
    occupation: Occupation,
    displacement: Any = None,
    *,
    spin: float = SPIN,
    edges: Sequence[float] = (),
    rtol: float = 1e-10,
) -> Array:
    """F_k (n,) [eV^1.5] with the nuclei at `displacement` (n,), 0 if not given; the overlap does not move.

    Raises BathError, InputError, PhysicsError (states that no electrode fills), QuadratureError.
    """
    couplings = require_couplings(couplings, len(structure))
    states = electrons(displaced(structure, couplings, displacement), occupation, edges)
    require_complete(states)
    total = states.integral(
        lambda energies: np.einsum("kij,eji->ek", couplings, states.filled(energies)), states.steps[1], rtol=rtol
    )
    return -spin * total.real


def static_stiffness(
    structure: ElectronicStructure,
    couplings: Any,
    occupation: Occupation,
    *,
    spin: float = SPIN,
    edges: Sequence[float] = (),
    rtol: float = 1e-10,
) -> Array:
    """K(ω0 → 0) = -∂F_k/∂u_l, (n, n) [eV²]; its antisymmetric part is half the curl of the mean force (Eq. 33)."""
    couplings = require_couplings(couplings, len(structure))
    states = electrons(structure, occupation, edges)
    require_complete(states)
    return spin * greens.response(states, couplings, 0.0, rtol).real


def displaced(structure: ElectronicStructure, couplings: Array, displacement: Any) -> ElectronicStructure:
    """The structure with H + Σ_k M^k u_k. Raises InputError."""
    if displacement is None:
        return structure
    u = array(displacement, "displacement")
    if u.shape != (len(couplings),) or not np.all(np.isfinite(u)):
        raise InputError(f"{len(couplings)} finite displacements are needed, not an array of shape {u.shape}")
    moved = structure.hamiltonian + np.einsum("k,kij->ij", u, couplings)
    return ElectronicStructure(moved, structure.electrodes, structure.overlap)


def waterwheel_work(
    structure: ElectronicStructure,
    couplings: Any,
    occupation: Occupation,
    mode: Any,
    *,
    centre: Any = None,
    points: int = 24,
    spin: float = SPIN,
    edges: Sequence[float] = (),
    rtol: float = 1e-10,
) -> float:
    """Work [eV] of the mean force once around the ellipse u(θ) = centre + Re[mode e^{-iθ}], θ from 0 to 2π.

    mode (n,) complex, of any size.    points : on the ellipse; the sum converges exponentially.
    Small ellipses: π Im(mode† K mode), K the static stiffness.
    """
    couplings, points = require_couplings(couplings, len(structure)), int(number(points, "points"))
    c = array(mode, "mode", complex)
    if c.shape != (len(couplings),) or points < 3:
        raise InputError(f"a mode of {len(couplings)} displacements (not {c.shape}) and 3 points or more are needed")
    middle = np.zeros(len(c)) if centre is None else array(centre, "centre")
    turns = np.exp(-2j * np.pi * np.arange(points) / points)[:, None] * c
    forces = [
        mean_force(structure, couplings, occupation, middle + turn.real, spin=spin, edges=edges, rtol=rtol)
        for turn in turns
    ]
    return float(np.sum(np.array(forces) * (-1j * turns).real) * 2 * np.pi / points)
