"""Electron-hole pairs of wide-band levels in closed form: broadenings, strengths and self-energy (001 Eq. 7).

With A_α and A_β sums over poles, Γ^{αβ} and Π_e are sums of digamma functions over pairs of poles, analytic in ω: no
table, no cutoff, no quadrature, and a continuation below the real axis that is the same formula.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sgle.ehp.digamma import CIRCLE, RADIUS, pair_integral
from sgle.ehp.levels import Poles
from sgle.electronic.pairs import Occupation
from sgle.errors import BathError

Array = np.ndarray
MOST = 1 << 18  # pair integrals at a time


@dataclass(frozen=True, eq=False)
class ClosedPairs:
    """Closed forms at one occupation of the electrodes.

    poles : of the structure.    couplings : M^k (n, m, m) in its orthogonal orbitals.    occupation : T_L = T_R > 0.
    spin : g_s.    Raises BathError.
    """

    poles: Poles
    couplings: Array
    occupation: Occupation
    spin: float = 2

    def __post_init__(self) -> None:
        *_, left, right = self.occupation
        if left != right:
            raise BathError(
                f"the closed form of electron-hole pairs needs one temperature, the electrodes have {left:.6g} and "
                f"{right:.6g} eV. Use road='quadrature', or sgle.baths.electron_hole_pairs for a bath.",
                temperatures=(left, right),
            )
        if not left > 0:
            raise BathError(f"electron-hole pairs need a temperature above zero, not {left!r}", temperature=left)

    @property
    def temperature(self) -> float:
        """T_e."""
        return self.occupation.t_left

    @property
    def strip(self) -> float:
        """How far below the real axis everything is analytic: to a pair of poles, or to a pole and the first Matsubara
        frequency.
        """
        return self.poles.strip + min(self.poles.strip, np.pi * self.temperature)

    def broadening(self, channel: str, omega: Array) -> Array:
        """Γ^{αβ}(ω) = g_s ∫dε/2π Tr[M^k A_α(ε+ω) M^l A_β(ε)] (f_β(ε) - f_α(ε+ω)), (n_w, n, n) Hermitian."""
        x = omega - self.occupation.potential(channel)
        return x[:, None, None] * self.strength(channel, omega)

    def strength(self, channel: str, omega: Array) -> Array:
        """Γ^{αβ}/(ω - μ_αβ) ≥ 0, (n_w, n, n) Hermitian, finite at ω = μ_αβ too."""
        potential = self.occupation.potential(channel)
        x = omega - potential
        radius = RADIUS * self.strip
        near = np.abs(x) < radius / 2
        safe = np.where(near, 1.0, x)
        found = self._difference(channel, omega) / safe[:, None, None]
        if np.any(near):
            around = (omega[near, None] + radius * CIRCLE).ravel()
            mean = self._difference(channel, around) / (around - potential)[:, None, None]
            found[near] = mean.reshape(-1, CIRCLE.size, *found.shape[1:]).mean(axis=1)
        return (found + np.conj(np.swapaxes(found, 1, 2))) / 2

    def _difference(self, channel: str, omega: Array) -> Array:
        """Γ^{αβ} as it stands, also at complex ω, (n_w, n, n)."""
        upper, lower = channel[0], channel[1]
        z, side = self.poles.signed
        mu_up, mu_low, t = self.occupation.of(upper)[0], self.occupation.of(lower)[0], self.temperature
        p, q, weights = self._weights[channel]

        def some(w: Array) -> Array:
            w = w[:, None]
            ends = [pair_integral(z[p] - w, side[p], z[q], side[q], mu, t) for mu in (mu_low, mu_up - w)]
            return np.tensordot(ends[0] - ends[1], weights, axes=1)

        return self.spin / (2 * np.pi) * _in_pieces(some, omega, p.size)

    @cached_property
    def _weights(self) -> dict[str, tuple[Array, Array, Array]]:
        """Tr[M^k C^α_p M^l C^β_q] of the four channels, as pairs p, q (m,) that have any and weights (m, n, n)."""
        left = {name: np.einsum("kij,pjl->kpil", self.couplings, self.poles.of(name)) for name in "LR"}
        return {a + b: _pairs(np.einsum("kpij,lqji->pqkl", left[a], left[b])) for a in "LR" for b in "LR"}

    def self_energy(self, z: Array) -> Array:
        """Π_e(z) = g_s ∫dε {Tr[M^k G(ε+z) M^l ρ(ε)] + Tr[M^l G†(ε-z) M^k ρ(ε)]}, ρ = Σ_α f_α A_α/2π, (n_z, n, n).

        Retarded for Im z ≥ 0, continued below to the depth `strip`; nothing left out (reference section 4, dictionary).
        """
        first, (poles, side), t = self.poles.z, self.poles.signed, self.temperature

        def some(w: Array) -> Array:
            w = w[:, None]
            total: Array | float = 0.0
            for name, ((p, q, ahead), (r, s, behind)) in self._propagating.items():
                mu = self.occupation.of(name)[0]
                electrons = pair_integral(first[p] - w, -1.0, poles[q], side[q], mu, t)
                holes = pair_integral(np.conj(first[r]) + w, 1.0, poles[s], side[s], mu, t)
                total = total + np.tensordot(electrons, ahead, axes=1) + np.tensordot(holes, behind, axes=1)
            return np.asarray(total)

        return self.spin / (2 * np.pi) * _in_pieces(some, np.asarray(z, complex), first.size * poles.size)

    @cached_property
    def _propagating(self) -> dict[str, list[tuple[Array, Array, Array]]]:
        """Tr[M^k R_p M^l C_q] and Tr[M^l R_p† M^k C_q] of each electrode, as pairs that have any and weights."""
        r = self.poles.residues
        ahead = np.einsum("kij,pjl->kpil", self.couplings, r)
        behind = np.einsum("kij,pjl->kpil", self.couplings, np.conj(np.swapaxes(r, 1, 2)))
        electron = {name: np.einsum("kij,qjl->kqil", self.couplings, self.poles.of(name)) for name in "LR"}
        return {
            name: [_pairs(np.einsum("kpij,lqji->pqkl", ahead, x)), _pairs(np.einsum("lpij,kqji->pqkl", behind, x))]
            for name, x in electron.items()
        }


def _pairs(weights: Array) -> tuple[Array, Array, Array]:
    """Indices p, q of the pairs whose weights (p, q, n, n) are not all zero, and these."""
    p, q = np.nonzero(np.any(weights, axis=(2, 3)))
    return p, q, weights[p, q]


def _in_pieces(function: Callable[[Array], Array], omega: Array, each: int) -> Array:
    """function(ω), few enough frequencies at a time that the pair integrals fit into the cache."""
    pieces = max(1, -(-omega.size * each // MOST))
    return np.concatenate([function(some) for some in np.array_split(omega, pieces)])
