"""What is measured when a force beyond K acts: its energy and work, the energies of modes, and whether they fit."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sgle.analysis.heat import anharmonic_power
from sgle.junction import Junction
from sgle.mode_energy import mode_shapes

Array = np.ndarray


def force_name(junction: Junction) -> str:
    """What kind of force moves the atoms beyond K, in a word; of a calculator also which."""
    spec = None if junction.anharmonic is None else junction.anharmonic.spec
    if spec is None:
        return type(junction.anharmonic).__name__
    return " ".join([str(spec["kind"]).replace("_", "-"), *([spec["calculator"]] if "calculator" in spec else [])])


class ModeEnergy:
    """Maps a block to v_m² = (shape_m·v_n)² of every mode, twice its kinetic energy, (B, R, N).

    shape : (N, N), a mode per column (sgle.mode_energy).
    """

    def __init__(self, shape: Array) -> None:
        self.shape = shape

    def __call__(self, block: Any) -> Array:
        """Energies of one block."""
        return (block.velocity @ self.shape) ** 2


def work(block: Any) -> Array:
    """v_n·F_anh(u_n), (B, R, 1)."""
    return anharmonic_power(block)[..., None]


def stored(block: Any) -> Array:
    """V(u_n), (B, R, 1)."""
    return block.anharmonic_energy[..., None]


def anharmonic_quantities(model: Any) -> dict[str, Callable[[Any], Array]]:
    """What is averaged of a model that has an anharmonic force; nothing for any other."""
    if model.anharmonic is None:
        return {}
    shape = mode_shapes(model.junction)[1]
    return {"mode_energy": ModeEnergy(shape), "anharmonic_energy": stored, "anharmonic_power": work}


class PotentialLedger:
    """How far V(u_n) - V(u_0) is from -∫ v·F_anh dt (trapezoid rule), the largest of any step and trajectory, relative
    to ∫ |v·F_anh| dt, all the work that has gone back and forth in that trajectory.

    It is of second order in the time step if F_anh = -dV/du at the place where the atoms are. A force that is not the
    slope of its energy shows here; in a steady state it is also the part of the heat currents that does not add up.
    """

    def __init__(self) -> None:
        self._first: Array | None = None
        self._power = self._work = self._turned = self._largest = np.zeros(0)

    def update(self, block: Any) -> None:
        """Take in one block."""
        power, energy = anharmonic_power(block), block.anharmonic_energy
        begins = self._first is None
        if self._first is None:
            self._first, self._power = energy[0].copy(), power[0]
            self._work = self._turned = self._largest = np.zeros(len(energy[0]))
        half = 0.5 * block.time_step
        work = half * (np.concatenate([self._power[None], power[:-1]]) + power)
        if begins:
            work[0] = 0.0
        work = self._work + np.cumsum(work, axis=0)
        self._largest = np.maximum(self._largest, np.abs(energy - self._first + work).max(axis=0))
        self._turned = self._turned + 2 * half * np.abs(power).sum(axis=0)
        self._work, self._power = work[-1].copy(), power[-1].copy()

    @property
    def error(self) -> float:
        """The largest deviation so far; 0 before any work is done."""
        moves = self._turned > 0
        return float(np.max(self._largest[moves] / self._turned[moves], initial=0.0))

    def state(self) -> dict[str, Any]:
        """All sums so far."""
        return {name: getattr(self, f"_{name}") for name in ("first", "power", "work", "turned", "largest")}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        for name, value in state.items():
            setattr(self, f"_{name}", value)
