"""Pictures of instabilities: what is drawn is what was found, in the units asked for; nothing in them warns."""

from types import SimpleNamespace

import numpy as np
import pytest
from error_bars import SEED
from laws.runaway import bond, runaway

from sgle import Grid, simulate
from sgle.analysis.instability import plot_cycle, plots
from sgle.analysis.instability.balance import harmonic_balance
from sgle.analysis.instability.cycle import CycleMotion, limit_cycle
from sgle.analysis.instability.growth import growth_rate
from sgle.analysis.instability.lifetime import exponential_rate
from sgle.analysis.instability.survival import Passages, kaplan_meier
from sgle.analysis.plot_style import png
from sgle.errors import InputError
from sgle.units import EV

SMALL = {"time_step": 0.2, "seed": SEED, "memory": "local", "progress": False}


@pytest.fixture(scope="module")
def run():
    junction = runaway(2.6, force=bond(1e-4))
    watch = CycleMotion.of(junction, Grid(0.2, memory="local"))
    more = {"steps": 3000, "burn_in": 3000, "trajectories": 8, "observers": {"cycle": watch}, "spectrum_segment": 0}
    return simulate(junction, **SMALL | more), watch


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


def test_growth_draws_the_fit_through_the_data():
    found = growth_rate(runaway(2.5), **SMALL, trajectories=12)
    figure = plots.growth(found, EV)
    top, bottom = figure.axes
    drawn = lines(top)
    fit = next(line for label, line in drawn.items() if label.startswith("fit"))
    time, energy = fit.get_data()
    slope = np.diff(np.log(energy[[0, -1]]))[0] / np.diff(time[[0, -1]])[0]
    assert slope * EV.scale("time") / 2 == pytest.approx(found.rate.value, rel=1e-9)
    assert "meV" in fit.get_label() and "exact, continuum" in " ".join(drawn)
    mean = drawn["geometric mean of all trajectories"].get_data()[1]
    assert mean[-1] == pytest.approx(EV.scale("energy") * np.exp(np.log(found.energy[-1]).mean()), rel=1e-9)
    assert bottom.get_ylim()[0] < 1 < bottom.get_ylim()[1]
    assert png(figure)[:4] == b"\x89PNG"


def test_orbit_and_ledger(run):
    result, watch = run
    cycle = limit_cycle(result, watch)
    figure = plot_cycle.orbit(result, cycle, watch, harmonic_balance(result.junction, result.grid))
    x, y = lines(figure.axes[0])["ellipse of the second moments"].get_data()
    assert np.hypot(x, y).max() == pytest.approx(cycle.orbit.axes.value[0], rel=1e-3)
    # The path runs through the plane in the sense of the angular momentum.
    assert np.sign(np.sum(x[:-1] * y[1:] - y[:-1] * x[1:])) == cycle.orbit.sense
    assert png(figure)
    figure = plot_cycle.ledger(result)
    top, bottom = figure.axes
    assert {"all", "harmonic", "anharmonic"} <= set(lines(top))
    assert {"into L", "into R", "into e", "sum"} <= set(lines(bottom))
    into_r = lines(bottom)["into R"].get_data()[1]
    assert into_r[-5:].mean() == pytest.approx(cycle.heat["R"].value, rel=0.05)
    assert png(figure)
    assert png(plots.distribution(cycle.energy, units=EV))


def test_survival_curve():
    rng = np.random.default_rng(SEED)
    time, end = rng.exponential(2.0, 40), rng.uniform(1, 5, 40)
    passages = Passages.of(np.where(time < end, time, np.nan), end)
    curve, rate = kaplan_meier(passages), exponential_rate(passages)
    figure = plots.survival(curve, passages, rate)
    drawn = lines(figure.axes[0])
    place, height = drawn["sampled (Kaplan-Meier)"].get_data()
    np.testing.assert_allclose(height[1:-1], curve.survival)
    assert place[-1] == curve.end
    assert any("exponential, mean" in label for label in drawn) and any("still whole" in label for label in drawn)
    assert png(figure) and png(plots.survival(curve, passages))


def test_pictures_that_need_snapshots():
    result = SimpleNamespace(snapshots=None)
    with pytest.raises(InputError, match="no snapshots"):
        plot_cycle.ledger(result)
    with pytest.raises(InputError, match="no snapshots"):
        plot_cycle.orbit(result, None, None)
