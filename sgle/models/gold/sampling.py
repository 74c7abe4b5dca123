"""Points of a table: where Γ/ω has to be known so that straight lines between the points are good enough."""

from collections.abc import Callable

import numpy as np

Array = np.ndarray
ROUNDS = 12


def sampled(
    broadening: Callable[[Array], Array], start: Array, tolerance: float, finest: float
) -> tuple[Array, Array, float]:
    """Points ω (n_w,), Γ there (n_w, n, n) and the largest error of a straight line seen, relative to the largest |Γ|.

    broadening : (n_w,) -> (n_w, n, n) symmetric.    start : first points, ascending from 0, where Γ = 0.
    Every interval is halved; where linear interpolation of Γ/ω misses Γ in the middle by more than tolerance × max|Γ|
    its halves are halved again, down to `finest`. All points evaluated are kept: they leave a quarter of the error.
    """
    omega = np.asarray(start, dtype=float)
    values = broadening(omega)
    values[0] = 0.0
    scale = np.abs(values).max()
    pending, largest = np.ones(len(omega) - 1, bool), 0.0
    for _ in range(ROUNDS):
        left = np.flatnonzero(pending)
        if left.size == 0:
            break
        middle = (omega[left] + omega[left + 1]) / 2
        found = broadening(middle)
        scale = max(scale, np.abs(found).max())
        missed = np.abs(_straight(omega, values, left, found) - found).max(axis=(1, 2)) / scale
        bad = (missed > tolerance) & (omega[left + 1] - omega[left] > 2 * finest)
        largest = max(largest, missed[~bad].max(initial=0.0))
        omega, values = np.insert(omega, left + 1, middle), np.insert(values, left + 1, found, axis=0)
        pending = np.zeros(len(omega) - 1, bool)
        first = left + np.arange(len(left))
        pending[first], pending[first + 1] = bad, bad
    return omega, values, largest / 4


def _straight(omega: Array, values: Array, left: Array, middle: Array) -> Array:
    """Γ in the middle of intervals by linear interpolation of Γ/ω; below the first point Γ/ω is constant."""
    below, above = omega[left], omega[left + 1]
    right = values[left + 1] / above[:, None, None]
    lower = values[left] / np.where(below > 0, below, 1.0)[:, None, None]
    lower[below == 0] = right[below == 0]
    return (lower + right) / 2 * ((below + above) / 2)[:, None, None]
