"""How many roots det D⁻¹ has in a rectangle of the complex plane: its phase along the sides (argument principle).

The continuation of D⁻¹ below the real axis jumps across the cuts of the baths (sgle.shapes), so rectangles lie between
two of them. By det D⁻¹(-z*) = det D⁻¹(z)* half of the sides of one that begins at Re z = 0 are enough.
"""

from dataclasses import dataclass

import numpy as np

from sgle.errors import EigenfrequencyError
from sgle.response import Response, in_pieces

Array = np.ndarray
PHASE_STEP, ROUNDS, POINTS = 0.6, 40, 48
MANY = 64  # dofs, for which every fourth point tells where a table is continued too far


@dataclass(frozen=True)
class Rectangle:
    """low ≤ Re z ≤ high, bottom ≤ Im z ≤ top; one with low = 0 stands for its mirror image, too."""

    low: float
    high: float
    bottom: float
    top: float

    def holds(self, z: Array) -> Array:
        """Which of z lie inside, (n,) bool."""
        return (z.real >= self.low) & (z.real < self.high) & (z.imag > self.bottom) & (z.imag <= self.top)

    def halves(self, relative: float) -> tuple["Rectangle", "Rectangle"]:
        """Cut across the longer side, at this part of it."""
        if self.high - self.low >= self.top - self.bottom:
            middle = self.low + relative * (self.high - self.low)
            return (
                Rectangle(self.low, middle, self.bottom, self.top),
                Rectangle(middle, self.high, self.bottom, self.top),
            )
        middle = self.bottom + relative * (self.top - self.bottom)
        return Rectangle(self.low, self.high, self.bottom, middle), Rectangle(self.low, self.high, middle, self.top)

    def path(self, known: Array, hair: float) -> Array:
        """Points along the sides, counterclockwise, crowding where known roots turn the phase.

        hair : distance kept from sides that lie on a cut, and from the imaginary axis.
        """
        low, high = self.low + (hair if self.low > 0 else 0.0), self.high - hair
        across = np.linspace(low, high, POINTS)
        # At a band edge Π may be infinite, and turn the phase close to it.
        edge = hair * 8.0 ** np.arange(0, 12)
        up = np.union1d(np.linspace(self.bottom, self.top, POINTS // 2), np.append(-edge, edge))
        up = up[(up >= self.bottom) & (up <= self.top)]
        below = np.union1d(across, _crowd(known.real, known.imag - self.bottom, low, high))
        above = np.union1d(across, _crowd(known.real, self.top - known.imag, low, high))[::-1]
        sides = [
            below + 1j * self.bottom,
            high + 1j * np.union1d(up, _crowd(known.imag, high - known.real, self.bottom, self.top)),
            above + 1j * self.top,
        ]
        if self.low > 0:
            sides.append(low + 1j * np.union1d(up, _crowd(known.imag, known.real - low, self.bottom, self.top))[::-1])
        return np.concatenate(sides)


def _crowd(places: Array, distances: Array, low: float, high: float) -> Array:
    """Points of a side between which each known root turns the phase by less than half a radian."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, 12)[1:-1]
    points = (places[:, None] + np.abs(distances)[:, None] * np.tan(angles)).ravel()
    return points[(points > low) & (points < high)]


def count(response: Response, region: Rectangle, known: Array, scale: float) -> int:
    """Roots inside, those at -z* counted as well where the rectangle begins at Re z = 0.

    known : roots found so far, which say where to look closely.    Raises EigenfrequencyError if a root lies on a side
    or the phase does not settle to a whole number of turns.
    """
    path = region.path(known, 1e-9 * scale)
    _require_known(response, path[:: 1 if response.size < MANY else 4])
    phase = _phases(response, path)
    for _ in range(ROUNDS):
        step = (np.diff(phase) + np.pi) % (2 * np.pi) - np.pi
        coarse = np.flatnonzero((np.abs(step) > PHASE_STEP) & (np.abs(np.diff(path)) > 1e-13 * scale))
        if not len(coarse):
            break
        new = (path[coarse] + path[coarse + 1]) / 2
        path, phase = np.insert(path, coarse + 1, new), np.insert(phase, coarse + 1, _phases(response, new))
    turns = step.sum() / (2 * np.pi) * (1 if region.low > 0 else 2)
    if region.low > 0:  # from the last point back to the first
        turns += ((phase[0] - phase[-1] + np.pi) % (2 * np.pi) - np.pi) / (2 * np.pi)
    if abs(turns - round(turns)) > 0.05:
        raise EigenfrequencyError(
            f"the phase of det D⁻¹ turns {turns:.3f} times around {region}, not a whole number of times: a root lies "
            "on its side, or the table of a bath is too coarse to be continued so far",
            turns=float(turns),
        )
    return round(turns)


def _require_known(response: Response, path: Array) -> None:
    """EigenfrequencyError where what tables leave open, δΠ, turns the phase by |tr D δΠ| ≥ 1."""
    deep = path[path.imag < 0]
    if response.model is not None or not len(deep):
        return
    turned = in_pieces(response.turned, deep, response.size)
    worst = int(np.argmax(turned))
    if turned[worst] >= 1:
        raise EigenfrequencyError(
            f"the table of a bath cannot be continued to {deep[worst]:.6g} well enough to count roots: its fits there "
            f"differ, and turn the phase of det D⁻¹ by {turned[worst]:.2g}. Take less depth, or more points there",
            place=complex(deep[worst]),
            turned=float(turned[worst]),
        )


def _phases(response: Response, path: Array) -> Array:
    def phases(some: Array) -> Array:
        return np.angle(np.linalg.slogdet(response.continued(some))[0])

    return in_pieces(phases, path, response.size)
