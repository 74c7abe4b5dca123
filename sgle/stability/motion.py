"""What a mode does: its orbit, its angular momentum, and what each bath gives it or takes from it (physics.md 6).

A mode is u(t) = Re(x e^{-izt}) with x complex. Two dofs whose phases differ go round on an ellipse; then forces without
a potential do work on each turn (000; Lü, Brandbyge, Hedegård, Nano Lett. 10, 1657 (2010)).
"""

from typing import NamedTuple

import numpy as np

from sgle.errors import JunctionError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.response import Response
from sgle.stability.eigenmodes import Eigenmodes

Array = np.ndarray


class Orbit(NamedTuple):
    """The ellipse u = a cos φ + b sin φ, a ⊥ b, of a mode with |x| = 1, at the moment when e^{-izt} has modulus 1.

    major, minor : a, b (N,), |a| ≥ |b|.    eccentricity : √(1 - |b|²/|a|²), 1 for a straight line.
    plane : the two dofs i < j that enclose the largest area.    rotation : 2 Im(x_i* x_j)/(|x_i|² + |x_j|²) in it, +1
    for a circle from i to j, -1 from j to i.    momentum : Σ over the pairs of a plane, angular momentum per quantum
    2|a||b|/(|a|² + |b|²), from 0 to 1.
    """

    major: Array
    minor: Array
    eccentricity: float
    plane: tuple[int, int]
    rotation: float
    momentum: float


def orbit(x: Array) -> Orbit:
    """The orbit of a mode with vector x (N,)."""
    x = np.asarray(x) / np.linalg.norm(x)
    # The phase that makes real and imaginary part orthogonal.
    turned = x * np.exp(-0.5j * np.angle(x @ x))
    a, b = turned.real, turned.imag
    area = np.imag(np.outer(np.conj(x), x))
    i, j = sorted(int(k) for k in np.unravel_index(np.argmax(np.abs(area)), area.shape))
    enclosed = abs(x[i]) ** 2 + abs(x[j]) ** 2
    length = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    return Orbit(
        a,
        b,
        float(np.sqrt(max(0.0, 1 - (length[1] / length[0]) ** 2))),
        (i, j),
        float(2 * area[i, j] / enclosed) if i != j else 0.0,
        float(2 * length[0] * length[1]),
    )


def angular_momentum(junction: Junction, x: Array) -> Array:
    """Angular momentum per quantum of every atom about its rest position, Im(x* × x)/|x|², (n_atoms, 3) [ħ].

    For atoms with three dofs each in the order x, y, z; JunctionError otherwise.
    """
    atoms = junction.atoms
    if atoms is None or not np.array_equal(atoms.dof_atom, np.repeat(np.arange(len(atoms.symbols)), 3)):
        raise JunctionError("angular momentum of atoms needs Atoms with three dofs each, x, y and z")
    moved = np.asarray(x).reshape(-1, 3)
    return np.cross(np.conj(moved), moved).imag / np.vdot(x, x).real


class Budget(NamedTuple):
    """Contributions to Im z of one mode; those of all baths add up to it.

    friction : {bath: of the symmetric part of Π, negative where it damps}.    driving : {bath: of the antisymmetric
    part: non-conservative and Berry force}.    cycle : 2π/Re z; 4π × contribution/Re z is the energy gained on one
    turn, in units of the energy of the mode.
    """

    friction: dict[str, float]
    driving: dict[str, float]
    cycle: float

    @property
    def total(self) -> float:
        """Im z."""
        return sum(self.friction.values()) + sum(self.driving.values())

    def per_cycle(self, part: dict[str, float]) -> dict[str, float]:
        """Energy gained per turn over the energy of the mode, from one of the two parts."""
        return {name: 2 * self.cycle * value for name, value in part.items()}


def budget(junction: Junction, modes: Eigenmodes, index: int, grid: Grid | None = None) -> Budget:
    """Where growth and decay of a mode come from: Im z = Σ Im x†Π_α(z)x / 2 Re z |x|², exact in the continuum.

    On a grid inertia and velocity have sines in the place of z, and the sum is that of Im of what stands for z².
    NaN for a mode that does not oscillate.
    """
    response, z, x = Response(junction, grid), modes.z[index : index + 1], modes.right[index]
    near = response.around(z)
    real = complex(response.inertia(z)[0])
    weight = float(z[0].imag / real.imag) if real.imag else float("nan")
    friction, driving = {}, {}
    for name, bath in junction.baths.items():
        pi, part = near.self_energies[name](z)[0], x[list(bath.dofs)]
        symmetric = (pi + pi.T) / 2
        friction[name] = weight * float(np.imag(np.conj(part) @ symmetric @ part))
        driving[name] = weight * float(np.imag(np.conj(part) @ (pi - symmetric) @ part))
    return Budget(friction, driving, float(2 * np.pi / z[0].real) if z[0].real else float("nan"))
