"""Temperatures of a model's reservoirs: one for all, or some of their own."""

from collections.abc import Mapping
from typing import NamedTuple

from sgle.errors import InputError


class Temperatures(NamedTuple):
    """k_BT of the phonon leads and of the electrons of both electrodes [eV]."""

    L: float
    R: float
    eL: float
    eR: float


def temperatures_of(temperature: float, given: Mapping[str, float] | None) -> Temperatures:
    """One temperature for all, or for those not named in `given` ("L", "R", "eL", "eR"). Raises InputError."""
    given = {} if given is None else dict(given)
    unknown = set(given) - set(Temperatures._fields)
    if unknown:
        raise InputError(f"no temperature is called {sorted(unknown)}; there are {', '.join(Temperatures._fields)}")
    return Temperatures(**{**dict.fromkeys(Temperatures._fields, temperature), **given})
