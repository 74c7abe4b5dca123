"""One mode as it is seen in trajectories: its complex amplitude from u_n and v_n at one step.

A mode moves as u = Re[X x], X ∝ e^{-izt}, and v = Re[-i s X x] with s = z in the continuum, sin(zΔt)/Δt on the grid
(v_n is a central difference). Hence s* u + i v = Re(s) X x for real and complex z alike, and with the left vector y

    X_n = y·(s* u_n + i v_n) / (Re s  y·x)

without any trace of the frequency 2 Re z. Another mode is seen through y·x' ≠ 0, as y and x' are orthogonal with the
self-energies between them only: exact for one mode alone, and for whatever outgrows all others.
"""

from dataclasses import dataclass, replace

import numpy as np

from sgle.errors import InputError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.stability import eigenmodes

Array = np.ndarray
OVERDAMPED = 1e-6  # Re z below this part of |z|: growth or decay without oscillation


@dataclass(frozen=True, eq=False)
class Mode:
    """z : eigenfrequency [eV].    right, left : (N,) x of unit length and y.    time_step : Δt, None: continuum."""

    z: complex
    right: Array
    left: Array
    time_step: float | None = None

    @property
    def speed(self) -> complex:
        """s, so that v = Re[-i s X x]."""
        return self.z if self.time_step is None else np.sin(self.z * self.time_step) / self.time_step

    @property
    def overdamped(self) -> bool:
        """Whether it grows or decays without oscillation: X is then real, y·u/y·x."""
        return abs(self.z.real) < OVERDAMPED * abs(self.z)

    @property
    def steady(self) -> "Mode":
        """The same shape at the real frequency Re z: what a motion that has stopped growing is compared with.

        Raises : InputError for a mode that does not oscillate.
        """
        if self.overdamped:
            raise InputError(f"the mode z = {self.z:.6g} does not oscillate: it has no orbit", z=self.z)
        return replace(self, z=complex(self.z.real))

    def amplitude(self, displacement: Array, velocity: Array) -> Array:
        """X from u and v (..., N) at the same steps, (...) complex, in the unit of u."""
        overlap = self.left @ self.right
        if self.overdamped:
            return (displacement @ self.left) / overlap
        speed = self.speed
        seen = np.conj(speed) * (displacement @ self.left) + 1j * (velocity @ self.left)
        return seen / (speed.real * overlap)

    def energy(self, amplitude: Array) -> Array:
        """½|s|²|X|² [eV]: kinetic plus potential energy of the motion, averaged over a cycle, of an undamped mode."""
        return 0.5 * abs(self.speed) ** 2 * np.abs(amplitude) ** 2


def fastest_mode(junction: Junction, grid: Grid | None = None) -> Mode:
    """The mode with the largest Im z, growing or decaying slowest. Raises EigenfrequencyError."""
    found = eigenmodes(junction.harmonic, grid)
    if not len(found):
        raise InputError(
            f"the junction has no mode that decays slower than {found.depth:.3g}: every wave leaves into the baths",
            depth=found.depth,
        )
    k = found.fastest
    return Mode(complex(found.z[k]), found.right[k], found.left[k], None if grid is None else grid.time_step)
