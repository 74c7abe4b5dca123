"""Modes followed along any parameter of a junction: bias, Fermi level, temperature (physics.md 6).

The next point begins with Newton's method from the last one; a step is taken if every mode looks like itself, and
halved otherwise. Modes keep their identity through crossings, where frequencies meet and vectors do not; at an
exceptional point, where both do, they change fast and are told apart by ever smaller steps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from sgle.errors import EigenfrequencyError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.response import Response
from sgle.stability.eigenmodes import Eigenmodes, eigenmodes, errors, left_vectors
from sgle.stability.roots import Roots, polished
from sgle.stability.winding import frequency_scale, unstable_count

Array = np.ndarray
JunctionAt = Callable[[float], Junction]
ALIKE = 0.9  # overlap of a vector with that of the point before
SMALLEST = 2.0**-20  # step, in units of the distance between two values asked for


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

    depth : of the modes at the first value (sgle.stability.eigenmodes).    At every value the growing modes are counted
    by the winding number; where there are more than are followed, a mode has come from below `depth`: it becomes a new
    branch.    Raises EigenfrequencyError if both counts cannot be made to agree, or modes cannot be told apart.
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
    modes = eigenmodes(junction, grid, depth)
    return _Point(value, modes.z, modes.right, modes.error, modes.overlap, modes.unstable)


def _between(junction_at: JunctionAt, points: list[_Point], end: float, grid: Grid | None) -> list[_Point]:
    """The points from the last one to `end`, as many as it takes."""
    taken: list[_Point] = []
    last, before = points[-1], points[-2] if len(points) > 1 else None
    step = smallest = end - last.value
    smallest *= SMALLEST
    while last.value != end:
        value = end if abs(end - last.value) <= 1.5 * abs(step) else last.value + step
        found = _moved(junction_at(value), last, before, value, grid, abs(step) <= abs(smallest))
        if found is None:
            step /= 4
            continue
        before, last = last, found
        taken.append(found)
        step *= 2
    return taken


def _moved(
    junction: Junction, last: _Point, before: _Point | None, value: float, grid: Grid | None, anyhow: bool
) -> _Point | None:
    """The modes of `last` at the next value; None if one of them does not look like itself. anyhow : they need not."""
    response = Response(junction, grid)
    scale = frequency_scale(response)
    start = last.z
    if before is not None and len(before.z) == len(last.z):
        start = last.z + (last.z - before.z) * (value - last.value) / (last.value - before.value)
    roots = polished(response, Roots(start, last.right, np.zeros(start.size)), scale)
    if not np.all(np.isfinite(roots.step)):
        return _or_refused(None, value, anyhow)
    alike = np.abs(np.einsum("ki,ki->k", np.conj(last.right), roots.right))
    if not anyhow and (np.any(alike < ALIKE) or _met(roots, scale)):
        return None
    if _met(roots, scale):
        return _or_refused(None, value, anyhow)
    left = left_vectors(response, roots, scale)
    modes = Eigenmodes(roots.z, errors(response, roots, left, scale), roots.right, left, np.inf)
    return _counted(junction, grid, _Point(value, modes.z, modes.right, modes.error, modes.overlap, modes.unstable))


def _or_refused(point: None, value: float, anyhow: bool) -> None:
    if anyhow:
        raise EigenfrequencyError(
            f"modes cannot be told apart near {value:.9g}, however small the step: an exceptional point lies there "
            "(sgle.stability.exceptional_point finds it). Go round it, or begin beyond it",
            value=value,
        )
    return point


def _met(roots: Roots, scale: float) -> bool:
    """Whether two modes have become the same one."""
    for k in range(len(roots.z)):
        near = np.flatnonzero(np.abs(roots.z[k + 1 :] - roots.z[k]) < 1e-9 * scale) + k + 1
        if np.any(np.abs(np.conj(roots.right[near]) @ roots.right[k]) > 1 - 1e-6):
            return True
    return False


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
