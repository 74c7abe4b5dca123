"""Where the first mode begins to grow: critical bias, or the critical value of any parameter (physics.md 6).

The winding number says between which values stability is lost, the eigenfrequency that crosses the real axis there
gives the place to rounding, and the winding numbers close to it on both sides confirm that it was the first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sgle.errors import EigenfrequencyError, SgleError, UnstableError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.response import Response
from sgle.stability.eigenmodes import Eigenmodes, eigenmodes, with_left
from sgle.stability.resonances import mode_scale
from sgle.stability.roots import Roots, polished
from sgle.stability.winding import unstable_count

Array = np.ndarray
JunctionAt = Callable[[float], Junction]
TOLERANCE = 1e-6
SECANTS, HALVINGS = 16, 4  # at most, to find where Im z = 0; of the bracket before it is tried again


@dataclass(frozen=True, eq=False)
class Threshold:
    """The first loss of stability between two values.

    value : where Im z = 0.    low, high : a bracket around it on both sides of which the winding number has been
    counted, stable at `low`.    count : growing modes at `high`.    modes : all of them at `value`; index : of the one
    that begins to grow.    slope : d Im z/d value.
    """

    value: float
    low: float
    high: float
    count: int
    modes: Eigenmodes
    index: int
    slope: float

    @property
    def frequency(self) -> float:
        """Re z of the mode that goes first."""
        return float(self.modes.z[self.index].real)


def critical_bias(
    junction_at: JunctionAt, bracket: tuple[float, float], *, tolerance: float = TOLERANCE, grid: Grid | None = None
) -> float:
    """Smallest |eV| in the bracket at which a mode begins to grow, see `threshold`."""
    return threshold(junction_at, bracket, tolerance=tolerance, grid=grid).value


def threshold(
    junction_at: JunctionAt,
    bracket: tuple[float, float],
    *,
    tolerance: float = TOLERANCE,
    grid: Grid | None = None,
    scan: int = 8,
) -> Threshold:
    """The value between bracket[0], where junction_at(value) is stable, and bracket[1] where the first mode goes.

    tolerance : width of the final bracket of the winding number.    scan : values in between that are looked at first.
    Stability may be lost only once: lost and won again between two of them is not seen.
    Raises EigenfrequencyError: unstable at the beginning, stable up to the end, lost more than once, or counts and
    eigenfrequencies disagree.
    """
    counts = _Counts(junction_at, grid)
    low, high = _scanned(counts, bracket, scan)
    found = _between(counts, low, high, tolerance)
    while found is None and abs(high - low) > max(tolerance, 1e-14 * abs(high)) / 4:
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if counts.grows(middle) else (middle, high)
        found = _between(counts, low, high, tolerance)
    if found is None:
        raise EigenfrequencyError(
            f"the winding number changes between {low:.12g} and {high:.12g}, but no eigenfrequency is seen to cross "
            "the real axis there: the answer is refused",
            low=low,
            high=high,
        )
    return found


class _Counts:
    """Growing modes at a value, each counted once."""

    def __init__(self, junction_at: JunctionAt, grid: Grid | None) -> None:
        self.junction_at, self.grid, self.known = junction_at, grid, {}  # type: ignore[var-annotated]

    def __call__(self, value: float) -> int:
        if value not in self.known:
            self.known[value] = unstable_count(self.junction_at(value), self.grid)
        return int(self.known[value])

    def decided(self, value: float) -> bool:
        """Whether no mode lies on the real axis to rounding."""
        try:
            return self(value) >= 0
        except UnstableError:
            return False

    def grows(self, value: float) -> bool:
        """Whether a mode grows, or lies on the real axis to rounding."""
        return not self.decided(value) or self(value) > 0


def _scanned(counts: _Counts, bracket: tuple[float, float], scan: int) -> tuple[float, float]:
    """The interval of the scan in which stability is lost."""
    values = [float(value) for value in np.linspace(*bracket, scan + 2)]
    if counts(values[0]):
        raise EigenfrequencyError(
            f"no threshold to be found: {counts(values[0])} modes grow already at the beginning of the bracket, "
            f"{values[0]:.6g}; begin nearer to zero",
            bracket=bracket,
            count=counts(values[0]),
        )
    # A value in between that happens to be the threshold itself tells nothing.
    values = [value for value in values if value in (values[0], values[-1]) or counts.decided(value)]
    found = [counts(value) for value in values]
    changes = [k for k in range(len(values) - 1) if bool(found[k]) != bool(found[k + 1])]
    if not changes:
        z = eigenmodes(counts.junction_at(values[-1]), counts.grid).z
        nearest = z[np.argmax(z.imag)] if len(z) else complex("nan")
        raise EigenfrequencyError(
            f"no threshold between {values[0]:.6g} and {values[-1]:.6g}: no mode grows at either end; the least damped "
            f"one at {values[-1]:.6g} has z = {nearest:.6g}. Take a wider bracket",
            bracket=bracket,
            eigenfrequency=complex(nearest),
        )
    if len(changes) > 1:
        where = ", ".join(f"{values[k]:.6g} to {values[k + 1]:.6g}" for k in changes)
        raise EigenfrequencyError(
            f"stability is lost or won {len(changes)} times in the bracket: {where}. Take a bracket with one of them",
            bracket=bracket,
            intervals=[(values[k], values[k + 1]) for k in changes],
        )
    return values[changes[0]], values[changes[0] + 1]


def _between(counts: _Counts, low: float, high: float, tolerance: float) -> Threshold | None:
    """The first Im z = 0 between low and high, if winding numbers just before and behind it confirm it."""
    modes = eigenmodes(counts.junction_at(high), counts.grid)
    crossings = [_crossing(counts, low, high, modes, int(k)) for k in np.flatnonzero(modes.z.imag > 0)]
    inside = [found for found in crossings if found is not None and (found.value - low) * (high - found.value) >= 0]
    if not inside:
        return None
    value, slope, z = min(inside, key=lambda found: abs(found.value - low))
    outer = [float(value + sign * np.sign(high - low) * tolerance / 2) for sign in (-1, 1)]
    if counts.grows(outer[0]) or not counts.grows(outer[1]):
        return None
    there = eigenmodes_at(counts.junction_at(value), counts.grid, modes)
    index = int(np.argmin(np.abs(there.z - z)))
    return Threshold(value, outer[0], outer[1], counts(outer[1]), there, index, slope)


class _Crossing(NamedTuple):
    """Where a mode passes the real axis, how fast, and its eigenfrequency there."""

    value: float
    slope: float
    z: complex


def _crossing(counts: _Counts, low: float, high: float, modes: Eigenmodes, index: int) -> _Crossing | None:
    """Im z = 0 of one of the modes at `high`, by secants; None if it is lost on the way or leaves the bracket."""
    root = Roots(modes.z[index : index + 1], modes.right[index : index + 1], np.zeros(1))
    value, growth = high, float(root.z[0].imag)
    step, slope = (low - high) / 16, np.nan
    for _ in range(SECANTS):
        root = _at(counts, value + step, root)
        if not np.isfinite(root.step[0]):
            return None
        new = float(root.z[0].imag)
        if abs(step) > 1e-7 * abs(high - low) or np.isnan(slope):  # below, rounding would spoil it
            slope = (new - growth) / step
        value, growth = value + step, new
        step = -growth / slope if slope else np.inf
        if abs(step) < 1e-15 * max(abs(value), abs(high - low)):
            return _Crossing(float(value), float(slope), complex(root.z[0]))
        if not abs(value + step - high) < 2 * abs(high - low):
            return None
    return _Crossing(float(value), float(slope), complex(root.z[0])) if abs(step) < 1e-12 * abs(high) else None


def _at(counts: _Counts, value: float, near: Roots) -> Roots:
    junction = counts.junction_at(value)
    return polished(Response(junction, counts.grid), near, mode_scale(junction, counts.grid))


def eigenmodes_at(junction: Junction, grid: Grid | None, modes: Eigenmodes) -> Eigenmodes:
    """Modes of a junction one of which lies on the real axis, where no winding number decides, from those nearby."""
    response, scale = Response(junction, grid), mode_scale(junction, grid)
    found = polished(response, Roots(modes.z, modes.right, np.zeros(len(modes))), scale)
    return with_left(response, found, modes.depth, scale)


class MapPoint(NamedTuple):
    """Thresholds of one value of a second parameter, {name of the case: Threshold, or the reason why there is none}."""

    value: float
    cases: dict[str, Threshold | str]


def critical_map(
    junction_at: Callable[[float, float], Junction],
    values: Sequence[float],
    bracket: tuple[float, float],
    without: Sequence[str] = (),
    tolerance: float = TOLERANCE,
) -> list[MapPoint]:
    """Critical bias of junction_at(bias, value) for every value, with all forces and with each one of `without` off.

    without : switches (sgle.switches).    A case that has no threshold in the bracket is told in words.
    """
    points = []
    for value in values:
        cases: dict[str, Threshold | str] = {}
        for name in ("all", *without):

            def at(bias: float, name: str = name, value: float = value) -> Junction:
                junction = junction_at(bias, value)
                return junction if name == "all" else junction.without(name)

            try:
                cases[name] = threshold(at, bracket, tolerance=tolerance)
            except SgleError as error:
                cases[name] = str(error)
        points.append(MapPoint(float(value), cases))
    return points
