"""Around the threshold of a runaway: fluctuations below it, limit cycles and broken bonds beyond it (issue 5)."""

import warnings

import numpy as np
import pytest
from error_bars import SEED, limit
from laws.runaway import INTER, bond, critical, runaway, sites

from sgle import Grid, Junction, anharmonic, landauer, simulate
from sgle.analysis.instability.approach import SlowModeEnergy, fluctuation, mode_fluctuation
from sgle.analysis.instability.balance import harmonic_balance
from sgle.analysis.instability.cycle import CycleMotion, limit_cycle
from sgle.analysis.instability.lifetime import exponential_rate, exponentiality
from sgle.analysis.instability.mode import fastest_mode
from sgle.analysis.instability.survival import Passages, kaplan_meier
from sgle.analysis.passage import Passage, elongation
from sgle.errors import InputError

GRID = Grid(0.2, memory="local")
RUN = {"time_step": 0.2, "seed": SEED, "memory": "local", "spectrum_segment": 0, "progress": False}
DISTANCES = np.array([0.02, 0.04, 0.08, 0.12])
QUARTIC = 1e-7


@pytest.fixture(scope="module")
def threshold():
    return critical(GRID)


@pytest.fixture(scope="module")
def cycles(threshold):
    """Runs at some distances above the threshold: from rest, eight times 1/κ to grow and settle, then four of them."""
    found = []
    for distance in DISTANCES:
        junction = runaway(threshold + distance, force=bond(QUARTIC))
        watch = CycleMotion.of(junction, GRID)
        time = 1 / fastest_mode(junction, GRID).z.imag / GRID.time_step
        lengths = {"steps": int(4 * time), "burn_in": int(8 * time), "trajectories": 16}
        result = simulate(junction, **lengths, observers={"cycle": watch}, **RUN)
        found.append((limit_cycle(result, watch), harmonic_balance(junction, GRID), result, watch))
    return found


def exponent(distance, amplitudes):
    """Slope of log A against log distance and its error, weighted."""
    value = np.log([each.value for each in amplitudes])
    weight = np.array([each.value / each.stderr for each in amplitudes])
    (slope, _), covariance = np.polyfit(np.log(distance), value, 1, w=weight, cov="unscaled")
    return slope, np.sqrt(covariance[0, 0])


def is_a_root(slope, error):
    """Issue 5: exponent 0.5 ± 0.05, the error bar included."""
    assert error < 0.005 and abs(slope - 0.5) + 4 * error < 0.05, (slope, error)


def test_amplitude_is_the_root_of_the_distance(cycles, threshold):
    amplitudes = [cycle.amplitude for cycle, *_ in cycles]
    is_a_root(*exponent(DISTANCES, amplitudes))
    for wrong in (threshold - 0.01, threshold + 0.01):
        with pytest.raises(AssertionError):
            is_a_root(*exponent(DISTANCES + threshold - wrong, amplitudes))


def test_amplitude_frequency_and_orbit_are_those_of_the_balance(cycles):
    """Noise is weak here, so that what it does to the cycle is below the error bars; half the quartic is rejected."""
    for cycle, exact, _, watch in cycles:
        bound = limit(15, 4 * len(cycles))
        assert cycle.amplitude.stderr < 0.01 * exact.amplitude
        assert abs(cycle.amplitude.value - exact.amplitude) < bound * cycle.amplitude.stderr
        assert abs(cycle.amplitude.value - np.sqrt(2) * exact.amplitude) > 2 * bound * cycle.amplitude.stderr
        assert abs(cycle.frequency.value - exact.frequency) < bound * cycle.frequency.stderr
        # A quartic that hardens raises the frequency.
        assert cycle.shift.value > bound * cycle.shift.stderr and cycle.shift.stderr < 0.1 * cycle.shift.value
        axes = np.linalg.svd(np.array([exact.harmonics[1].real, exact.harmonics[1].imag]), compute_uv=False)
        assert np.all(np.abs(cycle.orbit.axes.value - axes) < bound * cycle.orbit.axes.stderr)
        turn = np.imag(np.conj(exact.harmonics[1, 0]) * exact.harmonics[1, 1])
        assert cycle.orbit.sense == np.sign(turn) == np.sign(INTER[0, 1].imag)
        assert cycle.orbit.purity.value > 0.99
        assert cycle.mode.z == exact.mode.z and watch.mode.z == exact.mode.z.real


def test_work_of_the_current_is_what_the_baths_take(cycles):
    for cycle, exact, *_ in cycles:
        bound = limit(15, 5 * len(cycles))
        assert cycle.balance.stderr < 0.005 * cycle.taken.value
        assert abs(cycle.balance.z) < bound, cycle.balance
        for name, heat in cycle.heat.items():
            assert heat.stderr < 0.02 * abs(exact.heat[name])
            assert abs(heat.value - exact.heat[name]) < bound * heat.stderr
        lost = cycle.heat["L"].value + cycle.heat["R"].value
        assert cycle.taken.value == pytest.approx(lost, abs=bound * cycle.balance.stderr)
        # Without one of the baths the account does not close.
        assert abs(cycle.taken.value - cycle.heat["R"].value) > 2 * bound * cycle.balance.stderr


def test_energies_lie_on_a_ring(cycles):
    """Far above the noise the energy of the mode is never near zero, as thermal energies are most of the time."""
    cycle, _, result, watch = cycles[-1]
    lowest = cycle.energy.edges[0]
    mean = watch.mode.energy(cycle.amplitude.value)
    assert lowest > 0.5 * mean and cycle.energy.edges[-1] < 1.5 * mean
    assert np.sum(cycle.energy.density.value * np.diff(cycle.energy.edges)) == pytest.approx(1)
    with pytest.raises(InputError, match="no observer 'other'"):
        limit_cycle(result, watch, "other")


def test_opposite_bias_turns_the_other_way(threshold):
    junction = runaway(-threshold - 0.1, force=bond(QUARTIC))
    watch = CycleMotion.of(junction, GRID)
    result = simulate(junction, steps=2000, burn_in=8000, trajectories=4, observers={"cycle": watch}, **RUN)
    assert limit_cycle(result, watch).orbit.sense == -np.sign(INTER[0, 1].imag)


@pytest.mark.parametrize("grid", [GRID, Grid(0.2)], ids=["local", "memory"])
def test_energy_and_its_time_diverge_as_the_inverse_distance(grid):
    """Exactly: products with the distance go to constants, and τ goes to 1/(2|Im z|)."""
    threshold = critical(grid)
    distances = np.array([0.02, 0.01, 0.005])
    products, ratios = [], []
    for distance in distances:
        junction = runaway(threshold - distance)
        energy, time = mode_fluctuation(junction, grid)
        kinetic = landauer.kinetic_energy(junction, grid)
        products.append(distance * np.array([energy, time, *kinetic]))
        ratios.append(time * -2 * fastest_mode(junction, grid).z.imag)
    products = np.array(products)
    change = np.abs(np.diff(np.log(products), axis=0))
    assert np.all(change[1] < 0.7 * change[0]) and np.all(change[1, :2] < 0.05), change
    off = 1 - np.array(ratios)
    assert np.all(off > 0) and np.all(off < 0.03) and np.all(off[1:] / off[:-1] < 0.7)


def test_sampled_energy_and_time_below_the_threshold(threshold):
    """Against the exact numbers on the grid, at two distances."""
    for distance, steps in ((0.4, 4000), (0.1, 16000)):
        junction = runaway(threshold - distance)
        watch = SlowModeEnergy.of(junction, GRID)
        result = quietly(junction, steps=steps, trajectories=256, observers={"mode": watch})
        seen = fluctuation(result, watch)
        kinetic = result.kinetic_energy
        assert np.all(np.abs(kinetic.z) < limit(255, 4)) and np.all(kinetic.stderr < 0.1 * kinetic.grid)
        for each in (seen.energy, seen.time):
            assert each.stderr < 0.1 * each.grid and abs(each.z) < limit(255, 4), each
            assert abs(each.value - 2 * each.grid) > limit(255, 4) * each.stderr
            assert each.continuum > 0
        assert seen.time.grid == pytest.approx(1 / (2 * abs(seen.mode.z.imag)), rel=0.2)
    watched = {"steps": 500, "burn_in": 100, "trajectories": 4, "observers": {"mode": watch}}
    with pytest.raises(InputError, match="anharmonic"):
        fluctuation(quietly(runaway(1.0, force=bond(1e-3)), **watched), watch)


def quietly(junction, **settings):
    """A run whose doubts (far from the continuum, no equilibrium, too short) are not what a test is about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return simulate(junction, **RUN | settings)


DEPTH, TEMPERATURE, BROKEN = 1.0, 0.3, 4.5
SPRINGS = np.array([[0.5, -0.4], [-0.4, 0.5]])


def morse(depth, stiffness):
    return anharmonic.morse(anharmonic.bonds(2, [[0, 1]]), depth=depth, width=np.sqrt(stiffness / (2 * depth)))


def upcrossings(temperature, length):
    """Rate at which a classical bond in equilibrium is stretched beyond `length`, ⟨q̇⁺ δ(q - length)⟩ =
    √(2T/2π) p(length) (S. O. Rice, 1945; transition state theory): an upper bound of the rate of first passages.
    """
    u, q = np.linspace(-12, 12, 601), np.linspace(-10, 12, 881)
    place = np.stack(np.broadcast_arrays(u[:, None], u[:, None] + q), axis=-1).reshape(-1, 2)
    energy = np.einsum("ri,ij,rj->r", place, SPRINGS, place) / 2 + morse(DEPTH, 0.4)(place)[1]
    density = np.exp(-energy / temperature).reshape(len(u), len(q)).sum(axis=0)
    density /= density.sum() * (q[1] - q[0])
    return np.sqrt(temperature / np.pi) * np.interp(length, q, density)


def test_a_hot_bond_breaks_at_a_constant_rate():
    """Classical and in equilibrium: exponential once the start is forgotten, a little rarer than upcrossings are, as a
    bond that has just been long is soon long again.
    """
    junction = Junction(SPRINGS, runaway(0.0, TEMPERATURE).baths, anharmonic=morse(DEPTH, 0.4)).without("quantum_noise")
    watch = {"bond": Passage(elongation(junction, 0, 1), BROKEN)}
    result = simulate(junction, steps=4000, burn_in=1000, trajectories=256, passages=watch, **RUN)
    passages = Passages.of(result.passages["bond"], result.watched).behind(60.0)
    rate, curve = exponential_rate(passages, level=1 - 1e-6), kaplan_meier(passages)
    assert rate.events > 100 and 0.1 < curve.survival[-1] < 0.5
    assert 0.4 * upcrossings(TEMPERATURE, BROKEN) < rate.lower and rate.upper < 2 * upcrossings(TEMPERATURE, BROKEN)
    assert rate.value < upcrossings(TEMPERATURE, BROKEN)
    assert exponentiality(passages).p > 1e-6
    mean, error = curve.restricted_mean(400.0)
    assert abs(mean - -np.expm1(-rate.value * 400) / rate.value) < limit() * error
    # Cold noise breaks nothing at this rate; dropping the whole bonds makes it faster than upcrossings are.
    assert rate.lower > 2 * upcrossings(0.2, BROKEN)
    broken = Passages(passages.time[passages.passed], passages.passed[passages.passed])
    assert exponential_rate(broken).lower > 1.1 * upcrossings(TEMPERATURE, BROKEN)


def test_a_bond_in_a_runaway_breaks_once_the_motion_has_grown():
    """Beyond the threshold every bond breaks, after a growth that takes its time: passages become more frequent with
    age. Below it few do, at a constant rate.
    """
    force = anharmonic.sum_of(morse(5.0, 0.16), sites(1e-3))
    found = {}
    for bias in (1.7, 2.4):
        junction = runaway(bias, force=force)
        watch = {"bond": Passage(elongation(junction, 0, 1), 6.0)}
        result = quietly(junction, steps=1500, burn_in=500, trajectories=128, passages=watch)
        found[bias] = Passages.of(result.passages["bond"], result.watched)
    below, beyond = found[1.7], found[2.4]
    assert beyond.events == 128 and 20 < below.events < 100
    assert exponentiality(below.behind(50.0)).p > 1e-6
    aged = exponentiality(beyond)
    assert aged.p < 1e-6 and aged.trend > 5
    _, early, late = kaplan_meier(beyond, level=1 - 1e-6).median
    growth = 1 / fastest_mode(runaway(2.4), GRID).z.imag
    assert growth < late and early < 5 * growth
    assert exponential_rate(below, 1 - 1e-6).upper < exponential_rate(beyond, 1 - 1e-6).lower
