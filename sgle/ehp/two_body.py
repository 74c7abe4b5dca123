"""Radiation between two bodies whose bosons have temperatures and chemical potentials (002 App. A, Eq. A1).

    J = ∫dω/2π ω τ(ω) [n_B(ω-ν₁, T₁) - n_B(ω-ν₂, T₂)]        energy, positive from body 1 into body 2
    I = ∫dω/2π   τ(ω) [n_B(ω-ν₁, T₁) - n_B(ω-ν₂, T₂)]        quanta
    σ = ∫dω/2π   τ(ω) [n_B(ω-ν₁, T₁) - n_B(ω-ν₂, T₂)] [(ω-ν₂)/T₂ - (ω-ν₁)/T₁] ≥ 0        entropy

σ is (J - ν₂ I)/T₂ - (J - ν₁ I)/T₁, the heat that each body gets over its temperature: energy may flow from cold to hot
as long as the potential pays for it. It does so up to the `stopping_potential`; for one frequency ω₀ and ν₁ = 0 that is
ν₂ = ω₀(1 - T₂/T₁), Carnot's share of a quantum.    Erratum: A1 is printed without the 2π of dω/2π.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq

from sgle.check import number
from sgle.errors import BathError, InputError, QuadratureError
from sgle.occupation import bose
from sgle.quadrature import integrate

Array = np.ndarray
Transmission = float | Callable[[Array], Array]
Body = tuple[float, float]


class Radiation(NamedTuple):
    """From body 1 into body 2.    energy J [eV²/ħ], quanta I [eV/ħ], entropy production σ [eV/ħ] of both bodies
    together; error (3,) of each, estimated by the quadrature.
    """

    energy: float
    quanta: float
    entropy: float
    error: Array


def radiation(
    transmission: Transmission, band: Sequence[float], first: Body, second: Body, *, rtol: float = 1e-10
) -> Radiation:
    """Energy, quanta and entropy of A1.

    transmission : τ, a number or a callable (n_w,) -> (n_w,) ≥ 0, such as sgle.landauer.transmission of a junction.
    band : ascending frequencies [eV], at which the integrals are broken: where τ begins, where it bends, where it ends
    (it may be infinity).    first, second : (T, ν) of each body [eV], T > 0.
    rtol : relative to ∫|integrand| of each, or to 1e-3 of the largest.
    Raises BathError for ν not below the band, where n_B is infinite (ν = 0 is allowed for a band from 0), InputError,
    QuadratureError.
    """
    points, bodies = _band(band), tuple(_body(body, band) for body in (first, second))
    value, error = integrate(lambda omega: _integrand(transmission, omega, *bodies), points, rtol=rtol)
    return Radiation(float(value[0]), float(value[1]), float(value[2]), error[:3])


def _integrand(transmission: Transmission, omega: Array, first: Body, second: Body) -> Array:
    """Of J, I, σ, and of the quanta that both bodies emit, which tell the quadrature what is zero, (n_w, 4)."""
    (t1, nu1), (t2, nu2) = first, second
    if omega.min() <= max(nu1, nu2):
        raise QuadratureError(
            "the flow of quanta is infinite: τ must vanish at ω = 0 if a body has ν = 0 and the band no gap"
        )
    share = _transmitted(transmission, omega) / (2 * np.pi)
    out, back = share * bose(omega - nu1, t1), share * bose(omega - nu2, t2)
    net, force = out - back, (omega - nu2) / t2 - (omega - nu1) / t1
    return np.stack([omega * net, net, net * force, out + back], axis=1)


def _transmitted(transmission: Transmission, omega: Array) -> Array:
    value = np.asarray(transmission(omega) if callable(transmission) else number(transmission, "transmission"))
    if value.ndim and value.shape != omega.shape:
        raise InputError(f"transmission has shape {value.shape} at {omega.size} frequencies", shape=value.shape)
    if not np.all(value >= 0):
        raise InputError(f"transmission must be ≥ 0, found {np.min(value):.6g}", smallest=float(np.min(value)))
    return value


def _band(band: Sequence[float]) -> list[float]:
    points = [float(w) for w in band]
    if len(points) < 2 or points[0] < 0 or not np.isfinite(points[:-1]).all() or not np.all(np.diff(points) > 0):
        raise InputError(f"band needs two or more ascending frequencies ≥ 0, only the last infinite, not {points}")
    return points


def _body(body: Any, band: Sequence[float]) -> Body:
    """(T, ν) of a body, refused unless T > 0 and ν lies below the band."""
    try:
        temperature, potential = body
    except (TypeError, ValueError):
        raise InputError(f"a body is a pair (T, ν), not {body!r}") from None
    t, nu, edge = _temperature(temperature), number(potential, "potential"), band[0]
    if nu > edge or nu == edge > 0:
        raise BathError(
            f"chemical potential ν = {nu:.6g} must lie below the lower edge {edge:.6g} of the band: n_B(ω-ν) is "
            "infinite at ω = ν",
            potential=nu,
            edge=edge,
        )
    return t, nu


def _temperature(temperature: Any) -> float:
    t = number(temperature, "temperature")
    if t <= 0:
        raise InputError(f"temperature {t:.6g} must be positive: entropy J/T is asked for", temperature=t)
    return t


def stopping_potential(
    transmission: Transmission,
    band: Sequence[float],
    other: Body,
    temperature: float,
    bracket: tuple[float, float] | None = None,
    *,
    of: str = "energy",
    rtol: float = 1e-11,
) -> float:
    """Potential ν of a body at `temperature` at which no energy (of = "energy") or no quanta flow to the `other` one.

    A1 is antisymmetric in the bodies: this is ν₂ for other = (T₁, ν₁), and ν₁ for other = (T₂, ν₂).
    bracket : where to look [eV]; by default between the potentials that stop the flow at either end of the band, and
    below the band. The root is found to about `rtol` of the bracket's ends.
    Raises InputError with the flows at both ends if there is no root between them (a τ that vanishes at the lower edge
    passes only so much), BathError, QuadratureError.
    """
    if of not in ("energy", "quanta"):
        raise InputError(f"flow of {of!r} is unknown; known: 'energy', 'quanta'")
    points, (t, nu), own = _band(band), _body(other, band), _temperature(temperature)
    low, high = _default_bracket(points, (t, nu), own) if bracket is None else bracket

    def flow(potential: float) -> float:
        found = radiation(transmission, points, (t, nu), (own, potential), rtol=rtol)
        return found.energy if of == "energy" else found.quanta

    ends = flow(low), flow(high)
    if ends[0] * ends[1] > 0:
        raise InputError(
            f"no potential between {low:.9g} and {high:.9g} stops the flow of {of}: it is {ends[0]:.6g} and "
            f"{ends[1]:.6g} at the ends. Give another bracket.",
            bracket=(low, high),
            flows=ends,
        )
    return float(brentq(flow, low, high, xtol=rtol * max(abs(low), abs(high), 1e-300), rtol=1e-14))


def _default_bracket(points: list[float], other: Body, temperature: float) -> tuple[float, float]:
    """Potentials between which every frequency of the band stops: ν = ω - (ω-ν₁) T/T₁ at its ends."""
    if np.isinf(points[-1]):
        raise InputError("a band without end needs a bracket for its stopping potential")
    t, nu = other
    low, high = sorted(omega - (omega - nu) * temperature / t for omega in (points[0], points[-1]))
    margin = 1e-6 * (points[-1] - points[0])
    return low - margin, min(high + margin, points[0] - margin)
