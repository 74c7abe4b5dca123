"""Eigenfrequencies against brute force, closed forms and the counts that guard them (sgle.stability.eigenmodes)."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from laws.closed_forms import eq_36, markov
from laws.linear import eigenvalues, grid_multipliers, random_junction
from laws.models import minimal
from scipy.optimize import brentq

from sgle import Grid, Junction, baths
from sgle.errors import EigenfrequencyError
from sgle.response import Response
from sgle.stability import eigenfrequencies, eigenmodes, unstable_count
from sgle.stability.counting import Rectangle, count
from sgle.stability.strip import completed

MARGIN = 1e-7
STEP = 0.1


def brute(junction, grid):
    """All z with Re z ≥ 0 from the eigenvalues of the motion with its memory written out."""
    if grid is None:
        z = 1j * eigenvalues(junction)
    else:
        z = 1j * np.log(grid_multipliers(junction, grid.time_step).astype(complex)) / grid.time_step
        z = z[z.real < 0.99 * np.pi / grid.time_step]
    return z[z.real > -1e-9]


def distance(some, others):
    """Largest distance of one of `some` to the nearest of `others`."""
    return max((np.abs(others - z).min() for z in some), default=0.0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5), st.sampled_from([None, Grid(STEP)]))
def test_all_roots_of_the_strip_and_no_others(seed, size, grid):
    junction = random_junction(seed, size, counter_term=grid is None or seed % 2 == 0)
    exact = brute(junction, grid)
    if np.abs(exact.imag).min() < MARGIN:
        return
    found = eigenmodes(junction, grid)
    wanted = exact[exact.imag > -found.depth]
    assert distance(found.z, exact) < 1e-8
    assert distance(wanted, found.z) < 1e-8
    assert found.unstable == np.sum(exact.imag > 0)


@pytest.mark.parametrize("bias", [0.0, 1.0, 5.0, 12.0, -12.0])
def test_closed_form_of_the_minimal_model(bias):
    """000 Eq. 36 at any strength of the non-conservative force, beyond the threshold too."""
    junction = markov(bias)
    np.testing.assert_allclose(np.sort_complex(eigenfrequencies(junction)), eq_36(bias), rtol=0, atol=1e-10)
    assert unstable_count(junction) == np.sum(eq_36(bias).imag > 0)
    turned = np.sort_complex(eigenfrequencies(markov(bias, berry=-0.03)))
    if bias:
        assert np.abs(turned - eq_36(bias)).max() > 1e-4  # the Berry force with the wrong sign is seen


def test_vectors_solve_the_equation_from_both_sides():
    junction = minimal(4.0)
    for grid in (None, Grid(0.2)):
        modes, response = eigenmodes(junction, grid), Response(junction, grid)
        for z, x, y in zip(modes.z, modes.right, modes.left, strict=True):
            matrix = response.continued(np.array([z]))[0]
            assert np.abs(matrix @ x).max() < 1e-12 and np.abs(y @ matrix).max() < 1e-11
            slope = (response.continued(np.array([z + 1e-6])) - response.continued(np.array([z - 1e-6])))[0] / 2e-6
            assert y @ slope @ x == pytest.approx(2 * z, rel=1e-8)


def test_residues_make_the_greens_function():
    """D(ω) ≈ Σ x yᵀ/2z(ω-z) close to a weakly damped mode: the rest is smooth."""
    junction = minimal(5.0)
    modes, response = eigenmodes(junction), Response(junction, None)
    k = int(np.argmin(np.abs(modes.z.imag)))
    for shift, part in ((1e-3, 0.2), (1e-4, 0.02)):
        z = modes.z[k] + shift
        exact = np.linalg.inv(response.continued(np.array([z]))[0])
        pole = np.outer(modes.right[k], modes.left[k]) / (2 * modes.z[k] * shift)
        assert np.abs(exact - pole).max() < part * np.abs(exact).max()


def test_degenerate_modes_are_all_there():
    """Two equal pairs, not coupled: every z twice, with independent vectors and biorthogonal partners."""
    pair = np.array([[1.0, -0.16], [-0.16, 1.0]])
    zero = np.zeros((2, 2))
    leads = {name: baths.drude(0.05 * np.eye(2), 8.0, 0.4, dofs) for name, dofs in (("L", [0, 2]), ("R", [1, 3]))}
    modes = eigenmodes(Junction(np.block([[pair, zero], [zero, pair]]), leads))
    assert len(modes) == 4
    np.testing.assert_allclose(modes.z[::2], modes.z[1::2], rtol=0, atol=1e-13)
    product = modes.left @ modes.right.T
    np.testing.assert_allclose(product, np.diag(np.diag(product)), rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.abs(np.diag(product)), 1.0, rtol=0.01)


def test_overdamped_and_static_modes():
    """z² + iηz - k = 0 in the wide-band limit: two decaying ones without oscillation, one growing one for k < 0."""
    for stiffness, friction in ((0.01, 1.0), (-0.01, 0.5)):
        z = eigenfrequencies(Junction([[stiffness]], {"L": baths.ohmic(friction, 40.0, 0.5, [0])}))
        slow = 1j * (-friction + np.sqrt(friction**2 - 4 * stiffness)) / 2
        assert np.abs(z - slow).min() < 0.02 * abs(slow)
        assert np.all(z.real == pytest.approx(0.0, abs=1e-12))
        assert np.sum(z.imag > 0) == (stiffness < 0)


def test_a_lead_that_takes_every_wave_leaves_no_mode_but_the_free_translation():
    stiffness = 2 * np.eye(4) - np.eye(4, k=1) - np.eye(4, k=-1)
    chain = Junction(stiffness, {"L": baths.chain_lead(1.0, 0.0, 0.1, 0), "R": baths.chain_lead(1.0, 0.0, 0.1, 3)})
    modes = eigenmodes(chain)
    assert modes.z.tolist() == [0.0] and modes.overlap == pytest.approx(1.0)


def test_memory_kinds_on_the_grid():
    """Auxiliary variables to 1e-9 and the whole convolution have the same roots; the local memory has others."""
    junction = minimal(4.0)
    whole, fitted, local = (
        eigenfrequencies(junction, Grid(0.1, memory=kind, memory_error=1e-9))
        for kind in ("convolution", "auxiliary", "local")
    )
    np.testing.assert_allclose(whole, fitted, rtol=0, atol=1e-7)
    assert np.abs(whole - local).max() > 1e-3


def test_grid_roots_tend_to_the_continuum_as_the_square_of_the_step():
    junction = minimal(6.0)
    exact = eigenfrequencies(junction)
    errors = [np.abs(eigenfrequencies(junction, Grid(dt)) - exact).max() for dt in (0.04, 0.02)]
    assert errors[0] < 1e-2 and errors[0] / errors[1] == pytest.approx(4.0, rel=0.1)


def test_a_missed_root_is_found_from_the_count_alone():
    """Newton's method given nothing: the phase of det D⁻¹ says what is missing."""
    junction = minimal(6.0)
    response, whole = Response(junction, None), eigenmodes(junction)
    nothing = type(whole_roots(response))(*(part[:0] for part in whole_roots(response)))
    found = completed(response, nothing, whole.depth, 1.0, 2)
    np.testing.assert_allclose(np.sort_complex(found.z), np.sort_complex(whole.z), rtol=0, atol=1e-10)


def whole_roots(response):
    from sgle.stability.roots import refine, seeds

    return refine(response, seeds(response, np.array([0.9, 1.1]), 2), 1.0)


def test_count_of_a_rectangle():
    """One root inside counts one, or two with its mirror image; a pole of the baths takes one off."""
    response, z = Response(minimal(6.0), None), eigenmodes(minimal(6.0)).z
    growing = z[np.argmax(z.imag)]
    around = Rectangle(growing.real - 0.01, growing.real + 0.01, growing.imag - 0.004, growing.imag + 0.004)
    assert count(response, around, z, 1.0) == 1
    assert count(response, Rectangle(0.0, 2.0, -0.5, 0.5), z, 1.0) == 2 * len(z)
    assert count(response, replace(around, bottom=growing.imag + 1e-6), z, 1.0) == 0


def test_disagreement_with_the_winding_number_is_refused(monkeypatch):
    """If the count along the real axis were another one, no answer would be given."""
    from sgle.stability import eigenmodes as module_function

    module = __import__("sys").modules[module_function.__module__]
    monkeypatch.setattr(module, "growing_roots", lambda junction, grid: 4)
    with pytest.raises(EigenfrequencyError, match=r"2 growing roots were found.*counts 4") as caught:
        eigenmodes(minimal(6.01))
    assert (caught.value.found, caught.value.counted) == (2, 4)


def test_depth_beyond_the_poles_of_a_bath_is_refused():
    with pytest.raises(EigenfrequencyError, match=r"can be continued to") as caught:
        eigenmodes(minimal(1.0), depth=9.5)
    assert caught.value.reach < 9.5
    assert len(eigenmodes(minimal(1.0), depth=0.07)) == 1  # the other one lies at -0.089


def test_a_step_that_ends_exactly_on_a_root():
    """Newton's method of this one meets a matrix that is singular to the last bit."""
    junction = random_junction(42, 3)
    assert distance(eigenmodes(junction).z, brute(junction, None)) < 1e-10


def test_a_root_above_the_edge_of_a_hard_cutoff():
    """Where Π is infinite a mode of its own lies beside the edge, however far above the others."""
    junction = Junction([[0.3]], {"L": baths.ohmic(1.5, 2.0, 0.4, [0], "hard"), "x": baths.ohmic(0.02, 6.0, 0.4, [0])})
    modes, response = eigenmodes(junction), Response(junction, None)
    above = modes.z[modes.z.real > 2.0]
    z = np.linspace(2.0001, 6.0, 4000)
    signs = np.diff(np.sign(response.continued(z)[:, 0, 0].real))
    assert np.count_nonzero(signs) == len(above) == 1
    assert above[0].real == pytest.approx(z[np.flatnonzero(signs)[0]], abs=2e-2)


@pytest.mark.parametrize("cutoff", ["drude", "exponential", "smooth"])
def test_a_mode_that_topples(cutoff):
    """Re z = 0 is a cut of the exponential cutoff below the axis, and none above it."""
    bath = baths.drude(0.2, 3.0, 0.4, [0]) if cutoff == "drude" else baths.ohmic(0.2, 3.0, 0.4, [0], cutoff)
    junction = Junction([[-0.04, 0.01], [0.01, 1.0]], {"L": bath, "R": baths.drude(0.1, 5.0, 0.4, [1])})
    growing = [z for z in eigenfrequencies(junction) if z.imag > 0]
    determinant = lambda y: np.linalg.det(Response(junction, None).inverse(np.array([1j * y]))[0]).real  # noqa: E731
    assert len(growing) == unstable_count(junction) == 1
    assert growing[0] == pytest.approx(1j * brentq(determinant, 1e-3, 1.0, xtol=1e-13), abs=1e-10)


@pytest.mark.parametrize(("turning", "modes"), [(0.0, 2), (0.15, 2), (0.4, 1), (1.5, 1)])
def test_two_toppling_modes_turned_round_each_other(turning, modes):
    """A Berry force above √0.3 - √0.1 makes of two growing modes one that turns, and then friction drives it."""
    force = baths.local(0.001 * np.eye(2), berry=[[0, -turning], [turning, 0]], bias=1.0, temperature=0.4, cutoff=50.0,
                        dofs=[0, 1])  # fmt: skip
    junction = Junction(np.diag([-0.1, -0.3]), {"e": force})
    assert unstable_count(junction) == eigenmodes(junction).unstable == modes


def test_roots_above_every_edge_are_looked_for():
    """Given nothing, and a scale far below the edge, the mode beside it is found from the count."""
    junction = Junction([[0.3]], {"L": baths.ohmic(1.5, 2.0, 0.4, [0], "hard"), "x": baths.ohmic(0.02, 6.0, 0.4, [0])})
    response, z = Response(junction, None), eigenfrequencies(junction)
    nothing = type(whole_roots(response))(*(part[:0] for part in whole_roots(response)))
    found = completed(response, nothing, 0.1, 0.2, 0)
    assert distance(z[z.real > 2.0], found.z) < 1e-9


def coarse(points):
    """A table of Gaussian friction, two sites."""
    smooth, omega = baths.ohmic(0.08, 1.5, 0.4, [0]), np.linspace(0.0, 9.0, points)
    table = baths.tabulated(omega, np.append(smooth.broadening(omega).real[:-1], 0.0), 0.4, [0])
    return Junction([[1.0, -0.16], [-0.16, 1.0]], {"L": table, "R": baths.drude(0.03, 5.0, 0.4, [1])})


def test_stated_errors_are_twice_what_the_fits_differ_by():
    """First order in δΠ: z moves by yᵀ δΠ x/2z, the larger of two, doubled."""
    junction = coarse(60)
    modes = eigenmodes(junction)
    doubt = Response(junction, None).around(modes.z).doubts(modes.z)
    moved = np.abs(np.einsum("ki,skij,kj->sk", modes.left, doubt, modes.right)).max(axis=0) / np.abs(2 * modes.z)
    assert moved.max() > 1e-8
    np.testing.assert_allclose(modes.error, 2 * moved, rtol=1e-3, atol=1e-10)


def test_two_toppling_modes_where_the_static_forces_have_none_or_a_pair():
    """K + Π(0) has a complex pair there, its roots still lie on the imaginary axis."""
    still, turning = random_junction(207, 4, bias=0.7177734375), random_junction(20855, 6, counter_term=False)
    for junction, grid, count_ in ((still, None, 2), (turning, Grid(0.3), 3)):
        roots = brute(junction, grid)
        assert np.sum((roots.imag > 0) & (np.abs(roots.real) < 1e-12)) == 2
        assert unstable_count(junction, grid) == eigenmodes(junction, grid).unstable == count_


@pytest.mark.parametrize("friction", [0.9, 0.4, 0.3])
def test_count_of_a_root_close_to_a_hard_edge(friction):
    """At 6e-3, 2e-6 and 2e-8 above it, where Π turns the phase back as fast."""
    baths_ = {"L": baths.ohmic(friction, 2.0, 0.4, [0], "hard"), "x": baths.ohmic(0.02, 6.0, 0.4, [0])}
    response, above = Response(Junction([[0.3]], baths_), None), np.geomspace(1e-8, 3.0, 2000)
    signs = np.diff(np.sign(response.continued(2.0 + above)[:, 0, 0].real))
    assert count(response, Rectangle(2.0, 4.0, -0.1, 0.5), np.zeros(0, complex), 0.5) == np.count_nonzero(signs) == 1


def coarse_lead(points):
    """One dof on a table of a band that ends at 1, known at so many points."""
    omega = np.linspace(0, 1.2, points)
    gamma = 0.3 * np.sqrt(np.maximum(1 - omega**2, 0)) * omega
    return Junction([[0.7]], {"L": baths.tabulated(omega, gamma, 0.5, [0])})


def test_a_table_too_coarse_for_the_depth_is_refused():
    """Points 0.09 apart do not tell what lies 0.03 below the axis; points 0.003 apart do."""
    with pytest.raises(EigenfrequencyError, match=r"cannot be continued to z = 0\.9.*is known to ±") as caught:
        eigenmodes(coarse_lead(14), depth=0.04)
    assert caught.value.error > 0.19 * abs(caught.value.eigenfrequency.imag)
    assert len(eigenmodes(coarse_lead(14))) == 0  # nothing is claimed that is not known
    assert len(eigenmodes(coarse_lead(400), depth=0.04)) == 1
    with pytest.raises(EigenfrequencyError, match=r"can be continued to 0\.04"):
        eigenmodes(coarse_lead(400), depth=0.06)
