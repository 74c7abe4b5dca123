"""Drives ASE's Langevin thermostat, in its own environment. Prints JSON on the last line.

20 atoms (60 dofs) with a harmonic calculator of a full 60 × 60 matrix; alone, and 64 times in one Atoms object.
"""

import json
from statistics import median
from time import perf_counter, process_time

import numpy as np
from ase import Atoms, units
from ase.calculators.calculator import Calculator, all_changes
from ase.md.langevin import Langevin

TEMPERATURE = 300.0


class Harmonic(Calculator):
    """½ x·K x for each copy of 60 dofs."""

    implemented_properties = ("energy", "forces")

    def __init__(self, stiffness, rest):
        super().__init__()
        self.stiffness, self.rest = stiffness, rest

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        shift = (self.atoms.positions - self.rest).reshape(-1, len(self.stiffness))
        forces = -shift @ self.stiffness
        self.results = {"energy": -0.5 * float((shift * forces).sum()), "forces": forces.reshape(-1, 3)}


def system(copies):
    """Langevin dynamics of so many copies."""
    rng = np.random.default_rng(5)
    root = rng.normal(size=(60, 60)) / np.sqrt(60)
    stiffness = 10.0 * np.eye(60) + 5.0 * root @ root.T  # eV/Å²
    rest = rng.uniform(0, 10, (20 * copies, 3))
    atoms = Atoms("C" * (20 * copies), positions=rest)
    atoms.calc = Harmonic(stiffness, rest.copy())
    bath = {"temperature_K": TEMPERATURE, "friction": 0.02 / units.fs, "fixcm": False, "rng": rng}
    return atoms, Langevin(atoms, 1.0 * units.fs, **bath)


def temperature(atoms, dynamics, forget=500, steps=600):
    """Kinetic temperature averaged over steps."""
    dynamics.run(forget)
    found = []
    for _ in range(steps // 10):
        dynamics.run(10)
        found.append(2 * atoms.get_kinetic_energy() / (3 * len(atoms) * units.kB))
    return float(np.mean(found))


def timed(dynamics, steps, repetitions=5):
    """Steps per second by CPU time and by the wall, medians."""
    dynamics.run(steps // 4)
    cpu, wall = [], []
    for _ in range(repetitions):
        begin = process_time(), perf_counter()
        dynamics.run(steps)
        cpu.append(steps / (process_time() - begin[0]))
        wall.append(steps / (perf_counter() - begin[1]))
    return {"cpu": median(cpu), "wall": median(wall), "spread": max(cpu) / min(cpu)}


def main():
    _, alone = system(1)
    atoms, together = system(64)
    heat = temperature(atoms, together)
    print(json.dumps({"temperature": heat, "one": timed(alone, 2000), "many": timed(together, 200)}))


if __name__ == "__main__":
    main()
