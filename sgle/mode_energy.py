"""Energies of vibrational modes, and what quantum mechanics expects of them: how zero-point leakage is seen.

Quantum noise gives a fast mode more energy than a slow one, ½Ω coth(Ω/2T). An anharmonic force lets classical
trajectories share it out, which no quantum system does: energy leaks from fast to slow modes (physics.md 8). What is
compared is v_m², twice the kinetic energy of the motion along a real eigenvector of the static stiffness: by the virial
theorem the energy of a weakly damped harmonic mode.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from sgle import landauer
from sgle.errors import QuadratureError, UnstableError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.modes import static_stiffness
from sgle.response import Response

Array = np.ndarray
SOFT = 1e-11  # Ω² below this part of the largest: no frequency


class ModeEnergies(NamedTuple):
    """Modes by ascending Ω² and twice their kinetic energy, harmonic [eV].

    frequency : (N,) Ω; NaN where Ω² is not positive.    shape : (N, N), columns orthonormal, mass-weighted.
    quantum : (N,) weak-damping limit, see `golden_rule`.
    grid, continuum : (N,) exact, for a time step and for Δt → 0; None where the harmonic motion is unstable, or so
    nearly that the integrals do not converge.
    """

    frequency: Array
    shape: Array
    quantum: Array
    grid: Array | None = None
    continuum: Array | None = None


def mode_shapes(junction: Junction) -> tuple[Array, Array]:
    """Frequencies (N,) and shapes (N, N) of the modes of K + Re Π(0), symmetric part."""
    squares, shape = np.linalg.eigh(static_stiffness(junction))
    held = squares > SOFT * np.abs(squares).max()
    return np.sqrt(np.where(held, squares, np.nan)), shape


def golden_rule(junction: Junction, frequency: Array, shape: Array) -> Array:
    """Ω v†S(Ω)v / v†Γ(Ω)v with S and Γ summed over the baths, (N,) [eV]: gain and loss of a weakly damped mode balance.

    At one temperature without bias it is ½Ω coth(Ω/2T). NaN where no bath damps the mode at Ω, or one drives it.
    """
    gain, loss = np.zeros(len(frequency)), np.zeros(len(frequency))
    known = np.isfinite(frequency)
    for bath in junction.baths.values():
        part = shape[list(bath.dofs)][:, known]
        for total, matrices in ((gain, bath.noise(frequency[known])), (loss, bath.broadening(frequency[known]))):
            total[known] += np.einsum("im,mij,jm->m", part, matrices, part, optimize=True).real
    damped = known & (loss > 0)
    return np.divide(frequency * gain, loss, out=np.full(len(frequency), np.nan), where=damped)


def exact_energies(junction: Junction, shape: Array, grid: Grid | None = None) -> tuple[Array, float]:
    """⟨v_m²⟩ of the harmonic motion, (N,) [eV], and the relative error of the integrals.

    Raises UnstableError, QuadratureError.
    """
    total, error = landauer.integrated(junction, partial(_integrand, shape), grid)
    return total, float(np.max(error / np.maximum(total, np.finfo(float).tiny), initial=0.0))


def _integrand(shape: Array, response: Response, omega: Array) -> Array:
    """2 ω² (Vᵀ S_uu V)_mm / 2π, (n_w, N)."""
    spectrum = landauer.spectrum(response.junction, omega, response.grid)
    along = np.einsum("im,wij,jm->wm", shape, spectrum, shape, optimize=True).real
    return response.velocity(omega)[:, None] ** 2 * along / np.pi


def mode_energies(junction: Junction, grid: Grid) -> tuple[ModeEnergies, float]:
    """Everything about the modes of the harmonic part of a junction, and the error of the exact answers."""
    frequency, shape = mode_shapes(junction)
    quantum = golden_rule(junction, frequency, shape)
    try:
        (on_grid, first), (limit, second) = (exact_energies(junction, shape, where) for where in (grid.realise(), None))
    except (UnstableError, QuadratureError):
        return ModeEnergies(frequency, shape, quantum), 0.0
    return ModeEnergies(frequency, shape, quantum, on_grid, limit), max(first, second)
