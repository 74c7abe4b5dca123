"""The second road, without modes: Chandrasekhar's H function gives at once what a wire sends back to the scatterer.

With f = f0 + w χ each half-wire is a conservative half-space of transport theory with free paths l and characteristic
function c_τ/2. For a force g away from the scatterer

    χ_in(l) = ∫dk' (c_τ'/2) l' H(l) H(l')/(l + l') χ_out(l') - m g H(l),   m² = ∫c_τ l² dk,

and φ(0) makes φ + δμ vanish far away. Only what happens at the scatterer comes out. Source: reference/nanowire.md;
S. Chandrasekhar, Radiative Transfer (1950), chapter V.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import qr, solve_triangular

from sgle.nanowire.grid import Contact, Wire

Array = np.ndarray
STEP, FARTHEST = 0.25, 38.0  # of the trapezoid rule in z: converges as exp(-π²/STEP), cut at exp(-FARTHEST)


class Crossing(NamedTuple):
    """What a road without modes finds for bias > 0: I [e μ0/h], F, eφ(0∓), and f arriving from both sides (n_L,)."""

    current: float
    force: float
    potential_left: float
    potential_right: float
    from_left: Array
    from_right: Array


def h_function(wire: Wire) -> Array:
    """H(l) at the nodes, (n,): ln H = -(1/2π)∫dz ln L(e^z/l)/cosh z, L(s) = ∫c_τ s²l²/(1+s²l²) dk."""
    absorbed, squares = wire.weight * wire.capture, wire.path**2
    total = np.zeros(len(squares))
    for z in np.arange(-FARTHEST, FARTHEST + STEP / 2, STEP):
        ratio = np.exp(2 * z) * squares / squares[:, None]
        total += np.log((ratio / (1 + ratio)) @ absorbed) / np.cosh(z)
    return np.exp(-STEP * total / (2 * np.pi))


def without_modes(contact: Contact) -> Crossing:
    """Solve Eqs. 19 of 003 and neutrality at the scatterer for what leaves it on both sides and for the force."""
    left, right, closed, passed = contact.left, contact.right, contact.closed, contact.transmission
    here, there = _answer(left), _answer(right)
    n_l, n_r = len(here.scale), len(there.scale)
    opened = np.concatenate([np.zeros(closed), passed])
    # Unknowns: sqrt(metric) (f_out - f0) of left and right wire, F; rows of 19a, 19b likewise, then neutrality.
    matrix = np.zeros((n_l + n_r + 2, n_l + n_r + 2))
    upper, lower = matrix[:n_r], matrix[n_r:-2]
    across = passed * there.scale[closed:] / here.scale
    upper[:, n_l:-2] = np.eye(n_r) - (1 - opened)[:, None] * there.back
    upper[closed:, :n_l] = -across[:, None] * here.back
    upper[:, -2] = (1 - opened) * there.drift
    upper[closed:, -2] -= across * here.drift
    upper[closed:, -1] = passed * there.scale[closed:] * contact.drop
    across = passed * here.scale / there.scale[closed:]
    lower[:, :n_l] = np.eye(n_l) - (1 - passed)[:, None] * here.back
    lower[:, n_l:-2] = -across[:, None] * there.back[closed:]
    lower[:, -2] = across * there.drift[closed:] - (1 - passed) * here.drift
    lower[:, -1] = -passed * here.scale * contact.drop
    for row, wire, side, columns, sign in ((-2, left, here, slice(n_l), 1), (-1, right, there, slice(n_l, -2), -1)):
        density = wire.weight / side.scale
        matrix[row, columns] = density + density @ side.back
        matrix[row, -2] = sign * density @ side.drift
    triangle = qr(matrix, mode="r", overwrite_a=True, check_finite=False)[0]
    unknowns = solve_triangular(triangle[:-1, :-1], triangle[:-1, -1], check_finite=False)
    from_l, from_r, force = unknowns[:n_l], unknowns[n_l:-1], float(unknowns[-1])
    return Crossing(
        force * right.conductivity,
        force,
        _potential(left, here, from_l, -force),
        _potential(right, there, from_r, force),
        left.occupation + (here.back @ from_l + force * here.drift) / here.scale,
        (right.occupation + (there.back @ from_r - force * there.drift) / there.scale)[closed:],
    )


class _Answer(NamedTuple):
    """How a half-wire answers, for deviations of f times scale = sqrt(metric) (n,).

    back (n, n) : what reaches the scatterer for what leaves it.    drift (n,) : per unit of force towards it.
    moment (n,) : of what leaves, per φ + δμ far away.    h (n,) : H function.
    """

    scale: Array
    back: Array
    drift: Array
    moment: Array
    h: Array


def _answer(wire: Wire) -> _Answer:
    h, scale = h_function(wire), np.sqrt(wire.metric)
    rate = wire.weight / wire.relaxation  # W c_τ/w but for a factor
    total = rate @ wire.slope
    moment = rate * wire.path * h / total / scale
    answer = scale * wire.slope * h
    back = answer[:, None] * (moment / 2) / (wire.path[:, None] + wire.path)
    m = np.sqrt(rate @ (wire.slope * wire.path**2) / total)
    return _Answer(scale, back, m * answer, moment, h)


def _potential(wire: Wire, answer: _Answer, leaving: Array, force: float) -> float:
    """eφ(0) from ∫c_τ l H (χ_out + φ) = g ∫c_τ l² H."""
    arriving = answer.moment * answer.scale * wire.slope
    return float((force * (arriving @ wire.path) - answer.moment @ leaving) / arriving.sum())
