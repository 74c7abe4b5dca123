"""Modes followed along a parameter, and where two of them coalesce (sgle.stability.follow, exceptional)."""

from dataclasses import replace

import numpy as np
import pytest
from laws.models import minimal
from scipy.optimize import brentq

from sgle import Grid, Junction, baths
from sgle.errors import EigenfrequencyError
from sgle.stability import (
    critical_bias,
    eigenfrequencies,
    eigenmodes,
    exceptional_point,
    follow,
    pair_of_junction,
    pair_of_matrix,
    unstable_count,
)


def two_lines(value, coupling=0.0):
    """Two sites of fixed and rising frequency, damped by 0.02 and 0.06, that cross at value 0."""
    leads = {"L": baths.drude(0.02, 20.0, 0.4, [0]), "R": baths.drude(0.06, 20.0, 0.4, [1])}
    return Junction([[1.0, coupling], [coupling, 1.0 + value]], leads)


def test_through_a_crossing():
    """Not coupled, two modes cross in frequency; each keeps its damping and its site."""
    found = follow(two_lines, np.linspace(-0.3, 0.3, 7))
    assert np.ptp(found.z.imag, axis=0).max() < 4e-3
    rising = int(np.argmax(np.ptp(found.z.real, axis=0)))
    assert found.z[0, rising].real < found.z[0, 1 - rising].real
    assert found.z[-1, rising].real > found.z[-1, 1 - rising].real
    assert np.all(np.abs(found.right[:, rising, 1]) > 0.99)


def test_an_avoided_crossing_exchanges_the_sites():
    """Coupled by more than the difference of their widths the frequencies repel: the sites change branches."""
    found = follow(lambda value: two_lines(value, 0.1), np.linspace(-0.6, 0.6, 5))
    lower = int(np.argmin(found.z[0].real))
    assert np.all(found.z[:, lower].real < found.z[:, 1 - lower].real)
    assert abs(found.right[0, lower, 1]) > 0.9 and abs(found.right[-1, lower, 0]) > 0.9
    assert np.sum(found.asked) == 5
    # In one step the vectors at both ends look like a crossing: smaller ones in between tell.
    coarse = follow(lambda value: two_lines(value, 0.1), [-0.6, 0.6])
    np.testing.assert_allclose(coarse.z[-1], found.z[-1], rtol=0, atol=1e-10)
    assert len(coarse.values) > 2


def test_every_point_is_what_eigenfrequencies_finds():
    values = np.linspace(0.0, 9.0, 10)
    found = follow(minimal, values)
    for value, z in zip(found.values[found.asked], found.z[found.asked], strict=True):
        np.testing.assert_allclose(
            np.sort_complex(z), np.sort_complex(eigenfrequencies(minimal(value))), rtol=0, atol=1e-11
        )
    assert found.unstable[0] == 0 and found.unstable[-1] == unstable_count(minimal(9.0)) == 1
    crossing = critical_bias(minimal, (0.0, 9.0))
    growing = np.any(found.z.imag > 0, axis=1)
    assert np.array_equal(growing, found.values > crossing)


def test_back_again():
    """The same modes on the way back, in the same order."""
    there = follow(minimal, [0.0, 3.0, 6.0])
    back = follow(minimal, [0.0, 3.0, 6.0, 3.0, 0.0])
    np.testing.assert_allclose(back.z[-1], there.z[0], rtol=0, atol=1e-12)


def test_on_the_grid():
    found = follow(minimal, [2.0, 6.0], grid=Grid(0.1))
    np.testing.assert_allclose(
        np.sort_complex(found.z[-1]), np.sort_complex(eigenfrequencies(minimal(6.0), Grid(0.1))), rtol=0, atol=1e-11
    )


def test_through_an_exceptional_point_on_the_real_axis():
    """Equal damping of both sites, coupled by the driving force alone: (K_11 - K_22)/2 = 4π eV Im λ there."""

    def at(bias):
        junction = symmetric(bias)
        return Junction(np.diag([1.0, 1.06]), dict(junction.baths))

    point = exceptional_point(pair_of_junction(at, 0.5, (1.0, 1.03)), (0.4, 1.2))
    assert point.value == pytest.approx(0.03 / (4 * np.pi * 0.003), abs=1e-8) and point.error < 1e-9
    found = follow(at, np.linspace(0.0, 1.5 * point.value.real, 7))
    before, after = found.z[0], found.z[-1]
    assert abs(before[0].imag - before[1].imag) < 2e-3 < abs(after[0].imag - after[1].imag)
    assert abs(after[0].real - after[1].real) < abs(before[0].real - before[1].real) / 3
    assert found.overlap[np.argmin(np.abs(found.values - point.value.real))].max() < 0.5


def symmetric(bias):
    inter = np.array([[0.004, 0.003j], [-0.003j, 0.004]])
    electrons = replace(baths.flat_band(2 * inter.real, inter, bias, 0.5, 1e9, [0, 1]))
    leads = {name: baths.drude(0.05, 1e9, 0.5, [k]) for k, name in enumerate("LR")}
    return Junction(np.eye(2), {**leads, "e": electrons})


OMEGA, DELTA, GAMMA, A, C = 1.0, 0.04, 0.001, 0.05, 0.02  # 001 Fig. 4, b = 0


def eq_9(bias, uniform=False):
    """001 Eq. 9 (e^{+iωt}, Im > 0 damps), as printed or with one damping for both."""
    if uniform:
        diagonal = [(OMEGA + sign * DELTA / 2) ** 2 + 2j * GAMMA * OMEGA for sign in (1, -1)]
    else:
        diagonal = [(OMEGA + sign * DELTA / 2 + 1j * GAMMA) ** 2 for sign in (1, -1)]
    return np.array([[diagonal[0], bias * A + 1j * C * OMEGA], [-bias * A + 1j * C * OMEGA, diagonal[1]]])


def test_eq_9_as_printed():
    """Numbers of reference/ehp-and-forces.md 2: no exceptional point at a real bias, overlap 0.999."""
    point = exceptional_point(pair_of_matrix(eq_9), (0.5, 0.9))
    assert point.value == pytest.approx(0.692820477 + 0.000923760j, abs=2e-9)
    assert point.error < 1e-9
    assert point.closest == pytest.approx(0.692819861, abs=2e-9)
    assert point.splitting == pytest.approx(3.577709e-3, abs=1e-9)
    assert point.overlap == pytest.approx(0.9990004995, abs=1e-9)
    assert point.most == pytest.approx(0.9990005, abs=1e-9) and point.at == pytest.approx(0.692820784, abs=1e-6)


@pytest.mark.parametrize(
    ("bias", "overlap"),
    [(0.0, 0.499999333), (0.3, 0.624998974), (0.6, 0.901383012), (0.8, 0.894423613), (1, 0.742780439)],
)
def test_overlaps_of_eq_9(bias, overlap):
    _, vectors = pair_of_matrix(eq_9)(bias)
    assert abs(np.vdot(*vectors)) == pytest.approx(overlap, abs=2e-9)


def test_instability_of_eq_9():
    worst = brentq(lambda bias: pair_of_matrix(eq_9)(bias)[0].imag.min(), 0.6931, 0.72, xtol=1e-13)
    assert worst == pytest.approx(0.693789132, abs=1e-9)
    values = pair_of_matrix(eq_9)(1.0)[0]
    np.testing.assert_allclose(np.sort(values.imag), [-0.034056, 0.038056], atol=5e-7)


def test_one_damping_for_both_has_the_point_on_the_axis():
    point = exceptional_point(pair_of_matrix(lambda bias: eq_9(bias, uniform=True)), (0.5, 0.9))
    assert point.value == pytest.approx(0.692820323, abs=1e-9)
    assert point.most == pytest.approx(1.0, abs=1e-4)


def test_exceptional_point_of_a_junction_by_its_discriminant():
    """000 Eq. 36 with unequal sites, wide band: (Ω_1 - Ω_2)² = 4 X² solved for complex V by hand."""
    point = exceptional_point(pair_of_junction(minimal, 3.0, (0.98, 1.03)), (2.0, 6.0))
    # The two roots of N(z; V) coalesce there: N and ∂N/∂z vanish together at complex bias.
    determinant = lambda z, bias: np.linalg.det(drude_matrix(z, bias))  # noqa: E731
    z, h = np.sqrt(point.eigenvalue), 1e-4
    scale = abs(determinant(z + 0.1, point.value))
    assert abs(determinant(z, point.value)) < 1e-9 * scale
    slope = (determinant(z + h, point.value) - determinant(z - h, point.value)) / (2 * h)
    assert abs(slope) < 1e-5 * scale


def drude_matrix(z, bias):
    """D⁻¹ of the minimal model at complex z and complex bias."""
    junction = minimal(1.0)
    value = z**2 * np.eye(2) - junction.dynamical_matrix.astype(complex)
    for bath in junction.baths.values():
        rows = np.ix_(bath.dofs, bath.dofs)
        weight = 10.0 / 2 / (10.0 - 1j * z)
        value[rows] += 1j * z * weight * bath.friction_spectrum.matrices[0]
        if bath.antisymmetric is not None:
            value[rows] -= bias * weight * bath.antisymmetric.matrices[0]
    return value


def test_no_exceptional_point():
    with pytest.raises(EigenfrequencyError, match="no exceptional point near"):
        exceptional_point(pair_of_matrix(lambda bias: np.diag([1.0, 2.0 + 0.1 * bias])), (0.0, 1.0))
    with pytest.raises(EigenfrequencyError, match="needs two"):
        pair_of_junction(lambda bias: Junction([[1.0]], {"L": baths.drude(0.05, 5.0, 0.4, [0])}), 0.0, (1.0, 1.1))


def test_modes_keep_their_overlap():
    """Petermann: 1 without bias, where the matrix is symmetric, less where the current drives."""
    assert np.allclose(eigenmodes(minimal(0.0)).overlap, 1.0, atol=2e-3)
    assert np.all(eigenmodes(minimal(4.0)).overlap < 0.7)


def test_nothing_to_follow():
    stiffness = 2 * np.eye(4) - np.eye(4, k=1) - np.eye(4, k=-1)
    leads = {name: baths.chain_lead(1.0, 0.0, 0.1, dof) for name, dof in (("L", 0), ("R", 3))}
    with pytest.raises(EigenfrequencyError, match="nothing to follow: at 0 there are 1 modes") as caught:
        follow(lambda value: Junction(stiffness, leads), [0.0, 1.0])
    assert caught.value.modes == 1


def test_a_mode_from_below_the_depth_becomes_a_branch():
    """A hard-rubbed site is not followed until it topples; then the winding number counts it."""

    def at(softer):
        leads = {"L": baths.drude(0.02, 20.0, 0.4, [0]), "R": baths.drude(0.5, 20.0, 0.4, [1])}
        return Junction([[1.0, 0.01], [0.01, 0.3 - softer]], leads)

    found = follow(at, [0.0, 0.2, 0.4], depth=0.1)
    assert found.z.shape[1] == 2 and found.unstable.tolist()[-1] == 1
    assert np.all(np.isnan(found.z[0, 1:])) and found.z[-1, 1].imag > 0
    assert found.z[-1, 1].real == pytest.approx(0.0, abs=1e-12)
