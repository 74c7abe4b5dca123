"""Result: everything a run has found, with what is needed to judge and to repeat it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sgle.analysis.crosscheck import CrossCheck
from sgle.analysis.equilibration import Equilibration
from sgle.analysis.estimate import Estimate
from sgle.analysis.quantities import quantity
from sgle.analysis.snapshots import Snapshots
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.mode_energy import ModeEnergies
from sgle.units import Units, by_name


@dataclass(frozen=True, eq=False)
class Result:
    """junction, reference : what was simulated, and the junction the excess is measured against (or None).

    settings : time_step, steps, burn_in, chunk, trajectories, seed, memory, method, start, control, units and so on,
        plain values; target_error and target, what came of it in words, if there was one.
    estimates : name -> Estimate over dofs, atoms, baths or frequencies (sgle.analysis.quantities lists the
        names).
    series : name -> (n_chunks, R, K) averages over `chunk` steps from the first step on, NaN where a
        trajectory ended.
    frequency : (n_w,) of the velocity spectrum; band_edges : (bands + 1, N) frequencies between the bands; or
        None.
    ledger_error : largest relative error of the energy balance in any step. exact_error : of the exact
        integrals; 0 without any.
    equilibration : of the part after burn_in, in chunks. interrupted : stopped before all steps were made.
    modes : vibrational modes and their harmonic energies, to be compared with estimates["mode_energy"].
    snapshots : motion and energies at the end of every chunk. Both None for a harmonic junction.
    passages : name -> (R,) first times at which a limit was exceeded, NaN for none. watched : (R,) time for which each
        trajectory was followed, from step 0 on.
    All numbers are in internal units (ħ = k_B = 1).
    """

    junction: Junction
    reference: Junction | None
    settings: dict[str, Any]
    versions: dict[str, str]
    estimates: dict[str, Estimate]
    series: dict[str, np.ndarray]
    frequency: np.ndarray | None
    band_edges: np.ndarray | None
    equilibration: Equilibration
    crosscheck: CrossCheck
    ledger_error: float
    exact_error: float
    interrupted: bool = False
    warnings: tuple[str, ...] = field(default=())
    recipe: str = ""
    modes: ModeEnergies | None = None
    snapshots: Snapshots | None = None
    passages: dict[str, np.ndarray] = field(default_factory=dict)
    watched: np.ndarray | None = None

    @property
    def anharmonic(self) -> bool:
        """Whether the motion felt a force beyond K, so that it has no exact answers."""
        return self.modes is not None

    @property
    def twin(self) -> bool:
        """Whether the reference is the harmonic twin of an anharmonic junction."""
        return self.anharmonic and self.reference is not None and self.reference.anharmonic is None

    @property
    def beside(self) -> str:
        """What the reference is called in a sentence."""
        return "the harmonic twin" if self.twin else "zero bias"

    @property
    def potential_error(self) -> float | None:
        """How far energy and work of the anharmonic force are apart, relative to what it turns over; None without."""
        return self.crosscheck.balance.potential

    @property
    def kinetic_energy(self) -> Estimate:
        """Kinetic energy of each dof, (N,)."""
        return self.estimates["kinetic_energy"]

    @property
    def kinetic_energy_per_atom(self) -> Estimate | None:
        """Kinetic energy of each atom; None if the junction does not know its atoms."""
        return self.estimates.get("kinetic_energy_per_atom")

    @property
    def excess_kinetic_energy(self) -> Estimate | None:
        """Kinetic energy of each dof beyond the reference's, from runs with the same noise; None without
        reference.
        """
        return self.estimates.get("excess_kinetic_energy")

    @property
    def heat_currents(self) -> dict[str, Estimate]:
        """Heat current into each bath."""
        currents = self.estimates["heat_current"]
        return {name: currents[k] for k, name in enumerate(self.junction.baths)}

    @property
    def excess_heat_currents(self) -> dict[str, Estimate] | None:
        """Heat current into each bath beyond the reference's, same noise: far sharper; None without reference."""
        currents = self.estimates.get("excess_heat_current")
        return None if currents is None else {name: currents[k] for k, name in enumerate(self.junction.baths)}

    @property
    def spectra(self) -> Estimate | None:
        """Velocity spectra, (n_w, N) at `frequency`; grid and continuum are the expected periodogram. None if
        left out.
        """
        return self.estimates.get("velocity_spectrum")

    @property
    def excess_error_unpaired(self) -> np.ndarray | None:
        """Error bars the excess would have if the two runs had independent noise."""
        if self.excess_kinetic_energy is None:
            return None
        return np.hypot(self.kinetic_energy.stderr, self.estimates["reference_kinetic_energy"].stderr)

    @property
    def units(self) -> Units:
        """How the numbers are to be shown."""
        return by_name(self.settings["units"])

    @property
    def grid(self) -> Grid:
        """The time grid of the run."""
        names = ("time_step", "memory", "memory_time", "memory_error")
        return Grid(**{name: self.settings[name] for name in names if name in self.settings})

    @property
    def start(self) -> int:
        """First chunk that is averaged: behind burn_in and whatever transient was found after it."""
        return self.settings["burn_in"] // self.settings["chunk"] + self.settings["discarded"]

    def labels(self, name: str) -> np.ndarray:
        """What to call each number of an estimate: texts in an array of its shape."""
        return labels(self.junction, name, np.shape(self.estimates[name].value))

    def save(self, path: str | Path) -> None:
        """Write the whole result to an HDF5 file; FileError if that is impossible."""
        from sgle.analysis.result_file import save

        save(path, self)

    def __repr__(self) -> str:
        return (
            f"Result({self.junction!r}, {'anharmonic, ' if self.anharmonic else ''}"
            f"{self.settings['trajectories']} × {self.settings['steps']} steps, "
            f"cross-check {self.crosscheck.verdict}{', interrupted' if self.interrupted else ''})"
        )


def labels(junction: Junction, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Texts for the numbers of an estimate: bath names, "dof 3", "Au 2", "dof 3 band 1", "mode 0"."""
    dims = quantity(name).dims
    known = {"bath": list(junction.baths), "dof": [f"dof {k}" for k in range(junction.size)], "total": ["all dofs"]}
    if junction.atoms is not None:
        known["atom"] = [f"{symbol} {k}" for k, symbol in enumerate(junction.atoms.symbols)]
    columns = [known.get(dim, [f"{dim} {k}" for k in range(count)]) for dim, count in zip(dims, shape, strict=False)]
    table = np.array(columns[-1], dtype=object)
    for column in reversed(columns[:-1]):
        table = np.array([[f"{text} {first}" for text in table] for first in column], dtype=object)
    return np.broadcast_to(table, shape)
