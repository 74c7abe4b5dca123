"""What the gold chain costs, each number after its answer has been checked against a slower road.

Run by hand from the project's folder, on one core:

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.gold            # about a minute
    OPENBLAS_NUM_THREADS=1 python -m benchmarks.gold sample     # Au3 sampled for about ten minutes more

The rival of the tables of electron-hole pairs is the formula as it stands (tests/laws/brute_pairs.py): traces of full
matrices at every energy and frequency, nothing kept between biases.
"""

import os
import resource
import subprocess
import sys
from time import perf_counter

import numpy as np

from sgle import Grid, landauer, simulate
from sgle.integrators.driver import run
from sgle.models import gold_chain
from sgle.models.gold import electrons
from sgle.models.gold.junction import _parts
from sgle.noise import noise_streams
from sgle.stability import require_stable
from sgle.units import kelvin, nanowatts
from tests.laws.brute_pairs import rates

FULL, STEP = ("renormalisation",), 8.0


def timed(function):
    """What a function returns, and the seconds it took."""
    start = perf_counter()
    return function(), perf_counter() - start


def set_up(cache):
    """Seconds and peak memory [MB] of a fresh process that builds Au3 and reads its bath once."""
    script = "from sgle.models import gold_chain; gold_chain(bias=0.8)"
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    _, seconds = timed(
        lambda: subprocess.run([sys.executable, "-c", script], env={**os.environ, "SGLE_CACHE": cache}, check=True)
    )
    return seconds, max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1e3


def bias_point(bias):
    """Seconds of the bath, of stability and of the exact answers at a bias not asked for before."""
    junction, bath = timed(lambda: gold_chain(bias=bias).without(*FULL))
    _, stable = timed(lambda: require_stable(junction))
    found, solved = timed(lambda: landauer.answers(junction))
    balance = abs(sum(found.heat_currents.values())) / abs(found.heat_currents["e"])
    return bath, stable, solved, balance


def against_brute_force(bias=0.8):
    """Seconds of the fast and of the direct rates at one bias, tables made, and their largest relative difference."""
    source = _parts(3, None, True, 0.2e-3, 24, electrons.BROADENING, electrons.MESH).pairs
    pairs, at = source.pairs, source.occupation(bias)
    pairs.rates(at)
    fast, quick = timed(lambda: pairs.rates(at))
    couplings = np.zeros((pairs.size, len(pairs.structure), len(pairs.structure)))
    i, j = pairs.touched[pairs.bonds.first], pairs.touched[pairs.bonds.second]
    couplings[:, i, j] += pairs.bonds.weights
    couplings[:, j, i] += pairs.bonds.weights
    omega, t = pairs.frequencies[2:3], kelvin(300.0)
    direct, slow = timed(
        lambda: rates(pairs.structure, couplings, omega, bias, t, t, electrons.FERMI_LEVEL, step=10e-3)
    )
    exact = sum(absorption - emission for absorption, emission in direct.values())[0]
    difference = np.abs(fast.broadening.sum(axis=0)[2] - exact).max() / np.abs(exact).max()
    return quick, slow * len(pairs.frequencies), difference


def speed(bases, trajectories):
    """Trajectory-steps per second with noise and full memory."""
    model = Grid(STEP).model(gold_chain(bias=0.8, bases=bases).without(*FULL))
    streams = noise_streams(model, 1, range(trajectories))
    blocks = run(model, streams, 3 * 8192)
    done, start, steps = 0, 0.0, 0
    for block in blocks:  # the first 8192 steps warm caches and fill the memory's past
        steps += block.velocity.shape[0]
        if steps > 8192 and not start:
            start, done = perf_counter(), steps
    return (steps - done) * trajectories / (perf_counter() - start)


def sample(trajectories=96, steps=60_000):
    """Au3 at 0.8 V for long: largest |z|, relative error bars of energies and currents."""
    junction = gold_chain(bias=0.8).without(*FULL)
    result, seconds = timed(
        lambda: simulate(junction, time_step=STEP, steps=steps, trajectories=trajectories, seed=2, units="eV")
    )
    energy, currents = result.kinetic_energy, result.estimates["heat_current"]
    print(result.crosscheck.sentences()[0])
    print(f"{seconds:.0f} s; kinetic energies to {np.max(energy.stderr / energy.grid):.1%} at worst, median "
          f"{np.median(energy.stderr / energy.grid):.1%}; currents {nanowatts(1) * currents.value} "
          f"± {nanowatts(1) * currents.stderr} nW, grid {nanowatts(1) * currents.grid}")  # fmt: skip


def main():
    """Print everything."""
    for label, cache in (("first time", "/dev/null"), ("from the cache", "")):
        seconds, memory = set_up(cache)
        print(f"set-up of Au3 with its bath at one bias, {label}: {seconds:.1f} s, at most {memory:.0f} MB")
    gold_chain(bias=0.8)
    for bias in (0.5, 0.6, 0.7):
        bath, stable, solved, balance = bias_point(bias)
        parts = f"bath {bath:.2f}, stability {stable:.2f}, answers {solved:.2f} s"
        print(f"bias {bias}: {bath + stable + solved:.2f} s ({parts}; Σ J / J_e = {balance:.0e})")
    quick, slow, difference = against_brute_force()
    print(f"rates at one bias: {1e3 * quick:.1f} ms against {slow:.0f} s direct, ratio {slow / quick:.0f}, "
          f"equal to {difference:.0e}")  # fmt: skip
    for bases, name in ((False, "Au3c (9 dofs)"), (True, "Au3 (33 dofs)")):
        for trajectories in (1, 64):
            print(f"{name}, {trajectories} trajectories: {speed(bases, trajectories):,.0f} trajectory-steps/s")


if __name__ == "__main__":
    main()
    if "sample" in sys.argv[1:]:
        sample()
