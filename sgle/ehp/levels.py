"""Electronic levels between electrodes of a wide band: a Green's function that is a sum over poles.

With energy-independent Γ_L, Γ_R the device has G(ε) = Σ_p R_p/(ε - z_p), z_p the eigenvalues of H - i(Γ_L + Γ_R)/2, and

    A_α(ε) = G Γ_α G† = Σ_p C^α_p/(ε - z_p) + h.c.,   C^α_p = Σ_q V_p (V⁻¹ Γ_α V⁻†)_pq V_q†/(z_p - z_q*).

001's minimal model (Fig. 2) is two levels, each on an electrode of its own: A_L and A_R are single Lorentzians.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle.check import array, positive, square
from sgle.electronic.structure import Electrode, ElectronicStructure
from sgle.errors import BathError

Array = np.ndarray
WORST = 100.0  # condition number of the eigenvectors; the closed forms lose its square in accuracy
UNBROADENED = 1e-12  # width of a level, relative to the largest energy, below which it is a bound state


@dataclass(frozen=True, eq=False)
class WideBand:
    """Σ(E) = -iΓ/2 at every energy.    broadening Γ : (k, k) Hermitian ≥ 0 [eV]."""

    broadening: Array

    def __call__(self, energies: Array) -> Array:
        """(n_E, k, k)."""
        return np.broadcast_to(-0.5j * self.broadening, (len(energies), *self.broadening.shape))


def wide_band(orbitals: Any, broadening: Any) -> Electrode:
    """An electrode of a wide band on some orbitals of the device; broadening Γ as in WideBand. Raises SpectrumError."""
    orbitals = tuple(np.atleast_1d(orbitals).tolist())
    gamma = positive(square(broadening, len(orbitals), "broadening", complex), "broadening of an electrode")
    return Electrode(orbitals, WideBand(gamma.real if not np.any(gamma.imag) else gamma))


def levels(hamiltonian: Any, left: Any, right: Any) -> ElectronicStructure:
    """Levels between two electrodes L and R of wide bands.

    hamiltonian : (m, m) Hermitian [eV].    left, right : Γ_L, Γ_R (m, m) Hermitian ≥ 0 [eV], or (m,) their diagonals.
    Raises JunctionError, SpectrumError.
    """
    given = np.atleast_2d(array(hamiltonian, "hamiltonian", complex))
    size = len(given)
    if given.shape != (size, size):
        raise BathError(
            f"hamiltonian must be a square matrix, not {given.shape}; energies of levels go on its diagonal"
        )
    every = tuple(range(size))
    ends = {name: _matrix(gamma, size, f"Γ_{name}") for name, gamma in (("L", left), ("R", right))}
    return ElectronicStructure(
        np.atleast_2d(hamiltonian), {name: wide_band(every, gamma) for name, gamma in ends.items()}
    )


def two_levels(energies: Any, broadenings: Any, hopping: float = 0.0) -> ElectronicStructure:
    """001 Fig. 2: level 1 on electrode L, level 2 on R, joined by `hopping` (H_12 = +t) if by anything.

    energies (ε1, ε2), broadenings (γ1, γ2) [eV].
    """
    pairs = [array(pair, name) for pair, name in ((energies, "ε"), (broadenings, "γ"))]
    if any(pair.shape != (2,) for pair in pairs):
        raise BathError(f"two levels have two energies and two broadenings, not {pairs[0].shape} and {pairs[1].shape}")
    (first, second), (left, right) = pairs
    return levels([[first, hopping], [hopping, second]], [left, 0.0], [0.0, right])


def _matrix(gamma: Any, size: int, name: str) -> Array:
    gamma = np.atleast_1d(array(gamma, name, complex))
    if gamma.shape not in ((size,), (size, size)):
        raise BathError(
            f"{name} has shape {gamma.shape}, {size} levels need ({size}, {size}) or ({size},), its diagonal"
        )
    return square(np.diag(gamma) if gamma.ndim == 1 else gamma, size, name, complex)


def is_wide_band(structure: ElectronicStructure) -> bool:
    """True if no electrode's self-energy depends on energy."""
    return all(isinstance(electrode.self_energy, WideBand) for electrode in structure.electrodes.values())


@dataclass(frozen=True, eq=False)
class Poles:
    """G and A_α of a structure as sums over poles, in Löwdin-orthogonal orbitals.

    z (p,) : Im z < 0.    residues R (p, m, m).    spectral C {electrode: (p, m, m)}.    basis S^{-1/2} (m, m).
    """

    z: Array
    residues: Array
    spectral: dict[str, Array]
    basis: Array

    @property
    def signed(self) -> tuple[Array, Array]:
        """The 2p poles of A_α, those above the real axis last, and the sign of Im of each."""
        return np.concatenate([self.z, np.conj(self.z)]), np.repeat([-1.0, 1.0], len(self.z))

    def of(self, electrode: str) -> Array:
        """Residues of A_α at the 2p signed poles, (2p, m, m)."""
        lower = self.spectral[electrode]
        return np.concatenate([lower, np.conj(np.swapaxes(lower, 1, 2))])

    def couplings(self, given: Array) -> Array:
        """Couplings M^k (n, m, m) in the orthogonal orbitals."""
        return self.basis @ given @ self.basis

    @property
    def strip(self) -> float:
        """Distance of the nearest pole from the real axis."""
        return float(np.abs(self.z.imag).min())


def poles(structure: ElectronicStructure) -> Poles:
    """The poles of a wide-band structure.

    Raises BathError for electrodes that depend on energy, for a level that no electrode broadens, and where levels
    coalesce so nearly (exceptional points of H - iΓ/2: condition number of the eigenvectors above 100) that sums over
    poles cancel: the quadrature is right there.
    """
    if not is_wide_band(structure):
        raise BathError("the closed form needs electrodes of a wide band (sgle.ehp.wide_band); use road='quadrature'")
    values, vectors = np.linalg.eigh(structure.overlap)
    basis = (vectors / np.sqrt(values)) @ np.conj(vectors.T)
    gamma = {name: basis @ _full(structure, name) @ basis for name in structure.electrodes}
    effective = basis @ structure.hamiltonian @ basis - 0.5j * sum(gamma.values())
    z, right = np.linalg.eig(effective)
    _require_usable(z, right, effective)
    left = np.linalg.inv(right)
    spectral = {}
    for name, matrix in gamma.items():
        weight = (left @ matrix @ np.conj(left.T)) / (z[:, None] - np.conj(z))
        spectral[name] = np.einsum("ip,pq,jq->pij", right, weight, np.conj(right))
    return Poles(z, np.einsum("ip,pj->pij", right, left), spectral, basis)


def _full(structure: ElectronicStructure, name: str) -> Array:
    rows = np.array(structure.electrodes[name].orbitals)
    matrix = np.zeros((len(structure), len(structure)), complex)
    matrix[np.ix_(rows, rows)] = structure.broadening(name, np.zeros(1))[0]
    return matrix


def _require_usable(z: Array, right: Array, effective: Array) -> None:
    width, scale = -2 * z.imag.max(), np.abs(effective).max()
    if width <= UNBROADENED * scale:
        at = z[np.argmax(z.imag)].real
        raise BathError(
            f"the level at {at:.6g} is broadened by {abs(width):.1e} only: no electrode reaches it, its "
            "occupation is not known. Couple it to an electrode or leave it out.",
            energy=at,
            width=width,
        )
    condition = float(np.linalg.cond(right))
    if condition > WORST:
        raise BathError(
            f"levels coalesce: the eigenvectors of H - iΓ/2 have the condition number {condition:.3g}, above "
            f"{WORST:g}, and sums over poles would cancel. Move a level or a width by a part in a thousand, or take "
            "pair_rates(..., road='quadrature'), and baths.electron_hole_pairs for a bath.",
            condition=condition,
        )
