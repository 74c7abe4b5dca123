"""Surfaces of crystals: decimation, in-plane meshes, projection on surface atoms, Dyson's equation (physics.md 3)."""

import numpy as np
import pytest

from sgle.errors import BathError, JunctionError
from sgle.leads import (
    Surface,
    embedded,
    modified,
    real_space,
    square_operations,
    surface_greens_function,
    wave_vectors,
)

A = 4.08
D = A / np.sqrt(2)
RNG = np.random.default_rng(7)


def layers(p):
    return np.array([[n % 2 * D / 2, n % 2 * D / 2, -n * A / 2] for n in range(p)])


def hopping(r):
    distance = np.linalg.norm(r, axis=1)
    return np.where(distance < 4.5, -((D / distance) ** 4), 0)[:, None, None]


def spring(r):
    distance = np.linalg.norm(r, axis=1)
    u = r / distance[:, None]
    return np.where(distance < 3.5, -1.0, 0)[:, None, None] * u[:, :, None] * u[:, None]


ELECTRONS = Surface(layers(2), D * np.eye(3)[:2], [0, 0, -A], hopping, 4.5)
PHONONS = Surface(layers(4), D * np.eye(3)[:2], [0, 0, -2 * A], spring, 3.5, acoustic=True)
CASES = [(ELECTRONS, np.array([-1.0, 0.3, 2.0]) + 0.2j), (PHONONS, (np.array([0, 0.5, 1.3]) + 0.1j) ** 2)]
# Not closed under the point group: the images of sites are found and left out again.
SITES = np.array([[0, 0, 0], [D, 0, 0], [D, 2 * D, 0.07], [-D / 2, D / 2, -2.03], [1.5 * D, D / 2, -2.04]])


def dagger(m):
    return np.conj(np.swapaxes(m, -1, -2))


def random_layers(batch=(), m=3):
    h00 = RNG.normal(size=(*batch, m, m)) + 1j * RNG.normal(size=(*batch, m, m))
    h01 = RNG.normal(size=(*batch, m, m)) + 1j * RNG.normal(size=(*batch, m, m))
    return h00 + dagger(h00), h01


def residual(g, z, h00, h01, s01=0.0):
    """How far g is from [z - h00 - (h01 - z s01) g (h01 - z* s01)†]⁻¹."""
    inner = (h01 - z * s01) @ g @ (dagger(h01) - z * np.conj(np.transpose(s01)))
    return np.abs(np.linalg.inv(z * np.eye(3) - h00 - inner) - g).max()


def test_decimation_is_the_fixed_point():
    h00, h01 = random_layers()
    z = 0.7 + 0.01j
    g = surface_greens_function(z, h00, h01)
    assert residual(g, z, h00, h01) < 1e-10
    assert residual(g, z, h00, dagger(h01)) > 1e-2  # the wrong end of the crystal is told apart


def test_overlap():
    h00, h01 = random_layers()
    s01 = 0.1 * RNG.normal(size=(3, 3))
    z = -0.4 + 0.02j
    g = surface_greens_function(z, h00, h01, s01=s01)
    assert residual(g, z, h00, h01, s01) < 1e-9
    s00 = 2 * np.eye(3)
    twice = surface_greens_function(z / 2, h00, h01, s00=s00)
    np.testing.assert_allclose(twice, surface_greens_function(z, h00, h01), atol=1e-10)


def test_surface_block():
    h00, h01 = random_layers()
    other, _ = random_layers()
    z = 0.2 + 0.05j
    bulk = surface_greens_function(z, h00, h01)
    expected = np.linalg.inv(z * np.eye(3) - other - h01 @ bulk @ dagger(h01))
    np.testing.assert_allclose(surface_greens_function(z, h00, h01, surface=other), expected, atol=1e-10)


def test_batches_over_z_and_q():
    h00, h01 = random_layers((4,))
    z = np.array([0.1, 0.9]) + 0.1j
    g = surface_greens_function(z[:, None], h00, h01)
    assert g.shape == (2, 4, 3, 3)
    np.testing.assert_allclose(g[1, 2], surface_greens_function(z[1], h00[2], h01[2]), atol=1e-12)


def test_chain_without_onsite_energy():
    """g = (z - √(z²-4t²))/2t² of a chain whose h00 vanishes: the scale of convergence is not h00's."""
    z = np.array([1e-4j, 0.5 + 1e-6j, 1.9 + 1e-6j])  # at E = 0 an isolated layer is at resonance: ε (t/η)² is lost
    g = surface_greens_function(z, np.zeros((1, 1)), np.ones((1, 1)))[:, 0, 0]
    np.testing.assert_allclose(g, (z - 1j * np.sqrt(4 - z**2)) / 2, rtol=1e-6)


def test_refusals_of_decimation():
    with pytest.raises(BathError, match="Im z"):
        surface_greens_function(0.5 - 0.1j, np.zeros((1, 1)), np.ones((1, 1)))
    with pytest.raises(BathError, match="did not converge"):
        surface_greens_function(0.5 + 0j, np.zeros((1, 1)), np.ones((1, 1)))


@pytest.mark.parametrize("surface", [ELECTRONS, PHONONS])
def test_blocks_are_hermitian_and_periodic(surface):
    q = RNG.normal(size=(5, 3)) * [1, 1, 0]
    for block in surface.blocks(q)[:2]:
        np.testing.assert_allclose(block, dagger(block), atol=1e-14)
    shifted = q + 2 * np.pi / D * np.array([1, -2, 0])
    energies = [np.linalg.eigvalsh(surface.blocks(x)[0]) for x in (q, shifted)]
    np.testing.assert_allclose(*energies, atol=1e-12)


def test_bulk_band_of_fcc():
    """The two bands at q and stacking phase κ are ε(k) = 4t Σ cos cos + 2t₂ Σ cos at k_z = κ/a and (κ + 2π)/a."""
    q, kappa = np.array([[0.31, -0.83, 0.0]]), 0.9
    _, h00, h01 = ELECTRONS.blocks(q)
    bands = np.linalg.eigvalsh(h00 + h01 * np.exp(-1j * kappa) + dagger(h01 * np.exp(-1j * kappa)))[0]
    turn = np.array([[1, 1], [-1, 1]]) / np.sqrt(2)
    expected = []
    for kz in (kappa / A, (kappa + 2 * np.pi) / A):
        x, y, z = (c * A / 2 for c in (*(turn @ q[0, :2]), kz))
        near = np.cos(x) * np.cos(y) + np.cos(y) * np.cos(z) + np.cos(z) * np.cos(x)
        expected.append(-4 * near - 0.5 * (np.cos(2 * x) + np.cos(2 * y) + np.cos(2 * z)))
    np.testing.assert_allclose(bands, np.sort(expected), atol=1e-12)


def test_acoustic_sum_rule_at_the_surface_and_inside():
    outermost, bulk, inward = PHONONS.blocks(np.zeros((1, 3)))
    shift = np.tile(np.eye(3), (4, 1))
    np.testing.assert_allclose((outermost + inward)[0] @ shift, 0, atol=1e-14)
    np.testing.assert_allclose((bulk + inward + dagger(inward))[0] @ shift, 0, atol=1e-14)
    assert np.abs((outermost + inward + dagger(inward))[0] @ shift).max() > 1  # the bulk's rule fails at the surface


def test_refusals_of_surface():
    with pytest.raises(JunctionError, match="too thin"):
        Surface(layers(1), D * np.eye(3)[:2], [D / 2, D / 2, -A / 2], hopping, 4.5)
    with pytest.raises(JunctionError, match="site 1"):
        ELECTRONS.cell_of([[0, 0, 0], [0.5, 0, 0]])
    with pytest.raises(JunctionError, match="thicker layer"):
        ELECTRONS.cell_of([[0, 0, -2 * A]])


@pytest.mark.parametrize("n, irreducible", [(80, 820), (24, 78), (7, 10)])
def test_mesh_of_the_square_surface(n, irreducible):
    q, weights = wave_vectors(ELECTRONS.vectors, n, square_operations())
    full, equal = wave_vectors(ELECTRONS.vectors, n)
    assert len(q) == irreducible and len(full) == n * n
    assert weights.sum() == pytest.approx(1, abs=1e-14) and np.ptp(equal) == 0

    def invariant(k):
        return np.cos(D * k[:, 0]) * np.cos(D * k[:, 1]) + np.exp(np.cos(D * k[:, 0]) + np.cos(D * k[:, 1]))

    assert weights @ invariant(q) == pytest.approx(equal @ invariant(full), rel=1e-13)


def test_refusals_of_mesh():
    with pytest.raises(JunctionError, match="4 x 6"):
        wave_vectors(ELECTRONS.vectors, (4, 6), square_operations())
    with pytest.raises(JunctionError, match="no group"):
        wave_vectors(ELECTRONS.vectors, 6, square_operations()[:2])
    with pytest.raises(JunctionError, match="at least one"):
        wave_vectors(ELECTRONS.vectors, 0)


@pytest.mark.parametrize("surface, z", CASES)
def test_point_group_changes_nothing(surface, z):
    full = real_space(surface, z, SITES, 8)
    reduced = real_space(surface, z, SITES, 8, square_operations())
    np.testing.assert_allclose(reduced, full, atol=1e-14 * np.abs(full).max() * 100)


@pytest.mark.parametrize("surface, z", CASES)
def test_laws_of_the_projection(surface, z):
    g = real_space(surface, z, SITES, 6, square_operations())
    np.testing.assert_allclose(g, np.swapaxes(g, 1, 2), atol=1e-12)  # real H: reciprocity
    assert np.linalg.eigvalsh((g - dagger(g)) / 2j)[1:].max() < 0  # the spectrum of a positive broadening
    moved = real_space(surface, z, SITES + 3 * surface.vectors[0] - surface.vectors[1], 6)
    np.testing.assert_allclose(g, moved, atol=1e-12)


def supercell(surface, z, sites, cells, deep):
    """g between sites of a slab of `deep` principal layers, cells x cells wide with antiperiodic boundaries."""
    b = surface.block
    steps = np.array([(i, j) for i in range(cells) for j in range(cells)])
    atoms = np.concatenate(
        [surface.positions + step @ surface.vectors + n * surface.stacking for n in range(deep) for step in steps]
    )
    n = len(atoms)
    h = np.zeros((n, b, n, b))
    for i in range(-1, 2):
        for j in range(-1, 2):
            r = atoms[None] + cells * (i * surface.vectors[0] + j * surface.vectors[1]) - atoms[:, None]
            distance = np.linalg.norm(r, axis=-1)
            first, second = np.nonzero((distance < surface.reach) & (distance > 0.1))
            blocks = surface.pair(r[first, second])
            np.add.at(h, (first, slice(None), second), (-1) ** (i + j) * blocks)
            if surface.acoustic:
                np.add.at(h, (first, slice(None), first), -blocks)
    h = h.reshape(n * b, n * b)
    where = [int(np.linalg.norm(atoms - site, axis=1).argmin()) for site in sites]
    columns = (b * np.array(where)[:, None] + np.arange(b)).ravel()
    return np.linalg.solve(z * np.eye(n * b) - h, np.eye(n * b)[:, columns])[columns]


@pytest.mark.parametrize("surface, z, deep", [(ELECTRONS, 0.3 + 1.5j, 12), (PHONONS, (1.0 + 0.4j) ** 2, 5)])
def test_against_a_large_slab(surface, z, deep):
    """The shifted n x n mesh is exactly a supercell of n x n cells with antiperiodic boundaries."""
    sites = np.array([[0, 0, 0], [D, D, 0], [D / 2, D / 2, -A / 2], [1.5 * D, D / 2, -A / 2]])
    slab = supercell(surface, z, sites, 3, deep)
    np.testing.assert_allclose(real_space(surface, [z], sites, 3, square_operations())[0], slab, atol=2e-5)
    assert np.abs(real_space(surface, [z], sites, 4)[0] - slab).max() > 1e-3


def test_refusals_of_projection():
    off_axis = Surface(layers(2) + np.array([0.3, 0, 0]), D * np.eye(3)[:2], [0, 0, -A], hopping, 4.5)
    with pytest.raises(JunctionError):
        real_space(off_axis, [0.3 + 0.1j], off_axis.positions, 4, square_operations())
    bridge = Surface(
        layers(2) + np.array([D / 2, 0, 0]), D * np.eye(3)[:2], [0, 0, -A], hopping, 4.5
    )  # two-fold axis only
    with pytest.raises(JunctionError):
        real_space(bridge, [0.3 + 0.1j], bridge.positions, 4, square_operations())

    def skewed(r):
        return hopping(r) * (1 + 0.1 * np.sign(r[:, :1, None]) * np.sign(r[:, 1:2, None]))

    other = Surface(layers(2), D * np.eye(3)[:2], [0, 0, -A], skewed, 4.5)
    with pytest.raises(JunctionError, match="not a symmetry"):
        real_space(other, [0.3 + 0.1j], SITES, 4, square_operations())


def test_dyson():
    h, v = random_layers(m=5)
    g = np.linalg.inv((0.3 + 0.1j) * np.eye(5) - h)[None]
    delta, _ = random_layers(m=5)
    changed = np.linalg.inv((0.3 + 0.1j) * np.eye(5) - h - delta)
    np.testing.assert_allclose(modified(g, delta)[0], changed, atol=1e-12)
    np.testing.assert_allclose(embedded(v[:2], g, delta)[0], v[:2] @ changed @ dagger(v[:2]), atol=1e-12)
    np.testing.assert_allclose(embedded(v[:2], g), embedded(v[:2], g, np.zeros((5, 5))), atol=1e-12)
