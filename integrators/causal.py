"""Causal response of a harmonic model on the grid: the motion that forces make from rest, all steps at once.

With z = e^{-ε-iφ} in place of a delay by one step, the equation of motion of the grid is

    [(z⁻¹ - 2 + z)/Δt² + K + C(z) (z⁻¹ - z)/2Δt + D(z)] u(z) = f(z),     C(z) = Σ c_k z^k,  D(z) = Σ d_k z^k

On a circle |z| = e^{-ε} < 1 every sequence is damped by e^{-εn}, so that what wraps around a transform of M steps is
below e^{-εM} however weakly the motion itself is damped; unwinding the damping costs a factor e^{εM/3}.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from sgle.integrators.state import columns

Array = np.ndarray
WRAPPED = 1e-13
GROUP = 2**25  # numbers of the forces that are transformed together: 256 MB
FEW = 4  # taps that are summed as they are
PIECE, TILE = 256, 32  # frequencies inverted, multiplied together


def all_taps(bath: Any) -> tuple[Array, Array]:
    """Taps c_k and d_k of the memory that steps, all that are not zero to rounding."""
    embedding = getattr(bath, "embedding", None)
    return (bath.velocity_taps, bath.position_taps) if embedding is None else embedding.taps(embedding.lasting)


def block_of(dofs: Sequence[int]) -> tuple[Any, ...]:
    """Index of a bath's block in a stack of matrices."""
    place = columns(dofs)
    return (slice(None), place, place) if isinstance(place, slice) else (slice(None), *np.ix_(dofs, dofs))


class Causal:
    """Response over records of `length` steps from rest.

    wrapped : e^{-εM}; less damping of the sequences means less rounding, where the motion itself is forgotten by then.
    Storage : 24 N² bytes per step. Error : 1e-16 / wrapped^{1/3} and a few times that of the largest motion.
    """

    def __init__(self, model: Any, length: int, wrapped: float = WRAPPED) -> None:
        self.model, self.length = model, length
        self.size = 2 * next_fast_len(-(-3 * length // 2), real=True)
        self.damping = np.exp(np.log(wrapped) / self.size * np.arange(length + 1))
        self.delay = self.damping[1] * np.exp(-2j * np.pi / self.size * np.arange(self.size // 2 + 1))
        self.response = self._response()

    def transform(self, taps: Array) -> Array:
        """Σ_k taps_k z^k of taps (K, m, n), (m, n, n_z); taps beyond the record do not act."""
        used = np.ascontiguousarray(taps[: self.length + 1].transpose(1, 2, 0))
        if used.shape[2] <= FEW:
            return used @ self.delay ** np.arange(used.shape[2])[:, None]
        return rfft(used * self.damping[: used.shape[2]], self.size)

    def _response(self) -> Array:
        """u/f at every z, (n_z, N, N)."""
        model, z = self.model, self.delay
        sums = [(block_of(b.dofs), [self.transform(t) for t in all_taps(b)]) for b in model.baths.values()]
        found = np.empty((len(z), model.size, model.size), complex)
        for first in range(0, len(z), PIECE):
            some = slice(first, first + PIECE)
            delay = z[some, None, None]
            inverse = (1 / delay - 2 + delay) / model.time_step**2 * np.eye(model.size) + model.stiffness
            for place, (velocity, position) in sums:
                speed = (1 / delay - delay) / (2 * model.time_step)
                inverse[place] += speed * velocity[:, :, some].transpose(2, 0, 1)
                inverse[place] += position[:, :, some].transpose(2, 0, 1)
            found[some] = np.linalg.inv(inverse)
        return found

    def remains(self, lags: int) -> float:
        """Largest response of a dof to itself in the last `lags` steps of the record, relative to that at any lag."""
        diagonal = np.ascontiguousarray(np.einsum("wkk->kw", self.response))
        size = np.abs(irfft(diagonal, self.size)[:, : self.length + 1] / self.damping)
        return float((size[:, -lags:].max(axis=1) / size.max(axis=1)).max())

    def filtered(self, taps: Array, dofs: Sequence[int], first: int) -> tuple[Array, float]:
        """Response of u to what is filtered by taps (K, n, m) into forces on some dofs, from lag `first` on to the
        end of the record, (lags, N, m), and the largest response at any lag.
        """
        count = taps.shape[2]
        found, largest = np.empty((self.length + 1 - first, self.model.size, count)), 0.0
        group = max(1, GROUP // 2 // (self.size * self.model.size))
        for column in range(0, count, group):
            some = slice(column, column + group)
            found[:, :, some], peak = self._filtered(taps[:, :, some], columns(dofs), first)
            largest = max(largest, peak)
        return found, largest

    def _filtered(self, taps: Array, place: slice | list[int], first: int) -> tuple[Array, float]:
        """The same for few columns."""
        colour = self.transform(taps)
        moved = np.empty((self.model.size, colour.shape[1], len(self.delay)), complex)
        for begin in range(0, len(self.delay), PIECE):
            some = slice(begin, begin + PIECE)
            rows = np.ascontiguousarray(colour[:, :, some].transpose(2, 0, 1))
            moved[:, :, some] = (self.response[some][:, :, place] @ rows).transpose(1, 2, 0)
        found, largest = np.empty((self.model.size, colour.shape[1], self.length + 1 - first)), 0.0
        for amplitudes, target in zip(moved, found, strict=True):
            sequences = irfft(amplitudes, self.size)[:, : self.length + 1] / self.damping
            largest = max(largest, float(np.abs(sequences).max()))
            target[...] = sequences[:, first:]
        return found.transpose(2, 0, 1), largest

    def motion(self, forces: Array, last: int) -> Array:
        """u of the last steps and of the one after them, from forces (length, R, N): (last + 1, R, N)."""
        group = max(1, GROUP // (self.size * self.model.size))
        parts = [self._motion(forces[:, first : first + group], last) for first in range(0, forces.shape[1], group)]
        return np.concatenate(parts, axis=1)

    def _motion(self, forces: Array, last: int) -> Array:
        """The same for few trajectories."""
        damped = (forces * self.damping[: len(forces), None, None]).transpose(1, 2, 0)
        amplitudes = rfft(np.ascontiguousarray(damped), self.size)
        rows = self.response.swapaxes(1, 2)
        for first in range(0, len(rows), TILE):
            some = slice(first, first + TILE)
            moved = np.ascontiguousarray(amplitudes[:, :, some].transpose(2, 0, 1)) @ rows[some]
            amplitudes[:, :, some] = moved.transpose(1, 2, 0)
        sequence = irfft(amplitudes, self.size)[:, :, len(forces) - last : len(forces) + 1]
        return (sequence / self.damping[len(forces) - last : len(forces) + 1]).transpose(2, 0, 1)
