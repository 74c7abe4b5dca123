"""Recipes: what is shipped loads, units are converted once, overrides and sweeps do what they say."""

import math

import numpy as np
import pytest
from end_to_end.example import CHAIN, load

from sgle.errors import RecipeError
from sgle.recipe import Recipe, shipped
from sgle.recipe.models import MODELS, Built
from sgle.recipe.quantities import SUFFIXES
from sgle.units import BOLTZMANN, HBAR_FS

# Those that need a file, or seconds to minutes to be built.
COSTLY = {"graphene-alkane", "graphene-ribbon", "runaway-gold"}
COSTLY |= {name for name in shipped() if name.startswith("gold-chain")}
STUDIES = {name for name in shipped() if Recipe.load(name).tables.study}


@pytest.mark.parametrize("name", shipped())
def test_shipped_recipe_is_valid(name):
    recipe = Recipe.load(name)
    assert recipe.name == name and recipe.title and recipe.description
    if recipe.tables.run:
        assert recipe.settings["steps"] > 0
        recipe.grid()
    else:
        tables = recipe.tables
        assert isinstance(tables.system, Built) or tables.stability or tables.ehp or tables.study


@pytest.mark.parametrize("name", sorted(set(shipped()) - COSTLY - STUDIES))
def test_shipped_recipe_builds(name):
    recipe = Recipe.load(name)
    own = {"L", "R", "e"} if isinstance(recipe.tables.system, Built) else set()
    assert set(recipe.junction().baths) == set(recipe.tables.baths) | own


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


def test_a_sweep_over_several_keys_is_cut_into_sweeps_over_the_first():
    recipe = load(
        CHAIN + '[sweep]\n"bias_V" = [0, 0.1]\n"baths.L.temperature_K" = [100, 200]\n"run.seed" = [1, 2, 3]\n'
    )
    slices = recipe.slices()
    assert len(slices) == 6
    values, part = slices[4]
    assert values == {"baths.L.temperature_K": 200, "run.seed": 2}
    assert part.tables.sweep == {"bias_V": [0, 0.1]} and part.slices() == [({}, part)]
    (_, cold), (bias, hot) = part.points()
    assert bias == hot.junction().bias == 0.1 and cold.settings["seed"] == 2
    assert hot.junction().baths["L"].temperature == pytest.approx(200 * BOLTZMANN)


def test_an_impossible_combination_is_named():
    with pytest.raises(RecipeError, match=r"sweep, baths.L.temperature_K = -1: baths.L.temperature_K: should be"):
        load(CHAIN + '[sweep]\n"bias_V" = [0, 0.1]\n"baths.L.temperature_K" = [100, -1]\n')


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


MODEL = """
units = "eV"
bias_V = 0.2
[system]
model = "electron-chain"
atoms = 3
fermi_level_eV = -1.0
temperature_K = 300
temperature_R_K = 250
temperature_eL_meV = 30
phonon_broadening_meV = 0
"""
GOLD = """
units = "eV"
bias_V = 0.8
[system]
model = "gold-chain"
atoms = 4
gap_nm = 1.523
bases = false
fermi_level_meV = -300
temperature_L_K = 310
temperature_eR_eV = 0.03
phonon_broadening_meV = 0.2
phonon_mesh = 12
electron_broadening_eV = 0.02
electron_mesh = 40
"""


def test_a_model_brings_its_baths():
    recipe = load(MODEL)
    junction = recipe.junction()
    assert junction.size == 3 and list(junction.baths) == ["L", "R", "e"]
    assert junction.bias == 0.2
    assert junction.baths["L"].temperature == pytest.approx(300 * BOLTZMANN)
    assert junction.baths["R"].temperature == pytest.approx(250 * BOLTZMANN)
    assert junction.baths["e"].parameters["temperatures"] == pytest.approx([0.03, 300 * BOLTZMANN])
    assert junction.atoms.symbols == ("Au",) * 3
    assert load(MODEL.replace("bias_V = 0.2", "")).junction().bias == 0


def test_arguments_of_a_model_in_internal_units():
    found = load(GOLD).tables.system.arguments()
    assert found == {
        "atoms": 4,
        "gap": pytest.approx(15.23),
        "bases": False,
        "fermi_level": pytest.approx(-0.3),
        "temperatures": {"L": pytest.approx(310 * BOLTZMANN), "eR": pytest.approx(0.03)},
        "phonon_broadening": pytest.approx(2e-4),
        "phonon_mesh": 12,
        "electron_broadening": pytest.approx(0.02),
        "electron_mesh": 40,
    }
    assert load(GOLD, "system.gap_A=12.6").tables.system.gap == 12.6
    assert Recipe.load("gold-chain").tables.system.arguments()["gap"] == 12.68


@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if issubclass(model, Built)])
def test_every_key_of_a_model_is_an_argument_of_its_builder(name):
    from inspect import signature

    from sgle import models

    keys = {key for key in MODELS[name].model_fields if not key.startswith("temperature_")} - {"model"}
    assert keys | {"bias", "temperatures"} <= set(signature(getattr(models, MODELS[name].builder)).parameters)


def test_numbers_of_a_model_are_swept_and_set():
    recipe = load(MODEL + '[sweep]\n"system.fermi_level_eV" = [-1.0, 0.0]\n', "system.temperature_L_K=200")
    junctions = [point.junction() for _, point in recipe.points()]
    # The half-filled band has electron-hole symmetry: no asymmetric force.
    forces = [np.abs(junction.baths["e"].markov().nonconservative).max() for junction in junctions]
    assert forces[0] > 1e-6 > 1e-2 * forces[0] > forces[1]
    assert junctions[0].baths["L"].temperature == pytest.approx(200 * BOLTZMANN)
    assert load(MODEL, "system.temperature_R_meV=20").junction().baths["R"].temperature == pytest.approx(0.02)


def test_baths_of_a_model_are_exchanged_in_place_and_added():
    bath = '\n[baths.{}]\nkind = "ohmic"\ndofs = [1]\ntemperature_K = 100\nfriction_meV = 1\ncutoff_meV = 50\n'
    junction = load(MODEL + bath.format("R") + bath.format("self")).junction()
    assert list(junction.baths) == ["L", "R", "e", "self"]
    assert junction.baths["R"].kind == "ohmic" and junction.baths["e"].kind != "ohmic"
    assert junction.atoms is not None and junction.bias == 0.2


def test_switches_of_a_model_and_its_comparison():
    recipe = load(MODEL + '[switches]\nwithout = ["renormalisation"]\n[compare]\nwithout = ["asymmetric", "berry"]\n')
    assert recipe.junction().baths["e"].switched_off == ("renormalisation",)
    assert recipe.compared == "without asymmetric forces, Berry forces"
    assert load(MODEL).compared == ""


def test_probes_of_a_recipe():
    assert load(MODEL).tables.probes is None
    assert load(MODEL + "[probes]\n").tables.probes.arguments() == {}
    finite = load(MODEL + "[probes]\nfriction_meV = 0.01\n")
    assert finite.tables.probes.arguments() == {"friction": pytest.approx(1e-5), "self_consistent": True}
    single = load(finite.text, "probes.self_consistent=false")
    assert single.tables.probes.arguments()["self_consistent"] is False


def test_text_of_a_changed_model_gives_it_again():
    recipe = load(GOLD + "[probes]\n", "system.atoms=5")
    assert load(recipe.text).data == recipe.data
