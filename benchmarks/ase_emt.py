"""A line of gold atoms driven by EMT through ASE, against exact harmonic answers and a built-in potential fitted to it.

Run by hand from the project's folder, on one core:

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.ase_emt          # five minutes
    OPENBLAS_NUM_THREADS=1 python -m benchmarks.ase_emt 300      # so many steps instead of 2000

All runs of a temperature have the same noise, so that their differences are known far better than their numbers.
"""

import sys
import warnings
from time import perf_counter

import numpy as np

import sgle
from sgle.errors import SgleWarning
from sgle.units import ANGSTROM_AMU, nanowatts
from tests.ase_structures import ALONG, fitted, line_force, line_junction, thermal

STEP, TRAJECTORIES, BURN_IN = 20.0, 32, 350
GOLD = ANGSTROM_AMU / np.sqrt(196.966570)


def place(block):
    """Displacements in Å."""
    return block.displacement * GOLD


def run(junction, steps, **more):
    """A run and its seconds."""
    begin = perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SgleWarning)
        settings = {"time_step": STEP, "trajectories": TRAJECTORIES, "burn_in": BURN_IN, "steps": steps, "seed": 1}
        more |= {"observers": {"place": place}, "spectrum_segment": 0, "progress": False}
        result = sgle.simulate(junction, **settings, **more)
    return result, perf_counter() - begin


def speed():
    """Microseconds of a call, and of EMT alone."""
    force, u = line_force(), thermal(30.0, range(9), 400, 0)
    calls = force.potential.potential
    atoms, seconds = calls._atoms.copy(), {}
    for name, call in (("through sgle", lambda: force(u)), ("EMT itself", lambda: alone(calls.calculator, atoms, u))):
        begin = perf_counter()
        call()
        seconds[name] = (perf_counter() - begin) / len(u)
    print("µs per call: " + ", ".join(f"{name} {1e6 * value:.0f}" for name, value in seconds.items()))


def alone(calculator, atoms, displacements):
    """EMT as a script would call it, energy and forces."""
    for positions in line_force().potential.place.places(displacements):
        atoms.positions = positions
        calculator.get_forces(atoms), calculator.get_potential_energy(atoms)


def numbers(result):
    """Per trajectory: energies along the line [meV], currents [nW], mean places along the line [mÅ]."""
    means = {name: series[result.start :].mean(axis=0) for name, series in result.series.items()}
    energies, currents = 1e3 * means["kinetic_energy"], nanowatts(1) * means["heat_current"][:, :2]
    return np.concatenate([energies[:, ALONG], currents, 1e3 * means["place"][:, ALONG]], axis=1)


LABELS = [
    *(f"kinetic energy of atom {k}, along [meV]" for k in (2, 3, 4)),
    *(f"heat current into {side} [nW]" for side in "LR"),
    *(f"mean place of atom {k}, along [mÅ]" for k in (2, 3, 4)),
]


def cold(steps):
    """At 3 and 1 K, beside the harmonic twin as control variate."""
    result, seconds = run(line_junction(3.0, 1.0), steps, reference="harmonic", control=True)
    print(f"\n3 and 1 K, {seconds:.0f} s: EMT over the exact harmonic answer")
    for name in ("kinetic_energy", "heat_current"):
        found, exact = result.estimates[f"controlled_{name}"], result.estimates[f"reference_{name}"].grid
        rows = zip(found.value / exact, np.abs(found.stderr / exact), strict=True)
        print(f"{name}: " + ", ".join(f"{value:.4f} ± {error:.4f}" for value, error in rows))


def warm(title, junction, fit, error, steps):
    """EMT, the fit and K alone, the same noise."""
    emt, seconds = run(junction, steps)
    others = [run(junction.with_anharmonic(force), steps, start="rest")[0] for force in (fit, None)]
    found, by_fit, harmonic = (numbers(result) for result in (emt, *others))
    print(f"\n{title}, {seconds:.0f} s; error of the fitted forces {error:.1%} of the anharmonic ones")
    print(f"{'':38} {'EMT':>18} {'EMT - harmonic':>21} {'EMT - fit':>21}")
    for k, label in enumerate(LABELS):
        columns = (found[:, k], found[:, k] - harmonic[:, k], found[:, k] - by_fit[:, k])
        texts = [f"{values.mean():9.4f} ± {values.std(ddof=1) / np.sqrt(len(values)):7.4f}" for values in columns]
        print(f"{label:38} {texts[0]:>18} {texts[1]:>21} {texts[2]:>21}")


def main():
    """Print everything."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    speed()
    cold(steps)
    warm("90 and 30 K", line_junction(90.0, 30.0), *fitted(90.0, range(9), 700, 800), steps)
    warm(
        "450 and 150 K, motion along the line", line_junction(450.0, 150.0, 0.01), *fitted(450.0, ALONG, 20, 400), steps
    )


if __name__ == "__main__":
    main()
