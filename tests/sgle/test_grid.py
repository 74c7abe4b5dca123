"""Taps and the spectra they have on the grid (physics.md 7)."""

import numpy as np
import pytest
from laws.models import BIASED, EQUILIBRIUM, FRICTION, electrons, minimal, smooth_minimal

from sgle import Grid, Junction, baths, landauer
from sgle.errors import KernelWarning, StepWarning
from sgle.fft import direct_sum
from sgle.grid import parzen


def sampled(bath, grid):
    size = max(bath.dofs) + 1
    return grid.model(Junction(10 * np.eye(size), {"b": bath})).baths["b"]


def halfway(grid, count=301):
    """Frequencies over the whole range of the grid, both signs, away from 0 and π/Δt."""
    return np.linspace(-0.999, 0.999, count - 1) * grid.nyquist


def test_taps_are_the_kernels():
    bath, grid = electrons(), Grid(0.1)
    taps, t = sampled(bath, grid), 0.1 * np.arange(1, 30)
    np.testing.assert_allclose(taps.velocity_taps[1:30], 0.1 * bath.friction_kernel(t), rtol=1e-14)
    np.testing.assert_allclose(taps.position_taps[1:30], 0.1 * bath.displacement_kernel(t), rtol=1e-14)
    np.testing.assert_allclose(taps.velocity_taps[0], 0.05 * bath.friction_kernel(0.0) + bath.berry, rtol=1e-14)
    np.testing.assert_allclose(taps.position_taps[0], 0.05 * bath.displacement_kernel(0.0), rtol=1e-14)
    assert len(sampled(baths.drude(0.1, 2.0, 0.3, 0), grid).position_taps) == 0
    # The last taps kept are 1e-14 of the first.
    last = np.abs(taps.velocity_taps[-2:]).max() / np.abs(taps.velocity_taps[1]).max()
    assert 1e-16 < last < 1e-13 and not taps.windowed


@pytest.mark.parametrize("dt", [0.05, 0.1, 0.2])
def test_band_limited_spectra_keep_their_shape(dt):
    """Γ_s,d = Γ_s sin(ωΔt)/ωΔt, S_d the same factor times S, without aliasing: 6.1 cutoffs below π/Δt."""
    grid = Grid(dt)
    omega = halfway(grid)
    factor = np.sinc(omega * dt / np.pi)[:, None, None]
    for bath in (baths.ohmic(FRICTION, 2.5, 0.4, [0, 1]), electrons(cutoff=2.5)):
        taps = sampled(bath, grid)
        wanted, found = bath.broadening(omega), taps.broadening(omega)
        np.testing.assert_allclose(found.real, factor * wanted.real, atol=1e-11 * np.abs(wanted).max())
        np.testing.assert_allclose(found.imag, wanted.imag, atol=1e-11 * np.abs(wanted).max())
        noise = bath.noise(omega)
        np.testing.assert_allclose(taps.noise(omega), factor * noise, atol=1e-11 * np.abs(noise).max())


@pytest.mark.parametrize("grid", [Grid(0.1), Grid(0.3), Grid(0.1, memory="local"), Grid(0.1, memory_time=2.0)], ids=str)
@pytest.mark.parametrize("make", EQUILIBRIUM.values(), ids=EQUILIBRIUM)
def test_fluctuation_and_dissipation_balance_exactly(make, grid):
    """S_d = ½coth(ω/2T) Γ_d, though neither is S nor Γ; and both are ≥ 0 for ω > 0."""
    bath = make()
    taps, omega = sampled(bath, grid), halfway(grid)
    gamma, noise = taps.broadening(omega), taps.noise(omega)
    coth = 1 / np.tanh(omega / 2 / bath.temperature) if bath.temperature else np.sign(omega)
    np.testing.assert_allclose(noise, coth[:, None, None] / 2 * gamma, atol=2e-12 * max(np.abs(noise).max(), 1e-3))
    assert np.linalg.eigvalsh(noise).min() >= -1e-11 * np.abs(noise).max()


@pytest.mark.parametrize("grid", [Grid(0.1), Grid(0.3), Grid(0.1, memory="local"), Grid(0.1, memory_time=2.0)], ids=str)
@pytest.mark.parametrize("make", BIASED.values(), ids=BIASED)
def test_biased_noise_is_positive(make, grid):
    taps, omega = sampled(make(), grid), halfway(grid)
    noise = taps.noise(omega)
    assert np.linalg.eigvalsh(noise).min() >= -1e-11 * np.abs(noise).max()
    np.testing.assert_allclose(noise, np.conj(noise[::-1]), atol=1e-12)


def friction_on_grid(taps, dt, length):
    """Re γ_d with the kernel of a chain cut at `length` and multiplied by a window."""
    kernel = baths.chain_lead(1.0, 0.0, 0.4, 0).friction_kernel(dt * np.arange(length))
    weight = taps.copy()
    weight[0] /= 2
    return direct_sum(dt * weight[:, None, None] * kernel, np.linspace(0, np.pi, 4001)).real


def test_parzen_keeps_friction_positive_where_other_cuts_do_not():
    dt, length = 0.3, 100
    x = np.arange(length) / length
    windows = {"parzen": parzen(length), "cosine": (1 + np.cos(np.pi * x)) / 2, "rectangle": np.ones(length)}
    lowest = {name: friction_on_grid(w, dt, length).min() for name, w in windows.items()}
    assert lowest["parzen"] > 0
    assert lowest["cosine"] < -1e-6 and lowest["rectangle"] < -1e-3
    grid = Grid(dt, memory_time=dt * length)
    taps = sampled(baths.chain_lead(1.0, 0.0, 0.4, 0), grid)
    assert taps.windowed and len(taps.velocity_taps) == length
    omega = np.linspace(1e-3, 0.9999, 400) * grid.nyquist
    np.testing.assert_array_less(0, taps.broadening(omega)[:, 0, 0].real)


def test_parzen_window():
    assert parzen(8)[0] == 1 and parzen(8)[4] == pytest.approx(0.25) and parzen(8)[7] == pytest.approx(2 / 512)
    transform = (
        2 * direct_sum((parzen(32) * np.where(np.arange(32), 1, 0.5))[:, None, None], np.linspace(0, np.pi, 999)).real
    )
    assert transform.min() > -1e-14


def slopes(junction):
    """Pairwise slopes of |grid - continuum| at Δt = 0.01, 0.005, 0.0025: energies (2, 2), currents (2, 3)."""
    exact = landauer.answers(junction)
    errors = []
    for dt in (0.01, 0.005, 0.0025):
        found = landauer.answers(junction, Grid(dt, max_taps=2**14))
        currents = [found.heat_currents[k] - exact.heat_currents[k] for k in ("L", "R", "e")]
        errors.append(np.concatenate([found.kinetic_energy - exact.kinetic_energy, currents]))
    assert 1e-9 < np.abs(errors[-1]).max() < np.abs(errors[0]).max() < 1e-3
    found = np.log2(np.abs(errors[:-1]) / np.abs(errors[1:]))
    return found[:, :2], found[:, 2:]


def test_time_step_error_is_second_order():
    """E and J of the grid approach the continuum as Δt² (cutoff·Δt ≤ 0.04)."""
    energies, currents = slopes(smooth_minimal(1.0))
    np.testing.assert_allclose(energies, 2, atol=0.05)
    np.testing.assert_allclose(currents, 2, atol=0.05)


def test_time_step_error_with_algebraic_tails():
    """Drude noise makes S_vv ~ ω⁻³: the energies' error is Δt² ln(1/cΔt), of slope 2 - 1/ln; currents' is Δt²."""
    energies, currents = slopes(minimal(1.0))
    np.testing.assert_allclose(currents, 2, atol=0.05)
    np.testing.assert_array_less(1.65, energies)
    np.testing.assert_array_less(energies[0] + 0.03, energies[1])
    np.testing.assert_array_less(energies, 1.95)


def test_a_first_order_rule_would_be_seen():
    """Full weight at lag 0 (defect B9 of rivals.md) has slope 1 in the static friction, far from 2."""
    bath = baths.drude(0.05, 10.0, 0.5, 0)
    errors = []
    for dt in (0.01, 0.005):
        right = sampled(bath, Grid(dt)).velocity_taps.sum()
        errors.append([right - 0.05, right + dt / 2 * bath.friction_kernel(0.0)[0, 0] - 0.05])
    slope = np.log2(np.abs(errors[0]) / np.abs(errors[1]))
    assert slope[0] == pytest.approx(2, abs=0.05) and slope[1] == pytest.approx(1, abs=0.05)


def test_local_memory_is_the_markov_limit():
    bath, grid = electrons(), Grid(0.1, memory="local")
    taps, markov = sampled(bath, grid), bath.markov()
    np.testing.assert_array_equal(taps.velocity_taps, (markov.friction + markov.berry)[None])
    np.testing.assert_array_equal(taps.position_taps, markov.nonconservative[None])
    omega = np.array([0.02])
    markov_pi = bath.static + markov.nonconservative - 1j * grid.velocity(omega)[0] * (markov.friction + markov.berry)
    np.testing.assert_allclose(taps.self_energy(omega)[0], markov_pi, rtol=1e-13)
    np.testing.assert_allclose(taps.noise(omega), bath.noise(omega), rtol=1e-4)
    # No cutoff is left: white up to the Nyquist frequency, but for the grid's own factor.
    assert taps.noise(np.array([20.0]))[0, 0, 0].real > 5 * bath.noise(np.array([20.0]))[0, 0, 0].real


def test_memory_by_bath():
    grid = Grid(0.1, memory={"e": "local"})
    model = grid.model(minimal(1.0))
    assert [len(bath.velocity_taps) > 1 for bath in model.baths.values()] == [True, True, False]
    assert hash(grid) == hash(Grid(0.1, memory={"e": "local"})) and grid.model(model.junction) is model


def test_static_part_joins_the_stiffness():
    junction = Junction([[3.0, 0.0], [0.0, 2.0]], {"L": baths.chain_lead(1.0, 0.0, 0.4, 0), "e": electrons(bias=0.5)})
    wanted = np.diag([2.0, 2.0]) + 0.5 * electrons().parameters["renormalisation"]
    np.testing.assert_allclose(Grid(0.1).model(junction).stiffness, wanted, atol=1e-14)


def test_what_stands_for_frequency():
    grid, omega = Grid(0.2), np.array([0.0, 0.3, 4.0, np.pi / 0.2])
    np.testing.assert_allclose(grid.inertia(omega), 2 / 0.04 * (1 - np.cos(0.2 * omega)), atol=1e-13)
    np.testing.assert_allclose(grid.velocity(omega), np.sin(0.2 * omega) / 0.2, atol=1e-15)
    assert grid.nyquist == omega[-1]


def test_realised_noise_is_close_and_used():
    """A local bath's filter has tails at the Nyquist kink: the answer with it differs by its distance, not more."""
    junction, grid = smooth_minimal(1.0), Grid(0.1)
    ideal, real = landauer.answers(junction, grid), landauer.answers(junction, grid.realise())
    distance = max(b.noise_filter.distance for b in grid.model(junction).baths.values())
    difference = np.abs(ideal.kinetic_energy - real.kinetic_energy).max()
    assert 0 < difference < 10 * distance
    rough, truly = Grid(0.1, memory="local"), Grid(0.1, memory="local", realised=True)
    difference = np.abs(landauer.kinetic_energy(junction, rough) - landauer.kinetic_energy(junction, truly)).max()
    assert 0 < difference < 1e-6


def test_doubtful_steps_and_cut_kernels_are_told_with_numbers():
    chain = Junction([[3.0]], {"L": baths.chain_lead(1.0, 0.0, 0.5, 0)})
    assert Grid(0.1).model(chain).doubts() == []
    ((kind, text),) = Grid(0.6).model(chain).doubts()
    assert kind is StepWarning and "Δt·ω_max = 0.849" in text
    ((kind, text),) = Grid(0.1, memory_time=10.0).model(chain).doubts()
    rest = np.abs(baths.chain_lead(1.0, 0.0, 0.5, 0).friction_kernel(np.arange(8.8, 10, 0.1))).max()
    assert kind is KernelWarning and "cut at step 100" in text and f"{rest:.1e}" in text


def test_the_kink_of_noise_without_zero_point_is_named():
    bath = baths.drude([[0.05]], 10.0, 0.2, [0]).without("zero_point")
    ((_, text),) = Grid(0.05).model(Junction([[1.0]], {"ph": bath})).doubts()
    assert "kink at ω = 0" in text and "smoother" not in text


def test_a_kernel_that_ends_by_itself_is_kept_whole_beyond_max_taps():
    """A window at max_taps would broaden the spectrum by far more than what it cuts off there."""
    bath, omega = baths.drude([[0.05]], 0.3, 0.2, [0]), np.array([0.2])
    (found,) = Grid(0.1, max_taps=400).model(Junction([[1.0]], {"ph": bath})).baths.values()
    assert not found.windowed and 1000 < len(found.velocity_taps) <= 1600
    assert found.broadening(omega) == pytest.approx(bath.broadening(omega), rel=1e-3)
    (cut,) = Grid(0.1, max_taps=100).model(Junction([[1.0]], {"ph": bath})).baths.values()
    assert cut.windowed and len(cut.velocity_taps) == 100
    assert cut.broadening(omega) != pytest.approx(bath.broadening(omega), rel=1e-2)
