"""Integrals over the energies of electrons: how states are filled, where integrals end and break, what is missing."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from sgle.ehp.rates import BEYOND, LADDER, level_places
from sgle.electronic.pairs import Occupation
from sgle.electronic.structure import ElectronicStructure
from sgle.errors import BathError, PhysicsError
from sgle.occupation import fermi
from sgle.quadrature import integrate

Array = np.ndarray
Function = Callable[[Array], Array]  # energies (n_E,) -> complex (n_E, ...)
STEP = np.array([-12.0, -3.0, 0.0, 3.0, 12.0])  # temperatures around a Fermi step
MISSING = 1e-5  # of a state of one orbital: more is a bound state, or a band beyond what electrodes know


class Electrons(NamedTuple):
    """A structure between electrodes L and R and how it is filled.    edges : energies where bands begin and end."""

    structure: ElectronicStructure
    occupation: Occupation
    edges: tuple[float, ...]

    @property
    def steps(self) -> tuple[float, float]:
        """Outside of these energies occupations are 0 or 1, but for e^-40."""
        ends = [(mu - BEYOND * t, mu + BEYOND * t) for mu, t in map(self.occupation.of, "LR")]
        return min(low for low, _ in ends), max(high for _, high in ends)

    @property
    def range(self) -> tuple[float, float]:
        """Beyond these energies nothing happens any more: states become fewer and fewer, if there are any."""
        places = np.concatenate([np.linalg.eigvalsh(self.structure.hamiltonian), self.edges, self.steps])
        spread = max(np.ptp(places), 1e-3)
        return float(places.min() - spread), float(places.max() + spread)

    def spectral(self, energies: Array) -> dict[str, Array]:
        """A_a/2π of each electrode, {name: (n_E, m, m)}: states per energy (004 Eq. 12)."""
        g, found = self.structure.greens_function(energies), {}
        for name, electrode in self.structure.electrodes.items():
            columns = g[:, :, np.array(electrode.orbitals)]
            found[name] = columns @ self.structure.broadening(name, energies) @ dagger(columns) / (2 * np.pi)
        return found

    def filled(self, energies: Array) -> Array:
        """ρ = Σ_a f_a A_a/2π, (n_E, m, m): the density matrix per energy (004 Eq. 13)."""
        parts = self.spectral(energies)
        return np.sum([self.filling(name, energies)[:, None, None] * part for name, part in parts.items()], axis=0)

    def filling(self, name: str, energies: Array) -> Array:
        """f_a, (n_E,)."""
        mu, t = self.occupation.of(name)
        return fermi(energies - mu, t)

    def marks(self, low: float, high: float, shifts: Sequence[float] = (0.0,)) -> Array:
        """Levels, edges and steps of occupations from low to high, moved by each of the shifts."""
        steps = [mu + t * STEP for mu, t in map(self.occupation.of, "LR")]
        levels = level_places(self.structure, low, high)[LADDER.size // 2 :: LADDER.size]
        crowd = np.concatenate([levels, np.array(self.edges), *steps])
        places = np.concatenate([[low, high], *(crowd + shift for shift in shifts)])
        return np.unique(places[(places >= low) & (places <= high)])

    def integral(self, function: Function, high: float, *, shifts: Sequence[float] = (0.0,), rtol: float) -> Array:
        """∫ function dε up to `high`, which may be infinite, from as low as electrodes are known at ε + all shifts."""
        known = self.structure.window
        low, top = self.range
        low, top = max(low, known[0] - min(shifts)), min(top, high, known[1] - max(shifts))
        total = complex_integral(function, self.marks(low, top, shifts), rtol)
        if np.isinf(known[0]):
            total = total + _tail(lambda x: function(low - x), top - low, rtol)
        if np.isinf(min(high, known[1])):
            total = total + _tail(lambda x: function(top + x), top - low, rtol)
        return total


def complex_integral(function: Function, marks: Any, rtol: float) -> Array:
    """∫ of a complex function (n,) -> (n, ...) from the first mark to the last."""
    shape: list[tuple[int, ...]] = []

    def flat(x: Array) -> Array:
        values = np.asarray(function(x), dtype=complex)
        shape[:] = [values.shape[1:]]
        values = values.reshape(len(x), -1)
        return np.concatenate([values.real, values.imag], axis=1)

    total, _ = integrate(flat, marks, rtol=rtol)
    half = total.size // 2
    return (total[:half] + 1j * total[half:]).reshape(shape[0])


def dagger(matrix: Array) -> Array:
    """Conjugate transpose of (..., m, m)."""
    return np.conj(np.swapaxes(matrix, -1, -2))


def _tail(function: Function, scale: float, rtol: float) -> Array:
    """∫_0^∞ of a function that falls on this scale."""
    return complex_integral(lambda x: function(x - scale), [scale, 2 * scale, np.inf], rtol)


def electrons(structure: ElectronicStructure, occupation: Occupation, edges: Sequence[float] = ()) -> Electrons:
    """Checked; edges that electrodes know themselves are added. Raises BathError."""
    if set(structure.electrodes) != set("LR"):
        raise BathError(f"forces need two electrodes called L and R, not {', '.join(structure.electrodes)}")
    if not np.all(np.isfinite(occupation)) or min(occupation.t_left, occupation.t_right) < 0:
        raise BathError(f"{occupation} needs finite potentials and temperatures of zero or more")
    known = [edge for end in structure.electrodes.values() for edge in getattr(end.self_energy, "edges", ())]
    return Electrons(structure, occupation, tuple(sorted({*known, *map(float, edges)})))


def require_complete(states: Electrons) -> None:
    """All states of the device lie in the spectrum of its electrodes: ∫ Σ_a A_a/2π dε = S⁻¹.

    Raises PhysicsError for a bound state, which no electrode fills, and for electrodes known in too narrow a window.
    """
    total = states.integral(
        lambda energies: np.sum(list(states.spectral(energies).values()), axis=0), np.inf, rtol=MISSING / 100
    )
    whole = np.linalg.inv(states.structure.overlap)
    missing = np.diagonal(whole - total).real
    worst = int(np.argmax(np.abs(missing)))
    if abs(missing[worst]) > MISSING * np.abs(whole).max():
        raise PhysicsError(
            f"{missing[worst]:.3g} of a state on orbital {worst} is not in the spectrum of the electrodes, known from "
            f"{states.structure.window[0]:.6g} to {states.structure.window[1]:.6g}: a bound state, which no electrode "
            "fills, or a band that is cut off. Broaden it (a stronger coupling, a longer device) or widen the window.",
            missing=float(missing[worst]),
            orbital=worst,
        )
