"""Bosons with a chemical potential: n_B(ω-ν) in the place of n_B(ω), in the continuum and on the grid (002 A1)."""

import numpy as np
import pytest
from laws.models import FRICTION, POTENTIAL, gapped_table, minimal

from sgle import Grid, Junction, baths, flows, landauer, peltier, probes
from sgle.errors import BathError
from sgle.files.junction_file import load_junction, save_junction
from sgle.occupation import bose
from sgle.recipe import Recipe
from sgle.stability import unstable_count

BAND = np.array([0.65, 0.97, 1.13, 1.4, 1.77, 1.98])


def chain(first, second, sites=2, switches=(), spring=0.75, onsite=1.0):
    """`sites` atoms of an endless chain with the band [1, 2] between two parts of it, each with (T, ν)."""
    stiffness = (2 * spring + onsite) * np.eye(sites) - spring * (np.eye(sites, k=1) + np.eye(sites, k=-1))
    leads = {
        name: baths.chain_lead(spring, onsite, temperature, dof, potential=potential)
        for name, dof, (temperature, potential) in (("L", 0, first), ("R", sites - 1, second))
    }
    return Junction(stiffness, leads).without(*switches)


@pytest.mark.parametrize("name", POTENTIAL)
def test_occupation_is_that_of_the_potential(name):
    bath = POTENTIAL[name]()
    t, nu = bath.temperature, bath.channels[0].potential
    n, gamma = bose(BAND - nu, t)[:, None, None], bath.broadening(BAND)
    largest = np.abs(gamma).max()
    np.testing.assert_allclose(bath.noise(BAND), (n + 0.5) * gamma, rtol=1e-14, atol=1e-15 * largest)
    np.testing.assert_allclose(bath.emission(BAND), n * gamma, rtol=1e-13, atol=1e-15 * largest)
    np.testing.assert_allclose(bath.absorption(BAND), (n + 1) * gamma, rtol=1e-14, atol=1e-15 * largest)
    np.testing.assert_allclose(bath.absorption(-BAND), n * gamma, rtol=1e-13, atol=1e-15 * largest)
    without = bath.without("zero_point").noise(np.append(BAND, -BAND))
    np.testing.assert_allclose(without, np.tile(n * gamma, (2, 1, 1)), rtol=1e-13, atol=1e-15 * largest)
    classical = bath.without("quantum_noise").noise(np.append(BAND, -BAND))
    rayleigh = (t / (BAND - nu))[:, None, None] * gamma
    np.testing.assert_allclose(classical, np.tile(rayleigh, (2, 1, 1)), rtol=1e-13, atol=1e-15 * largest)


def test_of_a_table_between_its_points_too():
    """Γ/ω is linear between the points; S is (n_B + ½) Γ everywhere, not at the points alone."""
    bath, omega = gapped_table(0.5), np.array([0.61, 0.75, 0.9, 1.25])
    over = np.interp(omega, [0.6, 0.9, 1.6], [0.0, 0.8 / 0.9, 0.3 / 1.6])
    wanted = ((bose(omega - 0.5, 0.4) + 0.5) * omega * over)[:, None, None] * FRICTION
    np.testing.assert_allclose(bath.noise(omega), wanted, atol=1e-15)
    np.testing.assert_array_equal(bath.noise(np.array([0.0, 0.5, 0.55, -0.5])), 0)


def test_no_potential_is_what_it_was():
    for make in (lambda nu: baths.chain_lead(0.75, 1.0, 0.4, 0, potential=nu), gapped_table):
        bath, near = make(0.0), make(1e-13)
        assert bath.channels[0].floor is None
        np.testing.assert_allclose(near.noise(BAND), bath.noise(BAND), rtol=1e-11)


@pytest.mark.parametrize(
    ("make", "potential", "edge"),
    [
        (lambda nu: baths.chain_lead(0.75, 1.0, 0.4, 0, potential=nu), 1.0, 1.0),
        (lambda nu: baths.chain_lead(0.75, 1.0, 0.4, 0, potential=nu), 1.2, 1.0),
        (lambda nu: baths.chain_lead(1.0, 0.0, 0.4, 0, potential=nu), 1e-9, 0.0),
        (gapped_table, 0.6, 0.6),
        (lambda nu: baths.tabulated([0.0, 0.5, 1.0], [0.0, 0.2, 0.0], 0.4, 0, potential=nu), 0.1, 0.0),
        (lambda nu: baths.tabulated([0.7, 0.9, 1.0], [1e-4, 0.2, 0.0], 0.4, 0, potential=nu), 0.55, 0.5),
    ],
)
def test_potential_must_lie_below_the_spectrum(make, potential, edge):
    with pytest.raises(BathError, match="n_B") as caught:
        make(potential)
    assert caught.value.potential == potential
    assert caught.value.edge == pytest.approx(edge)
    assert make(edge - 1e-3).channels[0].potential == edge - 1e-3


def test_an_empty_table_and_text():
    empty = baths.tabulated([0.0, 1.0, 2.0], np.zeros(3), 0.4, 0, potential=0.5)
    assert np.all(empty.noise(BAND) == 0)
    with pytest.raises(BathError, match="potential"):
        baths.chain_lead(0.75, 1.0, 0.4, 0, potential="high")


# 002 A1 with dω/2π and τ = 1 on [1, 2] (ehp-and-forces.md 1).
NUMBERS = {
    (0.5, 0.0, 0.4, 0.0): 6.921528864e-3,
    (0.5, 0.0, 0.4, 0.3): -1.115935829e-3,
    (0.5, -0.3, 0.4, 0.0): 5.898593737e-4,
    (0.5, 0.3, 0.5, 0.0): 1.280902433e-2,
}


@pytest.mark.parametrize("sites", [1, 2])
@pytest.mark.parametrize("case", NUMBERS, ids=str)
def test_reference_numbers(case, sites):
    junction = chain(case[:2], case[2:], sites)
    current = landauer.heat_currents(junction)
    assert current["R"] == pytest.approx(NUMBERS[case], rel=1e-9)
    assert current["L"] == pytest.approx(-NUMBERS[case], rel=1e-9)
    bare = landauer.heat_currents(junction.without("zero_point"))
    assert bare["R"] == pytest.approx(NUMBERS[case], rel=1e-9)


@pytest.mark.parametrize("stopped", [(0.5, 0.0, 0.4, 0.2709458235), (0.5, -0.3414572425, 0.4, 0.0)])
def test_potential_that_stops_the_flow(stopped):
    assert abs(landauer.heat_currents(chain(stopped[:2], stopped[2:]))["R"]) < 1e-11


def test_transmission_does_not_know_the_potential():
    omega = np.linspace(1.01, 1.99, 7)
    np.testing.assert_allclose(landauer.transmission(chain((0.5, -0.2), (0.4, 0.9)), omega, "L", "R"), 1, rtol=1e-12)


def test_kinetic_energy_at_equilibrium():
    """⟨u̇²⟩/2 of a site of the endless chain with one T and ν is ∫dq/2π ½ω(q)(n_B(ω-ν) + ½)."""
    q = (np.arange(400) + 0.5) * np.pi / 400
    omega = np.sqrt(1 + 1.5 * (1 - np.cos(q)))
    wanted = np.mean(omega / 2 * (bose(omega - 0.7, 0.4) + 0.5))
    np.testing.assert_allclose(landauer.kinetic_energy(chain((0.4, 0.7), (0.4, 0.7))), wanted, rtol=1e-9)


def unequal(first, second, shared=True):
    """A warm and a cold chain of different bands on two sites."""
    onsite = 1.0 if shared else 1.21
    left, right = (
        baths.chain_lead(spring, k0, temperature, dof, potential=nu)
        for spring, k0, dof, (temperature, nu) in ((0.75, 1.0, 0, first), (0.6, onsite, 1, second))
    )
    return Junction([[2.5, -0.3], [-0.3, 2.2]], {"L": left, "R": right})


@pytest.mark.parametrize("nu", [-0.5, 0.3, 0.7, 0.9])
def test_equilibrium_carries_no_heat_on_the_grid(nu):
    """Exactly where spectra begin at one frequency; else but for what the window leaks across half of the gap."""
    grid = Grid(0.3, max_taps=600)
    flow = landauer.heat_currents(unequal((0.4, nu), (0.5, nu)), grid)["L"]
    assert abs(flow) > 1e-3
    for shared, most in ((True, 1e-14), (False, 1e-3 if nu == 0.9 else 1e-6)):
        for switches in ((), ("zero_point",), ("quantum_noise",)):
            junction = unequal((0.4, nu), (0.4, nu), shared).without(*switches)
            assert abs(landauer.heat_currents(junction, grid)["L"]) < most * flow


def test_on_the_grid_noise_belongs_to_friction():
    """S_d = (n_B(ω-ν) + ½) Γ_d above the floor, finite, ≥ 0 and continuous below it."""
    grid = Grid(0.3, max_taps=600)
    bath = grid.model(chain((0.5, 0.0), (0.4, 0.9))).baths["R"]
    omega = np.append(np.linspace(0.951, 2.3, 40), np.linspace(2.4, 10.4, 20))
    n = bose(omega - 0.9, 0.4)[:, None, None]
    np.testing.assert_allclose(bath.noise(omega), (n + 0.5) * bath.broadening(omega), rtol=1e-9)
    low = bath.noise(np.linspace(0, 0.95, 200))
    assert low.real.min() > 0
    assert low.real.max() < bath.noise(np.array([1.0]))[0, 0, 0].real
    # ν itself: as many quanta as halfway to the band, and finite.
    leaked = 0.95 * (bose(0.05, 0.4) + 0.5) / 0.9 * bath.broadening(np.array([0.9]))
    np.testing.assert_allclose(bath.noise(np.array([0.9])), leaked, rtol=1e-9)
    near = bath.noise(np.array([0.95 - 1e-9, 0.95 + 1e-9]))[:, 0, 0].real
    assert near[0] == pytest.approx(near[1], rel=1e-6)


def test_grid_comes_to_the_continuum():
    """To second order in Δt, and to what the window of a finite memory leaves: 2e-3 here."""
    junction, exact = chain((0.5, 0.0), (0.4, 0.3)), NUMBERS[0.5, 0.0, 0.4, 0.3]
    off = [landauer.heat_currents(junction, Grid(dt, memory_time=400))["R"] / exact - 1 for dt in (0.4, 0.2, 0.1)]
    assert abs(off[0]) < 0.04 and abs(off[1]) < 0.4 * abs(off[0]) and abs(off[2]) < 0.4 * abs(off[1])


@pytest.mark.parametrize(("spring", "onsite"), [(0.75, 1.0), (0.8, 0.9), (0.5, 0.3), (0.31, 2.7)])
@pytest.mark.parametrize("sites", [1, 3])
def test_a_piece_of_a_chain_with_a_gap_is_stable(spring, onsite, sites):
    """det D⁻¹ vanishes at both edges of the band, like a square root: no undamped mode."""
    junction = chain((0.5, 0.0), (0.4, 0.0), sites, spring=spring, onsite=onsite)
    assert unstable_count(junction) == 0
    assert unstable_count(junction, Grid(0.2, max_taps=500)) == 0


def test_probe_between_bodies_with_potentials():
    """A probe has none: it is as warm as bosons of the same energy, warmer than both bodies."""
    junction = chain((0.4, 0.6), (0.4, 0.6))
    assert np.all(probes.temperatures(junction).temperature > 0.6)
    assert probes.temperatures(chain((0.4, 0.0), (0.4, 0.0))).temperature == pytest.approx(0.4, rel=1e-6)


def test_forms_for_one_temperature_refuse_a_potential():
    junction = minimal(0.3).replace(L=baths.chain_lead(0.75, 1.0, 0.5, 0, potential=0.3))
    for form in (flows.driven_flows, flows.current_driven, peltier.heat_currents):
        with pytest.raises(BathError, match=r"'L' has ν = 0\.3") as caught:
            form(junction)
        assert caught.value.potential == 0.3
    ledger = flows.channel_flows(junction)
    currents = landauer.heat_currents(junction)
    assert sum(j for (to, _), j in ledger.items() if to == "L") == pytest.approx(currents["L"], rel=1e-8)


def test_files_keep_the_potential(tmp_path):
    table = gapped_table(0.4)
    junction = chain((0.5, -0.2), (0.4, 0.3)).replace(T=table)
    save_junction(tmp_path / "junction.h5", junction)
    again = load_junction(tmp_path / "junction.h5")
    assert [bath.channels[0].potential for bath in again.baths.values()] == [-0.2, 0.3, 0.4]
    for name, bath in junction.baths.items():
        np.testing.assert_array_equal(again.baths[name].noise(BAND), bath.noise(BAND))
    assert table.with_parameters(potential=0.1).channels[0].potential == 0.1


RECIPE = """
units = "eV"
[system]
model = "chain"
sites = 2
spring_meV2 = 75.0
onsite_meV2 = 100.0
[baths.L]
kind = "chain_lead"
dofs = [0]
temperature_K = 50.0
spring_meV2 = 75.0
onsite_meV2 = 100.0
[baths.R]
kind = "tabulated"
dofs = [1]
temperature_K = 40.0
omega_meV = [0.0, 10.0, 15.0, 20.0]
broadening_meV2 = [0.0, 0.0, 150.0, 0.0]
potential_meV = 3.0
[sweep]
"baths.L.potential_meV" = [-1.0, 2.0]
"""


def test_recipe_gives_and_sweeps_it(tmp_path):
    (tmp_path / "two.toml").write_text(RECIPE)
    points = Recipe.load(tmp_path / "two.toml").points()
    found = [[b.channels[0].potential for b in point.junction().baths.values()] for _, point in points]
    np.testing.assert_allclose(found, [[-1e-3, 3e-3], [2e-3, 3e-3]])
