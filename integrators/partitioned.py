"""The far taps of a convolution, block by block in frequency space (W. G. Gardner, J. Audio Eng. Soc. 43, 127 (1995)).

A Level of block length B and P pieces covers the taps pB..(p+1)B-1, p = 1..P. Whenever a block of B steps is complete,
it gives the part of the next B tails that these taps make of the P + 1 blocks before:

    tails = backward( Σ_p forward(block b-p-1, block b-p) · spectrum of piece p )

Each pair of neighbouring blocks is transformed once and kept; the sum over pieces is one matrix product per frequency,
over all dofs and pieces at once. The pieces' spectra stand twice behind each other, so that the oldest transform is
overwritten in place while the product still finds each transform beside its piece.

Short transforms are matrices: they need no change of layout, and three real products per frequency in place of a
complex one (Gauss). Long ones are scipy.fft's along the last axis: five times faster there than along the first, and
their bits do not depend on where an array lies in memory, which a resumed run relies on.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.fft import irfft, rfft

Array = np.ndarray
LONGEST_MATRIX = 32
FEW = 16  # rows below which real products are quicker with columns side by side, by up to a third
CACHED_NUMBERS = 2**16  # 0.5 MB: transforms of more trajectories at a time leave the cache between two passes


class Transform(Protocol):
    """Turns the cyclic convolution of 2B samples into products: (C (A x · G taps))_{B..2B-1}; M of them."""

    rows: int
    dtype: type

    def of_taps(self, pieces: Array) -> Array:
        """G: (P, B, m, n) -> (M, P, m, n)."""

    def forward(self, window: Array, out: Array) -> None:
        """A: (2B, R, m) to out, (M, R, m), of any strides."""

    def backward(self, product: Array) -> Array:
        """C: (M, R, n) -> (B, R, n)."""


class MatrixTransform:
    """Real Fourier transform as a matrix, complex products as three real ones: M = 3B - 1.

    (a + ib)(c + id): with k₁ = ac, k₂ = bd, k₃ = (a+b)(c+d), real part k₁ - k₂, imaginary part k₃ - k₁ - k₂. The sums
    a + b are rows of A, the differences columns of C.
    """

    dtype: type = float

    def __init__(self, block: int):
        angles = np.pi / block * np.outer(np.arange(1, block), np.arange(2 * block))
        signs = 1.0 - 2.0 * (np.arange(2 * block) % 2)
        cosines, sines = np.cos(angles), -np.sin(angles)
        self.block, self.rows = block, 3 * block - 1
        self._forward = np.concatenate([np.ones((1, 2 * block)), signs[None], cosines, sines, cosines + sines])
        real, imaginary = cosines[:, block:].T / block, sines[:, block:].T / block
        ends = np.stack([np.ones(block), signs[block:]], axis=1) / (2 * block)
        self._backward = np.concatenate([ends, real - imaginary, -real - imaginary, imaginary], axis=1)

    def of_taps(self, pieces: Array) -> Array:
        """G: (P, B, m, n) -> (M, P, m, n)."""
        return np.einsum("at,ptmn->apmn", self._forward[:, : self.block], pieces, optimize=True)

    def forward(self, window: Array, out: Array) -> None:
        """A: (2B, R, m) to out, (M, R, m), of any strides."""
        np.matmul(self._forward, window.swapaxes(0, 1), out=out.swapaxes(0, 1))

    def backward(self, product: Array) -> Array:
        """C: (M, R, n) -> (B, R, n)."""
        return (self._backward @ product.reshape(self.rows, -1)).reshape(self.block, *product.shape[1:])


class FourierTransform:
    """Real FFT of length 2B: M = B + 1 complex products."""

    dtype: type = complex

    def __init__(self, block: int):
        self.block, self.rows = block, block + 1

    def of_taps(self, pieces: Array) -> Array:
        """G: (P, B, m, n) -> (M, P, m, n)."""
        return rfft(pieces, n=2 * self.block, axis=1).swapaxes(0, 1)

    def forward(self, window: Array, out: Array) -> None:
        """A: (2B, R, m) to out, (M, R, m), of any strides."""
        for some in self._groups(window):
            lines = np.ascontiguousarray(np.moveaxis(window[:, some], 0, 2))
            out[:, some] = np.moveaxis(rfft(lines, axis=2, overwrite_x=True), 2, 0)

    def backward(self, product: Array) -> Array:
        """C: (M, R, n) -> (B, R, n)."""
        out = np.empty((self.block, *product.shape[1:]))
        for some in self._groups(product):
            lines = np.ascontiguousarray(np.moveaxis(product[:, some], 0, 2))
            samples = irfft(lines, n=2 * self.block, axis=2, overwrite_x=True)
            out[:, some] = np.moveaxis(samples[:, :, self.block :], 2, 0)
        return out

    def _groups(self, array: Array) -> list[slice]:
        """Trajectories, axis 1, a few at a time."""
        size = max(1, CACHED_NUMBERS // (2 * self.block * array.shape[2]))
        return [slice(first, first + size) for first in range(0, array.shape[1], size)]


@dataclass
class Ring:
    """State of a Level: transforms of the last P pairs of blocks, (M, R, P, m), the newest in place `newest`."""

    transforms: Array
    newest: int = 0


class Level:
    """Taps B..(P+1)B-1 of a kernel.

    taps : (P B, m, n), the first of them at lag B; a row of m remembered numbers times a tap gives n.
    """

    def __init__(self, taps: Array, block: int):
        self.block, self.pieces = block, len(taps) // block
        self.width, self.size = taps.shape[1:]
        self.transform: Transform = MatrixTransform(block) if block <= LONGEST_MATRIX else FourierTransform(block)
        spectra = self.transform.of_taps(taps.reshape(self.pieces, block, self.width, self.size))
        # Place q of the ring holds the pair that is (newest - q) mod P older than the newest.
        twice = spectra[:, -np.arange(2 * self.pieces) % self.pieces]
        self._spectra = twice.reshape(self.transform.rows, -1, self.size)

    def start(self, trajectories: int) -> Ring:
        """No past."""
        shape = (self.transform.rows, trajectories, self.pieces, self.width)
        return Ring(np.zeros(shape, self.transform.dtype))

    def remember(self, ring: Ring, window: Array) -> None:
        """Take in the last two blocks, (2B, R, m)."""
        ring.newest = (ring.newest + 1) % self.pieces
        self.transform.forward(window, ring.transforms[:, :, ring.newest])

    def tails(self, ring: Ring) -> Array:
        """Part of the next B tails, (B, R, n)."""
        first = (self.pieces - ring.newest) * self.width
        past = ring.transforms.reshape(*ring.transforms.shape[:2], -1)
        spectra = self._columns if past.shape[1] < FEW and past.dtype == float else self._spectra
        return self.transform.backward(past @ spectra[:, first : first + self.pieces * self.width])

    @cached_property
    def _columns(self) -> Array:
        return by_columns(self._spectra)


def by_columns(matrices: Array) -> Array:
    """The same matrices, stored column by column: rows are then multiplied by dot products, quicker for a FEW rows."""
    return np.ascontiguousarray(matrices.swapaxes(-1, -2)).swapaxes(-1, -2)
