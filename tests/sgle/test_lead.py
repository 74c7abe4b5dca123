"""Semi-infinite leads by decimation against a long finite chain, a broadened one, their sum rules (physics.md 3)."""

from itertools import pairwise

import numpy as np
import pytest
from laws.models import diatomic

from sgle import Junction, baths, landauer
from sgle.baths.lead import band_extrema, surface_greens_function

K00, K01 = diatomic()
COUPLING = np.array([[-0.4, 0.1]])  # of one dof to both atoms of the first layer


def finite_chain(z, layers):
    """V g(z) Vᵀ of `layers` layers by inversion of the whole: equal to the endless lead if Im z has damped the echo."""
    m = len(K00)
    whole = np.kron(np.eye(layers), K00) + np.kron(np.eye(layers, k=1), K01) + np.kron(np.eye(layers, k=-1), K01.T)
    g = np.linalg.inv(z**2 * np.eye(m * layers) - whole)[:m, :m]
    return COUPLING @ g @ COUPLING.T


@pytest.mark.parametrize("z", [0.3 + 0.05j, 0.9 + 0.05j, 1.25 + 0.05j, 1.7 + 0.05j, 2.2 + 0.05j, 0.4j])
def test_against_a_finite_chain(z):
    exact = finite_chain(z, 300)
    np.testing.assert_allclose(exact, finite_chain(z, 350), atol=1e-9)
    g = surface_greens_function(np.array([z**2]), K00, K01)
    np.testing.assert_allclose(COUPLING @ g[0] @ COUPLING.T, exact, atol=1e-9)
    errors = [
        np.abs(baths.lead(K00, K01, COUPLING, 0.4, 0, points=points).self_energy(z) - exact).max()
        for points in (101, 401)
    ]
    assert errors[1] < 5e-5 and errors[1] < 0.08 * errors[0]  # second order in the number of points


def test_spectrum_is_that_of_a_broadened_lead():
    """Γ = -2 Im V g((ω+iη)²) Vᵀ inside the bands, nothing outside (here η = 1e-7 of the top)."""
    lead = baths.lead(K00, K01, COUPLING, 0.4, 0, points=801)
    edges = band_extrema(K00, K01)
    top = edges[-1]
    omega = np.array([0.2, 0.5, 0.8, 1.35, 1.45])
    g = surface_greens_function((omega + 1e-7j * top) ** 2, K00, K01)
    wanted = -2 * (COUPLING @ g @ COUPLING.T).imag
    np.testing.assert_allclose(lead.broadening(omega).real, wanted, atol=2e-5 * wanted.max())
    # The gap of a diatomic chain, and above the top.
    for low, high in pairwise(edges):
        middle = np.array([(low + high) / 2])
        q = np.linspace(0, np.pi, 801)[:, None, None]
        bands = np.sqrt(np.abs(np.linalg.eigvalsh(K00 + np.exp(1j * q) * K01 + np.exp(-1j * q) * K01.T)))
        inside = any(band.min() < middle[0] < band.max() for band in bands.T)
        assert (lead.broadening(middle)[0, 0, 0].real > 1e-3 * wanted.max()) == inside
    assert lead.broadening(1.001 * top)[0, 0] == 0


def test_band_extrema():
    """Diatomic chain, masses 1 and 2, springs 1 and 0.6: ω² = 1.2 ± √(1.44 - 1.2 sin²(q/2)... at q = 0 and π."""
    squares = {}
    for q in (0.0, np.pi):
        squares[q] = np.linalg.eigvalsh(K00 + np.exp(1j * q) * K01 + np.exp(-1j * q) * K01.T)
    wanted = np.sort(np.sqrt(np.abs(np.concatenate([squares[0.0], squares[np.pi]]))))
    np.testing.assert_allclose(band_extrema(K00, K01), wanted, atol=1e-7)
    assert wanted[-1] ** 2 == pytest.approx(1.6 * 1.5, rel=1e-12)  # (k + k')(1/m + 1/m')


SUM_RULE = {
    "lead": lambda: baths.lead(K00, K01, COUPLING, 0.4, 0, points=801),
    "chain": lambda: baths.chain_lead(1.3, 0.4, 0.4, 0),
    "debye": lambda: baths.debye([[0.3, 0.1]], 1.5, 0.4, 0),
}


@pytest.mark.parametrize(("name", "wanted"), [("lead", 0.17), ("chain", 1.3**2), ("debye", 0.1)])
def test_sum_rule(name, wanted):
    """(1/π)∫_0^∞ ω Γ dω = V Vᵀ: the commutator of position and momentum in the bath."""
    bath = SUM_RULE[name]()
    x = (1 - np.cos(np.linspace(0, np.pi, 200001))) / 2
    omega = x * bath.friction_spectrum.shape.extent
    found = np.trapezoid(omega * bath.broadening(omega)[:, 0, 0].real, omega) / np.pi
    assert found == pytest.approx(wanted, rel=2e-5)


def test_static_part_softens_by_the_rest_of_the_lead():
    """Γ/ω at 0 and γ(0) = -V g(0) Vᵀ from a lead that is pinned at its far end only."""
    lead = baths.lead(K00, K01, COUPLING, 0.4, 0, points=801)
    far = [finite_chain(1e-9j, layers)[0, 0].real for layers in (400, 800)]
    extrapolated = 2 * far[1] - far[0]  # a pinned end n layers away adds a term like 1/n
    assert lead.static[0, 0] == pytest.approx(extrapolated, rel=1e-4)


def test_diatomic_chain_transmits_like_itself():
    """Two cells between the two halves of the same chain: transmission 1 inside the bands, 0 in the gap."""
    stiffness = np.kron(np.eye(2), K00) + np.kron(np.eye(2, k=1), K01) + np.kron(np.eye(2, k=-1), K01.T)
    right = baths.lead(K00, K01, [K01[1]], 0.4, 3, points=401)
    left = baths.lead(K00, K01.T, [K01.T[0]], 0.6, 0, points=401)
    junction = Junction(stiffness, {"L": left, "R": right})
    edges = band_extrema(K00, K01)
    inside = np.concatenate(
        [np.linspace(0.05, 0.9, 9) * edges[1], edges[2] + np.linspace(0.1, 0.9, 9) * (edges[3] - edges[2])]
    )
    np.testing.assert_allclose(landauer.transmission(junction, inside, "L", "R"), 1, atol=1e-3)
    gap = np.linspace(edges[1], edges[2], 5)[1:-1]
    np.testing.assert_allclose(landauer.transmission(junction, gap, "L", "R"), 0, atol=1e-8)


def test_uniform_chain_by_decimation():
    decimated, exact = baths.lead([[2.0]], [[-1.0]], [[-1.0]], 0.4, 0), baths.chain_lead(1.0, 0.0, 0.4, 0)
    omega = np.linspace(0.003, 2.5, 77)
    np.testing.assert_allclose(decimated.broadening(omega), exact.broadening(omega), atol=1e-5)
    np.testing.assert_allclose(decimated.self_energy(omega), exact.self_energy(omega), atol=1e-5)
    t = np.array([0.0, 1e-3, 0.1, 1.0, 30.0])
    np.testing.assert_allclose(decimated.friction_kernel(t), exact.friction_kernel(t), atol=1e-6)
