"""Energies of modes: ½Ω coth(Ω/2T) at equilibrium, the golden rule under bias, and the exact harmonic ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sgle
from sgle.grid import Grid
from sgle.mode_energy import exact_energies, golden_rule, mode_energies, mode_shapes

TIME_STEP = 0.1


def junction(seed=0, temperature=0.3, friction=0.1, bias=None, size=3):
    """Random springs between sites about frequency 1, a bath at each end, electrons on the first two if biased."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size)) / np.sqrt(size)
    baths = {
        "L": sgle.baths.ohmic(friction, 5.0, temperature, [0]),
        "R": sgle.baths.drude(friction * np.eye(2), 5.0, temperature, [1, 2]),
    }
    if bias is not None:
        inter = friction / 10 * np.array([[1.0, 0.3 + 0.5j], [0.3 - 0.5j, 1.0]])
        baths["e"] = sgle.baths.flat_band(2 * inter.real, inter, bias, temperature, 5.0, [0, 1])
    return sgle.Junction(np.eye(size) + 0.3 * root @ root.T, baths)


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.05, 0.4, 3.0]), st.booleans())
@settings(max_examples=20)
def test_one_temperature_is_that_of_planck(seed, temperature, electrons):
    made = junction(seed, temperature, bias=0.0 if electrons else None)
    frequency, shape = mode_shapes(made)
    planck = frequency / 2 / np.tanh(frequency / 2 / temperature) if temperature else frequency / 2
    np.testing.assert_allclose(golden_rule(made, frequency, shape), planck, rtol=1e-9)
    classical = golden_rule(made.without("quantum_noise"), frequency, shape)
    np.testing.assert_allclose(classical, temperature, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("bias", [0.0, 1.5])
def test_weak_damping_is_the_golden_rule(bias):
    """The exact energies come as near as the damping is weak; those of zero bias are far away at this one."""
    weak, strong = (junction(3, friction=friction, bias=bias) for friction in (2e-4, 2e-3))
    errors = []
    for made in (weak, strong):
        frequency, shape = mode_shapes(made)
        errors.append(np.abs(exact_energies(made, shape)[0] / golden_rule(made, frequency, shape) - 1).max())
    assert errors[0] < 2e-3 and 3 < errors[1] / errors[0] < 30
    if bias:
        driven, idle = (golden_rule(each, *mode_shapes(each)) for each in (weak, weak.at_bias(0.0)))
        assert np.all(driven / idle > 1.05)


@pytest.mark.parametrize("grid", [None, Grid(TIME_STEP)])
def test_modes_share_the_kinetic_energy(grid):
    """Σ_m ⟨v_m²⟩ = 2 Σ_k E_k; with the unit vectors as modes each is twice a dof's."""
    made = junction(5, bias=1.0)
    energy = sgle.landauer.kinetic_energy(made, grid)
    shared, _ = exact_energies(made, mode_shapes(made)[1], grid)
    np.testing.assert_allclose(shared.sum(), 2 * energy.sum(), rtol=1e-8)
    np.testing.assert_allclose(exact_energies(made, np.eye(3), grid)[0], 2 * energy, rtol=1e-8)
    assert np.abs(shared / (2 * energy) - 1).max() > 0.01


def test_everything_at_once():
    found, error = mode_energies(junction(7), Grid(TIME_STEP))
    assert 0 < error < 1e-4 and np.all(np.diff(found.frequency) > 0)
    np.testing.assert_allclose(found.shape.T @ found.shape, np.eye(3), atol=1e-12)
    assert 0 < np.abs(found.grid / found.continuum - 1).max() < 0.02


def test_what_is_not_known_is_not_a_number():
    """A mode without stiffness, one beyond every band, and harmonic motion that runs away."""
    soft = sgle.Junction(np.diag([-0.5, 1.0]), {"L": sgle.baths.ohmic(0.1 * np.eye(2), 5.0, 0.3, [0, 1])})
    found, _ = mode_energies(soft, Grid(TIME_STEP))
    assert np.isnan(found.frequency[0]) and np.isnan(found.quantum[0]) and found.quantum[1] > 0
    assert found.grid is None and found.continuum is None
    band = sgle.baths.tabulated([0.0, 1.0, 1.5], [[[0.0]], [[0.2]], [[0.0]]], 0.3, [0])
    beyond = sgle.Junction(np.diag([4.0]), {"L": band})
    assert np.isnan(golden_rule(beyond, *mode_shapes(beyond))).all()
