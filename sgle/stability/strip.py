"""All roots of a strip of the complex plane: where det D⁻¹ has more than are known, they are looked for."""

import numpy as np

from sgle.errors import EigenfrequencyError
from sgle.response import Response
from sgle.shapes import Hats
from sgle.stability.counting import Rectangle, count
from sgle.stability.roots import Roots, distinct, refine, seeds

Array = np.ndarray
STILL = 1e-9  # Re z, in units of the frequency scale, of a mode that does not oscillate
HIGHEST = 10.0  # Im z, in the same units, up to which growing modes are looked for
SMALLEST = 1e-5  # side of a rectangle, in units of the frequency scale, that is not cut any more


def completed(response: Response, found: Roots, depth: float, scale: float, growing: int) -> Roots:
    """All roots of the strip: those found, and those that the phase of det D⁻¹ says are missing.

    growing : roots above the real axis, z and -z* both, that the strip must be high enough to hold.
    """
    top = _top(response, 1.2 * max(found.z.real.max(initial=0.0), scale) + 2 * depth, depth)
    height = max(2 * found.z.imag.max(initial=0.0), depth, 0.01 * scale)
    while True:
        for low, high in _panels(response, top, scale):
            found = search(response, Rectangle(low, high, -depth, height), found, scale)
        if growing_among(found.z, scale) >= growing or height > HIGHEST * scale:
            return found
        height, top = 3 * height, min(2 * top, 0.999 * response.limit)


def _top(response: Response, least: float, depth: float) -> float:
    """Re z beyond which there are no roots: above the edges of closed forms, and |K + Π| < |z|²."""
    shapes = [bath.friction_spectrum.shape for bath in response.junction.baths.values()]
    edges = [cut for shape in shapes if response.model is None and not isinstance(shape, Hats) for cut in shape.cuts]
    top, below = max([least, *(1.2 * edge for edge in edges)]), -1j * np.linspace(0.0, depth, 5)
    while top < response.limit:
        z = top + below
        forces = response.inertia(z)[:, None, None] * np.eye(response.size) - response.continued(z)
        if np.all(np.linalg.norm(forces, axis=(1, 2)) < np.abs(response.inertia(z))):
            break
        top *= 1.5
    return min(top, 0.999 * response.limit)


def growing_among(z: Array, scale: float) -> int:
    """Roots above the real axis, z and -z* both."""
    above = z[z.imag > 0]
    return int(np.sum(np.where(above.real > STILL * scale, 2, 1)))


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
    return int(np.sum(np.where(inside.real > STILL * scale, 2, 1))) if region.low == 0 else len(inside)


def _sown(response: Response, region: Rectangle, found: Roots, scale: float) -> Roots:
    """More roots, from starting values all over the rectangle."""
    x, y = (np.linspace(low, high, 6)[1:-1] for low, high in ((region.low, region.high), (region.bottom, region.top)))
    places = (x[:, None] + 1j * y).ravel()
    new = refine(response, seeds(response, places, min(2, response.size)), scale, max(-2 * region.bottom, 0.0))
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
        raise EigenfrequencyError(
            f"{missing} roots in {region} could not be found: at the edge of a hard cutoff, where Π is infinite, they "
            "may lie too close to it. A smooth cutoff has none there",
            missing=missing,
        )
    more = np.repeat(inside[:1], max(1, missing // 2) if region.low == 0 else missing)
    order = np.argsort(np.append(found.z, found.z[more]).real, kind="stable")
    return Roots(*(np.concatenate([part, part[more]])[order] for part in found))
