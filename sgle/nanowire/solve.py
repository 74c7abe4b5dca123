"""From transmission, temperature and bias or current to the solved nanowire (003 II, Appendix B)."""

import warnings
from typing import Any

import numpy as np
from scipy.optimize import brentq

from sgle.errors import InputError, PhysicsError, SgleWarning
from sgle.nanowire.grid import REACH, contact
from sgle.nanowire.half import HalfWire
from sgle.nanowire.matching import match
from sgle.nanowire.modes import modes
from sgle.nanowire.solution import Solution
from sgle.nanowire.transmission import Transmission, as_transmission


class LinearisationWarning(SgleWarning):
    """Fields in a nanowire that its electrons do not answer in proportion."""


STRONGEST = 2.0  # F/t at which f leaves [0, 1] at the Fermi level even far away: there w = 1/4t
FIRST_BIAS, LOWEST_BIAS = 0.01, 1e-12


def solve(
    transmission: Any,
    temperature: float,
    *,
    bias: float | None = None,
    current: float | None = None,
    exponent: float = 0.0,
    accuracy: float = 1e-5,
    allow_nonlinear: bool = False,
) -> Solution:
    """Two wires with electron-phonon relaxation, joined by a scatterer: everything follows from bias or current.

    transmission : a Transmission, a callable T(E) ((n,) -> (n,), E above the left band bottom in μ0), or (peak, width)
    of a Lorentzian.    temperature : k_BT/μ0 > 0.    bias : eV/μ0 across the scatterer, or current I in e μ0/h; a
    negative one flows to the left.    exponent : s of τ(p) = τ (p/p_F)^s, -1 ≤ s < 1.    accuracy : of the grid
    (`contact`).    allow_nonlinear : answer however large the fields, without a word.
    Limits : the wires are linearised in F and φ, strongly screened (neutral everywhere), one channel without spin.
    Raises InputError for what cannot be meant, T(E) outside [0, 1] among it; PhysicsError where no bias gives the
    current, nothing is passed, or F_ext l_F or eφ exceed μ0 (transmission → 1). Warns (LinearisationWarning) from
    2 k_BT on.
    Source : Leumer et al. (2024), Eqs. 1-36 and Appendices A, B, D; reference/nanowire.md. Cost : about 0.1 s.
    """
    scatterer, t = as_transmission(transmission), _positive(temperature, "temperature k_BT/μ0")
    s = _relaxation(exponent)
    precise = _positive(accuracy, "accuracy")
    if (bias is None) == (current is None):
        raise InputError(f"give either a bias or a current, not bias={bias!r} and current={current!r}")
    name, given = ("bias", bias) if current is None else ("current", current)
    value = _number(given, name)
    if abs(value) < LOWEST_BIAS:
        raise InputError(f"{name} {value:g}: nothing to speak of flows or is heated; ask for 1e-3, say", value=value)
    direction = 1 if value > 0 else -1
    seen = scatterer if direction > 0 else scatterer.mirrored()
    v = abs(value) if current is None else _bias_of(seen, t, abs(value), s, precise)
    found = _at_bias(seen, t, v, s, precise, direction)
    if not allow_nonlinear:
        _require_linear(found)
    return found


def _at_bias(
    scatterer: Transmission, temperature: float, bias: float, exponent: float, accuracy: float, direction: int = 1
) -> Solution:
    """The solution for bias > 0 as seen from the wire it comes from, whatever its force."""
    grid = contact(scatterer, temperature, bias, exponent, accuracy)
    left, right = modes(grid.left), modes(grid.right)
    if not np.any(grid.transmission * grid.drop):
        raise PhysicsError(
            f"the scatterer passes nothing at bias {bias:.4g} and temperature {temperature:.4g}: T(E) is zero wherever "
            "the grid looks. Move the resonance towards μ0, or name it in `places` if it is narrow.",
            bias=bias,
            temperature=temperature,
        )
    matched = match(grid, left, right)
    upstream = HalfWire(grid.left, left, matched.left, -matched.force)
    downstream = HalfWire(grid.right, right, matched.right, matched.force)
    return Solution(direction * bias, temperature, exponent, grid, upstream, downstream, direction, matched.residual)


def _bias_of(scatterer: Transmission, temperature: float, current: float, exponent: float, accuracy: float) -> float:
    """The smallest bias found to give a current > 0: raised until it does, then narrowed down."""

    def miss(bias: float) -> float:
        return abs(_at_bias(scatterer, temperature, bias, exponent, accuracy).current) - current

    low, high, last = 0.0, FIRST_BIAS, 1 + REACH * temperature
    while (above := miss(high)) < 0:
        if high >= last:
            raise PhysicsError(
                f"no bias gives a current of {current:.6g}: at a bias of {high:.4g}, with all electrons of one side "
                f"free to pass, the scatterer passes {above + current:.6g} (unit e μ0/h). Ask for less, or widen T(E).",
                current=current,
                largest=above + current,
                bias=high,
            )
        low, high = high, min(4 * high, last)
    if low == 0.0 and miss(LOWEST_BIAS) > 0:
        raise PhysicsError(
            f"a current of {current:.6g} needs a bias below {LOWEST_BIAS:g}: the scatterer hardly reflects, and the "
            "drop across it is lost beside that along the wires. Ask for a larger current or a weaker transmission.",
            current=current,
            bias=LOWEST_BIAS,
        )
    return float(brentq(miss, low or LOWEST_BIAS, high, xtol=1e-15, rtol=1e-13))


def _require_linear(solution: Solution) -> None:
    """Refuse fields beyond all energies of the electrons, warn of those beyond their temperature."""
    fields = abs(solution.force), *np.abs(solution.potential([-0.0, 0.0]))
    said = (
        f"the field over one free path, {fields[0]:.4g} μ0, or the potentials at the scatterer, {fields[1]:.4g} and "
        f"{fields[2]:.4g} μ0, are {solution.nonlinearity:.4g} temperatures (bias {solution.bias:.4g}, current "
        f"{solution.current:.4g} e μ0/h)"
    )
    if max(fields) > max(1.0, solution.temperature):
        raise PhysicsError(
            f"{said}: wires linearised in them mean nothing. The scatterer passes too much: lower the bias or the "
            "transmission. The linear answer all the same: allow_nonlinear=True.",
            force=solution.force,
            current=solution.current,
            ratio=solution.nonlinearity,
        )
    if solution.nonlinearity > STRONGEST:
        warnings.warn(
            f"{said}: above {STRONGEST:g} the linearised wires have occupations outside [0, 1] at the Fermi level. "
            "Currents are less sensitive than distributions; a lower bias tells how much.",
            LinearisationWarning,
            stacklevel=3,
        )


def _relaxation(exponent: float) -> float:
    s = _number(exponent, "exponent")
    if not -1 <= s < 1:
        raise InputError(
            f"exponent {s:g} of τ ∝ p^s must lie in [-1, 1): from 1 on electrons at rest relax faster than all others "
            "together, below -1 they fly infinitely far",
            exponent=s,
        )
    return s


def _number(value: Any, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be a number, not {value!r:.60}", name=name) from None
    if not np.isfinite(number):
        raise InputError(f"{name} {number!r} must be finite", name=name, value=number)
    return number


def _positive(value: Any, name: str) -> float:
    number = _number(value, name)
    if number <= 0:
        raise InputError(f"{name} {number:g} must be positive", name=name, value=number)
    return number
