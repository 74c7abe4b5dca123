"""Büttiker probes: the temperature of an atom (000 SM Fig. 6)."""

import numpy as np
import pytest
from laws.models import minimal, uniform_chain
from laws.wire import KT, wire

from sgle import Atoms, Junction, baths, landauer, probes
from sgle.errors import InputError, PhysicsError, UnstableError

MODES = [("weak", False), (1e-4, False), (1e-3, True)]


def pinned_chain(left=0.3, right=0.2, sites=4):
    """A chain on a substrate between two Drude baths at its ends."""
    stiffness = 1.4 * np.eye(sites) - 0.4 * (np.eye(sites, k=1) + np.eye(sites, k=-1))
    return Junction(stiffness, {"L": baths.drude(0.1, 8.0, left, 0), "R": baths.drude(0.1, 8.0, right, sites - 1)})


@pytest.mark.parametrize(("friction", "together"), MODES)
@pytest.mark.parametrize("temperature", [0.01, 0.3, 4.0])
def test_equilibrium_gives_the_temperature(friction, together, temperature):
    for junction in (minimal(0.0, temperature), pinned_chain(temperature, temperature)):
        found = probes.temperatures(junction, friction=friction, self_consistent=together)
        np.testing.assert_allclose(found.temperature, temperature, rtol=1e-9)
        assert np.abs(found.residual).max() < 1e-13 and found.change < 1e-5


@pytest.mark.parametrize(("friction", "together"), [*MODES, (0.05, True)])
def test_between_two_baths_the_temperature_lies_between(friction, together):
    found = probes.temperatures(pinned_chain(), friction=friction, self_consistent=together, most_change=1.0)
    assert found.temperature[0] > found.temperature[-1]
    assert 0.2 < found.temperature.min() and found.temperature.max() < 0.3


def test_strong_self_consistent_probes_make_fouriers_law():
    """Weak probes see the flat profile of ballistic motion, strong ones a gradient (Bolsterli, Rich, Visscher)."""
    junction = pinned_chain(sites=6)
    weak = probes.temperatures(junction).temperature
    strong = probes.temperatures(junction, friction=0.2, self_consistent=True, most_change=10.0).temperature
    assert np.ptp(weak[1:-1]) < 0.005 < 0.015 < np.ptp(strong[1:-1])


def test_the_measured_probe_carries_no_heat():
    """Put the answer back into the junction: landauer agrees that J_p = 0; at another temperature it is not."""
    junction = minimal(1.0)
    for together in (True, False):
        found = probes.temperatures(junction, friction=1e-3, self_consistent=together, cutoff=6.0)
        chosen = range(2) if together else [1]
        attached = {f"p{i}": baths.ohmic(1e-3, 6.0, found.temperature[i], i) for i in chosen}
        currents = landauer.heat_currents(junction.replace(**attached))
        for name in attached:
            assert abs(currents[name]) < 1e-8 * abs(currents["e"])
    warmer = junction.replace(p1=baths.ohmic(1e-3, 6.0, 1.02 * found.temperature[1], 1))
    assert landauer.heat_currents(warmer)["p1"] < -1e-7


def test_weak_probe_is_the_limit():
    junction = minimal(1.0)
    wanted = probes.temperatures(junction).temperature
    away = []
    for friction in (1e-3, 1e-4):
        for together in (True, False):
            found = probes.temperatures(junction, friction=friction, self_consistent=together).temperature
            away.append(np.abs(found / wanted - 1).max())
    assert max(away[2:]) < 1e-3
    assert away[0] / away[2] == pytest.approx(10, rel=0.1) and away[1] / away[3] == pytest.approx(10, rel=0.1)


def test_weak_probe_measures_the_kinetic_energy():
    """With one D, T_p is the temperature whose kinetic energy the atom has."""
    junction = pinned_chain()
    found = probes.temperatures(junction, cutoff=1e4).temperature
    energies = landauer.kinetic_energy(junction)
    for atom in (0, 2):
        same = landauer.kinetic_energy(pinned_chain(found[atom], found[atom]))[atom]
        assert same == pytest.approx(energies[atom], rel=1e-6)


def test_hot_spot():
    """The asymmetric forces heat one side; without them the profile is the mirror image of itself."""
    hot = probes.temperatures(minimal(1.0)).temperature
    assert hot[1] > 1.1 * hot[0]
    np.testing.assert_allclose(probes.temperatures(minimal(-1.0)).temperature, hot[::-1], rtol=1e-7)
    even = probes.temperatures(minimal(1.0).without("asymmetric")).temperature
    assert even[0] == pytest.approx(even[1], rel=1e-9) and even[0] > 0.5


def test_order_of_probes_does_not_matter():
    junction, order = pinned_chain(), [2, 0, 3, 1]
    for options in ({}, {"friction": 1e-3, "self_consistent": True}):
        plain = probes.temperatures(junction, [[i] for i in range(4)], **options).temperature
        mixed = probes.temperatures(junction, [[i] for i in order], **options).temperature
        np.testing.assert_allclose(mixed, plain[order], rtol=1e-8)


@pytest.mark.parametrize("switch", ["zero_point", "quantum_noise"])
def test_probes_follow_the_kind_of_noise(switch):
    quiet = pinned_chain(0.25, 0.25).without(switch)
    np.testing.assert_allclose(probes.temperatures(quiet).temperature, 0.25, rtol=1e-9)
    driven = minimal(1.0).without(switch)
    assert probes.temperatures(driven).temperature.max() > 0.5
    mixed = minimal(1.0)
    with pytest.raises(InputError, match="one kind of noise"):
        probes.temperatures(mixed.replace(L=mixed.baths["L"].without(switch)))


def test_atoms_of_three_dofs():
    """The gold chain's eleven atoms (33 dofs) take 10,000 points, 3 s; six random ones stand for it here."""
    generator = np.random.default_rng(5)
    springs = generator.normal(size=(18, 18))
    stiffness = 4e-5 * (np.eye(18) + 0.01 * springs @ springs.T)
    atoms = Atoms(("Au",) * 6, np.repeat(np.arange(6), 3))
    low, high = np.arange(6), np.arange(12, 18)
    ends = {
        "L": baths.drude(2e-4 * np.eye(6), 0.1, 0.0258, low),
        "R": baths.drude(2e-4 * np.eye(6), 0.1, 0.0200, high),
        "e": baths.flat_band(2e-6 * np.eye(18), 1e-6 * np.eye(18), 0.2, 0.0258, 1.0, range(18)),
    }
    junction = Junction(stiffness, ends, atoms=atoms)
    found = probes.temperatures(junction, friction=1e-7, self_consistent=True)
    # One pass of this many points is all there is to pay: seconds.
    assert found.points < 8_000 and found.change < 1e-4
    assert found.temperature.shape == (6,) and np.all(found.temperature > 0.02)
    assert found.temperature[:2].mean() > found.temperature[4:].mean()


def test_refusals():
    junction = pinned_chain()
    with pytest.raises(PhysicsError, match=r"friction 0\.3 change .* heat currents .* by .*Lower the friction"):
        probes.temperatures(junction, friction=0.3, self_consistent=True)
    with pytest.raises(InputError, match="between 0 and 3"):
        probes.temperatures(junction, [[4]])
    with pytest.raises(InputError, match="no probes"):
        probes.temperatures(junction, [])
    with pytest.raises(InputError, match="must be positive"):
        probes.temperatures(junction, friction=-1.0)
    with pytest.raises(UnstableError):
        probes.temperatures(minimal(30.0))


def test_free_chain_and_cold_baths():
    found = probes.temperatures(uniform_chain(0.6, 0.4)).temperature
    assert np.all((found > 0.4) & (found < 0.6))
    np.testing.assert_allclose(probes.temperatures(pinned_chain(0.0, 0.0)).temperature, 0.0)


def test_energy_dependent_electrons():
    cold = probes.temperatures(wire(0.0))
    np.testing.assert_allclose(cold.temperature, KT, rtol=1e-9)
    hot = probes.temperatures(wire(0.2)).temperature
    assert hot[2] > hot[1] > hot[0] and hot[2] > 1.1 * KT  # electrons run to the right and heat that end
    np.testing.assert_allclose(probes.temperatures(wire(-0.2)).temperature, hot[::-1], rtol=2e-3)
