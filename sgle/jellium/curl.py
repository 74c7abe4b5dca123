"""Curl of the wind force on a weak scatterer in a wire under current (004 Eqs. 37-39, Figs. 5, 6).

    curl F = (2π m C²/ħ) curl(L_z e_z),   L_z = ½∫dε [ν(ε-ω0) + ν(ε+ω0)] j(ε) [f_1(ε) - f_2(ε)],
    ν = Σ χ²/πv (local density of states),   j = Σ χ²/2π (current per energy),   v = √2(ε-e_nm),   open subbands

for the potential C δ(r - R): where density of states and current are both high the force is strong, and at the surface
it falls to zero within λ_F: a loop through the surface turns a wheel (Fig. 2).
"""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from scipy.special import j0, j1

from sgle.check import number
from sgle.errors import InputError
from sgle.jellium.window import Window
from sgle.jellium.wire import FERMI, FERMI_VECTOR, Array, Section, Wire, product, rotated

BULK = 2 * np.pi  # 1/(ν_b j_b) of the bulk: ν_b = 1/π, j_b = 1/2
EDGES = ("refuse", "exclude")


class CurlMap(NamedTuple):
    """On the points x ⊗ y [λ_F].    strength (n_x, n_y) : L_z/(eW ν_b j_b), 1 in the bulk.

    curl (2, n_x, n_y) : x and y components of the curl of the force in units of (2π m C²/ħ) eW ν_b j_b/λ_F, which is
    C² eW in units of ħ = m = λ_F = 1.    nearest_edge : distance of the nearest subband's edge from ε_F, in ε_F.
    """

    x: Array
    y: Array
    strength: Array
    curl: Array
    nearest_edge: float


def curl_map(
    wire: Wire,
    x: Any,
    y: Any,
    *,
    bias: float = 0.0,
    temperature: float = 0.0,
    frequency: float = 0.0,
    edges: str = "refuse",
    rtol: float = 1e-8,
) -> CurlMap:
    """Strength and curl of the non-conservative force per unit of bias.

    bias eW, temperature, frequency ω0 in units of ε_F; a bias of 0 is the limit of small bias.
    edges : what to do, without bias and temperature, if a subband begins exactly at an energy that takes part, as at
    S = 10 or 20 λ_F: "refuse" it or "exclude" that subband (its χ² vanishes on Fig. 6's line, not elsewhere). With
    bias or temperature all edges are integrated over, and the result grows like eW^-1/2 there.
    Raises InputError, PhysicsError (an edge), QuadratureError.
    """
    window, section = Window(bias, temperature), Section(wire, x, y)
    omega = FERMI * _frequency(frequency)
    if edges not in EDGES:
        raise InputError(f"edges {edges!r} must be one of {', '.join(EDGES)}")
    shifts = (0.0,) if omega == 0 else (-omega, omega)
    if window.sharp and edges == "refuse":
        wire.require_off_edge(tuple({0.0, *shifts}))
    bands = wire.bands(window.span[1] + omega)
    if window.sharp:
        bands = wire.without_edges(bands, tuple({0.0, *shifts}))

    def local(section: Section, energy: float) -> Array:
        states = np.mean([density_of_states(bands, energy + shift) for shift in shifts], axis=0)
        return product(section.sum(states), section.sum(open_channels(bands, energy)))

    places = np.unique(np.concatenate([bands.ravel() + shift for shift in (0.0, *shifts)]))
    found = [window.average(partial(local, piece), places, rtol) for piece in section.pieces]
    value, *gradient = BULK * np.concatenate(found, axis=1)
    return CurlMap(section.x, section.y, value, rotated(gradient), wire.nearest_edge()[0])


def density_of_states(bands: Array, energy: float) -> Array:
    """1/πv of the subbands that are open at this energy, 0 of others."""
    is_open = energy > bands
    return np.where(is_open, 1 / (np.pi * np.sqrt(2 * np.where(is_open, energy - bands, 1.0))), 0.0)


def open_channels(bands: Array, energy: float) -> Array:
    """Current per energy, 1/2π, of the subbands that are open at this energy."""
    return (energy > bands) / (2 * np.pi)


def surface(distance: Any) -> tuple[Array, Array]:
    """Strength and curl_y at a distance [λ_F] below the plane surface of an endless metal: the limit of wide wires.

    (1 - sin z/z)(1 - 2J_1(z)/z) with z = 2k_F d, and minus its derivative.
    """
    z = 2 * FERMI_VECTOR * np.atleast_1d(np.asarray(distance, dtype=float))
    if not np.all(z > 0):
        raise InputError(
            f"distances below a surface must be positive, the smallest is {z.min() / 2 / FERMI_VECTOR:.6g}"
        )
    density, current = 1 - np.sin(z) / z, 1 - 2 * j1(z) / z
    bent = (np.sin(z) / z - np.cos(z)) / z
    slope = 2 * (2 * j1(z) / z - j0(z)) / z
    return density * current, -2 * FERMI_VECTOR * (bent * current + density * slope)


def _frequency(frequency: float) -> float:
    value = number(frequency, "frequency")
    if value < 0:
        raise InputError(f"a frequency of {value:.6g} ε_F must not be negative", frequency=value)
    return value
