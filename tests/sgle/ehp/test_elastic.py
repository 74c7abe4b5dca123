"""Elastic electrons beside the pairs: Landauer's current against closed forms and limits."""

import numpy as np
import pytest

from sgle.ehp import elastic_current, levels, two_levels
from sgle.electronic.pairs import Occupation
from sgle.errors import BathError


def test_single_level_at_low_temperature_is_an_arctangent():
    """T = γ_L γ_R/((ε-ε0)² + γ²/4): I = (γ_L γ_R/γ)/π [atan 2(ε-ε0)/γ] between the chemical potentials."""
    gl, gr, e0, bias = 0.1, 0.3, 0.07, 0.5
    found = elastic_current(levels([[e0]], [gl], [gr]), Occupation(bias / 2, -bias / 2, 1e-4, 1e-4), spin=1)
    gamma = gl + gr
    ends = np.arctan(2 * (np.array([bias / 2, -bias / 2]) - e0) / gamma)
    assert found.charge == pytest.approx(gl * gr / gamma / np.pi * (ends[0] - ends[1]), rel=1e-6)


def test_two_levels_against_a_dense_sum_and_no_path_no_current():
    occupation = Occupation(0.35, -0.15, 0.1, 0.25)
    structure = two_levels((0.3, -0.3), (0.2, 0.1), 0.2)
    found = elastic_current(structure, occupation)
    energies = np.linspace(-9, 9, 600_001)
    fermi = [1 / (1 + np.exp((energies - mu) / t)) for mu, t in ((0.35, 0.1), (-0.15, 0.25))]
    net = structure.transmission(energies) * (fermi[0] - fermi[1])
    assert found.charge == pytest.approx(np.trapezoid(net, energies) / np.pi, rel=1e-8)
    assert found.energy == pytest.approx(np.trapezoid(energies * net, energies) / np.pi, rel=1e-8)
    assert elastic_current(structure, occupation, spin=1).charge == pytest.approx(found.charge / 2)
    assert elastic_current(two_levels((0.3, -0.3), (0.2, 0.1)), occupation).charge == 0.0


def test_reversed_bias_reverses_the_current_and_equilibrium_has_none():
    structure = two_levels((0.3, -0.3), (0.2, 0.1), 0.2)
    ahead = elastic_current(structure, Occupation(0.2, -0.2, 0.1, 0.1)).charge
    back = elastic_current(structure, Occupation(-0.2, 0.2, 0.1, 0.1)).charge
    assert ahead > 0 and back == pytest.approx(-ahead, rel=1e-9)
    assert elastic_current(structure, Occupation(0.1, 0.1, 0.1, 0.1)).charge == 0.0


def test_zero_temperature_is_refused():
    structure = two_levels((0.3, -0.3), (0.2, 0.1), 0.2)
    with pytest.raises(BathError, match="above zero"):
        elastic_current(structure, Occupation(0.1, 0.0, 0.1, 0.0))
