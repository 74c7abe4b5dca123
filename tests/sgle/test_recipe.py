"""Recipes: what is shipped loads, units are converted once, overrides and sweeps do what they say."""

import math

import numpy as np
import pytest
from end_to_end.example import CHAIN, load

from sgle.errors import RecipeError
from sgle.recipe import Recipe, shipped
from sgle.recipe.quantities import SUFFIXES
from sgle.units import BOLTZMANN, HBAR_FS


@pytest.mark.parametrize("name", [name for name in shipped() if name != "graphene-alkane"])
def test_shipped_recipe_builds(name):
    recipe = Recipe.load(name)
    junction = recipe.junction()
    assert recipe.name == name and recipe.title and recipe.description
    assert set(recipe.tables.baths) == set(junction.baths)
    assert recipe.settings["steps"] > 0
    recipe.grid()


def test_graphene_alkane_needs_its_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe = Recipe.load("graphene-alkane")
    with pytest.raises(ValueError, match=r"junction\.h5"):
        recipe.junction()


def test_units_are_converted_once():
    recipe = load(CHAIN)
    junction = recipe.junction()
    assert junction.bias == pytest.approx(0.25, rel=1e-15)
    assert junction.dynamical_matrix[0, 1] == pytest.approx(-1e-4, rel=1e-14)
    lead, electrons = junction.baths["L"], junction.baths["e"]
    assert lead.temperature == pytest.approx(300 * BOLTZMANN, rel=1e-14)
    assert electrons.temperature == pytest.approx(0.025, rel=1e-14)
    assert lead.markov().friction[0, 0] == pytest.approx(2e-3, rel=1e-12)
    assert electrons.spec["inter"][0, 1] == pytest.approx(5e-5 + 1e-4j, rel=1e-14)
    assert recipe.settings["time_step"] == pytest.approx(1 / HBAR_FS, rel=1e-14)
    assert recipe.settings["steps"] == 2000
    assert recipe.settings["burn_in"] == 500


def test_every_suffix_is_consistent_with_its_siblings():
    assert SUFFIXES["time"]["ps"] == pytest.approx(1000 * SUFFIXES["time"]["fs"])
    assert SUFFIXES["energy squared"]["meV2"] == pytest.approx(SUFFIXES["energy"]["meV"] ** 2)


def test_chain_model_is_part_of_an_endless_chain():
    matrix = Recipe.load("uniform-chain").junction().dynamical_matrix
    assert np.allclose(matrix, 2 * np.eye(4) - np.eye(4, k=1) - np.eye(4, k=-1))


def test_a_scalar_friction_is_the_same_on_every_dof():
    bath = load(CHAIN, "baths.L.dofs=[0, 1]").junction().baths["L"]
    assert np.allclose(bath.markov().friction, 2e-3 * np.eye(2), rtol=1e-12)


def test_overrides_change_add_and_replace():
    recipe = load(CHAIN, "run.seed=7", "bias_V=0.5", "run.steps=10", "title=two words", "baths.L.friction_meV=[[3.0]]")
    assert recipe.settings["seed"] == 7
    assert recipe.settings["steps"] == 10
    assert recipe.junction().bias == 0.5
    assert recipe.title == "two words"


def test_text_of_a_changed_recipe_gives_it_again():
    recipe = load(CHAIN, "run.seed=7", 'title=a "quoted" \\ title', "system.dynamical_matrix_meV2.0.0=500.0")
    again = load(recipe.text)
    assert again.data == recipe.data
    assert again.junction().dynamical_matrix[0, 0] == pytest.approx(5e-4)


def test_text_of_an_unchanged_recipe_is_the_file():
    assert load(CHAIN).text == CHAIN


def test_sweep_gives_one_recipe_per_value():
    recipe = load(CHAIN + '[sweep]\n"bias_V" = [0, 0.1, 0.2]\n')
    assert recipe.swept == "bias_V"
    assert [value for value, _ in recipe.points()] == [0.0, 0.1, 0.2]
    assert [point.junction().bias for _, point in recipe.points()] == [0.0, 0.1, 0.2]
    assert all(point.swept is None for _, point in recipe.points())


def test_any_number_can_be_swept():
    recipe = load(CHAIN + '[sweep]\n"baths.e.intra_meV.0.0" = [0.4, 0.5]\n')
    values = [point.junction().baths["e"].spec["intra"][0, 0] for _, point in recipe.points()]
    assert values == pytest.approx([4e-4, 5e-4])


def test_switches_reach_the_electron_bath():
    junction = load(CHAIN + '[switches]\nwithout = ["asymmetric"]\n').junction()
    assert not np.any(junction.baths["e"].markov().nonconservative)
    assert np.any(load(CHAIN).junction().baths["e"].markov().nonconservative)


def test_junction_path_is_relative_to_the_recipe(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    text = CHAIN.replace("dynamical_matrix_meV2 = [[400.0, -100.0], [-100.0, 400.0]]", 'junction = "j.h5"')
    path = tmp_path / "sub" / "my.toml"
    path.write_text(text)
    monkeypatch.chdir(tmp_path)
    assert Recipe.load(path).tables.system.junction == str(tmp_path / "sub" / "j.h5")
    assert Recipe.load(path, ["system.junction=k.h5"]).tables.system.junction == str(tmp_path / "k.h5")
    assert Recipe.load(path).name == "my"


def test_duration_is_rounded_up_to_whole_steps():
    assert load(CHAIN, "run.duration_fs=2000.0").settings["steps"] == 2000
    assert load(CHAIN, "run.duration_fs=2000.5").settings["steps"] == 2001
    assert math.isclose(load(CHAIN).tables.run.duration, 2000 / HBAR_FS)


def test_every_bath_that_physics_refuses_is_named():
    with pytest.raises(RecipeError) as caught:
        load(CHAIN, "baths.L.friction_meV=[[1.0, 0.0], [0.0, 1.0]]", "baths.e.dofs=[0]").junction()
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["baths.L", "baths.e"]


def test_an_indefinite_spectrum_is_physics_and_names_its_bath():
    with pytest.raises(ValueError, match=r"baths\.e: .*-") as caught:
        load(CHAIN, "baths.e.inter_meV.0.0=-1.0").junction()
    assert caught.value.exit_status == 3
