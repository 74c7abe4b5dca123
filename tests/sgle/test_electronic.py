"""Electronic structure between electrodes, its couplings to the nuclei, tables of self-energies (physics.md 4)."""

import numpy as np
import pytest

from sgle.electronic.couplings import couplings
from sgle.electronic.hopping import central_difference, hamiltonian
from sgle.electronic.interpolate import Interpolated
from sgle.electronic.structure import Electrode, ElectronicStructure
from sgle.errors import BathError, JunctionError, SpectrumError
from sgle.units import ANGSTROM_AMU

RNG = np.random.default_rng(11)
ENERGIES = np.linspace(-2.5, 2.5, 31)


def dagger(m):
    return np.conj(np.swapaxes(m, -1, -2))


def random_hermitian(m):
    matrix = RNG.normal(size=(m, m)) + 1j * RNG.normal(size=(m, m))
    return matrix + dagger(matrix)


def random_electrode(orbitals, rank):
    """Σ(E) = W W†/(E - ε + iγ): causal, energy dependent, of this rank."""
    w = RNG.normal(size=(len(orbitals), rank)) + 1j * RNG.normal(size=(len(orbitals), rank))
    return Electrode(orbitals, lambda e: (w @ dagger(w)) / (e - 0.3 + 1.5j)[:, None, None])


@pytest.fixture(scope="module")
def random():
    electrodes = {"L": random_electrode((0, 2, 5), 2), "R": random_electrode((6, 5), 2)}
    overlap = np.eye(7) + 0.05 * random_hermitian(7)
    return ElectronicStructure(random_hermitian(7), electrodes, overlap)


def chain(n=4, t=-1.0, window=(-np.inf, np.inf)):
    """n sites of a uniform chain, the rest of it as electrodes in closed form."""

    def sigma(e):
        x = e / (2 * abs(t)) + 0j
        root = np.where(abs(x) < 1, 1j * np.sqrt(np.abs(1 - x**2)), -np.sign(x.real) * np.sqrt(np.abs(x**2 - 1)))
        return (abs(t) * (x - np.where(abs(x) < 1, root, -root)))[:, None, None]

    h = t * (np.eye(n, k=1) + np.eye(n, k=-1))
    return ElectronicStructure(h, {"L": Electrode((0,), sigma, window), "R": Electrode((n - 1,), sigma)})


def test_spectral_functions_add_up(random):
    g = random.greens_function(ENERGIES)
    total = random.spectral("L", ENERGIES) + random.spectral("R", ENERGIES)
    np.testing.assert_allclose(total, 1j * (g - dagger(g)), atol=1e-13 * np.abs(g).max())


def test_waves_are_spectral_functions(random):
    orbitals = [1, 2, 6]
    for name in "LR":
        waves = random.waves(name, ENERGIES, orbitals)
        assert waves.shape == (len(ENERGIES), 3, 2)
        np.testing.assert_allclose(waves @ dagger(waves), random.spectral(name, ENERGIES, orbitals), atol=1e-12)
        whole = random.spectral(name, ENERGIES)
        np.testing.assert_allclose(whole[:, orbitals][:, :, orbitals], random.spectral(name, ENERGIES, orbitals))
    weight = np.linalg.norm(random.waves("L", ENERGIES), axis=1)
    assert np.all(weight[:, 0] >= weight[:, 1])


def test_transmission(random):
    t = random.transmission(ENERGIES)
    assert np.all(t > 0)
    np.testing.assert_allclose(t, random.transmission(ENERGIES, "R", "L"), rtol=1e-12)
    gamma = random.broadening("R", ENERGIES)
    rows = np.array(random.electrodes["R"].orbitals)
    through_waves = np.einsum("eij,eji->e", gamma, random.spectral("L", ENERGIES, rows)).real
    np.testing.assert_allclose(t, through_waves, rtol=1e-12)


def test_uniform_chain_transmits_one():
    energies = np.array([-2.4, -1.99, -0.3, 0.0, 1.2, 1.99, 2.4])
    expected = (np.abs(energies) < 2).astype(float)
    np.testing.assert_allclose(chain().transmission(energies), expected, atol=1e-12)


def test_windows():
    structure = chain(window=(-1.0, 1.5))
    assert structure.window == (-1.0, 1.5)
    structure.greens_function([-1.0, 1.5])
    with pytest.raises(BathError, match=r"-1 to 1.5") as error:
        structure.transmission([0.0, 1.6])
    assert error.value.highest == 1.6


def test_immutable_and_checked():
    structure = chain()
    with pytest.raises(AttributeError, match="immutable"):
        structure.hamiltonian = np.eye(4)
    with pytest.raises(ValueError, match="read-only"):
        structure.hamiltonian[0, 0] = 1
    good = structure.electrodes
    with pytest.raises(SpectrumError, match="not symmetric"):
        ElectronicStructure(np.array([[0.0, 1], [2, 0]]), {"L": Electrode((0,), good["L"].self_energy)})
    with pytest.raises(JunctionError, match="below 3"):
        ElectronicStructure(np.eye(3), good)
    with pytest.raises(JunctionError, match="overlap"):
        ElectronicStructure(np.eye(4), good, np.diag([1.0, 1, 1, -1]))
    with pytest.raises(JunctionError, match="at least one electrode"):
        ElectronicStructure(np.eye(4), {})
    with pytest.raises(JunctionError, match="different orbitals"):
        Electrode((1, 1), good["L"].self_energy)
    with pytest.raises(BathError, match="L, R"):
        structure.broadening("X", [0.0])


def test_self_energy_must_have_the_size_of_its_orbitals():
    """(n, 1, 1) would be spread over all of them."""
    narrow = ElectronicStructure(np.eye(2), {"L": Electrode((0, 1), lambda e: -0.1j * np.ones((len(e), 1, 1)))})
    with pytest.raises(BathError, match=r"shape \(3, 1, 1\), its 2 orbitals at 3 energies need \(3, 2, 2\)"):
        narrow.greens_function(np.zeros(3))


def test_advanced_self_energy_is_refused():
    wrong = ElectronicStructure(np.zeros((1, 1)), {"L": Electrode((0,), lambda e: 0.5j * np.ones((len(e), 1, 1)))})
    with pytest.raises(SpectrumError, match="broadening of electrode L"):
        wrong.broadening("L", [0.0])


def test_table_converges_with_the_fourth_power():
    probe = np.linspace(-0.5, 0.5, 57)  # away from the ends, where a cubic spline is better or worse by a power

    def matrices(e):
        return np.exp(1j * e)[:, None, None] * np.array([[1, 2j], [0.5, -1]]) / (1 + e**2)[:, None, None]

    def error(n):
        grid = np.linspace(-1, 1, n)
        return np.abs(Interpolated(grid, matrices(grid))(probe) - matrices(probe)).max()

    slope = np.log2(error(33) / error(65))
    assert 3.7 < slope < 4.3 and error(65) < 1e-6


def test_table_refusals():
    table = Interpolated(np.linspace(0, 1, 5), np.ones((5, 2, 2)))
    assert table.window == (0, 1)
    with pytest.raises(BathError, match="leave the table"):
        table([0.5, 1.01])
    with pytest.raises(BathError, match="at least 4 ascending"):
        Interpolated([0, 1, 1, 2], np.ones((4, 2, 2)))
    with pytest.raises(BathError, match="at least 4 ascending"):
        Interpolated([0, 1, 2, 3], np.ones((4, 2)))


def hopping(r):
    """Two orbitals a site, s and p_z, complex hopping with hopping(-r) = hopping(r)†."""
    distance = np.linalg.norm(r, axis=1)
    safe = np.where(distance > 0, distance, np.inf)
    decay = np.exp(-safe)
    sp = decay * r[:, 2] * (1 / safe)
    block = np.array([[decay, sp * np.exp(0.3j)], [-sp * np.exp(-0.3j), 0.5 * decay + 0j]])
    return block.transpose(2, 0, 1)


SITES = RNG.normal(size=(5, 3)) * 1.5


def test_couplings_are_derivatives_of_the_hamiltonian():
    masses, moving = np.array([12.0, 197.0]), [3, 1]
    m = couplings(SITES, central_difference(hopping), moving=moving, masses=masses)
    assert m.shape == (6, 10, 10)
    np.testing.assert_allclose(m, dagger(m), atol=1e-15)
    for dof in range(6):
        step = np.zeros_like(SITES)
        step[moving[dof // 3], dof % 3] = 1e-5
        slope = (hamiltonian(SITES + step, hopping) - hamiltonian(SITES - step, hopping)) / 2e-5
        expected = ANGSTROM_AMU / np.sqrt(masses[dof // 3]) * slope
        np.testing.assert_allclose(m[dof], expected, atol=2e-8 * np.abs(m).max())
        assert np.abs(m[dof] + expected).max() > 0.1 * np.abs(m[dof]).max()  # the sign matters


def test_translation_changes_nothing():
    masses = np.array([1.0, 2, 3, 4, 5])
    m = couplings(SITES, central_difference(hopping), moving=range(5), masses=masses).reshape(5, 3, 10, 10)
    total = np.einsum("n,nxij->xij", np.sqrt(masses), m)
    np.testing.assert_allclose(total, 0, atol=1e-12)
    assert np.abs(np.einsum("n,nxij->xij", np.sqrt(masses)[1:], m[1:])).max() > 1e-3


def test_directions_and_natural_units():
    gradient = central_difference(hopping)
    whole = couplings(SITES, gradient, moving=[0, 2], masses=1.0, length=1.0)
    along = couplings(SITES, gradient, moving=[0, 2], masses=1.0, length=1.0, directions=[2])
    np.testing.assert_array_equal(along, whole[[2, 5]])
    in_amu = couplings(SITES, gradient, moving=[0, 2], masses=1.0)
    np.testing.assert_allclose(in_amu, ANGSTROM_AMU * whole)
    assert pytest.approx(0.0646541513, rel=1e-8) == ANGSTROM_AMU


def test_hamiltonian_with_onsite_energies():
    h = hamiltonian(SITES, hopping, onsite=np.arange(5.0))
    np.testing.assert_allclose(h, dagger(h), atol=1e-15)
    np.testing.assert_allclose(np.diag(h), np.repeat(np.arange(5.0), 2))
    blocks = np.array([random_hermitian(2) for _ in range(5)])
    np.testing.assert_allclose(hamiltonian(SITES, hopping, blocks)[2:4, 2:4], blocks[1])


@pytest.mark.parametrize(
    "wrong", [{"moving": [5]}, {"moving": [1, 1]}, {"moving": [0], "masses": 0.0}, {"positions": SITES[:, :2]}]
)
def test_coupling_refusals(wrong):
    given = {"positions": SITES, "moving": [0], "masses": 1.0} | wrong
    with pytest.raises(JunctionError):
        couplings(given.pop("positions"), central_difference(hopping), **given)
