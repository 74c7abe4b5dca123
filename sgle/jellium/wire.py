"""A wire of free electrons with a rectangular cross-section: its subbands and sums over them (004 Eq. 39).

    χ_nm = 2/√(ab) sin(nπx/a) sin(mπy/b),   e_nm = (π²/2)(n²/a² + m²/b²),   ε_F = k_F²/2 = 2π²

Units of this package: ħ = m = λ_F = 1, so that k_F = v_F = 2π; spinless electrons; current along +z. Energies that a
user gives (bias, temperature, frequency) are in units of ε_F. Inside, energies are measured from ε_F: a subband may
begin exactly there, and a window of bias around it be as narrow as one likes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sgle.check import array, number
from sgle.errors import InputError, PhysicsError

Array = np.ndarray
FERMI = 2 * np.pi**2
FERMI_VECTOR = 2 * np.pi
MOST = 3000  # points of a map at a time
AT_EDGE = 1e-9  # of ε_F: nearer to a subband's edge is on it


@dataclass(frozen=True)
class Wire:
    """0 < x < width, 0 < y < height (square if not given) [λ_F]. Raises InputError."""

    width: float
    height: float | None = None

    def __post_init__(self) -> None:
        a, b = (number(side, name) for side, name in zip(self.sides, ("width", "height"), strict=True))
        if not (a > 0 and b > 0 and a**-2 + b**-2 < 4):
            raise InputError(
                f"a wire of {a:.6g} × {b:.6g} λ_F has no open channel: a square one needs sides above λ_F/√2",
                width=a,
                height=b,
            )

    @property
    def sides(self) -> tuple[float, float]:
        """(a, b) [λ_F]."""
        return self.width, self.width if self.height is None else self.height

    def bands(self, highest: float) -> Array:
        """e_nm - ε_F of n, m = 1, 2, ... (N_x, N_y), at least all up to this energy above ε_F."""
        wave = np.sqrt(2 * (FERMI + highest)) / np.pi
        n, m = ((np.arange(1, int(side * wave) + 2) / side) ** 2 for side in self.sides)
        return np.pi**2 / 2 * (n[:, None] + m - 4)

    def nearest_edge(self, energy: float = 0.0) -> tuple[float, list[tuple[int, int]]]:
        """Distance e_nm - ε_F - energy [ε_F] of the nearest subband and its numbers (n, m), all of that distance."""
        apart = (self.bands(energy + 3 * FERMI) - energy) / FERMI
        distance = apart.flat[np.argmin(np.abs(apart))]
        return float(distance), [(int(n) + 1, int(m) + 1) for n, m in np.argwhere(np.abs(apart - distance) < AT_EDGE)]

    def require_off_edge(self, energies: tuple[float, ...]) -> None:
        """Refuse energies at which a subband begins and the density of states is infinite. Raises PhysicsError."""
        for energy in energies:
            distance, bands = self.nearest_edge(energy)
            if abs(distance) < AT_EDGE:
                place, names = 1 + energy / FERMI, " and ".join(map(str, bands))
                raise PhysicsError(
                    f"the edge of subband {names} lies at {place:.9g} ε_F, where the density of states of a wire of "
                    f"{self.sides[0]:.6g} × {self.sides[1]:.6g} λ_F is infinite, and without bias and temperature "
                    "there is no answer. Give one of them or change a side by a per cent; a map of the curl can also "
                    "leave the subband out (edges='exclude').",
                    subbands=bands,
                    energy=place,
                )

    def without_edges(self, bands: Array, energies: tuple[float, ...]) -> Array:
        """The bands, those that begin at one of the energies moved out of the way, to infinity."""
        at_edge = np.any([np.abs(bands - energy) < AT_EDGE * FERMI for energy in energies], axis=0)
        return np.where(at_edge, np.inf, bands)


@dataclass(frozen=True, eq=False)
class Section:
    """Points x ⊗ y of a wire's cross-section.    x (n_x,), y (n_y,) [λ_F] inside it or on its surface."""

    wire: Wire
    x: Array
    y: Array

    def __post_init__(self) -> None:
        for name, side in zip("xy", self.wire.sides, strict=True):
            places = np.atleast_1d(array(getattr(self, name), name))
            if places.ndim != 1 or not np.all((places >= 0) & (places <= side)):
                raise InputError(f"{name} must be a row of places between 0 and {side:.6g} λ_F", name=name)
            object.__setattr__(self, name, places)

    @cached_property
    def walls(self) -> tuple[Array, Array]:
        """Distance of each x and each y from the nearer wall, (n_x,), (n_y,); rounding is on the wall."""
        found = [np.minimum(p, side - p) for p, side in zip((self.x, self.y), self.wire.sides, strict=True)]
        return tuple(np.where(part < 1e-9, 0.0, part) for part in found)  # type: ignore[return-value]

    @property
    def inside(self) -> Array:
        """Points that are not on a wall, (n_x, n_y)."""
        first, second = self.walls
        return (first > 0)[:, None] & (second > 0)

    @property
    def wall(self) -> float:
        """Distance from a wall [λ_F] of the nearest point that is not on one."""
        distances = np.concatenate(self.walls)
        return float(distances[distances > 0].min(initial=min(self.wire.sides)))

    @property
    def pieces(self) -> list["Section"]:
        """Rows of points, at most MOST in each: integrals over energies keep a thousand maps at a time."""
        rows = max(1, MOST // len(self.y))
        return [Section(self.wire, self.x[i : i + rows], self.y) for i in range(0, len(self.x), rows)]

    @cached_property
    def _squares(self) -> dict[tuple[int, ...], list[tuple[Array, Array]]]:
        """What `sum` needs of the points, by numbers of subbands: the same at every energy."""
        return {}

    def sum(self, weights: Array) -> Array:
        """Σ_nm w_nm χ²_nm and its derivatives by x and y, (3, n_x, n_y), from w (N_x, N_y)."""
        if weights.shape not in self._squares:
            ends = zip((self.x, self.y), self.wire.sides, weights.shape, strict=True)
            self._squares[weights.shape] = [_squares(places, side, count) for places, side, count in ends]
        (f, df), (g, dg) = self._squares[weights.shape]
        half = weights @ g.T
        return np.stack([f @ half, df @ half, f @ (weights @ dg.T)])


def _squares(places: Array, side: float, count: int) -> tuple[Array, Array]:
    """(2/side) sin²(nπx/side), n = 1 ... count, and its derivative, (n_x, count) each."""
    k = np.pi * np.arange(1, count + 1) / side
    phase = places[:, None] * k
    return 2 / side * np.sin(phase) ** 2, 2 / side * k * np.sin(2 * phase)


def product(first: Array, second: Array) -> Array:
    """Value and derivatives (3, ...) of a product of two such."""
    value = first[0] * second[0]
    return np.stack([value, *(first[i] * second[0] + first[0] * second[i] for i in (1, 2))])


Local = Callable[[float], Array]  # energy from ε_F -> value and derivatives (3, n_x, n_y)


def rotated(gradient: Any) -> Array:
    """Curl of f(x, y) e_z from (∂_x f, ∂_y f): its x and y components, (2, ...)."""
    return np.stack([gradient[1], -gradient[0]])
