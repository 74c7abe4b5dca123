"""Memory: what a bath's past does to the present (physics.md 7).

    tail_n = Σ_{k≥1} c_k v_{n-k} + Σ_{k≥1} d_k u_{n-k}

Tap 0 is no memory: the step solves it. A Memory holds taps and never changes; the past of the trajectories is
an explicit state, copied and saved with the rest, so that a run cut anywhere goes on bit for bit.

The exact convolution works on several levels of blocks B_0 < B_1 < ..., each four times as long as the one before:
    taps 1..B_0-1        one matrix product per step over the last samples, which lie side by side in memory;
    taps B_i..B_{i+1}-1  reach back before the block of B_i steps under way, so their part of all its tails is known
                         when it begins (sgle.integrators.partitioned).
The work per step grows with the logarithm of the number of taps.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from sgle.integrators.partitioned import FEW, Level, Ring, by_columns

Array = np.ndarray
LONGEST_BLOCK = 1024


class Memory(Protocol):
    """The contract: step n asks for `tail`, then tells v_n and u_n by `push`. n dofs of one bath."""

    def start(self, trajectories: int) -> Any:
        """State of R trajectories with no past; it must have copy()."""

    def tail(self, state: Any, out: Array) -> None:
        """Write the tail of the current step to out, (R, n)."""

    def push(self, state: Any, velocity: Array, displacement: Array) -> None:
        """Take in v_n and u_n, (R, n) each, and go on to the next step."""

    def fill(self, state: Any, velocity: Array, displacement: Array) -> None:
        """Give a fresh state a past: h steps at once, (h, R, n) each, oldest first, the last one just before step 0."""


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


def block_lengths(taps: int, entries: int) -> tuple[int, ...]:
    """Steps per block of each level, for K taps of so many entries (measured; flat within 10 % around it)."""
    shortest = 16 if entries > 200 else 32
    if taps <= 2 * shortest or taps * entries <= 2048:
        return (taps,)
    lengths = [shortest]
    while 8 * lengths[-1] <= taps and lengths[-1] < LONGEST_BLOCK:
        lengths.append(4 * lengths[-1])
    return tuple(lengths)


@dataclass
class Past:
    """State of a Convolution: R trajectories, m = n or 2n remembered columns, blocks of B_0 (shortest) to B (longest).

    recent : (R, 2 B_0, m), the previous short block and this one, filled up to the present.
    history : (2 B, R, m), the previous long block and this one, filled up to the last complete short one.
    far : (B, R, n), what the taps k ≥ B_0 give to the tails of this long block, as far as it is known.
    position : steps since the long block began.
    """

    recent: Array
    history: Array
    far: Array
    rings: list[Ring]
    position: int = 0

    def copy(self) -> "Past":
        """A copy that shares nothing."""
        return deepcopy(self)


class Convolution:
    """Exact memory of one bath.

    velocity_taps, position_taps : (Kv, n, n), (Kd, n, n), of which [1:] are used; one of them longer than 1.
    blocks : steps per block of each level, ascending, each a multiple of the one before, at least 2; chosen from the
        number of taps if not given; they change speed and rounding only.
    Cost per step and trajectory : B_0 m n multiplications near; per level four FFTs of each column and 4 P m n
        multiplications, P the number of its pieces, 3 but for the last.
    Storage per trajectory : 2 K m complex numbers.
    """

    def __init__(self, velocity_taps: Array, position_taps: Array, blocks: Sequence[int] | None = None):
        both = (velocity_taps, position_taps)
        self.remembers_velocity, self.remembers_position = (len(taps) > 1 for taps in both)
        remembered = [taps for taps in both if len(taps) > 1]
        length = max(len(taps) for taps in remembered)
        self.size = velocity_taps.shape[-1]
        self.width = self.size * len(remembered)
        self.blocks = tuple(blocks or block_lengths(length, self.width * self.size))
        ends = [*self.blocks[1:], -(-length // self.blocks[-1]) * self.blocks[-1]]
        taps = np.zeros((max(self.blocks[0], ends[-1]), self.width, self.size))
        for i, some in enumerate(remembered):
            taps[: len(some), i * self.size : (i + 1) * self.size] = some.swapaxes(1, 2)
        self._near = taps[self.blocks[0] - 1 : 0 : -1].reshape(-1, self.size)
        self.levels = [
            Level(taps[block:end], block) for block, end in zip(self.blocks, ends, strict=True) if end > block
        ]

    @cached_property
    def _near_columns(self) -> Array:
        return by_columns(self._near)

    def start(self, trajectories: int) -> Past:
        """No past: v = u = 0 before the first step."""
        shortest, longest = self.blocks[0], self.blocks[-1]
        return Past(
            recent=np.zeros((trajectories, 2 * shortest, self.width)),
            history=np.zeros((2 * longest if self.levels else 0, trajectories, self.width)),
            far=np.zeros((longest if self.levels else 0, trajectories, self.size)),
            rings=[level.start(trajectories) for level in self.levels],
        )

    def tail(self, state: Past, out: Array) -> None:
        """Σ_{k≥1} c_k v_{n-k} + d_k u_{n-k} to out, (R, n)."""
        shortest = self.blocks[0]
        now = state.position % shortest
        samples = state.recent[:, now + 1 : now + shortest]
        near = self._near if len(samples) >= FEW else self._near_columns
        np.matmul(samples.reshape(len(samples), -1), near, out=out)
        if self.levels:
            out += state.far[state.position]

    def push(self, state: Past, velocity: Array, displacement: Array) -> None:
        """Remember v_n and u_n, (R, n); at the end of a block work out the far part of the next one."""
        shortest = self.blocks[0]
        sample = state.recent[:, shortest + state.position % shortest]
        if self.remembers_velocity:
            sample[:, : self.size] = velocity
        if self.remembers_position:
            sample[:, -self.size :] = displacement
        state.position += 1
        if state.position % shortest == 0:
            self._turn(state)

    def fill(self, state: Past, velocity: Array, displacement: Array) -> None:
        """Give a fresh state a past: h steps at once, (h, R, n) each, oldest first, the last one just before step 0.

        Equal to h pushes but for rounding, and for where its blocks begin.
        """
        shown = [velocity] * self.remembers_velocity + [displacement] * self.remembers_position
        past = np.concatenate(shown, axis=-1)
        reach = max([2 * self.blocks[-1], *((level.pieces + 1) * level.block for level in self.levels)])
        past = past[-reach:]
        past = np.concatenate([np.zeros((reach - len(past), *past.shape[1:])), past])
        state.recent[:, : self.blocks[0]] = past[-self.blocks[0] :].swapaxes(0, 1)
        if self.levels:
            state.history[: self.blocks[-1]] = past[-self.blocks[-1] :]
        for level, ring in zip(self.levels, state.rings, strict=True):
            for piece in range(level.pieces, 0, -1):
                last = reach - (piece - 1) * level.block
                level.remember(ring, past[last - 2 * level.block : last])
            state.far[: level.block] += level.tails(ring)

    def _turn(self, state: Past) -> None:
        """A short block is complete: it joins the history, and with it every level whose block is complete."""
        shortest, longest = self.blocks[0], self.blocks[-1]
        block = state.recent[:, shortest:]
        if self.levels:
            end = longest + state.position
            state.history[end - shortest : end] = block.swapaxes(0, 1)
            complete = state.position == longest
            if complete:
                state.position = 0
                state.far[...] = 0.0
            for level, ring in zip(self.levels, state.rings, strict=True):
                if state.position % level.block == 0:
                    level.remember(ring, state.history[end - 2 * level.block : end])
                    state.far[state.position : state.position + level.block] += level.tails(ring)
            if complete:
                state.history[:longest] = state.history[longest:]
        else:
            state.position = 0
        state.recent[:, :shortest] = block
