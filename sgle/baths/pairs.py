"""Electrons as a bath from their electronic structure: energy-dependent electron-hole pairs (physics.md 4)."""

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from sgle.bath import Bath, Channel, Reactive, local_berry
from sgle.causality import Spectrum
from sgle.check import antisymmetric as check_antisymmetric
from sgle.check import array, dof_tuple, hermitian, number, positive
from sgle.electronic.pairs import CHANNELS, ElectronHolePairs, Occupation, Rates
from sgle.electronic.structure import ElectronicStructure
from sgle.electronic.window import WindowFormula
from sgle.errors import BathError
from sgle.mixtures import banded
from sgle.occupation import require_temperature

Array = np.ndarray
CUTOFF = 2.5  # in units of the top of the vibrational band


def electron_table(
    omega: Any,
    biases: Any,
    strength: Any,
    friction: Any,
    antisymmetric: Any,
    renormalisation: Any,
    berry: Any,
    residual: Any,
    reactive: Any,
    *,
    bias: float,
    temperatures: Any,
    cutoff: float,
    dofs: Any,
) -> Bath:
    """Electrons from tables of their electron-hole pairs at one or more biases.

    omega : (m,) uniform from 0 [eV].    biases : (b,) at which all that follows is known [eV].
    strength : (b, 4, m, n, n) S^{αβ}/h(ω-μ_αβ) ≥ 0 of LL, RR, LR, RL.    friction : (b, m, n, n) Re Γ/ω [eV].
    antisymmetric : (b, m, n, n) Im Γ [eV²].    renormalisation : (b, n, n) [eV²], berry : (b, n, n): what Re Π and Im R
    are at low frequency beyond equilibrium.    reactive : (b, 3, m, n, n) what is missing from Re Π, from Im R/ω, and
    the renormalisation's change with ω (sgle.bath.Reactive), for the continuum.    residual : (b,) largest deviation
    of Π from the electronic structure's in the band without them, in units of the largest |Γ|.    temperatures : (T_L,
    T_R).
    Beyond omega's end the last values continue up to `cutoff` (sgle.mixtures.flat_top); a local Berry term makes up
    for what is cut away.    Raises BathError for an unknown bias, SpectrumError for strengths that are not ≥ 0.
    """
    dofs, omega = dof_tuple(dofs), array(omega, "omega")
    t_left, t_right = (require_temperature(t) for t in array(temperatures, "temperatures"))
    tables = {
        "strength": array(strength, "strength", complex),
        "friction": array(friction, "friction"),
        "antisymmetric": array(antisymmetric, "antisymmetric"),
        "renormalisation": array(renormalisation, "renormalisation"),
        "berry": array(berry, "berry"),
        "residual": array(residual, "residual"),
        "reactive": array(reactive, "reactive"),
    }
    biases = array(biases, "biases")
    at = _index(biases, number(bias, "bias"))
    _check_shapes(tables, len(biases), len(omega), len(dofs))
    here = {name: table[at] for name, table in tables.items()}
    positive(here["strength"].reshape(-1, len(dofs), len(dofs)), "strength of electron-hole pairs", rtol=1e-9)
    friction_spectrum = Spectrum(hermitian(here["friction"], "friction"), banded(omega, cutoff, True))
    return Bath(
        kind=electron_table.__name__,
        dofs=dofs,
        temperature=(t_left + t_right) / 2,
        friction_spectrum=friction_spectrum,
        channels=_channels(here["strength"], omega, cutoff, Occupation(bias / 2, -bias / 2, t_left, t_right)),
        bias=float(bias),
        constructor=electron_table,
        parameters={
            "omega": omega,
            "biases": biases,
            **tables,
            "bias": float(bias),
            "temperatures": np.array([t_left, t_right]),
            "cutoff": number(cutoff, "cutoff"),
            "dofs": dofs,
        },
        consistent=False,
        residual=float(here["residual"]),
        reactive=Reactive(*(Spectrum(part, banded(omega, cutoff, True)) for part in here["reactive"])),
        **_forces(here, omega, cutoff),
    )


def _index(biases: Array, bias: float) -> int:
    near = int(np.argmin(np.abs(biases - bias)))
    if abs(biases[near] - bias) > 1e-12:
        known = ", ".join(f"{value:.6g}" for value in biases)
        raise BathError(
            f"the electron bath is tabulated at bias {known}, not at {bias:.6g}; make it again from its electronic "
            "structure (its recipe or model) to change the bias",
            bias=bias,
        )
    return near


def _check_shapes(tables: dict[str, Array], b: int, m: int, n: int) -> None:
    shapes: dict[str, tuple[int, ...]] = {
        "strength": (b, len(CHANNELS), m, n, n),
        "friction": (b, m, n, n),
        "antisymmetric": (b, m, n, n),
        "renormalisation": (b, n, n),
        "berry": (b, n, n),
        "residual": (b,),
        "reactive": (b, 3, m, n, n),
    }
    for name, shape in shapes.items():
        if tables[name].shape != shape or not np.all(np.isfinite(tables[name])):
            raise BathError(f"{name} must be finite, of shape {shape}, not {tables[name].shape}")


def _channels(strength: Array, omega: Array, cutoff: float, occupation: Occupation) -> tuple[Channel, ...]:
    """Channels with strengths at frequencies of both signs: s^{αβ}(-ω) = s^{βα}(ω)*."""
    shape = banded(omega, cutoff, False)
    by_name = dict(zip(CHANNELS, strength, strict=True))
    found = []
    for name, matrices in by_name.items():
        both = np.concatenate([np.conj(by_name[name[::-1]][:0:-1]), matrices])
        found.append(Channel(Spectrum(both, shape), occupation.potential(name), occupation.temperature(name), name))
    return tuple(found)


def _forces(here: dict[str, Array], omega: Array, cutoff: float) -> dict[str, Any]:
    """The antisymmetric spectrum and the local terms: the Berry term is what the memory does not do."""
    check_antisymmetric(here["berry"], "berry", rtol=1e-6)
    spectrum = None
    if np.any(here["antisymmetric"]):
        spectrum = Spectrum(here["antisymmetric"], banded(omega, cutoff, True))
    local = here["berry"] - (0 if spectrum is None else local_berry(spectrum))
    return {
        "antisymmetric": spectrum,
        "renormalisation": hermitian(here["renormalisation"], "renormalisation"),
        "berry": local if np.any(local) else None,
    }


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
        return replace(made, source=self)

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
            **_forces({**tables, **local}, omega, self.cutoff),
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
