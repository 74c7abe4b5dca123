"""Self-energies below the real axis: analytic, joined to the axis, and for tables as good as they say."""

import numpy as np
import pytest
from laws.models import electrons

from sgle import baths
from sgle.models.gold import phonons
from sgle.models.gold.electrode import contact, self_energy
from sgle.models.gold.geometry import geometry

OMEGA = np.concatenate([[0.0], np.geomspace(1e-3, 60.0, 900)])
SMOOTH = baths.ohmic(0.05, 3.0, 0.5, [0])
CLOSED = {
    "drude": baths.drude(0.05, 3.0, 0.5, [0]),
    "smooth": SMOOTH,
    "exponential": baths.ohmic(0.05, 3.0, 0.5, [0], "exponential"),
    "hard": baths.ohmic(0.05, 3.0, 0.5, [0], "hard"),
    "rubin": baths.chain_lead(0.8, 0.0, 0.5, 0),
    "rubin on-site": baths.chain_lead(0.8, 0.5, 0.5, 0),
    "local electrons": electrons(),
}
EVERY = pytest.mark.parametrize("bath", CLOSED.values(), ids=CLOSED)


def at(bath, z):
    z = np.atleast_1d(np.asarray(z, complex))
    return bath.around(z)(z)


@EVERY
def test_analytic_below_the_axis(bath):
    """Derivatives along and across agree (Cauchy-Riemann), above the axis, on it and below."""
    h = 1e-4
    for z in (0.9 + 0.2j, 0.9, 0.9 - 0.15j, 1.4 - 0.4j):
        along = (at(bath, z + h) - at(bath, z - h)) / (2 * h)
        across = (at(bath, z + 1j * h) - at(bath, z - 1j * h)) / (2j * h)
        np.testing.assert_allclose(along, across, rtol=0, atol=1e-6 * np.abs(along).max())


@EVERY
def test_joined_to_the_real_axis(bath):
    for omega in (0.3, 0.9, 1.5):
        np.testing.assert_allclose(at(bath, omega)[0], bath.self_energy(omega), rtol=1e-13)
        np.testing.assert_allclose(at(bath, omega - 1e-12j)[0], bath.self_energy(omega), rtol=0, atol=1e-11)


@EVERY
def test_not_the_function_mirrored_at_the_axis(bath):
    """Π(z*)* is analytic below the axis, too, but damps backwards: the continuation must be another function."""
    z = 0.9 - 1e-6j
    assert np.abs(at(bath, z)[0] - np.conj(bath.self_energy(np.conj(z)))).max() > 1e-3


@pytest.mark.parametrize("depth", [0.02, 0.1, 0.4])
def test_table_of_a_known_function(depth):
    """Off by no more than a few times what is stated, which is little."""
    table = baths.tabulated(OMEGA, SMOOTH.broadening(OMEGA).real, 0.5, [0])
    z = np.array([0.4, 0.9, 1.6]) - 1j * depth
    off = np.abs(at(table, z) - at(SMOOTH, z)).max(axis=(1, 2))
    near = table.around(z)
    stated = np.abs(near.doubt(z)).max(axis=(0, 2, 3))
    size = np.abs(at(SMOOTH, z)).max()
    # Straight lines between the points are off by themselves: that part is there at depth 0 as well.
    lines = np.abs(table.self_energy(z.real) - SMOOTH.self_energy(z.real)).max()
    assert np.all(off < 5 * stated + 2 * lines) and np.all(stated < 3e-3 * size)


def test_table_ends_and_edges_are_not_continued_silently():
    """At the edge of a band no polynomial fits: the stated error is of the size of the function."""
    edge = 1.0
    omega = np.linspace(0, 1.2, 400)
    gamma = np.sqrt(np.maximum(edge**2 - omega**2, 0)) * omega
    table = baths.tabulated(omega, gamma, 0.5, [0])
    inside, beside = np.array([0.5 - 0.05j]), np.array([0.99 - 0.05j])
    assert np.abs(table.around(inside).doubt(inside)).max() < 1e-4
    assert np.abs(table.around(beside).doubt(beside)).max() > 1e-3


def test_nothing_beyond_a_table():
    table = baths.tabulated(
        OMEGA[:500], SMOOTH.broadening(OMEGA[:500]).real * (OMEGA < OMEGA[499])[:500, None, None], 0.5, [0]
    )
    z = np.array([OMEGA[499] + 0.5 - 0.1j])
    np.testing.assert_allclose(at(table, z)[0], np.conj(table.self_energy(np.conj(z)))[0].T, rtol=1e-12)


@pytest.fixture(scope="module")
def gold():
    place = geometry(3, None)
    return contact(place), phonons.phonons(place, 0.2e-3, 24).bath("L", 0.025)


@pytest.mark.parametrize("depth", [0.03e-3, 0.1e-3])
def test_gold_electrode_against_its_own_continuation(gold, depth):
    """The table is that of Π(ω + iη), whose continuation to ω - iy is known: the lattice with the broadening η - y."""
    tie, bath = gold
    z = np.array([2.15e-3, 9.7e-3, 15.0e-3, 18.0e-3]) - 1j * depth
    true = self_energy(tie, z.real, 0.2e-3 - depth, 24)
    axis = np.abs(bath.self_energy(z.real) - self_energy(tie, z.real, 0.2e-3, 24)).max(axis=(1, 2))
    near = bath.around(z)
    off, stated = np.abs(near(z) - true).max(axis=(1, 2)), np.abs(near.doubt(z)).max(axis=(0, 2, 3))
    assert np.all(off < 4 * stated + 3 * axis)
    assert np.all(stated < 0.1 * np.abs(true.imag).max(axis=(1, 2)))
    mirrored = np.conj(bath.self_energy(np.conj(z)))
    assert np.all(np.abs(mirrored - true).max(axis=(1, 2)) > 5 * off)
