"""Below the threshold: energy of the slowest mode and its correlation time, which diverge as a growing mode comes near.

X (sgle.analysis.instability.mode) of a stable harmonic junction is Gaussian, so with C(t) = ⟨X(t) X*(0)⟩ and
C'(t) = ⟨X(t) X(0)⟩ the covariance of |X|² is |C|² + |C'|² (L. Isserlis, 1918). By Parseval's theorem its integral
needs no time domain. With X(ω) = h(ω) y·u(ω), h(ω) = (s* + s(ω))/(Re s y·x),

    S(ω) = |h(ω)|² y S_uu(ω) y†,     S'(ω) = h(ω) h(-ω) y S_uu(ω) yᵀ

    τ = ∫_0^∞ dt ρ(t) = ½ ∫dω/2π (S² + |S'|²) / (C(0)² + |C'(0)|²),     ρ the autocorrelation of the mode's energy

A mode that rotates by itself has C = C(0) e^{-izt}, C' = 0, thus τ = 1/(2|Im z|) and C(0) ∝ 1/|Im z|: near a critical
bias both are inversely proportional to the distance from it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle import landauer
from sgle.analysis.autocorrelation import SOKAL_FACTOR, integrated_time
from sgle.analysis.estimate import Estimate
from sgle.analysis.instability.mode import Mode, fastest_mode
from sgle.analysis.instability.pieces import jackknife, whole
from sgle.analysis.result import Result
from sgle.errors import InputError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.response import Response

Array = np.ndarray
NAME = "mode"  # of the observer in simulate


@dataclass(frozen=True, eq=False)
class SlowModeEnergy:
    """Observer of the energy ½|s|²|X|² of one mode and of its square, (B, R, 2) [eV, eV²]."""

    mode: Mode

    @classmethod
    def of(cls, junction: Junction, grid: Grid) -> "SlowModeEnergy":
        """Of the mode that decays slowest."""
        return cls(fastest_mode(junction, grid))

    def __call__(self, block: Any) -> Array:
        """Energy and its square at each step."""
        energy = self.mode.energy(self.mode.amplitude(block.displacement, block.velocity))
        return np.stack([energy, energy**2], axis=-1)


@dataclass(frozen=True, eq=False)
class Fluctuation:
    """energy : mean of the slowest mode's [eV].    time : integrated correlation time τ of it [ħ/eV]. Estimates with
    both exact answers.    mode : on the grid; 1/(2|Im z|) is what τ tends to near the threshold.
    """

    energy: Estimate
    time: Estimate
    mode: Mode


def fluctuation(result: Result, watch: SlowModeEnergy, name: str = NAME) -> Fluctuation:
    """Reduce a run of a stable harmonic junction that had `watch` among its observers.

    The variance of averages over chunks and their autocovariance, up to five integrated times, give ∫ of the
    covariance; chunks need not be short against τ. Errors by the jackknife over trajectories.
    Raises : InputError if there was no such observer, or the junction is anharmonic; TooFewSamplesError.
    """
    if name not in result.series or result.series[name].shape[-1] != 2:
        raise InputError(f"the run had no observer {name!r} of this kind: simulate(..., observers={{{name!r}: watch}})")
    if result.junction.anharmonic is not None:
        raise InputError(
            "the junction is anharmonic: its motion is not Gaussian, there is no exact answer to compare with"
        )
    series = whole(result.series[name][result.start :])
    chunk = result.settings["chunk"] * result.settings["time_step"]
    exact = [mode_fluctuation(result.junction, grid) for grid in (result.grid.realise(), None)]
    (energy, time), (energy_0, time_0) = exact
    return Fluctuation(
        Estimate.from_series(series[..., 0], grid=energy, continuum=energy_0),
        correlation_time(series, chunk, time, time_0),
        watch.mode,
    )


def mode_fluctuation(junction: Junction, grid: Grid | None = None) -> tuple[float, float]:
    """Exact mean energy ½|s|²⟨|X|²⟩ [eV] of the slowest mode, and its integrated correlation time τ [ħ/eV].

    Raises : UnstableError, QuadratureError, EigenfrequencyError.
    """
    mode = fastest_mode(junction, grid)
    if mode.overdamped:
        raise InputError(f"the slowest mode, z = {mode.z:.6g}, does not oscillate", z=mode.z)

    def integrand(response: Response, omega: Array) -> Array:
        proper, improper = _spectra(mode, junction, response, omega)
        parts = [proper.sum(axis=0), (proper**2).sum(axis=0), improper.real, improper.imag, np.abs(improper) ** 2]
        # The improper spectrum is even in ω.
        return np.stack(parts, axis=-1) * np.array([1, 1, 2, 2, 2]) / (2 * np.pi)

    (size, square, real, imaginary, more), _ = landauer.integrated(junction, integrand, grid)
    energy = mode.energy(np.sqrt(size))
    return float(energy), float((square + more) / (2 * (size**2 + real**2 + imaginary**2)))


def _spectra(mode: Mode, junction: Junction, response: Response, omega: Array) -> tuple[Array, Array]:
    """S(±ω), (2, n_w), and S'(ω), (n_w,)."""
    motion = landauer.spectrum(junction, omega, response.grid)
    left, speed = mode.left, response.velocity(omega)
    scale = mode.speed.real * (left @ mode.right)
    ahead, back = (np.conj(mode.speed) + speed) / scale, (np.conj(mode.speed) - speed) / scale
    forward = np.einsum("i,wij,j->w", left, motion, np.conj(left)).real
    # S_uu(-ω) = S_uu(ω)*.
    backward = np.einsum("i,wij,j->w", np.conj(left), motion, left).real
    proper = np.stack([np.abs(ahead) ** 2 * forward, np.abs(back) ** 2 * backward])
    return proper, ahead * back * np.einsum("i,wij,j->w", left, motion, left)


def correlation_time(series: Array, chunk: float, grid: float, continuum: float) -> Estimate:
    """τ from averages of an energy and of its square over chunks of a length in time, (n, R, 2)."""
    energy = series[..., 0]
    window = min(int(np.ceil(SOKAL_FACTOR * max(1.0, float(integrated_time(energy))))), len(energy) - 1)
    lags = [np.mean(energy[: len(energy) - k] * energy[k:], axis=0) for k in range(window + 1)]
    moments = np.stack([*lags, series[..., 1].mean(axis=0), energy.mean(axis=0)], axis=-1)

    def time(mean: Array) -> float:
        covariance = mean[:-2] - mean[-1] ** 2
        return float(chunk * (covariance[0] / 2 + covariance[1:].sum()) / (mean[-2] - mean[-1] ** 2))

    return jackknife(moments, time, grid=grid, continuum=continuum)
