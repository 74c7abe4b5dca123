"""Modes followed along any parameter of a junction: bias, Fermi level, temperature (physics.md 6).

The next point begins with Newton's method from the last one; a step is taken if every mode looks like itself, and
halved otherwise. Modes keep their identity through crossings, where frequencies meet and vectors do not; at an
exceptional point, where both do, they change fast and are told apart by ever smaller steps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from tqdm import tqdm

from sgle.errors import EigenfrequencyError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.response import Response
from sgle.stability.eigenmodes import Eigenmodes, eigenmodes, errors, left_vectors, tables
from sgle.stability.resonances import mode_scale
from sgle.stability.roots import Roots, distinct, refine, seeds
from sgle.stability.winding import unstable_count

Array = np.ndarray
JunctionAt = Callable[[float], Junction]
SHARP = 0.05  # error of Im z, relative, of modes that are followed
SHALLOW = 0.01  # depth, in units of the frequency scale, of modes that are followed where tables are continued
SEEDS = 6  # eigenpairs tried at each place: symmetric junctions have modes four by four
ALIKE = 0.9  # overlap of a vector with that of the point before
DEGENERATE = 0.03  # distance of two modes, in units of their width, below which they may turn into any mixture
CROSSED = 2.0**-4  # longest step over which frequencies may change their order, in the units of the next
SMALLEST = 2.0**-12  # shortest step, in units of the distance between two values asked for


@dataclass(frozen=True, eq=False)
class Branches:
    """Modes along a parameter.

    values : (n,) ascending or descending, those asked for and the ones between them that were needed.    asked : (n,)
    bool.    z : (n, m) [eV], each column one mode; NaN before it was first seen.    error, overlap : (n, m), see
    Eigenmodes.    right : (n, m, N).    unstable : (n,) number of growing modes by the winding number.
    """

    values: Array
    asked: Array
    z: Array
    error: Array
    overlap: Array
    right: Array
    unstable: Array


class _Point(NamedTuple):
    """Modes at one value, in the order of the branches."""

    value: float
    z: Array
    right: Array
    error: Array
    overlap: Array
    unstable: int


def follow(
    junction_at: JunctionAt, values: Array, grid: Grid | None = None, depth: float | None = None, progress: bool = False
) -> Branches:
    """All modes of junction_at(value) along the values, which are taken in the order given.

    depth : of the modes at the first value (sgle.stability.eigenmodes), of which those are followed whose Im z is known
    to 5 %; with tables by default no deeper than 1 % of the fastest frequency.    At every value the growing modes are
    counted by the winding number; where there are more than are followed, a mode has come from below `depth`: it
    becomes a new branch.    Raises EigenfrequencyError if both counts cannot be made to agree, or a mode is lost.
    """
    values = np.asarray(values, dtype=float)
    points = [_first(values[0], junction_at(values[0]), grid, depth)]
    bar = tqdm(values[1:], disable=None if progress else True, leave=False)
    for value in bar:
        points += _between(junction_at, points, float(value), grid)
    size = max(len(point.z) for point in points)
    return Branches(
        np.array([point.value for point in points]),
        np.isin([point.value for point in points], values),
        _padded([point.z for point in points], size),
        _padded([point.error for point in points], size),
        _padded([point.overlap for point in points], size),
        _padded([point.right for point in points], size),
        np.array([point.unstable for point in points]),
    )


def _first(value: float, junction: Junction, grid: Grid | None, depth: float | None) -> _Point:
    modes, response = eigenmodes(junction, grid, depth), Response(junction, grid)
    sharp = modes.error <= SHARP * np.abs(modes.z.imag) + 1e-12 * np.abs(modes.z)
    if depth is None and tables(response):
        sharp &= modes.z.imag > -SHALLOW * mode_scale(response.junction, response.grid)
    if not np.any(sharp):
        raise EigenfrequencyError(
            f"nothing to follow: at {value:.6g} there are {len(modes)} modes, none of them damped and known to "
            f"{SHARP:.0%} of Im z; ask for more depth, or begin elsewhere",
            value=value,
            modes=len(modes),
        )
    return _Point(value, modes.z[sharp], modes.right[sharp], modes.error[sharp], modes.overlap[sharp], modes.unstable)


def _between(junction_at: JunctionAt, points: list[_Point], end: float, grid: Grid | None) -> list[_Point]:
    """The points from the last one to `end`, as many as it takes."""
    taken: list[_Point] = []
    last, before = points[-1], points[-2] if len(points) > 1 else None
    step = whole = end - last.value
    while last.value != end:
        value = end if abs(end - last.value) <= 1.5 * abs(step) else last.value + step
        found = _moved(junction_at(value), last, before, value, grid, step / whole)
        if found is None:
            step /= 4
            continue
        before, last = last, found
        taken.append(found)
        step *= 2
    return taken


def _moved(
    junction: Junction, last: _Point, before: _Point | None, value: float, grid: Grid | None, share: float
) -> _Point | None:
    """The modes of `last` at the next value; None if one of them does not look like itself.

    share : the step, in units of the distance of two values asked for; after the smallest one they need not.
    """
    response, anyhow = Response(junction, grid), share <= SMALLEST
    scale = mode_scale(response.junction, response.grid)
    start = last.z
    if before is not None and len(before.z) == len(last.z):
        start = last.z + (last.z - before.z) * (value - last.value) / (last.value - before.value)
        start = np.where(start.real < 0, last.z, start)
    begin = seeds(response, _apart(start), min(SEEDS, response.size))
    found = distinct(refine(response, begin, scale, max(0.0, 3 * np.max(-start.imag)) + 1e-2 * scale), scale)
    if len(found.z) < len(last.z):
        _or_refused(value, anyhow)
        return None
    alike = np.abs(np.conj(last.right) @ found.right.T) ** 2
    _, chosen = linear_sum_assignment(alike - np.abs(start[:, None] - found.z) / scale, maximize=True)
    roots = Roots(*(part[chosen] for part in found))
    if not anyhow and not (_alike(last, roots) and (share <= CROSSED or _in_order(last.z, roots.z))):
        return None
    left = left_vectors(response, roots, scale)
    modes = Eigenmodes(roots.z, errors(response, roots, left, scale), roots.right, left, np.inf)
    return _counted(junction, grid, _Point(value, modes.z, modes.right, modes.error, modes.overlap, modes.unstable))


def _apart(z: Array) -> Array:
    """One of each group of places closer to each other than a fraction of their width."""
    kept: list[complex] = []
    for place in z:
        if all(abs(place - other) > DEGENERATE * (abs(place.imag) + 1e-6 * abs(place)) for other in kept):
            kept.append(complex(place))
    return np.array(kept)


def _or_refused(value: float, anyhow: bool) -> None:
    if anyhow:
        raise EigenfrequencyError(
            f"a mode is lost near {value:.9g}, however small the step: it goes where the baths cannot be continued, or "
            "two modes coalesce (sgle.stability.exceptional_point), as where an oscillation becomes overdamped. Ask "
            "for less depth, or begin beyond it",
            value=value,
        )


def _in_order(old: Array, new: Array) -> bool:
    """Whether frequencies keep their order. At both ends of a long step an avoided crossing looks like a crossing."""
    order = np.argsort(old.real, kind="stable")
    gaps = np.diff(new.real[order])
    return bool(np.all(gaps >= -DEGENERATE * np.abs(new.imag[order][1:]) - 1e-9 * np.abs(new[order][1:])))


def _alike(last: _Point, new: Roots) -> bool:
    """Whether each mode is nearly what it was; of modes closer to each other than a fraction of their width, before or
    after the step, only the space they span has to be: which mixture of them a mode is changes with nothing.
    """
    close = [np.abs(z[:, None] - z) < DEGENERATE * (np.abs(z.imag) + 1e-6 * np.abs(z)) for z in (last.z, new.z)]
    count, group = connected_components(csr_array(close[0] | close[1]), directed=False)
    for k in range(count):
        old, found = (np.linalg.qr(vectors[group == k].T)[0] for vectors in (last.right, new.right))
        if np.linalg.svd(np.conj(old.T) @ found, compute_uv=False)[-1] < ALIKE:
            return False
    return True


def _counted(junction: Junction, grid: Grid | None, point: _Point) -> _Point:
    """The point with the winding number, and with modes that it counts beyond those that are followed."""
    counted = unstable_count(junction, grid)
    if counted == point.unstable:
        return point
    modes = eigenmodes(junction, grid)
    apart = np.abs(point.z - modes.z[:, None]).min(axis=1) > 1e-6 * np.abs(modes.z)
    new = list(np.flatnonzero(apart & (modes.z.imag > 0)))
    if point.unstable + len(new) != counted:
        raise EigenfrequencyError(
            f"at {point.value:.9g} {point.unstable} of the modes followed grow, the winding number counts {counted}: "
            "the answer is refused",
            value=point.value,
            found=point.unstable,
            counted=counted,
        )
    return _Point(
        point.value,
        np.append(point.z, modes.z[new]),
        np.concatenate([point.right, modes.right[new]]),
        np.append(point.error, modes.error[new]),
        np.append(point.overlap, modes.overlap[new]),
        counted,
    )


def _padded(rows: list[Array], size: int) -> Array:
    """Rows of equal length, NaN where a branch has not begun."""
    filled = [np.concatenate([row, np.full((size - len(row), *row.shape[1:]), np.nan, row.dtype)]) for row in rows]
    return np.array(filled)
