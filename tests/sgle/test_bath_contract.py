"""What every bath promises, whichever constructor made it (physics.md 2-4; style.md 14)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from laws.models import BATHS, BIASED, EQUILIBRIUM, dagger

from sgle import baths
from sgle.baths import from_spec

OMEGA = np.array([0.013, 0.11, 0.37, 0.7, 0.95, 1.31, 1.9, 2.6, 4.4])
BOTH = np.concatenate([-OMEGA[::-1], [0.0], OMEGA])
EVERY = pytest.mark.parametrize("make", BATHS.values(), ids=BATHS)
views = ("absorption", "emission", "noise", "broadening", "self_energy")


def largest(matrix):
    return np.abs(matrix).max()


@EVERY
def test_rates_and_noise_are_hermitian_and_positive(make):
    bath = make()
    for name in ("absorption", "emission", "noise"):
        value = getattr(bath, name)(BOTH)
        np.testing.assert_allclose(value, dagger(value), atol=1e-15)
        assert np.linalg.eigvalsh(value).min() >= -1e-14 * largest(value), name
        assert largest(value) > 0


@EVERY
def test_real_forces(make):
    """S(-ω) = S(ω)*, Γ(-ω) = -Γ(ω)*, Π(-ω) = Π(ω)*, abs(-ω) = em(ω)*."""
    bath = make()
    np.testing.assert_allclose(bath.noise(-OMEGA), bath.noise(OMEGA).conj(), atol=1e-15)
    np.testing.assert_allclose(bath.broadening(-OMEGA), -bath.broadening(OMEGA).conj(), atol=1e-15)
    np.testing.assert_allclose(bath.self_energy(-OMEGA), bath.self_energy(OMEGA).conj(), atol=1e-13)
    np.testing.assert_allclose(bath.absorption(-OMEGA), bath.emission(OMEGA).conj(), atol=1e-14)


@EVERY
def test_rates_broadening_and_self_energy_are_one_bath(make):
    bath = make()
    gamma, pi = bath.broadening(BOTH), bath.self_energy(BOTH)
    np.testing.assert_allclose(bath.absorption(BOTH) - bath.emission(BOTH), gamma, atol=1e-14)
    np.testing.assert_allclose(bath.absorption(BOTH) + bath.emission(BOTH), 2 * bath.noise(BOTH), atol=1e-14)
    np.testing.assert_allclose(1j * (pi - dagger(pi)), gamma, atol=2e-15 * max(1.0, largest(pi)))


@EVERY
def test_channels_add_up(make):
    bath = make()
    rates = [channel.rates(BOTH) for channel in bath.channels]
    np.testing.assert_allclose(sum(up for up, _ in rates), bath.absorption(BOTH), atol=3e-15)
    np.testing.assert_allclose(sum(down for _, down in rates), bath.emission(BOTH), atol=3e-15)


@pytest.mark.parametrize("make", EQUILIBRIUM.values(), ids=EQUILIBRIUM)
def test_detailed_balance_at_equilibrium(make):
    bath = make()
    if bath.temperature == 0:
        assert largest(bath.emission(OMEGA)) < 1e-16
        return
    weight = np.exp(-OMEGA / bath.temperature)[:, None, None]
    np.testing.assert_allclose(bath.emission(OMEGA), weight * bath.absorption(OMEGA), atol=1e-14)
    close = np.array([1e-9, 1e-5, 0.0])  # S(ω→0) = T dΓ/dω, finite
    slope = 2 * bath.temperature * bath.markov().friction
    np.testing.assert_allclose(
        bath.noise(close).real, np.broadcast_to(slope, (3, *slope.shape)), atol=1e-4 * largest(slope) + 1e-12
    )


@pytest.mark.parametrize("make", BIASED.values(), ids=BIASED)
def test_detailed_balance_of_each_channel_and_its_breaking(make):
    bath = make()
    for channel in bath.channels:
        up, down = channel.rates(OMEGA)
        x = OMEGA - channel.potential
        if bath.temperature == 0:
            assert largest(down[x > 0]) == 0 and np.all(up[x < 0] == 0)
            continue
        weight = np.exp(-x / bath.temperature)[:, None, None]
        np.testing.assert_allclose(down, weight * up, atol=1e-13)
    # At |eV| = 0.7 and ω = 0.37 the whole bath emits far more than a bath at its temperature would.
    thermal = np.exp(-0.37 / bath.temperature) if bath.temperature else 0.0
    assert np.trace(bath.emission(0.37)).real > 1.2 * thermal * np.trace(bath.absorption(0.37)).real
    assert np.trace(bath.emission(0.37)).real > 1e-3
    # Γ^{LR}_kl(ω) = -Γ^{RL}_lk(-ω)
    (up, down), (back_up, back_down) = bath.channels[1].rates(BOTH), bath.channels[2].rates(-BOTH)
    np.testing.assert_allclose(up - down, -np.swapaxes(back_up - back_down, -1, -2), atol=1e-14)


@EVERY
def test_scalar_in_matrix_out(make):
    bath = make()
    for name in views:
        view = getattr(bath, name)
        assert view(0.4).shape == (bath.size, bath.size)
        np.testing.assert_array_equal(view(0.4), view(np.array([0.4]))[0])
        assert view(np.full((2, 3), 0.4)).shape == (2, 3, bath.size, bath.size)
    assert bath.friction_kernel(0.4).shape == bath.displacement_kernel(0.4).shape == (bath.size, bath.size)
    assert bath.displacement_kernel(np.zeros((2, 3))).shape == (2, 3, bath.size, bath.size)


@EVERY
@pytest.mark.parametrize("switches", [(), ("quantum_noise",), ("nonconservative", "berry", "asymmetric_noise")])
def test_a_spec_is_the_bath(make, switches):
    bath = make().without(*switches)
    again = from_spec(bath.spec)
    assert (again.kind, again.dofs, again.switched_off) == (bath.kind, bath.dofs, bath.switched_off)
    for name in views:
        np.testing.assert_array_equal(getattr(again, name)(BOTH), getattr(bath, name)(BOTH))
    np.testing.assert_array_equal(again.friction_kernel(OMEGA), bath.friction_kernel(OMEGA))
    np.testing.assert_array_equal(again.displacement_kernel(OMEGA), bath.displacement_kernel(OMEGA))


@EVERY
def test_another_bias_is_another_bath_or_the_same(make):
    bath = make()
    moved = bath.at_bias(0.2)
    if "bias" not in bath.parameters:
        assert moved is bath and bath.bias == 0
        return
    assert moved.bias == 0.2 and bath.bias != 0.2
    np.testing.assert_array_equal(moved.at_bias(bath.bias).self_energy(BOTH), bath.self_energy(BOTH))
    np.testing.assert_array_equal(moved.at_bias(bath.bias).noise(BOTH), bath.noise(BOTH))
    np.testing.assert_allclose(moved.at_bias(0.0).broadening(OMEGA).imag, 0, atol=1e-16)


matrices = st.integers(0, 10**6).map(lambda seed: np.random.default_rng(seed).normal(size=(2, 2, 3, 4)))
positive_numbers = st.floats(0.05, 5.0)


@settings(max_examples=40, deadline=None)
@given(
    matrices,
    st.just(0.0) | st.floats(1e-3, 2.0),
    positive_numbers,
    st.floats(-3, 3),
    st.sampled_from(["drude", "smooth", "hard"]),
)
def test_laws_for_random_electrons(parts, temperature, cutoff, bias, shape):
    z = parts[0] + 1j * parts[1]
    inter = z[0] @ dagger(z[0])
    bath = baths.flat_band((z[1] @ dagger(z[1])).real, inter, bias, temperature, cutoff, [0, 3, 1], shape=shape)
    for view in (bath.noise, bath.absorption, bath.emission):
        value = view(BOTH)
        assert np.linalg.eigvalsh(value).min() >= -1e-13 * largest(value)
    pi, gamma = bath.self_energy(BOTH), bath.broadening(BOTH)
    np.testing.assert_allclose(1j * (pi - dagger(pi)), gamma, atol=1e-14 * largest(pi))
    nonconservative, friction, _ = bath.markov()
    np.testing.assert_allclose(nonconservative, 4 * np.pi * bias * inter.imag, atol=1e-12 * largest(inter))
    assert np.linalg.eigvalsh(friction).min() >= 0


@settings(max_examples=40, deadline=None)
@given(
    matrices,
    st.floats(0.01, 2.0),
    positive_numbers,
    st.sampled_from(["drude", "smooth", "hard", "exponential"]),
    st.booleans(),
)
def test_laws_for_random_friction(parts, temperature, cutoff, shape, counter_term):
    friction = parts[0, 0] @ parts[0, 0].T
    bath = baths.ohmic(friction, cutoff, temperature, [2, 0, 5], shape=shape, counter_term=counter_term)
    weight = np.exp(-OMEGA / temperature)[:, None, None]
    np.testing.assert_allclose(bath.emission(OMEGA), weight * bath.absorption(OMEGA), atol=1e-13 * largest(friction))
    # A passive bath: Im z > 0 in, energy lost, Re[-i z* ... ] = Im(-z Π) ≥ 0 in the upper half plane.
    z = OMEGA + 0.2j
    raw = bath.self_energy(z) - (0 if not counter_term else bath.friction_kernel(0.0))
    lost = -(z.conj()[:, None, None] * (raw + bath.friction_kernel(0.0)))
    assert np.linalg.eigvalsh((lost - dagger(lost)) / 2j).min() >= -1e-13 * largest(friction)
    np.testing.assert_allclose(bath.static, 0 if counter_term else -bath.friction_kernel(0.0), atol=0)
