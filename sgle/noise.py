"""Coloured quantum noise as a path: a filter made once, an endless seekable stream, an exact periodic record
(physics.md 7).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sgle.check import hermitian
from sgle.errors import InputError, SpectrumError
from sgle.fft import LagSum, irfft, rfft
from sgle.segments import Segments, Workspace

if TYPE_CHECKING:
    from sgle.grid import GridModel

Array = np.ndarray
CLOCK = 1 << 16  # white noise drawn before the first force: half the longest filter there may be
PIECE = 128  # frequencies
ROUNDING = 1e-14  # of the largest element
LONGEST_FILTER = 2048  # unless twice the memory is longer: cost in time (eigenproblems) and cache


def square_root(spectrum: Array, omega: Array, rtol: float = 1e-9) -> Array:
    """Principal Hermitian square roots of (n_w, n, n) Hermitian ≥ 0 matrices, n_w the points of a record.

    Matrices that are not Hermitian are refused (an eigensolver would read one triangle and never tell). Eigenvalues
    below -rtol × the largest of all frequencies are refused with SpectrumError; those between it and zero are rounding
    and count as zero. Only the real part is used at ω = 0 and at the last point, where a real record has no phase.
    """
    spectrum = hermitian(spectrum, "noise spectrum", rtol).copy()
    spectrum[[0, -1]] = spectrum[[0, -1]].real
    return _roots(spectrum, omega, rtol)


def _roots(spectrum: Array, omega: Array, rtol: float = 1e-9, largest: float = 0.0) -> Array:
    """Square roots at any frequencies, real where all is. largest : eigenvalue seen elsewhere, or less."""
    if np.abs(spectrum.imag).max(initial=0.0) <= ROUNDING * np.abs(spectrum).max(initial=0.0):
        spectrum = spectrum.real
    values, vectors = np.linalg.eigh(spectrum)
    largest = values.max(initial=largest)
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

    taps : (M, n, n) real, the lag -half first; h_{-k} = h_kᵀ.
    distance : max |S_realised - S_d| / max |S_d|, over frequencies between those of the design.
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


def design_filter(
    spectrum: Callable[[Array], Array], time_step: float, *, shortest: int, tolerance: float = 1e-5
) -> NoiseFilter:
    """Double the filter until the spectrum it produces is S_d within `tolerance` of its largest element.

    Square roots have kinks at band edges, so some filters end at the longest length with a larger distance, which is
    kept in the filter and reported. Costs one eigenproblem per frequency: those of a filter are also those of the one
    twice as long.    Raises SpectrumError for an indefinite spectrum.
    """
    size = max(64, 1 << int(np.ceil(np.log2(shortest))))
    longest = max(LONGEST_FILTER, 2 * shortest)
    omega = _frequencies(size, time_step)
    wanted = _in_pieces(spectrum, omega)
    largest = max(np.abs(wanted).max(), np.finfo(float).tiny)
    roots = square_root(wanted, omega)
    while True:
        taps = _taps(roots, size)
        between = _frequencies(2 * size, time_step)[1::2]
        wanted = _in_pieces(spectrum, between)
        largest = max(np.abs(wanted).max(), largest)
        distance = _deviation(taps, wanted) / largest
        if distance <= tolerance or 2 * size > longest:
            return NoiseFilter(taps, time_step, distance)
        more = _roots(hermitian(wanted, "noise spectrum", 1e-9), between, largest=largest)
        finer = np.empty((size + 1, *roots.shape[1:]), np.result_type(roots, more))
        finer[::2], finer[1::2] = roots, more
        roots, size = finer, 2 * size


def _taps(roots: Array, size: int) -> Array:
    """Taps at the lags -size/2..size/2 of a filter with given transfer function at `size` frequencies.

    Half of the last one lies at either end: between its points too, the transfer function is then Hermitian.
    """
    taps = np.roll(irfft(np.conj(roots), size), size // 2, axis=0)
    taps = np.concatenate([taps, taps[:1]])
    taps[[0, -1]] /= 2
    return taps


def _in_pieces(spectrum: Callable[[Array], Array], omega: Array) -> Array:
    """S at many frequencies, some at a time: what is made on the way takes several times the room of the answer."""
    pieces = np.array_split(omega, -(-len(omega) // PIECE))
    return np.concatenate([spectrum(piece) for piece in pieces])


def _deviation(taps: Array, wanted: Array) -> float:
    """max |H H† - S| halfway between the frequencies of the design, where `wanted` is S."""
    transfers = rfft(taps, 4 * len(wanted))[1::2]
    largest = 0.0
    for first in range(0, len(wanted), PIECE):
        # Numpy's sign conjugated, up to a phase that HH† forgets.
        transfer = np.conj(transfers[first : first + PIECE])
        produced = transfer @ np.conj(np.swapaxes(transfer, -1, -2))
        largest = max(largest, float(np.abs(produced - wanted[first : first + PIECE]).max()))
    return largest


def _frequencies(size: int, time_step: float) -> Array:
    return 2 * np.pi / (size * time_step) * np.arange(size // 2 + 1)


class NoiseStream:
    """The forces of one bath on a set of trajectories: endless, seekable, a function of (seed, trajectory, channel).

    block(start, n) is the same to the last bit however the run is cut, and wherever it begins. Which trajectories share
    the stream changes the rounding alone, 1e-12 of the forces at most. Negative steps are the past of the
    noise, as far as the clock goes: start - half >= -CLOCK.
    """

    def __init__(
        self,
        noise_filter: NoiseFilter,
        seed: int,
        trajectories: Sequence[int],
        channel: int,
        segments: Segments | None = None,
        which: int = 0,
    ) -> None:
        """segments, which : white noise shared with other streams, and this stream's number among them."""
        self.filter = noise_filter
        self.seed, self.channel = seed, channel
        self.trajectories = tuple(int(r) for r in trajectories)
        self.length = len(noise_filter.taps)
        if noise_filter.half > CLOCK:
            raise SpectrumError(f"noise filter of {self.length} steps is longer than {2 * CLOCK}", length=self.length)
        self._segments = segments or Segments([noise_filter], seed, self.trajectories, channel, CLOCK)
        self._which = which
        self.segment_length = self._segments.hop

    @property
    def size(self) -> int:
        """Number of dofs of the bath."""
        return self.filter.taps.shape[-1]

    def block(self, start: int, n: int) -> Array:
        """Forces at steps start..start+n-1, (n, R, n_dofs). Raises InputError before the first step of the clock."""
        if start - self.filter.half < -CLOCK:
            earliest = self.filter.half - CLOCK
            raise InputError(f"noise begins at step {earliest}, not {start}", start=start, earliest=earliest)
        forces = np.empty((n, len(self.trajectories), self.size))
        done = 0
        while done < n:
            index, offset = divmod(start + done, self.segment_length)
            self._segments.release(index, self._which)
            piece = self._segments.forces(index, self._which)[offset : offset + n - done]
            forces[done : done + len(piece)] = piece
            done += len(piece)
        return forces


def noise_streams(model: "GridModel", seed: int, trajectories: Sequence[int]) -> Mapping[str, NoiseStream]:
    """One stream per bath; equal seeds at two biases give the same white noise."""
    return paired_streams({"": model}, seed, trajectories)[""]


def paired_streams(
    models: Mapping[str, "GridModel"], seed: int, trajectories: Sequence[int]
) -> dict[str, dict[str, NoiseStream]]:
    """Streams of several models with the same baths under different filters, such as a junction at two biases.

    models : by key, with equal names and sizes of baths.    Returns : {key: {bath: stream}}.
    The forces are those of separate noise_streams of each model, to the last bit if the filters of a bath are equally
    long, else to 1e-12; but white noise is drawn and transformed once. Streams driven in step keep one or two
    segments each; one that lags behind the others has its white noise drawn anew.
    Raises : InputError if the baths differ.
    """
    sizes = {key: {name: bath.bath.size for name, bath in model.baths.items()} for key, model in models.items()}
    first = next(iter(sizes.values()))
    for key, found in sizes.items():
        if list(found.items()) != list(first.items()):
            raise InputError(f"the baths of model {key!r} are {found}, not {first}", model=key, baths=found)
    streams: dict[str, dict[str, NoiseStream]] = {key: {} for key in models}
    workspace = Workspace()
    for channel, name in enumerate(first):
        filters = [model.baths[name].noise_filter for model in models.values()]
        segments = Segments(filters, seed, trajectories, channel, CLOCK, workspace)
        for which, (key, noise_filter) in enumerate(zip(models, filters, strict=True)):
            streams[key][name] = NoiseStream(noise_filter, seed, trajectories, channel, segments, which)
    return streams
