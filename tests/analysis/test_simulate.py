"""From a junction to a verdict: agreement with theory, and what the verdict would not let pass."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from analysis_toys import SMALL_RUN, small_junction, small_run
from error_bars import limit

import sgle
from sgle.analysis.crosscheck import FAILED, cross_check
from sgle.analysis.estimate import TooFewSamplesError
from sgle.errors import CrossCheckWarning, EquilibrationWarning, InputError

QUICK = {"steps": 2000, "trajectories": 6, "reference": None, "spectrum_segment": 0}


def test_everything_agrees_with_theory_and_is_sharp(result):
    check = result.crosscheck
    assert check.passed, check.summary()
    assert max(abs(row.z) for row in check.rows) < limit(check.rows[0].degrees, len(check.rows))
    assert check.largest_error < 0.02
    assert result.ledger_error < 1e-13
    assert result.equilibration.done and not result.interrupted
    energies, currents, bands = 2, 3, 4
    kinds_of_energy = 2 + 1 + 1 + 1  # per dof and per atom, twice with the excess, and the reference's per dof
    assert len(check.rows) == kinds_of_energy * energies + 3 * currents + bands * energies


def test_the_names_of_a_result(result):
    assert list(result.heat_currents) == ["L", "R", "e"]
    assert result.heat_currents["L"].grid == pytest.approx(result.estimates["heat_current"].grid[0])
    assert result.kinetic_energy.value.shape == (2,)
    np.testing.assert_allclose(result.kinetic_energy_per_atom.value, result.kinetic_energy.value)
    assert result.spectra.value.shape == (len(result.frequency), 2)
    assert "passed" in repr(result)


def test_same_noise_sharpens_the_excess(result):
    gain = result.excess_error_unpaired / result.excess_kinetic_energy.stderr
    assert np.all(gain > 2)
    for name, current in result.excess_heat_currents.items():
        assert current.stderr < result.heat_currents[name].stderr / 2
    resting = result.estimates["reference_heat_current"].grid
    excess = [current.grid for current in result.excess_heat_currents.values()]
    np.testing.assert_allclose(excess, result.estimates["heat_current"].grid - resting, atol=1e-12)
    difference = result.kinetic_energy.value - result.estimates["reference_kinetic_energy"].value
    np.testing.assert_allclose(result.excess_kinetic_energy.value, difference, rtol=1e-10)


def test_batches_do_not_change_the_numbers(result):
    again = small_run(small_junction(), batch=7)
    for name, estimate in result.estimates.items():
        np.testing.assert_allclose(again.estimates[name].value, estimate.value, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("wrong", ["classical", "hotter", "transposed"])
def test_wrong_physics_is_rejected(result, wrong):
    junction = small_junction()
    if wrong == "classical":
        junction = junction.without("quantum_noise").replace(
            L=junction.baths["L"].without("quantum_noise"), R=junction.baths["R"].without("quantum_noise")
        )
    elif wrong == "hotter":
        junction = junction.replace(L=sgle.baths.ohmic(0.2, 4.0, 0.8, [0]))
    else:
        junction = small_junction(bias=-1.0)
    grid = sgle.Grid(SMALL_RUN["time_step"])
    energy, rest = (sgle.landauer.kinetic_energy(each, grid) for each in (junction, junction.at_bias(0.0)))
    spoiled = {
        name: replace(result.estimates[name], grid=exact, continuum=exact)
        for name, exact in (("kinetic_energy", energy), ("excess_kinetic_energy", energy - rest))
    }
    check = cross_check(spoiled, {name: result.labels(name) for name in spoiled})
    assert check.verdict == FAILED


def test_observers_of_the_user_become_estimates():
    found = small_run(small_junction(), **QUICK, observers={"stretch": lambda block: block.displacement**2})
    assert found.estimates["stretch"].value.shape == (2,)
    assert found.estimates["stretch"].grid is None
    with pytest.raises(InputError, match="taken"):
        small_run(small_junction(), **QUICK, observers={"heat_current": lambda block: block.velocity})


def test_one_trajectory_is_judged_by_its_batches():
    found = small_run(small_junction(), **QUICK | {"trajectories": 1, "steps": 40_000})
    assert found.crosscheck.passed, found.crosscheck.summary()
    assert 2 < found.kinetic_energy.degrees < 64
    with pytest.raises(TooFewSamplesError):
        small_run(small_junction(), **QUICK | {"trajectories": 1, "steps": 10})


def test_no_burn_in_is_noticed():
    slow = sgle.Junction([[1.0]], {"L": sgle.baths.ohmic(0.01, 4.0, 0.5, [0])})
    with pytest.warns(EquilibrationWarning, match="burn_in"), warnings.catch_warnings():
        warnings.simplefilter("ignore", CrossCheckWarning)
        found = small_run(slow, **QUICK | {"trajectories": 64, "burn_in": 0, "steps": 4000})
    assert found.equilibration.detected
    assert any("transient" in text for text in found.warnings)
    small_run(slow, **QUICK | {"trajectories": 64, "steps": 4000})


def test_uncertain_runs_say_so():
    with pytest.warns(CrossCheckWarning, match="too large to prove anything"):
        found = small_run(small_junction(), **QUICK | {"trajectories": 3, "steps": 100, "burn_in": 100})
    assert found.crosscheck.verdict == "inconclusive"


def test_partial_results_after_every_batch():
    seen = []
    small_run(small_junction(), **QUICK, batch=2, on_batch=seen.append)
    assert [found.series["kinetic_energy"].shape[1] for found in seen] == [2, 4, 6]


def test_references_must_fit():
    other = sgle.Junction([[1.0]], {"L": sgle.baths.ohmic(0.2, 4.0, 0.5, [0])})
    with pytest.raises(InputError, match="reference"):
        small_run(small_junction(), **QUICK | {"reference": other})


def test_unknown_units_are_refused_before_anything_runs():
    with pytest.raises(InputError, match="units"):
        small_run(small_junction(), **QUICK, units="furlong")
