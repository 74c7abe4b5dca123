"""The winding number against brute force: eigenvalues of the motion with its memory as auxiliary variables."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from laws.linear import eigenvalues, grid_multipliers, random_junction, unstable_modes
from laws.models import INTER, minimal, uniform_chain

from sgle import Grid, Junction, baths, landauer
from sgle.errors import UnstableError
from sgle.stability import require_stable, resonances, unstable_count

MARGIN = 1e-9  # a root so near the axis is neither


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_count_against_eigenvalues(seed, size):
    junction = random_junction(seed, size)
    roots = eigenvalues(junction)
    if np.abs(roots.real).min() > MARGIN:
        assert unstable_count(junction) == unstable_modes(roots)[0]


def test_the_random_junctions_have_every_verdict():
    """The test above has seen stable junctions, one and two runaway modes, and static instabilities."""
    seen = {unstable_modes(eigenvalues(random_junction(seed, size))) for seed in range(150) for size in (3, 5)}
    assert {(0, 0), (1, 0), (2, 0), (1, 1)} <= seen
    for count in (1, 2):
        seed = next(s for s in range(150) if unstable_modes(eigenvalues(random_junction(s, 5))) == (count, 0))
        with pytest.raises(UnstableError) as caught:
            require_stable(random_junction(seed, 5))
        assert caught.value.count == count


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4), st.booleans(), st.sampled_from([0.05, 0.3]))
def test_grid_against_the_multipliers(seed, size, counter_term, dt):
    """λ of u_n ∝ λ^n; a count of modes may differ by how real roots pair up, the verdict may not."""
    junction = random_junction(seed, size, counter_term=counter_term)
    multipliers = grid_multipliers(junction, dt)
    if np.abs(np.abs(multipliers) - 1).min() < MARGIN:
        return
    growing = int(np.sum(np.abs(multipliers) > 1))
    found = unstable_count(junction, Grid(dt))
    assert (found > 0) == (growing > 0) and (growing + 1) // 2 <= found <= growing


def test_grid_multipliers_tend_to_the_eigenvalues():
    """The judge itself: log λ/Δt → s as Δt²."""
    junction = minimal(6.0)
    exact = eigenvalues(junction)
    worst = exact[np.argmax(exact.real)]
    errors = []
    for dt in (0.02, 0.01):
        s = np.log(grid_multipliers(junction, dt).astype(complex)) / dt
        errors.append(np.abs(s - worst).min())
    assert errors[0] < 1e-3 and errors[0] / errors[1] == pytest.approx(4, rel=0.05)


def test_a_step_makes_the_same_junction_unstable_or_not():
    """Beyond the critical bias both domains refuse, below it none does (5.7 by bisection of the eigenvalues)."""
    low, high = 5.0, 6.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if eigenvalues(minimal(middle)).real.max() > 0 else (middle, high)
    assert [unstable_count(minimal(v)) for v in (low - 1e-6, high + 1e-6)] == [0, 1]
    assert [unstable_count(minimal(v), Grid(0.02)) for v in (low - 0.02, high + 0.02)] == [0, 1]
    assert resonances(minimal(low - 1e-6)).imag.max() == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("stiffness", [-1e-3, -1.0])
@pytest.mark.parametrize("grid", [None, Grid(0.1)])
def test_static_instability(stiffness, grid):
    junction = Junction([[stiffness]], {"L": baths.drude(0.1, 3.0, 0.4, 0)})
    assert unstable_count(junction, grid) == 1
    held = Junction([[1.0]], {"L": baths.drude(0.4, 3.0, 0.4, 0, counter_term=False)})
    assert unstable_count(held, grid) == 1  # γ(0) = 1.2 softens it away
    assert unstable_count(held.replace(L=baths.drude(0.3, 3.0, 0.4, 0, counter_term=False)), grid) == 0


@pytest.mark.parametrize("grid", [None, Grid(0.1)])
def test_free_translation_is_no_instability(grid):
    free = Junction([[1.0, -1.0], [-1.0, 1.0]], {"L": baths.drude(0.1, 3.0, 0.4, 0)})
    assert unstable_count(free, grid) == 0
    assert unstable_count(uniform_chain(), grid) == 0


def test_free_translation_without_friction_has_no_steady_state():
    relative = baths.drude([[0.1, -0.1], [-0.1, 0.1]], 3.0, 0.4, [0, 1])
    with pytest.raises(UnstableError):
        unstable_count(Junction([[1.0, -1.0], [-1.0, 1.0]], {"L": relative}))


def test_soft_mode_of_a_tabulated_lead():
    """A table's γ(0) misses the exact one by 1e-7: the translation becomes an overdamped mode at ω ~ 1e-7, stable."""

    def lead(temperature, dof):
        return baths.lead([[2.0]], [[-1.0]], [[-1.0]], temperature, [dof], points=801)

    junction = uniform_chain(lead=lead)
    softest = np.linalg.eigvalsh(
        junction.dynamical_matrix
        + sum(np.diag([k in b.dofs for k in range(4)]) * b.static[0, 0] for b in junction.baths.values())
    )[0]
    assert 0 < softest < 1e-5
    assert unstable_count(junction) == 0


def test_undamped_modes_are_refused():
    bath = baths.drude(0.1, 3.0, 0.4, 0)
    with pytest.raises(UnstableError, match=r"undamped mode at ω = 1\.7320508"):
        unstable_count(Junction(np.diag([1.0, 3.0]), {"L": bath}))
    # Outside the band of the only bath: the mode at 3 feels no broadening above 2.
    chain = baths.chain_lead(1.0, 0.0, 0.4, 0)
    with pytest.raises(UnstableError, match="undamped") as caught:
        unstable_count(Junction([[9.0]], {"L": chain}))
    pi = chain.self_energy(caught.value.omega)[0, 0]
    assert caught.value.omega**2 == pytest.approx(9 + pi.real, rel=1e-9)


@pytest.mark.parametrize("friction", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("size", [1, 2, 8])
def test_narrow_degenerate_resonances(friction, size):
    """Equal frequencies, widths down to 1e-9: two turns of the phase at one place must be counted as two."""
    each = {f"b{k}": baths.drude(friction * (1 + 0.1 * k), 5.0, 0.4, k) for k in range(size)}
    assert unstable_count(Junction(np.eye(size), each)) == 0
    if size > 1:
        pairs = friction * np.array([[1, 1j], [-1j, 1]])
        driven = Junction(np.eye(size), {**each, "e": baths.flat_band(np.zeros((2, 2)), pairs, 10.0, 0.4, 5.0, [0, 1])})
        assert unstable_count(driven) == unstable_modes(eigenvalues(driven))[0] == 1


def test_two_independent_runaways():
    pair = np.kron(np.eye(2), INTER)
    damped = {f"b{k}": baths.drude(0.05, 10.0, 0.5, k) for k in range(4)}
    electrons = baths.flat_band(np.zeros((4, 4)), pair, 9.0, 0.5, 10.0, [0, 1, 2, 3])
    stiffness = np.kron(np.eye(2), [[1.0, -0.02], [-0.02, 1.0]])
    assert unstable_count(Junction(stiffness, {**damped, "e": electrons})) == 2


@pytest.mark.parametrize(
    "make",
    [lambda: baths.debye(0.2, 1.5, 0.4, 0), lambda: baths.ohmic(0.05, 3.0, 0.4, 0, shape="hard", counter_term=False)],
)
def test_hard_band_edge(make):
    """Π has a logarithm at the edge; it must not turn the count into NaN."""
    assert unstable_count(Junction([[1.0]], {"L": make()})) == 0


@pytest.mark.parametrize("grid", [None, Grid(0.05)])
def test_no_answer_beyond_the_critical_bias(grid):
    omega = np.linspace(0.1, 2, 5)
    junction = minimal(7.0)
    questions = [
        lambda: landauer.answers(junction, grid),
        lambda: landauer.kinetic_energy(junction, grid),
        lambda: landauer.heat_currents(junction, grid),
        lambda: landauer.pair_flows(junction, grid),
        lambda: landauer.greens_function(junction, omega, grid),
        lambda: landauer.spectrum(junction, omega, grid),
        lambda: landauer.velocity_spectrum(junction, omega, grid),
        lambda: landauer.transmission(junction, omega, "L", "R", grid),
    ]
    for ask in questions:
        with pytest.raises(UnstableError, match="1 unstable mode") as caught:
            ask()
        assert (caught.value.count, caught.value.bias, caught.value.exit_status) == (1, 7.0, 3)
        assert caught.value.eigenfrequency.imag > 0


def test_resonances_are_the_eigenfrequencies_where_damping_is_weak():
    junction = minimal(1.0, cutoff=50.0)
    found = np.sort_complex(resonances(junction))
    exact = 1j * eigenvalues(junction)
    exact = np.sort_complex(exact[(exact.real > 0.1) & (exact.imag > -1)])
    np.testing.assert_allclose(found, exact, rtol=1e-2)
    np.testing.assert_allclose(np.sort_complex(resonances(junction, Grid(0.01))), exact, rtol=1e-2)
