"""Eigenfrequencies and thresholds: seconds, and how often the usual short cut is wrong.

Run by hand from the project's folder, on one core:

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.stability

The short cut, which most codes take: follow each eigenvector of K + Π(Re z) until z² is its eigenvalue, without any
continuation of Π (sgle.stability.resonances does that, for break points only). The judge: eigenvalues of the motion
with its Drude memories as auxiliary variables (tests/laws/linear.py).
"""

from time import perf_counter

import numpy as np

from sgle.errors import SgleError
from sgle.models import gold_chain
from sgle.stability import eigenmodes, resonances, threshold, unstable_count
from tests.laws.linear import eigenvalues, random_junction
from tests.laws.models import minimal

JUNCTIONS = 600


def timed(function):
    """What a function returns, and the seconds it took."""
    start = perf_counter()
    return function(), perf_counter() - start


def random_junctions():
    """Wrong verdicts of the short cut and of eigenmodes, worst error of Im z of the latter, seconds per junction."""
    missed = refused = wrong = 0
    worst, seconds = 0.0, 0.0
    for seed in range(JUNCTIONS):
        junction = random_junction(seed, 1 + seed % 5)
        exact = 1j * eigenvalues(junction)
        grows = bool(np.any(exact.imag > 0))
        missed += bool(np.any(resonances(junction).imag > 0)) != grows
        try:
            found, took = timed(lambda junction=junction: eigenmodes(junction))
        except SgleError:
            refused += 1
            continue
        seconds += took
        wrong += bool(found.unstable) != grows
        worst = max([worst, *(np.abs(exact - z).min() for z in found.z)])
    return missed, refused, wrong, worst, seconds / JUNCTIONS


def gold():
    """Seconds of a winding number, of all modes and of the critical bias of Au3, and of the short cut's error there."""
    junction = gold_chain(bias=1.2).without("renormalisation")
    _, counting = timed(lambda: unstable_count(junction))
    modes, finding = timed(lambda: eigenmodes(junction))
    short = resonances(junction)
    k = modes.fastest
    off = abs(short[np.argmin(np.abs(short - modes.z[k]))] - modes.z[k])
    found, seconds = timed(lambda: threshold(lambda bias: gold_chain(bias=bias).without("renormalisation"), (0.0, 1.4)))
    return counting, finding, len(modes), seconds, found.value, off, modes.z[k]


def main():
    missed, refused, wrong, worst, seconds = random_junctions()
    print(f"{JUNCTIONS} random junctions of 1 to 5 dofs: {1e3 * seconds:.1f} ms each")
    print(f"  verdict wrong: eigenmodes {wrong}, refused {refused}; the short cut {missed}")
    print(f"  worst error of an eigenfrequency: {worst:.1e}")
    found, took = timed(lambda: threshold(minimal, (0.0, 12.0)))
    print(f"critical bias of the minimal model: {found.value:.12f}, {took:.2f} s")
    counting, finding, count, seconds, value, off, z = gold()
    print(f"Au3, 33 dofs at 1.2 V: winding number {counting:.2f} s, {count} modes {finding:.1f} s")
    print(f"  z = {1e3 * z:.4f} meV; the short cut is off by {1e3 * off:.4f} meV")
    print(f"  critical bias {value:.6f} V: {seconds:.1f} s")


if __name__ == "__main__":
    main()
