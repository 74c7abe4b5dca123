"""Quanta of vibrational modes, counted in trajectories: N_m = ⟨v_m²⟩/Ω_m, less ½ where the noise has zero-point motion.

What 002 (Nian, Lü 2019) calls the population, for any damping: by the virial theorem v_m², twice the kinetic energy of
the motion along a mode, is Ω_m (N_m + ½) where the mode is weakly damped, and N_m is then that of the golden rule
(sgle.ehp.populations). Strong damping adds kinetic energy to the zero-point motion, which N_m then contains; with
normal-ordered noise (switch "zero_point") there is none, and N is known far better for the same work, as it is no small
difference of large numbers.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle.analysis.exact import Exact
from sgle.ehp import populations
from sgle.errors import InputError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.mode_energy import exact_energies

Array = np.ndarray
NAME = "mode_population"


@dataclass(frozen=True, eq=False)
class ModePopulation:
    """Maps a block to (shape_m·v_n)²/Ω_m - zero_point of every mode, (B, R, N); its average is N_m.

    frequency : (N,) Ω_m [eV], of the stiffness without electrons.    shape : (N, N), a mode per column.
    zero_point : ½, or 0 for noise without.
    """

    frequency: Array
    shape: Array
    zero_point: float

    def __call__(self, block: Any) -> Array:
        """Quanta of one block."""
        return self.quanta((block.velocity @ self.shape) ** 2)

    def quanta(self, energy: Array) -> Array:
        """N of twice the kinetic energies (..., N) of the modes."""
        return energy / self.frequency - self.zero_point

    def exact(self, junction: Junction, grid: Grid | None) -> tuple[Array, float]:
        """N of the harmonic motion, (N,), and the error of the integrals relative to Ω(N + zero_point).

        Raises UnstableError, QuadratureError.
        """
        energy, error = exact_energies(junction, self.shape, grid)
        return self.quanta(energy), error


def mode_population(junction: Junction) -> ModePopulation:
    """What counts the quanta of all modes of a junction, by ascending frequency.

    Raises : BathError if a mode has no stiffness; InputError if some baths have zero-point noise and others have not.
    """
    kinds = {name: bath.noise_kind for name, bath in junction.baths.items()}
    quantum = [name for name, kind in kinds.items() if kind == "quantum"]
    if quantum and len(quantum) < len(kinds):
        others = ", ".join(f"{name} ({kind})" for name, kind in kinds.items() if kind != "quantum")
        raise InputError(
            f"populations: the noise of {', '.join(quantum)} has zero-point motion, that of {others} has not, so that "
            "nobody knows how much of it a mode holds: switch it off in all baths, or in none",
            quantum=quantum,
        )
    modes = populations(junction)
    frequency, shape = np.array([mode.frequency for mode in modes]), np.stack([mode.shape for mode in modes], axis=1)
    return ModePopulation(frequency, shape, 0.5 if quantum else 0.0)


def with_population(exact: Exact, junction: Junction, grid: Grid, counted: ModePopulation | None) -> Exact:
    """The exact answers and those for the quanta, if they are counted and the motion is harmonic."""
    if counted is None or junction.anharmonic is not None:
        return exact
    (on_grid, first), (limit, second) = (counted.exact(junction, where) for where in (grid.realise(), None))
    return Exact(exact.grid | {NAME: on_grid}, exact.continuum | {NAME: limit}, max(exact.error, first, second))
