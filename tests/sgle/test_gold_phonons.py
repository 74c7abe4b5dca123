"""Phonons of the gold chain: electrodes, tables, folding (reference/junctions.md 3c, 4, 6)."""

import numpy as np
import pytest

from sgle import landauer
from sgle.errors import InputError, JunctionError
from sgle.junction import Junction
from sgle.leads import Surface, real_space, square_operations
from sgle.models.adaptive import adaptive_table
from sgle.models.gold import electrode, springs, sutton_chen
from sgle.models.gold import phonons as module
from sgle.models.gold.geometry import geometry, mirrored
from sgle.models.gold.phonons import folded, localisation_notice, modes_above_band, phonons
from sgle.response import Response
from sgle.stability import resonances
from sgle.units import ANGSTROM_AMU, kelvin

MEV = 1e-3
T = kelvin(300)
ETA = 0.2 * MEV


@pytest.fixture(scope="module")
def tie():
    return electrode.contact(geometry())


@pytest.fixture(scope="module")
def full():
    return phonons(geometry())


@pytest.fixture(scope="module")
def chain(full):
    return folded(full)


@pytest.fixture(scope="module")
def au3c(full):
    return folded(full, direct=False)


def junction(found, temperature=T):
    return Junction(found.dynamical_matrix, {name: found.bath(name, temperature) for name in found.dofs})


def per_atom(energies):
    return energies.reshape(-1, 3).sum(axis=1) / MEV


def matsubara(found, count=3000):
    """E_k = (T/2) Σ_n [1 - ν_n² D(iν_n)], ν_n = 2πnT: no integral over real frequencies at all."""
    nu = 2 * np.pi * T * np.arange(1, count + 1)
    d = -np.linalg.inv(Response(junction(found)).inverse(1j * nu)).real
    terms = 1 - nu[:, None] ** 2 * np.einsum("wkk->wk", d)
    # The rest of the sum: 1 - ν² D = K_kk/ν² there.
    tail = np.diag(found.dynamical_matrix) / (2 * np.pi * T) ** 2 / (count + 0.5)
    return T / 2 * (1 + 2 * (terms.sum(axis=0) + tail))


# The ideal electrode


def test_band_top_is_that_of_gold():
    assert springs.BAND_TOP == pytest.approx(19.4 * MEV, rel=1e-3)


def test_layers_one_by_one_give_the_same_as_principal_layers_of_four():
    """The fast route against the general one of sgle.leads: 3 x 3 decimation plus layers, mirrors in closed form."""
    single = springs.crystal()
    d = springs.NEIGHBOUR
    four = np.array([[d / 2 * (n % 2), d / 2 * (n % 2), -n * sutton_chen.LATTICE / 2] for n in range(4)])
    thick = Surface(four, single.vectors, 4 * (four[1] - four[0]) * [0, 0, 1], single.pair, single.reach, acoustic=True)
    sites = np.concatenate([four, four[:2] + np.array([d, -2 * d, 0])])
    z = (np.array([3.0, 11.0, 19.3]) * MEV + 1j * ETA) ** 2
    expected = real_space(thick, z, sites, 6, square_operations())
    found = springs.greens_function(z, sites, 6)
    np.testing.assert_allclose(found, expected, atol=1e-12 * np.abs(expected).max())
    np.testing.assert_allclose(found, found.swapaxes(1, 2), atol=1e-12 * np.abs(expected).max())


# Coupling to the electrode


def test_a_rigid_shift_of_device_and_surface_costs_nothing(tie):
    """δ 1 + V^T 1 = 0 on the surface; and K_DD 1 + V_L 1 + V_R 1 = 0 on the device, V_R by mirror."""
    columns = tie.change.reshape(162, 54, 3).sum(axis=1)
    rows = np.zeros((33, 162))
    rows[list(tie.dofs)] = tie.coupling
    scale = np.abs(tie.dynamical_matrix).max()
    assert np.abs(columns + rows.T.reshape(162, 11, 3).sum(axis=1)).max() < 1e-12 * scale
    left = rows.reshape(33, 54, 3).sum(axis=1).reshape(11, 3, 3)
    sign = np.diag([1.0, 1.0, -1.0])
    right = sign @ left[list(geometry().mirror)] @ sign
    total = tie.dynamical_matrix.reshape(11, 3, 11, 3).sum(axis=2) + left + right
    assert np.abs(total).max() < 1e-12 * scale
    assert np.abs(total - right).max() > 1e-3 * scale


def test_surface_atoms_of_the_reference(tie):
    layer = np.rint(-2 * tie.sites[:, 2] / sutton_chen.LATTICE).astype(int)
    np.testing.assert_array_equal(np.bincount(layer), [25, 16, 9, 4])
    # Bases, first chain atom, and along the axis the second one through its neighbour's embedding.
    assert tie.dofs == (*range(15), 17)


def test_electrodes_do_not_touch_each_other():
    found = geometry()
    left = found.surface("L")
    everything = np.concatenate([left, mirrored(left, found.gap), found.positions])
    stiffness = sutton_chen.hessian(everything)
    n = left.size
    assert np.abs(stiffness[:n, n : 2 * n]).max() == 0.0
    bases = stiffness[2 * n :, 2 * n :]
    assert np.abs(bases[:12, -12:]).max() == 0.0


def test_self_energy_is_passive_and_symmetric(tie):
    pi = electrode.self_energy(tie, np.array([0.5, 5, 12, 19.2, 25]) * MEV, ETA, 8)
    gamma = -2 * pi.imag
    np.testing.assert_allclose(pi, pi.swapaxes(1, 2), atol=1e-13 * np.abs(pi).max())
    assert np.linalg.eigvalsh(gamma).min() > -1e-14 * np.abs(gamma).max()


# The junction


def test_bare_modes_of_the_reference(full):
    highest = np.sqrt(np.linalg.eigvalsh(full.dynamical_matrix))[-8:] / MEV
    np.testing.assert_allclose(highest, [*4 * [12.775], 13.280, 14.487, 16.113, 17.411], atol=1e-3)


def test_static_stiffness_is_positive(full):
    lowest = np.sqrt(np.linalg.eigvalsh(full.stiffness(0.0)[0])[0]) / MEV
    assert lowest == pytest.approx(2.145, abs=0.01)


def test_modes_with_electrodes_of_the_reference(full):
    found = resonances(junction(full)) / MEV
    for expected in (14.924 - 0.082j, 18.770 - 0.497j, 19.028 - 0.262j):
        assert np.abs(found - expected).min() < 2e-3


def test_table_reproduces_the_self_energy_between_its_points(full, tie):
    """Kramers-Kronig of straight lines against the lattice itself, Π(0) included: 1e-3 of the largest Π."""
    points = np.concatenate([[0.0], np.random.default_rng(3).uniform(0, 25, 60), np.linspace(18.9, 19.6, 29)]) * MEV
    direct = electrode.self_energy(tie, points, full.eta, full.mesh)
    deviation = np.abs(full.self_energy(points, "L") - direct).max(axis=(1, 2)) / np.abs(direct).max()
    assert deviation.max() < 1e-3 and deviation[0] < 1e-4
    assert len(full.omega) < 400 and full.error < 6e-4
    # Negative control: a third of the points does not do.
    coarse = phonons(geometry(), mesh=full.mesh, omega=full.omega[::3])
    worse = np.abs(coarse.self_energy(points, "L") - direct).max() / np.abs(direct).max()
    assert worse > 3e-3


def test_right_electrode_is_the_mirror_image(full):
    sign = np.tile([1.0, 1.0, -1.0], 11)
    swap = (3 * np.array(geometry().mirror)[:, None] + np.arange(3)).ravel()
    gammas = {}
    for name in ("L", "R"):
        gammas[name] = np.zeros((33, 33))
        gammas[name][np.ix_(full.dofs[name], full.dofs[name])] = full.broadening[name][100]
    image = sign[:, None] * gammas["L"][np.ix_(swap, swap)] * sign
    np.testing.assert_allclose(gammas["R"], image, atol=1e-18)
    k = full.dynamical_matrix
    np.testing.assert_allclose(k, sign[:, None] * k[np.ix_(swap, swap)] * sign, atol=1e-12 * np.abs(k).max())


def test_folding_leaves_the_green_function_of_the_chain(full, chain, au3c):
    omega = np.linspace(0.5, 24, 120) * MEV
    d = {id(x): Response(junction(x)).greens_function(omega) for x in (full, chain, au3c)}
    inner = d[id(full)][:, 12:21, 12:21]
    size = np.abs(inner).max(axis=(1, 2))
    error = np.abs(d[id(chain)] - inner).max(axis=(1, 2)) / size
    assert np.median(error) < 1e-3 and error.max() < 2e-2
    assert (np.abs(d[id(au3c)] - inner).max(axis=(1, 2)) / size).max() > 0.1


def test_modes_of_the_folded_chain(chain, au3c):
    """The reference leaves out the springs between chain and surface; with them the modes are those of Au3."""
    reference, exact = resonances(junction(au3c)) / MEV, resonances(junction(chain)) / MEV
    for expected in (15.081 - 0.1455j, 16.425 - 0.510j):
        assert np.abs(reference - expected).min() < 5e-3
    assert np.abs(exact - (14.924 - 0.083j)).min() < 2e-3
    assert np.abs(exact - (15.081 - 0.1455j)).min() > 0.1


def test_kinetic_energy_at_equilibrium(chain, au3c, full):
    """Integral over real frequencies = Matsubara sum = (T/2) Σ (1 + K_kk/12T²) but for 1e-4: K is all that counts.

    39.230 39.070 39.230 meV; the reference has 39.224 39.134 39.224 from splines that break Kramers-Kronig.
    """
    energies = landauer.answers(junction(au3c), rtol=1e-4).kinetic_energy
    np.testing.assert_allclose(per_atom(energies), per_atom(matsubara(au3c)), rtol=2e-5)
    np.testing.assert_allclose(per_atom(energies), per_atom(matsubara(chain)), rtol=2e-5)
    high = T / 2 * (1 + np.diag(chain.dynamical_matrix) / (12 * T**2))
    np.testing.assert_allclose(per_atom(energies), per_atom(high), rtol=1e-4)
    np.testing.assert_allclose(per_atom(energies), [39.224, 39.134, 39.224], rtol=2e-3)
    np.testing.assert_allclose(per_atom(matsubara(full))[[0, 4, 5, 6]], [39.2276, 39.230, 39.070, 39.230], atol=1e-3)


def test_heat_flows_from_warm_to_cold(chain):
    warm = Junction(chain.dynamical_matrix, {"L": chain.bath("L", 1.1 * T), "R": chain.bath("R", T)})
    currents = landauer.answers(warm, rtol=1e-4).heat_currents
    assert currents["R"] > 0 and currents["L"] == pytest.approx(-currents["R"])


# Localised modes and refusals


def test_no_mode_of_three_atoms_lies_above_the_band(full, chain):
    assert len(modes_above_band(full)) == 0 and localisation_notice(full) is None
    assert len(modes_above_band(chain)) == 0


def test_dimer_of_four_atoms_is_bound():
    four = phonons(geometry(4), mesh=8, omega=np.concatenate([np.linspace(0, 20.5, 83), [22, 25, 30, 40, 60]]) * MEV)
    modes = modes_above_band(four)
    np.testing.assert_allclose(modes / MEV, [22.508], atol=5e-3)
    assert "1 mode lies above" in localisation_notice(four) and "22.51" in localisation_notice(four)
    assert np.abs(resonances(junction(four)) - modes[0]).min() < 1e-5


def test_senseless_parameters_are_refused():
    for eta in (0.0, -1e-4, 0.1, "x"):
        with pytest.raises(InputError, match="eta"):
            phonons(geometry(), eta=eta)
    for mesh in (2, 1000, 8.5, True):
        with pytest.raises(InputError, match="mesh"):
            phonons(geometry(), mesh=mesh)


def test_a_device_that_elastic_electrodes_cannot_hold_is_refused(monkeypatch):
    honest = module.contact

    def soft(found):
        tie = honest(found)
        change = ANGSTROM_AMU**2 / sutton_chen.MASS * 0.3 * np.eye(33)
        return electrode.Contact(tie.dynamical_matrix - change, tie.dofs, tie.coupling, tie.change, tie.sites)

    monkeypatch.setattr(module, "contact", soft)
    with pytest.raises(JunctionError, match="not on elastic ones"):
        phonons(geometry(), mesh=4, omega=np.array([0, 5, 10, 15, 20, 25, 60]) * MEV)


def test_points_crowd_where_the_table_bends():
    """A Lorentzian of width w needs points of about its width there and nowhere else."""
    width, center = 0.01, 0.5

    def peak(omega):
        return (omega * width**2 / ((omega - center) ** 2 + width**2))[:, None, None]

    omega, values, error = adaptive_table(peak, np.linspace(0, 1, 21), 2e-3, floor=1.0, finest=1e-5)
    fine = np.linspace(0.03, 1, 4001)
    line = fine * np.interp(fine, omega[1:], values[1:, 0, 0] / omega[1:])
    assert np.abs(line - peak(fine)[:, 0, 0]).max() < 1.5e-3 and error <= 5e-4
    steps = np.diff(omega)
    assert steps.min() < width / 5 and steps.max() > 2 * width
