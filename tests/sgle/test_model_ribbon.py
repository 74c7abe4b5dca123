"""The graphene ribbon: force field, mirror symmetry, localised modes, electrons; reference/junctions.md 8.

SGLE_SLOW=1 adds the junction under bias (several minutes and 1.5 GB for each point).
"""

import os
from functools import cache

import numpy as np
import pytest
from laws.brute_pairs import transitions
from laws.models import dagger

from sgle import landauer
from sgle.errors import InputError
from sgle.models import ribbon
from sgle.models.ribbon import electrons, keating, phonons
from sgle.units import ANGSTROM_AMU, kelvin, nanowatts

KT = kelvin(300)


@cache
def shape():
    return ribbon.geometry()


@cache
def dynamical_matrix():
    return phonons.dynamical_matrix(shape())


@cache
def leads():
    return phonons.phonon_leads(shape(), KT, KT, rtol=3e-2)


def flake(radius=7.0):
    """Atoms of a flake of graphene around one atom at the origin, and the sublattice of each."""
    a = keating.BOND * np.sqrt(3)
    cells = (
        a
        * np.stack(np.meshgrid(np.arange(-5, 6), np.arange(-5, 6)), -1).reshape(-1, 2)
        @ [
            [1, 0],
            [0.5, np.sqrt(0.75)],
        ]
    )
    both = np.concatenate([cells, cells + np.array([0, keating.BOND])])
    sublattice = np.repeat([0, 1], len(cells))
    near = np.linalg.norm(both, axis=1) < radius
    return both[near], sublattice[near]


def test_gradient_and_hessian():
    """Against central differences of energy and gradient on a crumpled flake with one stiff dimer."""
    positions, _ = flake(4.0)
    pair = frozenset((0, int(keating.neighbours(positions)[0][0])))
    network = keating.terms(positions, frozenset([pair]))
    positions = positions + 0.05 * np.random.default_rng(1).standard_normal(positions.shape)
    along = np.random.default_rng(2).standard_normal(positions.shape)
    h = 1e-5
    ahead, behind = positions + h * along, positions - h * along
    slope = (keating.energy(ahead, network) - keating.energy(behind, network)) / (2 * h)
    assert np.sum(keating.gradient(positions, network) * along) == pytest.approx(slope, rel=1e-8)
    change = (keating.gradient(ahead, network) - keating.gradient(behind, network)).ravel() / (2 * h)
    hessian = keating.hessian(positions, network)
    np.testing.assert_allclose(hessian @ along.ravel(), change, atol=1e-7 * np.abs(change).max())
    np.testing.assert_array_equal(hessian, hessian.T)
    np.testing.assert_allclose(hessian.reshape(-1, len(positions), 2).sum(axis=1), 0, atol=1e-10)


def test_graphene():
    """The flat sheet is at rest; its in-plane optical vibration at Γ has 181.58 meV (two-fold, E2g)."""
    positions, sublattice = flake()
    network = keating.terms(positions)
    assert keating.energy(positions, network) == pytest.approx(0.0, abs=1e-20)
    centre = int(np.argmin(np.linalg.norm(positions, axis=1)))
    hessian = keating.hessian(positions, network)[2 * centre : 2 * centre + 2].reshape(2, -1, 2)
    optical = (hessian[:, sublattice == 0].sum(axis=1) - hessian[:, sublattice == 1].sum(axis=1)) / phonons.MASS
    energies = 1e3 * ANGSTROM_AMU * np.sqrt(np.linalg.eigvalsh(optical))
    np.testing.assert_allclose(energies, 181.58, atol=0.01)


def test_geometry():
    found = shape()
    device = found.positions[found.device]
    assert len(device) == 78 and len(found.dimers) == 8
    forces = keating.gradient(found.positions, found.network)[found.device]
    assert np.abs(forces).max() < 1e-10
    lengths = np.linalg.norm(device[found.device_dimers[:, 0]] - device[found.device_dimers[:, 1]], axis=1)
    assert np.all((lengths > 1.24) & (lengths < 1.245))
    assert sorted(found.mirror) == list(range(78))
    image = device * [-1, 1] + [device[:, 0].min() + device[:, 0].max(), 0]
    np.testing.assert_allclose(image, device[found.mirror], atol=1e-10)
    assert len(ribbon.geometry(dimers=2).device) == 78 - 28


def test_device_modes():
    """Eight vibrations of the dimers, 224.2 to 224.8 meV, far above all others; K is its own mirror image."""
    k = dynamical_matrix()
    modes = 1e3 * np.sqrt(np.linalg.eigvalsh(k))
    assert modes[-9] == pytest.approx(179.86, abs=0.01)
    assert modes[-8] == pytest.approx(224.18, abs=0.01) and modes[-1] == pytest.approx(224.79, abs=0.01)
    image, sign = phonons.mirrored(shape())
    np.testing.assert_allclose(sign[:, None] * k[np.ix_(image, image)] * sign, k, atol=1e-12 * k.max())


def test_leads_hold_the_device_in_place():
    """Springs balance: shifting device and lead together costs nothing, on both sides of their boundary."""
    ends = phonons.lead(shape(), "L")
    shift = np.tile(np.eye(2), (14, 1))
    np.testing.assert_allclose((ends.k00 + ends.k01 + ends.k01.T) @ shift, 0, atol=1e-12)
    k = phonons.mass_weighted(shape())
    np.testing.assert_allclose(k @ np.tile(np.eye(2), (len(k) // 2, 1)), 0, atol=1e-12)
    assert np.abs(ends.surface - ends.k00).max() < 0.02 * ends.k00.max()  # it feels the relaxed device a little
    assert len(ends.dofs) == 16


def test_relaxed_matrix_holds_the_ribbon():
    """Shifting the whole costs (0.6 meV)², by η alone; a table to 1e-2 would give it the wrong sign."""
    squares = np.linalg.eigvalsh(phonons.relaxed_matrix(shape()))
    assert 1e3 * np.sqrt(squares[0]) == pytest.approx(0.594, abs=0.01)
    thinner = np.linalg.eigvalsh(phonons.relaxed_matrix(shape(), 1e-4))
    assert 0 < thinner[0] < 0.2 * squares[0]


def test_tables_of_the_leads():
    """Π of the tables against V g Vᵀ: in the band, at the dimers' vibrations, and on both sides."""
    omega = np.array([1e-3, 0.02, 0.09, 0.15, 0.19, 0.2243, 0.28])
    for bath, name in zip(leads(), "LR", strict=True):
        ends = phonons.lead(shape(), name)
        order = np.argsort(bath.dofs)
        assert np.array(bath.dofs)[order].tolist() == ends.dofs.tolist()
        exact = phonons.self_energy(ends, omega)
        static = phonons.self_energy(ends, np.zeros(1))  # in relaxed_matrix
        found = bath.self_energy(omega)[:, order][:, :, order] + static
        size = np.abs(exact).max(axis=(1, 2))
        assert np.all(np.abs(found - exact).max(axis=(1, 2)) < 3e-3 * size)
        gamma = 1j * (exact - dagger(exact))
        error = np.abs(bath.broadening(omega)[:, order][:, :, order] - gamma).max(axis=(1, 2))
        assert np.all(error < 2e-2 * np.abs(gamma).max(axis=(1, 2)))
    # Above the ribbon's band only η damps: a hundred times less, and part of the model.
    assert np.abs(gamma[5]).max() < 0.02 * np.abs(gamma[2]).max()


def test_transmission():
    found = electrons.structure(shape()).transmission([1.4, 1.0, 0.8, 0.0])
    np.testing.assert_allclose(found, [1.77827, 0.10381, 0.02136, 0.0], atol=6e-6)


def test_electron_hole_symmetry():
    """A bipartite network: T(E) = T(-E), A_kk(E) = A_kk(-E)."""
    structure = electrons.structure(shape())
    energies = np.array([0.7, 1.0, 1.4, 2.1])
    np.testing.assert_allclose(structure.transmission(energies), structure.transmission(-energies), rtol=1e-9)
    diagonal = [np.einsum("ekk->ek", structure.spectral("L", e)).real for e in (energies, -energies)]
    np.testing.assert_allclose(*diagonal, atol=1e-10)
    g = structure.greens_function(energies)
    total = structure.spectral("L", energies) + structure.spectral("R", energies)
    np.testing.assert_allclose(total, 1j * (g - dagger(g)), atol=1e-12)


def test_couplings():
    """M is the change of H with the displacement of an atom; a shift of all in the plane changes bonds to rest only."""
    found, m = shape(), electrons.couplings(shape(), phonons.MASS)
    assert m.shape == (156, 106, 106)
    atoms = electrons.sites(found)
    moved = found.in_space[atoms].copy()
    step = 1e-5
    h = [electrons.hamiltonian(moved + sign * step * _unit(14 + 20, 1), electrons.hopping) for sign in (1, -1)]
    change = (h[0] - h[1]) / (2 * step) * ANGSTROM_AMU / np.sqrt(phonons.MASS)
    np.testing.assert_allclose(m[41], change, atol=1e-8)
    inner = slice(14, 92)
    np.testing.assert_allclose(m[::2].sum(axis=0)[inner, inner], 0, atol=1e-15)


def _unit(site, direction):
    return np.eye(106)[site][:, None] * np.eye(3)[direction]


def test_pairs_of_electrons_and_holes():
    """T^{αβ}(-ε-ω) = T^{βα}(ε) for the bipartite network, and the mirror exchanges L and R: E_F -> -E_F turns the
    current's heating round (000 Eqs. 53-55). A few dofs of dimers.
    """
    structure, m = electrons.structure(shape()), electrons.couplings(shape(), phonons.MASS)
    image, sign = phonons.mirrored(shape())
    few, omega, energies = np.array([28, 34, 92, 118]), 0.2243, np.array([1.15, 1.3, 1.4])
    there = transitions(structure, m[few], "L", "R", omega, energies)
    holes = transitions(structure, m[few], "R", "L", omega, -energies - omega)
    np.testing.assert_allclose(holes, there, atol=1e-9 * np.abs(there).max())
    back = transitions(structure, m[image[few]], "R", "L", omega, energies)
    np.testing.assert_allclose(sign[few][:, None] * back * sign[few], there, atol=1e-9 * np.abs(there).max())
    wrong = transitions(structure, m[few], "R", "L", omega, energies)
    assert np.abs(wrong - there).max() > 0.1 * np.abs(there).max()


@pytest.mark.parametrize("changes", [{"dimers": -1}, {"margin": 0}])
def test_bad_input(changes):
    with pytest.raises(InputError, match="a ribbon needs"):
        ribbon.geometry(**changes)


@pytest.mark.skipif("SGLE_SLOW" not in os.environ, reason="minutes for each bias; SGLE_SLOW=1 runs it")
def test_junction_under_bias():
    """E_F = 1.4 eV, 0.2 V: J_L/J_R = 34.2/39.6 nW without asymmetric forces, 116.8/82.7 with them, on the page."""
    junction = ribbon.graphene_ribbon(1.4, 0.2)
    for switches, wanted in ((("asymmetric",), (34.2, 39.6)), ((), (116.8, 82.7))):
        flow = {name: nanowatts(j) for name, j in landauer.heat_currents(junction.without(*switches)).items()}
        assert (flow["L"], flow["R"]) == pytest.approx(wanted, rel=5e-3)
        assert sum(flow.values()) == pytest.approx(0.0, abs=1e-6)
