"""Laws of two wires and a scatterer: conservation, the Boltzmann equation itself, two roads, mirror images, limits."""

import functools
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from sgle.nanowire import laws, lorentzian, resonances, solve, step
from sgle.nanowire.grid import contact
from sgle.nanowire.hfunction import h_function
from sgle.nanowire.matching import match
from sgle.nanowire.modes import modes

SCATTERERS = {
    "above": lorentzian(1.44, 0.08),
    "below": lorentzian(0.64, 0.32, share=0.5),
    "narrow": lorentzian(1.1, 1e-4),
    "cold": lorentzian(1.1, 0.01),
    "step": step(1.0, high=0.4, share=1.0),
    "levels": resonances([0.5, 1.0, 1.6], [0.05, 0.02, 0.1]),
    "even": lambda e: np.full(e.shape, 0.3),
}
# scatterer, temperature, bias, exponent
CASES = [
    ("above", 0.1, 0.1, 0.0), ("above", 0.7, 0.4, 0.0), ("below", 0.3, 0.4, 0.0), ("below", 0.3, -0.4, 0.0),
    ("narrow", 0.3, 0.1, 0.0), ("step", 0.5, 0.2, 0.0), ("levels", 0.2, 0.3, 0.0), ("even", 0.3, -0.2, 0.0),
    ("cold", 0.01, 0.5, 0.0), ("above", 0.5, 0.1, 0.5), ("below", 0.3, -0.2, -0.5), ("above", 0.3, 0.4, 0.9),
    ("above", 0.3, 0.4, -1.0),
]  # fmt: skip
NAMES = [f"{name}-{t}-{v}-{s}" for name, t, v, s in CASES]


@functools.cache
def solved(name, temperature, bias, exponent=0.0):
    return solve(SCATTERERS[name], temperature, bias=bias, exponent=exponent)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_conservation(case):
    """003 Eqs. 6, 20, 27, 29, 30, 33 on the grid itself; the equations are compatible."""
    found = solved(*case)
    assert found.residual < 1e-12
    misses = laws(found)
    assert len(misses) == (6 if found.exponent == 0 else 5)
    assert {law: miss for law, miss in misses.items() if not miss < 1e-11} == {}


@pytest.mark.parametrize("case", CASES[::4], ids=NAMES[::4])
def test_conservation_can_fail(case):
    """Negative control: one mode of one wire wrong, or the force."""
    found = solved(*case)
    amplitude = found.downstream.amplitude.copy()
    amplitude[np.argmax(np.abs(amplitude * found.downstream.modes.potential))] *= 1 + 1e-6
    wrong = laws(replace(found, downstream=replace(found.downstream, amplitude=amplitude)))
    assert wrong["heat (29)"] > 1e-11 and wrong["power (30)"] > 1e-11
    wrong = laws(replace(found, upstream=replace(found.upstream, drive=found.upstream.drive * (1 + 1e-6))))
    assert wrong["current (20)"] > 1e-7


@pytest.mark.parametrize("temperature", [0.1, 0.03, 0.01, 0.0037, 0.002])
def test_cold_wire_has_the_density_of_its_band(temperature):
    """2∫f0 dk = 2 [1 - π²t²/24 ...] (Sommerfeld): no grid steps over a sharp Fermi level."""
    grid = contact(lorentzian(1.44, 0.08), temperature, 0.9)
    for wire in (grid.left, grid.right):
        density, slope = 2 * wire.weight @ wire.occupation, wire.compressibility
        assert wire.conductivity == pytest.approx(density, rel=1e-11)
        assert density == pytest.approx(2 - np.pi**2 * temperature**2 / 12, abs=6 * temperature**4)
        assert slope == pytest.approx(1 + np.pi**2 * temperature**2 / 8, abs=20 * temperature**4)


def test_wrong_weights_leave_a_residual():
    """Negative control: without W_R = W_L k_L/k_R the equations are not compatible."""
    grid = contact(SCATTERERS["above"], 0.3, 0.4)
    assert match(grid, modes(grid.left), modes(grid.right)).residual < 1e-14
    weight = grid.right.weight.copy()
    weight[grid.closed :] = grid.left.weight
    bad = replace(grid, right=replace(grid.right, weight=weight))
    assert match(bad, modes(bad.left), modes(bad.right)).residual > 1e-4


@pytest.mark.parametrize("exponent", [0.0, 0.5, -0.5, -1.0])
@pytest.mark.parametrize("bias", [0.4, -0.4])
def test_boltzmann_equation(exponent, bias):
    """003 Eqs. 1-6 at x ≠ 0 by finite differences, with φ and δμ found anew from neutrality and conservation."""
    found = solved("below", 0.3, bias, exponent)
    h = 1e-4
    for x in (-1.3, -0.2, 0.15, 2.0):
        here, before, after = (found.distribution(place) for place in (x, x - h, x + h))
        wire = found.left.wire if x < 0 else found.right.wire
        weight, w, path, rate = wire.weight, wire.slope, wire.path, 1 / wire.relaxation
        f0 = 1 / (1 + np.exp((here.momentum**2 - 1) / 0.3))
        excess = here.right_moving + here.left_moving - 2 * f0
        assert abs(weight @ excess) < 1e-13
        level = weight @ (rate * excess) / (2 * weight @ (rate * w))  # δμ
        given = 2 * weight @ (rate * here.momentum**2 * (excess - 2 * level * w))  # Eq. 22
        assert given == pytest.approx(float(found.heating(x).scattered), rel=1e-10)
        bend = np.diff(found.potential([x - h, x + h]))[0] / (2 * h)
        for sign, name in ((1, "right_moving"), (-1, "left_moving")):
            slope = (getattr(after, name) - getattr(before, name)) / (2 * h)
            # ±v ∂f/∂x ± (F - φ') ∂f0/∂p = -(f - f_T)/τ, ∂f0/∂p = -v w, times τ
            transport = sign * path * (slope - (found.force - bend) * w)
            relaxation = -(getattr(here, name) - f0 - level * w)
            np.testing.assert_allclose(transport, relaxation, atol=3e-8 * np.max(np.abs(relaxation)) + 1e-11)
            wrong = sign * path * (slope - (found.force + bend) * w)
            assert np.max(np.abs(wrong - relaxation)) > 1e-4 * np.max(np.abs(relaxation))


@pytest.mark.parametrize("case", [CASES[i] for i in (0, 3, 4, 8, 9, 12)], ids=[NAMES[i] for i in (0, 3, 4, 8, 9, 12)])
def test_two_roads(case):
    """Modes and H function, which share nothing but the grid and Eqs. 19."""
    found = solved(*case)
    other = found.without_modes()
    assert other.current == pytest.approx(found.current, rel=1e-11)
    assert other.force == pytest.approx(found.force, rel=1e-11)
    potentials = [other.potential_left, other.potential_right]
    np.testing.assert_allclose(potentials, found.potential([-0.0, 0.0]), rtol=1e-10)
    arriving = found.distribution(-0.0).right_moving, found.distribution(0.0).left_moving
    for mine, its in zip(arriving, (other.from_left, other.from_right), strict=True):
        np.testing.assert_allclose(its, mine[len(mine) - len(its) :], atol=1e-10)


def test_h_function_solves_its_equation():
    """H(l) = 1 + l H(l) ∫(c/2) H(l')/(l+l'), and ∫(c/2) H = 1 where nothing is absorbed (Chandrasekhar)."""
    wire = contact(SCATTERERS["above"], 0.3, 0.1, 0.5).left
    h, share = h_function(wire), wire.weight * wire.capture / 2
    kernel = wire.path[:, None] / (wire.path[:, None] + wire.path)
    np.testing.assert_allclose(h, 1 + h * (kernel @ (share * h)), rtol=1e-11)
    assert share @ h == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("exponent", [0.0, 0.5])
def test_modes_by_an_eigensolver(exponent):
    """Eq. A6 as a symmetric eigenproblem: [1/l](1 - s sᵀ)[1/l], s = sqrt(W c_τ), has the eigenvalues 0 and 1/ℓ²."""
    wire = contact(SCATTERERS["step"], 0.3, 0.1, exponent, accuracy=1e-2).left
    root = np.sqrt(wire.weight * wire.capture)
    matrix = (np.eye(len(root)) - np.outer(root, root)) / np.outer(wire.path, wire.path)
    values = np.linalg.eigvalsh(matrix)[1:]
    found = np.sort(1 / modes(wire).length ** 2)
    np.testing.assert_allclose(values, found, rtol=1e-10, atol=1e-14 * values[-1])


@pytest.mark.parametrize("name", ["below", "even", "above"])
def test_answer_depends_on_the_accuracy_as_promised(name):
    """Grid convergence: coarser panels miss by less than their accuracy, and by less and less."""
    exact = solve(SCATTERERS[name], 0.1, bias=0.1, accuracy=1e-8)
    misses = []
    for accuracy in (0.3, 1e-1, 1e-2, 1e-4, 1e-6):
        found = solve(SCATTERERS[name], 0.1, bias=0.1, accuracy=accuracy)
        misses.append(abs(found.current / exact.current - 1))
        assert misses[-1] < accuracy
        np.testing.assert_allclose(found.potential([-0.0, 0.0]), exact.potential([-0.0, 0.0]), rtol=30 * accuracy)
    assert misses[-1] < 1e-11
    assert misses[0] > 1e-9 or name != "above"  # the control: one of them is not converged from the start


@pytest.mark.parametrize("name", ["above", "below"])
@pytest.mark.parametrize("sign", [1, -1])
def test_heat_is_what_the_profile_adds_up_to(name, sign):
    """Eqs. 28, 31: ∫P_ph dx over each wire, by quadrature of the profile, is P_L and P_R."""
    found = solved(name, 0.5, 0.4 * sign)
    for side, expected in ((-1, found.power.left), (1, found.power.right)):
        # x = ±u³: the logarithm at the scatterer becomes smooth.
        u, weight = np.polynomial.legendre.leggauss(200)
        u, weight = (u + 1) / 2 * 60 ** (1 / 3), weight / 2 * 60 ** (1 / 3)
        heating = found.heating(side * u**3)
        np.testing.assert_allclose(heating.total, heating.external + heating.potential + heating.scattered)
        assert weight @ (3 * u**2 * (heating.total - heating.external)) == pytest.approx(expected, rel=2e-6)
    assert found.power.left + found.power.right == pytest.approx(found.current * found.total_voltage, rel=1e-12)


def test_mirror_image():
    """A bias the other way is the same system seen from behind: E = k² - |eV| there if E = k² here."""
    forth, back = solved("above", 0.3, -0.2), solve(lorentzian(1.44 - 0.2, 0.08), 0.3, bias=0.2)
    x = np.array([-2.0, -0.3, -0.0, 0.0, 0.1, 5.0])
    assert forth.current == pytest.approx(-back.current, rel=1e-12)
    assert forth.bias == -back.bias and forth.total_voltage == pytest.approx(-back.total_voltage, rel=1e-10)
    np.testing.assert_allclose(forth.potential(x), back.potential(-x), rtol=1e-9)
    np.testing.assert_allclose(forth.heat_current(x), -back.heat_current(-x), rtol=1e-9)
    np.testing.assert_allclose(forth.heating(x).total, back.heating(-x).total, rtol=1e-9)
    np.testing.assert_allclose(forth.distribution(-0.3).right_moving, back.distribution(0.3).left_moving, atol=1e-12)
    for name in ("landauer_current", "landauer_asymmetry", "corrected_asymmetry"):
        assert getattr(forth, name) == pytest.approx(-getattr(back, name), rel=1e-10)
    assert forth.power.asymmetry == pytest.approx(-back.power.asymmetry, rel=1e-10)
    ours, theirs = forth.spots(nearest=0.01), back.spots(nearest=0.01)
    assert [spot.position for spot in ours] == pytest.approx([-spot.position for spot in theirs[::-1]], rel=1e-8)
    assert ours and [spot.hot for spot in ours] == [spot.hot for spot in theirs[::-1]]


def test_small_bias_is_linear_and_even_handed():
    """I/eV has the same limit from both sides, and no charge gathers that a mirror would not swap."""
    forth, back = (solve((1.44, 0.08), 0.3, bias=v) for v in (1e-5, -1e-5))
    assert forth.current / forth.bias == pytest.approx(back.current / back.bias, rel=1e-4)
    half = solve((1.44, 0.08), 0.3, bias=0.5e-5)
    assert half.current == pytest.approx(forth.current / 2, rel=1e-4)
    assert abs(solve((1.44, 0.08), 0.3, bias=0.1).current / 1e4 / forth.current - 1) > 0.01  # control: not at 0.1


@pytest.mark.parametrize("current", [0.005, -0.02, 0.1])
def test_current_given(current):
    found = solve((0.64, 0.08), 0.3, current=current)
    assert found.current == pytest.approx(current, rel=1e-10)
    assert solve((0.64, 0.08), 0.3, bias=found.bias).current == pytest.approx(current, rel=1e-10)


def exactly_solvable(transmission, t, v):
    """s = -1: three linear equations for F, φ(0-), φ(0+), with what arrives known but for them (003 Appendix D)."""

    def f0(k):
        return 1 / (np.exp((k * k - 1) / t) + 1)

    def w(k):
        return f0(k) * (1 - f0(k)) / t

    def integral(function, low=0.0):
        ends = [low, *[k for k in (0.8, 1.1, 1.2, 1.4, 2.0) if k > low], 5.0]
        pieces = [quad(function, a, b, epsabs=1e-13, epsrel=1e-12)[0] for a, b in pairwise(ends)]
        return sum(pieces)

    def right(k):
        return np.sqrt(v + k * k)

    def passed(k):
        return float(transmission(np.array([k * k]))[0])

    def equations(force, left, behind):
        def from_left(k):
            return f0(k) + (force - left) * w(k)

        def from_right(k):
            return f0(k) - (force + behind) * w(k)

        def exchanged(k):  # 2k dk T (f_L - f_R)
            return 2 * k * passed(k) * (from_left(k) - from_right(right(k)))

        current = integral(exchanged) - 4 * force * integral(lambda k: k * w(k))
        # f away = f towards ± what is exchanged at that energy; dk = k_L dk_L/k
        here = integral(lambda k: 2 * from_left(k) - 2 * f0(k)) - integral(lambda k: exchanged(k) / (2 * k))
        there = integral(lambda k: 2 * from_right(k) - 2 * f0(k)) + integral(lambda k: exchanged(k) / (2 * right(k)))
        return np.array([current, here, there])

    fixed = equations(0.0, 0.0, 0.0)
    columns = [equations(*unit) - fixed for unit in np.eye(3)]
    force, left, behind = np.linalg.solve(np.transpose(columns), -fixed)
    return force, left, behind


@pytest.mark.parametrize("bias", [0.1, 0.4])
def test_one_free_path_is_exactly_solvable_and_has_no_spots(bias):
    force, before, behind = exactly_solvable(SCATTERERS["above"], 0.3, bias)
    found = solved("above", 0.3, bias, -1.0)
    assert found.force == pytest.approx(force, rel=1e-9)
    np.testing.assert_allclose(found.potential([-0.0, 0.0]), [before, behind], rtol=1e-9)
    x = np.array([0.3, 1.0, 4.0])
    for side in (-1, 1):
        start = found.heating(side * 0.0)
        np.testing.assert_allclose(found.heating(side * x).scattered, start.scattered * np.exp(-x), rtol=1e-9)
        np.testing.assert_allclose(found.heating(side * x).potential, start.potential * np.exp(-x), rtol=1e-9)
    assert found.spots() == []
    assert solved("above", 0.3, 0.1).spots() != []  # constant τ: the control


def test_exponent_is_continuous_towards_one_free_path():
    """The modes, all different, and the degenerate ones of s = -1 meet."""
    for near, exact in zip(
        (solved("above", 0.3, 0.1, -1 + 1e-7), solved("above", 0.3, 0.1, -1 + 2e-7)),
        (solved("above", 0.3, 0.1, -1.0),) * 2,
        strict=True,
    ):
        assert near.current == pytest.approx(exact.current, rel=1e-6)
        np.testing.assert_allclose(near.potential([-0.0, 0.0]), exact.potential([-0.0, 0.0]), rtol=1e-5)
    assert abs(solved("above", 0.3, 0.1).current / solved("above", 0.3, 0.1, -1.0).current - 1) > 0.01
