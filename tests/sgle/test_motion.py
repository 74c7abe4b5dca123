"""Orbits of modes and what feeds and damps them (sgle.stability.motion)."""

import numpy as np
import pytest
from laws.linear import random_junction
from laws.models import minimal

from sgle import Atoms, Grid, Junction
from sgle.errors import SgleError
from sgle.models import gold_chain
from sgle.stability import angular_momentum, budget, eigenmodes, orbit


@pytest.mark.parametrize("grid", [None, Grid(0.1), Grid(0.1, memory="local")])
def test_contributions_add_up_to_the_growth(grid):
    """Im z = Σ over the baths, exactly, for stable and growing modes alike."""
    for junction in (minimal(2.0), minimal(8.0), random_junction(5, 4)):
        modes = eigenmodes(junction, grid)
        for k in np.flatnonzero(modes.z.real > 0.1):
            found = budget(junction, modes, k, grid)
            assert found.total == pytest.approx(modes.z[k].imag, rel=1e-9, abs=1e-13)


def test_signs_of_the_contributions():
    """Friction of leads takes, the non-conservative force gives to one mode what it takes from the other."""
    junction = minimal(4.0)
    modes = eigenmodes(junction)
    given = []
    for k in range(2):
        found = budget(junction, modes, k)
        assert all(value < 0 for value in found.friction.values())
        assert found.driving["L"] == found.driving["R"] == 0.0
        given.append(found.driving["e"])
    assert given[0] * given[1] < 0
    still = budget(minimal(0.0), eigenmodes(minimal(0.0)), 0)
    assert still.driving["e"] == 0.0


def test_work_per_cycle_by_the_path_integral():
    """∮ F·du of the force of the antisymmetric part along the orbit, over the energy of the mode."""
    junction = minimal(5.8)
    modes = eigenmodes(junction)
    k = modes.fastest
    z, x = modes.z[k].real, modes.right[k]
    phase = np.linspace(0, 2 * np.pi, 4001)
    u = np.real(x * np.exp(-1j * phase)[:, None])
    pi = junction.baths["e"].self_energy(z)
    force = -np.real((pi - pi.T) / 2 @ x * np.exp(-1j * phase)[:, None])
    work = np.trapezoid(np.einsum("pi,pi->p", force, np.gradient(u, phase, axis=0)), phase)
    energy = z**2 / 2
    found = budget(junction, modes, k)
    assert work / energy == pytest.approx(found.per_cycle(found.driving)["e"], rel=1e-2)


def test_orbit_of_known_vectors():
    circle, line, other = orbit([1, 1j]), orbit([3, 4]), orbit([1, -0.5j])
    assert circle.eccentricity == pytest.approx(0.0, abs=1e-7) and circle.rotation == pytest.approx(1.0)
    assert circle.momentum == pytest.approx(1.0)
    assert line.eccentricity == pytest.approx(1.0) and line.rotation == 0.0 and line.momentum == pytest.approx(0.0)
    assert other.rotation == pytest.approx(-0.8) and other.momentum == pytest.approx(0.8)
    assert np.linalg.norm(other.major) > np.linalg.norm(other.minor) and other.plane == (0, 1)
    np.testing.assert_allclose(np.abs(other.major), [1 / np.sqrt(1.25), 0.0], atol=1e-12)


def test_orbit_does_not_depend_on_the_phase():
    x = np.array([0.3 + 0.2j, -0.5j, 0.8 - 0.1j])
    first, second = orbit(x), orbit(x * np.exp(0.7j) * 5)
    assert first.rotation == pytest.approx(second.rotation) and first.plane == second.plane
    np.testing.assert_allclose(np.outer(first.major, first.major), np.outer(second.major, second.major), atol=1e-12)


def test_the_ellipse_is_the_motion():
    """(u·â/|a|)² + (u·b̂/|b|)² = 1 all along."""
    x = np.array([0.4 + 0.1j, 0.2 - 0.7j, 0.1 + 0.3j])
    found = orbit(x)
    u = np.real(x / np.linalg.norm(x) * np.exp(-1j * np.linspace(0, 6, 50))[:, None])
    a, b = found.major, found.minor
    np.testing.assert_allclose((u @ a / (a @ a)) ** 2 + (u @ b / (b @ b)) ** 2, 1.0, rtol=1e-12)


def test_opposite_bias_turns_the_other_way():
    there, back = (eigenmodes(minimal(bias)) for bias in (6.0, -6.0))
    turned = [orbit(modes.right[modes.fastest]).rotation for modes in (there, back)]
    assert turned[0] == pytest.approx(-turned[1], rel=1e-9) and abs(turned[0]) > 0.3


def test_angular_momentum_of_atoms():
    """A circle in the xy plane carries one quantum along z; a line none. Needs three dofs per atom."""
    atoms = Atoms(("Au", "Au"), np.repeat([0, 1], 3))
    junction = Junction(np.eye(6), {}, atoms=atoms)
    found = angular_momentum(junction, np.array([1, 1j, 0, 0, 0, 0]))
    np.testing.assert_allclose(found, [[0, 0, 1.0], [0, 0, 0]], atol=1e-14)
    np.testing.assert_allclose(angular_momentum(junction, np.array([1, 1, 0, 0, 2, 0])), 0.0, atol=1e-14)
    with pytest.raises(SgleError, match="three dofs"):
        angular_momentum(minimal(), np.array([1, 1j]))


def test_no_turning_without_current():
    junction = gold_chain(bases=False, bias=0.0)
    modes = eigenmodes(junction)
    stiff = int(np.argmax(modes.z.real))
    assert np.abs(angular_momentum(junction, modes.right[stiff])).max() < 0.05
