"""Electrons as a bath from their electronic structure: energy-dependent electron-hole pairs (physics.md 4)."""

import warnings
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from sgle.bath import Bath
from sgle.baths.electron_table import electron_table, forces
from sgle.causality import Spectrum
from sgle.check import dof_tuple, number
from sgle.electronic.pairs import ElectronHolePairs, Occupation, Rates
from sgle.electronic.structure import ElectronicStructure
from sgle.electronic.window import WindowFormula
from sgle.errors import BathError, KernelWarning
from sgle.mixtures import banded
from sgle.occupation import require_temperature

Array = np.ndarray
CUTOFF = 2.5  # in units of the top of the vibrational band


def electron_hole_pairs(
    structure: ElectronicStructure,
    couplings: Any,
    *,
    bias: float,
    temperature: float,
    dofs: Any,
    highest: float,
    fermi_level: float = 0.0,
    temperatures: tuple[float, float] | None = None,
    cutoff: float | None = None,
    frequency_step: float = 5e-3,
    energy_step: float = 10e-3,
) -> Bath:
    """Electrons of a structure between electrodes L and R, coupled to the dofs by M^k (physics.md 4; 000 Eqs. 3-6).

    couplings : (n, m, m) M^k [eV^1.5] on the structure's orbitals.    bias eV = μ_L - μ_R, applied symmetrically to
    the Fermi level.    temperature, or temperatures = (T_L, T_R) [eV].    highest : top of the vibrational band; up
    to it Γ_e and S_e are those of the structure, beyond it they continue to `cutoff` (default 2.5 highest).
    Static and Berry forces are those of the bias window; equilibrium Re Π_e is in K (Born-Oppenheimer) and left out.
    `bath.residual` says how far Π is from the structure's inside the band.
    frequency_step, energy_step [eV] : see sgle.electronic.pairs.    Raises BathError, SpectrumError.
    """
    t_left, t_right = (temperature, temperature) if temperatures is None else temperatures
    pairs = ElectronHolePairs(structure, couplings, number(highest, "highest"), frequency_step, energy_step)
    if pairs.size != len(dof_tuple(dofs)):
        raise BathError(f"{pairs.size} coupling matrices for {len(dof_tuple(dofs))} dofs")
    source = PairSource(
        pairs,
        fermi_level=number(fermi_level, "fermi_level"),
        temperatures=(require_temperature(t_left), require_temperature(t_right)),
        cutoff=CUTOFF * highest if cutoff is None else number(cutoff, "cutoff"),
        dofs=dof_tuple(dofs),
    )
    return source(number(bias, "bias"))


class PairSource:
    """Makes the electron bath at any bias, Fermi level and temperature from tables that know neither."""

    def __init__(
        self,
        pairs: ElectronHolePairs,
        *,
        fermi_level: float,
        temperatures: tuple[float, float],
        cutoff: float,
        dofs: tuple[int, ...],
    ) -> None:
        if cutoff < pairs.frequencies[-1]:
            raise BathError(
                f"cutoff {cutoff:.6g} lies inside the vibrational band, which reaches {pairs.frequencies[-1]:.6g}: the "
                "vibrations would feel it. Take at least twice that.",
                cutoff=cutoff,
            )
        self.pairs, self.fermi_level, self.temperatures = pairs, fermi_level, temperatures
        self.cutoff, self.dofs = cutoff, dofs

    @cached_property
    def _window(self) -> WindowFormula:
        return WindowFormula(self.pairs, len(self.pairs.frequencies))

    def moved(self, fermi_level: float, temperatures: tuple[float, float]) -> "PairSource":
        """The same tables at another Fermi level and other temperatures."""
        other = PairSource(
            self.pairs, fermi_level=fermi_level, temperatures=temperatures, cutoff=self.cutoff, dofs=self.dofs
        )
        other.__dict__["_window"] = self._window
        return other

    def occupation(self, bias: float) -> Occupation:
        """Electrodes at fermi_level ± bias/2."""
        return Occupation(self.fermi_level + bias / 2, self.fermi_level - bias / 2, *self.temperatures)

    def __call__(self, bias: float) -> Bath:
        """The bath at this bias; it knows zero bias too, for reference runs from a file."""
        biases = np.array([bias] if bias == 0 else [bias, 0.0])
        columns = [self._tables(value) for value in biases]
        tables = {name: np.stack([column[name] for column in columns]) for name in columns[0]}
        made = electron_table(
            self.pairs.frequencies,
            biases,
            **tables,
            bias=bias,
            temperatures=np.array(self.temperatures),
            cutoff=self.cutoff,
            dofs=self.dofs,
        )
        self._tell_if_cold()
        return replace(made, source=self)

    def _tell_if_cold(self) -> None:
        """Warn where rates vary faster with ω than their table follows: at k_BT below its step."""
        coldest, step = min(self.temperatures), self.pairs.step
        if coldest < step / 2:
            warnings.warn(
                f"electrons at k_BT = {1e3 * coldest:.3g} meV are tabulated every {1e3 * step:.3g} meV of ω: rates at "
                f"|ω - eV| of a few k_BT are off by up to a per cent of the largest; take frequency_step below "
                f"{1e3 * coldest:.2g} meV",
                KernelWarning,
                stacklevel=3,
            )

    def _tables(self, bias: float) -> dict[str, Array]:
        """Everything electron_table needs at one bias."""
        occupation = self.occupation(bias)
        rates = self.pairs.rates(occupation)
        if not np.any(rates.broadening):
            raise BathError(
                f"no electrons to excite: with chemical potentials {occupation.left:.4g} and {occupation.right:.4g} eV "
                "Γ_e vanishes at every frequency. Put the Fermi level inside a band that couples to the vibrations.",
                potentials=(occupation.left, occupation.right),
            )
        friction, antisymmetric = friction_and_antisymmetric(rates, self.pairs.frequencies)
        tables = {"strength": rates.strength, "friction": friction, "antisymmetric": antisymmetric}
        n = self.pairs.size
        change = np.zeros((len(rates.strength[0]), n, n), complex)
        if bias != 0 or self.temperatures[0] != self.temperatures[1]:
            change = self._window.change(occupation, self.fermi_level)
        return {**tables, **self._reactive(tables, rates, change)}

    def _reactive(self, tables: dict[str, Array], rates: Rates, change: Array) -> dict[str, Array]:
        """Everything Hermitian in Π, from what the bias adds to it (m, n, n): local terms for both domains, the rest
        for the continuum, and how far Π is from the structure's without that rest.
        """
        omega = self.pairs.frequencies
        wanted = (change + np.conj(np.swapaxes(change, 1, 2))) / 2
        renormalisation = (wanted[0].real + wanted[0].real.T) / 2
        inside = omega[1:, None, None]
        berry = -(inside * wanted[1:].imag).sum(axis=0) / np.sum(inside**2)
        local = {"renormalisation": renormalisation, "berry": (berry - berry.T) / 2}
        made = Bath(
            kind=electron_table.__name__,
            dofs=self.dofs,
            temperature=0.0,
            friction_spectrum=Spectrum(tables["friction"], banded(omega, self.cutoff, True)),
            channels=(),
            **forces({**tables, **local}, omega, self.cutoff),
        )
        pi = made.self_energy(omega)
        found = (pi + np.conj(np.swapaxes(pi, 1, 2))) / 2
        lacking = (wanted - found).imag[1:] / inside
        reactive = np.stack(
            [
                renormalisation - found.real,
                np.concatenate([(4 * lacking[:1] - lacking[1:2]) / 3, lacking]),
                wanted.real - renormalisation,
            ]
        )
        broadening = rates.broadening.sum(axis=0)
        residual = np.abs(pi - wanted + 0.5j * broadening).max() / np.abs(broadening).max()
        return {**local, "reactive": reactive, "residual": residual}


def friction_and_antisymmetric(rates: Rates, omega: Array) -> tuple[Array, Array]:
    """F = Re Γ/ω and A = Im Γ of all channels at the frequencies of the table, (m, n, n) real each.

    At zero bias F is the sum of the strengths exactly, so that noise and friction balance; what the bias adds to it is
    an even function of ω, known at ω > 0 and continued to 0 through the first two points.
    """
    broadening, thermal = rates.broadening.sum(axis=0), rates.strength.sum(axis=0).real
    added = broadening[1:].real / omega[1:, None, None] - thermal[1:]
    at_zero = (4 * added[:1] - added[1:2]) / 3
    antisymmetric = broadening.imag
    size = np.abs(broadening).max()
    if np.abs(antisymmetric).max() < 1e-12 * size:
        antisymmetric = np.zeros_like(antisymmetric)
    return thermal + np.concatenate([at_zero, added]), antisymmetric
