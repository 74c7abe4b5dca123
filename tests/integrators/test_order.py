"""Second order in the time step, against an exact solution with memory; first-order mistakes are noticed."""

import numpy as np
import pytest
from integrator_toys import FunctionStream, ToyBath, ToyModel, simulate, trapezoid
from scipy.linalg import expm

STIFFNESS = np.array([[1.0, 0.3], [0.3, 1.4]])
TWIST = np.array([[0.0, 1.0], [-1.0, 0.0]])
FRICTION, BERRY, FORCE = np.array([[0.4, 0.1], [0.1, 0.3]]), 0.2 * TWIST, np.array([1.0, -0.5])
CUTOFF, DECAY, TURN = 1.5, 2.0, 1.3
DURATION = 8.0


def exact_displacement(time):
    """u(t) of ü = -Ku - ∫γ u̇ - ∫Π_A u - B u̇ + F(1 - cos νt) from rest, as a linear system without memory.

    γ(t) = η c e^{-ct} and Π_A(t) = N a e^{-at}: ∫ e^{-c(t-s)} u̇ and ∫ e^{-a(t-s)} u are
    variables of their own, and so are the drive's constant, cosine and sine.
    """
    one, nil, column = np.eye(2), np.zeros((2, 2)), np.zeros((2, 3))
    drive = np.outer(FORCE, [1.0, -1.0, 0.0])
    rows = [
        [nil, one, nil, nil, column],
        [-STIFFNESS, -BERRY, -CUTOFF * FRICTION, -0.3 * DECAY * TWIST, drive],
        [nil, one, -CUTOFF * one, nil, column],
        [one, nil, nil, -DECAY * one, column],
        [np.zeros((3, 8)), np.array([[0, 0, 0], [0, 0, -TURN], [0, TURN, 0]])],
    ]
    start = np.concatenate([np.zeros(8), [1.0, 1.0, 0.0]])
    return (expm(time * np.vstack([np.hstack(row) for row in rows])) @ start)[:2]


def model_at(time_step, lag_zero_weight=0.5):
    times = time_step * np.arange(round(DURATION / time_step) + 1)[:, None, None]
    friction = trapezoid(FRICTION * CUTOFF * np.exp(-CUTOFF * times), time_step)
    friction[0] *= 2 * lag_zero_weight
    friction[0] += BERRY
    twist = trapezoid(0.3 * TWIST * DECAY * np.exp(-DECAY * times), time_step)
    return ToyModel(time_step, STIFFNESS, {"b": ToyBath((0, 1), friction, twist)})


def drive(time):
    return ((1 - np.cos(TURN * np.maximum(time, 0)))[:, None] * FORCE)[:, None, :]


def error_at(time_step, delay=0, lag_zero_weight=0.5):
    """Largest distance from the exact path at four times, the last one the end."""
    steps = round(DURATION / time_step)
    stream = FunctionStream(lambda time: drive(time - delay * time_step), time_step)
    run = simulate(model_at(time_step, lag_zero_weight), {"b": stream}, steps + 1)
    times = DURATION * np.array([0.25, 0.5, 0.75, 1.0])
    reached = [run.displacement[round(time / time_step), 0] for time in times]
    return max(np.linalg.norm(u - exact_displacement(time)) for u, time in zip(reached, times, strict=True))


def pairwise_orders(**variant):
    """Slopes of log error against log step, between neighbouring steps."""
    time_steps = DURATION / 2.0 ** np.arange(7, 11)
    errors = [error_at(time_step, **variant) for time_step in time_steps]
    return np.diff(np.log(errors)) / np.diff(np.log(time_steps))


def assert_order(orders, order, tolerance):
    assert np.all(np.abs(orders - order) < tolerance), orders


def test_second_order():
    assert_order(pairwise_orders(), 2, 0.05)


@pytest.mark.parametrize("mistake", [{"delay": 1}, {"lag_zero_weight": 1.0}, {"lag_zero_weight": 0.0}])
def test_first_order_mistakes_are_noticed(mistake):
    """A force one step old; the rectangle rule, with full or with no weight at lag zero."""
    orders = pairwise_orders(**mistake)
    with pytest.raises(AssertionError):
        assert_order(orders, 2, 0.05)
    assert_order(orders, 1, 0.2)
