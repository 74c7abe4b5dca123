"""Vector potential and field of the Lorentz-like force: printed tables, Eq. 51 as it stands, Eq. 49 step by step."""

import numpy as np
import pytest
from scipy.integrate import quad

from sgle.errors import InputError, PhysicsError, QuadratureError
from sgle.jellium import Wire, curl_map, lorentz_map
from sgle.jellium.wire import FERMI

S33 = {"bias": 0.02, "frequency": 0.01}


def at(side, x, y, **more):
    """A_z, B_x, B_y at one point, per C² eW."""
    found = lorentz_map(Wire(side), [x], [y], **more)
    return np.array([found.potential[0, 0], *found.field[:, 0, 0]])


def bracket(closed, mu1, mu2, omega):
    """Re(√(e-μ1-ω) - √(e-μ2-ω) - √(e-μ1+ω) + √(e-μ2+ω))."""
    roots = [np.sqrt(np.maximum(closed - x, 0)) for x in (mu1 + omega, mu2 + omega, mu1 - omega, mu2 - omega)]
    return roots[0] - roots[1] - roots[2] + roots[3]


def by_eq_51(side, x, y, bias, frequency, count):
    """A/(C² eW), the sum over n'² + m'² ≤ count² as printed: no tail."""
    n = np.arange(1, count + 1)
    e = np.pi**2 / (2 * side**2) * (n[:, None] ** 2 + n**2)
    chi = (4 / side**2) * np.outer(np.sin(n * np.pi * x / side) ** 2, np.sin(n * np.pi * y / side) ** 2)
    mu1, mu2, omega = (FERMI * v for v in (1 + bias / 2, 1 - bias / 2, frequency))
    t = np.pi**2 / (2 * side**2)
    factor = np.pi / (4 * side**3) * np.pi / (2 * t**1.5) / omega / (mu1 - mu2)
    inside, opened = n[:, None] ** 2 + n**2 <= count**2, e < mu1
    total = 0.0
    for start in np.unique(np.maximum(e[opened], mu2)):  # the lower end of its window, μ2 for almost all of them
        current = np.sum(chi[opened & (np.maximum(e, mu2) == start)])
        total += current * np.sum(inside * chi * bracket(e, mu1, start, omega))
    return factor * total


def test_printed_brackets():
    """J5 at S = 3.3: the integrals of Eq. 50 for N' = n'² + m'²; open channels give nothing."""
    t, n = np.pi**2 / (2 * 3.3**2), np.array([45, 50, 61, 41])
    found = bracket(n * t, 1.01 * FERMI, 0.99 * FERMI, 0.01 * FERMI) * np.pi / (2 * t**1.5)
    np.testing.assert_allclose(found, [-4.352008562e-1, -4.047860860e-2, -9.038014020e-3, 0], rtol=0, atol=6e-11)


def test_sum_over_closed_subbands():
    """Eq. 51 comes to our value as 1/count, and to the reference's (J5) on its way."""
    window = 0.02 * FERMI
    sums = {count: by_eq_51(3.3, 0.4, 1.2, 0.02, 0.01, count) * window for count in (30, 480, 2000)}
    assert sums[30] == pytest.approx(-0.0358494, abs=6e-8) and sums[480] == pytest.approx(-0.0370701, abs=6e-8)
    found = at(3.3, 0.4, 1.2, rtol=1e-8, **S33)[0] * window
    assert found == pytest.approx(-0.037149, abs=6e-7)
    # what is left falls as 1/count; extrapolated
    assert found == pytest.approx(sums[2000] + (sums[2000] - sums[480]) * 480 / 1520, abs=2e-8)
    assert abs(found - sums[480]) > 5e-5


def test_printed_table():
    """J6: S = 10.1 in the middle of y; five digits."""
    found = lorentz_map(Wire(10.1), [0.1, 0.25, 0.4, 1.0, 5.05], [5.05], bias=1e-3, frequency=1e-3)
    wanted = [-0.089826, -1.290176, -1.195284, -0.474663, -1.026453]
    np.testing.assert_allclose(found.potential[:, 0], wanted, rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.field[1, :, 0], [3.23892, 8.17401, -7.49833, -3.05926, 0], rtol=4e-6, atol=1e-9)
    wind = curl_map(Wire(10.1), [0.25], [5.05], bias=1e-3)
    ratio = abs(1e-3 * FERMI * found.field[1, 1, 0] / wind.curl[1, 0, 0])
    assert ratio == pytest.approx(0.025, abs=6e-4)  # the non-conservative force dominates


@pytest.mark.parametrize(("frequency", "wanted"), [(1e-2, 0.244512), (1e-4, -1.189894)])
def test_which_subband_is_in_reach(frequency, wanted):
    """J6: the potential changes sign with the frequency."""
    assert at(10.1, 0.25, 5.05, bias=1e-3, frequency=frequency)[0] == pytest.approx(wanted, abs=1.1e-6)


def test_principal_value():
    """h of one subband is PV∫dω G'_L(ω) of its density of states 1/π√2(ε+ω-e) (Eq. 49), open or closed."""
    from sgle.jellium.lorentz import _transform

    edge, omega = 0.3, 0.05

    def hilbert(pole):
        """PV∫ dE /((E - pole) π√(2(E - edge))), E = edge + s²."""
        c = pole - edge

        def smooth(s):
            return np.sqrt(2) / np.pi * 1.0

        if c < 0:
            return quad(lambda s: smooth(s) / (s**2 - c), 0, np.inf, epsabs=1e-13)[0]
        r = np.sqrt(c)  # 1/(s² - r²) = [1/(s - r)]/(s + r)
        near = quad(lambda s: smooth(s) / (s + r), 0, 3 * r, weight="cauchy", wvar=r, epsabs=1e-13)[0]
        return near + quad(lambda s: smooth(s) / (s**2 - c), 3 * r, np.inf, epsabs=1e-13)[0]

    for energy in (0.0, 0.24, 0.28, 0.33, 0.9):
        wanted = hilbert(energy - omega) - hilbert(energy + omega)
        assert _transform(np.array(edge), energy, omega) == pytest.approx(wanted, abs=1e-11)


def test_field_is_the_curl_of_the_potential():
    h = 2e-3
    for more in (S33, {"bias": 0.05, "temperature": 0.005, "frequency": 0.02}):
        more = {**more, "rtol": 1e-8}
        found = at(3.3, 0.7, 1.1, **more)
        steps = ((1, 0), (-1, 0), (0, 1), (0, -1))
        a = [at(3.3, 0.7 + i * h, 1.1 + j * h, **more)[0] for i, j in steps]
        np.testing.assert_allclose(found[1:], [(a[2] - a[3]) / 2 / h, (a[1] - a[0]) / 2 / h], rtol=1e-3)


@pytest.mark.parametrize("bias", [0.08, 0.4])
def test_edges_in_the_window(bias):
    """Beyond Eq. 51's assumption: each subband that opens within the window carries current from its edge on."""
    bands = Wire(3.3).bands(0.5 * FERMI) / FERMI
    assert np.sum(np.abs(bands) < bias / 2) > 0
    sums = {count: by_eq_51(3.3, 0.4, 1.2, bias, 0.013, count) for count in (480, 2000)}
    wanted = sums[2000] + (sums[2000] - sums[480]) * 480 / 1520
    assert at(3.3, 0.4, 1.2, bias=bias, frequency=0.013)[0] == pytest.approx(wanted, rel=3e-6)


def test_small_bias_and_temperature_are_limits():
    strict = at(3.3, 0.4, 1.2, frequency=0.01)
    for more in ({"bias": 1e-4}, {"temperature": 1e-5}):
        found = at(3.3, 0.4, 1.2, frequency=0.01, **more)
        np.testing.assert_allclose(found, strict, rtol=1e-4)


def test_frequency_drops_out_where_no_subband_is_in_reach():
    pair = [at(3.3, 0.4, 1.2, frequency=w) for w in (1e-4, 1e-6)]
    np.testing.assert_allclose(*pair, rtol=1e-4)


def test_walls_and_mirrors():
    x = np.array([0.0, 0.4, 1.65, 2.9, 3.3])
    found = lorentz_map(Wire(3.3), x, [0.3, 1.2], **S33)
    assert np.all(np.abs(found.potential[[0, -1]]) < 1e-20) and found.error < 1e-6
    np.testing.assert_allclose(found.potential, found.potential[::-1], rtol=1e-9, atol=1e-20)
    np.testing.assert_allclose(found.field[1], -found.field[1, ::-1], rtol=1e-9, atol=1e-12)
    turned = lorentz_map(Wire(3.3), [0.3, 1.2], x, **S33)
    np.testing.assert_allclose(turned.field[0], -found.field[1].T, rtol=1e-6, atol=1e-7)


def test_refusals():
    with pytest.raises(InputError, match="between 0 and ε_F"):
        at(3.3, 0.4, 1.2, frequency=0.0)
    with pytest.raises(PhysicsError, match="subband") as caught:
        at(10, 1.3, 0.7, frequency=1e-3)
    assert caught.value.numbers["energy"] == pytest.approx(1)
    edge = Wire(3.3).nearest_edge()[0]
    with pytest.raises(PhysicsError, match="subband"):  # the next edge exactly one quantum away
        at(3.3, 0.4, 1.2, frequency=edge)
    with pytest.raises(QuadratureError, match=r"0\.001 λ_F from a wall") as near:
        at(3.3, 0.001, 1.2, frequency=0.01)
    assert near.value.numbers["distance"] == pytest.approx(0.001)
