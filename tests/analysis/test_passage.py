"""First passages and snapshots: the exact step, whatever the blocks, and coordinates in space."""

import numpy as np
import pytest
from analysis_toys import blocks, small_junction
from anharmonic_toys import beyond, hard, soft_run
from error_bars import SEED

import sgle
from sgle.analysis.passage import Passage, PassageWatch, distance, elongation
from sgle.errors import InputError
from sgle.grid import Grid
from sgle.integrators.driver import run
from sgle.noise import noise_streams
from sgle.units import ANGSTROM_AMU

STEP = 0.25


def watched(path, limit, length):
    """First passages of a path (n, R, N) of largest coordinates, seen in blocks of some length."""
    watch = PassageWatch(Passage(beyond, limit))
    for block in blocks(0 * path, length, STEP, displacement=path):
        watch.update(block)
    return watch.first


@pytest.mark.parametrize("length", [1, 7, 64, 1000])
def test_the_first_step_beyond_the_limit(length):
    path = np.random.default_rng(SEED).standard_normal((300, 40, 2)).cumsum(axis=0)
    for limit in (1.0, 12.0, 30.0):
        values = np.abs(path).max(axis=-1)
        expected = [STEP * np.argmax(row > limit) if (row > limit).any() else np.nan for row in values.T]
        np.testing.assert_array_equal(watched(path, limit, length), expected)
    assert 0 < np.isnan(watched(path, 30.0, length)).sum() < 40


def test_what_comes_back_has_passed_all_the_same():
    path = np.zeros((10, 2, 1))
    path[3, 0], path[7, 0], path[6, 1] = 2.0, 5.0, 1.0
    np.testing.assert_array_equal(watched(path, 1.0, 4), [3 * STEP, np.nan])


def in_space():
    """Two moving atoms and one at rest, 2.5 Å apart along a slanted line."""
    positions = np.array([[0, 0, 0], [1.5, 2.0, 0], [3.0, 4.0, 0]])
    atoms = sgle.Atoms(("Au", "C", "Au"), np.repeat([0, 1], 3), np.array([197.0, 12.0, 197.0]), positions)
    return sgle.Junction(np.eye(6), {}, atoms=atoms)


def test_distances_in_space():
    junction = in_space()
    u = np.random.default_rng(SEED).standard_normal((5, 3, 6))
    block = next(blocks(u, 5, displacement=u))
    moved = junction.atoms.positions[:2] + ANGSTROM_AMU * u.reshape(5, 3, 2, 3) / np.sqrt([[197.0], [12.0]])
    np.testing.assert_allclose(
        distance(junction, 0, 1)(block), np.linalg.norm(moved[..., 1, :] - moved[..., 0, :], axis=-1)
    )
    wall = junction.atoms.positions[2]
    np.testing.assert_allclose(distance(junction, 2, 1)(block), np.linalg.norm(moved[..., 1, :] - wall, axis=-1))
    np.testing.assert_allclose(elongation(junction, 1, 4)(block), u[..., 4] - u[..., 1])
    still = next(blocks(0 * u, 5, displacement=0 * u))
    np.testing.assert_allclose(distance(junction, 0, 2)(still), 5.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda junction: Passage("u", 1.0), "must be a function"),
        (lambda junction: Passage(beyond, np.nan), "finite limit"),
        (lambda junction: elongation(junction, 0, 6), "dof 6"),
        (lambda junction: distance(junction, 0, 3), "atom 3"),
        (lambda junction: distance(small_junction(), 0, 1), "where its atoms are"),
        (lambda junction: soft_run(passages={"x": beyond}), "must be a sgle"),
        (lambda junction: soft_run(passages={"a/b": Passage(beyond, 1.0)}), "slash"),
        (lambda junction: soft_run(passages={"x": Passage(np.abs, 1.0)}), "bad operand|shape"),
    ],
)
def test_what_cannot_be_watched(make, message):
    with pytest.raises((InputError, TypeError), match=message):
        make(in_space())


def test_snapshots_and_passages_of_a_run_are_those_of_its_path():
    """The same trajectories once more, all at once."""
    found = soft_run(passages={"far": Passage(beyond, 1.8), "bond": Passage(elongation(small_junction(), 0, 1), 1.8)})
    model = Grid(found.settings["time_step"]).model(hard(small_junction()))
    total = found.settings["burn_in"] + found.settings["steps"]
    (path,) = run(model, noise_streams(model, 5, range(8)), total, block=total)
    chunk = found.settings["chunk"]
    last = slice(chunk - 1, None, chunk)
    np.testing.assert_allclose(found.snapshots.displacement, path.displacement[last], atol=1e-10)
    np.testing.assert_allclose(found.snapshots.velocity, path.velocity[last], atol=1e-10)
    np.testing.assert_allclose(found.snapshots.anharmonic_energy, path.anharmonic_energy[last], atol=1e-9)
    u, w = path.displacement[last], path.half_velocity[last]
    potential = np.einsum("nri,ij,nrj->nr", u + path.time_step * w, model.stiffness, u)
    np.testing.assert_allclose(found.snapshots.harmonic_energy, ((w**2).sum(-1) + potential) / 2, atol=1e-9)
    for name, coordinate in (("far", beyond(path)), ("bond", path.displacement[..., 1] - path.displacement[..., 0])):
        steps = np.where((coordinate > 1.8).any(axis=0), (coordinate > 1.8).argmax(axis=0), np.nan)
        np.testing.assert_allclose(found.passages[name], steps * path.time_step)
        assert 0 < np.isfinite(found.passages[name]).sum()
    np.testing.assert_allclose(found.watched, total * path.time_step)
