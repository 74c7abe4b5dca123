"""Periodic records of a harmonic model on the grid: noise, motion and reactions drawn together in frequency space.

With amplitudes X_k = Σ_n x_n e^{+iω_k t_n} on the frequencies ω_k = 2πk/(PΔt) of a record of P steps

    f_a = (P/Δt)^{1/2} H_a(ω_k) ξ_a,k     u = -D Σ_a f_a     (c*v + d*u)_a = Π_a u

ξ complex and white, H_a the transfer function of the noise filter, D and Π_a exact on the grid (physics.md 5, 7). Every
step of the record obeys the equation of motion to rounding, and its covariance is that of the stationary motion
wrapped at P steps: Σ_m C(τ + m P Δt).
"""

import sys
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.fft import irfft, rfft

from sgle.integrators.state import columns
from sgle.noise import square_root
from sgle.response import Response

Array = np.ndarray
PIECE = 256  # frequencies at a time when the matrices are made
TILE = 2**18  # white numbers at a time when records are drawn: 4 MB


def remembers(bath: Any) -> bool:
    """Whether a bath's reaction depends on the past: more than one tap, or fitted auxiliary variables."""
    taps = max(len(bath.velocity_taps), len(bath.position_taps))
    return taps > 1 or getattr(bath, "embedding", None) is not None


class Periodic:
    """Records of P steps of one GridModel, P even and not shorter than any noise filter.

    motion_only : draw u alone, from the root of its own spectrum: N white numbers per frequency instead of Σ n_a.
    decay : step from which on no autocorrelation of u exceeds `tail` of its value at 0, in the record.
    Storage : 8 P (Σ n_a² + N² + Σ n_a² of baths with memory) bytes, 8 P N² if motion_only.
    """

    def __init__(self, model: Any, period: int, *, motion_only: bool = False, tail: float = 1e-9) -> None:
        self.model, self.period, self.motion_only = model, period, motion_only
        self.frequencies = period // 2 + 1
        self.places, self.white, self.channels = _places(model, motion_only)
        self._dofs = {name: columns(bath.dofs) for name, bath in model.baths.items()}
        names = [] if motion_only else list(model.baths)
        sizes = {name: len(model.baths[name].dofs) for name in names}
        self._colour = {name: np.empty((self.frequencies, n, n), complex) for name, n in sizes.items()}
        self._reaction = {
            name: np.empty((self.frequencies, n, n), complex)
            for name, n in sizes.items()
            if remembers(model.baths[name])
        }
        self._response = np.empty((self.frequencies, model.size, model.size), complex)
        self.decay = self._last(self._fill(), tail)
        self._space = _Space()

    def _fill(self) -> Array:
        """Work out all matrices, for row vectors of conjugate amplitudes. Returns : diagonal of S_uu, (n_w, N)."""
        transfers = {name: self._transfer(bath) for name, bath in self.model.baths.items()}
        power = np.empty((self.frequencies, self.model.size))
        for first in range(0, self.frequencies, PIECE):
            some = slice(first, min(first + PIECE, self.frequencies))
            power[some] = self._fill_some(some, {name: values[some] for name, values in transfers.items()})
        return power

    def _transfer(self, bath: Any) -> Array:
        """(P/Δt)^{1/2} H transposed and conjugate, for ξ made of two unit normals, (n_w, n, n)."""
        values = rfft(bath.noise_filter.taps, self.period, axis=0).swapaxes(1, 2)
        values *= np.sqrt(self.period / (2 * self.model.time_step))
        values[[0, -1]] *= np.sqrt(2)  # a real record has no phase there: only one of the two normals counts
        return values

    def _fill_some(self, some: slice, transfers: dict[str, Array]) -> Array:
        """Matrices and diagonal of S_uu of some frequencies."""
        model = self.model
        omega = 2 * np.pi / (self.period * model.time_step) * np.arange(some.start, some.stop)
        self_energies = {name: bath.self_energy(omega) for name, bath in model.baths.items()}
        green = Response(model.junction, model.grid).greens_function(omega, self_energies)
        response = -_for_rows(green)
        moved = [transfers[name] @ response[:, self._dofs[name]] for name in model.baths]
        for name, values in self._reaction.items():
            values[some] = _for_rows(self_energies[name] - model.baths[name].bath.static)
        for name, values in self._colour.items():
            values[some] = transfers[name]
        self._response[some] = _root(moved, omega) if self.motion_only else response
        return sum((np.abs(rows) ** 2).sum(axis=1) for rows in moved)

    def _last(self, power: Array, tail: float) -> int:
        """First step after the last one with an autocorrelation above `tail`, at most half the record."""
        power[[0, -1]] /= 2  # undoes what _transfer does there
        correlation = np.abs(irfft(power, self.period, axis=0))[: self.period // 2]
        above = np.flatnonzero((correlation > tail * correlation[0]).any(axis=1))
        return int(above[-1]) + 1

    def draw(self, generators: Sequence[np.random.Generator]) -> Array:
        """One record for each generator, (R, channels, P + 2): u, then noise and reactions at `places`.

        The last two columns are scratch. A record depends on its own generator alone, but for rounding.
        """
        amplitudes = self._space.empty((len(generators), self.channels, self.frequencies))
        tile = max(1, TILE // (len(generators) * self.white))
        for first in range(0, self.frequencies, tile):
            some = slice(first, min(first + tile, self.frequencies))
            self._draw_some(generators, some, amplitudes)
        records = amplitudes.view(float)
        for row, amplitude in zip(records, amplitudes, strict=True):
            row[:, : self.period] = irfft(amplitude, self.period)
        return records

    def _draw_some(self, generators: Sequence[np.random.Generator], some: slice, amplitudes: Array) -> None:
        """Amplitudes of some frequencies."""
        normals = np.empty((len(generators), some.stop - some.start, self.white, 2))
        for generator, row in zip(generators, normals, strict=True):
            generator.standard_normal(out=row)
        xi = normals.view(complex)[..., 0].swapaxes(0, 1)
        if self.motion_only:
            amplitudes[:, :, some] = (xi @ self._response[some]).transpose(1, 2, 0)
            return
        total, first = np.zeros((*xi.shape[:2], self.model.size), complex), 0
        for name, colour in self._colour.items():
            force = xi[:, :, first : first + colour.shape[1]] @ colour[some]
            first += colour.shape[1]
            total[..., self._dofs[name]] += force
            amplitudes[:, self.places["noise", name], some] = force.transpose(1, 2, 0)
        motion = total @ self._response[some]
        amplitudes[:, : self.model.size, some] = motion.transpose(1, 2, 0)
        for name, reaction in self._reaction.items():
            back = motion[..., self._dofs[name]] @ reaction[some]
            amplitudes[:, self.places["reaction", name], some] = back.transpose(1, 2, 0)


class _Space:
    """Memory for records, used again once nobody looks at them any more: fresh pages cost as much as all the rest."""

    def __init__(self) -> None:
        self._array = np.empty((0, 0, 0), complex)
        self._unseen = self._owners()
        self._lock = threading.Lock()  # threads of a dask worker share the matrices of a model, and this

    def _owners(self) -> int:
        """How many hold the array; every view of it does."""
        return sys.getrefcount(self._array)

    def empty(self, shape: tuple[int, ...]) -> Array:
        """Complex array with anything in it."""
        with self._lock:
            if self._array.shape != shape or self._owners() > self._unseen:
                self._array = np.empty(shape, complex)
            return self._array


def _places(model: Any, motion_only: bool) -> tuple[dict[tuple[str, str], slice], int, int]:
    """Where a record holds noise and reaction of each bath; how many white numbers and channels it has."""
    places, here, white = {}, model.size, 0
    for kind in () if motion_only else ("noise", "reaction"):
        for name, bath in model.baths.items():
            if kind == "noise" or remembers(bath):
                places[kind, name] = slice(here, here + len(bath.dofs))
                here += len(bath.dofs)
            white += len(bath.dofs) * (kind == "noise")
    return places, white or model.size, here


def _root(moved: Sequence[Array], omega: Array) -> Array:
    """Principal root of S_uu from the responses to each bath's white noise."""
    return square_root(sum(np.conj(rows.swapaxes(1, 2)) @ rows for rows in moved), omega)


def _for_rows(matrices: Array) -> Array:
    """What multiplies row vectors of conjugate amplitudes from the right as `matrices` do amplitudes."""
    return np.conj(matrices.swapaxes(1, 2))
