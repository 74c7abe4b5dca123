"""Drives sclmd 0.4.7, in its own environment: python run_sclmd.py INPUT.npz. Prints JSON on the last line.

INPUT holds the junction of the race as sgle samples it: stiffness, kernels, friction in frequency space, electrons.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
from statistics import median
from time import perf_counter, process_time

import numpy as np
from sclmd.baths import ebath, phbath
from sclmd.md import md


def carbon(n):
    return [["C", 10.0 * i, 0.0, 0.0] for i in range(n)]


def prepared(system):
    """A system ready for vv(0): at rest, its noise drawn."""
    system.noranvel()
    system.initialise()
    system.ResetHis()
    for bath in system.baths:
        bath.gnoi()
    return system


def one_atom(steps=32768, runs=4):
    """Kinetic energy per dof of an atom with an electron bath, over the second half of each run, and its error."""
    found = []
    for run in range(runs):
        np.random.seed(run)  # noqa: NPY002  its only door to the seed
        system = md(0.38, steps, 300, axyz=carbon(1), dyn=0.05**2 * np.eye(3))
        bath = ebath(range(3), 300, 0.38, steps, wmax=1.0, nw=500, bias=0.0, efric=0.01 * np.eye(3))
        system.AddBath(bath)
        prepared(system)
        for _ in range(steps):
            system.vv(0)
        found.append(system.etot[steps // 8 :].mean() / 3)
    return float(np.mean(found)), float(np.std(found, ddof=1) / np.sqrt(runs))


def junction(given, noise_steps):
    """The junction of the race: the same stiffness, kernels and friction matrices."""
    dt = float(given["time_step"])
    system = md(dt, noise_steps, 300, axyz=carbon(20), dyn=given["stiffness"])
    half = range(len(given["kernel_L"][0]))
    for name, temperature, dofs in (("L", 330, half), ("R", 270, [len(half) + i for i in half])):
        bath = phbath(
            temperature, dofs, np.pi / dt, 2, dt, noise_steps, ml=len(given["kernel_" + name]), mcof=1.0,
            gamma=given["friction_" + name], gwl=list(given["omega"]),
        )  # fmt: skip
        bath.kernel = given["kernel_" + name]
        system.AddBath(bath)
    bias = float(given["bias"])
    matrices = {key: given[key] for key in ("efric", "exim", "exip", "zeta1", "zeta2")}
    system.AddBath(ebath(range(60), 300, dt, noise_steps, wmax=np.pi / dt, nw=2, bias=bias, **matrices))
    return system


def free_decay(system, start, steps):
    """Displacements of a start with these momenta and no noise, (steps, 60)."""
    system.p, system.q = start.copy(), np.zeros(len(start))
    for bath in system.baths:
        bath.noise[...] = 0.0
    path = []
    for _ in range(steps):
        path.append(system.q.copy())
        system.vv(0)
    return np.array(path)


def timed(system, steps, repetitions):
    """Steps per second by CPU time and by the wall, medians."""
    cpu, wall = [], []
    for _ in range(repetitions):
        begin = process_time(), perf_counter()
        for _ in range(steps):
            system.vv(0)
        cpu.append(steps / (process_time() - begin[0]))
        wall.append(steps / (perf_counter() - begin[1]))
    return {"cpu": median(cpu), "wall": median(wall), "spread": max(cpu) / min(cpu)}


def main():
    given = np.load(sys.argv[1])
    os.chdir(tempfile.mkdtemp())  # it resumes from any MD*.nc it finds
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        energy, error = one_atom()
        noise_steps = 2 * (len(given["omega"]) - 1)
        np.random.seed(1)  # noqa: NPY002
        system = junction(given, noise_steps)
        begin = process_time()
        prepared(system)
        noise = (process_time() - begin) / noise_steps
        stepping = timed(system, 100, 5)
        system = prepared(junction(given, noise_steps))
        as_is = free_decay(system, given["start"], len(given["decay"]))
        for bath in system.baths[:2]:
            bath.kernel = np.concatenate([bath.kernel[:1] / 2, bath.kernel[1:]])
        system.ResetHis()
        system.t, system.q0, system.f0 = 0, [], []
        mended = free_decay(system, given["start"], len(given["decay"]))
    found = {"kinetic_energy": energy, "kinetic_error": error}
    for name, decay in (("decay_differs", as_is), ("decay_differs_mended", mended)):
        found[name] = float(np.abs(decay - given["decay"]).max() / np.abs(given["decay"]).max())
    print(json.dumps(found | {"no_noise": stepping, "noise_seconds": noise}))


if __name__ == "__main__":
    main()
