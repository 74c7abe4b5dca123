"""A recipe that is wrong says everything that is wrong, each with its path and the way out."""

import pytest
from end_to_end.example import CHAIN, load

from sgle.errors import RecipeError
from sgle.recipe import Recipe


def problems(text, *overrides):
    with pytest.raises(RecipeError) as caught:
        load(text, *overrides)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def test_all_problems_at_once():
    found = problems(
        CHAIN,
        "run.stepz=3",
        "bias=1",
        "baths.L.temperature_K=-4",
        "baths.L.friction_K=1",
        "baths.e.inter_meV=[[0.2, 0.1], [0.1]]",
        "run.trajectories=many",
        "colour=red",
    )
    assert {problem.split(":")[0] for problem in found} == {
        "run.stepz",
        "bias",
        "baths.L.temperature_K",
        "baths.L.friction_K",
        "baths.e.inter_meV",
        "run.trajectories",
        "colour",
    }


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("run.stepz=3", "run.stepz: unknown key; did you mean steps?"),
        ("bias=1", "bias: needs its unit in the key; write bias_V or bias_mV"),
        ("baths.L.friction_K=1", "friction_K: K is not a unit of energy here; write friction_eV or friction_meV"),
        ("baths.L.temperature_K=-4", "baths.L.temperature_K: should be greater than or equal to 0, got -4"),
        ("baths.L.temperature_K=inf", "baths.L.temperature_K: should be a finite number, got inf"),
        ("baths.L.temperature_K=true", "baths.L.temperature_K: should be a valid number, got True"),
        ("baths.L.dofs=[0, 0]", "baths.L.dofs: dof 0 stands twice"),
        ("baths.L.dofs=[-1]", "baths.L.dofs[0]: should be greater than or equal to 0, got -1"),
        ("baths.L.kind=drud", "baths.L.kind: must be one of drude, "),
        ("baths.e.inter_meV=[[0.2, [1, 2, 3]], [0, 0]]", "row 0, column 1: expected a number or a ["),
        ("baths.e.inter_meV=[[nan, 0], [0, 0]]", "baths.e.inter_meV: has a number that is not finite (nan)"),
        ("run.seed_fs=3", "run.seed_fs: takes no unit; write seed"),
        ("run.time_step_fs=0", "run.time_step_fs: should be greater than 0, got 0"),
        ("run.duration_ns=1e300", "run: duration is more than 1e+12 time steps long"),
        ("run.memory.Q=local", "run.memory.Q: no such bath"),
        ("units=SI", 'units: must be "eV" or "natural", got \'SI\''),
        ("system.sites=3", 'system.sites: belongs to model = "chain"'),
        ("baths.L=3", "baths.L.kind: must be one of"),
        ("system=3", "system: must be a table of keys, got 3"),
        ("switches.without=[berri]", "switches.without: "),
        ("sweep.bias_V=[0, one]", "sweep.bias_V: must be a list of numbers"),
        ("nonsense", "--set 'nonsense': must be key=value, such as run.seed=7"),
        ("run.time_step_fs.x=3", "--set run.time_step_fs.x: x is not in the recipe"),
        ("baths.L.x/y.z=3", "baths.L.x/y: unknown key"),
    ],
)
def test_message(assignment, message):
    assert any(message in problem for problem in problems(CHAIN, assignment)), problems(CHAIN, assignment)


def test_missing_keys_name_their_units():
    found = problems(CHAIN.replace("time_step_fs = 1\n", "").replace("dofs = [0]\n", ""))
    assert "run.time_step: is missing; write time_step_fs or time_step_ps or time_step_ns" in found
    assert "baths.L.dofs: is missing" in found


def test_natural_units_refuse_units():
    text = CHAIN.replace('"eV"', '"natural"')
    assert 'bias_mV: units are "natural", so keys carry no unit; write bias' in problems(text)


def test_the_same_twice_in_two_units():
    text = CHAIN.replace("friction_meV = 2", "friction_meV = 2\nfriction_eV = 0.002")
    assert problems(text) == ["baths.L.friction_eV: friction_meV says the same in another unit; keep one of them"]


def test_bias_without_electrons():
    text = CHAIN[: CHAIN.index("[baths.e]")] + CHAIN[CHAIN.index("[run]") :]
    assert problems(text) == ["bias: no bath feels it; only flat_band, local and level_pairs baths are electrons"]


def test_a_sweep_into_nonsense_names_the_point():
    found = problems(CHAIN + '[sweep]\n"baths.L.temperature_K" = [1, -1]\n')
    assert found == [
        "sweep.baths.L.temperature_K[1] = -1: baths.L.temperature_K: should be greater than or equal to 0, got -1"
    ]


def test_a_recipe_for_theory_only_refuses_to_run():
    recipe = load(CHAIN[: CHAIN.index("[run]")])
    with pytest.raises(RecipeError, match="run: this table is missing"):
        _ = recipe.settings


@pytest.mark.parametrize("name", ["minimal-modell", "", "nul\0l", "/", "no/such/file.toml", "x" * 5000])
def test_names_that_are_no_recipe(name):
    with pytest.raises(RecipeError):
        Recipe.load(name)


def test_a_near_miss_is_suggested():
    with pytest.raises(RecipeError, match="did you mean minimal-model"):
        Recipe.load("minimal-modell")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00", "not a text file in UTF-8"),
        (b"a = [" * 5000, "nested too deeply|not valid TOML"),
        (b"a = " + b"1" * 5000, "not valid TOML"),
        (b"a = 1\na = 2", "not valid TOML"),
        (b"", "units: must be"),
    ],
)
def test_bytes_that_are_no_recipe(content, message):
    with pytest.raises(RecipeError, match=message):
        Recipe.from_bytes(content)


MODEL = CHAIN.replace("dynamical_matrix_meV2 = [[400.0, -100.0], [-100.0, 400.0]]", 'model = "electron-chain"')


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("system.model=silver", "system.model: must be one of chain, gold-chain, electron-chain, graphene-ribbon"),
        ("system.model=[1]", "system.model: must be one of chain"),
        ("system.gap_A=12", 'system.gap_A: belongs to model = "gold-chain"'),
        ("system.gap=12", 'system.gap: belongs to model = "gold-chain"'),
        ("system.sites=3", 'system.sites: belongs to model = "chain"'),
        ("system.atoms=0", "system.atoms: should be greater than or equal to 1, got 0"),
        ("system.atoms=2.5", "system.atoms: should be a valid integer"),
        ("system.fermi_level=1", "system.fermi_level: needs its unit in the key; write fermi_level_eV or"),
        ("system.fermi_level_K=1", "fermi_level_K: K is not a unit of energy here"),
        ("system.temperature_L=1", "system.temperature_L: needs its unit in the key; write temperature_L_K"),
        ("system.temperature_eR_K=-1", "system.temperature_eR_K: should be greater than or equal to 0, got -1"),
        ("system.temperature_X_K=1", "system.temperature_X_K: unknown key"),
        ("system.colour=1", "system.colour: unknown key"),
        ("units=natural", 'system.model: electron-chain is in eV, K and Å; write units = "eV"'),
        ("compare.without=[]", "compare.without: "),
        ("compare.without=[asymetric]", "compare.without"),
        ("compare.with=[]", "compare.with: unknown key"),
        ("probes.friction_meV=0", "probes.friction_meV: should be greater than 0, got 0"),
        ("probes.self_consistent=true", "probes: self_consistent is for probes with friction"),
    ],
)
def test_message_of_a_model(assignment, message):
    assert any(message in problem for problem in problems(MODEL, assignment)), problems(MODEL, assignment)


def test_two_origins():
    text = CHAIN.replace("[system]", '[system]\nmodel = "electron-chain"')
    assert problems(text) == ["system: give one of dynamical_matrix, model, junction; found dynamical_matrix and model"]


def test_what_a_builder_refuses_names_the_table():
    text = MODEL[: MODEL.index("[baths.L]")].replace("electron-chain", "gold-chain")
    with pytest.raises(RecipeError, match=r"^system: gap 25 ") as caught:
        load(text, "system.gap_A=25.0").junction()
    assert len(caught.value.problems) == 1
