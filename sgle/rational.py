"""Rational models of a sequence of matrices: few poles whose powers add up to it, by balanced truncation.

    h_k ≈ Re Σ_i c_i λ_i^{k-1} b_i,  k ≥ 1,  |λ_i| < 1,  residues c_i b_i of rank one

A sequence that ends is the impulse response of a shift register. Balanced truncation of that register needs the
singular vectors of its block Hankel matrix H_ij = h_{i+j-1} alone; the model is stable where σ_r > σ_{r+1}, and off
by at most 2 Σ_{i>r} σ_i at any frequency. The matrix is never written out: its products are FFTs, its dominant
subspace comes from a random one (fixed seed). A sequence that is oversampled s times is taken at every s-th element,
and the poles found are drawn down by the s-th root, which leaves a matrix s times smaller each way.

Sources : S.-Y. Kung, 12th Asilomar Conf. (1978); L. Pernebo, L. M. Silverman, IEEE Trans. Automat. Contr. 27, 382
(1982); N. Halko, P.-G. Martinsson, J. A. Tropp, SIAM Rev. 53, 217 (2011).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.fft
import scipy.linalg

Array = np.ndarray
DENSE = 512  # rows of a Hankel matrix that is decomposed as it is
PIECE = 1024  # elements of a sequence made at a time
SAME = 0.99  # singular values nearer to each other than this ratio belong together


@dataclass(frozen=True, eq=False)
class Modes:
    """h_k = Re Σ_i c_i λ_i^{k-1} b_i.    poles : λ (P,) complex, Im λ ≥ 0; outputs : c (p, P); inputs : b (P, m)."""

    poles: Array
    outputs: Array
    inputs: Array

    def sequence(self, length: int) -> Array:
        """h_1 ... h_length, (length, p, m) real."""
        found = np.empty((length, len(self.outputs), self.inputs.shape[1]))
        for start in range(0, length, PIECE):
            powers = self.poles ** np.arange(start, min(start + PIECE, length))[:, None]
            found[start : start + PIECE] = self._sum(powers).real
        return found

    def transfer(self, phase: Array) -> Array:
        """Σ_{k≥1} h_k e^{ik phase}, the whole endless sum, (n_phase, p, m) complex; continued at complex phases."""
        there, back = np.exp(-1j * phase)[:, None], np.exp(1j * np.conj(phase))[:, None]
        plus, minus = 0.5 / (there - self.poles), 0.5 / (back - self.poles)
        # Re Σ λ^{k-1} r at e^{iφ}: half the pole and half its conjugate, which is that of -φ* conjugated.
        return self._sum(plus) + np.conj(self._sum(minus))

    def _sum(self, weights: Array) -> Array:
        scaled = (weights[:, None, :] * self.outputs).reshape(-1, len(self.poles))
        return (scaled @ self.inputs).reshape(len(weights), len(self.outputs), -1)


@dataclass(frozen=True, eq=False)
class Balanced:
    """Dominant singular triples of the Hankel matrix of h_1, h_{1+s}, ...: every reduced model comes from them.

    values : σ (L,), descending.    left, right : (K, p, L), (K, m, L).    stride : s.    whole : L is all there are.
    """

    values: Array
    left: Array
    right: Array
    stride: int
    whole: bool

    def order(self, wanted: int) -> int:
        """The nearest order from `wanted` on that does not part singular values which belong together."""
        values = self.values[self.values > 1e-14 * self.values[0]]
        wanted = min(max(wanted, 1), len(values))
        while wanted < len(values) and values[wanted] > SAME * values[wanted - 1]:
            wanted += 1
        return wanted

    @cached_property
    def _shifts(self) -> tuple[Array, Array]:
        """Σ_k u_k^T u_{k+1} of the left and of the right vectors, (L, L) each."""
        return tuple(  # type: ignore[return-value]
            some[:-1].reshape(-1, some.shape[2]).T @ some[1:].reshape(-1, some.shape[2])
            for some in (self.left, self.right)
        )

    def modes(self, order: int) -> Modes:
        """The reduced model of `order` real variables in its eigenvectors, poles of one sample step."""
        root = np.sqrt(self.values[:order])
        ratio = root / root[:, None]
        # What moves the future and what moves the past: the same matrix, to the accuracy of the vectors.
        future, past = (shift[:order, :order] for shift in self._shifts)
        matrix = (future * ratio + past.T / ratio) / 2
        outputs, inputs = self.left[0, :, :order] * root, (self.right[0, :, :order] * root).T
        values, vectors = np.linalg.eig(matrix)
        outputs, inputs = outputs @ vectors, np.linalg.solve(vectors.astype(complex), inputs)
        kept = values.imag >= 0
        poles, outputs, inputs = values[kept].astype(complex), outputs[:, kept].astype(complex), inputs[kept]
        outputs = np.where(poles.imag > 0, 2 * outputs, outputs)
        return Modes(_root(poles, self.stride), *_even(outputs, inputs))


def _root(poles: Array, stride: int) -> Array:
    """λ^{1/s} next to 1."""
    return (
        poles
        if stride == 1
        else np.where(poles == 0, 0, np.abs(poles) ** (1 / stride)) * np.exp(1j * np.angle(poles) / stride)
    )


def _even(outputs: Array, inputs: Array) -> tuple[Array, Array]:
    """c_i and b_i of each mode with equal lengths."""
    out, into = np.linalg.norm(outputs, axis=0), np.linalg.norm(inputs, axis=1)
    ratio = np.sqrt(np.where((out > 0) & (into > 0), into / np.where(out > 0, out, 1), 1.0))
    return outputs * ratio, inputs / ratio[:, None]


class Hankel:
    """The block Hankel matrix of h_1 ... h_K, (K, p, m), at every `stride`-th element, and its dominant subspace."""

    def __init__(self, sequence: Array, stride: int = 1):
        self.sequence = np.ascontiguousarray(sequence[::stride])
        self.length, self.rows, self.columns = self.sequence.shape
        self.stride = stride
        turned = self.sequence.swapaxes(1, 2)
        self._symmetric = turned.shape == self.sequence.shape and np.allclose(
            turned, self.sequence, rtol=0, atol=1e-14 * np.abs(self.sequence).max(initial=0.0)
        )
        transform = scipy.fft.rfft(self.sequence, n=2 * scipy.fft.next_fast_len(self.length, real=True), axis=0)
        self._forward, self._backward = transform, np.ascontiguousarray(transform.swapaxes(1, 2))
        self._random = np.random.default_rng(0)
        self._basis = np.zeros((self.length * self.rows, 0))
        self._images = np.zeros((self.length * self.columns, 0))

    def balance(self, rank: int, rest: float, most: int) -> Balanced:
        """At least `rank` singular triples, or as many, up to `most`, as leave √Σσ² of the others below `rest`.

        What an earlier call has found is kept. All triples of a small matrix.
        """
        every = self.length * min(self.rows, self.columns)
        if self.length * max(self.rows, self.columns) <= DENSE or rank >= every / 2:
            return self._triples(*self._all(), whole=True)
        length = self.sequence.shape[0]
        square = np.arange(1, length + 1) @ np.einsum("kij,kij->k", self.sequence, self.sequence)
        self._widen(rank + 16 - self._basis.shape[1])
        while square - np.sum(self._images**2) > max(rest**2, 1e-14 * square) and self._images.shape[1] < most:
            self._widen(min(self._images.shape[1] // 2, most - self._images.shape[1]))
        return self._triples(*self._dominant(), whole=False)

    def _dominant(self) -> tuple[Array, Array, Array]:
        """U, σ, V of what the basis spans; of a symmetric matrix U = ±V to rounding, so that models are symmetric."""
        if self._symmetric:
            core = self._basis.T @ self._images
            values, vectors = scipy.linalg.eigh((core + core.T) / 2, check_finite=False)
            order = np.argsort(-np.abs(values))
            left = self._basis @ vectors[:, order]
            return left, np.abs(values[order]), left * np.sign(values[order])
        across, triangle = scipy.linalg.qr(self._images, mode="economic", check_finite=False)
        v, values, u = scipy.linalg.svd(triangle, full_matrices=False)
        return self._basis @ u.T, values, across @ v

    def _triples(self, u: Array, values: Array, v: Array, whole: bool) -> Balanced:
        left, right = u.reshape(self.length, self.rows, -1), v.reshape(self.length, self.columns, -1)
        return Balanced(values, left, right, self.stride, whole)

    def _all(self) -> tuple[Array, Array, Array]:
        index = np.add.outer(np.arange(self.length), np.arange(self.length))
        padded = np.concatenate([self.sequence, np.zeros_like(self.sequence)])
        matrix = padded[index].transpose(0, 2, 1, 3).reshape(self.length * self.rows, -1)
        u, values, v = scipy.linalg.svd(matrix, full_matrices=False)
        return u, values, v.T

    def _widen(self, more: int) -> None:
        """Add columns to the basis Q of the range, and to the images Hᵀ Q."""
        if more <= 0:
            return
        start = self._random.standard_normal((self.length * self.columns, more))
        new = self._product(self._forward, start)
        for _ in range(2):
            new -= self._basis @ (self._basis.T @ new)
        new = scipy.linalg.qr(new, mode="economic", check_finite=False, overwrite_a=True)[0]
        self._basis = np.hstack([self._basis, new])
        self._images = np.hstack([self._images, self._product(self._backward, new)])

    def _product(self, transform: Array, columns: Array) -> Array:
        """Hankel matrix times columns (K m, L) by FFT, (K p, L): y_i = Σ_j h_{i+j} x_j."""
        n = 2 * (len(transform) - 1)
        x = np.conj(scipy.fft.rfft(columns.reshape(self.length, -1, columns.shape[1]), n=n, axis=0))
        return scipy.fft.irfft(transform @ x, n=n, axis=0)[: self.length].reshape(-1, columns.shape[1])
