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
    """Solve Eqs. 19 of 003 and neutrality at the scatterer for χ_out on both sides and the force."""
    l, r, closed = contact.left, contact.right, contact.closed
    n_l, n_r = len(l.momentum), len(r.momentum)
    (back_l, drift_l, h_l), (back_r, drift_r, h_r) = _returned(l), _returned(r)
    scale_l, scale_r = (np.sqrt(wire.weight * wire.share) for wire in (l, r))
    half = l.compressibility / 2
    # Unknowns sqrt(W c) χ_out and F; rows of Eqs. 19 times sqrt(W/c), so that w χ becomes half of them times N'.
    passed = np.concatenate([np.zeros(closed), contact.transmission])
    cross_r = (passed[closed:] * np.sqrt(r.weight / r.share)[closed:] / np.sqrt(l.weight / l.share))[:, None]
    cross_l = (contact.transmission * np.sqrt(l.weight / l.share) / np.sqrt(r.weight / r.share)[closed:])[:, None]
    matrix = np.zeros((n_l + n_r + 2, n_l + n_r + 2))
    upper, lower = matrix[:n_r], matrix[n_r : n_r + n_l]
    upper[:, n_l:-2] = np.eye(n_r) - (1 - passed)[:, None] * back_r
    upper[closed:, :n_l] = -cross_r * back_l
    upper[:, -2] = (1 - passed) * drift_r
    upper[closed:, -2] -= cross_r[:, 0] * drift_l
    lower[:, :n_l] = np.eye(n_l) - (1 - contact.transmission)[:, None] * back_l
    lower[:, n_l:-2] = -cross_l * back_r[closed:]
    lower[:, -2] = -(1 - contact.transmission) * drift_l + cross_l[:, 0] * drift_r[closed:]
    drop = contact.transmission * (l.occupation - r.occupation[closed:]) / half
    matrix[closed:n_r, -1] = np.sqrt(r.weight / r.share)[closed:] * drop
    matrix[n_r : n_r + n_l, -1] = -np.sqrt(l.weight / l.share) * drop
    matrix[-2, :n_l], matrix[-2, -2] = scale_l + scale_l @ back_l, scale_l @ drift_l
    matrix[-1, n_l:-2], matrix[-1, -2] = scale_r + scale_r @ back_r, -(scale_r @ drift_r)

    triangle = qr(matrix, mode="r", overwrite_a=True, check_finite=False)[0]
    unknowns = solve_triangular(triangle[:-1, :-1], triangle[:-1, -1], check_finite=False)
    left, right, force = unknowns[:n_l], unknowns[n_l:-1], float(unknowns[-1])
    from_left = l.occupation + half * np.sqrt(l.share / l.weight) * (back_l @ left + force * drift_l)
    from_right = r.occupation + half * np.sqrt(r.share / r.weight) * (back_r @ right - force * drift_r)
    return Crossing(
        force * r.conductivity,
        force,
        _potential(l, h_l, left / scale_l, -force),
        _potential(r, h_r, right / scale_r, force),
        from_left,
        from_right[closed:],
    )


def _returned(wire: Wire) -> tuple[Array, Array, Array]:
    """What comes back, in unknowns sqrt(W c) χ: matrix (n, n), per unit force towards the scatterer (n,), and H (n,)."""
    h, scale = h_function(wire), np.sqrt(wire.weight * wire.share)
    source = wire.weight * wire.capture / 2 * wire.path * h / scale
    kernel = (scale * h)[:, None] * source / (wire.path[:, None] + wire.path)
    m = np.sqrt(wire.weight @ (wire.capture * wire.path**2))
    return kernel, m * scale * h, h


def _potential(wire: Wire, h: Array, out: Array, force: float) -> float:
    """eφ(0) from ∫c_τ l H (χ_out + φ) = g ∫c_τ l² H."""
    moment = wire.weight * wire.capture * wire.path * h
    return float((force * (moment @ wire.path) - moment @ out) / moment.sum())
