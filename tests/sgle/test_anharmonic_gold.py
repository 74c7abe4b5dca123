"""Sutton-Chen as anharmonic force: the numbers of sgle.models.gold.sutton_chen, its K, and no jumps at the cutoff."""

from functools import lru_cache

import numpy as np
import pytest

from sgle.anharmonic.cartesian import cartesian
from sgle.anharmonic.remainder import by_differences
from sgle.anharmonic.static import static_stiffness, warn_if_unbounded
from sgle.errors import ForceError, InputError, JunctionError, UnboundedWarning
from sgle.models import gold_chain
from sgle.models.gold import anharmonic as gold
from sgle.models.gold import sutton_chen
from sgle.models.gold.anharmonic import (
    NEAR,
    WINDOW,
    gold_chain_atoms,
    gold_chain_following,
    gold_chain_force,
    shares,
)
from sgle.models.gold.geometry import geometry
from sgle.units import kelvin

both = pytest.mark.parametrize("bases", [True, False])


@lru_cache
def made(atoms=3, gap=None, bases=True, elastic=False):
    return gold_chain_force(atoms, gap, bases, elastic=elastic), gold_chain_atoms(atoms, gap, bases)


def moved(bases, size, trajectories=4, seed=0):
    """Random displacements up to `size` [Å] per direction, in internal units (R, N), and the positions they make."""
    force, atoms = made(bases=bases)
    place = cartesian(atoms)
    u = np.random.default_rng(seed).uniform(-size, size, (trajectories, force.size)) / place.scale
    return u, place.places(u), place.scale


def whole(force, u):
    """Force and energy of the potential itself, energy from rest."""
    pulled, energy = force(u)
    spring = u @ force.stiffness
    return pulled - spring, energy + np.einsum("rk,rk->r", u, spring) / 2


@both
def test_numbers_of_the_sharp_potential(bases):
    """Near rest no pair is where the two differ."""
    force, atoms = made(bases=bases)
    u, positions, scale = moved(bases, 0.02)
    pulled, energy = whole(force, u)
    rest = sutton_chen.energy(atoms.positions)
    for number, place in enumerate(positions):
        expected = sutton_chen.forces(place)[: force.size // 3].ravel()
        assert np.abs(pulled[number] / scale - expected).max() < 1e-12  # eV/Å
        assert energy[number] == pytest.approx(sutton_chen.energy(place) - rest, abs=1e-9)  # of 800 eV


@both
def test_stiffness_is_that_of_the_junction(bases):
    """From the analytic Hessian, and from differences of the very forces."""
    force, _ = made(bases=bases)
    junction = gold_chain(bases=bases, anharmonic=True)
    largest = np.abs(junction.dynamical_matrix).max()
    assert np.abs(force.stiffness - junction.dynamical_matrix).max() < 1e-12 * largest
    step = 0.002 / moved(bases, 0.1)[2]
    widths = np.diag(step)
    slope = (force.potential(-widths)[0] - force.potential(widths)[0]) / (2 * step[:, None])
    assert np.abs(slope - force.stiffness).max() < 1e-4 * largest
    assert np.abs(force.rest_force).max() < 1e-12
    elastic, _ = made(bases=bases, elastic=True)
    assert np.array_equal(junction.anharmonic(moved(bases, 0.1)[0])[0], elastic(moved(bases, 0.1)[0])[0])
    assert junction.harmonic.anharmonic is None


@both
def test_elastic_electrodes_hold_the_junction(bases):
    """K + Π(0) less the stiffness of the potential is what the electrodes' own springs take, which is not negative.

    With electrodes that stay at rest it is Π(0) itself.
    """
    junction = gold_chain(bases=bases)
    static, largest = static_stiffness(junction), np.abs(junction.dynamical_matrix).max()
    lowest = {on: np.linalg.eigvalsh(static - made(bases=bases, elastic=on)[0].stiffness)[0] for on in (True, False)}
    assert lowest[True] > -0.01 * largest and lowest[False] < -0.25 * largest
    warn_if_unbounded(made(bases=bases, elastic=True)[0].stiffness, junction)
    with pytest.warns(UnboundedWarning):
        warn_if_unbounded(made(bases=bases)[0].stiffness, junction)


@both
@pytest.mark.parametrize("elastic", [True, False])
def test_analytic_stiffness(bases, elastic):
    force, _ = made(bases=bases, elastic=elastic)
    found = by_differences(force.potential, np.full(force.size, 0.5))
    assert np.abs(found - force.stiffness).max() < 1e-8 * np.abs(force.stiffness).max()


def test_where_the_electrodes_go():
    """Their static response is that of the baths, K_DS G = Π(0); a rigid shift of the device drags them along."""
    place, atoms = geometry(), gold_chain_atoms()
    following = gold_chain_following()
    assert following.shape == (3 * len(atoms.symbols), 33) and np.array_equal(following[:33], np.eye(33))
    near = np.linalg.norm(atoms.positions[:, None] - place.positions, axis=2).min(axis=1) < 9.4
    hessian = sutton_chen.hessian(atoms.positions[near])[:33, 33:]
    scale = cartesian(atoms).scale
    answer = scale[:, None] * (hessian @ following[np.repeat(near, 3)][33:]) * scale
    junction = gold_chain()
    pi = static_stiffness(junction) - junction.dynamical_matrix
    assert np.abs(answer - pi).max() < 1e-3 * np.abs(pi).max()
    shift = following[33:] @ np.tile(np.eye(3), (11, 1))
    assert 0.5 < np.abs(shift).max() < 1
    chain, bases = (
        np.repeat(3 * np.array(a), 3) + np.tile([0, 1, 2], len(a)) for a in ([4, 5, 6], [0, 1, 2, 3, 7, 8, 9, 10])
    )
    static, small = static_stiffness(junction), gold_chain_following(bases=False)
    left = static[np.ix_(bases, bases)] @ small[9:33] + static[np.ix_(bases, chain)]  # force on the bases
    assert np.abs(left).max() < 1e-3 * np.abs(static[np.ix_(bases, chain)]).max()
    surface = following[33:] @ np.concatenate([small[9:21], np.eye(9), small[21:33]])
    assert np.abs(small[33:] - surface).max() < 1e-12


def test_motion_on_the_whole_junction_stays_bounded():
    """White noise of 300 K, the potential and the static part of the baths; on stiff electrodes atoms are lost."""
    junction = gold_chain(bases=False)
    static, kt = static_stiffness(junction), kelvin(300.0)
    lost = {}
    for elastic in (True, False):
        force, _ = made(bases=False, elastic=elastic)
        rng = np.random.default_rng(0)
        u, w = np.zeros((8, 9)), np.sqrt(kt) * rng.standard_normal((8, 9))
        keep, step = np.exp(-1e-2), 8.0
        try:
            for _ in range(600):
                w = w + step * (force(u)[0] - u @ static)
                u = u + step * w
                w = keep * w + np.sqrt(kt * (1 - keep**2)) * rng.standard_normal(w.shape)
            lost[elastic] = False
        except ForceError:
            lost[elastic] = True
    assert lost == {True: False, False: True}


def test_stiffness_of_other_gaps_and_lengths():
    for atoms, gap in ((3, 12.5), (3, 13.2), (2, None), (5, 17.7)):
        force, _ = made(atoms, gap)
        step = 1e-3 * 200
        slope = (force.potential(-step * np.eye(force.size))[0] - force.potential(step * np.eye(force.size))[0]) / (
            2 * step
        )
        assert np.abs(slope - force.stiffness).max() < 1e-3 * np.abs(force.stiffness).max()


@both
@pytest.mark.parametrize("size", [0.3, 1.0])
def test_slope_of_the_energy_where_pairs_come_and_go(bases, size):
    """The energy along a line against the work of the forces, pairs crossing the window of the switch."""
    force, _ = made(bases=bases)
    u, positions, _ = moved(bases, size, 1, seed=2)
    nodes, weights = np.polynomial.legendre.leggauss(200)
    along = force((1 + nodes)[:, None] / 2 * u)[0] @ u[0]
    assert weights @ along / 2 == pytest.approx(-force(u)[1][0], rel=1e-7)
    crossed = _in_window(positions[0]) or _in_window(positions[0] * 0.5)
    assert crossed or size < 1


def _in_window(positions):
    distance = np.linalg.norm(positions[:, None] - positions, axis=2)
    return bool(np.any((distance[:11] > WINDOW[0]) & (distance[:11] < WINDOW[1])))


def spread_of_energy(steps=400):
    """Of a chain atom thrown sideways: pairs to bases, surface and second neighbour cross 4.5 Å to and fro [eV]."""
    force, atoms = gold_chain_force(bases=False, elastic=False), gold_chain_atoms(bases=False)
    scale = cartesian(atoms).scale
    u, w = np.zeros((1, 9)), np.zeros((1, 9))
    w[0, [0, 2]] = 0.008 / scale[0], 0.006 / scale[2]  # Å per ħ/eV
    energies = []
    for _ in range(steps):
        pulled, energy = whole(force, u)
        before, w = w, w + pulled
        energies.append(float(energy[0] + ((w + before)[0] ** 2).sum() / 8))
        u = u + w
    assert np.abs(u * scale).max() > 0.3
    return np.ptp(energies[1:])


def test_energy_is_conserved_across_the_cutoff(monkeypatch):
    """With the sharp cutoff it changes at each crossing, whatever the step."""
    assert spread_of_energy() < 1e-3
    monkeypatch.setattr(gold, "WINDOW", (4.5 - 1e-9, 4.5 + 1e-9))
    assert spread_of_energy() > 5e-3


def test_the_switch():
    """Untouched below the window, gone above it, and its slopes are slopes."""
    r = np.linspace(2.0, 5.0, 3001)
    s, h = shares(r**2), 1e-5
    up, down = shares((r + h) ** 2), shares((r - h) ** 2)
    sharp = (sutton_chen.LATTICE / r) ** 8
    assert np.allclose(s.density[r <= WINDOW[0]], sharp[r <= WINDOW[0]], rtol=1e-14)
    assert not s.density[r >= WINDOW[1]].any() and not s.repulsion_slope[r >= WINDOW[1]].any()
    for value, slope in (("repulsion", "repulsion_slope"), ("density", "density_slope")):
        differences = (getattr(up, value) - getattr(down, value)) / (2 * h) / r
        assert np.allclose(getattr(s, slope), differences, rtol=1e-6, atol=1e-7)


@both
@pytest.mark.parametrize("elastic", [True, False])
def test_both_lists_of_pairs_give_the_same(bases, elastic):
    """Bit for bit, as the list depends on how far a trajectory has come."""
    force, _ = made(bases=bases, elastic=elastic)
    u, _, scale = moved(bases, 0.35)
    assert np.abs(u * scale).max() < NEAR
    near, far = force.potential.near(u), force.potential.far(u)
    assert np.array_equal(near[0], far[0]) and np.array_equal(near[1], far[1])
    mixed = np.concatenate([u, 3 * u])
    assert np.array_equal(force(mixed)[0][:4], force(u)[0])


@both
def test_far_from_rest(bases):
    """The list of all pairs against all atoms: 2 to 3 Å away, where no pair of the other one is left out."""
    force, atoms = made(bases=bases)
    place = cartesian(atoms)
    rng = np.random.default_rng(5)
    for _ in range(20):
        u = np.zeros((1, force.size))
        one = 3 * rng.integers(force.size // 3)
        direction = rng.standard_normal(3)
        u[0, one : one + 3] = rng.uniform(1, 3) * direction / np.linalg.norm(direction) / place.scale[0]
        positions = place.places(u)[0]
        distance = np.linalg.norm(positions[one // 3] - positions, axis=1)
        distance[one // 3] = 10.0
        if distance.min() > 1.1 and not np.any((distance > WINDOW[0]) & (distance < WINDOW[1])):
            expected = sutton_chen.forces(positions)[: force.size // 3].ravel()
            found = whole(force, u)[0][0] / place.scale
            assert np.abs(found - expected).max() < 1e-10 * max(1.0, np.abs(expected).max())
            return
    raise AssertionError("no place without pairs in the window was tried")


def test_lost_atoms():
    force, atoms = made(bases=False)
    scale = cartesian(atoms).scale[0]
    u = np.zeros((3, 9))
    u[1, 3] = 4.1 / scale
    with pytest.raises(ForceError, match=r"has gone 4\.10 Å") as caught:
        force(u)
    assert caught.value.trajectory == 1
    u[1, 3], u[2, 5] = 0.1, 1.6 / scale
    with pytest.raises(ForceError, match=r"0\.9\d* Å apart") as caught:
        force(u)
    assert caught.value.trajectory == 2


def test_an_atom_without_neighbours_feels_nothing():
    square = np.array([[5.0**2]])
    assert not any(part.any() for part in shares(square))


def test_a_gap_with_atoms_where_the_switch_is():
    with pytest.raises(JunctionError, match="apart at rest, where the potential is switched off") as caught:
        gold_chain_force(2, 9.327)
    assert WINDOW[0] < caught.value.distance < WINDOW[1]
    assert geometry(2, 9.327).lowest_mode > 0  # the junction itself is there
    with pytest.raises(InputError):
        gold_chain_force(1)


def test_frozen_atoms_have_no_dofs():
    atoms = gold_chain_atoms(bases=False)
    assert len(atoms.dof_atom) == 9 and len(atoms.symbols) > 9 + 8
    assert np.abs(atoms.positions[3:11] - geometry().positions[[0, 1, 2, 3, 7, 8, 9, 10]]).max() == 0
    assert gold.FAR > gold.NEAR
