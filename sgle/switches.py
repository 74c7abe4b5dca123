"""Parts of the physics a user can switch off, each acting the same way in both domains (physics.md 4).

A switch changes the spectra and local terms of a bath, from which everything in time and frequency follows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sgle.errors import BathError

if TYPE_CHECKING:
    from sgle.bath import Bath, Reactive


def _real_channels(bath: Bath) -> Bath:
    """Im S = 0: no asymmetric noise."""
    channels = tuple(replace(c, strength=c.strength.map(np.real)) for c in bath.channels)
    return replace(bath, channels=channels)


def _asymmetric(bath: Bath) -> Bath:
    """Im Γ = Im S = 0: none of the asymmetric current-induced forces ("no CIF")."""
    return replace(_real_channels(bath), antisymmetric=None, berry=None, reactive=_reactive(bath, "antisymmetric"))


def _reactive(bath: Bath, part: str) -> Reactive | None:
    """The reactive terms without a part of them."""
    if bath.reactive is None:
        return None
    left_out: dict[str, Any] = {part: None}
    return replace(bath.reactive, **left_out)


def _nonconservative(bath: Bath) -> Bath:
    """Antisymmetric part of Π becomes its Berry term -iωB: no force that does work around a closed path."""
    reactive = _reactive(bath, "antisymmetric")
    return replace(bath, berry=bath.markov().berry, antisymmetric=None, reactive=reactive)


def _berry(bath: Bath) -> Bath:
    """Cancel -iωB of Π at low frequency by an opposite local term; what is left of Im Π_A is of third order."""
    from_memory = bath.markov().berry - (0 if bath.berry is None else bath.berry)
    return replace(bath, berry=-from_memory)


def _renormalisation(bath: Bath) -> Bath:
    return replace(bath, renormalisation=None, reactive=_reactive(bath, "shift"))


def _friction_change(bath: Bath) -> Bath:
    """The symmetric part of Γ that electrons have at zero bias; noise and all other forces stay."""
    still, reactive = bath.at_bias(0.0), bath.reactive
    if reactive is not None and still.reactive is not None:  # what its Kramers-Kronig partner leaves over
        reactive = replace(reactive, symmetric=still.reactive.symmetric)
    return replace(bath, friction_spectrum=still.friction_spectrum, reactive=reactive)


def _nonequilibrium_noise(bath: Bath) -> Bath:
    return replace(bath, channels=bath.at_bias(0.0).channels)


def _zero_point(bath: Bath) -> Bath:
    """Normal-ordered noise: S(ω) = em(ω) for ω > 0; a phonon bath keeps n_B Γ."""
    # Classical noise has no zero point: that switch wins in any order.
    return bath if bath.noise_kind == "classical" else replace(bath, noise_kind="normal")


def _quantum_noise(bath: Bath) -> Bath:
    """Classical noise: (x/2) coth(x/2T) taken at ω = 0, T Γ/ω at equilibrium, white shot noise at bias."""
    return replace(bath, noise_kind="classical")


# In the order of application: Berry before non-conservative, so that both together leave nothing antisymmetric.
SWITCHES: dict[str, Callable[[Bath], Bath]] = {
    "renormalisation": _renormalisation,
    "friction_change": _friction_change,
    "nonequilibrium_noise": _nonequilibrium_noise,
    "berry": _berry,
    "nonconservative": _nonconservative,
    "asymmetric_noise": _real_channels,
    "asymmetric": _asymmetric,
    "zero_point": _zero_point,
    "quantum_noise": _quantum_noise,
}


def apply_switches(bath: Bath, switches: Sequence[str]) -> Bath:
    """The bath with the named parts switched off; names already off stay off. Raises BathError on unknown names."""
    unknown = [name for name in switches if name not in SWITCHES]
    if unknown:
        raise BathError(f"unknown switch {unknown[0]!r}; known: {', '.join(SWITCHES)}", unknown=unknown)
    wanted = [name for name in SWITCHES if name in switches and name not in bath.switched_off]
    for name in wanted:
        bath = SWITCHES[name](bath)
    return replace(bath, switched_off=(*bath.switched_off, *wanted))
