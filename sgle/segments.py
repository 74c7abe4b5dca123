"""Segments of coloured noise: white noise in chunks, one FFT there, one product per frequency, one FFT back.

A window of N white steps gives N - 2 half forces (overlap-save); the longer the window, the less is done twice. Time
is the last axis of everything, as transforms of rows are quick. Two trajectories travel as real and imaginary part of
one record: taps are real, so that one complex transform and one product serve both,

    Z = X_1 + iX_2  ->  Z_k H_k and (Z_{-k}* H_k)*,

and only k = 0..N/2 of the transfer function H is kept; it is real where the filter is even in time.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import next_fast_len

from sgle.fft import fft_rows, ifft_rows, rfft

if TYPE_CHECKING:
    from sgle.noise import NoiseFilter

Array = np.ndarray
WHITE_CHUNK = 1024
SHORTEST_WINDOW = 2048
LONGEST_SEGMENT = 6144  # steps; it and SEGMENT_BYTES give way to filters that are longer
SEGMENT_BYTES = 3 << 26
GROUP_BYTES = 1 << 25  # records of the trajectories transformed together
TILE = 1 << 16  # numbers (64 frequencies or steps at least) worked on together: they stay in the cache
EVEN = 1e-14  # of the largest tap: rounding of an even filter


def window_length(half: int, columns: int) -> int:
    """N of a filter of 2 half + 1 taps for R × n = `columns`: up to four filters long, as far as memory allows."""
    affordable = SEGMENT_BYTES // (8 * columns)
    hop = max(SHORTEST_WINDOW - 2 * half, 2 * half, min(6 * half, LONGEST_SEGMENT, affordable))
    return 2 * next_fast_len((hop + 1) // 2 + half, real=True)


def transfer_function(noise_filter: "NoiseFilter", size: int) -> Array:
    """Σ_k h_k^T e^{-iωk}/√Δt at the frequencies 0..N/2 of `size` = N, (N/2+1, n, n); real if h is even in k."""
    taps, half = noise_filter.taps, noise_filter.half
    even = len(taps) % 2 == 1 and np.abs(taps - taps[::-1]).max(initial=0.0) <= EVEN * np.abs(taps).max(initial=0.0)
    width = taps.shape[-1]
    found = np.empty((size // 2 + 1, width, width), float if even else complex)
    padded = np.zeros((size, width))
    for j in range(width):
        padded[: len(taps)] = taps[:, :, j]
        column = rfft(np.roll(padded, -half, axis=0))
        found[:, j] = column.real if even else column
    found /= np.sqrt(noise_filter.time_step)
    return found


def multiply(records: Array, transfer: Array, out: Array) -> None:
    """out_k = Z_k H_k at every frequency; records, out : (P, n, N) complex, which may be one array."""
    pairs, width, size = records.shape
    parts = 2 if np.iscomplexobj(transfer) else 4
    # One row more than is used: strides of powers of two would put all rows into one line of the cache.
    tile = _tile(parts * pairs * width, len(transfer))
    space = np.empty((2, tile, parts * pairs + 1, width), transfer.dtype)[:, :, :-1]
    for first in range(0, size // 2 + 1, tile):
        matrices = transfer[first : first + tile]
        rows, products = space[:, : len(matrices)]
        _gather(records, first, rows.reshape(len(matrices), parts, pairs, width))
        np.matmul(rows, matrices, out=products)
        _scatter(products.reshape(len(matrices), parts, pairs, width), first, out)


def _tile(numbers: int, longest: int) -> int:
    """How many rows of so many numbers are worked on together."""
    return min(longest, max(64, TILE // numbers))


def _frequencies(records: Array, first: int, count: int) -> tuple[Array, Array]:
    """Views of Z_k and of Z_{-k} at k = first.., (count, P, n) each."""
    by_frequency = records.transpose(2, 0, 1)
    size = len(by_frequency)
    last = first + count - 1
    return by_frequency[first : last + 1], by_frequency[size - last : size - first + 1][::-1]


def _gather(records: Array, first: int, rows: Array) -> None:
    """Z_k and Z_{-k}* (their real and imaginary parts if H is real) as rows, (K, parts, P, n)."""
    positive, negative = _frequencies(records, first, len(rows))
    if np.iscomplexobj(rows):
        rows[:, 0] = positive
        _mirror(rows[:, 1], positive, negative)
        np.conjugate(rows[:, 1], out=rows[:, 1])
        return
    rows[:, 0], rows[:, 1] = positive.real, positive.imag
    _mirror(rows[:, 2], positive.real, negative.real)
    _mirror(rows[:, 3], positive.imag, negative.imag)


def _mirror(target: Array, positive: Array, negative: Array) -> None:
    """Values at -k; k = 0, which has no partner in the array, is its own."""
    target[len(target) - len(negative) :] = negative
    target[: len(target) - len(negative)] = positive[: len(target) - len(negative)]


def _scatter(products: Array, first: int, out: Array) -> None:
    """Undo _gather."""
    positive, negative = _frequencies(out, first, len(products))
    skip = len(products) - len(negative)
    if np.iscomplexobj(products):
        np.conjugate(products[:, 1], out=products[:, 1])
        positive[...] = products[:, 0]
        negative[...] = products[skip:, 1]
        return
    positive.real, positive.imag = products[:, 0], products[:, 1]
    negative.real, negative.imag = products[skip:, 2], products[skip:, 3]


class Workspace:
    """Memory for the records under way, shared by streams that work in turn: fresh pages cost as much as a copy."""

    def __init__(self) -> None:
        self._space: list[Array] = []

    def __call__(self, number: int, shape: tuple[int, ...]) -> Array:
        """Complex array of this shape, with anything in it; it shares memory with those of the same number."""
        size = int(np.prod(shape))
        self._space += [np.empty(0, complex)] * (number + 1 - len(self._space))
        if self._space[number].size < size:
            self._space[number] = np.empty(size, complex)
        return self._space[number][:size].reshape(shape)


class Segments:
    """Forces of a set of trajectories, by segments of `hop` steps, under one or more filters of the same white noise.

    White noise is drawn in chunks, each from its own key (trajectory, channel, chunk) of the seed. White step
    clock + n is the one that the tap at lag zero multiplies for force n; before step 0 it is zero. Of each filter's
    segments the two made last are kept; older ones are made anew if they are asked for.
    """

    def __init__(
        self,
        filters: Sequence["NoiseFilter"],
        seed: int,
        trajectories: Sequence[int],
        channel: int,
        clock: int,
        workspace: Workspace | None = None,
    ) -> None:
        self.seed, self.channel, self.clock = seed, channel, clock
        self.trajectories = tuple(int(r) for r in trajectories)
        self.width = filters[0].taps.shape[-1]
        self.half = max(noise_filter.half for noise_filter in filters)
        self.window = window_length(self.half, len(self.trajectories) * self.width)
        self.hop = self.window - 2 * self.half
        # An odd number of cache lines from row to row, for the sake of transposed reading.
        self._row = (-(-(self.window + 2 * WHITE_CHUNK) // 4) | 1) * 4
        self._workspace = workspace or Workspace()
        self._transfers = [transfer_function(noise_filter, self.window) for noise_filter in filters]
        self._made: list[dict[int, Array]] = [{} for _ in filters]
        self._spare: list[Array] = []
        # Chunks that the next window shares with the last one, by group; where it begins, where they end.
        self._white = [self._room(group) for group in self._groups()]
        self._next: int | None = None
        self._last_chunk = 0

    def forces(self, index: int, which: int = 0) -> Array:
        """Forces of steps index × hop.. under filter number `which`, (hop, R, n); they are gone once released."""
        if index not in self._made[which]:
            for number, made in enumerate(self._made):
                if len(made) > 1 or index in made:
                    self._drop(number, index if index in made else next(iter(made)))
            for made, forces in zip(self._made, self._make(index), strict=True):
                made[index] = forces
        return self._made[which][index]

    def release(self, before: int, which: int = 0) -> None:
        """Forget the segments before this one."""
        for index in [index for index in self._made[which] if index < before]:
            self._drop(which, index)

    def _drop(self, which: int, index: int) -> None:
        self._spare.append(self._made[which].pop(index))

    def _make(self, index: int) -> list[Array]:
        start = self.clock + index * self.hop - self.half
        shape = (self.hop, len(self.trajectories), self.width)
        found = [self._spare.pop() if self._spare else np.empty(shape) for _ in self._transfers]
        known, self._next = start == self._next, None  # until all groups are through, should this be interrupted
        for group, white in zip(self._groups(), self._white, strict=True):
            records = self._records(start, self.trajectories[group], white, known)
            for number, (transfer, forces) in enumerate(zip(self._transfers, found, strict=True)):
                last = number + 1 == len(found)
                product = records if last else self._workspace(1, (*records.shape[:2], self._row))[..., : self.window]
                multiply(records, transfer, product)
                self._unpack(ifft_rows(product), forces[:, group])
        self._next = start + self.hop
        self._last_chunk = (start + self.window - 1) // WHITE_CHUNK + 1
        return found

    def _groups(self) -> Iterator[slice]:
        """Trajectories transformed together: equally many, an even number, as GROUP_BYTES allow."""
        number = len(self.trajectories)
        count = -(-number * 8 * self.window * self.width // GROUP_BYTES)
        step = 2 * -(-number // (2 * count))
        for first in range(0, number, step):
            yield slice(first, min(first + step, number))

    def _room(self, group: slice) -> Array:
        pairs = (group.stop - group.start + 1) // 2
        chunks = -(-2 * self.half // WHITE_CHUNK) + 1
        return np.empty((pairs, self.width, chunks * WHITE_CHUNK), complex)

    def _records(self, start: int, trajectories: Sequence[int], white: Array, known: bool) -> Array:
        """Transformed white noise from step `start` on, (P, n, N): trajectories p and P + p of a group are one.

        white : the chunks that this window shares with the last one if `known`; replaced by those for the next.
        """
        records = self._workspace(0, (*white.shape[:2], self._row))
        first, last = start // WHITE_CHUNK, (start + self.window - 1) // WHITE_CHUNK + 1
        shared = (self._last_chunk - first) * WHITE_CHUNK if known else 0
        records[..., :shared] = white[..., :shared]
        for chunk in range(first + shared // WHITE_CHUNK, last):
            place = (chunk - first) * WHITE_CHUNK
            self._draw(records[..., place : place + WHITE_CHUNK], trajectories, chunk)
        ahead = ((start + self.hop) // WHITE_CHUNK - first) * WHITE_CHUNK
        rest = (last - first) * WHITE_CHUNK - ahead
        white[..., :rest] = records[..., ahead : ahead + rest]
        skip = start - first * WHITE_CHUNK
        return fft_rows(records[..., skip : skip + self.window])

    def _draw(self, out: Array, trajectories: Sequence[int], chunk: int) -> None:
        """White noise of a chunk, (P, n, CHUNK)."""
        pairs = len(out)
        if chunk < 0 or len(trajectories) % 2:
            out[...] = 0
        if chunk < 0:
            return
        for number, trajectory in enumerate(trajectories):
            record = out[number % pairs]
            key = np.random.SeedSequence(self.seed, spawn_key=(trajectory, self.channel, chunk))
            half = record.real if number < pairs else record.imag
            half[...] = np.random.Generator(np.random.SFC64(key)).standard_normal(half.shape)

    def _unpack(self, records: Array, forces: Array) -> None:
        """The steps whose forces are right, (hop, R, n) from (P, n, N)."""
        pairs = len(records)
        tile = _tile(pairs * self.width, self.hop)
        space = np.empty((tile, pairs, self.width), complex)
        for first in range(0, self.hop, tile):
            steps = records[..., self.half + first : self.half + min(first + tile, self.hop)]
            rows = space[: steps.shape[-1]]
            rows[...] = steps.transpose(2, 0, 1)
            forces[first : first + tile, :pairs] = rows.real
            forces[first : first + tile, pairs:] = rows[:, : forces.shape[1] - pairs].imag
