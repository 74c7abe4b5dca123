"""Sampling a matrix function of frequency until straight lines between the points represent it."""

from collections.abc import Callable

import numpy as np

from sgle.errors import SpectrumError

Array = np.ndarray
MOST_POINTS = 20_000


def from_zero(omega: Array, over_omega: Array) -> tuple[Array, Array]:
    """ω and Γ = ωF from nodes (m,) > 0 and F (m, n, n), with a point at ω = 0 in front for sgle.baths.tabulated."""
    broadening = omega[:, None, None] * over_omega
    return np.append(0.0, omega), np.concatenate([0 * broadening[:1], broadening])


def adaptive_table(function: Callable[[Array], Array], points: Array, rtol: float) -> tuple[Array, Array]:
    """Nodes (m,) and values (m, n, n), refined by halving until the function at the middle of every interval is met.

    function : (n_w,) -> (n_w, n, n).    points : (n,) ascending, the first nodes; the ends and features as narrow as
    nothing between them shows belong here.    rtol : allowed distance at the middle, relative to the largest element
    there, so that the weak tail outside a band is right, too.    Raises SpectrumError beyond 20 000 points.
    """
    nodes = np.asarray(points, dtype=float)
    values = function(nodes)
    open_ = np.ones(len(nodes) - 1, dtype=bool)
    while np.any(open_):
        left = np.flatnonzero(open_)
        middle = (nodes[left] + nodes[left + 1]) / 2
        exact = function(middle)
        distance = np.abs(exact - (values[left] + values[left + 1]) / 2).max(axis=(1, 2))
        bad = distance > rtol * np.abs(exact).max(axis=(1, 2))
        if len(nodes) + len(middle) > MOST_POINTS:
            raise SpectrumError(
                f"a table with errors below {rtol:g} needs more than {MOST_POINTS} points; the worst place is "
                f"{middle[np.argmax(distance)]:.6g}. Raise the broadening or rtol.",
                place=float(middle[np.argmax(distance)]),
            )
        # Every middle is kept, it has been paid for; halves of bad intervals are looked at again.
        where = left + 1
        nodes, values = np.insert(nodes, where, middle), np.insert(values, where, exact, axis=0)
        place = where + np.arange(len(where))
        open_ = np.zeros(len(nodes) - 1, dtype=bool)
        open_[place[bad] - 1] = open_[place[bad]] = True
    return nodes, values
