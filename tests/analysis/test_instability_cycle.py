"""Amplitudes, orbits, histograms, jackknife of motions that are known; limit cycles without noise by two roads."""

import numpy as np
import pytest
from analysis_toys import blocks
from error_bars import SEED, limit
from laws.runaway import bond, critical, runaway, sites

from sgle import Grid, anharmonic
from sgle.analysis.estimate import Estimate, TooFewSamplesError
from sgle.analysis.instability.balance import NoCycleError, averaged_cycle, effective_frequency, harmonic_balance
from sgle.analysis.instability.cycle import CycleMotion, plane_of
from sgle.analysis.instability.histogram import histogram
from sgle.analysis.instability.mode import Mode, fastest_mode
from sgle.analysis.instability.orbit import moments, orbit
from sgle.analysis.instability.pieces import jackknife, whole
from sgle.errors import ForceError, InputError
from sgle.integrators.driver import run
from sgle.integrators.state import State
from sgle.integrators.verlet import Verlet

GRID = Grid(0.1, memory="local")


def motion(vector, z, steps, dt):
    """u_n, v_n, w_{n+½} of u = Re[x e^{-iznΔt}], (steps, 1, N) each."""
    time = dt * np.arange(-1, steps + 1)
    u = np.real(np.exp(-1j * z * time)[:, None] * vector)[:, None]
    return u[1:-1], (u[2:] - u[:-2]) / (2 * dt), (u[2:] - u[1:-1]) / dt


@pytest.mark.parametrize("z", [0.9 + 0.05j, 1.3 - 0.02j, 0.7])
@pytest.mark.parametrize("dt", [0.3, None])
def test_amplitude_of_a_mode_in_motion(z, dt):
    """X is A e^{-izt}: constant modulus times growth, not a trace of 2 Re z; on the grid and in the continuum."""
    right, left, size = np.array([0.6, 0.8j]), np.array([1.0 + 0.3j, -0.4]), 2.0 - 1.0j
    mode = Mode(z, right, left, dt)
    if dt is None:
        time = np.linspace(0, 20, 60)
        u = np.real(size * np.exp(-1j * z * time)[:, None] * right)
        v = np.real(-1j * z * size * np.exp(-1j * z * time)[:, None] * right)
    else:
        time = dt * np.arange(60)
        u, v, _ = (part[:, 0] for part in motion(size * right, z, 60, dt))
    np.testing.assert_allclose(mode.amplitude(u, v), size * np.exp(-1j * z * time), rtol=1e-12)
    if np.imag(z):
        spoilt = mode.steady.amplitude(u, v) / (size * np.exp(-1j * z * time))
        assert np.abs(spoilt - 1).max() > 0.1 * abs(np.imag(z) / np.real(z))


def test_energy_of_a_mode_is_that_of_an_oscillator():
    """One site of stiffness 0.49, undamped: ½v² + ½·0.49 u² at all times."""
    time = np.linspace(0, 20, 60)
    u, v = 3 * np.cos(0.7 * time), -2.1 * np.sin(0.7 * time)
    mode = Mode(0.7, np.ones(1), np.ones(1))
    energy = mode.energy(mode.amplitude(u[:, None], v[:, None]))
    np.testing.assert_allclose(energy, v**2 / 2 + 0.49 * u**2 / 2, rtol=1e-12)


def test_turns_are_counted_exactly():
    """An elliptic motion at a frequency other than the mode's: the mean phase velocity is its frequency all the same,
    to what is left of the last turn, and the moments are those of the ellipse.
    """
    watch, omega, dt, steps = CycleMotion.of(runaway(2.5), GRID), 1.37, 0.1, 6000
    u, v, w = motion(np.array([1.0 + 0.2j, 2.0 - 0.7j]), omega, steps, dt)
    values = [watch(block) for block in blocks(v, 333, dt, displacement=u, half_velocity=w)]
    for length in (1, 4000):
        again = [watch(block) for block in blocks(v, length, dt, displacement=u, half_velocity=w)]
        np.testing.assert_allclose(np.concatenate(again), np.concatenate(values), rtol=1e-10, atol=1e-12)
    mean = np.concatenate(values).mean(axis=(0, 1))
    turns = abs(mean[1]) * steps * dt / (2 * np.pi)
    assert abs(turns - omega * steps * dt / (2 * np.pi)) < 0.5
    assert mean.shape == (watch.columns,)
    found = orbit(np.array([mean[2:]] * 3), np.full(3, GRID.velocity(np.array(omega))))
    a = np.array([1.0 + 0.2j, 2.0 - 0.7j])
    assert found.per_quantum.value == pytest.approx(
        2 * np.imag(np.conj(a[0]) * a[1]) / np.sum(np.abs(a) ** 2), rel=1e-3
    )
    assert found.purity.value == pytest.approx(1, abs=1e-3)


def test_ellipse_and_its_sense():
    """Semi-axes 3 and 1, long one at 30°: found whatever the sense; noise lowers the purity."""
    rng, turn = np.random.default_rng(SEED), np.radians(30)
    frame = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    phase = 1.7 * rng.uniform(0, 1e4, (40, 4000))
    for sense in (1, -1):
        place = np.stack([3 * np.cos(phase), sense * np.sin(phase)], axis=-1) @ frame.T
        speed = 1.7 * np.stack([-3 * np.sin(phase), sense * np.cos(phase)], axis=-1) @ frame.T
        found = orbit(moments(place, speed).mean(axis=1), np.full(40, 1.7))
        for got, exact in ((found.axes[0], 3), (found.axes[1], 1), (found.angle, turn)):
            assert abs(got.value - exact) < limit(39) * got.stderr and got.stderr < 0.02
        assert found.angular_momentum.value == pytest.approx(sense * 3 * 1.7, rel=1e-12) and found.sense == sense
        assert found.eccentricity.value == pytest.approx(np.sqrt(8) / 3, rel=1e-3)
        noise = rng.standard_normal((2, 40, 4000, 2))
        spoilt = orbit(moments(place + noise[0], speed + 1.7 * noise[1]).mean(axis=1), np.full(40, 1.7))
        assert spoilt.purity.value == pytest.approx(10 / 14, abs=0.01)
        assert abs(spoilt.angle.value - turn) < limit(39) * spoilt.angle.stderr
    assert orbit(moments(noise[0], noise[1]).mean(axis=1), np.full(40, 1.7)).sense == 0


def test_angle_next_to_its_cut():
    """A long axis along the second coordinate: angles of ±90° are one, and the error bar knows it."""
    rng = np.random.default_rng(SEED)
    tilt = np.pi / 2 + 0.01 * np.outer([1, -1], rng.standard_normal(15)).ravel()
    mean = np.stack([np.cos(tilt) ** 2, np.sin(tilt) ** 2, np.sin(tilt) * np.cos(tilt), 0 * tilt], axis=-1) / 2
    found = orbit(mean, np.ones(30))
    assert found.angle.stderr == pytest.approx(0.01 / np.sqrt(30), rel=0.5)
    assert abs(abs(found.angle.value) - np.pi / 2) < 0.01


def test_plane_of_a_mode_and_what_is_refused():
    mode = Mode(1.0, np.array([3.0, 0, 1j]) / np.sqrt(10), np.array([1.0, 0, 0]))
    np.testing.assert_allclose(plane_of(mode), [[1, 0, 0], [0, 0, 1]], atol=1e-12)
    with pytest.raises(InputError, match="on a line"):
        plane_of(Mode(1.0, np.array([0.6, 0.8]), np.array([1.0, 0])))
    with pytest.raises(InputError, match="orthonormal"):
        CycleMotion.of(runaway(2.5), GRID, plane=[[1, 0], [1, 1]])
    with pytest.raises(InputError, match="does not oscillate"):
        _ = Mode(0.3j, np.ones(1), np.ones(1)).steady


def test_jackknife():
    """Of a mean: the plain error. Of a square: unbiased, with the error of the chain rule."""
    rng = np.random.default_rng(SEED)
    means = 2 + rng.standard_normal((400, 3))
    plain = Estimate.from_means(means)
    found = jackknife(means, lambda mean: mean)
    np.testing.assert_allclose(found.value, plain.value, rtol=1e-12)
    np.testing.assert_allclose(found.stderr, plain.stderr, rtol=1e-12)
    few = [jackknife(2 + rng.standard_normal((5, 1)), lambda mean: mean[0] ** 2) for _ in range(4000)]
    value = np.array([each.value for each in few])
    assert abs(value.mean() - 4) < limit() * value.std() / np.sqrt(4000)  # the plain square is off by 1/5, 14 errors
    assert np.mean([each.stderr**2 for each in few]) == pytest.approx(value.var(), rel=0.1)
    with pytest.raises(TooFewSamplesError, match="3 whole"):
        whole(np.where(np.arange(4)[None, :, None] < 2, 1.0, np.nan * np.ones((5, 4, 1))))


def test_histogram_of_an_exponential():
    rng = np.random.default_rng(SEED)
    found = histogram(rng.exponential(1.0, (2000, 50)), np.linspace(0, 4, 9))
    exact = -np.diff(np.exp(-found.edges)) / 0.5
    z = (found.density.value - exact) / found.density.stderr
    assert np.all(np.abs(z) < limit(49, 8)) and np.all(found.density.stderr < 0.03 * exact + 0.001)
    assert np.abs((found.density.value - 1.03 * exact) / found.density.stderr).max() > limit(49, 8)
    everything = histogram(rng.exponential(1.0, (200, 5)))
    assert np.sum(everything.density.value * np.diff(everything.edges)) == pytest.approx(1)


def lopsided():
    """A bond that is softer when it is long: its cycle is not centred at rest."""
    return anharmonic.polynomial(anharmonic.bonds(2, [[0, 1]]), cubic=-5e-4, quartic=1e-4)


@pytest.mark.parametrize("force", [bond(1e-4), sites([1e-4, 3e-5]), lopsided()], ids=["bond", "sites", "lopsided"])
def test_balanced_harmonics_are_a_motion_of_the_stepper(force):
    """From a point of the cycle, without noise, the stepper stays on it for 90 turns: to the harmonics left out."""
    junction = runaway(2.3, force=force)
    cycle = harmonic_balance(junction, GRID, harmonics=7)
    turn, size = cycle.frequency * GRID.time_step, np.abs(cycle.harmonics).max()
    places = cycle.at(turn * np.arange(-1, 6000))
    begin = State(places[None, 1], (places[None, 1] - places[None, 0]) / GRID.time_step)
    made = list(run(GRID.model(junction), {}, 6000, state=begin))
    path = np.concatenate([block.displacement[:, 0] for block in made])
    assert cycle.rest < 1e-4 and np.abs(path - places[1:]).max() < cycle.rest * size
    heat = np.concatenate([(block.velocity[:, 0, 1:] * block.reaction["R"][:, 0]).sum(axis=1) for block in made])
    turns = int(6000 * turn / (2 * np.pi))
    assert heat[: round(2 * np.pi * turns / turn)].mean() == pytest.approx(cycle.heat["R"], rel=4e-4)
    three = harmonic_balance(junction, GRID)
    assert 1e-4 < three.rest < 0.02 and three.frequency == pytest.approx(cycle.frequency, rel=1e-4)
    assert np.abs(three.at(turn * np.arange(60)) - places[1:61]).max() > 1e-5 * size


def test_cycle_with_memory_attracts_what_begins_elsewhere():
    """Convolution memory: from far inside, without noise, the amplitude ends at that of the balance."""
    grid, junction = Grid(0.2), runaway(2.6, force=bond(1e-4))
    cycle = harmonic_balance(junction, grid, harmonics=5)
    begin = Verlet(grid.model(junction)).rest(1)
    begin.displacement[:] = [1.0, -1.0]
    last = list(run(grid.model(junction), {}, 6000, state=begin))[-4:]
    found = np.concatenate([block.displacement[:, 0] for block in last])
    exact = np.abs(cycle.at(np.linspace(0, 2 * np.pi, 4000)))
    np.testing.assert_allclose(np.abs(found).max(axis=0), exact.max(axis=0), rtol=1e-3)


def test_energy_of_the_cycle_closes():
    """Heat into all baths adds up to nothing, in the continuum to rounding, on the grid to what a step does to V."""
    for force in (bond(1e-4), sites(1e-4)):
        for grid, share in ((None, 1e-12), (GRID, 1e-3)):
            heat = harmonic_balance(runaway(2.3, force=force), grid).heat
            assert heat["L"] > 0 and heat["R"] > 0 and heat["e"] < 0
            assert abs(sum(heat.values())) < share * -heat["e"]


def test_averaging_is_the_limit_of_the_balance_at_the_threshold():
    """Relative difference of A² ∝ distance; and the amplitude equation of the docstring by hand."""
    threshold = critical(GRID)
    off = []
    for distance in (0.004, 0.016):
        junction = runaway(threshold + distance, force=bond(1e-4))
        amplitude, frequency = averaged_cycle(junction, GRID)
        cycle = harmonic_balance(junction, GRID)
        off.append(1 - cycle.amplitude**2 / amplitude**2)
        shift = cycle.frequency - cycle.mode.z.real
        assert shift > 0 and shift == pytest.approx(frequency - cycle.mode.z.real, rel=0.04)
    assert 0 < off[0] < 0.02 and off[1] / off[0] == pytest.approx(4, rel=0.2)
    strengths = np.array([1e-4, 3e-5])
    mode = fastest_mode(runaway(2.2), GRID)
    cubes = np.abs(mode.right) ** 2 * mode.right
    slope = 3 / (8 * mode.z) * np.sum(strengths * mode.left * cubes)
    for amplitude in (0.5, 20.0):
        moved = effective_frequency(runaway(2.2, force=sites(strengths)), mode, amplitude)
        assert moved - mode.z == pytest.approx(slope * amplitude**2, rel=1e-9)


def test_no_cycle():
    with pytest.raises(NoCycleError, match="no mode grows") as caught:
        averaged_cycle(runaway(1.0, force=bond(1e-4)))
    assert caught.value.growth_rate < 0
    with pytest.raises(NoCycleError, match="does not stop"):
        averaged_cycle(runaway(2.3, force=bond(-1e-4)))
    with pytest.raises(InputError, match="harmonic"):
        averaged_cycle(runaway(2.3))
    with pytest.raises(InputError, match="must lie below"):
        harmonic_balance(runaway(2.3, force=bond(1e-4)), Grid(0.8, memory="local"), harmonics=9)


class Ends:
    """Softening, and no force at all beyond |u| = 1."""

    size, spec = 2, None

    def __call__(self, displacement):
        if np.abs(displacement).max() > 1:
            raise ForceError("torn")
        return bond(-1e-4)(displacement)


def test_a_force_that_ends_before_it_saturates():
    with pytest.raises(NoCycleError, match="does not stop") as caught:
        averaged_cycle(runaway(2.3, force=Ends()))
    assert 0.5 < caught.value.amplitude < 2
