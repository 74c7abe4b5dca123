"""Study [jellium]: maps mirrored from a quarter, lines, and the numbers of the reference (J3, J5, J6)."""

import csv

import numpy as np
import pytest

from sgle.analysis.studies.jellium import answer
from sgle.errors import PhysicsError, RecipeError
from sgle.jellium import Wire, curl_map, lorentz_map
from sgle.recipe import Recipe


def asked(name, *overrides):
    return answer(Recipe.load(name, ["jellium.points=6", "jellium.line=4", *overrides]))


def rows(text):
    head, *body = csv.reader(text.splitlines())
    return head, np.array([[float(value) for value in row[-5:]] for row in body])


def test_printed_numbers_of_fig_6():
    found = asked("jellium-curl")
    line = next(line.split() for line in found.text.splitlines() if line.startswith("0.25 "))
    wanted = [0.25, 0.714976, -6.592711, 0.797810, -7.061179, 0.818808, -7.158704]
    np.testing.assert_allclose([float(value) for value in line], wanted, rtol=1e-5)
    assert "nearest subband (12, 16) and (16, 12) begins 0 ε_F from the Fermi level, left out" in found.text


def test_printed_numbers_of_the_field():
    """J6: d = 0.25 and the ratio of the two forces; at another frequency the field turns around."""
    found = asked("jellium-lorentz", "jellium.distances=[0.25]", "sweep={'jellium.frequency'=[1e-3, 1e-2]}")
    line = next(line.split() for line in found.text.splitlines() if line.startswith("0.25 "))
    assert float(line[1]) == pytest.approx(-1.290176, rel=2e-5)
    assert float(line[2]) == pytest.approx(8.17401, rel=2e-5)
    assert float(line[3]) == pytest.approx(0.244512, rel=2e-5)
    assert float(found.text.rsplit(" ", 1)[1]) == pytest.approx(0.025, abs=5e-4)


@pytest.mark.parametrize("force", ["curl", "lorentz"])
def test_the_map_is_mirrored_as_the_wire_is(force):
    """Every point of the map is what a map of the whole cross-section has there, signs included; no square."""
    rest = ["sweep={}", "jellium.width=3.3", "jellium.height=2.6", "jellium.distances=[0.5]", 'jellium.edges="refuse"']
    more = ["jellium.frequency=0.01", "jellium.bias=0.02", "jellium.rtol=1e-6", f'jellium.force="{force}"']
    head, table = rows(asked("jellium-curl", *rest, *more).tables["map.csv"])
    x, y = np.unique(table[:, 0].round(12)), np.unique(table[:, 1].round(12))
    assert len(x) == len(y) == 11 and head[-1] == {"curl": "curl_y", "lorentz": "B_y"}[force]
    function = {"curl": curl_map, "lorentz": lorentz_map}[force]
    whole = function(Wire(3.3, 2.6), x, y, bias=0.02, frequency=0.01, rtol=1e-6)
    value = whole[2]
    vector = whole[3]
    np.testing.assert_allclose(table[:, 2].reshape(11, 11), value, atol=1e-5 * np.abs(value).max())
    for k in (0, 1):
        part = table[:, 3 + k].reshape(11, 11)
        np.testing.assert_allclose(part, vector[k], atol=1e-5 * np.abs(vector).max())
        assert np.abs(part + vector[k]).max() > 0.5 * np.abs(vector).max()


def test_picture():
    found = asked("jellium-curl")
    (figure,) = found.pictures.values()
    curves = {line.get_label() for line in figure.axes[2].lines}
    assert {"width 10", "width 20", "endless metal"} <= curves
    low, high = figure.axes[1].collections[0].get_clim()
    assert low == -high < 0
    head, body = rows(found.tables["line.csv"].replace("width 10", "10").replace("width 20", "20"))
    assert head == ["line", "d", "L", "curl_y"] and len(body) == 8


def test_refusals():
    with pytest.raises(PhysicsError, match=r"\(12, 16\) and \(16, 12\)"):
        asked("jellium-curl", 'jellium.edges="refuse"')
    with pytest.raises(RecipeError, match="one swept key"):
        asked("jellium-curl", "sweep={'jellium.width'=[3.3, 4.4], 'jellium.bias'=[0.0, 0.1]}")
