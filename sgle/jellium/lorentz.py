"""Lorentz-like force on a weak scatterer in a wire: vector potential and effective magnetic field (004 Eqs. 49-51).

    A_z = (C²/2ω0) ∫dε j(ε) [f_1(ε) - f_2(ε)] h(ε),   h = Σ χ²_nm h_nm/√2,   B = curl(A_z e_z),   F = V × B
    h_nm(ε) = Re[1/√(e_nm - ε + ω0) - 1/√(e_nm - ε - ω0)]

Eq. 49 with the principal value taken: the Hilbert transform of 1/√(ε-e) vanishes above e, so that only subbands above
ε - ω0, almost all of them closed, contribute; the integral over a step of bias is Eq. 51. Also valid with subband edges
in the window and at finite temperature. The sum over closed subbands falls like 1/k³ of their wave number k only: it is
cut off smoothly, and the rest is the integral over a continuum, ∫(1 - w)h de/2π.
"""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial.chebyshev import chebpts1, chebvander
from scipy.special import erfc

from sgle.check import number
from sgle.errors import InputError, QuadratureError
from sgle.jellium.curl import open_channels
from sgle.jellium.window import Window
from sgle.jellium.wire import FERMI, FERMI_VECTOR, Array, Local, Section, Wire, product, rotated

HIGH = 8 * FERMI  # energy (wave number 3 k_F) up to which subbands are summed at every energy
LARGEST = 4000  # subbands along a side
SMOOTH = 16  # the cutoff falls off over this part of its wave number
GAUSS = np.polynomial.legendre.leggauss(200)


class LorentzMap(NamedTuple):
    """On the points x ⊗ y [λ_F].    potential (n_x, n_y) : A_z/(C² eW), field (2, n_x, n_y) : B_x, B_y by C² eW.

    In units of ħ = m = λ_F = 1.    error : of the potential, from the cutoff of the sum, relative to the largest.
    """

    x: Array
    y: Array
    potential: Array
    field: Array
    error: float


def lorentz_map(
    wire: Wire,
    x: Any,
    y: Any,
    *,
    frequency: float,
    bias: float = 0.0,
    temperature: float = 0.0,
    rtol: float = 1e-6,
) -> LorentzMap:
    """Vector potential and field of the Lorentz-like force per unit of bias.

    frequency ω0 > 0, bias eW, temperature in units of ε_F; a bias of 0 is the limit of small bias.
    Depends strongly on where ε_F lies among the subbands, and on ω0 where it reaches the next one.
    Raises InputError, PhysicsError (an edge at ε_F or ε_F ± ω0 without bias and temperature), QuadratureError (a point
    so near a wall that the sum needs more than 4000 subbands along a side).
    """
    window, section, omega = Window(bias, temperature), Section(wire, x, y), FERMI * number(frequency, "frequency")
    if not 0 < omega < FERMI:
        raise InputError(
            f"the force needs a frequency between 0 and ε_F, not {frequency!r} ε_F: its energy scale. Without subbands "
            "in reach of it the field does not depend on it: take 1e-4.",
            frequency=omega / FERMI,
        )
    if window.sharp:
        wire.require_off_edge((0.0, -omega, omega))
    found = [_piece(piece, window, omega, rtol) for piece in section.pieces]
    value, *gradient = np.concatenate([part for part, _ in found], axis=1) / (2 * omega)
    return LorentzMap(section.x, section.y, value, rotated(gradient), max(error for _, error in found))


def _piece(section: Section, window: Window, omega: float, rtol: float) -> tuple[Array, float]:
    """∫dε (f_1 - f_2)/eW j h and its derivatives, (3, n_x, n_y), and the error of the sum over closed subbands."""
    bands, far, error = section.wire.bands(HIGH), *_converged(section, window, omega, rtol)
    near = np.where(bands < HIGH, 1.0, 0.0)

    def local(energy: float) -> Array:
        closed = section.sum(near * _transform(bands, energy, omega)) + far(energy)
        return product(section.sum(open_channels(bands, energy)), closed)

    places = np.unique(np.concatenate([bands.ravel() + shift for shift in (0.0, -omega, omega)]))
    return window.average(local, places, rtol / 100), error


def _transform(bands: Array, energy: float, omega: float) -> Array:
    """Re[1/√(e-ε+ω0) - 1/√(e-ε-ω0)]/√2."""
    z = bands - energy
    alone = np.where(z > -omega, 1 / np.sqrt(2 * np.where(z > -omega, z + omega, 1.0)), 0.0)
    return np.where(z > omega, _difference(np.where(z > omega, z, 2 * omega), omega), alone)


def _difference(z: Array, omega: float) -> Array:
    """[1/√(z+ω0) - 1/√(z-ω0)]/√2 for z > ω0, without the difference of equal numbers."""
    high, low = np.sqrt(z + omega), np.sqrt(z - omega)
    return -np.sqrt(2) * omega / (high * low * (high + low))


def _converged(section: Section, window: Window, omega: float, rtol: float) -> tuple[Local, float]:
    """The subbands beyond HIGH as a polynomial of energy, and its error, with as high a cutoff as it takes."""
    half = max(window.span[1], 1e-12 * FERMI)
    # Seen from subbands that high the window is narrow: each node gains its width over 2 HIGH.
    points = chebpts1(1 if window.sharp else 2 + int(np.log(1e-11) / np.log(half / HIGH)))
    nodes = half * points
    cutoff, found = max(12 * FERMI_VECTOR, SMOOTH / section.wall), None
    while cutoff * max(section.wire.sides) / np.pi < LARGEST:
        before, found = found, _beyond(section, cutoff, nodes, omega)
        error = np.inf if before is None else _change(before, found)
        if error < rtol:
            coefficients = np.tensordot(np.linalg.inv(chebvander(points, len(points) - 1)), found, axes=1)
            return partial(_polynomial, coefficients, half), error
        cutoff *= 1.5
    raise QuadratureError(
        f"the sum over closed subbands does not converge at {section.wall:.3g} λ_F from a wall with {LARGEST} subbands "
        f"along a side. Take points further inside, a narrower wire or a larger rtol than {rtol:g}.",
        distance=section.wall,
        rtol=rtol,
    )


def _change(before: Array, after: Array) -> float:
    """Largest difference of the values, and of the derivatives, relative to the largest of them."""
    changes, scales = (np.abs(part).max(axis=(0, 2, 3)) for part in (after - before, after))
    return float(max(changes[0] / scales[0], changes[1:].max() / scales[1:].max()))


def _polynomial(coefficients: Array, half: float, energy: float) -> Array:
    """Σ_n c_n T_n(ε/half), (3, n_x, n_y)."""
    powers = chebvander(energy / half, len(coefficients) - 1)[0]
    return np.tensordot(powers, coefficients, axes=1)


def _beyond(section: Section, cutoff: float, nodes: Array, omega: float) -> Array:
    """Σ χ² h of subbands from HIGH on, and its derivatives, (n_nodes, 3, n_x, n_y)."""
    bands = section.wire.bands(cutoff**2 / 2 - FERMI)
    kept = np.where(bands >= HIGH, _kept(np.sqrt(2 * (bands + FERMI)), cutoff), 0.0)
    bands = np.maximum(bands, HIGH)  # those below are not kept
    total = np.stack([section.sum(kept * _difference(bands - energy, omega)) for energy in nodes])
    total[:, 0] += np.array([_tail(cutoff, float(energy), omega) for energy in nodes])[:, None, None]
    return total * section.inside  # on a wall there is no scatterer's force and no average


def _kept(wave: Array, cutoff: float) -> Array:
    """Smooth step from 1 to 0, between a quarter of the cutoff and the cutoff to 1e-16."""
    return erfc((wave - 0.625 * cutoff) * SMOOTH / cutoff) / 2


def _tail(cutoff: float, energy: float, omega: float) -> float:
    """∫(1-w) h k dk/2π: what is cut off, on average over a distance from walls of several wavelengths 1/k."""
    x, weights = GAUSS
    u = (1 + x) / 2  # k = cutoff/4/u
    k = 0.25 * cutoff / u
    jacobian = 0.25 * cutoff / u**2 / 2
    return float(
        np.sum(weights * jacobian * (1 - _kept(k, cutoff)) * _difference(k**2 / 2 - FERMI - energy, omega) * k)
    ) / (2 * np.pi)
