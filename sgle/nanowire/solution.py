"""The solved nanowire: current, fields, heat and distributions on both sides of the scatterer (003 II D, IV A)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sgle.nanowire.grid import Contact
from sgle.nanowire.half import HalfWire
from sgle.nanowire.hfunction import Crossing, without_modes
from sgle.nanowire.spots import Spot, spots

Array = np.ndarray
ORIGIN = np.zeros(1)


class Heating(NamedTuple):
    """P_ph(x) = external + potential + scattered, 003 Eq. 23, arrays of the shape of x [μ0²/(h l_F)]."""

    total: Array
    external: Array
    potential: Array
    scattered: Array


class Distribution(NamedTuple):
    """f(+p) and f(-p) at one place, on nodes p = momentum p_F; (n,) each."""

    momentum: Array
    right_moving: Array
    left_moving: Array


class Power(NamedTuple):
    """What the scatterer gives to the phonons of each wire, P^s and P^(φ) of 003 Eqs. 28, 31 [μ0²/h]."""

    left_scattered: float
    right_scattered: float
    left_potential: float
    right_potential: float

    @property
    def left(self) -> float:
        """P_L, both parts."""
        return self.left_scattered + self.left_potential

    @property
    def right(self) -> float:
        """P_R, both parts."""
        return self.right_scattered + self.right_potential

    @property
    def asymmetry(self) -> float:
        """P_asym = P_R - P_L, 003 Eq. 34."""
        return self.right - self.left


@dataclass(frozen=True, eq=False)
class Solution:
    """Two half-infinite wires joined by a scatterer at x = 0, carrying a current. Made by `solve`.

    Dimensionless as reference/nanowire.md: energies in μ0, momenta in p_F, x in l_F = v_F τ(p_F), currents in e μ0/h,
    heat currents in μ0²/h, powers per length in μ0²/(h l_F); `Scales` converts. At x = 0 itself the sign of the zero
    decides: -0.0 is the left wire, 0.0 the right one. What depends on x has the shape of x.
    contact : grid and T(E), as seen with upstream on the left.    upstream, downstream : the wires carriers come from
    and go to.    direction : +1 if upstream is left, -1 if right.
    residual : of the matching equations, relative; rounding.    exponent : s of τ(p) ∝ p^s.
    """

    bias: float
    temperature: float
    exponent: float
    contact: Contact
    upstream: HalfWire
    downstream: HalfWire
    direction: int
    residual: float

    @property
    def left(self) -> HalfWire:
        """The wire x < 0."""
        return self.upstream if self.direction > 0 else self.downstream

    @property
    def right(self) -> HalfWire:
        """The wire x > 0."""
        return self.downstream if self.direction > 0 else self.upstream

    @property
    def current(self) -> float:
        """I, of the sign of the bias."""
        return self.right.current

    @property
    def force(self) -> float:
        """F_ext v_F τ/μ0, the uniform field that drives the current through the wires."""
        return self.right.drive

    @property
    def external_heating(self) -> float:
        """P_ext = I F_ext, the Joule heat per length far from the scatterer, 003 Eq. 24."""
        return self.current * self.force

    @cached_property
    def nonlinearity(self) -> float:
        """Largest of |F_ext l_F| and |eφ(0±)| over k_BT: the Boltzmann equation is linearised in it."""
        return max(abs(self.force), *np.abs(self.potential([-0.0, 0.0]))) / self.temperature

    def potential(self, x: ArrayLike) -> Array:
        """eφ(x) [μ0]; falls off to 0 far away."""
        return self._along(x, lambda half, d: half.potential(d))

    def heat_current(self, x: ArrayLike) -> Array:
        """J_el(x), positive to the right."""
        return self._along(x, lambda half, d: half.heat_current(d) * (1 if half is self.right else -1))

    def heating(self, x: ArrayLike) -> Heating:
        """P_ph(x) and its three parts.

        Upstream P^(φ) diverges like ln|x| at the scatterer: without meaning on the grid for |x| below 1e-5 or so.
        """
        scattered = self._along(x, lambda half, d: half.scattered(d))
        bend = self._along(x, lambda half, d: -half.current * half.potential_slope(d))
        external = np.full_like(scattered, self.external_heating)
        return Heating(external + bend + scattered, external, bend, scattered)

    def distribution(self, x: float) -> Distribution:
        """Electrons at one place."""
        on_left = bool(np.signbit(x))
        half = self.left if on_left else self.right
        away, towards = (part[0] for part in half.distributions(np.array([abs(x)])))
        return Distribution(half.wire.momentum, *((towards, away) if on_left else (away, towards)))

    @cached_property
    def total_voltage(self) -> float:
        """eV_tot = eV + eφ(0+) - eφ(0-), what the scatterer costs in all, 003 Eq. 32."""
        before, behind = self.potential([-0.0, 0.0])
        return float(self.bias + behind - before)

    @cached_property
    def power(self) -> Power:
        """Heat given to the phonons of the left and the right wire beyond what they get anyway."""
        sides = (self.left, self.right)
        scattered = [float(half.heat_current(ORIGIN)[0] - half.far_heat_current) for half in sides]
        return Power(*scattered, *(half.current * float(half.potential(ORIGIN)[0]) for half in sides))

    @cached_property
    def landauer_current(self) -> float:
        """I if ideal leads brought equilibrium electrons to the scatterer."""
        return self.direction * self.contact.landauer(self.contact.drop)

    @cached_property
    def landauer_asymmetry(self) -> float:
        """P_asym of Landauer's theory, 003 Eq. 35."""
        return self.direction * sum(self.contact.landauer(self.contact.drop, 1, left) for left in (True, False))

    @property
    def corrected_asymmetry(self) -> float:
        """Landauer's P_asym less the wires' own Peltier heat, 003 Eq. 36: exact for weak transmission."""
        return self.landauer_asymmetry - self.right.far_heat_current + self.left.far_heat_current

    def without_modes(self) -> Crossing:
        """The same by the H function, without modes: current, force, φ(0±) and what arrives at the scatterer."""
        found = without_modes(self.contact)
        if self.direction > 0:
            return found
        return Crossing(
            -found.current,
            -found.force,
            found.potential_right,
            found.potential_left,
            found.from_right,
            found.from_left,
        )

    def spots(self, nearest: float = 1e-3, farthest: float = 20.0, faintest: float = 1e-4) -> list[Spot]:
        """Hot and cold spots of P_ph(x) at nearest < |x| < farthest, from left to right (sgle.nanowire.spots)."""
        sides = ((self.left, -1), (self.right, 1))
        return sorted(spot for half, side in sides for spot in spots(half, side, nearest, farthest, faintest))

    def _along(self, x: ArrayLike, function: Callable[[HalfWire, Array], Array]) -> Array:
        place = np.asarray(x, dtype=float)
        flat = place.ravel()
        value = np.empty(flat.shape)
        for half, here in ((self.left, np.signbit(flat)), (self.right, ~np.signbit(flat))):
            value[here] = function(half, np.abs(flat[here]))
        return value.reshape(place.shape)
