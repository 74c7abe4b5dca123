"""What report and terminal say of a run that was made shorter or sharper: target, control variates, certificate."""

import re
import warnings
from dataclasses import replace

import numpy as np
import pytest
from analysis_toys import small_junction, small_run

import sgle
from sgle.analysis.certificate import certificate, certified
from sgle.analysis.control import gain
from sgle.analysis.report import html
from sgle.analysis.report_compare import beside, solutions
from sgle.analysis.report_text import remarks
from sgle.cli.describe import summary
from sgle.recipe import Recipe


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A run with everything at once, read back from its file."""
    path = tmp_path_factory.mktemp("remarks") / "results.h5"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        small_run(
            small_junction(),
            steps=500,
            memory="auxiliary",
            memory_error=0.02,
            control=True,
            target_error=0.01,
            start="rest",
        ).save(path)
    return sgle.load(path)


def words(page):
    """The text of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<style.*?</style>", "", page, flags=re.S)))


def test_report_and_terminal_say_how_it_was_made(fitted):
    page, shown = words(html(fitted, {})), summary(fitted)
    for text in (
        "kinetic energy, the reference as control variate",
        "memory auxiliary, error 0.02",
        "target error 0.01",
    ):
        assert text in page
    assert "step by step, from rest" in page and "control variates reference, same noise" in page
    assert "kinetic energy, zero bias as control variate" in shown
    for said in remarks(fitted):
        assert said in shown and said[1:] in page
    assert "target error not reached" in shown and "times as many trajectories" in shown


def test_the_certificate_is_that_of_the_junction(fitted):
    found = certificate(fitted)
    assert set(found.variables) == set(found.error) <= set(fitted.junction.baths)
    said = " ".join(certified(fitted))
    for name, count in found.variables.items():
        assert f"memory of {name}: {count} auxiliary variables" in said
        assert f"{found.error[name]:.1e} of its largest broadening" in said
    assert f"up to {np.abs(found.energy).max():.1e} of each" in said
    whole = sgle.Grid(fitted.settings["time_step"])
    exact = sgle.landauer.answers(fitted.junction, whole.realise()).kinetic_energy
    np.testing.assert_allclose(fitted.kinetic_energy.grid, exact * (1 + found.energy), rtol=1e-3)


def test_gain_is_the_ratio_of_the_error_bars(fitted):
    plain, sharp = (fitted.estimates[name].stderr for name in ("kinetic_energy", "controlled_kinetic_energy"))
    assert f"{(plain / sharp).max():.2g} times smaller" in gain(fitted.estimates)
    assert np.all(plain > 2 * sharp)


def test_a_plain_run_says_nothing(result):
    assert certificate(result) is None and gain(result.estimates) == ""
    assert remarks(result) == []
    assert "control variate" not in words(html(result, {}))
    drawn = replace(result, settings=result.settings | {"method": "stationary"})
    assert "stationary motion, drawn at once" in words(html(drawn, {}))


def test_the_exact_answers_of_a_report_are_counted(result):
    """What `sgle check` takes the time of a report from, against the answers that are really worked out."""
    compared = replace(result, recipe=Recipe.load("gold-chain").text)
    plain = {name: each for name, each in compared.estimates.items() if not name.startswith("excess")}
    for each, found in ((result, 0), (compared, 2), (replace(compared, estimates=plain), 4)):
        sgle.landauer.answers(each.junction)
        before = sgle.landauer._answers.cache_info().misses
        beside(each)
        assert solutions(each) == found == sgle.landauer._answers.cache_info().misses - before
