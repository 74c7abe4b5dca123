"""Quanta of modes as an estimate: what is counted, its exact answers, what it is told to mean, where it is kept."""

import warnings
from dataclasses import replace
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from analysis_toys import SMALL_RUN, small_junction
from error_bars import limit

import sgle
from sgle import Junction, baths, simulate
from sgle.analysis.estimate import Estimate
from sgle.analysis.population import NAME, ModePopulation, mode_population
from sgle.analysis.population_rows import heading, population_rows
from sgle.analysis.report import html
from sgle.analysis.result_file import load
from sgle.analysis.target import reached
from sgle.anharmonic import polynomial
from sgle.cli.asked import asked
from sgle.cli.describe import summary
from sgle.errors import BathError, ContinuumWarning, InputError, KernelWarning, SgleWarning
from sgle.occupation import bose
from sgle.recipe import Recipe

SHORT = SMALL_RUN | {"steps": 2000, "reference": None, "spectrum_segment": 0, "populations": True}


def run(junction, **changes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KernelWarning)
        warnings.simplefilter("ignore", ContinuumWarning)
        return simulate(junction, **SHORT | changes)


@pytest.fixture(scope="module")
def counted():
    return run(small_junction())


def equilibrium(friction, temperature=0.4):
    """Two coupled sites, each weakly damped."""
    both = {name: baths.ohmic(friction, 4.0, temperature, [dof]) for dof, name in enumerate("LR")}
    return Junction([[1.0, -0.2], [-0.2, 1.2]], both)


@pytest.mark.parametrize("switch", [(), ("zero_point",)])
def test_weakly_damped_modes_hold_a_bose_function(switch):
    """With zero point and without, to first order in the friction."""
    deviations = []
    for friction in (1e-2, 1e-3):
        junction = equilibrium(friction).without(*switch)
        mode = mode_population(junction)
        np.testing.assert_allclose(mode.frequency**2, np.linalg.eigvalsh(junction.dynamical_matrix), rtol=1e-12)
        deviations.append(mode.exact(junction, None)[0] / bose(mode.frequency, 0.4) - 1)
    first, second = np.abs(deviations)
    assert np.all(second < 5e-3) and np.all(second < 0.15 * first)


def test_classical_noise_has_no_zero_point():
    junction = equilibrium(1e-3).without("quantum_noise")
    mode = mode_population(junction)
    assert mode.zero_point == 0
    np.testing.assert_allclose(mode.exact(junction, None)[0], 0.4 / mode.frequency, rtol=1e-2)


def test_one_block():
    """Modes (0.6, 0.8) of Ω = 2 and (-0.8, 0.6) of Ω = 3: v = (3, 1) is 2.6 and -1.8 of them."""
    shape = np.array([[0.6, -0.8], [0.8, 0.6]])
    block = SimpleNamespace(velocity=np.array([[[3.0, 1.0]]]))
    np.testing.assert_allclose(ModePopulation(np.array([2.0, 3.0]), shape, 0.5)(block), [[[2.88, 0.58]]])
    np.testing.assert_allclose(ModePopulation(np.array([2.0, 3.0]), shape, 0.0)(block), [[[3.38, 1.08]]])


def test_sampled_beside_its_exact_answers(counted):
    """The same modes as the energies that the kinetic ones add up to; judged with the other numbers."""
    found, mode = counted.estimates[NAME], mode_population(counted.junction)
    assert np.all(np.abs(found.z) < limit(found.degrees, 2)) and np.all(found.stderr < 0.2 * (found.grid + 0.5))
    for numbers, energies in (
        (found.value, counted.kinetic_energy.value),
        (found.grid, counted.kinetic_energy.grid),
        (found.continuum, counted.kinetic_energy.continuum),
    ):
        assert mode.frequency @ (numbers + 0.5) == pytest.approx(2 * energies.sum(), rel=1e-6)
    assert found.grid[0] > found.grid[1]
    assert [row.label for row in counted.crosscheck.rows if row.group == NAME] == ["mode 0", "mode 1"]
    judged = replace(counted, estimates={name: counted.estimates[name] for name in ("kinetic_energy", NAME)})
    assert reached(judged, 0.05).worst.startswith(NAME)  # a target error is one of the quanta, too


def test_numbers_depend_neither_on_batches_nor_on_what_else_is_observed(counted):
    other = run(small_junction(), batch=7)
    np.testing.assert_allclose(other.series[NAME], counted.series[NAME], rtol=1e-9, atol=1e-12)
    alone = run(small_junction(), populations=False)
    assert NAME not in alone.estimates
    np.testing.assert_array_equal(alone.kinetic_energy.value, counted.kinetic_energy.value)


def test_workers_and_resume_change_no_bit(tmp_path):
    few = {"steps": 300, "trajectories": 6, "batch": 3}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SgleWarning)
        alone, shared = run(small_junction(), **few), run(small_junction(), workers=2, folder=tmp_path, **few)
        (tmp_path / "batch-00001.done").unlink()
        again = run(small_junction(), folder=tmp_path, resume=True, **few)
    for other in (shared, again):
        np.testing.assert_array_equal(other.series[NAME], alone.series[NAME])


def test_temperature_and_potential_of_a_number():
    """T_eff and μ of n_B(Ω, T) are T and, for electrons of temperature T, 0; error bars are slopes."""
    junction = small_junction(electron_temperature=0.3)
    omega = mode_population(junction).frequency
    number = bose(omega, 0.3)
    result = SimpleNamespace(junction=junction, estimates={NAME: Estimate(number, 1e-6 * number, np.ones(2))})
    for k, row in enumerate(population_rows(result)):
        assert row.temperature.value == pytest.approx(0.3, rel=1e-12) and abs(row.potential.value) < 1e-12
        moved = bose(omega[k], 0.3 + row.temperature.stderr), bose(omega[k] - row.potential.stderr, 0.3)
        assert moved == pytest.approx(2 * [number[k] * (1 + 1e-6)], rel=1e-10)
    result.estimates[NAME] = Estimate([-0.01, 0.2], [0.02, 0.01], [1, 1])
    first, second = population_rows(result)
    assert first.cells(sgle.units.NATURAL)[4:] == ("–", "–") and "–" not in second.cells(sgle.units.NATURAL)
    assert heading(sgle.units.EV)[4:] == ("as hot as [K]", "chemical potential [meV]")
    result.junction = equilibrium(0.01)  # no electrons: no chemical potential
    assert population_rows(result)[1].cells(sgle.units.NATURAL)[5] == "–"


def test_where_it_is_told_and_kept(counted, tmp_path):
    counted.save(tmp_path / "results.h5")
    with h5py.File(tmp_path / "results.h5") as file:
        assert file["estimates"][NAME]["value"].dims[0][0].name == "/mode"
    again = load(tmp_path / "results.h5")
    for part in ("value", "stderr", "grid", "continuum"):
        np.testing.assert_array_equal(getattr(again.estimates[NAME], part), getattr(counted.estimates[NAME], part))
    assert [row.golden for row in population_rows(again)] == [row.golden for row in population_rows(counted)]
    page, told = html(again, {}), summary(again)
    for text in (page, told):
        assert "golden rule" in text and "chemical potential" in text and "quanta" in text
    assert told.count("mode 1") == 2


def test_electrons_of_levels_survive_a_file(tmp_path):
    """Results and junction of a level_pairs bath come back, with the same answers."""
    electrons = baths.level_pairs(
        [[0.5, 0.1], [0.1, -0.5]], [0.4, 0], [0, 0.4], [[0, 0.1], [0.1, 0]], bias=0.5, temperature=0.2, dofs=[0]
    )
    junction = Junction([[1.0]], {"ph": baths.ohmic(0.1, 4.0, 0.2, [0]), "e": electrons})
    found = run(junction.without("zero_point"), memory="auxiliary", trajectories=48)
    found.save(tmp_path / "results.h5")
    again = load(tmp_path / "results.h5")
    assert population_rows(again)[0].golden == population_rows(found)[0].golden
    assert sgle.landauer.heat_currents(again.junction) == sgle.landauer.heat_currents(found.junction)
    assert again.junction.baths["e"].switched_off == ("zero_point",)
    moved = again.junction.at_bias(0.2).baths["e"].broadening(np.ones(1))
    np.testing.assert_array_equal(moved, found.junction.at_bias(0.2).baths["e"].broadening(np.ones(1)))


def test_anharmonic_motion_is_counted_without_exact_answers():
    force = polynomial([[1.0, 0.0]], quartic=[0.02])
    found = run(equilibrium(0.2).with_anharmonic(force), steps=400, burn_in=100)
    number = found.estimates[NAME]
    assert number.grid is None and number.value.shape == (2,) and len(population_rows(found)) == 2
    assert np.all(number.value != 0)


def test_a_recipe_asks_for_it_by_its_pairs():
    for name, counts in (("electronic-heating", True), ("minimal-model", False)):
        recipe = Recipe.load(name)
        assert asked(recipe, recipe.junction()).get("populations", False) is counts


def test_refusals():
    some = small_junction()
    mixed = some.replace(L=some.baths["L"].without("zero_point"))
    with pytest.raises(InputError, match=r"R, e has zero-point motion, that of L \(normal\) has not") as caught:
        run(mixed)
    assert caught.value.quantum == ["R", "e"]
    free = Junction([[1.0, -1.0], [-1.0, 1.0]], dict(equilibrium(0.1).baths))
    with pytest.raises(BathError, match="holds no quanta"):
        run(free)
    with pytest.raises(InputError, match="are taken"):
        run(some, populations=False, observers={NAME: lambda block: block.velocity})
