"""What a bath needs of electron-hole pairs in closed form: shapes (sgle.shapes) of its friction, force and strengths.

Causal transforms come from the closed form of Π_e, at every complex frequency; kernels are sums over a fine ladder of
frequencies, which for functions analytic in a strip converge exponentially.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.fft import fft, next_fast_len

from sgle.ehp.closed import ClosedPairs
from sgle.ehp.digamma import CIRCLE, RADIUS
from sgle.errors import BathError

Array = np.ndarray
FORGOTTEN = 36.0  # e-folding times after which a kernel is rounding: what folds back in a sum over a ladder
HIGHEST = 40.0  # end of the ladder, in units of the energies of the levels; tapered from half of it on
PIECE = 1 << 22  # numbers at a time


@dataclass(frozen=True, eq=False)
class _PairShape:
    """Functions of frequency that come from the pairs of one occupation."""

    pairs: ClosedPairs

    @property
    def edges(self) -> tuple[float, ...]:
        """No edge."""
        return ()

    @property
    def extent(self) -> float:
        """Infinite: Lorentzian tails."""
        return np.inf

    @property
    def cuts(self) -> tuple[float, ...]:
        """None."""
        return ()

    @property
    def reach(self) -> float:
        """To the nearest pole below the axis."""
        return 0.999 * self.pairs.strip

    @cached_property
    def span(self) -> float:
        """Energies that pairs come from: differences of levels and chemical potentials, widths, temperatures."""
        z, occupation = self.pairs.poles.z, self.pairs.occupation
        places = np.concatenate([z.real, [occupation.left, occupation.right]])
        return float(np.ptp(places) + 4 * np.abs(z.imag).max() + 4 * self.pairs.temperature)

    @cached_property
    def bandwidth(self) -> float:
        """Beyond it the functions have less than a hundredth of their largest value."""
        omega = self.span * np.geomspace(1e-3, HIGHEST, 400)
        size = np.abs(self(omega)).max(axis=1)
        return float(omega[np.flatnonzero(size > 1e-2 * size.max())[-1]])

    @cached_property
    def _upper(self) -> tuple[Array, Array]:
        return np.triu_indices(len(self.pairs.couplings))

    def __call__(self, omega: Array) -> Array:
        raise NotImplementedError

    @cached_property
    def _known(self) -> dict[float, Array]:
        """Kernels on the time grids asked for, the longest of each step."""
        return {}

    def _transform(self, t: Array, even: bool = False) -> Array:
        t = np.asarray(t, dtype=float)
        if not _uniform(t):
            return transform(self, t, self.pairs.strip, HIGHEST * self.span, even)
        step = float(t[1])
        if len(self._known.get(step, ())) < t.size:
            self._known[step] = transform(self, t, self.pairs.strip, HIGHEST * self.span, even)
        return self._known[step][: t.size]


class _Even(_PairShape):
    """Even functions, known by their causal transform."""

    def __call__(self, omega: Array) -> Array:
        """φ(ω) = ĝ(ω) + ĝ(-ω), (n_w, m)."""
        ahead = self.causal(omega)
        return 2 * ahead.real if np.isrealobj(omega) else ahead + self.causal(-np.asarray(omega))

    def kernel(self, t: Array) -> Array:
        """(n_t, m) real."""
        return self._transform(t, even=True).real

    def causal(self, z: Array) -> Array:
        raise NotImplementedError

    def continued(self, z: Array) -> Array:
        """The closed form itself."""
        return self.causal(z)


class PairFriction(_Even):
    """Re Γ/ω of all channels, one function for each pair of dofs k ≤ l; even in ω."""

    def causal(self, z: Array) -> Array:
        """i(Π(z) - Π(0))/z, symmetric part."""
        z = np.asarray(z, complex)
        radius = RADIUS * self.pairs.strip
        near = np.abs(z) < radius / 2
        found = self._slope(np.where(near, radius, z))
        if np.any(near):
            around = self._slope((z[near, None] + radius * CIRCLE).ravel())
            found[near] = around.reshape(-1, CIRCLE.size, found.shape[1]).mean(axis=1)
        return found

    def _slope(self, z: Array) -> Array:
        pi = self.pairs.self_energy(z)
        k, m = self._upper
        return 1j * ((pi[:, k, m] + pi[:, m, k]) / 2 - self.static[k, m]) / z[:, None]

    @cached_property
    def static(self) -> Array:
        """Π_s(0), (n, n) real symmetric."""
        pi = self.pairs.self_energy(np.zeros(1))[0].real
        return (pi + pi.T) / 2


class PairForce(_Even):
    """Im Γ of all channels, one function for each pair of dofs k < l; even in ω."""

    @cached_property
    def _upper(self) -> tuple[Array, Array]:
        return np.triu_indices(len(self.pairs.couplings), 1)

    def causal(self, z: Array) -> Array:
        """Π(z), antisymmetric part."""
        pi = self.pairs.self_energy(np.asarray(z, complex))
        k, m = self._upper
        return (pi[:, k, m] - pi[:, m, k]) / 2


@dataclass(frozen=True, eq=False)
class PairStrength(_PairShape):
    """Γ^{αβ}/(ω-μ_αβ) of one channel: its real parts for k ≤ l, then its imaginary parts for k < l; not even."""

    channel: str

    def __call__(self, omega: Array) -> Array:
        """(n_w, m) real."""
        matrix = self.pairs.strength(self.channel, np.asarray(omega, dtype=float))
        strictly = np.triu_indices(len(self.pairs.couplings), 1)
        return np.concatenate([matrix[:, *self._upper].real, matrix[:, *strictly].imag], axis=1)

    def kernel(self, t: Array) -> Array:
        """(n_t, m) complex."""
        return self._transform(t)

    def causal(self, z: Array) -> Array:
        """Not known in closed form, nor needed: a strength makes noise, it moves nothing. Raises BathError."""
        raise BathError("the strength of a single channel has no causal transform; that of all is the self-energy's")


def symmetric_basis(n: int) -> Array:
    """E_kl + E_lk for k < l and E_kk, in the order of np.triu_indices(n), (n(n+1)/2, n, n)."""
    k, m = np.triu_indices(n)
    basis = np.zeros((len(k), n, n))
    at = np.arange(len(k))
    basis[at, k, m] = basis[at, m, k] = 1.0
    return basis


def antisymmetric_basis(n: int) -> Array:
    """E_kl - E_lk for k < l, (n(n-1)/2, n, n)."""
    k, m = np.triu_indices(n, 1)
    basis = np.zeros((len(k), n, n))
    at = np.arange(len(k))
    basis[at, k, m], basis[at, m, k] = 1.0, -1.0
    return basis


def transform(function: Callable[[Array], Array], t: Array, strip: float, highest: float, even: bool = False) -> Array:
    """∫dω/2π φ(ω) e^{-iωt} by the trapezoidal rule, (n_t, m) complex.

    function : (n_w,) -> (n_w, m), analytic within `strip` of the real axis; beyond `highest`/2 it is faded out.
    even : it need not be asked at negative ω.
    The step is fine enough that the kernel, which decays as e^{-strip·t}, has ended before its first image; where it
    has, it is zero.
    """
    t = np.asarray(t, dtype=float)
    alive = np.abs(t) <= FORGOTTEN / strip
    if not np.all(alive):
        found = transform(function, t[alive], strip, highest, even)
        total = np.zeros((t.size, *found.shape[1:]), complex)
        total[alive] = found
        return total
    period = float(np.abs(t).max(initial=0.0)) + FORGOTTEN / strip
    uniform = _uniform(t)
    length = next_fast_len(int(np.ceil(period / t[1]))) if uniform else 0
    step = 2 * np.pi / (length * t[1] if uniform else period)
    last = int(highest / step)
    numbers = np.arange(-last, last + 1)
    values = function(numbers[last:] * step) if even else function(numbers * step)
    values = np.concatenate([values[:0:-1], values]) if even else values
    values = _faded(np.abs(numbers) * step / highest)[:, None] * values
    if uniform:
        folded = np.zeros((length, values.shape[1]))
        np.add.at(folded, numbers % length, values)
        return step / (2 * np.pi) * fft(folded, axis=0)[: t.size]
    pieces = np.array_split(t, 1 + t.size * numbers.size // PIECE)
    sums = [np.exp(-1j * step * np.outer(some, numbers)) @ values for some in pieces]
    return step / (2 * np.pi) * np.concatenate(sums)


def _uniform(t: Array) -> bool:
    """Whether times are 0, Δt, 2Δt, ..."""
    return bool(t.size > 2 and t[0] == 0 and np.allclose(np.diff(t), t[1], rtol=1e-9, atol=0))


def _faded(x: Array) -> Array:
    """1 below x = ½, 0 above 1, smooth to all orders in between."""
    s = np.clip(2 * x - 1, 1e-6, 1 - 1e-6)
    return 1 / (1 + np.exp(np.clip(1 / (1 - s) - 1 / s, -700, 700)))
