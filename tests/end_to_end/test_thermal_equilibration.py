"""Recipe thermal-equilibration: 004 Eq. 69 as the limit of weak friction, and sampled."""

import pytest
from error_bars import limit

from sgle import landauer, simulate
from sgle.forces import quantum_energy
from sgle.recipe import Recipe

NAME = "thermal-equilibration"


def point(temperature, *overrides):
    return Recipe.load(NAME, ["sweep={}", f"baths.e.temperature={temperature}", *overrides])


def energy(recipe):
    return 2 * landauer.kinetic_energy(recipe.junction())[0]


def test_equation_69():
    """Numbers of the page; half the coupling, a quarter of the friction, leaves a quarter of the difference."""
    page = {0.05: 0.503137, 0.3: 0.538919, 1.0: 1.082324, 3.0: 3.027771}
    assert [value for value, _ in Recipe.load(NAME).points()] == list(page)
    for temperature, wanted in page.items():
        found, weaker = (energy(point(temperature, f"baths.e.couplings=[[0.0, {c}], [{c}, 0.0]]")) for c in (0.1, 0.05))
        assert found == pytest.approx(wanted, abs=6e-7)
        limit_ = quantum_energy(1.0, temperature)
        assert (found - limit_) / (weaker - limit_) == pytest.approx(4, rel=0.02)


def test_a_trajectory_becomes_warm():
    """Sampled at T = 1 to a few per cent, far from what classical and zero-point motion alone would give."""
    recipe = point(1.0, "run.trajectories=256", "run.steps=8000", "run.seed=3")
    found = simulate(recipe.junction(), **recipe.settings, spectrum_segment=0, progress=False).kinetic_energy[0]
    assert abs(found.value - found.grid) < limit(found.degrees) * found.stderr
    assert found.stderr < 0.03 and found.value > 0.25 + 5 * found.stderr
    assert 2 * found.grid == pytest.approx(quantum_energy(1.0, 1.0), rel=2e-3)
