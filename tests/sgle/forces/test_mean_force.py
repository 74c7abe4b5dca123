"""The mean force of 004: conservative without bias, a waterwheel with it; its derivative is K(ω0 → 0)."""

import numpy as np
import pytest
from laws.five_forces import BIASED, REVERSED, UNBIASED, couplings, junction

from sgle.electronic.chain_electrode import chain_electrode
from sgle.electronic.structure import ElectronicStructure
from sgle.errors import InputError, JunctionError, PhysicsError
from sgle.forces import mean_force, static_stiffness, waterwheel_work

ROUND = np.array([0.2, 0.2j])


def force(occupation=BIASED, displacement=None, **more):
    return mean_force(junction(), couplings(), occupation, displacement, spin=1, **more)


@pytest.mark.parametrize("occupation", [BIASED, UNBIASED])
@pytest.mark.parametrize("place", [(0.0, 0.0), (0.1, -0.05)])
def test_stiffness_is_minus_its_derivative(occupation, place):
    """Central differences of fourth order, at rest and displaced."""
    h = 0.02
    moved = junction()
    moved = ElectronicStructure(moved.hamiltonian + np.einsum("k,kij", place, couplings()), moved.electrodes)
    found = static_stiffness(moved, couplings(), occupation, spin=1)
    for column, e in enumerate(h * np.eye(2)):
        f = {k: force(occupation, place + k * e) for k in (-2, -1, 1, 2)}
        slope = (f[-2] - 8 * f[-1] + 8 * f[1] - f[2]) / (12 * h)
        np.testing.assert_allclose(found[:, column], -slope, rtol=0, atol=2e-6)
        assert occupation is UNBIASED or np.abs(found[column] + slope).max() > 1e-2


def test_force_of_electrons_is_that_of_a_long_closed_chain():
    """Unbiased: -Tr[M n_F(H)] of the junction in a ring of many sites, diagonalised."""
    t, n = 0.2, 200
    size = 2 * n + 4
    h = -np.diag(np.ones(size - 1), 1)
    h = h + h.T
    h[n : n + 4, n : n + 4] = junction().hamiltonian
    for a, b in ((n - 1, n), (n + 3, n + 4)):
        h[a, b] = h[b, a] = 0.6
    energies, states = np.linalg.eigh(h)
    filled = 1 / (1 + np.exp((energies - 0.25) / t))
    rho = (states * filled) @ states.T
    wanted = -np.einsum("kij,ji->k", couplings(), rho[n : n + 4, n : n + 4])
    found = force(UNBIASED._replace(t_left=t, t_right=t))
    np.testing.assert_allclose(found, wanted, rtol=1e-10)


def test_no_work_without_bias():
    """However large the loop; with bias it is no rounding error."""

    def work(occupation):
        return waterwheel_work(junction(), couplings(), occupation, ROUND, centre=[0.1, -0.05], points=32, spin=1)

    assert abs(work(UNBIASED)) < 1e-10 < 1e-2 < abs(work(BIASED))


def test_work_of_a_small_loop():
    """π Im(c†Kc), odd in the bias and in the sense of rotation."""
    c = 0.01 * np.array([1.0, 0.5 + 1j])

    def work(mode, occupation=BIASED):
        return waterwheel_work(junction(), couplings(), occupation, mode, points=8, spin=1)

    k = static_stiffness(junction(), couplings(), BIASED, spin=1)
    wanted = np.pi * np.vdot(c, k @ c).imag
    assert work(c) == pytest.approx(wanted, rel=1e-3)
    assert work(c.conj()) == pytest.approx(-work(c), rel=1e-5)
    assert work(c, REVERSED) == pytest.approx(-wanted, rel=1e-3)
    assert abs(work(c.real)) < 1e-12  # back and forth


def test_points_on_the_loop():
    pair = [waterwheel_work(junction(), couplings(), BIASED, ROUND, points=n, spin=1) for n in (16, 32)]
    assert pair[0] == pytest.approx(pair[1], rel=1e-6)


def test_refusals():
    with pytest.raises(InputError, match="2 finite displacements"):
        force(displacement=[0.1])
    with pytest.raises(InputError, match="a mode of 2 displacements"):
        waterwheel_work(junction(), couplings(), BIASED, [1.0])
    with pytest.raises(PhysicsError, match="bound state"):
        force(displacement=[2.0, 0.0])
    with pytest.raises(JunctionError, match="other than zero"):
        chain_electrode(0, 0.0)


def test_chain_electrode():
    """Σ/V² repeats itself (g = 1/(E - ε - t²g)), decays outside the band; a uniform chain transmits 1 inside."""
    end, energies = chain_electrode(0, 0.6, -1.5, 0.3).self_energy, np.array([-9.0, -3.3, -2.0, 0.3, 1.9, 3.31, 8.0])
    g = end(energies)[:, 0, 0] / 0.36
    np.testing.assert_allclose(g * (energies - 0.3 - 2.25 * g), 1, rtol=1e-12)
    inside = np.abs(energies - 0.3) < 3
    assert np.all(g[inside].imag < -0.1) and np.all(g[~inside].imag == 0) and np.all(np.abs(g[~inside]) < 1 / 1.5)
    assert end.edges == pytest.approx((-2.7, 3.3))
    ends = {name: chain_electrode(site, 1.5, 1.5, 0.3) for name, site in (("L", 0), ("R", 1))}
    chain = ElectronicStructure([[0.3, 1.5], [1.5, 0.3]], ends)
    np.testing.assert_allclose(chain.transmission(energies), inside, atol=1e-12)
    np.testing.assert_allclose(  # reference section 4
        junction().transmission(np.array([0.05, 0.25, 0.45])), [0.560972, 0.700579, 0.821840], atol=5e-7
    )
