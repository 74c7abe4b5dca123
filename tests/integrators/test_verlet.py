"""The step: ledger, equation of motion, exact frequencies and roots of the grid."""

from dataclasses import replace

import numpy as np
import pytest
from integrator_toys import (
    ToyBath,
    ToyModel,
    busy_model,
    decaying_taps,
    ledger_error,
    random_stiffness,
    simulate,
    single_oscillator,
    white_streams,
)

from sgle.errors import StepError
from sgle.integrators.memory import direct_convolution
from sgle.integrators.verlet import Verlet


@pytest.mark.parametrize("taps", [2, 70, 150])
@pytest.mark.parametrize("trajectories", [1, 4])
def test_ledger_holds_to_rounding(taps, trajectories):
    rng = np.random.default_rng(taps)
    model = busy_model(rng, taps=taps)
    run = simulate(model, white_streams(rng, model, 600, trajectories), 600)
    assert ledger_error(model, run) < 1e-13


def test_ledger_holds_for_taps_no_bath_has():
    rng = np.random.default_rng(8)
    bath = ToyBath((2, 0, 1), decaying_taps(rng, 40, 3, 0.5), decaying_taps(rng, 90, 3, 0.2))
    model = ToyModel(0.1, random_stiffness(rng, 4), {"b": bath})
    run = simulate(model, white_streams(rng, model, 300, 3), 300)
    assert ledger_error(model, run) < 1e-13


def test_ledger_notices_a_lost_tap():
    rng = np.random.default_rng(9)
    model = busy_model(rng)
    run = simulate(model, white_streams(rng, model, 300, 2), 300)
    no_berry = run.reaction["e"] - run.velocity[..., [4, 1, 3]] * 1e-9
    assert ledger_error(model, replace(run, reaction=run.reaction | {"e": no_berry})) > 1e-12


def test_reaction_is_the_complete_convolution():
    rng = np.random.default_rng(10)
    model = busy_model(rng)
    run = simulate(model, white_streams(rng, model, 300, 2), 300)
    for name, bath in model.baths.items():
        v, u = (x[..., list(bath.dofs)] for x in (run.velocity, run.displacement))
        expected = v @ bath.velocity_taps[0].T
        expected += direct_convolution(bath.velocity_taps, bath.position_taps, v, u)
        if len(bath.position_taps):
            expected += u @ bath.position_taps[0].T
        assert np.abs(run.reaction[name] - expected).max() < 1e-12 * np.abs(expected).max()


@pytest.mark.parametrize("friction", [0.1, 20.0, 2000.0])
def test_implicit_tap_is_solved_exactly_however_strong(friction):
    """The opposite of a fixed number of corrector passes: no residual, also where passes would diverge."""
    rng = np.random.default_rng(11)
    root = rng.normal(size=(3, 3))
    bath = ToyBath((0, 1, 2), (friction * root @ root.T)[None], np.zeros((0, 3, 3)))
    model = ToyModel(0.1, random_stiffness(rng, 3), {"b": bath})
    run = simulate(model, white_streams(rng, model, 200, 2), 200)
    force = run.noise["b"] - run.displacement @ model.stiffness - run.velocity @ bath.velocity_taps[0].T
    residual = np.diff(run.half_velocity, axis=0) - model.time_step * force[1:]
    assert np.abs(residual).max() < 1e-13 * model.time_step * np.abs(run.noise["b"]).max() * (1 + friction)


def test_velocities_are_those_of_the_grid():
    rng = np.random.default_rng(12)
    model = busy_model(rng)
    run = simulate(model, white_streams(rng, model, 100, 2), 100)
    u, dt = run.displacement, model.time_step
    rounding = 1e-12 * np.abs(u).max() / dt
    assert np.abs(run.velocity[1:-1] - (u[2:] - u[:-2]) / (2 * dt)).max() < rounding
    assert np.abs(run.half_velocity[:-1] - np.diff(u, axis=0) / dt).max() < rounding


@pytest.mark.parametrize("frequency_step", [0.01, 0.3, 1.0, 1.9])
def test_free_oscillator_has_the_frequency_of_the_grid(frequency_step):
    """cos ωΔt = 1 - (ω_0 Δt)²/2 exactly, for a thousand steps."""
    model = single_oscillator(frequency_step, 1.0)
    phase = np.arccos(1 - frequency_step**2 / 2)
    state = Verlet(model).rest(1)
    state.displacement[:] = 1.0
    state.half_velocity[:] = 1.0 - np.cos(phase)
    run = simulate(model, {}, 1000, state=state)
    assert np.abs(run.displacement[:, 0, 0] - np.cos(phase * np.arange(1000))).max() < 1e-11


@pytest.mark.parametrize("friction", [0.02, 0.7, 3.0])
def test_free_decay_follows_the_root_of_the_grid(friction):
    """u_n = Re λ^n with (λ - 2 + 1/λ)/Δt² + η (λ - 1/λ)/2Δt + ω_0² = 0, under- and overdamped."""
    dt, frequency = 0.25, 1.1
    model = single_oscillator(frequency, dt, friction)
    root = np.roots([1 + friction * dt / 2, (frequency * dt) ** 2 - 2, 1 - friction * dt / 2])[0]
    state = Verlet(model).rest(1)
    state.displacement[:] = 1.0
    state.half_velocity[:] = (1 - 1 / root).real / dt
    run = simulate(model, {}, 400, state=state)
    assert np.abs(run.displacement[:, 0, 0] - (root ** np.arange(400)).real).max() < 1e-12


def test_singular_step_is_refused():
    model = single_oscillator(1.0, 0.5, -4.0)
    with pytest.raises(StepError, match="singular") as caught:
        Verlet(model)
    assert caught.value.time_step == 0.5
