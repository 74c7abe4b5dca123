"""Observers: chunk averages whatever the blocks, heat currents, the ledger and what it would catch."""

import numpy as np
import pytest
from analysis_toys import blocks
from error_bars import SEED

from sgle.analysis.chunks import ChunkMeans, join_trajectories
from sgle.analysis.heat import EnergyLedger, HeatCurrents
from sgle.analysis.kinetic import kinetic_energy
from sgle.analysis.spectra import VelocitySpectrum


@pytest.mark.parametrize("length", [1, 7, 50, 64, 1000])
def test_chunks_do_not_depend_on_the_blocks(length):
    velocity = np.random.default_rng(SEED).standard_normal((330, 3, 2))
    means = ChunkMeans(kinetic_energy, 50)
    for block in blocks(velocity, length):
        means.update(block)
    expected = (0.5 * velocity[:300] ** 2).reshape(6, 50, 3, 2).mean(axis=1)
    np.testing.assert_allclose(means.series, expected, rtol=1e-13)


def test_joining_batches_of_different_length():
    joined = join_trajectories([np.ones((3, 2, 1)), np.empty((0,)), np.full((1, 1, 1), 2.0)])
    assert joined.shape == (3, 3, 1)
    assert np.isnan(joined[1:, 2]).all() and joined[0, 2, 0] == 2.0
    assert join_trajectories([np.empty((0,))]).size == 0


def leapfrog(steps, lost=0.0):
    """One trajectory of two dofs with friction on dof 1 alone, stepped here by hand; `lost` spoils the
    reaction.
    """
    rng = np.random.default_rng(SEED)
    stiffness, dt, friction = np.array([[1.0, -0.3], [-0.3, 0.7]]), 0.1, np.array([0.0, 0.4])
    u, w, history = np.zeros(2), np.zeros(2), []
    for _ in range(steps):
        force = np.array([0.0, rng.standard_normal()])
        after = (w * (1 - dt * friction / 2) + dt * (force - stiffness @ u)) / (1 + dt * friction / 2)
        v = (w + after) / 2
        history.append((u, v, after, force[1:], friction[1:] * v[1:] * (1 - lost)))
        u, w = u + dt * after, after
    u, v, w, noise, reaction = (np.array(x)[:, None] for x in zip(*history, strict=True))
    return stiffness, v, {"displacement": u, "half_velocity": w}, {"B": noise}, {"B": reaction}


def ledger_error(lost, length):
    stiffness, velocity, more, noise, reaction = leapfrog(400, lost)
    ledger = EnergyLedger(stiffness, {"B": [1]})
    for block in blocks(velocity, length, 0.1, **more):
        part = slice(block.start, block.start + length)
        block.noise, block.reaction = {"B": noise["B"][part]}, {"B": reaction["B"][part]}
        ledger.update(block)
    return ledger.error


@pytest.mark.parametrize("length", [1, 64, 400])
def test_ledger_closes_to_rounding_and_notices_a_percent(length):
    assert ledger_error(0.0, length) < 1e-13 * (1000 if length == 1 else 1)
    assert ledger_error(0.01, length) > 1e-6


def test_records_that_do_not_follow_each_other():
    """Two blocks of different records: no energy is missed between them, no piece of a spectrum straddles them."""
    stiffness, velocity, more, noise, reaction = leapfrog(400)
    ledgers = [EnergyLedger(stiffness, {"B": [1]}) for _ in range(2)]
    spectra = [VelocitySpectrum(64, 0.1) for _ in range(2)]
    for marked, (ledger, spectrum) in enumerate(zip(ledgers, spectra, strict=True)):
        for start in (0, 300):  # steps 100 to 299 are missing
            part = slice(start, start + 100)
            block = next(blocks(velocity[part], 100, 0.1, **{name: value[part] for name, value in more.items()}))
            block.noise, block.reaction = {"B": noise["B"][part]}, {"B": reaction["B"][part]}
            block.joined = bool(marked and start)
            ledger.update(block)
            spectrum.update(block)
    assert ledgers[0].error > 1e-3 and ledgers[1].error < 1e-13
    assert [spectrum.count for spectrum in spectra] == [5, 4]


def test_heat_current_is_positive_into_the_bath():
    _, velocity, more, noise, _ = leapfrog(1)
    block = next(blocks(velocity + 2.0, 1, 0.1, **more))
    block.noise, block.reaction = {"B": 0 * noise["B"]}, {"B": 0.4 * block.velocity[..., 1:]}
    assert HeatCurrents({"B": [1]})(block).shape == (1, 1, 1)
    assert HeatCurrents({"B": [1]})(block)[0, 0, 0] > 0
