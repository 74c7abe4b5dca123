"""Stationary initial states: equal to a long past where that can be run, right in distribution where it cannot."""

from dataclasses import dataclass

import numpy as np
import pytest
from error_bars import SEED, assert_agrees, limit
from laws.models import smooth_minimal, uniform_chain

from sgle import Grid, Junction, baths, landauer
from sgle.errors import InputError, UnstableError
from sgle.integrators import slow, start
from sgle.integrators.driver import run
from sgle.integrators.verlet import Verlet
from sgle.noise import noise_streams
from sgle.stability import resonances

DT = 0.2


@dataclass(frozen=True)
class Shifted:
    """The same noise, some steps earlier."""

    stream: object
    steps: int

    def block(self, first, n):
        return self.stream.block(first - self.steps, n)


@dataclass(frozen=True)
class Elsewhere:
    """A stream whose past is not its own but that of so many steps earlier."""

    stream: object
    steps: int

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def block(self, first, n):
        return self.stream.block(first - self.steps if first < 0 else first, n)


def weak(friction, right=0.3, left=0.5):
    """Three sites, the outer ones weakly damped: motion that outlives any kernel."""
    stiffness = [[1.0, -0.16, 0], [-0.16, 1.1, -0.16], [0, -0.16, 1.0]]
    ends = {"L": baths.ohmic(friction, 3.0, left, [0]), "R": baths.ohmic(friction, 3.0, right, [2])}
    return Junction(stiffness, ends)


def stepped_past(model, streams, steps):
    """The state before step 0 after so many steps from rest."""
    earlier = {name: Shifted(stream, steps) for name, stream in streams.items()}
    *_, last = run(model, earlier, steps)
    state = last.state_after.copy()
    state.step = 0
    return state


def difference(a, b):
    return max(np.abs(a.displacement - b.displacement).max(), np.abs(a.half_velocity - b.half_velocity).max())


def future_difference(model, streams, a, b, steps=200):
    pairs = zip(run(model, streams, steps, state=a), run(model, streams, steps, state=b), strict=True)
    return max(np.abs(x.displacement - y.displacement).max() for x, y in pairs)


def exact_covariance(junction, lags=1, period=2**14):
    """⟨u_n u_{n-τ}ᵀ⟩ on the grid at τ = 0..lags, (lags + 1, N, N), by a sum over frequencies."""
    omega = 2 * np.pi / (period * DT) * np.arange(period // 2 + 1)
    spectrum = landauer.spectrum(junction, omega, Grid(DT).realise())
    return np.fft.irfft(np.conj(spectrum), period, axis=0)[: lags + 1] / DT


def state_covariance(junction):
    """Covariance of [u_0, w_{-1/2}], (2N, 2N)."""
    here, lag = exact_covariance(junction)
    to_velocity = (here - lag) / DT
    velocity = (2 * here - lag - lag.T) / DT**2
    return np.block([[here, to_velocity], [to_velocity.T, velocity]])


@pytest.mark.parametrize("memory", ["convolution", "auxiliary", "local"])
def test_past_equals_stepping_from_rest(memory):
    model = Grid(DT, memory=memory).model(smooth_minimal(1.0))
    streams = noise_streams(model, SEED, range(3))
    past = start.Past(model, 1500, start.memory_length(model) + 2)
    assert past.remains < start.FORGOTTEN
    state, stepped = start.state_of(model, past.motion(streams, range(3), SEED)), stepped_past(model, streams, 1500)
    assert difference(state, stepped) < 1e-11
    assert future_difference(model, streams, state, stepped) < 1e-11


def test_recent_forces_are_those_of_the_stream_without_its_old_white_noise():
    model = Grid(DT).model(smooth_minimal(1.0))
    for stream in noise_streams(model, SEED, range(3)).values():
        length = len(stream.filter.taps)
        whole, recent = stream.block(-3 * length, 3 * length), start.recent_forces(stream, 3 * length)
        np.testing.assert_array_equal(recent[length - 1 :], whole[length - 1 :])
        # The taps cut off at the first steps are those that reach furthest back, ever fewer of them.
        cut = np.abs(recent[:length] - whole[:length]).max(axis=(1, 2))
        assert cut[0] > 0.1 * np.abs(whole).max() and cut[length - 2] < 1e-3 * cut.max()


def test_roads_differ_by_slow_motion_alone():
    """What a long past has and the recent white noise has not is a motion of the slow variables, to 1e-7."""
    model = Grid(DT).model(weak(0.03))
    streams, window = noise_streams(model, SEED, range(5)), start.memory_length(model) + 2
    recent, past = start.Recent(model, start.quiet_lag(model), window), start.Past(model, 30_000, window)
    assert past.remains < start.FORGOTTEN and recent.slow.faithful and recent.slow.rank <= 8
    old = past.motion(streams, range(5), SEED)
    forces = sum(
        np.pad(start.recent_forces(streams[name], recent.steps), ((0, 0), (0, 0), (at, 2 - at)))
        for name, at in (("L", 0), ("R", 2))
    )
    old -= recent.causal.motion(forces, window - 1)
    modes = recent.slow._extend.reshape(-1, recent.slow.rank)
    columns = old.transpose(0, 2, 1).reshape(len(modes), -1)
    rest = columns - modes @ np.linalg.lstsq(modes, columns, rcond=None)[0]
    assert np.abs(old).max() > 0.1
    assert np.abs(rest).max() < 1e-7


@pytest.mark.parametrize("junction", [smooth_minimal(3.0), weak(0.03)], ids=["biased", "weak"])
def test_covariance_of_the_state(junction):
    many = 1000
    model = Grid(DT).model(junction)
    state = start.stationary_state(model, noise_streams(model, SEED, range(many)), range(many), SEED)
    sample = np.hstack([state.displacement, state.half_velocity])
    exact = state_covariance(junction)
    spread = np.sqrt((np.outer(np.diag(exact), np.diag(exact)) + exact**2) / many)
    z = (sample.T @ sample / many - exact) / spread
    assert np.abs(z).max() < limit(tests=z.size), z
    assert np.abs(sample.mean(axis=0) / np.sqrt(np.diag(exact) / many)).max() < limit(tests=len(exact))


def correlation_scores(model, streams, seed, exact):
    """z-scores of the mean of u_0 f_n over n = 0, 2, 4, of the outer sites, (3, 2)."""
    trajectories = streams["L"].trajectories
    state = start.stationary_state(model, streams, trajectories, seed)
    forces = np.stack([streams[name].block(0, 5)[::2, :, 0] for name in "LR"], axis=-1)
    products = state.displacement[None, :, [0, 2]] * forces
    return (products.mean(axis=1) - exact) / (products.std(axis=1) / np.sqrt(len(trajectories)))


def test_start_knows_the_forces_to_come():
    """⟨u_0 f_n⟩ at n = 0, 2, 4 from S_uf = -D S; a start made of other noise has none of it."""
    junction, period, many = weak(2.0, 0.02, 0.02), 2**12, range(700)
    model = Grid(DT).model(junction)
    omega = 2 * np.pi / (period * DT) * np.arange(period // 2 + 1)
    green = landauer.greens_function(junction, omega, model.grid)
    exact = np.empty((3, 2))
    for column, (name, dof) in enumerate((("L", 0), ("R", 2))):
        cross = -green[:, dof, dof] * model.baths[name].realised_noise(omega)[:, 0, 0]
        # C(t) = ⟨u(t) f(0)⟩ at t = -nΔt.
        exact[:, column] = np.fft.irfft(np.conj(cross), period)[[0, -2, -4]] / DT
    streams = noise_streams(model, SEED, many)
    right = correlation_scores(model, streams, SEED, exact)
    assert np.abs(right).max() < limit(tests=6), right
    later = {name: Elsewhere(stream, 2000) for name, stream in streams.items()}
    wrong = correlation_scores(model, later, SEED, exact)
    assert np.abs(wrong).max() > 1.5 * limit(tests=6), wrong


def test_no_transient_where_damping_is_weak():
    """A decay of 60,000 steps: the first 100 steps already have the energies of the grid; from rest they have none."""
    junction, many = weak(5e-4), 500
    model = Grid(DT).model(junction)
    assert isinstance(start.starter(model), start.Recent)
    streams = noise_streams(model, SEED, range(many))
    exact = landauer.answers(junction, model.grid.realise()).kinetic_energy
    state = start.stationary_state(model, streams, range(many), SEED)
    (block,) = run(model, streams, 100, block=100, state=state)
    assert_agrees((0.5 * block.velocity**2).mean(axis=0), exact, ceiling=0.08 * exact.max())
    (cold,) = run(model, streams, 100, block=100)
    assert np.all((0.5 * cold.velocity**2).mean(axis=(0, 1)) < 0.1 * exact)


def test_degenerate_modes_are_no_special_case():
    """Two equal chains side by side: each resonance twice."""
    one = weak(0.003)
    stiffness = np.kron(np.eye(2), one.dynamical_matrix)
    ends = {
        "L": baths.ohmic(0.003 * np.eye(2), 3.0, 0.5, [0, 3]),
        "R": baths.ohmic(0.003 * np.eye(2), 3.0, 0.3, [2, 5]),
    }
    both = start.starter(Grid(DT).model(Junction(stiffness, ends)))
    single = start.starter(Grid(DT).model(one))
    assert both.slow.rank == 2 * single.slow.rank
    assert both.slow.radius == pytest.approx(single.slow.radius, abs=1e-9)


def test_many_modes_under_few_inputs_are_told_apart():
    """Sixteen slow variables, two white numbers a step; of a cold classical bath not even that."""
    stiffness = 2.2 * np.eye(8) - np.eye(8, k=1) - np.eye(8, k=-1)
    ends = {name: baths.ohmic(3e-3, 4.0, t, [dof]) for name, t, dof in (("L", 0.5, 0), ("R", 0.0, 7))}
    for junction in (Junction(stiffness, ends), Junction(stiffness, ends).without("quantum_noise")):
        found = start.starter(Grid(DT).model(junction)).slow
        assert found.rank == 16 and found.error < 1e-9


def test_slow_decay_is_that_of_the_resonance():
    """The spectral radius of A against the root of det D⁻¹, found from the function alone."""
    model = Grid(DT).model(weak(5e-5))
    found = start.starter(model).slow
    rate = -np.log(found.radius) / (found.stride * DT)
    taps = [bath.velocity_taps[:, 0, 0] for bath in model.baths.values()]

    def inverse(z):
        delay = np.exp(1j * z * DT)
        matrix = (1 / delay - 2 + delay) / DT**2 * np.eye(3) + model.stiffness
        for dof, some in zip((0, 2), taps, strict=True):
            friction = np.sum(some * delay ** np.arange(len(some)))
            matrix[dof, dof] += friction * (1 / delay - delay) / (2 * DT)
        return np.linalg.det(matrix)

    roots = []
    for z in resonances(model.junction, model.grid):
        for _ in range(30):
            step = 1e-6
            z = z - inverse(z) * 2 * step / (inverse(z + step) - inverse(z - step))
        roots.append(z)
    assert rate == pytest.approx(-max(root.imag for root in roots), rel=1e-5)


def test_paired_starts_are_nearly_the_same():
    """A little more temperature at one end: common noise, common old noise, so nearly the same states."""
    many = 200
    models = [Grid(DT).model(weak(1e-3, right)) for right in (0.3, 0.31)]
    one, other = (start.stationary_state(m, noise_streams(m, SEED, range(many)), range(many), SEED) for m in models)
    assert isinstance(start.starter(models[0]), start.Recent)
    apart = np.std(one.displacement - other.displacement) / np.std(one.displacement)
    assert 0 < apart < 0.03


def test_memory_is_filled():
    """The state's memory gives the tails of the whole past: those of stepping from rest."""
    model = Grid(DT).model(smooth_minimal(0.5))
    streams = noise_streams(model, SEED, range(2))
    past = start.Past(model, 1500, start.memory_length(model) + 2)
    states = start.state_of(model, past.motion(streams, range(2), SEED)), stepped_past(model, streams, 1500)
    for name, memory in Verlet(model).memories.items():
        tails = [np.empty((2, len(model.baths[name].dofs))) for _ in states]
        for state, tail in zip(states, tails, strict=True):
            memory.tail(state.memories[name], tail)
        np.testing.assert_allclose(tails[0], tails[1], atol=1e-11)
        assert np.abs(tails[0]).max() > 1e-3


def test_what_cannot_be_afforded_or_described_is_refused(monkeypatch):
    model = Grid(DT).model(weak(1e-3, right=0.2))
    with monkeypatch.context() as some:
        some.setattr(start, "MEMORY", 2**16)
        with pytest.raises(start.NoStationaryStateError, match=r"responses of \d+ steps") as caught:
            start.starter(model)
        assert caught.value.needed > 2**16
    with monkeypatch.context() as some:
        some.setattr(slow, "FAITHFUL", 0.0)
        with pytest.raises(start.NoStationaryStateError, match="slow variables describe") as caught:
            start.starter(model)
        assert 0 < caught.value.error < 1e-8
    assert start.starter(model).slow.faithful


def test_a_memory_longer_than_the_past_of_the_noise_is_refused():
    """Before a run, not by the noise in the middle of it: the default then begins at rest."""
    weakly = Junction([[1.0]], {"L": baths.debye([[0.002]], 2.0, 0.5, [0])})
    model = Grid(DT, memory_time=DT * 18000).model(weakly)
    for ask in (start.starter, lambda some: start.pays(some, 10**7)):
        with pytest.raises(start.NoStationaryStateError, match="the memory is too long") as caught:
            ask(model)
        assert caught.value.steps > caught.value.longest > 0


def test_what_has_no_stationary_state_is_refused():
    free = Grid(0.1).model(uniform_chain())
    streams = noise_streams(free, SEED, range(2))
    with pytest.raises(start.NoStationaryStateError, match="held by nothing") as caught:
        start.stationary_state(free, streams, range(2), SEED)
    assert caught.value.free == 1
    runaway = Grid(DT).model(smooth_minimal(60.0))
    with pytest.raises(UnstableError):
        start.stationary_state(runaway, noise_streams(runaway, SEED, range(2)), range(2), SEED)
    held = Grid(DT).model(smooth_minimal())
    with pytest.raises(InputError, match="no stream of these 3"):
        start.stationary_state(held, noise_streams(held, SEED, range(2)), range(3), SEED)
