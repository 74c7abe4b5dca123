"""Where the first mode begins to grow: critical bias, or the critical value of any parameter (physics.md 6).

The winding number brackets the threshold; the eigenfrequency that crosses the real axis inside the bracket then gives
it to rounding.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sgle.errors import EigenfrequencyError, SgleError
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
SECANT = 1e-4  # relative distance over which the slope of Im z is taken


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

    tolerance : width of the final bracket of the winding number.    scan : values in between that are looked at first:
    stability may be lost only once.    Raises EigenfrequencyError: unstable at the beginning, stable up to the end,
    lost more than once, or counts and eigenfrequencies disagree.
    """
    counts = _Counts(junction_at, grid)
    low, high = _scanned(counts, bracket, scan)
    middle = (low + high) / 2
    while abs(high - low) > max(tolerance, 1e-14 * abs(high)) / 4:
        low, high = (low, middle) if counts(middle) else (middle, high)
        middle = (low + high) / 2
    return _polished(counts, low, high, tolerance)


class _Counts:
    """Growing modes at a value, each counted once."""

    def __init__(self, junction_at: JunctionAt, grid: Grid | None) -> None:
        self.junction_at, self.grid, self.known = junction_at, grid, {}  # type: ignore[var-annotated]

    def __call__(self, value: float) -> int:
        if value not in self.known:
            self.known[value] = unstable_count(self.junction_at(value), self.grid)
        return int(self.known[value])


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


def _polished(counts: _Counts, low: float, high: float, tolerance: float) -> Threshold:
    """Im z = 0 by secants between two sides of the threshold, within the bracket of the winding number."""
    grid, count = counts.grid, counts(high)
    modes = eigenmodes(counts.junction_at(high), grid)
    # Of several that grow beyond the threshold, the one with the smallest Im z at `low` side is not known: follow each.
    crossings = [_crossing(counts, low, high, modes, k) for k in np.flatnonzero(modes.z.imag > 0)]
    crossings = [found for found in crossings if found is not None]
    if not crossings:
        raise EigenfrequencyError(
            f"the winding number changes between {low:.12g} and {high:.12g}, but no eigenfrequency crosses the real "
            "axis there: the answer is refused",
            low=low,
            high=high,
        )
    value, slope, z = min(crossings, key=lambda found: abs(found[0] - low))
    there = eigenmodes_at(counts.junction_at(value), grid, modes, z)
    outer = value - np.sign(high - low) * tolerance / 2, value + np.sign(high - low) * tolerance / 2
    if counts(outer[0]) or not counts(outer[1]):
        raise EigenfrequencyError(
            f"an eigenfrequency crosses the real axis at {value:.12g}, but the winding number counts "
            f"{counts(outer[0])} growing modes at {outer[0]:.12g} and {counts(outer[1])} at {outer[1]:.12g}: refused",
            value=value,
        )
    return Threshold(value, outer[0], outer[1], count, there, int(np.argmin(np.abs(there.z - z))), slope)


def _crossing(
    counts: _Counts, low: float, high: float, modes: Eigenmodes, index: int
) -> tuple[float, float, complex] | None:
    """(value, slope, z) where one mode has Im z = 0, by secants; None if it does not cross near the bracket."""
    known = Roots(modes.z[index : index + 1], modes.right[index : index + 1], np.zeros(1))

    def at(value: float) -> Roots:
        response = Response(counts.junction_at(value), counts.grid)
        return polished(response, known, mode_scale(response.junction, response.grid))

    far = high + SECANT * (abs(high) + abs(high - low)) * np.sign(high - low)
    slope = (at(far).z[0].imag - known.z[0].imag) / (far - high)
    value, found = high, known
    for _ in range(12):
        if not np.isfinite(found.step[0]) or not slope or abs(value - low) > 1e3 * abs(high - low):
            return None
        step = -found.z[0].imag / slope
        if abs(step) < 1e-15 * abs(value):
            break
        value += step
        found = at(value)
    return float(value), float(slope), complex(found.z[0])


def eigenmodes_at(junction: Junction, grid: Grid | None, modes: Eigenmodes, z: complex) -> Eigenmodes:
    """All modes of a junction one of whose eigenfrequencies, z, lies on the real axis: no winding number decides."""
    response = Response(junction, grid)
    scale = mode_scale(response.junction, response.grid)
    found = polished(response, Roots(modes.z, modes.right, np.zeros(len(modes))), scale)
    return with_left(response, found, modes.depth + scale, scale)


class MapPoint(NamedTuple):
    """Thresholds of one value of a second parameter, {name of the case: Threshold, or the reason why there is none}."""

    value: float
    cases: dict[str, Threshold | str]


FORCES: Mapping[str, str] = {
    "nonconservative": "without non-conservative force",
    "berry": "without Berry force",
    "renormalisation": "without renormalisation",
    "friction_change": "with the friction of zero bias",
}


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
