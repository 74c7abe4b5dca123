"""Coloured quantum noise as a path: a filter made once, an endless seekable stream, an exact periodic record
(physics.md 7).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sgle.check import hermitian
from sgle.errors import SpectrumError
from sgle.fft import LagSum, irfft, rfft

if TYPE_CHECKING:
    from sgle.grid import GridModel

Array = np.ndarray
WHITE_CHUNK = 1024
CLOCK = 1 << 16  # white noise drawn before the first force: half the longest filter there may be
LONGEST_FILTER = 2048  # unless twice the memory is longer: cost in time (eigenproblems) and cache


def square_root(spectrum: Array, omega: Array, rtol: float = 1e-9) -> Array:
    """Principal Hermitian square roots of (n_w, n, n) Hermitian ≥ 0 matrices.

    Matrices that are not Hermitian are refused (an eigensolver would read one triangle and never tell). Eigenvalues
    below -rtol × the largest of all frequencies are refused with SpectrumError; those between it and zero are rounding
    and count as zero. Only the real part is used at ω = 0 and at the last point, where a real record has no phase.
    """
    spectrum = hermitian(spectrum, "noise spectrum", rtol).copy()
    spectrum[[0, -1]] = spectrum[[0, -1]].real
    values, vectors = np.linalg.eigh(spectrum)
    largest = values.max(initial=0.0)
    smallest = values.min(initial=0.0)
    if smallest < -rtol * largest:
        where = int(np.argmin(values.min(axis=1)))
        raise SpectrumError(
            f"noise spectrum is not positive semidefinite: smallest eigenvalue {smallest:.3e} at ω = "
            f"{omega[where]:.6g}, largest {largest:.3e} (rtol {rtol:g}). Lengthen the memory, or look for a wrong "
            "sign in the spectrum.",
            smallest=smallest,
            largest=largest,
            omega=omega[where],
        )
    return (vectors * np.sqrt(np.maximum(values, 0))[:, None, :]) @ np.conj(np.swapaxes(vectors, -1, -2))


def record(spectrum: Callable[[Array], Array], n: int, time_step: float, rng: np.random.Generator) -> Array:
    """One periodic Gaussian record with exactly the spectrum S on its n/2+1 frequencies, (n, d); n even.

    spectrum(ω) -> (n_w, d, d) Hermitian ≥ 0. With X_k = Σ_n f_n e^{+iω_k t_n}, ⟨X_k X_k†⟩ = (n/Δt) S(ω_k).
    The correlation is the wanted one wrapped at nΔt: the other road to the noise, beside NoiseStream.
    Raises SpectrumError.
    """
    if n < 2 or n % 2:
        raise SpectrumError(
            f"a record has an even number of steps, not {n}: its last frequency is the Nyquist one", n=n
        )
    omega = 2 * np.pi / (n * time_step) * np.arange(n // 2 + 1)
    root = square_root(spectrum(omega), omega)
    shape = (len(omega), root.shape[-1])
    xi = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)
    xi[[0, -1]] = xi[[0, -1]].real * np.sqrt(2)
    amplitudes = np.sqrt(n / time_step) * (root @ xi[:, :, None])[:, :, 0]
    return irfft(np.conj(amplitudes), n)


@dataclass(frozen=True, eq=False)
class NoiseFilter:
    """f_n = Δt^{-1/2} Σ_k h_k ξ_{n+half-k}, ξ white with unit variance; h the inverse transform of S^{1/2}, two-sided.

    taps : (M, n, n) real, the lag -half first.    distance : max |S_realised - S_d| / max |S_d|, over frequencies
    between those of the design.
    """

    taps: Array
    time_step: float
    distance: float

    @property
    def half(self) -> int:
        """Number of taps at negative lags."""
        return len(self.taps) // 2

    @cached_property
    def _transfer(self) -> LagSum:
        return LagSum(self.taps)

    def spectrum(self, omega: Array) -> Array:
        """The spectrum H H† that this finite filter really produces, (n_w, n, n)."""
        transfer = self._transfer(np.asarray(omega) * self.time_step)
        return transfer @ np.conj(np.swapaxes(transfer, -1, -2))


def _transform(taps: Array, size: int) -> Array:
    """Transfer function on `size` frequencies of our sign: numpy's transform conjugated, up to a phase that HH†
    forgets.
    """
    return np.conj(rfft(taps, size))


def design_filter(
    spectrum: Callable[[Array], Array], time_step: float, *, shortest: int, tolerance: float = 1e-5
) -> NoiseFilter:
    """Double the filter until the spectrum it produces is S_d within `tolerance` of its largest element.

    Square roots have kinks at band edges, so some filters end at the longest length with a larger distance, which is
    kept in the filter and reported. Costs one eigenproblem per frequency.    Raises SpectrumError for an indefinite
    spectrum.
    """
    size = max(64, 1 << int(np.ceil(np.log2(shortest))))
    wanted = spectrum(_frequencies(size, time_step))
    longest = max(LONGEST_FILTER, 2 * shortest)
    while True:
        omega = _frequencies(size, time_step)
        taps = np.roll(irfft(np.conj(square_root(wanted, omega)), size), size // 2, axis=0)
        finer = spectrum(_frequencies(2 * size, time_step))
        transfer = _transform(taps, 2 * size)
        produced = transfer @ np.conj(np.swapaxes(transfer, -1, -2))
        distance = float(np.abs(produced - finer).max() / max(np.abs(finer).max(), np.finfo(float).tiny))
        if distance <= tolerance or 2 * size > longest:
            return NoiseFilter(taps, time_step, distance)
        wanted, size = finer, 2 * size


def _frequencies(size: int, time_step: float) -> Array:
    return 2 * np.pi / (size * time_step) * np.arange(size // 2 + 1)


class NoiseStream:
    """The forces of one bath on a set of trajectories: endless, seekable, a function of (seed, trajectory, channel)
    alone.

    White noise is drawn in chunks, each from its own SeedSequence key (trajectory, channel, chunk), and coloured by
    overlap-save in segments at fixed places: block(start, n) is the same to the last bit however the run is cut.
    """

    def __init__(self, noise_filter: NoiseFilter, seed: int, trajectories: Sequence[int], channel: int) -> None:
        self.filter = noise_filter
        self.seed, self.channel = seed, channel
        self.trajectories = tuple(int(r) for r in trajectories)
        self.length = len(noise_filter.taps)
        self.segment_length = max(self.length, 512)
        if noise_filter.half > CLOCK:
            raise SpectrumError(f"noise filter of {self.length} steps is longer than {2 * CLOCK}", length=self.length)
        transfer = rfft(noise_filter.taps, self.segment_length + self.length) / np.sqrt(noise_filter.time_step)
        self._transposed = np.swapaxes(transfer, -1, -2)
        self._segments: dict[int, Array] = {}
        self._white: dict[int, Array] = {}

    @property
    def size(self) -> int:
        """Number of dofs of the bath."""
        return self.filter.taps.shape[-1]

    def block(self, start: int, n: int) -> Array:
        """Forces at steps start..start+n-1, (n, R, n_dofs)."""
        first, last = start // self.segment_length, (start + n - 1) // self.segment_length
        pieces = [self._segment(index) for index in range(first, last + 1)]
        for index in [k for k in self._segments if k < first]:
            del self._segments[index]
        offset = start - first * self.segment_length
        return (pieces[0] if len(pieces) == 1 else np.concatenate(pieces))[offset : offset + n]

    def _segment(self, index: int) -> Array:
        if index not in self._segments:
            # Force n needs the white noise from n - half to n + half: filters of any length share one clock.
            start = CLOCK + index * self.segment_length - self.filter.half
            spectrum = rfft(self._white_noise(start, self.segment_length + self.length))
            # One product per trajectory, so that its bits do not depend on how many others there are.
            coloured = np.matmul(spectrum[:, :, None, :], self._transposed[:, None])[:, :, 0]
            self._segments[index] = irfft(coloured, self.segment_length + self.length)[self.length :]
        return self._segments[index]

    def _white_noise(self, start: int, n: int) -> Array:
        first, last = start // WHITE_CHUNK, (start + n - 1) // WHITE_CHUNK
        chunks = [self._chunk(index) for index in range(first, last + 1)]
        for index in [k for k in self._white if k < first]:
            del self._white[index]
        offset = start - first * WHITE_CHUNK
        return np.concatenate(chunks)[offset : offset + n]

    def _chunk(self, index: int) -> Array:
        if index not in self._white:
            self._white[index] = np.stack([self._draw(r, index) for r in self.trajectories], axis=1)
        return self._white[index]

    def _draw(self, trajectory: int, chunk: int) -> Array:
        sequence = np.random.SeedSequence(self.seed, spawn_key=(trajectory, self.channel, chunk))
        return np.random.default_rng(sequence).standard_normal((WHITE_CHUNK, self.size))


def noise_streams(model: "GridModel", seed: int, trajectories: Sequence[int]) -> Mapping[str, Any]:
    """One stream per bath; equal seeds at two biases give the same white noise."""
    return {
        name: NoiseStream(bath.noise_filter, seed, trajectories, channel)
        for channel, (name, bath) in enumerate(model.baths.items())
    }
