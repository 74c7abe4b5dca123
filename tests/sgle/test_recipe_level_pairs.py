"""[baths.NAME] of kind level_pairs: levels between wide bands, in both units, with knobs that a sweep can turn."""

import warnings

import numpy as np
import pytest
from end_to_end.example import PAIRS, load

from sgle.baths import level_pairs
from sgle.ehp import LowestOrderWarning, pair_currents
from sgle.errors import RecipeError
from sgle.units import kelvin

ELECTRONS = """
units = "eV"
bias_mV = 800
[system]
dynamical_matrix_meV2 = [[1e6]]
[baths.ph]
kind = "drude"
dofs = [0]
temperature_K = 300
friction_meV = 50
cutoff_eV = 10.0
[baths.e]
kind = "level_pairs"
dofs = [0]
temperature_K = 300
hamiltonian_meV = [[500, 10], [10, -400]]
left_meV = [[200, 0], [0, 1]]
right_eV = [0.0, 0.2]
"couplings_meV1.5" = [[[1000, 3000], [3000, 0]]]
gate_meV = 30
splitting_eV = 0.1
fermi_level_meV = -20
"""


def spec(text, *overrides):
    return load(text, *overrides).junction().baths["e"].spec


def problems(*overrides, text=PAIRS):
    with pytest.raises(RecipeError) as caught:
        load(text, *overrides).junction()
    return caught.value.problems


def test_the_reference_current():
    """reference/ehp-and-forces.md section 1: J at T_e, T_ph = .6, .4 without bias."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LowestOrderWarning)
        assert pair_currents(load(PAIRS).junction(), "lowest").total == pytest.approx(2.084720766e-3, rel=1e-9)


def test_units_are_converted_once():
    found = spec(ELECTRONS)
    expected = level_pairs(
        [[0.55, 0.01], [0.01, -0.45]],
        np.diag([0.2, 0.001]),
        [0.0, 0.2],
        [[1e3 * 1e-4 * 10**-0.5, 3e3 * 1e-4 * 10**-0.5], [3e3 * 1e-4 * 10**-0.5, 0.0]],
        bias=0.8,
        temperature=kelvin(300),
        dofs=[0],
        fermi_level=-0.02,
        gate=0.03,
    ).spec
    assert found.keys() == expected.keys() and found["spin"] == 2.0
    for key in ("hamiltonian", "left", "right", "couplings", "bias", "temperature", "fermi_level", "gate"):
        np.testing.assert_allclose(found[key], expected[key], rtol=1e-14, atol=1e-17, err_msg=key)


@pytest.mark.parametrize(
    ("swept", "key", "expected"),
    [
        ("bias", "bias", 0.3),
        ("baths.e.gate", "gate", 0.3),
        ("baths.e.temperature", "temperature", 0.3),
        ("baths.e.fermi_level", "fermi_level", 0.3),
        ("baths.e.splitting", "hamiltonian", np.diag([0.65, -0.55])),
        ("baths.e.levels.1", "hamiltonian", np.diag([0.5, 0.3])),
    ],
)
def test_what_a_sweep_can_move(swept, key, expected):
    ((_, point),) = load(PAIRS + f'[sweep]\n"{swept}" = [0.3]\n').points()
    np.testing.assert_allclose(point.junction().baths["e"].spec[key], expected, rtol=1e-15, atol=1e-16)


def test_the_dot_of_a_unit_is_no_dot_of_a_key():
    changed = load(ELECTRONS, "baths.e.couplings_meV1.5.0.0.0=2000", "baths.e.hamiltonian_eV=[[0.5, 0.0], [0.0, 0.1]]")
    again = load(changed.text)
    assert again.data == changed.data and "hamiltonian_meV" not in changed.data["baths"]["e"]
    assert again.junction().baths["e"].spec["couplings"][0, 0, 0] == pytest.approx(2e3 * 1e-3**1.5, rel=1e-14)
    assert spec(ELECTRONS, "baths.e.couplings_eV1.5=[[0.5, 0.1], [0.1, 0.2]]")["couplings"][0, 1, 1] == 0.2


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("baths.e.hamiltonian=[[1.0]]", None),
        ("baths.e.left=0.2", "baths.e.left: must be a matrix: a list of rows, such as [[1.0, 0.2], [0.2, 1.0]]"),
        ("baths.e.left=[0.2]", "baths.e: Γ_L has shape (1,), 2 levels need (2, 2) or (2,), its diagonal"),
        ("baths.e.couplings=[[0.0, 0.1]]", "baths.e.couplings: must be square, but has 1 rows of 2"),
        ("baths.e.couplings=[[[0, 1], [1, 0]], [[1]]]", "baths.e.couplings: has matrices of different sizes"),
        ("baths.e.couplings=[[0, [0, 1]], [[0, -1], 0]]", "baths.e.couplings: must be real"),
        ("baths.e.couplings.0.1=0.3", "baths.e: couplings M^k must be Hermitian"),
        ("baths.e.spin=0", "baths.e.spin: should be greater than 0, got 0"),
        ("baths.e.gate_eV=1", 'baths.e.gate_eV: units are "natural", so keys carry no unit; write gate'),
        ("baths.e.friction=1", "baths.e.friction: unknown key"),
        ("baths.e.dofs=[0, 1]", "baths.e: 1 coupling matrices for 2 dofs"),
    ],
)
def test_message(assignment, message):
    if message is None:  # levels give way to a hamiltonian of one level, which the other keys then do not fit
        assert problems(assignment)[0].startswith("baths.e: ")
        return
    assert len(found := problems(assignment)) == 1
    assert message in found[0]


def test_levels_and_hamiltonian_are_one_thing():
    text = PAIRS.replace("levels", "hamiltonian = [[0.5, 0.0], [0.0, -0.4]]\nlevels")
    assert problems(text=text) == [
        "baths.e: give one of levels (their energies), hamiltonian; found levels and hamiltonian"
    ]
    text = PAIRS.replace("levels = [0.5, -0.4]\n", "")
    assert problems(text=text) == ["baths.e: give one of levels (their energies), hamiltonian; found none"]
    assert problems("baths.e.levels=[0.5, 0.1, -0.4]", "baths.e.splitting=0.1") == [
        "baths.e: splitting moves two levels apart; there are 3"
    ]


def test_keys_of_energies_need_their_units():
    found = problems("units=eV")
    assert "baths.e.couplings: needs its unit in the key; write couplings_eV1.5 or couplings_meV1.5" in found
    assert "baths.e.levels: needs its unit in the key; write levels_eV or levels_meV" in found
