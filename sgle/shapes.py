"""Even scalar functions of frequency with their time kernels and causal transforms (physics.md 2).

A shape is a family of m even real functions φ_j(ω). Each knows three views of itself:

    shape(omega)    (n_w, m)  φ_j(ω)
    kernel(t)       (n_t, m)  g_j(t) = ∫ dω/2π φ_j(ω) e^{-iωt}, even in t
    causal(z)       (n_z, m)  ĝ_j(z) = ∫_0^∞ dt g_j(t) e^{izt} = ∫ dω/2π φ_j(ω) i/(z-ω), Im z ≥ 0
    continued(z)    (n_z, m)  ĝ_j(z) continued below the real axis through the point of it straight above z

so that Re ĝ(ω + i0) = φ(ω)/2: Kramers-Kronig, done once. `edges` are the frequencies where φ is not smooth,
`extent` is the frequency beyond which it is negligible (inf for algebraic tails), `bandwidth` the frequency a time
grid must resolve. `cuts` are the frequencies below which the continuation jumps, `reach` how deep it is analytic
between them. Below the axis ĝ(z) = φ(z) - ĝ(z*)*, φ being continued alone: the integral has no other jump.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy import sparse
from scipy.special import exp1, expi, j1, wofz

from sgle.check import number
from sgle.errors import BathError

Array = np.ndarray


class Shape(Protocol):
    """What every family of even functions offers."""

    @property
    def edges(self) -> tuple[float, ...]: ...
    @property
    def extent(self) -> float: ...
    @property
    def bandwidth(self) -> float: ...
    @property
    def cuts(self) -> tuple[float, ...]: ...
    @property
    def reach(self) -> float: ...
    def __call__(self, omega: Array) -> Array: ...
    def kernel(self, t: Array) -> Array: ...
    def causal(self, z: Array) -> Array: ...


class Analytic(Shape, Protocol):
    """A shape whose functions have a continuation; those of tables are continued by fits (sgle.continuation)."""

    def continued(self, z: Array) -> Array: ...


def _column(values: Array) -> Array:
    return np.asarray(values)[:, None]


def _root(w: Array) -> Array:
    """√w with its cut along the negative imaginary axis: the principal root above the real axis and on it."""
    return np.exp(0.25j * np.pi) * np.sqrt(-1j * np.asarray(w, complex))


def _log(w: Array) -> Array:
    """ln w with its cut along the negative imaginary axis."""
    return np.log(-1j * np.asarray(w, complex)) + 0.5j * np.pi


def below(shape: "Shape", z: Array, phi: Array) -> Array:
    """ĝ(z) where Im z < 0 from the continuation φ(z), (n_z, m); causal(z) elsewhere."""
    z = np.asarray(z, complex)
    deep = (z.imag < 0)[:, None]
    mirrored = shape.causal(np.where(z.imag < 0, np.conj(z), z))
    return np.where(deep, phi - np.conj(mirrored), mirrored)


@dataclass(frozen=True)
class _Cutoff:
    """A shape with one parameter, the cutoff c."""

    cutoff: float

    def __post_init__(self) -> None:
        if number(self.cutoff, "cutoff") <= 0:
            raise BathError(f"cutoff {self.cutoff!r} must be positive", cutoff=self.cutoff)

    @property
    def edges(self) -> tuple[float, ...]:
        """No edge."""
        return ()

    @property
    def bandwidth(self) -> float:
        """The cutoff."""
        return self.cutoff

    @property
    def cuts(self) -> tuple[float, ...]:
        """None."""
        return ()

    @property
    def reach(self) -> float:
        """Everywhere."""
        return np.inf


@dataclass(frozen=True)
class Drude(_Cutoff):
    """φ = c²/(ω²+c²), kernel (c/2) exp(-c|t|)."""

    @property
    def extent(self) -> float:
        """Infinite: an algebraic tail."""
        return np.inf

    def __call__(self, omega: Array) -> Array:
        return _column(1 / (1 + (omega / self.cutoff) ** 2))

    def kernel(self, t: Array) -> Array:
        return _column(self.cutoff / 2 * np.exp(-self.cutoff * np.abs(t)))

    @property
    def reach(self) -> float:
        """The cutoff: a pole."""
        return self.cutoff

    def causal(self, z: Array) -> Array:
        return _column(self.cutoff / 2 / (self.cutoff - 1j * z))

    continued = causal


@dataclass(frozen=True)
class Smooth(_Cutoff):
    """φ = exp(-ω²/c²): band-limited for every purpose above 6c, kernel exp(-c²t²/4) c/2√π.

    Its causal transform is half the Faddeeva function w(z/c).
    """

    @property
    def extent(self) -> float:
        """Where φ has fallen below 1e-16."""
        return 6.1 * self.cutoff

    def __call__(self, omega: Array) -> Array:
        return _column(np.exp(-((omega / self.cutoff) ** 2)))

    def kernel(self, t: Array) -> Array:
        return _column(self.cutoff / (2 * np.sqrt(np.pi)) * np.exp(-((self.cutoff * t / 2) ** 2)))

    def causal(self, z: Array) -> Array:
        return _column(wofz(np.asarray(z, complex) / self.cutoff) / 2)

    continued = causal


def _scaled_exp1(x: Array) -> Array:
    """e^x E1(x) for complex x off the negative real axis, asymptotic where e^x overflows."""
    large = np.abs(x) > 40
    near = np.where(large, 1.0, x)
    far = np.where(large, x, 40.0)
    term, total = 1 / far, 1 / far
    for k in range(1, 26):
        term = -term * k / far
        total = total + term
    return np.where(large, total, np.exp(near) * exp1(near))


@dataclass(frozen=True)
class Exponential(_Cutoff):
    """φ = exp(-|ω|/c); algebraic kernel (c/π)/(1+c²t²)."""

    @property
    def extent(self) -> float:
        """Where φ has fallen below 1e-16."""
        return 37.0 * self.cutoff

    def __call__(self, omega: Array) -> Array:
        return _column(np.exp(-np.abs(omega) / self.cutoff))

    def kernel(self, t: Array) -> Array:
        return _column(self.cutoff / np.pi / (1 + (self.cutoff * t) ** 2))

    @property
    def cuts(self) -> tuple[float, ...]:
        """Zero, where |ω| has its cusp."""
        return (0.0,)

    def continued(self, z: Array) -> Array:
        """Through the half of the real axis above z."""
        z = np.asarray(z, complex)
        return below(self, z, _column(np.exp(np.where(z.real < 0, z, -z) / self.cutoff)))

    def causal(self, z: Array) -> Array:
        """By exponential integrals: their principal value on the real axis, where e^x E1(-x) has its cut."""
        z = np.asarray(z, complex) / self.cutoff
        real_axis = z.imag == 0
        x = np.where(real_axis, np.maximum(np.abs(z.real), 1e-300), 1.0)
        clipped = np.minimum(x, 700.0)
        principal = np.where(x > 40, -_scaled_exp1(-np.maximum(x, 41.0) + 0j).real, np.exp(-clipped) * expi(clipped))
        on_axis = 1j * (principal + _scaled_exp1(x + 0j).real) / (2 * np.pi) + np.exp(-x) / 2
        on_axis = np.where(z.real < 0, on_axis.conj(), on_axis)
        off = np.where(real_axis, 1j, z)
        off_axis = 1j / (2 * np.pi) * (_scaled_exp1(off) - _scaled_exp1(-off))
        return _column(np.where(real_axis, on_axis, off_axis))


@dataclass(frozen=True)
class Hard(_Cutoff):
    """φ = 1 below the cutoff, 0 above (Debye); kernel sin(ct)/πt, the slowest of all."""

    @property
    def edges(self) -> tuple[float, ...]:
        """The cutoff, where φ jumps."""
        return (self.cutoff,)

    @property
    def extent(self) -> float:
        """The cutoff itself."""
        return self.cutoff

    def __call__(self, omega: Array) -> Array:
        return _column(np.heaviside(self.cutoff - np.abs(omega), 0.5))

    def kernel(self, t: Array) -> Array:
        return _column(self.cutoff / np.pi * np.sinc(self.cutoff * np.asarray(t) / np.pi))

    def causal(self, z: Array) -> Array:
        z = np.asarray(z, complex)
        # The logarithm at the edge itself is infinite; a hair beside it stands for it.
        ratio = [np.where(x == 0, 1e-16 * self.cutoff, x) for x in (z + self.cutoff, z - self.cutoff)]
        return _column(1j / (2 * np.pi) * (_log(ratio[0]) - _log(ratio[1])))

    continued = causal

    @property
    def cuts(self) -> tuple[float, ...]:
        """The cutoff."""
        return self.edges


@dataclass(frozen=True)
class Rubin:
    """Γ/ω of the end of a semi-infinite chain with springs k and on-site k₀ = ω₀² (mass-normalised).

    ω φ = √(4k² - (ω²-2k-k₀)²) inside the band √k₀ < ω < √(k₀+4k): Rubin's closed form.
    """

    spring: float
    onsite: float = 0.0

    def __post_init__(self) -> None:
        if number(self.spring, "chain spring") <= 0:
            raise BathError(f"chain spring {self.spring!r} must be positive", spring=self.spring)
        if number(self.onsite, "chain on-site") < 0:
            raise BathError(f"chain on-site {self.onsite!r} must be ≥ 0", onsite=self.onsite)

    @property
    def edges(self) -> tuple[float, ...]:
        """Lower and upper band edge."""
        return (float(np.sqrt(self.onsite)), self.extent)

    @property
    def extent(self) -> float:
        """Upper band edge √(k₀+4k)."""
        return float(np.sqrt(self.onsite + 4 * self.spring))

    @property
    def bandwidth(self) -> float:
        """Upper band edge."""
        return self.extent

    def _centred(self, omega: Array) -> Array:
        return np.asarray(omega) ** 2 - 2 * self.spring - self.onsite

    def __call__(self, omega: Array) -> Array:
        omega = np.asarray(omega, dtype=float)
        if self.onsite == 0:
            return _column(np.sqrt(np.maximum(4 * self.spring - omega**2, 0)))
        inside = np.maximum(4 * self.spring**2 - self._centred(omega) ** 2, 0)
        return _column(np.sqrt(inside) / np.where(inside > 0, np.abs(omega), 1.0))

    def kernel(self, t: Array) -> Array:
        """(ω_m²/2) J1(ω_m t)/ω_m t without on-site spring, a quadrature over the band with one."""
        t = np.abs(np.asarray(t, dtype=float))
        if self.onsite == 0:
            x = self.extent * t
            ratio = np.where(x > 1e-6, j1(x) / np.where(x > 0, x, 1.0), 0.5)
            return _column(self.extent**2 / 2 * ratio)
        # ω² = 2k + k₀ + 2k cos θ makes the integrand periodic: the midpoint rule converges exponentially.
        n = int(64 + 2 * self.extent * t.max(initial=0.0))
        theta = (np.arange(n) + 0.5) * np.pi / n
        omega = np.sqrt(2 * self.spring * (1 + np.cos(theta)) + self.onsite)
        weight = 2 * self.spring**2 * np.sin(theta) ** 2 / omega**2 / n
        pieces = np.array_split(t, 1 + t.size * n // 10**7)
        return _column(np.concatenate([np.cos(np.outer(piece, omega)) @ weight for piece in pieces]))

    def self_energy(self, z: Array) -> Array:
        """k² g(z) = [x - √(x²-4k²)]/2 with x = z²-2k-k₀, the branch decaying outward."""
        z = np.asarray(z, complex)
        low, high = self.edges
        # Written with factors (z ± edge), whose roots decay outward in the whole upper half plane.
        root = _root(z - low) * _root(z + low) * _root(z - high) * _root(z + high)
        return (self._centred(z) - root) / 2

    def causal(self, z: Array) -> Array:
        """i(Π(z) - Π(0))/z from the closed form of Π."""
        z = np.asarray(z, complex)
        if self.onsite == 0:
            return _column(0.5j * (z - _root(z - self.extent) * _root(z + self.extent)))
        static = self.self_energy(np.zeros(1))[0].real
        safe = np.where(z == 0, 1.0, z)
        return _column(np.where(z == 0, 0.0, 1j * (self.self_energy(safe) - static) / safe))

    continued = causal

    @property
    def cuts(self) -> tuple[float, ...]:
        """The band edges."""
        return tuple(edge for edge in self.edges if edge > 0)

    @property
    def reach(self) -> float:
        """Everywhere: roots of polynomials."""
        return np.inf


@dataclass(frozen=True, eq=False)
class Hats:
    """Piecewise linear functions on nodes 0 ≤ ω_0 < ω_1 < ... (hat j is 1 at node j), evenly continued.

    Below the first node (if it is not 0) and beyond the last one the functions are zero. Kernel and causal
    transform are exact for these functions: with slope changes κ_j at the nodes, over the nodes of both signs,
    g(t) = -Σ κ_j cos(ω_j t)/2πt² = Σ κ_j ω_j² sinc²(ω_j t/2)/4π and ĝ(z) = (i/2π) Σ κ_j (z-ω_j) ln(z-ω_j).
    """

    nodes: Array

    @property
    def edges(self) -> tuple[float, ...]:
        """First and last node."""
        return (float(self.nodes[0]), float(self.nodes[-1]))

    @property
    def extent(self) -> float:
        """Last node."""
        return float(self.nodes[-1])

    @property
    def bandwidth(self) -> float:
        """Last node."""
        return self.extent

    @property
    def cuts(self) -> tuple[float, ...]:
        """The ends of the table."""
        return tuple(edge for edge in self.edges if edge > 0)

    @property
    def reach(self) -> float:
        """Wherever the fits to its points agree (sgle.continuation)."""
        return np.inf

    def __call__(self, omega: Array) -> Array:
        return self._sparse(omega)

    def _sparse(self, omega: Array) -> Any:
        """Two neighbouring hats are not zero at each frequency."""
        x = np.abs(np.asarray(omega, dtype=float))
        m = len(self.nodes)
        left = np.clip(np.searchsorted(self.nodes, x, side="right") - 1, 0, m - 2)
        share = (x - self.nodes[left]) / (self.nodes[left + 1] - self.nodes[left])
        inside = (share >= 0) & (share <= 1)
        rows = np.arange(x.size)
        data = np.concatenate([(1 - share) * inside, share * inside])
        index = (np.concatenate([rows, rows]), np.concatenate([left, left + 1]))
        return sparse.csr_matrix((data, index), shape=(x.size, m))

    def _weights(self) -> sparse.csr_array:
        """(m, m): slope change κ at each node (of positive sign) per unit of each hat, half of it at ω = 0."""
        inverse = 1 / np.diff(self.nodes)
        diagonal = -np.append(inverse, 0.0) - np.append(0.0, inverse)
        return sparse.diags_array([inverse, diagonal, inverse], offsets=[-1, 0, 1]).tocsr()

    def kernel(self, t: Array) -> Array:
        # Σ κ_j = 0 turns cos ω_j t into -2 sin²(ω_j t/2): no cancellation at short times.
        phase = np.outer(np.abs(np.asarray(t, dtype=float)), self.nodes) / (2 * np.pi)
        return (self.nodes * np.sinc(phase)) ** 2 @ self._weights() / (2 * np.pi)

    def causal(self, z: Array) -> Array:
        z = np.asarray(z)
        x = z[:, None]
        logs = (_xlogx(x - self.nodes) + _xlogx(x + self.nodes)) @ self._weights()
        # On the real axis real logarithms give the imaginary part, and the real one is φ/2.
        return 1j / (2 * np.pi) * logs + (self._sparse(z).toarray() / 2 if np.isrealobj(z) else 0)


def _xlogx(x: Array) -> Array:
    """x ln x, zero at x = 0; x ln|x| for real x."""
    return x * np.log(np.where(x == 0, 1.0, np.abs(x) if np.isrealobj(x) else x))
