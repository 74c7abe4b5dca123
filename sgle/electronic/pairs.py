"""Electron-hole pairs of a biased conductor by the matrix-element route (physics.md 4; 000 Eqs. 3-6).

With T_kl(ε; ω) = Tr[M^k A_α(ε+ω) M^l A_β(ε)], α the electrode of the upper state and β of the lower, g_s = 2 for spin:

    abs^{αβ}(ω) = g_s ∫dε/2π T f_β(ε)[1 - f_α(ε+ω)],   em^{αβ}(ω) = g_s ∫dε/2π T f_α(ε+ω)[1 - f_β(ε)]

Γ = abs - em, S = ½(abs + em). T = B B† with B^k = ψ_β(ε)† M^k ψ_α(ε+ω) is a Gram matrix, and every weight it is summed
with is ≥ 0: the rates are ≥ 0 to rounding. T knows neither bias nor temperature nor Fermi level; it is made once.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from sgle.check import array
from sgle.electronic.bonds import bonds_of, real_times, transitions
from sgle.electronic.ladder import Ladder
from sgle.electronic.structure import ElectronicStructure
from sgle.errors import BathError
from sgle.occupation import absorption_factor, fermi, noise_factor

Array = np.ndarray
CHANNELS = ("LL", "RR", "LR", "RL")  # electrode of the upper state, of the lower
SPIN = 2
REACH = 15  # temperatures beyond the chemical potentials that are integrated over: e^-15 is left out
FINE = 6  # points per temperature that resolve a Fermi function
COLDEST = 5e-4  # of the energy step: colder Fermi functions take seconds and GB (12 000 points a step here)
KEPT = 64  # dofs up to which tables are kept for the next bias


class Occupation(NamedTuple):
    """Chemical potentials and temperatures [eV] of the two electrodes."""

    left: float
    right: float
    t_left: float
    t_right: float

    def of(self, electrode: str) -> tuple[float, float]:
        """(μ, T) of one electrode."""
        return (self.left, self.t_left) if electrode == "L" else (self.right, self.t_right)

    def potential(self, channel: str) -> float:
        """μ_αβ = μ_α - μ_β."""
        return self.of(channel[0])[0] - self.of(channel[1])[0]

    def temperature(self, channel: str) -> float:
        """Temperature of the channel: the mean of its two electrodes'."""
        return (self.of(channel[0])[1] + self.of(channel[1])[1]) / 2


class Rates(NamedTuple):
    """At the frequencies ω ≥ 0 of the table, (4, m, n, n) in the order of CHANNELS, Hermitian.

    strength : S^{αβ}/h(ω-μ_αβ), h = (x/2) coth(x/2T); ≥ 0. Γ^{αβ}/(ω-μ_αβ) too if T_L = T_R.    broadening : Γ^{αβ}.
    """

    strength: Array
    broadening: Array


class ElectronHolePairs:
    """Tables of T_kl(ε; ω) of a structure and its couplings, made where first asked for.

    structure : electrodes named L and R.    couplings : (n, m, m) real symmetric M^k [eV^1.5] on the m orbitals.
    highest : top of the vibrational band [eV]; T is made at ω = 0, frequency_step, ... up to it.
    frequency_step, energy_step [eV] : of the tables; energies are a multiple of frequencies. T must vary little within
    a step; Fermi functions are integrated exactly against the straight lines between the energies.
    Raises BathError.
    """

    def __init__(
        self,
        structure: ElectronicStructure,
        couplings: Any,
        highest: float,
        frequency_step: float = 5e-3,
        energy_step: float = 10e-3,
    ) -> None:
        couplings, orbitals = array(couplings, "couplings"), len(structure)
        if couplings.ndim != 3 or couplings.shape[1:] != (orbitals, orbitals):
            raise BathError(f"couplings are {couplings.shape}, the structure needs (n_dof, {orbitals}, {orbitals})")
        if not (np.all(np.isfinite(couplings)) and np.array_equal(couplings, np.swapaxes(couplings, 1, 2))):
            raise BathError("couplings M^k must be finite and symmetric: H(u) = H + Σ_k M^k u_k is")
        if np.any(np.imag(couplings)) or not np.any(couplings):
            raise BathError("couplings M^k must be real and not all zero")
        couplings = couplings.real
        if np.any(np.imag(structure.hamiltonian)) or np.any(np.imag(structure.overlap)):
            raise BathError(
                "electron-hole pairs need a real Hamiltonian and overlap (no magnetic field): forces at zero bias that "
                "break time reversal are not part of this bath"
            )
        if set(structure.electrodes) != set("LR"):
            raise BathError(
                f"electron-hole pairs need two electrodes called L and R, not {', '.join(structure.electrodes)}: pairs "
                "with a third one would be missing"
            )
        if not (highest > 0 and frequency_step > 0 and energy_step >= frequency_step):
            raise BathError(
                f"highest {highest}, frequency_step {frequency_step} and energy_step {energy_step} must be positive, "
                "energy_step not the smaller"
            )
        self.structure = structure
        self.every = round(energy_step / frequency_step)
        self.step = frequency_step
        self.frequencies = frequency_step * np.arange(max(3, int(np.ceil(highest / frequency_step - 1e-9)) + 1))
        self.touched = np.flatnonzero(np.any(couplings, axis=(0, 1)))
        self.bonds = bonds_of(couplings[:, self.touched][:, :, self.touched])
        known, keep = structure.window, self.size <= KEPT
        self.waves = {name: Ladder(partial(self._states, name), self.step, known) for name in "LR"}
        self._tables = {c: Ladder(partial(self._table, c), self.every * self.step, known, keep) for c in CHANNELS}

    @property
    def size(self) -> int:
        """Number of dofs n."""
        return len(self.bonds.weights)

    @property
    def compact(self) -> bool:
        """Whether tables are kept by bonds, which are fewer than dofs, and not by dofs."""
        return len(self.bonds.first) < self.size

    def rates(self, occupation: Occupation) -> Rates:
        """Strengths and broadenings of the four channels. Raises BathError outside the electrodes' windows."""
        self.require_known(occupation)
        found = [self._channel(channel, occupation) for channel in CHANNELS]
        return Rates(*(np.stack(column) for column in zip(*found, strict=True)))

    def span(self, occupation: Occupation) -> tuple[float, float]:
        """Lowest and highest energy at which occupations differ."""
        ends = [(mu - REACH * t, mu + REACH * t) for mu, t in (occupation.of("L"), occupation.of("R"))]
        return min(low for low, _ in ends) - self.frequencies[-1], max(high for _, high in ends)

    def require_known(self, occupation: Occupation) -> None:
        """Refuse a window of chemical potentials that is not inside the table of electrode self-energies, and
        temperatures too low to be resolved.
        """
        coldest, limit = min(occupation.t_left, occupation.t_right), COLDEST * self.every * self.step
        if coldest <= 0:
            raise BathError("electron-hole pairs need a temperature above zero", temperatures=occupation[2:])
        if coldest < limit:
            raise BathError(
                f"electrons at k_BT = {coldest:.3g} eV are too cold for electron-hole pairs in energy steps of "
                f"{self.every * self.step:.3g} eV: the least is {limit:.3g} eV. Raise the temperature; vibrations "
                "above it will not notice.",
                coldest=coldest,
                limit=limit,
            )
        low, high = self.span(occupation)
        known = self.structure.window
        low, high = low - 2 * self.step * self.every, high + self.frequencies[-1] + 2 * self.step * self.every
        if low < known[0] or high > known[1]:
            raise BathError(
                f"chemical potentials {occupation.left:.4g} and {occupation.right:.4g} eV need electrons from "
                f"{low:.4g} to {high:.4g} eV, the electrodes are known from {known[0]:.4g} to {known[1]:.4g} eV. Lower "
                "the bias, move the Fermi level, or tabulate the electrodes further.",
                needed=(low, high),
                known=known,
            )

    def _channel(self, channel: str, occupation: Occupation) -> tuple[Array, Array]:
        """Strength and broadening of one channel, (m, n, n) each."""
        energy_step = self.every * self.step
        low, high = self.span(occupation)
        first, last = int(np.floor(low / energy_step)), int(np.ceil(high / energy_step))
        weights = hat_weights(
            lambda energies: _occupation_weights(channel, occupation, energies[:, None], self.frequencies),
            first,
            last,
            energy_step,
            min(occupation.t_left, occupation.t_right) / FINE,
        )
        # Symmetrised: sums of Gram matrices, Hermitian but for rounding.
        table = self._tables[channel]
        strength, broadening = (self.summed(table, first, w) for w in np.moveaxis(weights, 2, 0))
        return _hermitian(strength), _hermitian(broadening)

    def summed(self, table: Ladder, first: int, weights: Array) -> Array:
        """g_s ∫dε/2π of a table with weights, in terms of dofs."""
        total = table.weighted(first, weights) * (SPIN / (2 * np.pi))
        return self.bonds.to_dofs(total) if self.compact else total

    def _states(self, name: str, energies: Array) -> Array:
        """Scattering states of one electrode on the orbitals that M touches, (n_E, orbitals, columns)."""
        return self.structure.waves(name, energies, self.touched, rtol=1e-6)

    def _table(self, channel: str, energies: Array) -> Array:
        """T_kl(ε; ω) at every frequency, (n_E, m, n, n); by bonds if these are fewer than dofs."""
        first = round(energies[0] / self.step)
        last, m = first + self.every * (len(energies) - 1), len(self.frequencies)
        lower = self.waves[channel[1]](first, last)[:: self.every]
        upper = self.waves[channel[0]](first, last + m - 1)
        side = min(self.size, len(self.bonds.first))
        table = np.empty((len(energies), m, side, side), complex)
        for j in range(m):
            elements = transitions(self.bonds, lower, upper[j : j + last - first + 1 : self.every])
            if not self.compact:
                elements = real_times(self.bonds.weights, elements)
            table[:, j] = elements @ np.conj(np.swapaxes(elements, 1, 2))
        return table


def hat_weights(weight: Callable[[Array], Array], first: int, last: int, step: float, finest: float) -> Array:
    """∫ hat_i(ε) w(ε) dε at the energies i·step, i = first ... last: exact for functions linear between them.

    weight : (n,) energies -> (n, ...).    finest [eV] : spacing that resolves it.
    """
    parts = max(1, int(np.ceil(step / finest)))
    values = weight(step / parts * np.arange((first - 1) * parts, (last + 1) * parts + 1))
    count = last - first + 1
    total = np.zeros((count, *values.shape[1:]))
    for shift in range(1 - parts, parts):
        total += (1 - abs(shift) / parts) * values[parts + shift :: parts][:count]
    return step / parts * total


def _occupation_weights(channel: str, occupation: Occupation, energies: Array, omega: Array) -> Array:
    """Weights of T in the strength S/h and in Γ, (n_E, m, 2): products and differences of Fermi functions."""
    (mu_up, t_up), (mu_low, t_low) = occupation.of(channel[0]), occupation.of(channel[1])
    x, t = omega - occupation.potential(channel), occupation.temperature(channel)
    up, low = energies + omega - mu_up, energies - mu_low
    absorbed = fermi(low, t_low) * fermi(-up, t_up)
    emitted = fermi(up, t_up) * fermi(-low, t_low)
    if t_up != t_low:
        return np.stack([(absorbed + emitted) / 2 / noise_factor(x, t), absorbed - emitted], axis=-1)
    # abs = s x(n+1), em = s x n: divide the larger of the two.
    strength = np.where(x >= 0, absorbed, emitted) / absorption_factor(np.abs(x), t)
    return np.stack([strength, x * strength], axis=-1)


def _hermitian(matrix: Array) -> Array:
    return (matrix + np.conj(np.swapaxes(matrix, -1, -2))) / 2
