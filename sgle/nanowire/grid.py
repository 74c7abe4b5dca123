"""Momenta of two wires on one grid of total energies: Gauss-Legendre panels, refined where anything is narrow.

The nodes k of the left wire and sqrt(v + k²) of the right one pair up; with weights W_R = W_L k_L/k_R the discrete
currents are conserved exactly (003 Appendix B). Below the left bottom, k_R < sqrt(v), the right wire has panels alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy.special import expit

from sgle.errors import GridError
from sgle.nanowire.transmission import Transmission

Array = np.ndarray
REACH = 40.0  # electrons up to k² = 1 + REACH t: e^-40 of them lie above
WIDEST, FEWEST = 0.2, 30  # panels in k before refinement: their width, unless fewer of them suffice
NEAREST, LOWEST = 1e-9, 1e-2  # ends of panels in k: from each other, and from 0, where panels are graded anyway
HALVINGS = 8  # towards a wire's bottom, where the answer has a logarithm
FINEST = 1e-10  # panels narrower in k² are not halved: a jump is located so well
MOST_NODES = 3000  # of one wire; the matching takes 20 s with so many
COLDEST = 500.0  # μ0 or eV over k_BT beyond which occupations underflow
TAIL = 1e-6  # of the largest c
NODES = 8  # of Gauss-Legendre in a panel


@dataclass(frozen=True, eq=False)
class Wire:
    """Nodes of one wire and the equilibrium on them; all arrays (n,).

    momentum k = p/p_F ascending, weight W: ∫dk.    temperature t = k_BT/μ0.    exponent s: τ(p) = τ k^s.
    """

    momentum: Array
    weight: Array
    temperature: float
    exponent: float

    @cached_property
    def occupation(self) -> Array:
        """f0 = 1/(exp((k²-1)/t)+1)."""
        return expit((1 - self.momentum**2) / self.temperature)

    @cached_property
    def slope(self) -> Array:
        """w = μ0 ∂f0/∂μ0 = f0 (1-f0)/t."""
        return self.occupation * expit((self.momentum**2 - 1) / self.temperature) / self.temperature

    @cached_property
    def relaxation(self) -> Array:
        """τ(p)/τ(p_F) = k^s."""
        return self.momentum**self.exponent

    @cached_property
    def path(self) -> Array:
        """l(p)/l_F = k^{1+s}, 003 Eq. D5."""
        return self.momentum ** (1 + self.exponent)

    @cached_property
    def response(self) -> Array:
        """c = 2w/N', N' = 2∫w dk: what each momentum adds to the density when the bottom shifts, ∫c dk = 1."""
        return self.slope / (self.weight @ self.slope)

    @cached_property
    def capture(self) -> Array:
        """c_τ: where relaxation puts electrons, ∝ w/τ, ∫c_τ dk = 1 (003 Eq. D8); c for constant τ."""
        rate = self.slope / self.relaxation
        return rate / (self.weight @ rate)

    @cached_property
    def metric(self) -> Array:
        """W/c, weighs squares of deviations of f; levelled off far above the Fermi level, where c underflows."""
        return self.weight / np.maximum(self.response, TAIL * self.response.max())

    @cached_property
    def compressibility(self) -> float:
        """N' = 2∫w dk, the density of states ∂n0/∂μ0 in units of p_F/(h μ0)."""
        return float(2 * self.weight @ self.slope)

    @cached_property
    def conductivity(self) -> float:
        """N = 4∫k l w dk: I = N F far from the scatterer, 003 Eqs. 13, 14; 2∫f0 dk for constant τ."""
        return float(4 * self.weight @ (self.momentum * self.path * self.slope))

    def current(self, away: Array, towards: Array) -> float:
        """2∫k (f_away - f_towards) dk, away from the scatterer [e μ0/h]."""
        return float(2 * self.weight @ (self.momentum * (away - towards)))

    def heat_current(self, away: Array, towards: Array) -> float:
        """2∫k (k²-1)(f_away - f_towards) dk, away from the scatterer [μ0²/h]."""
        return float(2 * self.weight @ (self.momentum * (self.momentum**2 - 1) * (away - towards)))


@dataclass(frozen=True, eq=False)
class Contact:
    """Both wires and what the scatterer passes at the n_L energies they share.

    The last n_L nodes of the right wire are those of the left; below them nothing passes.    transmission (n_L,).
    bias v = eV/μ0 > 0: the left wire is the one that carriers come from.
    """

    left: Wire
    right: Wire
    transmission: Array
    bias: float

    @property
    def closed(self) -> int:
        """Number of nodes of the right wire below the bottom of the left band."""
        return len(self.right.momentum) - len(self.left.momentum)

    @cached_property
    def drop(self) -> Array:
        """f0(k_L) - f0(k_R) ≥ 0 at each energy (n_L,), written without a difference."""
        empty = expit((self.right.momentum[self.closed :] ** 2 - 1) / self.left.temperature)
        return -np.expm1(-self.bias / self.left.temperature) * self.left.occupation * empty

    def landauer(self, drop: Array, power: int = 0, left: bool = True) -> float:
        """∫dε T(ε) drop (k²-1)^power with k of the left or right wire: 003 Eqs. 20, 29.

        drop : (n_L,) f(p_L) - f(-p_R) of what arrives at the scatterer.
        """
        k = self.left.momentum
        kinetic = (k if left else self.right.momentum[self.closed :]) ** 2 - 1
        return float(2 * self.left.weight @ (k * self.transmission * drop * kinetic**power))


def contact(
    transmission: Transmission, temperature: float, bias: float, exponent: float = 0.0, accuracy: float = 1e-5
) -> Contact:
    """Grid for bias v = eV/μ0 > 0. GridError where numbers get too small, or T(E) is too rich.

    accuracy : panels are halved until the last Legendre coefficients of T and 4 f0 (1-f0) are below it; integrals are
    far better.
    """
    top = np.sqrt(1 + REACH * temperature)
    if max(1, bias) / temperature > COLDEST:
        raise GridError(
            f"bias {bias:.4g} and μ0 = 1 must not exceed {COLDEST:g} temperatures, here {temperature:.4g}: occupations "
            "that small cannot be represented. Raise the temperature or lower the bias.",
            bias=bias,
            temperature=temperature,
        )

    def window(square: Array) -> Array:
        return 4 * expit((1 - square) / temperature) * expit((square - 1) / temperature)

    def watched(k: Array) -> Array:
        passed = transmission(k**2 + transmission.share * bias)
        return np.stack([window(k**2), window(k**2 + bias), passed])

    # Panels end at the Fermi level, of either side, so as not to step over a cold one.
    squares = np.array([1.0, 1 - bias, *(place - transmission.share * bias for place in transmission.places)])
    edges = _graded(_apart([0.0, *np.sqrt(squares[squares > 0]), top]), start=True)
    k_left, w_left = _refined(edges, watched, accuracy)
    low, w_low = _refined(
        _graded(_apart([0.0, 1.0, np.sqrt(bias)]), start=True, end=True),
        lambda k: window(k**2)[None],
        accuracy,
    )
    high = np.sqrt(bias + k_left**2)
    right = np.concatenate([low, high]), np.concatenate([w_low, w_left * k_left / high])
    return Contact(
        Wire(k_left, w_left, temperature, exponent),
        Wire(*right, temperature, exponent),
        transmission(k_left**2 + transmission.share * bias),
        bias,
    )


def _apart(ends: list[float]) -> Array:
    """Ends in order, from the first given to the last, without those that almost coincide."""
    inner = np.sort([end for end in ends[1:-1] if LOWEST < end < ends[-1] - NEAREST])
    return np.array([ends[0], *inner[np.diff(inner, prepend=-np.inf) > NEAREST], ends[-1]])


def _graded(ends: Array, start: bool = False, end: bool = False) -> Array:
    """Edges of panels between the given ends, halved again and again towards the first or last."""
    widest = max(WIDEST, (ends[-1] - ends[0]) / FEWEST)
    pieces = [np.linspace(a, b, int(np.ceil((b - a) / widest)) + 1)[:-1] for a, b in pairwise(ends)]
    edges = np.append(np.concatenate(pieces), ends[-1])
    if start and end and len(edges) == 2:
        edges = np.array([edges[0], edges.mean(), edges[1]])
    halves = 0.5 ** np.arange(HALVINGS, 0, -1)
    if end:
        edges = np.concatenate([edges[:-1], edges[-1] - (edges[-1] - edges[-2]) * halves[::-1], edges[-1:]])
    if start:
        edges = np.concatenate([edges[:1], edges[0] + (edges[1] - edges[0]) * halves, edges[1:]])
    return edges


def _refined(edges: Array, watched: Callable[[Array], Array], accuracy: float) -> tuple[Array, Array]:
    """Nodes and weights of panels halved until the functions `watched` are polynomials on each."""
    x, weight = np.polynomial.legendre.leggauss(NODES)
    degrees = np.arange(NODES)
    tail = ((2 * degrees + 1) / 2 * np.polynomial.legendre.legvander(x, NODES - 1) * weight[:, None])[:, -2:]
    low, high = edges[:-1], edges[1:]
    done: list[tuple[Array, Array]] = []
    count = 0
    while len(low):
        half, middle = (high - low) / 2, (high + low) / 2
        places = middle[:, None] + half[:, None] * x
        _require_few(count + places.size, accuracy)
        values = watched(places.ravel()).reshape(-1, len(low), NODES)
        keep = np.max(np.abs(values @ tail), axis=(0, 2)) <= accuracy
        keep |= high**2 - low**2 < FINEST
        done.append((places[keep].ravel(), (half[keep, None] * weight).ravel()))
        count += done[-1][0].size
        low, high, middle = low[~keep], high[~keep], middle[~keep]
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    k, w = (np.concatenate(parts) for parts in zip(*done, strict=True))
    order = np.argsort(k)
    return k[order], w[order]


def _require_few(count: int, accuracy: float) -> None:
    if count > MOST_NODES:
        raise GridError(
            f"T(E) has more structure than {MOST_NODES} momenta resolve to {accuracy:g}: smooth it if it is noise, "
            "raise `accuracy`, or name in `places` where it jumps.",
            nodes=count,
        )
