"""Recipes with [forces]: what is asked, in which units, what is refused and in which words."""

import numpy as np
import pytest
from laws.five_forces import BIASED, couplings, junction

from sgle.errors import RecipeError
from sgle.recipe import Recipe

NAME = "current-induced-forces"


def loaded(*overrides):
    _, table = Recipe.load(NAME, ["sweep={}", *overrides]).tables.study
    return table


def test_shipped_junction_is_the_reference_s():
    found, wanted = loaded(), junction()
    np.testing.assert_array_equal(found.matrices, couplings())
    assert found.occupation == pytest.approx(BIASED)
    energies = np.array([-0.3, 0.4])
    np.testing.assert_allclose(found.structure.greens_function(energies), wanted.greens_function(energies))


def test_wide_bands_and_units(tmp_path):
    (tmp_path / "w.toml").write_text("""
units = "eV"
[forces]
hamiltonian_meV = [[500.0, 0.0], [0.0, -400.0]]
"couplings_meV1.5" = [[0.0, 1000.0], [1000.0, 0.0]]
left_eV = [0.4, 0.0]
right_meV = [0.0, 300.0]
bias_mV = 200.0
temperature_K = 300.0
frequency_meV = 20.0
""")
    found = Recipe.load(str(tmp_path / "w.toml")).tables.study[1]
    assert found.occupation == pytest.approx((0.1, -0.1, 0.0258520, 0.0258520), rel=1e-5)
    assert found.matrices[0, 0, 1] == pytest.approx(10**-1.5) and found.frequency == 0.02
    broad = found.structure.broadening("R", np.array([0.1]))[0]
    np.testing.assert_allclose(broad, [[0, 0], [0, 0.3]], atol=1e-14)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("forces.left=[0.1, 0.1, 0.1, 0.1]", "forces: electrodes are wide bands (left and right) or chains (contact)"),
        ("forces.loop=[[0.1, 0.0], [0.1]]", "forces: loop needs [real, imaginary] for each of the 2 couplings"),
        ("forces.frequency=0.0", "forces.frequency: should be greater than 0, got 0"),
        ("forces.hamiltonian=[[1.0], [1.0, 2.0]]", "forces.hamiltonian: row 1 has 2 numbers, row 0 has 1"),
        ('forces.gate=0.1', "forces.gate: unknown key"),
        ("baths.e.kind='drude'", "baths: [forces] has no junction; leave this table out"),
    ],
)  # fmt: skip
def test_problems(change, problem):
    with pytest.raises(RecipeError) as caught:
        loaded(change)
    assert any(text.startswith(problem) for text in caught.value.problems), caught.value.problems
