"""32 trajectories of a line of gold atoms driven by EMT through ASE: cold, its harmonic answers; warm, those of a
built-in potential fitted to EMT, and no longer the harmonic ones.
"""

import warnings

import numpy as np
import pytest
from error_bars import limit

pytest.importorskip("ase", reason="needs ASE: pip install 'sgle[ase]'")

from ase_structures import ALONG, fitted, line_junction

import sgle
from sgle.anharmonic import polynomial
from sgle.errors import SgleWarning
from sgle.units import ANGSTROM_AMU

TRAJECTORIES = 32
RUN = {"time_step": 20.0, "trajectories": TRAJECTORIES, "seed": 1, "spectrum_segment": 0, "progress": False}
GOLD = ANGSTROM_AMU / np.sqrt(196.966570)


def place(block):
    """Displacements in Å."""
    return block.displacement * GOLD


def simulate(junction, **changes):
    """Runs too short for the verdict: what they prove is judged here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SgleWarning)
        return sgle.simulate(junction, **RUN | changes)


def test_cold_it_moves_as_its_stiffness_says():
    """At 1 and 0.3 K, beside the harmonic twin: all energies and currents to 1 % at one standard error."""
    result = simulate(line_junction(1.0, 0.3), steps=120, burn_in=120, reference="harmonic", control=True)
    for name, size in (("kinetic_energy", 9), ("heat_current", 2)):
        found, exact = result.estimates[f"controlled_{name}"], result.estimates[f"reference_{name}"].grid
        away, error = np.abs(found.value / exact - 1), np.abs(found.stderr / exact)
        assert error.max() < 0.01 and away.max() < 0.02
        assert np.all(away < limit(TRAJECTORIES - 2, size) * error + 1e-3)  # what is anharmonic is ∝ T: 1e-3 at 1 K


@pytest.fixture(scope="module")
def warm():
    """Runs at 90 and 30 K with the same noise: EMT, harmonic, the fit, the fit with cubic terms of the wrong sign."""
    junction = line_junction(90.0, 30.0)
    fit, error = fitted(90.0, range(9), 700, 400)
    assert error < 0.2
    wrong = polynomial(fit.coordinates, cubic=-fit.parameters["cubic"], quartic=fit.parameters["quartic"])
    return [
        simulate(junction.with_anharmonic(force), steps=250, burn_in=160, start="rest", observers={"place": place})
        for force in (junction.anharmonic, None, fit, wrong)
    ]


def difference(one, other, name):
    """Mean and standard error over trajectories that had the same noise."""
    first = one.start
    means = (one.series[name] - other.series[name])[first:].mean(axis=0)
    return means.mean(axis=0), means.std(axis=0, ddof=1) / np.sqrt(TRAJECTORIES)


def test_warm_it_is_not_harmonic(warm):
    """The mean place of the last atom, which K would leave at rest."""
    emt, harmonic, *_ = warm
    shift, error = difference(emt, harmonic, "place")
    assert abs(shift[8]) > limit(TRAJECTORIES - 1) * error[8] and error[8] < 6e-4


def test_warm_it_moves_as_the_fit_does(warm):
    """All numbers within half an error bar, the mean places along the line far within; not so with a wrong sign."""
    emt, harmonic, fit, wrong = warm
    for name in ("kinetic_energy", "heat_current", "place"):
        assert np.all(np.abs(difference(emt, fit, name)[0]) < 0.5 * emt.estimates[name].stderr), name
    assert np.all(difference(emt, fit, "kinetic_energy")[1] < 0.02 * emt.kinetic_energy.value)
    shift = difference(emt, harmonic, "place")[0]
    assert np.all(np.abs(difference(emt, fit, "place")[0])[ALONG] < 0.2 * abs(shift[8]))
    off, error = difference(emt, wrong, "place")
    assert abs(off[8]) > limit(TRAJECTORIES - 1) * error[8]
