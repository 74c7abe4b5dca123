"""The scattering picture of the asymmetry, computed: electrons that move right emit phonons that move right
(000 Eqs. 10, 11, 56-61 and Fig. 4).

An atomic chain with hopping t between neighbours at rest and t + t'(u_{j+1} - u_j) when they move; an electron comes
from L with momentum k_L > 0 and leaves into the empty state from R, whose momentum is k_R < 0 (for t < 0, where the
velocity -2t sin k has the sign of k). Nothing is assumed about its states: they are solved for as they come out of
the leads, through obstacles (`onsite`) if there are any. A phonon q moves the atoms as u_j = e^{iqj}, its coupling is
M^q = Σ_j e^{iqj} M^j over the atoms whose motion counts, and M^q_{LR} = ⟨ψ_L|M^q|ψ_R⟩.

What is right of the printed equations (each is a test):
- Eq. 56 is right as printed, for atoms n, n+1 on sites n-1 ... n+2. It is symmetric, not Hermitian: M^{q†} = M^{-q}.
- Eq. 57 is right for M^q_{LR} = ⟨ψ_L|M^q|ψ_R⟩, whose modulus is that of the *emission* of q by an electron going from L
  to R, ⟨ψ_R|M^{-q}|ψ_L⟩; absorption has cos²½(q + k_L - k_R). What "∼" hides: for a uniform chain
  |M^q_{LR}|² = 64 t'² cos²½(k_L+k_R) sin²½(k_L-k_R) cos²½(q-k_L+k_R).
- Eqs. 11, 58: with the same factor, ΔM = 64 t'² cos² sin² · sin q sin(k_L-k_R). It holds for any states in the form
  ΔM = 4 sin q Im(⟨ψ_L|M^n|ψ_R⟩⟨ψ_R|M^{n+1}|ψ_L⟩), which is the relation between Eqs. 58 and 60.
- Eq. 59 is right: 4 cos²½(q±|q|) times the |D(m,n)|² of one atom's force.
- Eq. 61 misses a sign and the density of states: (Im Ã_L)_{n+1,n} = -sin q Ã_nn with Ã_nn = 1/(2k sin q), spring k, so
  that it does not depend on q at all. The sign is that of the time-reversed D†Γ_L D; D Γ_L D† has +sin q.
- Eq. 53: neighbours' hopping alone gives A_α(-ε) = σ A_α(ε)* σ with σ = (-1)^j, not A_α(-ε) = A_α(ε)*. As M^j connects
  neighbours, the signs drop out of every trace and Eqs. 54, 55 hold.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sgle.errors import InputError
from sgle.shapes import Rubin

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Chain:
    """An atomic chain between its own continuations.

    sites : atoms solved for.    hopping t [eV] (E = 2t cos k).    derivative t' = dt/du, coupling of a bond to its
    stretching [eV^1.5].    onsite : (sites,) energies of obstacles [eV].
    """

    sites: int
    hopping: float = -1.0
    derivative: float = 1.0
    onsite: Array = field(default_factory=lambda: np.zeros(1))

    def __post_init__(self) -> None:
        if self.sites < 2 or self.hopping == 0:
            raise InputError(f"a chain needs at least 2 sites and a hopping, not {self.sites} and {self.hopping:g}")
        onsite = np.broadcast_to(np.asarray(self.onsite, dtype=float), (self.sites,))
        object.__setattr__(self, "onsite", onsite)

    @property
    def hamiltonian(self) -> Array:
        """(sites, sites) real."""
        bonds = self.hopping * np.eye(self.sites, k=1)
        return np.diag(self.onsite) + bonds + bonds.T

    def momentum(self, energy: float) -> float:
        """k of the wave that moves right: in (0, π) for t < 0, (-π, 0) for t > 0. InputError outside the band."""
        if abs(energy) >= 2 * abs(self.hopping):
            raise InputError(f"energy {energy:g} lies outside the band of ±{2 * abs(self.hopping):g} eV")
        k = float(np.arccos(energy / (2 * self.hopping)))
        return k if self.hopping < 0 else -k

    def energy(self, momentum: float) -> float:
        """2t cos k."""
        return 2 * self.hopping * float(np.cos(momentum))

    def greens_function(self, energy: float) -> Array:
        """Retarded G = [E - H - Σ_L - Σ_R]⁻¹, (sites, sites); Σ = t e^{ik} at either end."""
        inverse = energy * np.eye(self.sites) - self.hamiltonian.astype(complex)
        for end in (0, -1):
            inverse[end, end] -= self.hopping * np.exp(1j * self.momentum(energy))
        return np.linalg.inv(inverse)

    def state(self, energy: float, side: str) -> Array:
        """ψ of an electron coming from this side ("L" or "R") with amplitude 1, (sites,) complex.

        Uniform: e^{ikj} from L, e^{-ik(j-sites+1)} from R.
        """
        column = self.greens_function(energy)[:, {"L": 0, "R": -1}[side]]
        return -2j * self.hopping * np.sin(self.momentum(energy)) * column

    def velocity(self, energy: float) -> float:
        """|dE/dk| [eV]: ψψ†/|v| is the spectral function A = G Γ G†."""
        return 2 * abs(self.hopping * np.sin(self.momentum(energy)))

    def coupling(self, atom: int) -> Array:
        """M^j = ∂H/∂u_j, (sites, sites): -t' on the bond to the right, +t' on that to the left (Eq. 10)."""
        if not 0 < atom < self.sites - 1:
            raise InputError(f"atom {atom} must have both neighbours among the {self.sites} sites of the chain")
        half = np.zeros((self.sites, self.sites))
        half[atom, atom + 1], half[atom - 1, atom] = -self.derivative, self.derivative
        return half + half.T

    def mode_coupling(self, q: float, atoms: Any) -> Array:
        """M^q = Σ_j e^{iqj} M^j over these atoms, j counted from the first of them (Eq. 56 for two neighbours)."""
        atoms = np.atleast_1d(atoms)
        phases = np.exp(1j * q * (atoms - atoms[0]))
        return np.einsum("j,jab->ab", phases, np.array([self.coupling(int(j)) for j in atoms]))

    def element(self, matrix: Array, upper: float, lower: float) -> complex:
        """⟨ψ_L|matrix|ψ_R⟩ between the state from L at energy `upper` and that from R at energy `lower`."""
        return complex(np.conj(self.state(upper, "L")) @ matrix @ self.state(lower, "R"))


def rate(chain: Chain, q: float, upper: float, lower: float, atoms: Any) -> float:
    """|M^q_{LR}|²: an electron from L at `upper` goes into the state from R at `lower` and emits q (Eq. 57)."""
    return abs(chain.element(chain.mode_coupling(q, atoms), upper, lower)) ** 2


def difference(chain: Chain, q: float, upper: float, lower: float, atoms: Any) -> float:
    """ΔM = |M^q_{LR}|² - |M^{-q}_{LR}|²: phonons to the right less phonons to the left (Eqs. 11, 58)."""
    return rate(chain, q, upper, lower, atoms) - rate(chain, -q, upper, lower, atoms)


def interference(chain: Chain, upper: float, lower: float, atom: int) -> float:
    """Im ⟨ψ_L|M^n|ψ_R⟩⟨ψ_R|M^{n+1}|ψ_L⟩ of two neighbours (Eq. 60): what makes Im Γ^{RL}, and ΔM/(4 sin q)."""
    first, second = (chain.element(chain.coupling(j), upper, lower) for j in (atom, atom + 1))
    return float((first * np.conj(second)).imag)


def pair_strengths(chain: Chain, energy: float, atoms: Any, spin: int = 2) -> tuple[Array, Array]:
    """intra = λ_LL + λ_RR and inter = λ_RL of sgle.baths.flat_band for electrons at this energy, (n, n) each.

    λ^{αβ}_kl = g_s Tr[M^k A_α M^l A_β]/8π² (physics.md 4), A = ψψ†/|v|.
    """
    couplings = [chain.coupling(int(j)) for j in np.atleast_1d(atoms)]
    psi = {side: chain.state(energy, side) / np.sqrt(chain.velocity(energy)) for side in "LR"}

    def strength(a: str, b: str) -> Array:
        element = np.array([np.conj(psi[b]) @ m @ psi[a] for m in couplings])
        return spin / (8 * np.pi**2) * np.outer(element, np.conj(element))

    intra = strength("L", "L") + strength("R", "R")
    return _real(intra), strength("R", "L")


def _real(matrix: Array) -> Array:
    """λ_LL + λ_RR is real: each M is, and ψ_α occurs with its conjugate."""
    return (matrix + matrix.T).real / 2


def lattice_response(omega: float, sites: int, spring: float = 1.0) -> Array:
    """D₀(ω) of a uniform chain between its continuations, (sites, sites); outgoing waves e^{iq|m-n|}."""
    inverse = (omega**2 - 2 * spring) * np.eye(sites) + spring * (np.eye(sites, k=1) + np.eye(sites, k=-1)) + 0j
    pi = Rubin(spring).self_energy(np.array([omega]))[0]
    inverse[0, 0] -= pi
    inverse[-1, -1] -= pi
    return np.linalg.inv(inverse)


def wave_number(omega: float, spring: float = 1.0) -> float:
    """q in (0, π) of ω = 2√k sin(q/2). Raises InputError above the band."""
    if not 0 < omega < 2 * np.sqrt(spring):
        raise InputError(f"frequency {omega:g} lies outside the phonon band 0 ... {2 * np.sqrt(spring):g}")
    return float(2 * np.arcsin(omega / (2 * np.sqrt(spring))))


def response(omega: float, sites: int, atom: int, direction: int = 1, spring: float = 1.0) -> Array:
    """⟨m|D₀|s⟩ for all m, (sites,): the motion that forces 1, e^{±iq} on atom, atom + 1 excite (Eq. 59).

    direction : +1 for q(ω), which radiates to the right only as q is small, -1 for -q.
    """
    force = np.zeros(sites, complex)
    force[atom], force[atom + 1] = 1, np.exp(1j * direction * wave_number(omega, spring))
    return lattice_response(omega, sites, spring) @ force


def left_spectral(omega: float, sites: int, spring: float = 1.0) -> Array:
    """Ã_L⁰ = D₀†Γ_L D₀, time-reversed, (sites, sites) (Eq. 61)."""
    d = lattice_response(omega, sites, spring)
    gamma = -2 * Rubin(spring).self_energy(np.array([omega]))[0].imag
    return gamma * np.outer(np.conj(d[0]), d[0])
