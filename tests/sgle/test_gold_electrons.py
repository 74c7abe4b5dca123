"""Electrons of gold: bulk sums, Au(100) electrodes, transmission, couplings (reference/junctions.md 2, 4, 6)."""

import pickle

import numpy as np
import pytest

from sgle.electronic.hopping import central_difference, hamiltonian
from sgle.errors import BathError, JunctionError
from sgle.leads import real_space
from sgle.models.gold import electrons
from sgle.models.gold.bulk import band, bulk, fcc_vectors
from sgle.occupation import fermi

GAP = 12.68
LAYERS = np.array([-0.09330, -2.02383, -4.08247, -6.11962, -8.16007])
# The base moves inwards on relaxation: 1.38039, not the d/2 = 1.44250 of the ideal sites.
BASE = np.array([[x, y, 1.84995] for x in (-1.38039, 1.38039) for y in (-1.38039, 1.38039)])
CHAIN = np.array([[0, 0, z] for z in (3.77701, 6.34000, 8.90299)])
MIRROR = np.array([1, 1, -1]), np.array([0, 0, GAP])
POSITIONS = np.concatenate([BASE, CHAIN, BASE * MIRROR[0] + MIRROR[1]])
SHIFTS = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
MU = electrons.FERMI_LEVEL
KT = 0.025852


@pytest.fixture(scope="module")
def gold():
    return electrons.structure(POSITIONS, LAYERS, GAP)


@pytest.fixture(scope="module")
def matrices():
    return electrons.couplings(POSITIONS, LAYERS, GAP)


@pytest.mark.parametrize(
    "shells, a0, cohesive, modulus",
    [(1, 4.0725, 3.8156, 177.0), (2, 4.0796, 3.7837, 174.6), (3, 4.1156, 3.4520, 155.2)],
)
def test_bulk(shells, a0, cohesive, modulus):
    found = bulk(shells, 64)
    assert found.lattice_constant == pytest.approx(a0, abs=1e-4)
    assert found.cohesive_energy == pytest.approx(cohesive, abs=4e-4)
    assert found.bulk_modulus == pytest.approx(modulus, abs=0.1)


def test_bulk_band():
    found = bulk()
    assert found.fermi_level == pytest.approx(electrons.FERMI_LEVEL, abs=3e-3)
    assert found.band == pytest.approx((-29.54, 7.66), abs=0.01)
    energies = band(fcc_vectors(2), 32)
    hops = electrons.hopping(electrons.LATTICE * fcc_vectors(2))
    assert energies.mean() == pytest.approx(0, abs=1e-10)
    assert (energies**2).mean() == pytest.approx(np.sum(hops**2), rel=1e-12)  # second moment = Σ H_ij²


def test_parameters_follow_from_the_cohesive_energy():
    assert electrons.ENERGY == pytest.approx(3.78 * (8 / 7) / (12 * 2**5.5 + 6), rel=2e-5)
    t = [electrons.hopping(np.array([[0, 0, r]]))[0, 0, 0] for r in (4.08 / 2**0.5, 4.08, 2.5, 4.51)]
    assert t == pytest.approx([-2.18841, -0.54710, -3.88104, 0], abs=1e-4)


def test_gradient_is_the_derivative_of_the_hopping():
    r = np.random.default_rng(3).normal(size=(20, 3)) * 1.2 + [0, 0, 1.5]
    r = r[(np.abs(np.linalg.norm(r, axis=1) - electrons.CUTOFF) > 0.01) & (np.linalg.norm(r, axis=1) > 1)]
    slope = central_difference(electrons.hopping)(r)
    np.testing.assert_allclose(electrons.gradient(r), slope, rtol=1e-6, atol=1e-7)
    assert np.all(electrons.gradient(np.zeros((1, 3))) == 0)


def test_thirteen_sites_a_side(gold):
    ideal, relaxed = electrons.touched_sites(POSITIONS, LAYERS)
    assert len(ideal) == 13 and len(gold) == 37
    np.testing.assert_allclose(np.unique(ideal[:, 2]), [-2.04, 0])
    np.testing.assert_allclose(np.unique(relaxed[:, 2]), LAYERS[1::-1])


def test_transmission_of_the_reference(gold):
    expected = [0.77698, 0.78256, 0.80089, 0.82790, 0.85899]
    np.testing.assert_allclose(gold.transmission(MU + SHIFTS), expected, atol=2e-5)
    np.testing.assert_allclose(gold.transmission(MU + SHIFTS, "R", "L"), gold.transmission(MU + SHIFTS), atol=1e-13)
    # What the contacts of the relaxed base owe to its relaxation is seen at once.
    unrelaxed = POSITIONS * [1.04500, 1.04500, 1]
    table = electrons.electrode_table(electrons.touched_sites(POSITIONS, LAYERS)[0], energies=(0.4, 0.5, 4))
    other = electrons.structure(unrelaxed, LAYERS, GAP, table=table)
    assert other.transmission([MU])[0] > 0.88


def test_spectral_laws(gold):
    energies = np.linspace(*gold.window, 23)
    g = gold.greens_function(energies)
    total = gold.spectral("L", energies) + gold.spectral("R", energies)
    np.testing.assert_allclose(total, 1j * (g - g.conj().swapaxes(1, 2)), atol=1e-14)
    assert gold.waves("L", energies).shape == (23, 37, 13)
    mirror = np.r_[24:37, 20:24, 19, 18, 17, 13:17, 0:13]
    np.testing.assert_allclose(g[:, mirror][:, :, mirror], g, atol=1e-13)


def test_can_be_sent_to_another_process(gold):
    copy = pickle.loads(pickle.dumps(gold))
    np.testing.assert_array_equal(copy.transmission([MU]), gold.transmission([MU]))


def test_table_is_fine_enough_between_its_energies(gold):
    ideal, _ = electrons.touched_sites(POSITIONS, LAYERS)
    energy = 0.5 * (gold.window[0] + gold.window[1]) + 0.02
    operations = electrons.square_operations()
    g = real_space(electrons.surface(), [energy + 1j * electrons.BROADENING], ideal, electrons.MESH, operations)[0]
    own = hamiltonian(ideal, electrons.hopping)
    sigma = energy * np.eye(13) - own - np.linalg.inv(g)
    np.testing.assert_allclose(gold.self_energy("L", [energy])[0], sigma, atol=2e-4)  # |Σ| ≈ 4


def test_energies_outside_the_table(gold):
    with pytest.raises(BathError, match=r"-1.45 to 2.4 eV"):
        gold.greens_function([0.0, 2.5])


def test_couplings_keep_the_bonds_to_the_surface(matrices):
    assert matrices.shape == (33, 37, 37)
    base = matrices[2, 13]  # base atom 0 along z
    assert np.count_nonzero(np.abs(base[:13]) > 1e-6) > 4
    assert not np.any(matrices[:, :13, :13]) and not np.any(matrices[:, 24:, 24:])
    middle = matrices[12 + 3 : 12 + 5, 17:20, 17:20]  # chain atom 2 along x and y: nothing at first order
    np.testing.assert_allclose(middle, 0, atol=1e-15)


def test_couplings_of_the_chain_only(matrices):
    chain = electrons.couplings(POSITIONS, LAYERS, GAP, moving=[4, 5, 6])
    np.testing.assert_array_equal(chain, matrices[12:21])


def pair_rate(gold, m, channel, omega, bias):
    """Λ^{ab}_kl(ω) = 2 ∫dε/(2π)² [f_a(ε) - f_b(ε-ω)] Tr[M^k A_a(ε) M^l A_b(ε-ω)], 000 Eq. 3, by a plain sum."""
    energies = MU + np.arange(-140, 141) * 0.005
    upper, lower = (gold.waves(name, e) for name, e in zip(channel, (energies, energies - omega), strict=True))
    b = (lower.conj().swapaxes(1, 2)[:, None] @ m @ upper[:, None]).reshape(len(energies), len(m), -1)
    level = {"L": bias / 2, "R": -bias / 2}
    above = fermi(energies - MU - level[channel[0]], KT)
    below = fermi(energies - omega - MU - level[channel[1]], KT)
    return 2 * np.sum((above - below)[:, None, None] * (b @ b.conj().swapaxes(1, 2)), axis=0) * 0.005 / (2 * np.pi) ** 2


def test_electron_hole_pairs_of_the_reference(gold, matrices):
    """Λ^RL(0) at 0.8 V and Γ_e = -2π Σ Λ at equilibrium (junctions.md 6), chain atoms 1 and 2 along z."""
    m = matrices[[14, 17]]
    rate = pair_rate(gold, m, "RL", 0.0, 0.8)
    assert rate[0, 0] == pytest.approx(-3.71097e-6, rel=1e-4)
    assert rate[0, 1] == pytest.approx(4.42372e-6 + 5.86629e-7j, rel=1e-4)
    total = sum(pair_rate(gold, m, channel, 0.02, 0.0) for channel in ("LL", "LR", "RL", "RR"))
    assert -2 * np.pi * total[0, 0] / 0.02 == pytest.approx(7.23183e-5, rel=1e-4)


def test_refusals():
    with pytest.raises(JunctionError, match="does not reach"):
        electrons.structure(POSITIONS + np.array([0, 0, 8.0]), LAYERS, GAP + 20)
    with pytest.raises(JunctionError, match="mirror images"):
        electrons.structure(POSITIONS, LAYERS, GAP + 1)
    with pytest.raises(BathError, match="broadening 0 eV"):
        electrons.structure(POSITIONS, LAYERS, GAP, broadening=0.0)
