"""Heating and cooling spots: where P_ph(x) is largest or smallest away from the scatterer (003 III)."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from sgle.errors import InputError
from sgle.nanowire.half import HalfWire

PER_DECADE = 100  # distances looked at, between which P_ph(x) turns once at most


class Spot(NamedTuple):
    """A local maximum (hot) or minimum of the heat that phonons receive.

    position x [l_F].    height P_ph/P_ext there; below 0 phonons are cooled.
    """

    position: float
    height: float
    hot: bool

    @property
    def strength(self) -> float:
        """±(|height| - 1)^{1/5}, the colour of 003 Fig. 5; 0 (white) for a maximum below 1 or a minimum above -1."""
        sign = 1 if self.hot else -1
        excess = sign * self.height - 1
        return sign * excess**0.2 if excess > 0 else 0.0


def spots(half: HalfWire, side: int, nearest: float, farthest: float, faintest: float) -> list[Spot]:
    """Spots of one wire (side -1: left, +1: right) between two distances, in the order of their distance.

    Left out where |height - 1| < faintest. InputError unless 0 < nearest < farthest.
    The logarithm of P^(φ) at the scatterer makes an extremum of its own, often below |x| = 1e-3: not a spot.
    """
    if not 0 < nearest < farthest:
        raise InputError(f"spots are looked for from a distance > 0 to a larger one, not {nearest!r} to {farthest!r}")

    def slope(distance: float) -> float:
        return float(half.heating(np.array([distance]), order=1)[0])

    places = np.geomspace(nearest, farthest, int(PER_DECADE * np.log10(farthest / nearest)) + 1)
    slopes = np.array([slope(place) for place in places])
    found = []
    for i in np.flatnonzero(slopes[:-1] * slopes[1:] < 0):
        at = brentq(slope, places[i], places[i + 1], xtol=1e-12, rtol=1e-12)
        found.append(Spot(side * at, float(half.heating(np.array([at]))[0]), bool(slopes[i] > 0)))
    return [spot for spot in found if abs(spot.height - 1) >= faintest]


def dominant(found: list[Spot]) -> Spot | None:
    """The spot shown by the maps of 003 Figs. 5, 6: the strongest; None where they are white."""
    shown = [spot for spot in found if spot.strength]
    return max(shown, key=lambda spot: abs(spot.strength), default=None)
