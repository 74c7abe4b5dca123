"""Exact answers: numbers of issue 2, laws, and independent integrals (physics.md 5)."""

from itertools import pairwise

import numpy as np
import pytest
from laws.models import INTER, INTRA, dagger, minimal, smooth_minimal, uniform_chain
from scipy.integrate import quad

from sgle import Grid, Junction, baths, landauer

OMEGA = np.linspace(0.05, 1.95, 39)


# Issue 2, "Numbers to meet": (bias, E, J_L, J_R, J_e)
ISSUE = [
    (0.0, (0.36899444, 0.36899444), (0.0, 0.0, 0.0)),
    (1.0, (0.36542533, 0.42007184), (-3.5565707e-4, 5.0557389e-3, -4.7000818e-3)),
    (-1.0, (0.42007184, 0.36542533), (5.0557389e-3, -3.5565707e-4, -4.7000818e-3)),
]


@pytest.mark.parametrize(("bias", "energies", "currents"), ISSUE)
def test_minimal_model(bias, energies, currents):
    answers = landauer.answers(minimal(bias))
    np.testing.assert_allclose(answers.kinetic_energy, energies, atol=1e-8)
    np.testing.assert_allclose(list(answers.heat_currents.values()), currents, atol=1e-10)
    assert answers.error < 1e-9


def test_minimal_model_at_high_bias():
    assert landauer.heat_currents(minimal(3.0))["R"] == pytest.approx(4.7218218e-2, abs=1e-9)


def test_uniform_chain():
    currents = landauer.heat_currents(uniform_chain(0.6, 0.4))
    assert currents["R"] == pytest.approx(4.4392331579e-2, abs=1e-11)
    assert currents["L"] == pytest.approx(-currents["R"], abs=1e-15)


def test_quantum_of_heat_conductance():
    """A perfect channel carries (π/12)(T_L² - T_R²), whatever it is made of."""
    current = landauer.heat_currents(uniform_chain(0.06, 0.04))["R"]
    assert current == pytest.approx(np.pi / 12 * (0.06**2 - 0.04**2), abs=1e-11)
    by_quad = quad(lambda w: w / (2 * np.pi) * (1 / np.expm1(w / 0.6) - 1 / np.expm1(w / 0.4)), 0, 2, epsabs=1e-14)[0]
    assert landauer.heat_currents(uniform_chain())["R"] == pytest.approx(by_quad, abs=1e-11)


def test_uniform_chain_transmits_everything_in_its_band():
    """From 0 to 2, both edges excluded, and nothing above; however many atoms are in the system (physics.md 3)."""
    for sites in (1, 4):
        junction = uniform_chain(sites=sites)
        np.testing.assert_allclose(landauer.transmission(junction, OMEGA, "L", "R"), 1, atol=1e-12)
        np.testing.assert_allclose(landauer.transmission(junction, OMEGA + 2, "R", "L"), 0, atol=1e-14)


def test_decimated_lead_is_the_closed_form():
    def lead(temperature, dof):
        return baths.lead([[2.0]], [[-1.0]], [[-1.0]], temperature, [dof], points=101)

    decimated, exact = uniform_chain(lead=lead), uniform_chain()
    np.testing.assert_allclose(landauer.transmission(decimated, OMEGA, "L", "R"), 1, atol=2e-3)
    one, other = landauer.answers(decimated), landauer.answers(exact)
    np.testing.assert_allclose(one.kinetic_energy, other.kinetic_energy, rtol=1e-5)
    assert one.heat_currents["R"] == pytest.approx(other.heat_currents["R"], rel=2e-4)


@pytest.mark.parametrize(
    "grid", [None, Grid(0.05), Grid(0.2), Grid(0.3), Grid(0.3, memory="local"), Grid(0.2, memory_time=1.0)]
)
@pytest.mark.parametrize("temperature", [0.0, 0.5])
def test_equilibrium_carries_no_heat(grid, temperature):
    """Below 1e-12 at any Δt and memory: fluctuation and dissipation come from the same taps."""
    chain = uniform_chain(temperature, temperature).replace(probe=baths.drude(0.1, 3.0, temperature, 2))
    for junction in (minimal(0.0, temperature), smooth_minimal(0.0, temperature), chain):
        if grid is not None and grid.memory_of("L") == "local" and junction is chain:
            continue  # white noise on a free translation: the energy of the fast end is all there is
        answers = landauer.answers(junction, grid)
        assert max(map(abs, answers.heat_currents.values())) < 1e-12
        assert max(map(abs, answers.pair_flows.values())) < 1e-12
        assert answers.kinetic_energy.min() > 0.1


@pytest.mark.parametrize("grid", [None, Grid(0.1)])
def test_heat_is_conserved_and_flows_in_pairs(grid):
    junction = minimal(1.0).replace(hot=baths.ohmic(0.02, 2.0, 0.9, 0))
    answers = landauer.answers(junction, grid)
    currents, flows = answers.heat_currents, answers.pair_flows
    scale = max(map(abs, currents.values()))
    assert abs(sum(currents.values())) < 1e-14 * scale * len(currents)
    for a in currents:
        others = [b for b in currents if b != a]
        assert sum(flows[a, b] for b in others) == pytest.approx(currents[a], abs=1e-15)
        for b in others:
            assert flows[a, b] == -flows[b, a]
    assert flows["L", "hot"] > 0 and flows["R", "hot"] > 0  # from hot to cold


@pytest.mark.parametrize("grid", [None, Grid(0.1)])
def test_mirror_symmetry(grid):
    """V → -V with L and R exchanged, to rounding."""
    one, other = landauer.answers(minimal(1.0), grid), landauer.answers(minimal(-1.0), grid)
    np.testing.assert_allclose(one.kinetic_energy, other.kinetic_energy[::-1], rtol=1e-9)
    for a, b in (("L", "R"), ("R", "L"), ("e", "e")):
        assert one.heat_currents[a] == pytest.approx(other.heat_currents[b], abs=1e-12)


def test_classical_limit_is_equipartition():
    for temperature, tolerance in ((5.0, 3e-2), (50.0, 3e-3), (500.0, 3e-4)):
        energies = landauer.kinetic_energy(smooth_minimal(0.0, temperature))
        np.testing.assert_allclose(energies, temperature / 2, rtol=tolerance)


def test_one_oscillator_against_scipy():
    """E = ∫_0^∞ dω/2π ω² S/|ω²-K-Π|² with Γ and Π written out here."""
    k, eta, c, temperature = 0.8, 0.07, 6.0, 0.3
    junction = Junction([[k]], {"L": baths.drude(eta, c, temperature, 0)})

    def integrand(w):
        pi, gamma = -1j * w * eta * c / (c - 1j * w), 2 * eta * w * c**2 / (w**2 + c**2)
        return w**2 / (2 * np.pi) * gamma / 2 / np.tanh(w / 2 / temperature) / abs(w**2 - k - pi) ** 2

    pieces = [
        quad(integrand, a, b, epsabs=1e-13, epsrel=1e-12, limit=500)[0]
        for a, b in ((0, 0.8), (0.8, 1), (1, 30), (30, np.inf))
    ]
    assert landauer.kinetic_energy(junction)[0] == pytest.approx(sum(pieces), rel=1e-9)


def test_weak_coupling_is_the_textbook_oscillator():
    """η → 0: E = (ω/4) coth(ω/2T), zero-point energy included."""
    for temperature in (0.0, 0.2):
        junction = Junction([[1.44]], {"L": baths.ohmic(1e-7, 3.0, temperature, 0)})
        wanted = 0.3 / (np.tanh(0.6 / temperature) if temperature else 1.0)
        assert landauer.kinetic_energy(junction)[0] == pytest.approx(wanted, rel=1e-6)


def test_free_particle():
    """K = 0: only the baths hold it. E = ∫_0^∞ dω/2π S/|ω + iγ̂|² is finite, and T/2 when it is hot."""
    junction = Junction([[0.0]], {"L": baths.drude(0.3, 4.0, 0.5, 0)})

    def integrand(w):
        return 0.3 * w / np.tanh(w) / (1 + w**2 / 16) / abs(w + 0.3j * 4 / (4 - 1j * w)) ** 2 / (2 * np.pi)

    wanted = quad(integrand, 0, 2)[0] + quad(integrand, 2, np.inf)[0]
    assert landauer.kinetic_energy(junction)[0] == pytest.approx(wanted, rel=1e-8)
    spectrum = landauer.velocity_spectrum(junction, np.array([0.0, 1e-3, 1.0]))[:, 0]
    assert spectrum[0] == pytest.approx(spectrum[1], rel=1e-4) and spectrum[0] == pytest.approx(2 * 0.5 / 0.3, rel=1e-4)


def test_two_temperatures_lie_between_the_equilibria():
    hot, cold, mixed = (landauer.kinetic_energy(uniform_chain(*t)) for t in ((0.6, 0.6), (0.4, 0.4), (0.6, 0.4)))
    np.testing.assert_allclose(mixed, (hot + cold) / 2, rtol=1e-7)


def current_driven(junction, bias, into, ordering):
    """000 Eqs. 8, 31: J = Σ_{α≠β} ∫_0^∞ dω/2π ω Tr[Γ^{αβ} X] (n_B(ω-μ) - n_B(ω)), X = D†ΓD or, wrongly, DΓD†."""
    temperature, cutoff = 0.5, 10.0
    dof = junction.baths[into].dofs[0]

    def integrand(w):
        phi = 1 / (1 + (w / cutoff) ** 2)
        d = landauer.greens_function(junction, np.array([w]))[0]
        gamma = np.zeros((2, 2))
        gamma[dof, dof] = 2 * 0.05 * w * phi
        x = dagger(d) @ gamma @ d if ordering == "time-reversed" else d @ gamma @ dagger(d)
        total = 0.0
        for mu, lam in ((bias, INTER.conj()), (-bias, INTER)):
            y = w - mu
            excess = y / np.expm1(y / temperature) - y / np.expm1(w / temperature)  # (ω-μ)(n_B(ω-μ) - n_B(ω))
            total += 4 * np.pi * phi * excess * np.trace(lam @ x).real
        return w / (2 * np.pi) * total

    points = [1e-9, 0.5, 0.8, 0.93, 1.0, 1.2, 2, 5, 40]
    return sum(quad(integrand, a, b, epsabs=1e-11, limit=200)[0] for a, b in pairwise(points))


@pytest.mark.parametrize("into", ["L", "R"])
def test_current_driven_form(into):
    junction = minimal(1.0)
    assert INTRA.shape == (2, 2)
    exact = landauer.heat_currents(junction)[into]
    assert current_driven(junction, 1.0, into, "time-reversed") == pytest.approx(exact, abs=2e-9)
    assert abs(current_driven(junction, 1.0, into, "as time runs") - exact) > 1e-3


@pytest.mark.parametrize("grid", [None, Grid(0.1)])
def test_spectra_hang_together(grid):
    """S_uu Hermitian ≥ 0; S_vv its diagonal; its integral twice the kinetic energy; D D⁻¹ = 1 by hand."""
    junction = minimal(1.0)
    omega = np.linspace(0, 25.0 if grid is None else grid.nyquist, 40001)
    s_uu = landauer.spectrum(junction, omega[:2000], grid)
    assert np.linalg.eigvalsh(s_uu).min() > -1e-14 and np.abs(s_uu - dagger(s_uu)).max() < 1e-14
    s_vv = landauer.velocity_spectrum(junction, omega, grid)
    energy = np.trapezoid(s_vv, omega, axis=0) / (2 * np.pi)
    rest = 25.0 * (25.0**2 + 100.0) / 200.0 * np.log(1 + 100.0 / 25.0**2) / (2 * np.pi)  # S_vv ~ 1/ω(ω² + c²)
    tail = 0.0 if grid else s_vv[-1] * rest
    np.testing.assert_allclose(energy + tail, landauer.kinetic_energy(junction, grid), rtol=1e-4)
    if grid is None:
        d = landauer.greens_function(junction, OMEGA)
        pi = np.zeros_like(d)
        for bath in junction.baths.values():
            pi[:, *np.ix_(bath.dofs, bath.dofs)] += bath.self_energy(OMEGA)
        inverse = OMEGA[:, None, None] ** 2 * np.eye(2) - junction.dynamical_matrix - pi
        np.testing.assert_allclose(d @ inverse, np.broadcast_to(np.eye(2), d.shape), atol=1e-13)


def test_transmission_of_the_minimal_model():
    """Tr[Γ_R D Γ_L D†] = Γ_R Γ_L |D_RL|²; not symmetric in L and R under current, symmetric without."""
    junction = minimal(1.0)
    d = landauer.greens_function(junction, OMEGA)
    gamma = 0.1 * OMEGA / (1 + OMEGA**2 / 100)
    there, back = (landauer.transmission(junction, OMEGA, *pair) for pair in (("L", "R"), ("R", "L")))
    np.testing.assert_allclose(there, gamma**2 * np.abs(d[:, 1, 0]) ** 2, rtol=1e-12)
    assert np.abs(there / back - 1).max() > 0.5
    calm = minimal(0.0)
    np.testing.assert_allclose(
        *(landauer.transmission(calm, OMEGA, *pair) for pair in (("L", "R"), ("R", "L"))), rtol=1e-12
    )


def test_answers_handed_out_are_copies():
    junction = minimal(0.0)
    landauer.kinetic_energy(junction)[:] = 0
    landauer.heat_currents(junction)["L"] = 1.0
    assert landauer.kinetic_energy(junction)[0] > 0.3 and abs(landauer.heat_currents(junction)["L"]) < 1e-12
