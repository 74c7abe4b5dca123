"""The predicted cost of a run: what is counted, on a clock that ticks when read (real: benchmarks/prediction.py)."""

from itertools import count

import pytest

from sgle.cli.check import prepare
from sgle.cli.cost import predict
from sgle.recipe import Recipe

SHORT = ["run.steps=600", "run.trajectories=60", "run.batch=20"]


def ticking():
    """A clock on which a second passes between two looks."""
    ticks = count()
    return lambda: float(next(ticks))


@pytest.fixture(scope="module")
def made():
    recipe = Recipe.load("minimal-model", SHORT)
    return prepare(recipe, recipe.junction(), 0.0, ticking())


def test_what_is_counted(made, monkeypatch):
    """Three batches of a second each here, two rounds of them by two workers, after a set-up of their own."""
    one = predict(made.question, made.models, made.setup, clock=ticking())
    plan = made.question.plan
    assert plan.steps >= 600 and len(made.models) == 2 and len(plan.batches) == 3
    assert one.work == 2 * 60 * plan.total
    assert one.sampling == pytest.approx(3.0)
    assert one.writing == pytest.approx(4 / 2)  # a third, two thirds, the whole
    assert one.report > 3.0  # a second for each picture
    assert one.total == pytest.approx(one.setup + one.sampling + one.writing + one.report)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    many = predict(made.question, made.models, 5.0, workers=64, clock=ticking())
    assert many.sampling == pytest.approx(5.0 + 2.0) and many.report == one.report


def test_anharmonic_run_longer_than_the_trial():
    """Everything that grows with the run is as long as the run: snapshots, too, which the report draws."""
    recipe = Recipe.load("limit-cycle", ["run.steps=200_000", "run.trajectories=4", "run.burn_in=50.0"])
    made = prepare(recipe, recipe.junction(), 0.0, ticking())
    found = predict(made.question, made.models, made.setup, clock=ticking())
    assert found.report > 3.0 and found.work == 4 * made.question.plan.total
