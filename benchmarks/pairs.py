"""Electron-hole pairs of two levels: seconds and digits of the roads to their rates and to an energy current.

Run by hand from the project's folder, on one core:

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.pairs

The rival is the script that one writes for such a model: scipy.integrate.quad over the energy at each frequency, and a
second one around it over the frequency. Model: 001 Fig. 2, the junction of the cold spot, and the resonant one, cold.
"""

import warnings
from time import perf_counter

import numpy as np
from scipy.integrate import quad

from sgle import Junction
from sgle.baths import drude, level_pairs
from sgle.ehp import LowestOrderWarning, pair_currents, pair_rates, two_levels
from sgle.electronic.pairs import CHANNELS, ElectronHolePairs, Occupation
from sgle.occupation import bose, fermi

M, OMEGA = np.array([[[0.0, 0.1], [0.1, 0.0]]]), np.linspace(0.05, 2.0, 200)
CASES = {"cold spot": ((0.5, -0.4), 0.2, 0.6), "resonant, cold": ((0.5, -0.5), 0.05, 0.005)}


def timed(function):
    """What a function returns, and the seconds it took."""
    start = perf_counter()
    return function(), perf_counter() - start


def script_rate(omega, energies, gamma, mu, t, upper):
    """Γ^{LR} (upper = 0) or Γ^{RL} at one frequency by scipy's quad."""

    def lorentzian(energy, level):
        return gamma / ((energy - energies[level]) ** 2 + gamma**2 / 4)

    def integrand(energy):
        spectral = lorentzian(energy + omega, upper) * lorentzian(energy, 1 - upper)
        occupied = fermi(energy - mu[1 - upper], t) - fermi(energy + omega - mu[upper], t)
        return 0.01 * spectral * occupied / (2 * np.pi)

    points = [energies[1 - upper], energies[upper] - omega]
    return quad(integrand, -20, 20, points=points, epsabs=1e-12, epsrel=1e-10, limit=500)[0]


def script_current(energies, gamma, t_e, t_ph, damping=0.05):
    """J at lowest order, without bias, by quad around quad."""

    def integrand(omega):
        spectrum = 2 * damping * omega / ((omega**2 - 1) ** 2 + (damping * omega) ** 2)
        pairs = sum(script_rate(omega, energies, gamma, (0.0, 0.0), t_e, upper) for upper in (0, 1))
        return omega * pairs * spectrum * (bose(omega, t_e) - bose(omega, t_ph)) / (2 * np.pi)

    return quad(integrand, 1e-6, 30, points=[0.9, 1.0, 1.1], epsrel=1e-7, limit=500)[0]


def rates(energies, gamma, t):
    """Seconds and largest relative error of the rates of all channels, by each road."""
    structure, occupation = two_levels(energies, (gamma, gamma)), Occupation(0.25, -0.25, t, t)
    exact, closed = timed(lambda: pair_rates(structure, M, OMEGA, occupation, spin=1, road="closed"))
    scale = np.abs(exact.broadening).max()
    by_quadrature, slow = timed(lambda: pair_rates(structure, M, OMEGA, occupation, spin=1, road="quadrature"))
    mu = (0.25, -0.25)
    script, seconds = timed(
        lambda: np.array([[script_rate(w, energies, gamma, mu, t, upper) for w in OMEGA] for upper in (0, 1)])
    )
    known = exact.broadening[[CHANNELS.index("LR"), CHANNELS.index("RL")], :, 0, 0].real
    table = ElectronHolePairs(structure, M, 2.0, frequency_step=0.01, energy_step=0.01)
    tabulated, tables = timed(lambda: table.rates(occupation).broadening / 2)
    at = np.round(OMEGA / 0.01).astype(int)
    there = pair_rates(structure, M, 0.01 * at, occupation, spin=1).broadening
    return {
        "closed form": (closed, 0.0),
        "quadrature": (slow, np.abs(by_quadrature.broadening - exact.broadening).max() / scale),
        "table of T(ε)": (tables, np.abs(tabulated[:, at] - there).max() / scale),
        "script": (seconds, np.abs(script - known).max() / scale),
    }


def main():
    """Print the tables of benchmarks/README.md."""
    for name, (energies, gamma, t) in CASES.items():
        print(f"{name}: rates of four channels at {OMEGA.size} frequencies")
        for road, (seconds, error) in rates(energies, gamma, t).items():
            print(f"  {road:15s} {seconds:8.3f} s   differs by {error:.1e}")
    baths = {
        "ph": drude([[0.05]], 1e9, 0.4, [0]),
        "e": level_pairs([[0.5, 0], [0, -0.4]], [0.2, 0], [0, 0.2], M, bias=0, temperature=0.6, dofs=[0], spin=1),
    }
    warnings.simplefilter("ignore", LowestOrderWarning)
    found, seconds = timed(lambda: pair_currents(Junction([[1.0]], baths), "lowest").total)
    script, slow = timed(lambda: script_current((0.5, -0.4), 0.2, 0.6, 0.4))
    print(f"energy current of the cold spot: {found:.9e} in {seconds:.3f} s; script {script:.9e} in {slow:.1f} s")


if __name__ == "__main__":
    main()
