"""Auxiliary variables as a memory: the sum over their taps, in fewer operations."""

from dataclasses import replace

import numpy as np
import pytest
from error_bars import SEED, limit
from integrator_toys import ToyBath, ToyModel, ledger_error, random_stiffness, simulate, white_streams
from laws.models import electrons

from sgle import Grid, Junction, baths, landauer
from sgle import simulate as sample
from sgle.embedding import Embedding
from sgle.errors import ContinuumWarning
from sgle.integrators.embedded import Embedded
from sgle.integrators.kinds import make_memory
from sgle.integrators.memory import Convolution, direct_convolution
from sgle.rational import Modes

POLES = {
    "pairs and real": np.array([0.7 * np.exp(0.4j), 0.6, 0.8 * np.exp(2.1j), -0.5]),
    "pairs": np.array([0.75 * np.exp(0.2j), 0.6 * np.exp(1.3j)]),
    "real": np.array([0.8, 0.3, -0.6]) + 0j,
}


def embedding(rng, poles, size, position, strength=1.0):
    """Random residues: no bath has them, yet identities must hold for them."""
    real, width = np.where(poles.imag == 0, 0, 1), size * (1 + position)
    outputs = rng.normal(size=(size, len(poles))) + 1j * real * rng.normal(size=(size, len(poles)))
    inputs = rng.normal(size=(len(poles), width)) + 1j * real[:, None] * rng.normal(size=(len(poles), width))
    first = rng.normal(size=(2, size, size))
    return Embedding(Modes(poles, strength * outputs, inputs), *first, position, 0.0, 0.0, 0.0, 0.0, 1.0)


def tails_of(memory, v, u, state=None):
    """Tails of histories (steps, R, n) through the memory's contract."""
    state = memory.start(v.shape[1]) if state is None else state
    tails = np.empty_like(v)
    for n in range(len(v)):
        memory.tail(state, tails[n])
        memory.push(state, v[n], u[n])
    return tails


@pytest.mark.parametrize("trajectories", [1, 3])
@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("position", [False, True])
@pytest.mark.parametrize("poles", POLES)
def test_tails_are_the_sum_over_the_taps(poles, position, size, trajectories):
    rng = np.random.default_rng(size)
    fitted = embedding(rng, POLES[poles], size, position)
    v, u = rng.normal(size=(2, 200, trajectories, size))
    expected = direct_convolution(*fitted.taps(201), v, u)
    assert np.abs(tails_of(Embedded(fitted), v, u) - expected).max() < 1e-12 * np.abs(expected).max()


def test_fill_is_as_many_pushes_and_a_copy_shares_nothing():
    rng = np.random.default_rng(1)
    memory = Embedded(embedding(rng, POLES["pairs and real"], 3, True))
    v, u = rng.normal(size=(2, 60, 4, 3))
    straight, state = tails_of(memory, v, u), memory.start(4)
    memory.fill(state, v[:25], u[:25])
    kept = state.copy()
    memory.push(state, v[0], u[0])
    assert not np.array_equal(state.variables, kept.variables)
    np.testing.assert_array_equal(tails_of(memory, v[25:], u[25:], kept), straight[25:])


def test_trajectories_do_not_mix():
    rng = np.random.default_rng(2)
    memory = Embedded(embedding(rng, POLES["pairs and real"], 2, False))
    v, u = rng.normal(size=(2, 30, 3, 2))
    changed = v.copy()
    changed[:, 1] += 1
    one, other = (tails_of(memory, some, u) for some in (v, changed))
    np.testing.assert_allclose(one[:, [0, 2]], other[:, [0, 2]], rtol=0, atol=1e-13)
    assert np.abs(one[5:, 1] - other[5:, 1]).max() > 0.1


def test_kinds():
    """Fitted baths get auxiliary variables, others their taps, and one tap is no memory."""
    model = Grid(0.2, memory={"L": "auxiliary", "D": "local"}).model(mixed())
    kinds = {name: make_memory(bath) for name, bath in model.baths.items()}
    assert isinstance(kinds["L"], Embedded) and isinstance(kinds["e"], Convolution) and kinds["D"] is None
    toy = ToyBath((0,), np.ones((2, 1, 1)), np.zeros((0, 1, 1)))
    assert isinstance(make_memory(toy), Convolution)


def mixed():
    """A lead, friction and every force of electrons, far apart in temperature."""
    return Junction(
        [[3.0, -0.4], [-0.4, 2.5]],
        {
            "L": baths.chain_lead(1.0, 0.0, 0.8, 0),
            "D": baths.ohmic(0.1, 3.0, 0.2, 1),
            "e": electrons(0.7),
        },
    )


def test_run_equals_the_run_with_all_taps_of_the_fit():
    model = Grid(0.2, memory="auxiliary", max_taps=512).model(mixed())
    longer = {}
    for name, bath in model.baths.items():
        velocity, position = bath.embedding.taps(1001)
        longer[name] = replace(bath, embedding=None, velocity_taps=velocity, position_taps=position)
    streams = white_streams(np.random.default_rng(3), model, 1000, 3)
    one, other = (simulate(some, streams, 1000) for some in (model, replace(model, baths=longer)))
    assert np.abs(one.displacement - other.displacement).max() < 1e-11 * np.abs(other.displacement).max()
    for name in longer:
        assert np.abs(one.reaction[name] - other.reaction[name]).max() < 1e-11 * np.abs(other.reaction[name]).max()


def test_ledger_closes_and_a_cut_run_goes_on_bit_for_bit():
    rng = np.random.default_rng(4)
    weak = embedding(rng, POLES["pairs and real"], 3, True, 0.01)
    fitted = replace(weak, first_velocity=np.eye(3), first_position=np.zeros((3, 3)))
    bath = FittedBath((0, 1, 3), *fitted.taps(30), fitted)
    model = ToyModel(0.1, random_stiffness(rng, 4), {"b": bath})
    streams = white_streams(rng, model, 400, 3)
    straight = simulate(model, streams, 400)
    assert ledger_error(model, straight) < 1e-13
    state = simulate(model, streams, 170).state_after
    rest = simulate(model, streams, 230, state=state.copy())
    np.testing.assert_array_equal(rest.displacement, straight.displacement[170:])
    np.testing.assert_array_equal(
        rest.state_after.memories["b"].variables, straight.state_after.memories["b"].variables
    )


class FittedBath(ToyBath):
    """A toy with an embedding, too."""

    def __init__(self, dofs, velocity_taps, position_taps, fitted):
        super().__init__(dofs, velocity_taps, position_taps)
        object.__setattr__(self, "embedding", fitted)


def test_sampled_numbers_are_those_of_the_fitted_model():
    """A fit so rough that it shows, judged by its own exact answers and refused by those of the bath itself."""
    grid = Grid(0.2, memory="auxiliary", memory_error=0.3)
    lengths = {"time_step": 0.2, "steps": 6000, "trajectories": 64, "seed": SEED}
    with pytest.warns(ContinuumWarning):
        result = sample(mixed(), **lengths, memory="auxiliary", memory_error=0.3, progress=False, spectrum_segment=0)
    currents, energy = result.estimates["heat_current"], result.kinetic_energy
    value = np.concatenate([energy.value, currents.value])
    stderr = np.concatenate([energy.stderr, currents.stderr])

    def numbers(some):
        found = landauer.answers(mixed(), some)
        return np.concatenate([found.kinetic_energy, list(found.heat_currents.values())])

    exact, wrong = numbers(grid.realise()), numbers(replace(grid, memory="convolution").realise())
    bound = limit(63, len(value))
    assert np.all(np.abs(value - exact) < bound * stderr), (value - exact) / stderr
    assert np.any(np.abs(value - wrong) > 1.5 * bound * stderr), (value - wrong) / stderr
    assert result.ledger_error < 1e-13
