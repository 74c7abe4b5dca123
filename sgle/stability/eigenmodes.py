"""Eigenfrequencies z of det[z² - K - Π(z)] = 0 and their vectors, complete down to a stated depth (physics.md 6).

Roots are found by Newton's method from the approximate resonances. How many there are is known independently: by the
phase of det D⁻¹ around the strip of the complex plane that is searched, and in the upper half plane by the winding
number along the real axis. Where Newton's method has missed one, the strip is cut into smaller pieces until it is
found; what cannot be made to agree is refused.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sgle.errors import EigenfrequencyError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.response import Response
from sgle.shapes import Hats
from sgle.stability.resonances import mode_scale, resonances, unrealised
from sgle.stability.roots import Roots, distinct, refine, seeds
from sgle.stability.strip import completed, growing_among
from sgle.stability.winding import growing_roots, toppling

Array = np.ndarray
TRUSTED = 0.2  # largest error of an eigenfrequency, in units of |Im z|, or TRUSTED_FREQUENCY of |z|
TRUSTED_FREQUENCY = 1e-3
GAP, TRIES = 1.1, 5  # ratio of the depths of two roots between which a strip may end; strips tried
SHALLOW, USUAL = 1e-3, 0.3  # depth, in units of the frequency scale, that is looked into with tables, and without
TABLE_REACH = 0.05  # depth, in units of the frequency scale, to which tables are continued at all
SEEDS, MANY = 3, 64  # eigenpairs tried at each resonance; of more dofs than these one, for the sake of time
GRID_REACH = 6.0  # depth × memory time on a grid: a kernel that ends has roots of its own deeper down


@dataclass(frozen=True, eq=False)
class Eigenmodes:
    """Modes e^{-izt} with Re z ≥ 0, by ascending Re z; Im z > 0 grows.

    depth : all modes with Im z ≥ -depth are there, counted; below are others that were found and are known well.
    z : (n,) [eV].    error : (n,) of z: how far tables could be continued, and what was left of the iteration.
    right : (n, N), x with D⁻¹(z) x = 0, |x| = 1.    left : (n, N), y with yᵀ D⁻¹(z) = 0 and yᵀ ∂D⁻¹/∂z x = 2z, so
    that D(ω) ≈ Σ x yᵀ/2z(ω-z) near them; 1 in the place of 2z where z = 0.
    """

    z: Array
    error: Array
    right: Array
    left: Array
    depth: float

    def __len__(self) -> int:
        return len(self.z)

    @property
    def unstable(self) -> int:
        """Number of growing modes."""
        return int(np.sum(self.z.imag > 0))

    @property
    def overlap(self) -> Array:
        """|yᵀx|/|x||y| of each mode, (n,): 1 for modes of a symmetric matrix, 0 at an exceptional point; the square
        of its inverse is the Petermann factor.
        """
        product = np.abs(np.einsum("ki,ki->k", self.left, self.right))
        return product / np.linalg.norm(self.left, axis=1) / np.linalg.norm(self.right, axis=1)

    @property
    def fastest(self) -> int:
        """Index of the mode that grows fastest, or decays slowest."""
        return int(np.argmax(self.z.imag))


def eigenfrequencies(junction: Junction, grid: Grid | None = None, depth: float | None = None) -> Array:
    """z of all modes down to `depth` below the real axis, (n,) complex, see `eigenmodes`."""
    return eigenmodes(junction, grid, depth).z.copy()


def eigenmodes(junction: Junction, grid: Grid | None = None, depth: float | None = None) -> Eigenmodes:
    """All modes with Re z ≥ 0 and Im z ≥ -depth, in the continuum or on a time grid; kept for the next who asks.

    depth [eV] : by default as deep as tables can be continued well enough to count roots; of those further down the
    ones that are known to 20 % of Im z or 1e-3 of |z| are there, too. There need not be N of them: a lead that takes
    every wave leaves none, kernels may add overdamped ones.
    Raises EigenfrequencyError: counts disagree, or a bath cannot be continued to a depth that was asked for.
    """
    return _eigenmodes(junction, unrealised(grid), depth)


@lru_cache(maxsize=128)
def _eigenmodes(junction: Junction, grid: Grid | None, depth: float | None) -> Eigenmodes:
    response = Response(junction, grid)
    scale = mode_scale(response.junction, response.grid)
    places = np.append(resonances(junction, grid), toppling(response))
    reach = _reach(response, scale)
    start = seeds(response, places, min(SEEDS if response.size <= MANY else 1, response.size))
    found = distinct(refine(response, start, scale, reach), scale)
    if depth is not None and depth > reach:
        raise EigenfrequencyError(
            f"depth {depth:.6g} is too deep: the self-energies of the baths can be continued to {reach:.6g} below the "
            "real axis",
            depth=depth,
            reach=reach,
        )
    order = np.argsort(-found.z.imag, kind="stable")
    found = Roots(*(part[order] for part in found))
    error = errors(response, found, left_vectors(response, found, scale), scale)
    known = error <= np.maximum(TRUSTED * np.abs(found.z.imag), TRUSTED_FREQUENCY * np.abs(found.z))
    if depth is not None:
        _require_known(found, error, known, depth)
        return _made(response, Roots(*(part[found.z.imag >= -depth] for part in found)), depth, scale)
    found = Roots(*(part[known & (found.z.imag > -reach)] for part in found))
    usual = min(reach, SHALLOW * scale if tables(response) else USUAL * scale)
    *deeper, last = _depths(-found.z.imag, reach, scale, usual)
    for chosen in deeper:
        with suppress(EigenfrequencyError):
            return _made(response, found, chosen, scale)
    return _made(response, found, last, scale)


def _made(response: Response, found: Roots, depth: float, scale: float) -> Eigenmodes:
    """The modes, with every count down to a depth that they have to agree with."""
    above = found.z.imag >= -depth
    growing = growing_roots(response.junction, response.grid)
    counted = completed(response, Roots(*(part[above] for part in found)), depth, scale, growing)
    every = Roots(*(np.concatenate([a, b[~above]]) for a, b in zip(counted, found, strict=True)))
    modes = with_left(response, every, depth, scale)
    _require_winding(growing, growing_among(modes.z, scale))
    return modes


def _require_known(found: Roots, error: Array, known: Array, depth: float) -> None:
    bad = np.flatnonzero(~known & (found.z.imag >= -depth))
    if len(bad):
        z, off = complex(found.z[bad[0]]), float(error[bad[0]])
        raise EigenfrequencyError(
            f"depth {depth:.6g}: the tables of the baths cannot be continued to z = {z:.6g}, which is known to "
            f"±{off:.2g} only; ask for a depth below {-z.imag:.6g}, or give tables with more points",
            eigenfrequency=z,
            error=off,
        )


def tables(response: Response) -> bool:
    """Whether something has to be continued that is known by a table only."""
    baths = response.junction.baths.values() if response.model is None else ()
    return any(isinstance(bath.friction_spectrum.shape, Hats) for bath in baths)


def _depths(deep: Array, reach: float, scale: float, usual: float) -> list[float]:
    """Depths to try, deepest first, in gaps between two roots; the last one is that of the growing modes alone.

    Where tables are continued too far roots cannot be counted, though some of them are known well.
    """
    sizes = [k for k in range(len(deep) + 1) if _gap(deep, k) > GAP][::-1]
    tried = sorted({round(k) for k in np.linspace(0, len(sizes) - 1, min(TRIES, len(sizes)))})
    found = []
    for kept in (sizes[k] for k in tried):
        last, following = max(deep[:kept].max(initial=0.0), 0.0), deep[kept:].min(initial=np.inf)
        found.append(float(min((last + following) / 2, max(1.5 * last, usual), max(reach, last * (1 + 1e-6)))))
    return [*found, 1e-6 * scale] if len(sizes) > 1 else found


def _gap(deep: Array, kept: int) -> float:
    """Ratio of the depths of the first root left out and of the last one kept."""
    last = deep[kept - 1] if kept else 0.0
    return float(deep[kept] / max(last, 1e-12)) if kept < len(deep) else np.inf


def _reach(response: Response, scale: float) -> float:
    """Depth to which all self-energies have a continuation without poles."""
    if response.model is not None:
        memories = [len(bath.velocity_taps) for bath in response.model.baths.values() if bath.embedding is None]
        longest = max((length for length in memories if length > 1), default=0) * response.model.time_step
        return GRID_REACH / longest if longest else 2 * scale
    spectra = [s for b in response.junction.baths.values() for s in (b.friction_spectrum, b.antisymmetric) if s]
    return 0.9 * min(
        [*(spectrum.shape.reach for spectrum in spectra), (TABLE_REACH if tables(response) else 2.2) * scale]
    )


def errors(response: Response, found: Roots, left: Array, scale: float) -> Array:
    """|δz| = |yᵀ δΠ x|/|yᵀ ∂D⁻¹/∂z x| of what tables leave open, doubled, and what was left of the iteration, (n,)."""
    near = response.around(found.z)
    turned = np.abs(np.einsum("ki,kij,kj->k", left, near.slope(found.z, 1e-6 * scale), found.right))
    doubts = near.doubts(found.z)
    open_ = np.zeros(1)
    if doubts is not None:
        open_ = np.abs(np.einsum("ki,skij,kj->sk", left, doubts, found.right)).max(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(open_ > 0, 2 * open_ / turned, 0.0) + found.step + 4e-16 * scale


def left_vectors(response: Response, found: Roots, scale: float) -> Array:
    """y of every root, yᵀ ∂D⁻¹/∂z x = 2z (1 if z = 0), those of equal roots paired with their x, (n, N)."""
    left = np.zeros_like(found.right)
    if not len(found.z):
        return left
    u = np.conj(np.linalg.svd(response.continued(found.z))[0])
    turned = response.around(found.z).slope(found.z, 1e-6 * scale)
    done = np.zeros(len(found.z), bool)
    for k in range(len(found.z)):
        if done[k]:
            continue
        same = np.flatnonzero(np.abs(found.z - found.z[k]) < 1e-8 * scale)
        y = u[k][:, -len(same) :]
        product = y.T @ turned[k] @ found.right[same].T
        # Where vectors coalesce the product vanishes: y is left as it is.
        mix = (2 * found.z[k] or 1.0) * np.linalg.pinv(product).T if np.any(product) else np.eye(len(same))
        left[same], done[same] = (y @ mix).T, True
    return left


def _require_winding(counted: int, found: int) -> None:
    """Growing roots must be as many as the winding number along the real axis says."""
    if counted != found:
        raise EigenfrequencyError(
            f"{found} growing roots were found, the winding number along the real axis counts {counted}: the answer is "
            "refused. A mode lies too near the real axis to tell on which side, or a table is too coarse.",
            found=found,
            counted=counted,
        )


def with_left(response: Response, found: Roots, depth: float, scale: float) -> Eigenmodes:
    """Roots by ascending Re z, with their left vectors and errors."""
    order = np.argsort(found.z.real, kind="stable")
    found = Roots(*(part[order] for part in found))
    left = left_vectors(response, found, scale)
    return Eigenmodes(found.z, errors(response, found, left, scale), found.right, left, depth)
