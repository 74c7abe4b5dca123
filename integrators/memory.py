"""Memory: what a bath's past does to the present (physics.md 7).

    tail_n = Σ_{k≥1} c_k v_{n-k} + Σ_{k≥1} d_k u_{n-k}

Tap 0 is no memory: the step solves it. A Memory holds taps and never changes; the past of the trajectories is
an explicit state, copied and saved with the rest, so that a run cut anywhere goes on bit for bit.

The exact convolution has two levels, with B steps to a block:
    taps 1..B-1   one matrix product per step over the last B-1 samples, which lie side by side in memory;
    taps k ≥ B    reach back before the block, so one FFT per block gives their part of all its B tails
                  (overlap-save; the kernel is cut into pieces of B taps, spectra of past blocks are kept).
B ≈ 2√K balances the two: O(√K) work per step for K taps, instead of O(K).
The transforms are scipy.fft's, not sgle.fft's: for many short ones along an inner axis it is up to ten times
faster, and its bits do not depend on where an array lies in memory, which a resumed run relies on.
"""

from copy import deepcopy
from dataclasses import dataclass
from math import ceil, log2, sqrt
from typing import Any, Protocol

import numpy as np
from scipy.fft import irfft, rfft

Array = np.ndarray


class Memory(Protocol):
    """The contract: step n asks for `tail`, then tells v_n and u_n by `push`. n dofs of one bath."""

    def start(self, trajectories: int) -> Any:
        """State of R trajectories with no past; it must have copy()."""

    def tail(self, state: Any, out: Array) -> None:
        """Write the tail of the current step to out, (R, n)."""

    def push(self, state: Any, velocity: Array, displacement: Array) -> None:
        """Take in v_n and u_n, (R, n) each, and go on to the next step."""


def direct_convolution(velocity_taps: Array, position_taps: Array, v: Array, u: Array) -> Array:
    """All tails by the sum as it is written, O(steps × taps): the judge of every faster road.

    velocity_taps, position_taps : (K, n, n).    v, u : (steps, R, n), zero before the first step.
    Returns : (steps, R, n).
    """
    tails = np.zeros_like(v)
    for taps, past in ((velocity_taps, v), (position_taps, u)):
        for k in range(1, min(len(taps), len(past))):
            tails[k:] += past[:-k] @ taps[k].T
    return tails


def block_length(taps: int, entries: int) -> int:
    """Steps per block B for K taps of so many entries: near 2√K, or K if one level is as quick (measured)."""
    balanced = max(32, 2 ** round(log2(2 * sqrt(taps))))
    one_level = taps <= balanced or (taps <= 4 * balanced and taps * entries <= 2048)
    return taps if one_level else balanced


@dataclass
class Past:
    """State of a Convolution: R trajectories, m = n or 2n remembered columns, P pieces of B taps beyond B.

    recent : (R, 2B, m), the previous block and this one, filled up to `position`.
    spectra : (B+1, R, 2P, m) complex, past blocks, newest first from `newest`; twice, to be side by side.
    far : (B, R, n), what the taps k ≥ B give to the tails of this block.
    """

    recent: Array
    spectra: Array
    far: Array
    position: int = 0
    newest: int = 0

    def copy(self) -> "Past":
        """A copy that shares nothing."""
        return deepcopy(self)


class Convolution:
    """Exact memory of one bath.

    velocity_taps, position_taps : (Kv, n, n), (Kd, n, n), of which [1:] are used; one of them longer than 1.
    block : steps per block B ≥ 2, from K = max(Kv, Kd) if not given; it changes speed and rounding only.
    Cost per step and trajectory : B m n multiplications near, 4 K m n / B far, two FFTs of 2B per block.
    Storage per trajectory : 4 K m complex numbers.
    """

    def __init__(self, velocity_taps: Array, position_taps: Array, block: int | None = None):
        both = (velocity_taps, position_taps)
        self.remembers_velocity, self.remembers_position = (len(taps) > 1 for taps in both)
        remembered = [taps for taps in both if len(taps) > 1]
        length = max(len(taps) for taps in remembered)
        self.size = velocity_taps.shape[-1]
        self.width = self.size * len(remembered)
        self.block = block or block_length(length, self.width * self.size)
        self.pieces = ceil(length / self.block) - 1 if length > self.block else 0
        taps = np.zeros(((1 + self.pieces) * self.block, self.width, self.size))
        for i, some in enumerate(remembered):
            taps[: len(some), i * self.size : (i + 1) * self.size] = some.swapaxes(1, 2)
        self._near = _by_columns(taps[self.block - 1 : 0 : -1].reshape(-1, self.size))
        self._far = self._spectra(taps[self.block :]) if self.pieces else None

    def _spectra(self, taps: Array) -> Array:
        """Spectra of the kernel's P pieces of B taps, each padded to 2B, (B+1, P m, n)."""
        pieces = taps.reshape(self.pieces, self.block, self.width, self.size)
        spectra = rfft(pieces, n=2 * self.block, axis=1).swapaxes(0, 1)
        return _by_columns(spectra.reshape(self.block + 1, -1, self.size))

    def start(self, trajectories: int) -> Past:
        """No past: v = u = 0 before the first step."""
        return Past(
            recent=np.zeros((trajectories, 2 * self.block, self.width)),
            spectra=np.zeros((self.block + 1, trajectories, 2 * self.pieces, self.width), complex),
            far=np.zeros((self.block, trajectories, self.size)),
        )

    def tail(self, state: Past, out: Array) -> None:
        """Σ_{k≥1} c_k v_{n-k} + d_k u_{n-k} to out, (R, n)."""
        now = state.position
        samples = state.recent[:, now + 1 : now + self.block]
        np.matmul(samples.reshape(len(samples), -1), self._near, out=out)
        if self.pieces:
            out += state.far[now]

    def push(self, state: Past, velocity: Array, displacement: Array) -> None:
        """Remember v_n and u_n, (R, n); at the end of a block work out the far part of the next one."""
        sample = state.recent[:, self.block + state.position]
        if self.remembers_velocity:
            sample[:, : self.size] = velocity
        if self.remembers_position:
            sample[:, -self.size :] = displacement
        state.position += 1
        if state.position == self.block:
            self._turn(state)

    def _turn(self, state: Past) -> None:
        """Close the block: its spectrum joins the past, its samples become the previous block."""
        if self.pieces:
            state.newest = (state.newest - 1) % self.pieces
            spectrum = rfft(state.recent, axis=1).swapaxes(0, 1)
            state.spectra[:, :, state.newest :: self.pieces] = spectrum[:, :, None]
            past = state.spectra[:, :, state.newest : state.newest + self.pieces]
            product = past.reshape(*past.shape[:2], -1) @ self._far
            state.far = irfft(product, n=2 * self.block, axis=0)[self.block :]
        state.recent[:, : self.block] = state.recent[:, self.block :]
        state.position = 0


def _by_columns(matrices: Array) -> Array:
    """The same matrices, stored column by column: a single row vector is then multiplied by dot products."""
    return np.ascontiguousarray(matrices.swapaxes(-1, -2)).swapaxes(-1, -2)
