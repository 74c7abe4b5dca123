"""Quanta, heat and growth of the two-level junction in trajectories: how close to theory, in how many seconds.

Run by hand from the project's folder, on one core:

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.ehp_sampling

Models of 001 Fig. 2 (tests/laws/test_pair_sampling.py): every sampled number beside the exact answer for its grid, N to
2 % or better; what noise of the wrong kind would give; growth above the threshold.
"""

import sys
import warnings
from dataclasses import replace
from time import perf_counter

import numpy as np
from scipy.stats import norm

from sgle import Junction, simulate
from sgle.analysis.instability.growth import growth_rate
from sgle.analysis.population import NAME, mode_population
from sgle.baths import drude, level_pairs
from sgle.ehp import pair_currents, populations
from sgle.errors import SgleWarning
from sgle.grid import Grid

COUPLING, TURNED = [[0, 0.1], [0.1, 0]], [[0.2, 0], [0, -0.2]]
RUN = {
    "trajectories": 2048,
    "memory_time": 340.0,
    "spectrum_segment": 0,
    "memory": "auxiliary",
    "populations": True,
    "progress": False,
}
TIME = 300.0  # of each trajectory


def levels(e1, e2, width, bias, temperature, hopping=0.0, couplings=(COUPLING,)):
    """Electrons of two levels, spinless."""
    given = {"bias": bias, "temperature": temperature, "dofs": list(range(len(couplings))), "spin": 1}
    return level_pairs([[e1, hopping], [hopping, e2]], [width, 0], [0, width], list(couplings), **given)


def one_mode(e1, e2, width=0.1, bias=0.5, hot=0.2, cold=0.2):
    """A mode of frequency 1 that loses energy to phonons at the rate 0.05."""
    return Junction([[1.0]], {"ph": drude([[0.05]], 10.0, cold, [0]), "e": levels(e1, e2, width, bias, hot)})


def two_modes():
    """Γ_12 of the electrons with as much imaginary as real part."""
    phonons = {name: drude([[0.05]], 10.0, 0.2, [dof]) for dof, name in enumerate("LR")}
    return Junction(np.diag([1.0, 1.05]), {**phonons, "e": levels(0.3, -0.3, 0.8, 1.2, 0.2, 0.3, (COUPLING, TURNED))})


CASES = {
    "heating, V = 0.2": one_mode(0.5, -0.5, bias=0.2),
    "heating, V = 0.5": one_mode(0.5, -0.5),
    "heating, V = 0.8": one_mode(0.5, -0.5, bias=0.8),
    "heating, V = 1.1": one_mode(0.5, -0.5, bias=1.1),
    "cooling, V = 0.5": one_mode(-0.5, 0.5),
    "hot electrons": one_mode(0.5, -0.4, 0.2, 0.0, 0.6, 0.4),
    "two modes, complex noise": two_modes(),
}


def line(name, label, estimate, k, more=""):
    """One number; its z."""
    value, error, grid, z = (getattr(estimate, part)[k] for part in ("value", "stderr", "grid", "z"))
    print(
        f"{name:26s} {label:6s} {value:11.7f} ± {error / abs(grid):6.2%}  grid {grid:11.7f}  continuum "
        f"{estimate.continuum[k]:11.7f}  z {z:+5.2f}{more}",
        flush=True,
    )
    return z


def sampled(junction, time_step, seed):
    """A run with normal-ordered noise, and its seconds."""
    begin, steps = perf_counter(), round(TIME / time_step)
    found = simulate(junction.without("zero_point"), time_step=time_step, steps=steps, seed=seed, **RUN)
    return found, perf_counter() - begin


def compare(time_step):
    """All cases at one time step: z of every number, and the largest relative error of N."""
    scores, errors = [], []
    for seed, (name, junction) in enumerate(CASES.items()):
        found, seconds = sampled(junction, time_step, 100 + seed)
        quanta, heat = found.estimates[NAME], found.estimates["heat_current"]
        for k, mode in enumerate(populations(junction)):
            scores.append(line(name, f"N {k}", quanta, k, f"  golden rule {mode.number:.6f}"))
        scores += [line(name, f"J {bath}", heat, k) for k, bath in enumerate(junction.baths)]
        errors += list(quanta.stderr / quanta.grid)
        full, lowest = (pair_currents(junction, order).total for order in ("full", "lowest"))
        print(f"{'':26s} J from electrons: exact {full:.7f}, lowest order {lowest:.7f}; {seconds:.1f} s", flush=True)
    return scores, errors


def controls(time_step=0.1):
    """What wrong noise makes of N, in error bars of the run."""
    right = {name: CASES[name] for name in ("heating, V = 0.5", "two modes, complex noise")}
    for name, junction in right.items():
        electrons = junction.baths["e"]
        turned = tuple(replace(each, strength=each.strength.map(np.conj)) for each in electrons.channels)
        normal = junction.without("zero_point")
        exact = mode_population(normal).exact(normal, Grid(time_step).realise())[0]
        for wrong, made in (
            ("transposed", junction.replace(e=replace(electrons, channels=turned))),
            ("zero bias", junction.without("nonequilibrium_noise")),
            ("classical", junction.without("quantum_noise")),
        ):
            found = sampled(made, time_step, 7)[0].estimates[NAME]
            print(
                f"{name:26s} noise {wrong:10s}: z of N {np.round((found.value - exact) / found.stderr, 1)}", flush=True
            )


def growth():
    """Rates above the threshold, 1.4521."""
    for bias in (1.6, 2.0):
        junction = one_mode(0.5, -0.5, bias=bias)
        for time_step in (0.1, 0.05):
            rate = growth_rate(junction, time_step=time_step, trajectories=256, seed=1, progress=False).rate
            print(
                f"growth at {bias}, Δt = {time_step}: {rate}, grid {rate.grid:.6f}, continuum {rate.continuum:.6f}, "
                f"golden rule {-populations(junction)[0].damping / 2:.6f}; z {rate.z:+.2f}",
                flush=True,
            )


def main():
    """Everything; exit status 1 if a number disagrees."""
    warnings.simplefilter("ignore", SgleWarning)
    scores, errors = [], []
    for time_step in (0.1, 0.05, 0.025):
        print(f"Δt = {time_step}")
        for total, some in zip((scores, errors), compare(time_step), strict=True):
            total += some
    controls()
    growth()
    size, worst = np.abs(scores), max(errors)
    print(f"{size.size} numbers: largest |z| {size.max():.2f}, rms {np.sqrt(np.mean(size**2)):.2f}; N to {worst:.2%}")
    return int(size.max() > norm.isf(5e-5 / size.size) or worst > 0.02)


if __name__ == "__main__":
    sys.exit(main())
