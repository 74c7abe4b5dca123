"""Matrices tabulated against energy, as a function of energy that knows where it ends."""

from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from sgle.check import array
from sgle.errors import BathError

Array = np.ndarray


class Interpolated:
    """Cubic spline through complex matrices: callable, energies (n_E,) -> (n_E, k, k).

    energies : (n,) ascending, at least 4 [eV]; values : (n, k, k).    Refuses energies outside the table: BathError.
    """

    def __init__(self, energies: Any, values: Any) -> None:
        self.energies = array(energies, "energies").copy()
        self.values = array(values, "values").astype(complex)
        n = self.energies.shape[0] if self.energies.ndim == 1 else 0
        if n < 4 or not np.all(np.diff(self.energies) > 0) or self.values.shape[:1] != (n,) or self.values.ndim != 3:
            raise BathError(
                f"a table of matrices needs at least 4 ascending energies and values (n, k, k); got energies of shape "
                f"{self.energies.shape} and values of shape {self.values.shape}"
            )
        self.energies.setflags(write=False)
        self.values.setflags(write=False)
        self._spline = CubicSpline(self.energies, self.values)

    @property
    def window(self) -> tuple[float, float]:
        """First and last energy of the table [eV]."""
        return float(self.energies[0]), float(self.energies[-1])

    def __call__(self, energies: Array) -> Array:
        """Matrices at these energies, (n_E, k, k)."""
        energies = np.asarray(energies, dtype=float)
        require_window(energies, self.window, "the table")
        return self._spline(energies)


def require_window(energies: Array, window: tuple[float, float], name: str) -> None:
    """Refuse energies outside (lowest, highest) [eV], up to rounding; BathError with both ranges."""
    low, high = window
    slack = 1e-12 * max(abs(low), abs(high)) if np.isfinite(high - low) else 0.0
    if energies.size and not (energies.min() >= low - slack and energies.max() <= high + slack):
        raise BathError(
            f"energies {energies.min():.6g} to {energies.max():.6g} eV leave {name}, known from {low:.6g} to "
            f"{high:.6g} eV: lower the bias, the temperature or the vibrational range, or tabulate a wider window",
            lowest=float(energies.min()),
            highest=float(energies.max()),
            window=window,
        )
