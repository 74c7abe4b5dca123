"""Laws that every solution obeys on its grid, to rounding: what it misses them by."""

import numpy as np

from sgle.nanowire.half import HalfWire
from sgle.nanowire.solution import Solution

PLACES = np.array([0.0, 0.5])  # distances from the scatterer at which local laws are looked at
BEYOND = np.array([0.1, 0.5])  # the same where a derivative along the wire has no rounding to speak of


def laws(solution: Solution) -> dict[str, float]:
    """Relative misses, by law and equation of 003: of the order of 1e-14, or 1e-17/I if that is more.

    neutrality (6): n(0±) = n0.    current (20): both wires' and the scatterer's.    energy (27): the collision integral
    and -dJ/dx.    heat (29): J(0±) from all electrons and from those the scatterer passes.    power (30): P_L + P_R
    = I V.    potential (33): P^s = -N φ, only where τ is constant.
    """
    halves = (solution.upstream, solution.downstream)
    arriving = _arriving(solution)
    passed = solution.contact.landauer(arriving)
    scale = abs(solution.current)
    heat = [half.heat_current(np.zeros(1))[0] for half in halves]
    through = [solution.contact.landauer(arriving, 1, left) for left in (True, False)]
    power = solution.power
    given = power.left_scattered + power.right_scattered
    misses = {
        "neutrality (6)": max(_density(half) for half in halves),
        "current (20)": max(abs(abs(current) / scale - 1) for current in (passed, *map(_current, halves))),
        "energy (27)": max(_energy(half) for half in halves),
        "heat (29)": float(max(abs(heat[0] + through[0]), abs(heat[1] - through[1])) / max(map(abs, heat))),
        "power (30)": abs(given / (solution.current * solution.bias) - 1),
    }
    if solution.exponent == 0:
        misses["potential (33)"] = max(_potential(half) for half in halves)
    return misses


def _arriving(solution: Solution) -> np.ndarray:
    left, right = (half.distributions(np.zeros(1))[1][0] for half in (solution.upstream, solution.downstream))
    return left - right[solution.contact.closed :]


def _current(half: HalfWire) -> float:
    return half.wire.current(*(part[0] for part in half.distributions(np.zeros(1))))


def _density(half: HalfWire) -> float:
    away, towards = half.distributions(np.zeros(1))
    excess = half.wire.weight @ (away[0] + towards[0] - 2 * half.wire.occupation)
    return float(abs(excess) / (2 * half.wire.weight @ half.wire.occupation))


def _energy(half: HalfWire) -> float:
    scattered = half.scattered(BEYOND)
    return float(np.max(np.abs(half.heat_loss(BEYOND) - scattered)) / np.max(np.abs(scattered)))


def _potential(half: HalfWire) -> float:
    potential = half.wire.conductivity * half.potential(PLACES)
    return float(np.max(np.abs(half.scattered(PLACES) + potential)) / np.max(np.abs(potential)))
