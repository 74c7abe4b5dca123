"""Limit cycles and lifetimes of recipes: rebuilt from a result alone, in tables, sentences and pictures."""

import numpy as np
import pytest
from end_to_end.example import RUNAWAY

import sgle
from sgle.analysis.beyond import UNLIKELY, cycle_of, cycle_rows, lifetime_sentence, lifetimes_of
from sgle.analysis.cycle_sweep import cycle_csv, cycle_figure
from sgle.analysis.instability.balance import harmonic_balance
from sgle.analysis.plot_saturation import saturation
from sgle.analysis.report_beyond import Beyond, caption
from sgle.cli.asked import asked
from sgle.errors import RecipeError
from sgle.recipe import Recipe
from sgle.units import EV, NATURAL

TEXT = (
    RUNAWAY
    + """
[anharmonic]
kind = "polynomial"
sites = [0, 1]
quartic = 0.002
[cycle]
plane = [1, 0]
[lifetime.near]
bond = [0, 1]
limit = 5.0
[lifetime.far]
bond = [1, 0]
limit = 500.0
[run]
time_step = 0.1
burn_in = 200.0
steps = 6000
trajectories = 24
seed = 5
"""
)


@pytest.fixture(scope="module")
def recipe():
    return Recipe.from_bytes(TEXT.encode())


@pytest.fixture(scope="module")
def loaded(recipe, tmp_path_factory):
    """A run, written and read again."""
    junction = recipe.junction()
    settings = {**recipe.settings, **asked(recipe, junction)}
    result = sgle.simulate(junction, **settings, recipe=recipe.text, progress=False)
    path = tmp_path_factory.mktemp("beyond") / "results.h5"
    result.save(path)
    return sgle.load(path)


def test_cycle_is_known_from_the_file_alone(loaded, recipe):
    found = cycle_of(loaded)
    exact = harmonic_balance(recipe.junction(), recipe.grid())
    assert found.watch.plane == pytest.approx(np.array([[0, 1], [1, 0]]))
    for sampled, expected in ((found.found.amplitude, exact.amplitude), (found.found.taken, -exact.heat["e"])):
        assert sampled.stderr < 0.015 * expected
        assert abs(sampled.value - expected) < 5 * sampled.stderr + 0.01 * expected  # noise moves it by some per mille
    assert found.taken == pytest.approx(exact.heat["L"] + exact.heat["R"], rel=5e-4)  # but for the time step
    assert found.found.orbit.sense == -1  # from the second dof to the first, as the plane is given


def test_rows_have_both_answers_in_display_units(loaded):
    found = cycle_of(loaded)
    rows = {row[0]: row[1:] for row in cycle_rows(found, NATURAL)}
    assert rows["frequency"][1] == f"{found.exact.frequency:.6g}" and rows["eccentricity"][1] == "–"
    in_ev = {row[0]: row[1:] for row in cycle_rows(found, EV)}
    assert in_ev["frequency [meV]"][1] == f"{1e3 * found.exact.frequency:.6g}"
    assert set(rows) >= {"heat into L", "heat into R", "heat into e", "power taken from the current"}


def test_lifetimes_of_what_breaks_and_what_does_not(loaded):
    near, far = sorted(lifetimes_of(loaded), key=lambda each: each.limit)
    assert near.name == "near" and near.passages.events == 24 and far.passages.events == 0
    middle = np.median(near.passages.time)
    assert near.survival.median[0] == pytest.approx(middle, rel=0.1)
    assert f"half have passed by {near.survival.median[0]:.4g} (" in lifetime_sentence(near, NATURAL)
    assert far.rate.value == 0.0 and far.survival is None
    watched = 24 * (6000 * 0.1)  # behind the burn-in of 200
    assert far.rate.exposure == pytest.approx(watched, rel=0.01)
    assert f"the rate is below {far.rate.upper:.3g} per unit of time" in lifetime_sentence(far, NATURAL)


def test_growth_from_rest_is_no_constant_rate(loaded):
    """All pass while the mode grows, none at the beginning: Kolmogorov's and Laplace's test see that."""
    near = next(each for each in lifetimes_of(loaded) if each.name == "near")
    assert near.test.p < UNLIKELY
    steady = next(figure for name, figure in Beyond(loaded).figures().items() if name == "survival_near")
    assert not any("exponential" in line.get_label() for line in steady.axes[0].get_lines())


def test_pictures_have_captions(loaded):
    found = Beyond(loaded)
    figures = found.figures()
    assert set(figures) == {"orbit", "saturation", "mode_distribution", "survival_near"}
    assert all(len(caption(name)) > 40 for name in figures)
    assert "power taken from the current" in "".join(found.tables())


def test_saturation_starts_below_and_ends_on_the_cycle(loaded):
    found = cycle_of(loaded)
    lines = {line.get_label(): line for line in saturation(loaded, found.found.mode, found.exact).axes[0].get_lines()}
    typical = lines["geometric mean of trajectories"].get_ydata()
    level = lines["cycle without noise"].get_ydata()[0]
    assert typical[0] < 0.05 * level and np.mean(typical[len(typical) // 2 :]) == pytest.approx(level, rel=0.1)
    growth = lines[r"$e^{2\,\mathrm{Im}\,z\,t}$, exact"]
    time, energy = growth.get_data()
    slope = np.polyfit(time, np.log(energy), 1)[0]
    assert slope == pytest.approx(2 * found.found.mode.z.imag, rel=1e-6)


def test_sweep_of_cycles(loaded):
    found = cycle_of(loaded)
    text = cycle_csv("bias", [2.0, 2.6], [None, found], NATURAL).splitlines()
    assert text[1] == "2.0" and len(text[2].split(",")) == 10
    figure = cycle_figure("bias", [2.0, 2.6], [None, found], NATURAL, "title", critical=2.07)
    line = next(line for line in figure.axes[0].get_lines() if line.get_label() == "without noise")
    assert line.get_xydata() == pytest.approx(np.array([[2.07, 0.0], [2.6, found.exact.amplitude**2]]))


def test_what_is_not_there_is_told_with_its_path():
    mistaken = Recipe.from_bytes(TEXT.encode(), overrides=["lifetime.far.bond=[0, 7]"])
    with pytest.raises(RecipeError, match=r"^lifetime.far: elongation: dof 7 is not among 0 \.\.\. 1$"):
        asked(mistaken, mistaken.junction())
    mistaken = Recipe.from_bytes(TEXT.encode(), overrides=["cycle.plane=[0, 7]"])
    with pytest.raises(RecipeError, match=r"^cycle.plane: dof 7 is not among 0 \.\.\. 1$"):
        asked(mistaken, mistaken.junction())
