"""Curl of the wind force in a wire: printed tables, plain sums over pairs of states, and what no wire can break."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from sgle.errors import InputError, PhysicsError
from sgle.jellium import Wire, curl_map, surface
from sgle.jellium.wire import FERMI

# Reference section 3, J3: distance from the surface; strength and curl_y for S = 10, 20 and the half space.
FIG_6 = np.array(
    [
        [0.10, 0.037344, -1.392387, 0.043263, -1.607140, 0.044944, -1.667406],
        [0.20, 0.397488, -5.789083, 0.450887, -6.437096, 0.465085, -6.596974],
        [0.25, 0.714976, -6.592711, 0.797810, -7.061179, 0.818808, -7.158704],
        [0.30, 1.022386, -5.376438, 1.117553, -5.369177, 1.140537, -5.348311],
        [0.40, 1.284310, 0.301333, 1.332113, 1.075731, 1.345559, 1.187026],
        [0.50, 1.072896, 3.016160, 1.057127, 3.351594, 1.067603, 3.286728],
        [1.00, 1.054938, 0.915116, 1.023766, 1.590146, 1.024594, 1.388798],
        [2.00, 0.922037, 0.427831, 1.047816, 0.552389, 1.008824, 0.625203],
        [5.00, 0.963420, 0.0, 1.007212, 0.161918, 1.002252, 0.229765],
    ]
)


def at(side, x, y, **more):
    """Strength, curl_x, curl_y at one point."""
    found = curl_map(Wire(side) if np.ndim(side) == 0 else Wire(*side), [x], [y], **more)
    return np.array([found.strength[0, 0], *found.curl[:, 0, 0]])


def transverse(side, x, y, count):
    """e_nm, χ² and ∂_x χ² of n, m ≤ count, each (count²,), in a plain way."""
    n, m = (k.ravel() for k in np.meshgrid(np.arange(1, count + 1), np.arange(1, count + 1), indexing="ij"))
    chi = 2 / side * np.sin(n * np.pi * x / side) * np.sin(m * np.pi * y / side)
    slope = 2 / side * n * np.pi / side * np.cos(n * np.pi * x / side) * np.sin(m * np.pi * y / side)
    return np.pi**2 / (2 * side**2) * (n**2 + m**2), chi, slope


@pytest.mark.parametrize("column", [0, 1])
def test_fig_6(column):
    side = (10, 20)[column]
    found = curl_map(Wire(side), FIG_6[:, 0], [side / 2], edges="exclude")
    np.testing.assert_allclose(found.strength[:, 0], FIG_6[:, 1 + 2 * column], rtol=0, atol=6e-7)
    np.testing.assert_allclose(found.curl[1, :, 0], FIG_6[:, 2 + 2 * column], rtol=0, atol=6e-7)
    assert np.abs(found.curl[0]).max() < 1e-12  # along the middle


@pytest.mark.parametrize(("side", "distance", "peak"), [(10, 0.2454, 6.601831), (20, 0.2387, 7.123814)])
def test_where_the_curl_is_largest(side, distance, peak):
    found = curl_map(Wire(side), np.arange(0.2, 0.3, 1e-4), [side / 2], edges="exclude")
    size = np.abs(found.curl[1, :, 0])
    assert size.max() == pytest.approx(peak, abs=6e-7 + 1e-5)  # the points are 1e-4 apart
    assert found.x[np.argmax(size)] == pytest.approx(distance, abs=1e-4)


def test_half_space():
    strength, curl = surface(FIG_6[:, 0])
    np.testing.assert_allclose(strength, FIG_6[:, 5], rtol=0, atol=6e-7)
    np.testing.assert_allclose(curl, FIG_6[:, 6], rtol=0, atol=6e-7)
    d = np.arange(0.23, 0.245, 1e-4)
    assert np.abs(surface(d)[1]).max() == pytest.approx(7.244318, abs=1e-5)
    far, near = (np.abs(at(s, 0.25, s / 2, bias=0.02)[2] / surface(0.25)[1][0] - 1) for s in (10.1, 40.1))
    assert near < far / 2 < 0.1  # wide wires come to it


@pytest.mark.parametrize(
    ("place", "strength", "slopes"),
    [
        ((1.3, 0.7), 0.793479, (1.197515, 1.364968)),
        ((2.2, 3.3), 0.819198, (0.358368, 0.579958)),
        ((4.1, 4.9), 0.918294, (-0.054560, 0.617626)),
    ],
)
def test_fig_5(place, strength, slopes):
    """J3, S = 10: curl = (∂_y L, -∂_x L)."""
    found = at(10, *place, edges="exclude")
    np.testing.assert_allclose(found, [strength, slopes[1], -slopes[0]], rtol=0, atol=6e-7)


def test_edge_at_the_fermi_level():
    """J4: 400 = 12² + 16²: the sum is infinite, and grows like eW^-1/2 when the bias that smears it shrinks."""
    with pytest.raises(PhysicsError, match=r"subband \(12, 16\) and \(16, 12\)") as caught:
        curl_map(Wire(10), [1.3], [0.7])
    assert caught.value.numbers["energy"] == pytest.approx(1) and (12, 16) in caught.value.numbers["subbands"]
    found = [at(10, 1.3, 0.7, bias=eW)[0] for eW in (5e-3, 5e-4, 5e-5)]
    np.testing.assert_allclose(found, [0.812480, 0.847760, 0.963360], rtol=0, atol=6e-7)
    strict = at(10, 1.3, 0.7, edges="exclude")[0]
    steep = [at(10, 1.3, 0.7, bias=eW)[0] - strict for eW in (1e-8, 1e-10)]
    assert steep[1] / steep[0] == pytest.approx(10, rel=1e-3)
    warm = [at(10, 1.3, 0.7, temperature=t)[0] - strict for t in (1e-8, 1e-10)]
    assert warm[1] / warm[0] == pytest.approx(10, rel=1e-3)
    np.testing.assert_allclose(at(10, 1.3, 5.0, edges="exclude"), at(10, 1.3, 5.0, bias=1e-9), atol=1e-5)


def test_count_of_open_channels():
    count = {s: int(np.sum(Wire(s).bands(0.0) < -1e-12)) for s in (10, 20)}
    assert count == {10: 292, 20: 1214}  # J4


def test_pairs_of_states():
    """4πΛ''_zx of Eq. 32 with the matrix elements ⟨q|f_a|p⟩ = -C ∂_a(ψ_q* ψ_p), summed over all pairs at ε_F (J2)."""
    e, chi, slope = transverse(3.3, 0.4, 1.2, 7)
    k = np.sqrt(2 * (FERMI - e[e < FERMI]))
    chi, slope = chi[e < FERMI], slope[e < FERMI]
    total = 0.0
    # q comes from the left and p from the right, or the other way round and then with the opposite filling
    for filling, kq, kp in ((1, k, -k), (-1, -k, k)):
        f_z = -1j * (kp[None, :] - kq[:, None]) * chi[:, None] * chi
        f_x = -(slope[:, None] * chi + chi[:, None] * slope)
        total += filling * np.sum((f_z * f_x).imag / np.outer(k, k)) / (2 * np.pi) ** 2
    curl_y = 4 * np.pi * total / 2
    assert abs(curl_y) == pytest.approx(1.487221067, abs=6e-10)
    assert at(3.3, 0.4, 1.2)[2] == pytest.approx(curl_y, rel=1e-12)


def by_steps(side, x, y, mu1, mu2, omega=0.0):
    """T = 0 in closed form: 1/v of every pair of subbands integrated over the window is a difference of velocities."""
    e, chi, _ = transverse(side, x, y, int(2.5 * side) + 1)

    def speed(energy):
        return np.sqrt(2 * np.maximum(energy - e[:, None], 0))

    low, high = np.maximum(mu2, e), np.maximum(mu1, e)  # of each subband that carries current
    pairs = sum((speed(high + w) - speed(low + w)) / 2 for w in (-omega, omega)) / np.pi
    return 2 * np.pi * float(chi**2 @ pairs @ chi**2) / (2 * np.pi) / (mu1 - mu2)


@pytest.mark.parametrize(
    ("side", "bias", "omega"), [(3.3, 0.02, 0.0), (3.3, 0.6, 0.0), (10, 5e-3, 0.01), (3.3, 0.5, 0.2)]
)
def test_windows_of_bias(side, bias, omega):
    """With many subband edges inside, and at a finite frequency."""
    wanted = by_steps(side, 0.4, 1.2, FERMI * (1 + bias / 2), FERMI * (1 - bias / 2), FERMI * omega)
    assert at(side, 0.4, 1.2, bias=bias, frequency=omega)[0] == pytest.approx(wanted, rel=1e-8)


def test_temperature_averages_over_fermi_levels():
    """L(T) = ∫dx (-f'(x)) L_0(μ + x): from the closed form at T = 0."""
    t, bias, side = 0.01, 0.05, 3.3
    edges = np.unique(Wire(side).bands(0.6 * FERMI))
    breaks = np.concatenate([edges / FERMI - bias / 2, edges / FERMI + bias / 2, [0, -0.03, 0.03]])

    def integrand(x):
        mu1, mu2 = (FERMI * (1 + x + s * bias / 2) for s in (1, -1))
        return by_steps(side, 0.4, 1.2, mu1, mu2) / (4 * t * np.cosh(x / 2 / t) ** 2)

    places = np.sort(np.concatenate([breaks[np.abs(breaks) < 0.35], [-0.35, 0.35]]))
    wanted = sum(quad(integrand, a, b, epsabs=1e-9)[0] for a, b in pairwise(places))
    assert at(side, 0.4, 1.2, bias=bias, temperature=t)[0] == pytest.approx(wanted, rel=1e-7)


def test_small_bias_and_temperature_are_limits():
    strict = at(3.3, 0.4, 1.2)
    for more in ({"bias": 1e-4}, {"temperature": 1e-5}, {"bias": 1e-4, "temperature": 1e-5}, {"frequency": 1e-4}):
        found = at(3.3, 0.4, 1.2, **more)
        np.testing.assert_allclose(found, strict, rtol=1e-5)
        assert np.any(found != strict)


def test_work_around_a_loop_through_the_surface():
    """Fig. 2: once around is the wind force inside, for outside there is none (Stokes along the middle line)."""
    x, weights = np.polynomial.legendre.leggauss(80)
    found = curl_map(Wire(10), 2.5 * (x + 1), [5.0], edges="exclude")
    work = -2.5 * weights @ found.curl[1, :, 0]
    assert work == pytest.approx(at(10, 5.0, 5.0, edges="exclude")[0], rel=1e-10)


def test_curl_is_the_slope_of_the_strength():
    h = 1e-4
    for more in ({}, {"bias": 0.1, "temperature": 0.01, "frequency": 0.01}):
        found = at((3.3, 2.6), 0.7, 1.1, **more)
        strength = [at((3.3, 2.6), 0.7 + i * h, 1.1 + j * h, **more)[0] for i, j in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        np.testing.assert_allclose(
            found[1:], [(strength[2] - strength[3]) / 2 / h, (strength[1] - strength[0]) / 2 / h], rtol=1e-5
        )


def test_symmetry_of_the_cross_section():
    x, y = np.array([0.0, 0.3, 1.1, 3.3]), np.array([0.0, 0.5, 2.6])
    found, turned = curl_map(Wire(3.3, 2.6), x, y), curl_map(Wire(2.6, 3.3), y, x)
    np.testing.assert_allclose(found.strength, turned.strength.T, atol=1e-13)
    np.testing.assert_allclose(found.curl[0], -turned.curl[1].T, atol=1e-12)
    mirrored = curl_map(Wire(3.3, 2.6), 3.3 - x, y)
    np.testing.assert_allclose(mirrored.curl[1], -found.curl[1], atol=1e-12)
    np.testing.assert_allclose(mirrored.curl[0], found.curl[0], atol=1e-12)
    assert np.all(np.abs(found.strength[[0, 3]]) < 1e-25) and found.strength[1, 1] > 0.1
    assert found.strength.shape == (4, 3) and found.curl.shape == (2, 4, 3)


def test_large_maps_are_made_in_pieces():
    x = np.linspace(0.1, 3.2, 40)
    found = curl_map(Wire(3.3), x, x, bias=0.02)
    np.testing.assert_allclose(found.strength[33, 7], at(3.3, x[33], x[7], bias=0.02)[0], rtol=1e-8)
    assert found.strength.shape == (40, 40) and found.curl.shape == (2, 40, 40)


def test_bulk():
    """Away from the surface, on average over the ripples: 1."""
    found = curl_map(Wire(20.3), np.linspace(5, 15.3, 30), np.linspace(5, 15.3, 31), bias=0.02)
    assert found.strength.mean() == pytest.approx(1, abs=0.02) and found.strength.std() < 0.1


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: Wire(0.7), "no open channel"),
        (lambda: curl_map(Wire(3.3), [3.4], [1.0]), "between 0 and 3.3"),
        (lambda: curl_map(Wire(3.3), [0.4], [1.0], bias=-0.1), "must not be negative"),
        (lambda: curl_map(Wire(3.3), [0.4], [1.0], temperature=0.03), "bottom of the band"),
        (lambda: curl_map(Wire(3.3), [0.4], [1.0], frequency=-0.1), "must not be negative"),
        (lambda: curl_map(Wire(3.3), [0.4], [1.0], edges="skip"), "refuse, exclude"),
        (lambda: surface(0.0), "must be positive"),
    ],
)
def test_refusals(call, match):
    with pytest.raises(InputError, match=match):
        call()
