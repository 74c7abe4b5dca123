"""The Peltier-like heat current of 000 Eq. 35: at low bias the current pumps phonon heat from one lead to the other.

To second order in the electron-phonon coupling D is that of the lattice alone, and the part of 000 Eq. 32 that the
imaginary parts carry is (Eq. 35, here on half the axis and over all channels c)

    J_α = -∫_0^∞ dω/2π Σ_c ω Tr[Im Γ_c Im Ã_α] (n_B(ω-μ_c) - n_B(ω)),   Ã_α = D₀†Γ_α D₀,

odd in V. All baths of D₀ are reciprocal, so that Σ_α Im Ã_α = 0 and the currents cancel exactly: heat goes from lead to
lead. In linear response, with μ'_c = dμ_c/dV (+1 for LR, -1 for RL) and s_c the strength at V = 0,

    dJ_α/dV = -∫_0^∞ dω/2π (ω²/T) n_B(n_B+1) Σ_c μ'_c Tr[Im s_c Im Ã_α]:

proportional to T when the leads' phonons are classical, to a power of T when they freeze out (T⁴ for a pinned lattice
between Ohmic leads).
Energy-dependent electrons add an odd part to J_L - J_R by way of Re Γ_c too; it is no part of Eq. 35.
"""

from typing import Any

import numpy as np

from sgle.bath import Bath
from sgle.baths.pairs import PairSource
from sgle.errors import BathError
from sgle.flows import common_temperature, exchanged, pair_excess, phonon_baths, time_reversed
from sgle.junction import Junction
from sgle.landauer import integrated
from sgle.occupation import absorption_factor, emission_factor
from sgle.response import Response

Array = np.ndarray
SIGN = {"LR": 1.0, "RL": -1.0}


def lattice(junction: Junction) -> Junction:
    """The junction without its electron baths: D₀. Its modes must all be damped by phonon baths."""
    return junction.replace(**dict.fromkeys(electron_baths(junction)))


def electron_baths(junction: Junction) -> dict[str, Bath]:
    """The baths with several channels. Raises BathError if there are none."""
    found = {name: bath for name, bath in junction.baths.items() if len(bath.channels) > 1}
    if not found:
        raise BathError("the junction has no electron bath: nothing drives a Peltier current")
    return found


def heat_currents(junction: Junction) -> dict[str, float]:
    """J_α of Eq. 35 into every phonon bath at the junction's bias [eV²/ħ]; their sum is zero to rounding.

    Raises BathError (no electrons, several temperatures), UnstableError if the lattice alone has no steady state.
    """
    temperature = common_temperature(junction)
    electrons, names = electron_baths(junction), phonon_baths(junction)

    def integrand(response: Response, omega: Array) -> Array:
        spectra = time_reversed(response, omega, names)
        value = np.zeros((omega.size, len(names)))
        for bath in electrons.values():
            excess = sum(pair_excess(c, omega, temperature).imag for c in bath.channels)
            value -= _imaginary(excess, spectra, bath)
        scale = exchanged(electrons.values(), omega, spectra, temperature)
        return np.column_stack([value, scale]) / (2 * np.pi)

    return _integrals(junction, integrand, names)


def coefficient(junction: Junction, temperature: Any = None) -> dict[str, Array]:
    """dJ_α/dV at V = 0 into every phonon bath [eV/ħ], analytically.

    temperature : of all baths [eV], a number or (n_T,); by default that of the junction. The shape of the answer is
    its shape.    Raises BathError, UnstableError.
    """
    given = np.asarray(common_temperature(junction) if temperature is None else temperature, dtype=float)
    found = [_coefficient(junction, float(t)) for t in given.ravel()]
    return {name: np.reshape([one[name] for one in found], given.shape) for name in phonon_baths(junction)}


def _coefficient(junction: Junction, temperature: float) -> dict[str, float]:
    electrons = [_unbiased(name, bath, temperature) for name, bath in electron_baths(junction).items()]
    names = phonon_baths(junction)

    def integrand(response: Response, omega: Array) -> Array:
        spectra = time_reversed(response, omega, names)
        value = np.zeros((omega.size, len(names)))
        weight = emission_factor(omega, temperature) * absorption_factor(omega, temperature)
        weight = weight / max(temperature, 1e-150)
        for bath in electrons:
            slope = sum(SIGN.get(c.name, 0.0) * c.strength(omega).imag for c in bath.channels)
            value -= weight[:, None] * _imaginary(slope, spectra, bath)
        scale = exchanged(electrons, omega, spectra, temperature)
        return np.column_stack([value, scale]) / (2 * np.pi)

    return _integrals(junction, integrand, names)


def _unbiased(name: str, bath: Bath, temperature: float) -> Bath:
    """The bath at V = 0 and this temperature. Refuses channels whose electrodes are not known."""
    if not {"LR", "RL"} <= {channel.name for channel in bath.channels}:
        raise BathError(
            f"bath {name!r} has channels {[c.name for c in bath.channels]}: without 'LR' and 'RL' it is not known how "
            "they move with the bias"
        )
    if abs(temperature - bath.temperature) <= 1e-12 * temperature:
        return bath.at_bias(0.0)
    if isinstance(bath.source, PairSource):
        moved = bath.source.moved(bath.source.fermi_level, (temperature, temperature))
        return moved(0.0).without(*bath.switched_off)
    if "temperature" not in bath.parameters:
        raise BathError(
            f"bath {name!r} ({bath.kind}) is known at temperature {bath.temperature:.6g} alone, not at "
            f"{temperature:.6g}; make it again from its electronic structure"
        )
    return bath.with_parameters(bias=0.0, temperature=temperature)


def _imaginary(matrix: Array | float, spectra: list[Array], bath: Bath) -> Array:
    """Tr[matrix · Im Ã_α] for each α, (n_w, n_α)."""
    rows, columns = np.ix_(bath.dofs, bath.dofs)
    return np.stack([np.einsum("wij,wji->w", matrix, a[:, rows, columns].imag) for a in spectra], axis=1)


def _integrals(junction: Junction, integrand: Any, names: list[str]) -> dict[str, float]:
    integral, _ = integrated(lattice(junction), integrand)
    return {name: float(value) for name, value in zip(names, integral, strict=False)}
