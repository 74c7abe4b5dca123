"""Energy, charge and entropy carried by each kind of electron-hole pair into the phonon baths (001 Eq. 8, 002 Eq. 7).

    J_c = ∫_0^∞ dω/2π ω Tr[Γ_c D†Γ_ph D] (n_B(ω-μ_c, T_e) - n_B(ω, T_ph))

and the same without ω for the net number of quanta. J_c > 0 leaves the electrons. Each quantum by way of LR takes one
electron from L to R, by way of RL one back: I = N_LR - N_RL, the whole current where no electron goes through without
a quantum. Each channel makes entropy J_c/T_ph - (J_c - μ_c N_c)/T_e ≥ 0 per time: at every ω the three factors have
one sign.
With D of the whole junction this is exact for the vibrations of an SGLE, as long as all phonon baths have one
temperature; at lowest order D is that of the phonons alone, right where electrons damp or drive much less than they do.
Errata: 001 Eq. 8 has D Γ_ph D†, right for one mode only; the time-reversed D†Γ_ph D is meant (reference section 5).
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle.bath import Bath
from sgle.ehp.population import populations
from sgle.errors import BathError, SgleWarning
from sgle.flows import phonon_baths, time_reversed
from sgle.junction import Junction
from sgle.landauer import integrated
from sgle.occupation import bose
from sgle.response import Response

Array = np.ndarray
ORDERS = ("full", "lowest")
DOUBTFUL = 0.1  # electronic damping relative to that by phonons: what the lowest order is off by
TRANSFER = {"LR": 1, "RL": -1}


class LowestOrderWarning(SgleWarning):
    """The lowest order in the coupling to electrons has lost its meaning."""


@dataclass(frozen=True)
class PairCurrents:
    """What each channel carries, by names such as "e:LR"; internal units (eV²/ħ, eV/ħ).

    energy : J_c, out of the electrons.    quanta : N_c, net number per time.    entropy : per time, ≥ 0.
    electron_temperature, phonon_temperature [eV].    error : of the integrals, relative to the largest energy current.
    doubt : electronic damping of the modes relative to that by phonons, the largest; about what the lowest order is
    off by.    lasing : the golden rule has a mode that grows.
    """

    energy: Mapping[str, float]
    quanta: Mapping[str, float]
    entropy: Mapping[str, float]
    electron_temperature: float
    phonon_temperature: float
    order: str
    error: float
    doubt: float
    lasing: bool

    @property
    def total(self) -> float:
        """J: energy per time from all electrons into the vibrations."""
        return float(sum(self.energy.values()))

    @property
    def charge(self) -> float:
        """I: electrons per time from L to R that exchange a quantum."""
        return float(sum(TRANSFER.get(kind(name), 0) * value for name, value in self.quanta.items()))

    @property
    def entropy_production(self) -> float:
        """Of all channels: J/T_ph + (eV I - J)/T_e."""
        return float(sum(self.entropy.values()))


def kind(name: str) -> str:
    """The electrodes of a channel "e:LR"."""
    return name.rpartition(":")[2]


def pair_currents(junction: Junction, order: str = "full") -> PairCurrents:
    """Currents by channel of a junction of phonon baths and electrons.

    order : "full" (electrons in D) or "lowest".    Warns (LowestOrderWarning) where electrons damp or drive a mode by
    more than a tenth of what phonons do and the lowest order is asked for.
    Raises BathError where phonon baths, or electrons, differ in temperature (use sgle.flows.channel_flows), where a
    switch has separated force from noise, or if one kind of bath is missing; UnstableError (full order beyond the
    threshold; lowest order without damping by phonons), QuadratureError.
    """
    if order not in ORDERS:
        raise BathError(f"unknown order {order!r}; known: {', '.join(ORDERS)}")
    channels = electron_channels(junction)
    hot, cold = _temperatures(junction)
    phonons = phonon_baths(junction)
    found = populations(junction)
    doubt = max((abs(mode.electronic) / mode.phononic if mode.phononic > 0 else np.inf) for mode in found)
    lasing = any(mode.lasing for mode in found)
    if order == "lowest" and (lasing or doubt > DOUBTFUL):
        _warn(doubt, lasing)

    def integrand(response: Response, omega: Array) -> Array:
        spectrum = np.sum(time_reversed(response, omega, phonons), axis=0)
        events = [_events(spectrum, bath, channel, omega, cold) for bath, channel in channels.values()]
        return np.concatenate([omega * np.array(events), events]).T / (2 * np.pi)

    solved = junction if order == "full" else without_electrons(junction)
    integral, error = integrated(solved, integrand)
    energy, quanta = np.split(integral, 2)
    potentials = np.array([channel.potential for _, channel in channels.values()])
    entropy = (1 / cold - 1 / hot) * energy + potentials / hot * quanta
    scale = np.abs(energy).max(initial=0.0)
    named = [dict(zip(channels, map(float, part), strict=True)) for part in (energy, quanta, entropy)]
    relative = float(error[: len(energy)].max() / scale) if scale > 0 else 0.0
    return PairCurrents(named[0], named[1], named[2], hot, cold, order, relative, doubt, lasing)


def _events(spectrum: Array, bath: Bath, channel: Any, omega: Array, temperature: float) -> Array:
    """Tr[Γ_c Ã] (n_B(ω-μ_c, T_e) - n_B(ω, T_ph)), (n_w,)."""
    rows, columns = np.ix_(bath.dofs, bath.dofs)
    return np.einsum("wij,wji->w", excess_rates(channel, omega, temperature), spectrum[:, rows, columns]).real


def excess_rates(channel: Any, omega: Array, temperature: float) -> Array:
    """Γ_c (n_B(x) - n_B(y)), x = (ω-μ_c)/T_e, y = ω/T_ph, for ω > 0, precise also near equilibrium, (n_w, n, n).

    With n_B(x) - n_B(y) = -n_B(x) (1 + n_B(y)) (e^{x-y} - 1) = n_B(y) (1 + n_B(x)) (e^{y-x} - 1).
    """
    absorbed, emitted = channel.rates(omega)
    apart = omega * (1 / channel.temperature - 1 / temperature) - channel.potential / channel.temperature  # x - y
    number = bose(omega, temperature)
    weights = (-(1 + number) * np.expm1(np.minimum(apart, 0.0)), number * np.expm1(-np.maximum(apart, 0.0)))
    return sum(rate * weight[:, None, None] for rate, weight in zip((emitted, absorbed), weights, strict=True))


def electron_channels(junction: Junction) -> dict[str, tuple[Bath, Any]]:
    """{"e:LR": (bath, channel)} of all electrons. Raises BathError for none, or for switches that part Γ from S."""
    found = {
        f"{name}:{channel.name or i}": (bath, channel)
        for name, bath in junction.baths.items()
        if len(bath.channels) > 1
        for i, channel in enumerate(bath.channels)
    }
    if not found or not phonon_baths(junction):
        raise BathError(
            "energy from electron-hole pairs needs electrons and a bath of phonons or photons that takes it; the baths "
            f"are {', '.join(f'{name}: {bath.kind}' for name, bath in junction.baths.items()) or 'none'}"
        )
    for name, bath in junction.baths.items():
        parted = [switch for switch in bath.switched_off if switch not in ("renormalisation", "berry", "zero_point")]
        if parted:
            raise BathError(
                f"bath {name!r} has {', '.join(parted)} switched off: Γ and S of a channel no longer belong together, "
                "as these currents suppose. Use landauer.heat_currents."
            )
    return found


def without_electrons(junction: Junction) -> Junction:
    """The junction with its phonon baths alone."""
    return junction.replace(**{name: None for name, bath in junction.baths.items() if len(bath.channels) > 1})


def _temperatures(junction: Junction) -> tuple[float, float]:
    """(T_e, T_ph), each the same for all of its kind."""
    groups: tuple[dict[str, set[float]], dict[str, set[float]]] = ({}, {})
    for name, bath in junction.baths.items():
        if len(bath.channels) == 1 and bath.channels[0].potential != 0:
            raise BathError(
                f"the currents of single channels are those into phonons without chemical potential, bath {name!r} has "
                f"ν = {bath.channels[0].potential:.6g}. Use flows.channel_flows, or landauer.heat_currents.",
                potential=bath.channels[0].potential,
            )
        groups[len(bath.channels) == 1][name] = {channel.temperature for channel in bath.channels}
    values = []
    for what, group in zip(("electrons", "phonon baths"), groups, strict=True):
        every = set().union(*group.values())
        if max(every) - min(every) > 1e-12 * max(every) or min(every) <= 0:
            listed = ", ".join(f"{name}: {'/'.join(f'{t:.6g}' for t in sorted(ts))}" for name, ts in group.items())
            raise BathError(
                f"the currents of single channels need one temperature above zero of all {what}, they have {listed} "
                "[eV]. Use flows.channel_flows, or landauer.heat_currents for the sum.",
                temperatures=sorted(every),
            )
        values.append(every.pop())
    return values[0], values[1]


def _warn(doubt: float, lasing: bool) -> None:
    what = "a mode grows: there is no steady state" if lasing else f"it is off by about {doubt:.0%}"
    warnings.warn(
        f"lowest order in the coupling to electrons, which act on a mode {doubt:.2g} times as much as phonons do; "
        f"{what}. Use order='full'.",
        LowestOrderWarning,
        stacklevel=3,
    )
