"""Emission and absorption by the four kinds of electron-hole pairs of any two-electrode structure (001 Eqs. 4-7).

    abs^{αβ}(ω) = g_s ∫dε/2π T(ε) f_β(ε)[1 - f_α(ε+ω)],     em^{αβ}(ω) = g_s ∫dε/2π T(ε) f_α(ε+ω)[1 - f_β(ε)],
    T_kl(ε) = Tr[M^k A_α(ε+ω) M^l A_β(ε)]

Two roads: sums over poles for electrodes of a wide band (sgle.ehp.closed), adaptive quadrature for any, also for T_L ≠
T_R. With one temperature em/abs = exp[-(ω-μ_αβ)/T] in each channel (001 Eq. 4): an equilibrium boson bath with the
chemical potential of the reaction e_α + h_β ⇌ boson. sgle.electronic.pairs makes the same rates from tables of T(ε),
which it keeps for every bias: less accurate, and quick for many atoms.
Errata: 001 Eq. 7, first line, lacks 2π; LR (EHP-4) has +eV and RL (EHP-3) -eV, not the other way round.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sgle.check import array, number
from sgle.ehp.closed import ClosedPairs
from sgle.ehp.levels import is_wide_band, poles
from sgle.electronic.pairs import CHANNELS, SPIN, Occupation
from sgle.electronic.structure import ElectronicStructure
from sgle.errors import BathError, QuadratureError
from sgle.occupation import absorption_factor, emission_factor, fermi
from sgle.quadrature import integrate

Array = np.ndarray
BEYOND = 40  # temperatures integrated beyond both chemical potentials: e^-40 is left out
LADDER = np.concatenate([-(3.0 ** np.arange(4, -2, -1)), [0.0], 3.0 ** np.arange(-1, 5)])
ROADS = ("closed", "quadrature")


class PairRates(NamedTuple):
    """Rates at ω (n_w,), each (4, n_w, n, n) Hermitian ≥ 0 [eV²] in the order of sgle.electronic.pairs.CHANNELS.

    absorption : the vibration loses a quantum.    emission : it gains one.
    """

    omega: Array
    absorption: Array
    emission: Array

    @property
    def broadening(self) -> Array:
        """Γ^{αβ} = abs - em (001's Λ^{αβ}), (4, n_w, n, n)."""
        return self.absorption - self.emission

    @property
    def noise(self) -> Array:
        """S^{αβ} = ½(abs + em), (4, n_w, n, n)."""
        return (self.absorption + self.emission) / 2

    def chemical_potential(self, temperature: float) -> Array:
        """ω + T ln(Tr em/Tr abs) of each channel, (4, n_w): μ_αβ where the electrodes have one temperature T.

        NaN where a channel has no pairs.
        """
        absorbed, emitted = (np.einsum("cwkk->cw", part).real for part in (self.absorption, self.emission))
        known = (absorbed > 0) & (emitted > 0)
        ratio = np.divide(emitted, absorbed, out=np.ones_like(emitted), where=known)
        return np.where(known, self.omega + temperature * np.log(ratio), np.nan)


def pair_rates(
    structure: ElectronicStructure,
    couplings: Any,
    omega: Any,
    occupation: Occupation,
    *,
    spin: float = SPIN,
    road: str | None = None,
    edges: Sequence[float] = (),
    rtol: float = 1e-12,
) -> PairRates:
    """Rates of the channels LL, RR, LR, RL at any real frequencies.

    couplings : M^k (n, m, m) Hermitian [eV^1.5] on the structure's m orbitals.    occupation : μ and T of electrodes L
    and R.    spin : g_s, 2 unless the model is one of spinless electrons, as those of 001.
    road : "closed", "quadrature" or the first of them that is possible.    edges : energies at which electrodes have
    band edges, where the quadrature breaks.    rtol : of the quadrature.
    Raises BathError; QuadratureError where the quadrature does not converge.
    """
    omega, couplings = require_frequencies(omega), require_couplings(couplings, len(structure))
    require_two(structure, occupation)
    if not number(spin, "spin") > 0:
        raise BathError(f"spin {spin:g} must be positive", spin=spin)
    if road not in (None, *ROADS):
        raise BathError(f"unknown road {road!r}; known: {', '.join(ROADS)}")
    if road == "closed" or (road is None and _closed_form(structure, occupation)):
        known = poles(structure)
        return _by_poles(ClosedPairs(known, known.couplings(couplings), occupation, spin), omega)
    points = _Integrand(structure, couplings, occupation, tuple(edges))
    found = [points.integral(float(w), rtol) for w in omega]
    return PairRates(omega, *(spin / (2 * np.pi) * np.stack(part, axis=1) for part in zip(*found, strict=True)))


def require_couplings(couplings: Any, orbitals: int) -> Array:
    """M^k (n, m, m), Hermitian and finite. Raises BathError."""
    given = array(couplings, "couplings", complex)
    given = given[None] if given.ndim == 2 else given
    if given.ndim != 3 or given.shape[1:] != (orbitals, orbitals) or not np.all(np.isfinite(given)):
        raise BathError(f"couplings must be finite, (n_dof, {orbitals}, {orbitals}), not {given.shape}")
    apart = np.abs(given - np.conj(np.swapaxes(given, 1, 2))).max(initial=0.0)
    if apart > 1e-12 * np.abs(given).max(initial=0.0):
        raise BathError(
            f"couplings M^k must be Hermitian, as H(u) = H + Σ_k M^k u_k is: M - M† reaches {apart:.3g}. Look for an "
            "element given on one side of the diagonal only.",
            difference=apart,
        )
    return given if np.any(given.imag) else given.real


def require_frequencies(omega: Any) -> Array:
    """ω (n_w ≥ 1,), real and finite. Raises BathError."""
    found = np.atleast_1d(array(omega, "omega"))
    if found.ndim != 1 or not found.size or np.iscomplexobj(found) or not np.all(np.isfinite(found)):
        raise BathError(f"frequencies must be real and finite, (n_w,), not {found.dtype} {found.shape}")
    return found


def require_two(structure: ElectronicStructure, occupation: Occupation) -> None:
    """Electrodes L and R and no other, temperatures above zero. Raises BathError."""
    if set(structure.electrodes) != set("LR"):
        raise BathError(
            f"electron-hole pairs need two electrodes called L and R, not {', '.join(structure.electrodes)}: pairs "
            "with a third one would be missing"
        )
    if not np.all(np.isfinite(occupation)) or min(occupation.t_left, occupation.t_right) <= 0:
        raise BathError(
            f"electron-hole pairs need finite potentials and temperatures above zero, not {tuple(occupation)}",
            temperatures=occupation[2:],
        )


def _closed_form(structure: ElectronicStructure, occupation: Occupation) -> bool:
    if not is_wide_band(structure) or occupation.t_left != occupation.t_right:
        return False
    try:
        poles(structure)
    except BathError as error:
        if "condition" in error.numbers:  # levels coalesce
            return False
        raise
    return True


def _by_poles(pairs: ClosedPairs, omega: Array) -> PairRates:
    absorbed, emitted = [], []
    for channel in CHANNELS:
        strength, x = pairs.strength(channel, omega), omega - pairs.occupation.potential(channel)
        absorbed.append(absorption_factor(x, pairs.temperature)[:, None, None] * strength)
        emitted.append(emission_factor(x, pairs.temperature)[:, None, None] * strength)
    return PairRates(omega, np.stack(absorbed), np.stack(emitted))


class _Integrand(NamedTuple):
    """T(ε) times occupations, and where to break its integral."""

    structure: ElectronicStructure
    couplings: Array
    occupation: Occupation
    edges: tuple[float, ...]

    def integral(self, omega: float, rtol: float) -> tuple[Array, Array]:
        """(abs, em) of all channels at one frequency, (4, n, n) each, without g_s/2π."""
        both = [self._channel(channel, omega, rtol) for channel in CHANNELS]
        return np.stack([pair[0] for pair in both]), np.stack([pair[1] for pair in both])

    def _channel(self, channel: str, omega: float, rtol: float) -> tuple[Array, Array]:
        (mu_up, t_up), (mu_low, t_low) = (self.occupation.of(name) for name in channel)
        n = len(self.couplings)

        def integrand(energies: Array) -> Array:
            t, scale = self._transitions(channel, energies, omega)
            up, low = energies + omega - mu_up, energies - mu_low
            weights = np.stack([fermi(low, t_low) * fermi(-up, t_up), fermi(up, t_up) * fermi(-low, t_low)], axis=1)
            products = weights[:, :, None, None] * t[:, None]
            parts = [part.reshape(len(t), -1) for part in (products.real, products.imag)]
            return np.concatenate([*parts, (weights.sum(axis=1) * scale)[:, None]], axis=1)

        try:
            total = integrate(integrand, self._breaks(channel, omega), rtol=rtol)[0][:-1]
        except np.linalg.LinAlgError:
            raise QuadratureError(
                f"the spectral function of an electrode is infinite at an energy of channel {channel} at ω = "
                f"{omega:.6g}: a band edge. Tell `edges`, or allow more than rtol = {rtol:g} there (1e-8).",
                omega=omega,
                rtol=rtol,
            ) from None
        matrices = (total[: total.size // 2] + 1j * total[total.size // 2 :]).reshape(2, n, n)
        absorbed, emitted = (matrices + np.conj(np.swapaxes(matrices, 1, 2))) / 2
        return absorbed, emitted

    def _transitions(self, channel: str, energies: Array, omega: float) -> tuple[Array, Array]:
        """T_kl(ε), (n_E, n, n), and the size of its terms (n_E,), which tells the quadrature what is rounding: waves
        that go the same way hardly scatter at small ω.
        """
        upper, lower = (
            self.couplings @ self.structure.spectral(name, e)[:, None]
            for name, e in zip(channel, (energies + omega, energies), strict=True)
        )
        sizes = [np.sqrt(np.einsum("ekij,ekij->e", part, np.conj(part)).real) for part in (upper, lower)]
        return np.einsum("ekij,elji->ekl", upper, lower), sizes[0] * sizes[1]

    def _breaks(self, channel: str, omega: float) -> Array:
        """From BEYOND temperatures below both steps to as far above: chemical potentials, levels, edges in between."""
        (mu_up, t_up), (mu_low, t_low) = (self.occupation.of(name) for name in channel)
        steps = [(mu_up - omega, t_up), (mu_low, t_low)]
        low, high = min(mu - BEYOND * t for mu, t in steps), max(mu + BEYOND * t for mu, t in steps)
        crowd = level_places(self.structure, low, high)
        places = np.concatenate([[low, high], *(mu + t * LADDER for mu, t in steps), crowd, crowd - omega])
        edges = np.concatenate([self.edges, np.array(self.edges) - omega])
        # A second mark by rounding beside an edge would put points of the quadrature onto it.
        apart = np.abs(places[:, None] - edges).min(axis=1, initial=np.inf) > 1e-9 * (high - low)
        found = np.unique(np.concatenate([places[apart], edges, [low, high]]))
        return found[(found >= low) & (found <= high)]


def level_places(structure: ElectronicStructure, low: float, high: float) -> Array:
    """Energies in and around the levels of a structure: where to break an integral from low to high."""
    h = structure.hamiltonian.astype(complex)
    for name, electrode in structure.electrodes.items():
        rows = np.array(electrode.orbitals)
        middle = np.clip((low + high) / 2, *electrode.window)
        h[np.ix_(rows, rows)] += structure.self_energy(name, np.array([middle]))[0]
    z = np.linalg.eigvals(np.linalg.solve(structure.overlap, h))
    width = np.maximum(np.abs(z.imag), 1e-6 * (high - low))
    return (z.real[:, None] + width[:, None] * LADDER).ravel()
