"""Joining the wires: amplitudes of the modes and the field that make Eqs. 19 of 003 compatible (Appendix B)."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import qr, solve_triangular

from sgle.nanowire.grid import Contact
from sgle.nanowire.modes import Modes

Array = np.ndarray


class Match(NamedTuple):
    """Amplitudes of the modes (n_L-1,), (n_R-1,), the force F = F_ext v_F τ/μ0, and what the equations miss by.

    residual : relative to the drive. Eqs. 19 are one more than the unknowns, of which one depends on the others, so it
    is rounding; anything larger is an error of weights or signs.
    """

    left: Array
    right: Array
    force: float
    residual: float


def match(contact: Contact, left: Modes, right: Modes) -> Match:
    """Solve Eqs. 19a (rows of the right wire) and 19b (left) by QR, rows scaled by sqrt(metric)."""
    here, there, closed = contact.left, contact.right, contact.closed
    passed = contact.transmission
    opened = np.concatenate([np.zeros(closed), passed])
    drude_l, drude_r = here.path * here.slope, there.path * there.slope
    n_l, n_r = len(left.length), len(right.length)
    matrix = np.zeros((len(opened) + len(passed), n_l + n_r + 2))
    upper, lower = matrix[: len(opened)], matrix[len(opened) :]

    upper[:, n_l : n_l + n_r] = right.away - (1 - opened)[:, None] * right.towards
    upper[closed:, :n_l] = -passed[:, None] * left.towards
    upper[:, -2] = (2 - opened) * drude_r
    upper[closed:, -2] -= passed * drude_l
    upper[closed:, -1] = passed * contact.drop

    lower[:, :n_l] = left.away - (1 - passed)[:, None] * left.towards
    lower[:, n_l : n_l + n_r] = -passed[:, None] * right.towards[closed:]
    lower[:, -2] = -(2 - passed) * drude_l + passed * drude_r[closed:]
    lower[:, -1] = -passed * contact.drop

    matrix *= np.sqrt(np.concatenate([there.metric, here.metric]))[:, None]
    drive = np.linalg.norm(matrix[:, -1])
    triangle = qr(matrix, mode="r", overwrite_a=True, check_finite=False)[0][: matrix.shape[1]]
    unknowns = solve_triangular(triangle[:-1, :-1], triangle[:-1, -1], check_finite=False)
    return Match(unknowns[:n_l], unknowns[n_l:-1], float(unknowns[-1]), float(abs(triangle[-1, -1]) / drive))
