"""Convolution memory: the fast road equals the sum as written."""

import numpy as np
import pytest
from integrator_toys import decaying_taps

from sgle.integrators.memory import Convolution, block_lengths, direct_convolution
from sgle.integrators.partitioned import FourierTransform, MatrixTransform


def fast_convolution(memory, v, u):
    """Tails of given histories (steps, R, n) through the memory's contract."""
    state = memory.start(v.shape[1])
    tails = np.empty_like(v)
    for n in range(len(v)):
        memory.tail(state, tails[n])
        memory.push(state, v[n], u[n])
    return tails


def histories(rng, steps, trajectories, size):
    return rng.normal(size=(2, steps, trajectories, size))


def assert_same(one, other):
    assert np.abs(one - other).max() <= 1e-12 * np.abs(other).max()


COUNTS = [(v, d) for v in (0, 1, 2, 7, 16, 17, 33, 90) for d in (0, 1, 5, 40) if max(v, d) > 1]


@pytest.mark.parametrize(("velocity_count", "position_count"), COUNTS)
def test_near_and_far_equal_the_direct_sum(velocity_count, position_count):
    rng = np.random.default_rng(velocity_count + 100 * position_count)
    taps = [decaying_taps(rng, count, 2, 1.0) for count in (velocity_count, position_count)]
    v, u = histories(rng, 150, 3, 2)
    memory = Convolution(*taps, blocks=(16,))
    assert_same(fast_convolution(memory, v, u), direct_convolution(*taps, v, u))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("trajectories", [1, 2, 5])
@pytest.mark.parametrize("blocks", [(2,), (8,), (300,), (4, 16), (2, 8, 32), (16, 64, 128), None])
def test_sizes_and_blocks_do_not_matter(size, trajectories, blocks):
    rng = np.random.default_rng(size)
    taps = decaying_taps(rng, 270, size, 1.0), decaying_taps(rng, 133, size, 1.0)
    v, u = histories(rng, 420, trajectories, size)
    memory = Convolution(*taps, blocks=blocks)
    assert_same(fast_convolution(memory, v, u), direct_convolution(*taps, v, u))


def test_long_kernel_that_does_not_decay():
    rng = np.random.default_rng(1)
    taps = rng.normal(size=(3000, 1, 1)), np.zeros((0, 1, 1))
    v, u = histories(rng, 3500, 2, 1)
    assert_same(fast_convolution(Convolution(*taps), v, u), direct_convolution(*taps, v, u))


def test_direct_sum_by_hand():
    """tail_n = c_1 v_{n-1} + c_2 v_{n-2} + d_1 u_{n-1}, matrices from the left, tap 0 left out."""
    c = np.array([[[9.0, 9], [9, 9]], [[1.0, 2], [3, 4]], [[0.0, 1], [0, 0]]])
    d = np.array([[[9.0, 9], [9, 9]], [[0.0, 0], [1, 0]]])
    v, u = np.zeros((2, 4, 1, 2))
    v[0, 0], u[1, 0] = [1, 10], [5, 0]
    expected = [[0, 0], [21, 43], [10, 5], [0, 0]]
    assert np.array_equal(direct_convolution(c, d, v, u)[:, 0], expected)


def test_first_tap_is_left_to_the_step():
    rng = np.random.default_rng(2)
    taps = decaying_taps(rng, 50, 2, 1.0)
    changed = taps.copy()
    changed[0] = 1e9
    v, u = histories(rng, 80, 1, 2)
    none = np.zeros((0, 2, 2))
    same = [fast_convolution(Convolution(some, none, blocks=(8,)), v, u) for some in (taps, changed)]
    assert np.array_equal(*same)


@pytest.mark.parametrize("cut", [1, 15, 16, 17, 100])
def test_copied_state_goes_on_bit_for_bit_and_shares_nothing(cut):
    rng = np.random.default_rng(3)
    taps = decaying_taps(rng, 90, 3, 1.0), decaying_taps(rng, 60, 3, 1.0)
    v, u = histories(rng, 160, 2, 3)
    memory = Convolution(*taps, blocks=(16,))
    straight = fast_convolution(memory, v, u)
    state = memory.start(2)
    for n in range(cut):
        memory.push(state, v[n], u[n])
    kept = state.copy()
    for n in range(cut, 160):
        memory.push(state, v[n], u[n])
    resumed = np.empty_like(v[cut:])
    for n in range(cut, 160):
        memory.tail(kept, resumed[n - cut])
        memory.push(kept, v[n], u[n])
    assert np.array_equal(resumed, straight[cut:])


def test_levels_grow_by_four_and_short_kernels_have_none():
    assert [block_lengths(taps, 900) for taps in (20, 100, 1000, 6000)] == [
        (20,),
        (16,),
        (16, 64, 256),
        (16, 64, 256, 1024),
    ]
    assert block_lengths(70, 1) == (70,)


@pytest.mark.parametrize("blocks", [(300,), (8,), (4, 16), (2, 8, 32), None])
@pytest.mark.parametrize("steps", [1, 50, 700])
def test_a_past_given_at_once_is_the_past_given_step_by_step(blocks, steps):
    rng = np.random.default_rng(4)
    taps = decaying_taps(rng, 270, 3, 1.0), decaying_taps(rng, 133, 3, 1.0)
    v, u = histories(rng, steps + 100, 2, 3)
    memory = Convolution(*taps, blocks=blocks)
    state = memory.start(2)
    memory.fill(state, v[:steps], u[:steps])
    tails = np.empty_like(v[steps:])
    for n in range(100):
        memory.tail(state, tails[n])
        memory.push(state, v[steps + n], u[steps + n])
    assert_same(tails, direct_convolution(*taps, v, u)[steps:])


@pytest.mark.parametrize(
    "transform", [MatrixTransform(8), MatrixTransform(32), FourierTransform(8), FourierTransform(256)]
)
def test_both_transforms_make_the_same_cyclic_convolution(transform):
    rng = np.random.default_rng(5)
    block = transform.block
    taps, window = rng.normal(size=(1, block, 2, 3)), rng.normal(size=(2 * block, 5, 2))
    forward = np.empty((transform.rows, 5, 2), transform.dtype)
    transform.forward(window, forward)
    tails = transform.backward(forward @ transform.of_taps(taps)[:, 0])
    expected = [sum(window[block + i - k] @ taps[0, k] for k in range(block)) for i in range(block)]
    assert np.abs(tails - expected).max() < 1e-13 * np.abs(expected).max()


def test_long_transforms_go_through_the_trajectories_in_groups():
    """Many trajectories of a long level give what each gives alone."""
    rng = np.random.default_rng(6)
    memory = Convolution(decaying_taps(rng, 3000, 2, 1e-3), np.zeros((0, 2, 2)), blocks=(16, 1024))
    v, u = histories(rng, 2100, 40, 2)
    together = fast_convolution(memory, v, u)
    assert_same(fast_convolution(memory, v[:, 33:34], u[:, 33:34]), together[:, 33:34])
