"""The driver: blocks, cuts, batches, noise that does not fit, runaways."""

import numpy as np
import pytest
from integrator_toys import (
    ArrayStream,
    busy_model,
    select,
    simulate,
    single_oscillator,
    white_streams,
    whole,
)

from sgle.errors import DivergedError, InputError
from sgle.integrators.driver import run
from sgle.integrators.verlet import Verlet

STEPS = 500


@pytest.fixture
def rng():
    return np.random.default_rng(20)


@pytest.fixture
def model(rng):
    return busy_model(rng, taps=150)


@pytest.fixture
def streams(rng, model):
    return white_streams(rng, model, STEPS, 5)


def assert_identical(one, other):
    for name in ("displacement", "velocity", "half_velocity"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    for bath in one.reaction:
        assert np.array_equal(one.reaction[bath], other.reaction[bath]), bath
        assert np.array_equal(one.noise[bath], other.noise[bath]), bath


@pytest.mark.parametrize("cuts", [(256,), (1, 2, 31), (100, 333)])
def test_a_run_cut_in_pieces_is_the_whole_run_bit_for_bit(model, streams, cuts):
    pieces, state = [], None
    for begin, end in zip((0, *cuts), (*cuts, STEPS), strict=True):
        pieces += list(run(model, streams, end - begin, block=256, state=state))
        state = pieces[-1].state_after.copy()
        assert state.step == end
    assert_identical(simulate(model, streams, STEPS, block=256), whole(pieces))


@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_the_block_size_does_not_matter(model, streams, block):
    assert_identical(simulate(model, streams, STEPS), simulate(model, streams, STEPS, block=block))


def test_a_trajectory_does_not_know_its_batch(model, streams):
    together = simulate(model, streams, STEPS)
    alone = simulate(model, select(streams, [3]), STEPS)
    scale = np.abs(together.displacement).max()
    assert np.abs(together.displacement[:, [3]] - alone.displacement).max() < 1e-12 * scale
    assert np.abs(together.reaction["L"][:, [3]] - alone.reaction["L"]).max() < 1e-12 * scale


def test_trajectories_do_not_touch_each_other(model, streams):
    disturbed = {name: ArrayStream(stream.forces.copy()) for name, stream in streams.items()}
    disturbed["L"].forces[:, 2] *= 100
    before, after = simulate(model, streams, STEPS), simulate(model, disturbed, STEPS)
    others = [0, 1, 3, 4]
    assert np.array_equal(before.displacement[:, others], after.displacement[:, others])
    assert not np.allclose(before.displacement[:, 2], after.displacement[:, 2])


def test_blocks_say_where_they_are(model, streams):
    done = []
    blocks = list(run(model, streams, STEPS, block=200, progress=done.append))
    assert [block.start for block in blocks] == [0, 200, 400]
    assert done == [200, 200, 100]
    assert blocks[0].displacement.shape == (200, 5, 5)
    assert blocks[2].reaction["R"].shape == blocks[2].noise["R"].shape == (100, 5, 2)
    assert blocks[2].state_after.step == STEPS
    assert list(run(model, streams, 0)) == []


def test_earlier_blocks_and_the_given_state_are_left_alone(model, streams):
    blocks = run(model, streams, STEPS, block=100)
    first = next(blocks)
    kept, state = first.displacement.copy(), first.state_after.copy()
    before = state.copy()
    list(blocks)
    again = simulate(model, streams, 50, state=state)
    assert np.array_equal(first.displacement, kept)
    assert state.step == before.step == again.start == 100
    assert np.array_equal(state.displacement, before.displacement)
    assert np.array_equal(state.memories["L"].recent, before.memories["L"].recent)


def test_a_bath_without_stream_is_silent(model, streams):
    quiet = dict(streams, L=ArrayStream(np.zeros_like(streams["L"].forces)))
    without = {name: stream for name, stream in streams.items() if name != "L"}
    assert_identical(simulate(model, quiet, 100), simulate(model, without, 100))


def test_rest_without_noise_stays_at_rest(model):
    assert not simulate(model, {}, 100).displacement.any()


def test_noise_that_does_not_fit_is_refused(model, streams):
    with pytest.raises(InputError, match="'X'"):
        run(model, {"X": streams["L"]}, 10)
    with pytest.raises(InputError, match=r"'L' has shape \(10, 5, 3\), not .* \(10, 4, 3\)"):
        list(run(model, streams, 10, state=Verlet(model).rest(4)))
    with pytest.raises(InputError, match="block = 0"):
        run(model, streams, 10, block=0)


@pytest.mark.parametrize("block", [16, 4096])
def test_a_runaway_is_stopped_with_its_numbers(block):
    """ωΔt > 2: |u| grows by |λ| each step, so the step of the stop is known."""
    model = single_oscillator(2.5, 1.0, 1e-9)
    state = Verlet(model).rest(3)
    state.displacement[1, 0] = 1.0
    with pytest.raises(DivergedError, match="trajectory 1") as caught:
        list(run(model, {}, 5000, block=block, state=state))
    error = caught.value
    assert (error.trajectory, error.dof, error.time) == (1, 0, error.step)
    assert abs(error.displacement) > 1e8
    growth = np.log(abs(np.roots([1, 2.5**2 - 2, 1])).max())
    assert abs(np.log(abs(error.displacement)) - growth * error.step) < 1


def test_a_noise_that_is_not_a_number_is_stopped(model, streams):
    streams["e"].forces[123, 4, 0] = np.nan
    with pytest.raises(DivergedError) as caught:
        list(run(model, streams, STEPS))
    assert (caught.value.step, caught.value.trajectory) == (123, 4)


def test_large_but_bound_motion_is_not_stopped(streams, model):
    loud = {name: ArrayStream(1e12 * stream.forces) for name, stream in streams.items()}
    assert np.isfinite(simulate(model, loud, STEPS).displacement).all()
