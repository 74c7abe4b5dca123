"""Truncated Sutton-Chen potential and the relaxed gold chain (reference/junctions.md 3b, 4)."""

import numpy as np
import pytest

from sgle.errors import InputError, JunctionError
from sgle.models.gold import geometry as places
from sgle.models.gold import sutton_chen
from sgle.models.gold.geometry import geometry, stable_gaps, surface_layers
from sgle.models.gold.sutton_chen import COHESION, LATTICE, NEIGHBOUR, energy, forces, hessian

CELLS = {"cluster": None, "slab": 3 * NEIGHBOUR * np.eye(3)[:2]}


@pytest.fixture
def rough():
    """Two layers of 3 x 3 atoms, shaken."""
    x, y = (axis.ravel() for axis in np.meshgrid(*2 * [NEIGHBOUR * np.arange(3.0)]))
    upper = np.stack([x, y, 0 * x], axis=1)
    atoms = np.concatenate([upper, upper + np.array([NEIGHBOUR / 2, NEIGHBOUR / 2, -LATTICE / 2])])
    return atoms + np.random.default_rng(1).normal(scale=0.05, size=atoms.shape)


def moved(atoms, along, step):
    return atoms + step * along.reshape(-1, 3)


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_forces_and_hessian_are_derivatives_of_the_energy(rough, cell):
    along = np.random.default_rng(2).normal(size=rough.size)
    h = 1e-4
    slope = (energy(moved(rough, along, h), cell) - energy(moved(rough, along, -h), cell)) / (2 * h)
    assert slope == pytest.approx(-forces(rough, cell).ravel() @ along, rel=1e-6)
    change = -(forces(moved(rough, along, h), cell) - forces(moved(rough, along, -h), cell)).ravel() / (2 * h)
    stiffness = hessian(rough, cell)
    np.testing.assert_allclose(stiffness @ along, change, atol=2e-6 * np.abs(change).max())
    # Negative control: without the part that bends the embedding energy the same comparison fails.
    assert np.abs(np.diag(np.diag(stiffness)) @ along - change).max() > 0.1


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_rigid_shift_costs_nothing(rough, cell):
    stiffness = hessian(rough, cell)
    assert np.abs(stiffness.reshape(54, 18, 3).sum(axis=1)).max() < 1e-12
    np.testing.assert_allclose(stiffness, stiffness.T, atol=1e-13)
    np.testing.assert_allclose(forces(rough, cell).sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(hessian(rough, cell, moving=5), stiffness[:15, :15], atol=1e-13)


def test_images_of_an_atom_are_its_neighbours():
    """A one-atom cell and the same layer of nine atoms have the same energy per atom."""
    side = np.arange(3.0) * NEIGHBOUR
    x, y = (axis.ravel() for axis in np.meshgrid(side, side))
    nine = energy(np.stack([x, y, 0 * x], axis=1), CELLS["slab"])
    assert energy(np.zeros((1, 3)), NEIGHBOUR * np.eye(3)[:2]) == pytest.approx(nine / 9, rel=1e-13)


def test_parameters_follow_from_two_shells():
    assert sutton_chen.BINDING == pytest.approx(34.645116, abs=1e-6)
    assert sutton_chen.ENERGY == pytest.approx(0.0129230769, abs=1e-10)
    grid = np.arange(-3, 4)
    cells = np.stack(np.meshgrid(grid, grid, grid), axis=-1).reshape(-1, 3)
    ball = LATTICE * np.concatenate(
        [cells + shift for shift in ((0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0))]
    )
    ball = ball[np.linalg.norm(ball, axis=1) < 9.5]
    center = int(np.argmin(np.linalg.norm(ball, axis=1)))
    near = sutton_chen.pairs(ball)
    mine = near.first == center
    r = near.distance[mine]
    assert mine.sum() == 18
    bulk = sutton_chen.ENERGY * (
        np.sum((LATTICE / r) ** 10) / 2 - sutton_chen.BINDING * np.sqrt(np.sum((LATTICE / r) ** 8))
    )
    assert bulk == pytest.approx(-COHESION, rel=1e-12)
    np.testing.assert_allclose(forces(ball)[center], 0, atol=1e-12)


def test_atoms_on_top_of_each_other_are_refused():
    with pytest.raises(InputError, match="apart"):
        energy(np.array([[0, 0, 0], [0, 0, 0.1]]))
    with pytest.raises(InputError, match="finite"):
        energy(np.full((2, 3), np.nan))


def test_layers_relax_as_in_the_reference():
    np.testing.assert_allclose(surface_layers(), [-0.09330, -2.02383, -4.08247, -6.11962, -8.16007], atol=1e-5)


def test_chain_of_three_is_that_of_the_reference():
    found = geometry()
    z = found.positions[:, 2]
    assert found.largest_force < 1e-7
    np.testing.assert_allclose(z[list(found.base("L"))], 1.84995, atol=1e-5)
    np.testing.assert_allclose(z[list(found.chain)], [3.77701, 6.34, 8.90299], atol=1e-5)
    np.testing.assert_allclose(np.diff(z[list(found.chain)]), 2.56299, atol=1e-5)
    np.testing.assert_allclose(found.positions[list(found.chain), :2], 0, atol=1e-12)
    assert len(found.surface("L", 4.5)) == 13


@pytest.mark.parametrize(("atoms", "gap"), [(3, 12.68), (4, 15.23), (5, 17.78)])
def test_longer_chains_are_stable_and_at_rest(atoms, gap):
    found = geometry(atoms, gap)
    assert found.largest_force < 1e-7 and found.lowest_mode > 0.5e-3
    bonds = np.diff(found.positions[list(found.chain), 2])
    assert len(bonds) == atoms - 1 and 2.4 < bonds.min() <= bonds.max() < 2.7
    np.testing.assert_allclose(places.mirrored(found.positions, gap)[list(found.mirror)], found.positions, atol=1e-10)
    if atoms > 3:
        assert np.ptp(bonds) > 0.1, "longer chains dimerise"


def test_forces_vanish_with_a_larger_surface_too():
    """The frozen cluster is large enough: all atoms within 2 R_c count, none farther away."""
    found = geometry()
    left = places.relaxed_sites(places.surface_sites(12.5), found.layers)
    everything = np.concatenate([found.positions, left, places.mirrored(left, found.gap)])
    assert np.abs(forces(everything)[:11]).max() < 1e-7


@pytest.mark.parametrize("gap", [12.2, 13.3, 13.6])
def test_a_gap_without_a_stable_chain_is_refused_with_numbers(gap):
    with pytest.raises(JunctionError, match=r"lowest mode .*i meV.* to .* Å are stable") as caught:
        geometry(3, gap)
    assert caught.value.gap == gap and caught.value.lowest_mode < 0
    low, high = caught.value.window
    assert low <= 12.58 and 12.98 <= high < 13.3
    assert geometry(3, low).lowest_mode > 0 and geometry(3, high).lowest_mode > 0


def test_the_window_of_gaps_can_be_asked_for():
    assert stable_gaps(3, near=14.0) is None
    low, high = stable_gaps(4)
    assert low < 15.23 < high < low + 2


def test_torn_squeezed_and_senseless_chains_are_refused():
    for gap in (5.0, 25.0):
        with pytest.raises(JunctionError, match="no place for 3 atoms"):
            geometry(3, gap)
    with pytest.raises(JunctionError, match="breaks"):
        geometry(3, 18.0)
    for atoms in (1, 0, 2.5, True, "3", 99):
        with pytest.raises(InputError, match="atoms"):
            geometry(atoms)
    with pytest.raises(InputError, match="gap"):
        geometry(3, float("nan"))
