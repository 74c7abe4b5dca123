"""Eigenfrequencies z of det[z² - K - Π(z)] = 0 and their vectors, complete down to a stated depth (physics.md 6).

Roots are found by Newton's method from the approximate resonances. How many there are is known independently: by the
phase of det D⁻¹ around the strip of the complex plane that is searched, and in the upper half plane by the winding
number along the real axis. Where Newton's method has missed one, the strip is cut into smaller pieces until it is
found; what cannot be made to agree is refused.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sgle.errors import EigenfrequencyError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.response import Response
from sgle.stability.counting import Rectangle, count
from sgle.stability.resonances import resonances, unrealised
from sgle.stability.roots import Roots, distinct, refine, seeds
from sgle.stability.winding import frequency_scale, unstable_count

Array = np.ndarray
TRUSTED = 0.2  # largest error of an eigenfrequency, in units of |Im z|, or TRUSTED_FREQUENCY of |z|
TRUSTED_FREQUENCY = 1e-3
GRID_REACH = 6.0  # depth × memory time on a grid: a kernel that ends has roots of its own deeper down
SMALLEST = 1e-5  # side of a rectangle, in units of the frequency scale, that is not cut any more


@dataclass(frozen=True, eq=False)
class Eigenmodes:
    """All modes e^{-izt} with Re z ≥ 0 and Im z ≥ -depth, by ascending Re z; Im z > 0 grows.

    z : (n,) [eV].    error : (n,) of z: how far tables could be continued, and what was left of the iteration.
    right : (n, N), x with D⁻¹(z) x = 0, |x| = 1.    left : (n, N), y with yᵀ D⁻¹(z) = 0 and yᵀ ∂D⁻¹/∂z x = 2z, so
    that D(ω) ≈ Σ x yᵀ/2z(ω-z) near them.    depth : down to which there are no others.
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

    depth [eV] : by default a little more than that of the deepest vibration whose z is known well enough. There need
    not be N of them: a lead that takes every wave leaves none, kernels may add overdamped ones.
    Raises EigenfrequencyError: counts disagree, or a bath cannot be continued to a depth that was asked for.
    """
    return _eigenmodes(junction, unrealised(grid), depth)


@lru_cache(maxsize=128)
def _eigenmodes(junction: Junction, grid: Grid | None, depth: float | None) -> Eigenmodes:
    response = Response(junction, grid)
    scale = frequency_scale(response)
    places = resonances(junction, grid)
    reach = _reach(response, scale)
    found = distinct(refine(response, seeds(response, places, min(3, response.size)), scale, reach), scale)
    if depth is not None and depth > reach:
        raise EigenfrequencyError(
            f"depth {depth:.6g} is too deep: the self-energies of the baths can be continued to {reach:.6g} below the "
            "real axis",
            depth=depth,
            reach=reach,
        )
    found, depth = _trusted(response, found, depth, reach, scale)
    found = _completed(response, found, depth, scale)
    _require_winding(junction, grid, found.z)
    return with_left(response, found, depth, scale)


def _reach(response: Response, scale: float) -> float:
    """Depth to which all self-energies have a continuation without poles."""
    if response.model is not None:
        memories = [len(bath.velocity_taps) for bath in response.model.baths.values() if bath.embedding is None]
        longest = max((length for length in memories if length > 1), default=0) * response.model.time_step
        return GRID_REACH / longest if longest else 2 * scale
    spectra = [s for b in response.junction.baths.values() for s in (b.friction_spectrum, b.antisymmetric) if s]
    return 0.9 * min([*(spectrum.shape.reach for spectrum in spectra), 2.2 * scale])


def errors(response: Response, found: Roots, left: Array, scale: float) -> Array:
    """|δz| = |yᵀ δΠ x|/|yᵀ ∂D⁻¹/∂z x| of what tables leave open, doubled, and what was left of the iteration, (n,)."""
    near = response.around(found.z)
    turned = np.abs(np.einsum("ki,kij,kj->k", left, near.slope(found.z, 1e-6 * scale), found.right))
    open_ = near.doubt(found.z, left, found.right)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(open_ > 0, 2 * open_ / turned, 0.0) + found.step + 4e-16 * scale


def left_vectors(response: Response, found: Roots, scale: float) -> Array:
    """y of every root, yᵀ ∂D⁻¹/∂z x = 2z, those of equal roots paired with their x, (n, N)."""
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
        mix = 2 * found.z[k] * np.linalg.pinv(product).T if np.any(product) else np.eye(len(same))
        left[same], done[same] = (y @ mix).T, True
    return left


def _trusted(response: Response, found: Roots, depth: float | None, reach: float, scale: float) -> tuple[Roots, float]:
    """Roots above a depth to which all of them are known well enough, and that depth."""
    order = np.argsort(-found.z.imag, kind="stable")
    found = Roots(*(part[order] for part in found))
    error = errors(response, found, left_vectors(response, found, scale), scale)
    known = error <= np.maximum(TRUSTED * np.abs(found.z.imag), TRUSTED_FREQUENCY * np.abs(found.z))
    deep = -found.z.imag
    if depth is not None:
        bad = np.flatnonzero(~known & (deep <= depth))
        if len(bad):
            k = bad[0]
            raise EigenfrequencyError(
                f"depth {depth:.6g}: the tables of the baths cannot be continued to z = {found.z[k]:.6g}, which is "
                f"known to ±{error[k]:.2g} only; ask for a depth below {deep[k]:.6g}, or give tables with more points",
                eigenfrequency=complex(found.z[k]),
                error=float(error[k]),
            )
        kept = deep <= depth
    else:
        kept = np.cumprod(known & (deep < reach)).astype(bool)
        last, following = deep[kept].max(initial=0.0), deep[~kept].min(initial=np.inf)
        wide = max(1.5 * last, 1e-3 * scale)
        depth = float(min((last + following) / 2, wide, max(reach, last * (1 + 1e-6))))
    return Roots(*(part[kept] for part in found)), depth


def _completed(response: Response, found: Roots, depth: float, scale: float) -> Roots:
    """All roots of the strip: those found, and those that the phase of det D⁻¹ says are missing."""
    fastest = max(found.z.real.max(initial=0.0), scale)
    top = min(1.2 * fastest, 0.999 * response.limit)
    height = max(2 * found.z.imag.max(initial=0.0), depth, 0.01 * scale)
    for low, high in _panels(response, top, scale):
        found = search(response, Rectangle(low, high, -depth, height), found, scale)
    return found


def _panels(response: Response, top: float, scale: float) -> list[tuple[float, float]]:
    """Intervals of Re z between the cuts of the baths' continuations."""
    cuts: set[float] = set()
    if response.model is None:
        for bath in response.junction.baths.values():
            cuts.update(bath.friction_spectrum.shape.cuts)
    ends = [cut if cut > 0 else 1e-6 * scale for cut in sorted(cuts) if cut < top]
    if 0.0 not in cuts:
        ends.insert(0, 0.0)
    return list(zip(ends, [*ends[1:], top], strict=True))


def search(response: Response, region: Rectangle, found: Roots, scale: float) -> Roots:
    """`found` with every root of the rectangle. Raises EigenfrequencyError if the counts cannot be made to agree."""
    wanted, have = count(response, region, found.z, scale), _weight(region, found.z, scale)
    if have == wanted:
        return found
    if have > wanted:
        raise EigenfrequencyError(
            f"{have} roots were found in {region}, where the phase of det D⁻¹ counts {wanted}: near-degenerate modes "
            "that rounding takes for different ones, or a table too coarse to be continued so far",
            found=have,
            counted=wanted,
        )
    more = _sown(response, region, found, scale)
    if _weight(region, more.z, scale) > have:
        return search(response, region, more, scale)
    if max(region.high - region.low, region.top - region.bottom) < SMALLEST * scale:
        return _repeated(region, found, wanted - have, scale)
    for half in _cut(response, region, found, scale):
        found = search(response, half, found, scale)
    return found


def _weight(region: Rectangle, z: Array, scale: float) -> int:
    """Roots inside as `count` counts them."""
    inside = z[region.holds(z)]
    return int(np.sum(np.where(inside.real > 1e-9 * scale, 2, 1))) if region.low == 0 else len(inside)


def _sown(response: Response, region: Rectangle, found: Roots, scale: float) -> Roots:
    """More roots, from starting values all over the rectangle."""
    x, y = (np.linspace(low, high, 6)[1:-1] for low, high in ((region.low, region.high), (region.bottom, region.top)))
    places = (x[:, None] + 1j * y).ravel()
    new = refine(response, seeds(response, places, min(2, response.size)), scale, -2 * region.bottom)
    inside = region.holds(new.z)
    return distinct(Roots(*(np.concatenate([a, b[inside]]) for a, b in zip(found, new, strict=True))), scale)


def _cut(response: Response, region: Rectangle, found: Roots, scale: float) -> tuple[Rectangle, Rectangle]:
    """Halves, or nearly, none of whose sides goes through a root."""
    for part in (0.5, 0.47, 0.54, 0.42, 0.61):
        halves = region.halves(part)
        try:
            for half in halves:
                count(response, half, found.z, scale)
        except EigenfrequencyError:
            continue
        return halves
    raise EigenfrequencyError(f"no line through {region} keeps clear of all roots", region=region)


def _repeated(region: Rectangle, found: Roots, missing: int, scale: float) -> Roots:
    """A root that is left with one vector only stands for the others too: an exceptional point."""
    inside = np.flatnonzero(region.holds(found.z))
    if not len(inside):
        raise EigenfrequencyError(f"{missing} roots in {region} could not be found", missing=missing)
    more = np.repeat(inside[:1], max(1, missing // 2) if region.low == 0 else missing)
    order = np.argsort(np.append(found.z, found.z[more]).real, kind="stable")
    return Roots(*(np.concatenate([part, part[more]])[order] for part in found))


def _require_winding(junction: Junction, grid: Grid | None, z: Array) -> None:
    """Growing roots must be as many as the winding number along the real axis says."""
    counted, found = unstable_count(junction, grid), int(np.sum(z.imag > 0))
    if counted != found:
        raise EigenfrequencyError(
            f"{found} growing modes were found, the winding number along the real axis counts {counted}: the answer "
            "is refused. A mode lies too near the real axis to tell on which side, or a table is too coarse.",
            found=found,
            counted=counted,
        )


def with_left(response: Response, found: Roots, depth: float, scale: float) -> Eigenmodes:
    """Roots above `depth` with their left vectors and errors."""
    inside = found.z.imag >= -depth
    order = np.argsort(found.z[inside].real, kind="stable")
    found = Roots(*(part[inside][order] for part in found))
    left = left_vectors(response, found, scale)
    return Eigenmodes(found.z, errors(response, found, left, scale), found.right, left, depth)
