"""Π against Γ and against the kernels, by numerical integration that shares nothing with sgle.shapes (physics.md 2)."""

from itertools import pairwise

import numpy as np
import pytest
from laws.models import BATHS, INTER, INTRA, electrons
from scipy.integrate import quad_vec

from sgle import baths

EVERY = pytest.mark.parametrize("make", BATHS.values(), ids=BATHS)
Z = 0.8 + 0.25j


def local_terms(bath, z):
    """What Π holds beside the causal partner of Γ: counter-term, renormalisation, Berry."""
    value = bath.friction_kernel(0.0) if bath.counter_term else 0.0
    value = value if bath.renormalisation is None else value + bath.renormalisation
    return value if bath.berry is None else value - 1j * z * bath.berry


def breaks(bath):
    shape = bath.friction_spectrum.shape
    inner = getattr(shape, "nodes", np.array(shape.edges))
    end = min(shape.extent, 300 * shape.bandwidth)
    return np.unique([0.0, *inner, 0.8, *(shape.bandwidth * np.array([1.0, 3.0, 30.0])), end])


@EVERY
def test_dispersion_integral(make):
    """Π(z) = ∫ dω/2π Γ(ω)/(z-ω), Im z > 0."""
    bath = make()

    def integrand(w):
        return (bath.broadening(w) / (Z - w) + bath.broadening(-w) / (Z + w)) / (2 * np.pi)

    points = breaks(bath)
    points = points[points <= min(bath.friction_spectrum.shape.extent, points[-1])]
    wanted = sum(quad_vec(integrand, a, b, epsabs=1e-10)[0] for a, b in pairwise(points))
    tolerance = 1e-7
    if not np.isfinite(bath.friction_spectrum.shape.extent):  # Γ → 2ηc²/ω: the tail beyond the last break
        tail = bath.friction_spectrum(points[-1:])[0] * points[-1] / np.pi
        wanted, tolerance = wanted - tail, 1e-4 * np.abs(tail).max() + 1e-7
    np.testing.assert_allclose(bath.self_energy(Z), wanted + local_terms(bath, Z), atol=tolerance)


@EVERY
def test_laplace_transform_of_the_kernels(make):
    """Π(z) = -γ(0) - iz∫_0^∞ γ e^{izt} dt + ∫_0^∞ Π_A e^{izt} dt, counter-term and local terms apart."""
    bath = make()
    nodes, weights = np.polynomial.legendre.leggauss(12)
    ends = np.concatenate([[0.0], np.geomspace(0.01, 0.5, 12), np.arange(1.0, 110.0, 0.5)])
    half, middle = np.diff(ends) / 2, (ends[1:] + ends[:-1]) / 2
    t, weight = (middle[:, None] + half[:, None] * nodes).ravel(), (half[:, None] * weights).ravel()
    phase = (weight * np.exp(1j * Z * t))[:, None, None]
    wanted = -1j * Z * (phase * bath.friction_kernel(t)).sum(axis=0) - bath.friction_kernel(0.0)
    wanted = wanted + (phase * bath.displacement_kernel(t)).sum(axis=0)
    np.testing.assert_allclose(bath.self_energy(Z), wanted + local_terms(bath, Z), atol=2e-9)


@EVERY
def test_low_frequency_matrices(make):
    """Π(ω) → static + N - iω(η + B)."""
    bath, h = make(), 1e-5
    markov = bath.markov()
    pi = bath.self_energy(h) - bath.static
    symmetric = (pi + pi.T) / 2
    antisymmetric = (pi - pi.T) / 2
    np.testing.assert_allclose(-symmetric.imag / h, markov.friction, atol=2e-5)
    np.testing.assert_allclose(symmetric.real, 0, atol=1e-8)
    np.testing.assert_allclose(antisymmetric.real, markov.nonconservative, atol=1e-8)
    np.testing.assert_allclose(-antisymmetric.imag / h, markov.berry, atol=2e-7)
    np.testing.assert_array_equal(markov.friction, markov.friction.T)
    np.testing.assert_array_equal(markov.nonconservative, -markov.nonconservative.T)


def test_counter_term_moves_the_static_part_only():
    for make in (baths.drude, baths.ohmic):
        bare, relaxed = make(0.05, 2.0, 0.4, 0, counter_term=False), make(0.05, 2.0, 0.4, 0)
        omega = np.linspace(0, 5, 7)
        shift = bare.self_energy(omega) - relaxed.self_energy(omega)
        np.testing.assert_allclose(shift, np.broadcast_to(-bare.friction_kernel(0.0), shift.shape), atol=1e-15)
        assert relaxed.self_energy(0.0) == 0 and bare.self_energy(0.0).real < 0
        np.testing.assert_array_equal(bare.noise(omega), relaxed.noise(omega))


def test_drude_closed_form():
    """Γ = 2ηωc²/(ω²+c²), γ(t) = ηc e^{-ct}, Π = -iωηc/(c-iω) (physics.md 3)."""
    bath, omega, t = baths.drude(0.05, 2.0, 0.4, 0), np.array([0.3, 1.7]), np.array([0.0, 0.4])
    np.testing.assert_allclose(bath.broadening(omega)[:, 0, 0], 0.1 * omega * 4 / (omega**2 + 4), rtol=1e-15)
    np.testing.assert_allclose(bath.friction_kernel(t)[:, 0, 0], 0.1 * np.exp(-2 * t), rtol=1e-15)
    np.testing.assert_allclose(bath.self_energy(omega)[:, 0, 0], -1j * omega * 0.1 / (2 - 1j * omega), rtol=1e-14)


def test_minimal_model_dictionary():
    """000 SM II, Eq. 36: N_12 = -a, B_12 = b, with a = -4π eV λ3 and b = a/ω_c (physics.md 2, 9)."""
    bias, cutoff, lambda3 = 0.8, 10.0, INTER[0, 1].imag
    markov = baths.flat_band(INTRA, INTER, bias, 0.5, cutoff, [0, 1]).markov()
    a = -4 * np.pi * bias * lambda3
    assert markov.nonconservative[0, 1] == pytest.approx(-a, rel=1e-14)
    assert markov.berry[0, 1] == pytest.approx(a / cutoff, rel=1e-9)
    np.testing.assert_allclose(markov.friction, 2 * np.pi * (INTRA + 2 * INTER.real), rtol=1e-14)


def test_local_bath_has_the_matrices_it_was_given():
    bias = 0.7
    bath = electrons(bias)
    given, markov = bath.parameters, bath.markov()
    np.testing.assert_allclose(markov.friction, given["friction"], rtol=1e-14)
    np.testing.assert_allclose(markov.berry, bias * given["berry"], atol=1e-11)
    np.testing.assert_allclose(bath.static, bias * given["renormalisation"], rtol=1e-14)
    # physics.md and reference/sclmd.md: force -N u with Π(0) antisymmetric part = -V ξ⁻.
    np.testing.assert_allclose(markov.nonconservative, -bias * given["nonconservative"], rtol=1e-14)
