"""Steps under an anharmonic force: second order, the ledger, cuts, batches, and forces that fail in the middle."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from integrator_toys import (
    Calculator,
    FunctionStream,
    Springs,
    ToyBath,
    ToyModel,
    busy_model,
    ledger_error,
    select,
    simulate,
    trapezoid,
    white_streams,
    whole,
)
from scipy.integrate import solve_ivp

from sgle.errors import DivergedError, ForceError, InputError
from sgle.integrators.driver import run

STEPS = 600
STRONG = Springs(5, k3=0.05, k4=0.3)
STIFFNESS = np.array([[1.0, 0.3], [0.3, 1.4]])
ETA, CUTOFF, TURN, DURATION = np.array([[0.4, 0.1], [0.1, 0.3]]), 1.5, 1.3, 8.0
PUSH = Springs(2, k3=0.4, k4=0.8)


@dataclass
class Stale:
    """The force of the step before: what a step must not use."""

    inner: Springs
    spec = None

    @property
    def size(self):
        return self.inner.size

    def __call__(self, u):
        before = getattr(self, "before", u)
        self.before = u.copy()
        return self.inner(before)


def drive(time):
    return (1 - np.cos(TURN * np.maximum(time, 0)))[:, None] * np.array([1.0, -0.5])


def exact_displacement(time):
    """u(t) from rest with γ(t) = η c e^{-ct}; the memory is a variable of its own."""

    def slope(t, y):
        u, v, m = y[:2], y[2:4], y[4:]
        push = PUSH(u[None])[0][0] + drive(np.array([t]))[0]
        return np.concatenate([v, push - STIFFNESS @ u - CUTOFF * ETA @ m, v - CUTOFF * m])

    return solve_ivp(slope, (0, time), np.zeros(6), method="DOP853", rtol=1e-12, atol=1e-13).y[:2, -1]


def orders(force):
    """Slopes of log error against log step between neighbouring steps."""
    exact, errors, steps = exact_displacement(DURATION), [], DURATION / 2.0 ** np.arange(7, 11)
    for dt in steps:
        times = dt * np.arange(round(DURATION / dt) + 1)[:, None, None]
        taps = trapezoid(ETA * CUTOFF * np.exp(-CUTOFF * times), dt)
        model = ToyModel(dt, STIFFNESS, {"b": ToyBath((0, 1), taps, np.zeros((0, 2, 2)))}, force())
        stream = FunctionStream(lambda time: drive(time)[:, None], dt)
        found = simulate(model, {"b": stream}, round(DURATION / dt) + 1)
        errors.append(np.linalg.norm(found.displacement[-1, 0] - exact))
    return np.diff(np.log(errors)) / np.diff(np.log(steps))


def test_second_order():
    assert np.all(np.abs(orders(lambda: PUSH) - 2) < 0.05)


def test_a_stale_force_is_of_first_order():
    assert np.all(np.abs(orders(lambda: Stale(PUSH)) - 1) < 0.2)


@pytest.fixture
def rng():
    return np.random.default_rng(20)


@pytest.fixture
def model(rng):
    return busy_model(rng, taps=150, anharmonic=STRONG)


@pytest.fixture
def streams(rng, model):
    return white_streams(rng, model, STEPS, 5)


def same(one, other):
    for name in ("displacement", "velocity", "half_velocity", "anharmonic_force", "anharmonic_energy"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    for bath in one.reaction:
        assert np.array_equal(one.reaction[bath], other.reaction[bath]), bath
        assert np.array_equal(one.noise[bath], other.noise[bath]), bath


def test_a_linear_force_is_a_stiffness(model, streams):
    """F_anh = -k u on every dof and bond, and the same k in K: one motion."""
    bonds = np.eye(5) * 2 - np.eye(5, k=1) - np.eye(5, k=-1) - np.diag([1.0, 0, 0, 0, 1.0])
    stiff = replace(model, stiffness=model.stiffness + 0.2 * (np.eye(5) + bonds), anharmonic=None)
    pushed, plain = (
        simulate(replace(model, anharmonic=Springs(5, k2=0.2)), streams, STEPS),
        simulate(stiff, streams, STEPS),
    )
    np.testing.assert_allclose(pushed.displacement, plain.displacement, atol=1e-11 * np.abs(plain.displacement).max())
    wrong = simulate(replace(model, anharmonic=Springs(5, k2=-0.2)), streams, STEPS)
    assert np.abs(wrong.displacement - plain.displacement).max() > 0.1 * np.abs(plain.displacement).max()


def test_the_force_is_that_of_each_step(model, streams):
    found = simulate(model, streams, STEPS)
    for n in (0, 1, 255, 256, STEPS - 1):
        force, energy = STRONG(found.displacement[n])
        assert np.array_equal(found.anharmonic_force[n], force)
        assert np.array_equal(found.anharmonic_energy[n], energy)
    assert np.abs(found.anharmonic_force).max() > 0.1 * np.abs(found.displacement).max()


def test_the_ledger_closes_to_rounding(model, streams):
    assert ledger_error(model, simulate(model, streams, STEPS)) < 1e-13
    stale = simulate(replace(model, anharmonic=Stale(STRONG)), streams, 100)
    force = np.array([STRONG(u)[0] for u in stale.displacement])
    assert ledger_error(model, stale) < 1e-13 < 1e-3 < ledger_error(model, replace(stale, anharmonic_force=force))


def test_no_force_leaves_no_trace(model, streams):
    plain = simulate(replace(model, anharmonic=None), streams, STEPS)
    assert plain.anharmonic_force is None and plain.anharmonic_energy is None
    nothing = simulate(replace(model, anharmonic=Springs(5)), streams, STEPS)
    assert np.array_equal(plain.displacement, nothing.displacement) and not nothing.anharmonic_force.any()


@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_the_block_size_does_not_matter(model, streams, block):
    same(simulate(model, streams, STEPS), simulate(model, streams, STEPS, block=block))


def test_a_run_cut_in_pieces_is_the_whole_run(model, streams):
    pieces, state = [], None
    for begin, end in ((0, 1), (1, 100), (100, 333), (333, STEPS)):
        pieces += list(run(model, streams, end - begin, state=state))
        state = pieces[-1].state_after.copy()
    same(simulate(model, streams, STEPS), whole(pieces))


def test_a_trajectory_does_not_know_its_batch(model, streams):
    together, alone = simulate(model, streams, STEPS), simulate(model, select(streams, [3]), STEPS)
    scale = np.abs(together.displacement).max()
    assert np.abs(together.displacement[:, [3]] - alone.displacement).max() < 1e-11 * scale


@pytest.mark.parametrize("fails_at", [1, 77, 257])
@pytest.mark.parametrize("how", ["raises", "NaN"])
def test_a_force_that_fails_is_told_and_the_run_goes_on_from_there(model, streams, fails_at, how):
    """Once it is mended: by the same run, or by another one from its state and the begun block, bit for bit."""
    calculator = Calculator(STRONG, fails_at, how)
    broken = run(replace(model, anharmonic=calculator), streams, STEPS)
    blocks = []
    with pytest.raises(ForceError) as caught:
        blocks.extend(iter(broken))  # keeps nothing once it raises
    error = caught.value
    assert error.step == fails_at - 1 == broken.state.step and "\n" not in str(error)
    assert ("no convergence after 60" in str(error)) == (how == "raises")
    assert (error.trajectory, "trajectory 4" in str(error)) == ((None, False) if how == "raises" else (4, True))
    state, begun, done = broken.state.copy(), broken.begun, (fails_at - 1) // 256 * 256
    rest = list(run(model, streams, STEPS - state.step, state=state, begun=begun))
    assert rest[0].start == done
    calculator.fails_at = None
    for one, other in zip(rest, broken, strict=True):
        same(one, other)
    reference = list(run(model, streams, STEPS))
    same(whole(rest), whole(block for block in reference if block.start >= done))


def test_a_force_of_another_shape(model, streams):
    def flat(u):
        return np.zeros(5), np.zeros(len(u))

    with pytest.raises(InputError, match=r"5 trajectories has shapes \(5,\)"):
        simulate(replace(model, anharmonic=flat), streams, 10)


def test_the_wrong_sign_runs_away(model, streams):
    """F = +u³ is stopped as a runaway, with its numbers, not as a force that fails."""
    with pytest.raises(DivergedError, match="no anharmonic force holds it"):
        simulate(replace(model, anharmonic=Springs(5, k4=-0.3)), streams, STEPS)
