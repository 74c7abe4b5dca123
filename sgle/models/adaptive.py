"""Points of a table of Γ(ω): where it has to be known so that straight lines of Γ/ω between them are good enough."""

from collections.abc import Callable

import numpy as np

from sgle.errors import SpectrumError

Array = np.ndarray
MOST_POINTS = 20_000


def adaptive_table(
    broadening: Callable[[Array], Array], start: Array, tolerance: float, *, floor: float = 0.0, finest: float = 0.0
) -> tuple[Array, Array, float]:
    """Points ω (n_w,), Γ there (n_w, n, n) for sgle.baths.tabulated, and the largest error seen, relative to max |Γ|.

    broadening : (n_w,) -> (n_w, n, n) symmetric.    start : first points, ascending from 0, where Γ = 0; ends, and
    features as narrow as nothing between the points shows, belong here.    Every interval is halved; where linear
    interpolation of Γ/ω misses Γ in the middle by more than tolerance × (|Γ| there, at least floor × max |Γ|), its
    halves are halved again, down to `finest`. All points evaluated are kept: they leave a quarter of the error.
    floor=0 gets the weak tail outside a band right, too; floor=1 cares for the largest only.
    Raises SpectrumError beyond 20 000 points.
    """
    omega = np.asarray(start, dtype=float)
    values = broadening(omega)
    values[0] = 0.0
    scale = np.abs(values).max()
    pending, largest = np.ones(len(omega) - 1, dtype=bool), 0.0
    while np.any(pending):
        left = np.flatnonzero(pending)
        middle = (omega[left] + omega[left + 1]) / 2
        found = broadening(middle)
        scale = max(scale, np.abs(found).max())
        missed = np.abs(_straight(omega, values, left) - found).max(axis=(1, 2))
        allowed = tolerance * np.maximum(np.abs(found).max(axis=(1, 2)), floor * scale)
        bad = (missed > allowed) & (omega[left + 1] - omega[left] > 2 * finest)
        largest = max(largest, missed[~bad].max(initial=0.0))
        _require_few(len(omega) + len(left), middle[np.argmax(missed / allowed)], tolerance)
        omega, values = np.insert(omega, left + 1, middle), np.insert(values, left + 1, found, axis=0)
        pending = np.zeros(len(omega) - 1, dtype=bool)
        first = left + np.arange(len(left))
        pending[first], pending[first + 1] = bad, bad
    return omega, values, float(largest / scale / 4)


def _straight(omega: Array, values: Array, left: Array) -> Array:
    """Γ in the middle of intervals by linear interpolation of Γ/ω; below the first point Γ/ω is constant."""
    below, above = omega[left], omega[left + 1]
    right = values[left + 1] / above[:, None, None]
    lower = values[left] / np.where(below > 0, below, 1.0)[:, None, None]
    lower[below == 0] = right[below == 0]
    return (lower + right) / 2 * ((below + above) / 2)[:, None, None]


def _require_few(points: int, place: float, tolerance: float) -> None:
    if points > MOST_POINTS:
        raise SpectrumError(
            f"a table with errors below {tolerance:g} needs more than {MOST_POINTS} points; the worst place is "
            f"{place:.6g}. Raise the broadening or the tolerance.",
            place=float(place),
        )
