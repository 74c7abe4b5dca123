"""How many auxiliary variables a memory needs: the smallest rational model of its taps that keeps an error bound.

Balanced truncation (sgle.rational) of [c_k, d_k/ω], at the order that bisection finds, its error measured in the
self-energy at every frequency of a grid (sgle.embedding says how). Where the friction of the model is below its floor a
local friction makes up for it. As that is to be expected outside the bath's band, where the friction to be fitted is
zero, about as much is left out of what is fitted inside beforehand: the band then does not feel it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from sgle.errors import GridError
from sgle.fft import LagSum
from sgle.rational import Balanced, Hankel, Modes

Array = np.ndarray
MOST_VARIABLES = 1024
PASSIVE = 1e-9  # of the largest friction: least eigenvalues above minus this count as zero
OVERSAMPLED = 0.7  # of the band times the stride of the taps that are decomposed
STEPS = 64  # orders are told apart to one in so many
SHIFTED = 0.2  # local friction to be expected, in units of the error in c(ω)
MARGIN = 1.02  # of the local friction, for frequencies between those looked at


class Reduced(NamedTuple):
    """A model of the taps k ≥ 1, and what sgle.embedding.Embedding tells about it under the same names."""

    modes: Modes
    error: float
    beyond: float
    shift: float
    friction: float
    band: float


@dataclass(frozen=True)
class Taps:
    """What is to be fitted, compared by its digest."""

    digest: bytes
    shape: tuple[int, ...]
    time_step: float
    error: float
    velocity: Array = field(compare=False)
    position: Array = field(compare=False)


class Target:
    """The bath's exact sums at some phases, and the distance of a model from them."""

    def __init__(self, taps: Taps, phase: Array):
        self.phase, self.taps = phase, taps
        self.size = taps.shape[-1]
        self.speed = np.sin(phase) / taps.time_step
        self.velocity = LagSum(taps.velocity)(phase)
        zero = np.zeros((1, self.size, self.size))
        self.position = LagSum(taps.position)(phase) if len(taps.position) else np.repeat(zero + 0j, phase.size, axis=0)
        self.friction = self.velocity + _dagger(self.velocity)
        self.least = _least(self.friction)

    def broadening(self) -> Array:
        """|Γ_d| at every phase."""
        pi = -1j * self.speed[:, None, None] * self.velocity + self.position
        return np.linalg.norm(pi - _dagger(pi), 2, axis=(1, 2))

    def distance(self, modes: Modes, floor: float, band: float) -> tuple[float, float, float, float]:
        """Largest |Π_fit - Π| up to the band and everywhere, local friction added, and least friction then."""
        found = modes.transfer(self.phase)
        velocity = found[:, :, : self.size] - (self.velocity - self.taps.velocity[0])
        change = velocity + _dagger(velocity)
        least = -_largest(_frobenius(change) - self.least, lambda some: -_least(self.friction[some] + change[some]))
        shift = max(0.0, MARGIN * (floor - least) / 2)
        pi = -1j * self.speed[:, None, None] * (velocity + shift * np.eye(self.size))
        if found.shape[2] > self.size:
            pi += found[:, :, self.size :] - (self.position - self.taps.position[0])
        size = _frobenius(pi)

        def norm(some: Array) -> Array:
            return np.linalg.norm(pi[some], 2, axis=(1, 2))

        within = _largest(np.where(self.phase <= band, size, 0.0), norm)
        return within, _largest(size, norm), shift, least + 2 * shift


class Search:
    """Smallest model that reaches the error, by bisection of its order."""

    def __init__(self, taps: Taps):
        self.taps = taps
        self.length = max(len(taps.velocity), len(taps.position))
        self.position = len(taps.position) > 1
        self.target = Target(taps, np.linspace(0, np.pi, self.length + 1))
        strength = self.target.broadening()
        self.largest = float(strength.max())
        if self.largest == 0:
            raise GridError("a bath with Γ = 0 at all frequencies has no memory to fit; use memory 'convolution'")
        self.band = self.target.phase[np.flatnonzero(strength >= taps.error * self.largest)[-1]]
        # What an error in c(ω) counts for in Π, at most: errors of the two are `error` times `gain` and `largest`.
        self.gain = self.largest / np.abs(self.target.speed[self.target.phase <= self.band]).max()
        self.passive = self.target.least.min() >= -PASSIVE * np.abs(self.target.friction).max()
        # Of displacement and velocity alike, as in Π: d against ω c, with ω where |Γ| is largest.
        self.scale = max(abs(self.target.speed[int(np.argmax(strength))]), 1e-3 / taps.time_step)

    def run(self) -> Reduced:
        """Fit, look again at four times the frequencies and at all poles, and add variables until that holds too."""
        balanced, order = self._subspace()
        while True:
            modes = self._modes(balanced, order)
            angles = np.abs(np.angle(modes.poles))
            width = 1 - np.abs(modes.poles)
            near = (angles[:, None] + width[:, None] * np.array([-1.0, 0.0, 1.0])).ravel()
            fine = np.linspace(0, np.pi, 4 * self.length + 1)
            phase = np.sort(np.concatenate([fine, near[(near > 0) & (near < np.pi)]]))
            result = self._reduced(modes, Target(self.taps, phase))
            if result.error <= self.taps.error and np.abs(modes.poles).max() < 1:
                return result
            higher = balanced.order(order + 1 + order // STEPS)
            if not order < higher < len(balanced.values):
                self._refuse(result.error, order)
            order = higher

    def _reduced(self, modes: Modes, target: Target) -> Reduced:
        within, everywhere, shift, least = target.distance(modes, self._floor(target), self.band)
        friction = least / (np.abs(self.target.friction).max() or 1.0)
        numbers = within / self.largest, everywhere / self.largest, shift, friction, self.band / self.taps.time_step
        return Reduced(modes, *(float(number) for number in numbers))

    def _floor(self, target: Target) -> float:
        """Least friction that is allowed: none, or of a bath that drives, its own between these very phases."""
        return 0.0 if self.passive else float(target.least.min())

    def _sequence(self) -> Array:
        """h_k = [c_k, d_k/ω], k ≥ 1, (K-1, n, n or 2n)."""
        n, parts = self.target.size, [self.taps.velocity - self._foreseen()]
        if self.position:
            parts.append(self.taps.position / self.scale)
        joined = np.zeros((self.length, n, n * len(parts)))
        for i, part in enumerate(parts):
            joined[: len(part), :, i * n : (i + 1) * n] = part
        return joined[1:]

    def _foreseen(self) -> Array:
        """Taps (K_v, n, n) of the friction that the local friction will bring to the band: not fitted, to let it in.

        Of the local friction 2σ expected, 2σ F/(F + κ) is left out of F = c + c†, with κ = 8σ: what comes on top in the
        end is nothing where F is large, 2σ where it is small.
        """
        expected = SHIFTED * self.taps.error * self.gain
        nothing = np.zeros_like(self.taps.velocity)
        if not self.passive or self.target.least.min() > 4 * expected:
            return nothing
        f, one = self.target.friction, np.eye(self.target.size)
        left = 2 * expected * np.linalg.solve(f + 8 * expected * one, f)
        taps = np.fft.irfft(np.conj(left), axis=0)[: len(nothing)]
        taps[0] /= 2
        nothing[: len(taps)] += (taps + taps.swapaxes(1, 2)) / 2
        return nothing

    def _subspace(self) -> tuple[Balanced, int]:
        """Singular triples enough, and the smallest order that reaches the error at the coarse frequencies."""
        sequence, rank = self._sequence(), max(32, 2 * self.target.size)
        stride = max(1, int(OVERSAMPLED / self.band))
        hankel = Hankel(sequence, stride)
        while True:
            rest = self.taps.error * self.gain / (4 * hankel.stride)
            balanced = hankel.balance(min(rank, MOST_VARIABLES), rest, MOST_VARIABLES)
            reached, top = self._first(balanced)
            if reached <= self.taps.error:
                return balanced, self._bisect(balanced, top)
            if not balanced.whole and len(balanced.values) < MOST_VARIABLES and balanced.values[-1] > 1e-2 * rest:
                rank = 2 * len(balanced.values)
            elif hankel.stride > 1:
                hankel = Hankel(sequence, hankel.stride // 2)
            else:
                self._refuse(reached, top)

    def _first(self, balanced: Balanced) -> tuple[float, int]:
        """An order that reaches the error, looked for from few singular values to many, or the best there is."""
        tried: dict[int, float] = {}
        for share in (1e-1, 1e-2, 1e-3, 1e-4):
            least = share * self.taps.error * self.gain / balanced.stride
            order = balanced.order(int(np.sum(balanced.values > least)))
            if order not in tried:
                tried[order] = self._error(balanced, order)
            if tried[order] <= self.taps.error:
                return tried[order], order
        return min((error, order) for order, error in tried.items())

    def _bisect(self, balanced: Balanced, high: int) -> int:
        low = 0
        while high - low > 1 + high // STEPS:
            middle = balanced.order((low + high) // 2)
            if middle >= high:
                middle = balanced.order(low + 1)
                if middle >= high:
                    break
            low, high = (low, middle) if self._error(balanced, middle) <= self.taps.error else (middle, high)
        return high

    def _modes(self, balanced: Balanced, order: int) -> Modes:
        modes = balanced.modes(order)
        if not self.position:
            return modes
        inputs = modes.inputs.copy()
        inputs[:, self.target.size :] *= self.scale
        return replace(modes, inputs=inputs)

    def _error(self, balanced: Balanced, order: int) -> float:
        modes = self._modes(balanced, order)
        if np.abs(modes.poles).max(initial=0.0) >= 1:
            return np.inf
        return self.target.distance(modes, self._floor(self.target), self.band)[0] / self.largest

    def _refuse(self, reached: float, variables: int) -> None:
        wanted = self.taps.error
        raise GridError(
            f"auxiliary variables: error {wanted:.1e} in the self-energy is out of reach, {variables} of them reach "
            f"{reached:.1e} for {self.length} taps of {self.target.size} dofs. Ask for memory_error = "
            f"{2 * reached:.1g} or more, or take memory 'convolution', which is exact.",
            reached=reached,
            variables=variables,
            memory_error=wanted,
        )


def _dagger(matrix: Array) -> Array:
    return np.conj(np.swapaxes(matrix, -1, -2))


def _frobenius(matrices: Array) -> Array:
    return np.sqrt(
        np.einsum("wij,wij->w", matrices.real, matrices.real) + np.einsum("wij,wij->w", matrices.imag, matrices.imag)
    )


def _least(matrices: Array) -> Array:
    return np.linalg.eigvalsh(matrices)[:, 0]


def _largest(bound: Array, value: Callable[[Array], Array], piece: int = 32) -> float:
    """max of value(indices), which is nowhere above `bound`: looked at from the largest bound down."""
    order, best = np.argsort(-bound), -np.inf
    for start in range(0, len(order), piece):
        some = order[start : start + piece]
        if bound[some[0]] <= best:
            break
        best = max(best, float(value(some).max()))
    return best
