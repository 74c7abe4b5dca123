"""Whatever is in the file: a Recipe or a RecipeError that says why, and never any other exception."""

import copy
import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from sgle.errors import RecipeError, SgleError
from sgle.recipe import Recipe, shipped
from sgle.recipe.dump import dumps
from sgle.recipe.models import Built
from sgle.recipe.source import parse_value

TEXTS = [item.read_bytes() for item in shipped().values()]
KEYS = ("units", "bias_V", "system", "baths", "run", "sweep", "switches", "kind", "dofs", "temperature_K", "junction")
KEYS += ("anharmonic", "bonds", "quartic", "depth", "calculator", "structure")
KEYS += ("compare", "probes", "without", "model", "atoms", "gap_A", "fermi_level_eV", "friction_meV", "sites")
SCALARS = st.one_of(
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.booleans(),
    st.text(max_size=8),
    st.sampled_from(
        ["natural", "eV", "drude", "chain", "local", "from_file", "tabulated", "lead", "gold-chain", "morse", "ase"]
    ),
    st.dates(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def load(content, overrides=()):
    """A recipe, built as far as its junction, or None after a RecipeError with messages."""
    try:
        recipe = Recipe.from_bytes(content, overrides=overrides)
    except RecipeError as error:
        assert error.problems and all(problem.strip() for problem in error.problems)
        return None
    try:
        if not isinstance(recipe.tables.system, Built):  # some take a minute
            recipe.junction()
        assert recipe.settings["steps"] >= 1
    except SgleError:
        pass
    return recipe


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(content):
    load(content)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutated_bytes(data):
    content = bytearray(data.draw(st.sampled_from(TEXTS)))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        stop = start + data.draw(st.integers(0, 12))
        content[start:stop] = data.draw(st.binary(max_size=6) | st.text(max_size=6).map(str.encode))
    load(bytes(content))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutated_tables(data):
    tables = tomllib.loads(data.draw(st.sampled_from(TEXTS)).decode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = tables
        while (keys := list(place)) and data.draw(st.booleans()):
            inner = place[data.draw(st.sampled_from(keys))]
            if not isinstance(inner, dict):
                break
            place = inner
        key = data.draw(st.sampled_from([*place, *KEYS]) | st.text(max_size=5))
        if data.draw(st.booleans()):
            place.pop(key, None)
        else:
            place[key] = data.draw(VALUES)
    check_tables(tables)


def check_tables(tables):
    """As `load`, for a dictionary; what is accepted can be written and read again."""
    before = copy.deepcopy(tables)
    try:
        recipe = Recipe._from_data(tables, dumps, "fuzzed")
    except RecipeError as error:
        assert error.problems
        return
    assert tables == before
    assert load(recipe.text.encode()) is not None


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(TEXTS),
    st.lists(
        st.text(max_size=20)
        | st.builds(
            "{}={}".format,
            st.sampled_from(
                ["bias_V", "run.steps", "baths.L.dofs.0", "system", "baths.e", "sweep.bias", "system.junction", "name"]
            ),
            st.text(max_size=12),
        ),
        max_size=3,
    ),
)
def test_any_overrides(content, overrides):
    load(content, overrides)


@given(st.text(max_size=30))
def test_any_text_is_a_value(text):
    parse_value(text)
