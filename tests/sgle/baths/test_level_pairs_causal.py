"""Self-energy and kernels of level_pairs: Kramers-Kronig, discrete states, energies of the bias window, Fourier."""

import numpy as np
import pytest
from laws.brute_pairs import window as brute_window
from laws.level_pairs import SIGMA_X, TWO_MODES, Discrete, electrons
from scipy.integrate import quad
from scipy.special import expit

from sgle import Junction, baths, stability
from sgle.ehp import levels, two_levels
from sgle.ehp.closed import ClosedPairs
from sgle.ehp.levels import poles
from sgle.ehp.spectra import transform
from sgle.electronic.pairs import Occupation
from sgle.response import Response


def complex_bath(bias=0.5, **more):
    return electrons(temperature=0.3, bias=bias, widths=(0.2, 0.3), hopping=0.2, couplings=TWO_MODES, **more)


def closed(bias=0.5, temperature=0.3, hopping=0.2, spin=1):
    known = poles(two_levels((0.5, -0.4), (0.2, 0.3), hopping))
    at = Occupation(bias / 2, -bias / 2, temperature, temperature)
    return ClosedPairs(known, known.couplings(np.array(TWO_MODES)), at, spin)


def gamma(pairs, omega):
    return sum(pairs.broadening(channel, omega) for channel in ("LL", "RR", "LR", "RL"))


def magnetic():
    """Complex H and M, which the bath refuses and the closed form does not mind."""
    known = poles(levels([[0.5, 0.2j], [-0.2j, -0.4]], [[0.2, 0.05], [0.05, 0.1]], [0.0, 0.3]))
    couplings = np.array([[[0.0, 0.1], [0.1, 0.0]], [[0.05, -0.04j], [0.04j, -0.05]]])
    return ClosedPairs(known, known.couplings(couplings), Occupation(0.25, -0.25, 0.3, 0.3), 1)


@pytest.mark.parametrize("pairs", [closed(), closed(temperature=0.02), magnetic()], ids=["warm", "cold", "magnetic"])
def test_kramers_kronig(pairs):
    """Π(ω) = ∫dω'/2π Γ(ω')/(ω-ω'+i0), static part included, on the axis and above it."""
    step = 3e-3
    s = (np.arange(-3000, 3000) + 0.5) * step  # ω' = ω + sinh: even around the pole, whose principal value it takes
    for z in (0.7, 0.2, 0.9 + 0.4j):
        at = np.real(z)
        omega, weight = at + np.sinh(s), np.cosh(s) * step
        terms = (weight / (2 * np.pi * (z - omega)))[:, None, None] * gamma(pairs, omega)
        wanted = terms.sum(axis=0) - (0.5j * gamma(pairs, np.array([at]))[0] if np.isreal(z) else 0)
        found = pairs.self_energy(np.array([z]))[0]
        assert np.abs(found - wanted).max() < 1e-6 * np.abs(wanted).max()
        assert np.abs(found - wanted.T).max() > 1e-3 * np.abs(wanted).max()


def test_by_discrete_states():
    """Π_kl(z) = Σ_mn F^k_mn F^l_nm (f_m-f_n)/(z+ε_m-ε_n): no poles of G, no spectral function (dictionary of 004)."""
    ends = [Discrete(0.5, 0.2), Discrete(-0.4, 0.3)]
    filled = [expit((mu - end.energies) / 0.3) for mu, end in zip((0.25, -0.25), ends, strict=True)]
    z = 0.6 + 0.15j
    wanted = 0.0
    for up, low in ((0, 1), (1, 0)):
        change = filled[low][None, :] - filled[up][:, None]
        share = change / (z + ends[low].energies - ends[up].energies[:, None])
        wanted += 0.01 * ends[up].weight @ share @ ends[low].weight
    bath = electrons(0.5, -0.4, 0.3, 0.5, widths=(0.2, 0.3))
    rest = electrons(0.5, -0.4, 0.3, 0.0, widths=(0.2, 0.3))
    known = poles(two_levels((0.5, -0.4), (0.2, 0.3)))
    at = Occupation(0.25, -0.25, 0.3, 0.3)
    pairs = ClosedPairs(known, known.couplings(np.array([SIGMA_X])), at, 1)
    assert pairs.self_energy(np.array([z]))[0, 0, 0] == pytest.approx(wanted, rel=1e-4)
    # The bath's Π lacks the static part at equilibrium, which is in K.
    static = ClosedPairs(known, pairs.couplings, Occupation(0, 0, 0.3, 0.3), 1).self_energy(np.zeros(1))[0, 0, 0]
    assert bath.self_energy(z)[0, 0] == pytest.approx(wanted - static, rel=1e-4)
    assert rest.self_energy(1e-9)[0, 0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("omega", [0.2, 0.7, 1.3])
def test_bias_window(omega):
    """Π(V) - Π(0) from energies between the potentials, by a plain sum: renormalisation and Berry force too."""
    given = {"temperature": 0.1, "spin": 2}
    bath, rest = (
        electrons(bias=bias, widths=(0.2, 0.3), hopping=0.2, couplings=TWO_MODES, **given) for bias in (0.8, 0.0)
    )
    structure = two_levels((0.5, -0.4), (0.2, 0.3), 0.2)
    wanted = brute_window(structure, np.array(TWO_MODES), [omega], 0.8, 0.1, 0.0, step=2e-3)[0]
    found = bath.self_energy(omega) - rest.self_energy(omega)
    assert np.abs(found - wanted).max() < 1e-10 * np.abs(wanted).max()
    assert np.abs(found - wanted.T).max() > 0.01 * np.abs(wanted).max()


def test_kernels_are_fourier_integrals():
    """γ = (1/π)∫ Re Γ/ω cos ωt and Π_A = (1/π)∫ Im Γ cos ωt by adaptive quadrature, on even and uneven times."""
    bath = complex_bath()
    t = 0.05 * np.arange(4000)
    picked = [1, 40]
    friction, force = bath.friction_kernel(t), bath.displacement_kernel(t)
    largest = np.abs(friction).max(), np.abs(force).max()
    for n in picked:
        for i, j in ((0, 0), (0, 1)):
            slope = _cosine(lambda w, i=i, j=j: bath.broadening(w)[i, j].real / w, t[n])
            assert friction[n, i, j] == pytest.approx(slope, abs=1e-5 * largest[0])
        imaginary = _cosine(lambda w: bath.broadening(w)[0, 1].imag, t[n])
        # Im Γ falls as 1/ω² only: what the ladder of frequencies leaves out is seen at small times.
        assert force[n, 0, 1] == pytest.approx(imaginary, abs=(2e-4 if n == 1 else 1e-7) * largest[1])
    uneven = t[[0, *picked, 2000]]
    assert np.abs(bath.friction_kernel(uneven) - friction[[0, *picked, 2000]]).max() < 1e-12 * largest[0]
    assert np.abs(bath.displacement_kernel(uneven) - force[[0, *picked, 2000]]).max() < 1e-12 * largest[1]
    assert np.abs(friction[-1]).max() < 1e-8 * largest[0]  # e^-strip·t
    np.testing.assert_allclose(force, -np.swapaxes(force, 1, 2), atol=1e-18)


def _cosine(function, t):
    return quad(function, 1e-9, np.inf, weight="cos", wvar=t, limit=400, epsabs=1e-10)[0] / np.pi


def test_softening_is_the_static_part():
    """γ(0) = -Π_s(0): the kernel and the closed form know the same Γ."""
    bath = complex_bath()
    pairs = closed()
    static = pairs.self_energy(np.zeros(1))[0].real
    np.testing.assert_allclose(bath.friction_kernel(0.0), -(static + static.T) / 2, rtol=1e-4, atol=2e-7)
    rest = closed(bias=0.0).self_energy(np.zeros(1))[0].real
    change = static - rest
    np.testing.assert_allclose(bath.renormalisation, (change + change.T) / 2, rtol=1e-12)


def test_transform_of_a_known_pair():
    """∫dω/2π e^{-iωt}/((ω-ω₀)²+a²)² by sums over even and uneven times: the sign of the phase too."""
    a, shift = 0.5, 0.3

    def function(omega):
        return (1 / (((omega - shift) ** 2 + a**2) ** 2))[:, None]

    t = 0.1 * np.arange(400)
    wanted = np.exp(-1j * shift * t) * (1 + a * t) * np.exp(-a * t) / (4 * a**3)
    for times, values in ((t, wanted), (t[[0, 7, 100]], wanted[[0, 7, 100]])):
        found = transform(function, times, a, 400.0)[:, 0]
        np.testing.assert_allclose(found, values, atol=1e-7 * wanted[0].real)
        assert np.abs(found - values.conj()).max() > 0.1 * wanted[0].real
    # Nothing is left after 36 decay times; asking for such times costs nothing and changes nothing else.
    late = transform(function, np.append(t, [80.0, 5000.0]), a, 400.0)[:, 0]
    np.testing.assert_allclose(late, np.append(wanted, [0, 0]), atol=1e-7 * wanted[0].real)
    assert not np.any(late[-2:])


@pytest.mark.parametrize("temperature", [0.3, 0.01])
def test_continued_below_the_axis(temperature):
    """Analytic down to the depth that is told: the mean over a circle is the value in its middle; not beyond."""
    bath = electrons(temperature=temperature, bias=0.5, widths=(0.2, 0.3), hopping=0.2, couplings=TWO_MODES)
    pairs = bath.friction_spectrum.shape.pairs
    strip = pairs.strip
    middle = np.array([0.6, 0.25 + 1e-3]) - 0.5j * strip
    turn = 0.45 * strip * np.exp(2j * np.pi * np.arange(200) / 200)
    for centre in middle:
        around = bath.around(np.full(200, centre.real + 0j))(centre + turn).mean(axis=0)
        there = bath.around(np.array([centre.real + 0j]))(np.array([centre]))[0]
        assert np.abs(around - there).max() < 1e-12 * np.abs(there).max()
    # Across the axis it joins what is known above.
    above, below = (bath.around(np.array([0.6 + 0j]))(np.array([0.6 + s * 1e-9j]))[0] for s in (1, -1))
    assert np.abs(above - below).max() < 1e-7 * np.abs(above).max()
    assert np.abs(above - bath.self_energy(0.6)).max() < 1e-7 * np.abs(above).max()
    # The depth is that of the nearest singularity: one of them lies within 1 % of it.
    place = _singularities(pairs, 0.5)
    assert place.imag.max() == pytest.approx(-strip, rel=1e-10)


def _singularities(pairs, bias):
    """Of Π(z): pairs of poles of G and G†, and a pole of G below a Matsubara frequency of a Fermi function."""
    z, matsubara = pairs.poles.z, 1j * np.pi * pairs.temperature
    two = z[:, None] - z.conj()
    one = np.array([[p - mu - matsubara, mu - p.conj() - matsubara] for p in z for mu in (bias / 2, -bias / 2)])
    return np.concatenate([two.ravel(), one.ravel()])


def test_counted_and_found_roots_agree_in_a_junction_of_two_modes():
    """Complex Γ_e between two modes, beyond the threshold: the winding number has the growing modes that are found."""
    model = Junction(
        np.diag([1.0, 1.1]),
        {
            "L": baths.drude(0.002, 10.0, 0.2, [0]),
            "e": electrons(0.5, -0.5, 0.2, 1.6, widths=(0.1, 0.1), hopping=0.05, couplings=TWO_MODES),
            "R": baths.drude(0.002, 10.0, 0.2, [1]),
        },
    )
    found = stability.eigenfrequencies(model)
    growing = found[found.imag > 0]
    assert len(growing) == stability.unstable_count(model) > 0
    response = Response(model)
    for z in growing:
        assert abs(np.linalg.det(response.inverse(np.array([z]))[0])) < 1e-9
