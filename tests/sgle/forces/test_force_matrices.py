"""K and L of 004: by Green's functions, by pair densities, as Π_e of 000 and 001, in limits, and to printed digits."""

import numpy as np
import pytest
from laws.five_forces import BIASED, FREQUENCY, REVERSED, UNBIASED, couplings, junction, wide_band_levels

from sgle.ehp import levels, pair_rates, two_levels
from sgle.ehp.closed import ClosedPairs
from sgle.ehp.levels import poles
from sgle.electronic.pairs import CHANNELS, Occupation
from sgle.electronic.structure import Electrode, ElectronicStructure
from sgle.errors import BathError, InputError, PhysicsError
from sgle.forces import force_matrices, static_stiffness
from sgle.forces.energies import electrons
from sgle.forces.pairs import pair_density


def forces(frequency=FREQUENCY, occupation=BIASED, **more):
    return force_matrices(junction(), couplings(), frequency, occupation, **{"spin": 1, **more})


def off(found, wanted):
    return np.abs(np.asarray(found) - wanted).max() / np.abs(wanted).max()


def test_printed_numbers():
    """Reference section 4."""
    found = forces()
    k = [[-1.4724296088, 1.0400742789], [1.1630087515, -1.5812335230]]
    v = [[-0.9842044555, 1.0867689797], [1.2029288012, -1.4684650417]]
    np.testing.assert_allclose(found.stiffness, k, rtol=0, atol=6e-11)
    np.testing.assert_allclose(found.velocity, v, rtol=0, atol=6e-11)
    split = [found.nonconservative[0, 1], found.lorentz[0, 1], found.damping[0, 1]]
    np.testing.assert_allclose(split, [-0.0614672363, -0.0580799108, 1.1448488905], rtol=0, atol=6e-11)
    rest = forces(occupation=UNBIASED)
    numbers = [rest.stiffness[0, 0], rest.stiffness[0, 1], rest.velocity[0, 0]]
    # The last is -0.90905145048 by both roads; the reference prints 1.2e-10 less.
    np.testing.assert_allclose(numbers, [-1.4890749238, 1.2296415138, -0.9090514506], rtol=0, atol=1.3e-10)


def test_printed_frequencies():
    table = np.array(
        [
            [0.02, -0.062550189, -0.058166101, -1.027777898],
            [0.06, -0.062315962, -0.058196374, -1.017248284],
            [0.24, -0.057559562, -0.055289202, -0.882266452],
            [0.48, -0.042625875, -0.031628125, -0.706445082],
        ]
    )
    for frequency, *wanted in table:
        found = forces(frequency)
        numbers = [found.nonconservative[0, 1], found.lorentz[0, 1], found.velocity[0, 0]]
        np.testing.assert_allclose(numbers, wanted, rtol=0, atol=6e-10)


def test_two_roads():
    """Eqs. 20-21 and 29-47 share no integrand: one has poles of G, the other principal values."""
    pair = [forces(road=road, rtol=rtol) for road, rtol in (("greens", 1e-11), ("pairs", 1e-5))]
    assert off(pair[0].stiffness, pair[1].stiffness) < 1e-9
    assert off(pair[0].velocity, pair[1].velocity) < 1e-9
    assert off(pair[0].stiffness, pair[1].stiffness.T) > 1e-2


def test_electrodes_of_two_temperatures():
    """Eqs. 36 and 42 there too: 2πΛ'' and 2πΛ'/ω0 are what Green's functions give."""
    occupation = Occupation(0.3, 0.1, 0.02, 0.05)
    found = forces(occupation=occupation)
    density = pair_density(electrons(junction(), occupation), couplings(), FREQUENCY, 1e-10)
    assert off(found.nonconservative, 2 * np.pi * density.imag) < 1e-9
    assert off(found.damping, 2 * np.pi * density.real / FREQUENCY) < 1e-9


@pytest.mark.parametrize("frequency", [0.05, 0.7])
def test_closed_form(frequency):
    """A third road where it exists: digamma functions over the poles of a wide band."""
    structure, m = wide_band_levels()
    occupation = Occupation(0.3, -0.1, 0.1, 0.1)
    known = poles(structure)
    pi = ClosedPairs(known, known.couplings(m), occupation, 2).self_energy(np.array([frequency]))[0]
    found = force_matrices(structure, m, frequency, occupation, rtol=1e-11)
    assert off(found.self_energy, pi) < 1e-10
    assert off(found.self_energy, pi.conj()) > 1e-2
    assert np.abs(found.lorentz).max() > 1e-3 * np.abs(found.velocity).max()


def test_pair_density_is_what_000_and_001_have():
    """ΣΛ⁰⁰⁰ = 4(Λ' - iΛ'') with spin, Γ_e = -2πΣΛ⁰⁰⁰: Im Γ/2 is non-conservative, -Re Γ/2ω0 is friction."""
    structure, m = junction(), couplings()
    states = electrons(structure, BIASED)
    rates = pair_rates(structure, m, [FREQUENCY], BIASED, spin=2, edges=states.edges)
    seed = dict(zip(CHANNELS, -rates.broadening[:, 0] / (2 * np.pi), strict=True))
    assert seed["LL"][0, 0].real == pytest.approx(-0.0210097731, abs=6e-11)
    assert seed["RL"][0, 1] == pytest.approx(0.1001051815 + 0.0262277712j, abs=6e-11)
    assert seed["LR"][0, 1] == pytest.approx(-0.0466679957 + 0.0127007557j, abs=6e-11)
    density = pair_density(states, m, FREQUENCY, 1e-11)
    assert off(4 * np.conj(density), sum(seed.values())) < 1e-10
    gamma, found = rates.broadening.sum(axis=0)[0], forces(spin=2, rtol=1e-11)
    assert off(found.nonconservative, gamma.imag / 2) < 1e-9
    assert off(found.damping, -gamma.real / (2 * FREQUENCY)) < 1e-9


def test_densities_are_symmetric_as_eqs_31_and_32_say():
    states = electrons(junction(), BIASED)
    ahead, back = (pair_density(states, couplings(), w, 1e-11) for w in (0.3, -0.3))
    assert off(ahead.real, ahead.real.T) < 1e-13 and off(-ahead.imag, ahead.imag.T) < 1e-12
    assert off(back, -np.conj(ahead)) < 1e-10  # Λ' odd, Λ'' even


def test_current_reversed():
    """Non-conservative and Lorentz-like force: none at rest, odd in the bias."""
    there, back, rest = (forces(occupation=o) for o in (BIASED, REVERSED, UNBIASED))
    for name in ("nonconservative", "lorentz"):
        pair = [getattr(one, name) for one in (there, back, rest)]
        assert off(-pair[1], pair[0]) < 1e-11 and np.abs(pair[2]).max() < 1e-13
    assert off(back.damping, there.damping) > 0.1  # a junction that is not the same from both sides


def test_parts_add_up():
    found = forces()
    np.testing.assert_allclose(found.conservative + found.nonconservative, found.stiffness, rtol=1e-15)
    np.testing.assert_allclose(found.damping + found.lorentz, found.velocity, rtol=1e-15)
    np.testing.assert_allclose(found.curl, 2 * found.nonconservative, rtol=1e-15)
    np.testing.assert_allclose(found.self_energy.imag, FREQUENCY * found.velocity, rtol=1e-15)


def test_spin_counts_once():
    assert off(forces(spin=2).self_energy, 2 * forces().self_energy) < 1e-14


def test_orbitals_may_overlap():
    """The same electrons in a basis that is not orthogonal have the same forces."""
    structure, m = wide_band_levels()
    occupation = Occupation(0.3, -0.1, 0.1, 0.2)
    x = np.eye(3) + 0.3 * np.random.default_rng(1).normal(size=(3, 3))
    gamma = {name: x.T @ structure.broadening(name, np.zeros(1))[0].real @ x for name in "LR"}
    ends = {n: Electrode((0, 1, 2), lambda e, g=g: np.tile(-0.5j * g, (len(e), 1, 1))) for n, g in gamma.items()}
    other = ElectronicStructure(x.T @ structure.hamiltonian @ x, ends, x.T @ x)
    moved = force_matrices(other, x.T @ m @ x, 0.3, occupation, rtol=1e-10)
    assert off(moved.self_energy, force_matrices(structure, m, 0.3, occupation, rtol=1e-10).self_energy) < 1e-9


def test_without_temperature():
    """T = 0 is the limit, approached like T²."""
    cold, cool, none = (forces(occupation=Occupation(0.45, 0.05, t, t)).self_energy for t in (2e-3, 1e-3, 0.0))
    assert off((4 * cool - cold) / 3, none) < 1e-8 < off(cool, none) < 1e-4


def test_small_bias():
    """K_12 antisymmetric = -eV Im Tr[M¹A_L M²A_R]/2π at the Fermi level, for slow vibrations and cold electrons."""
    energy, bias = 0.25, 1e-4
    a = {name: junction().spectral(name, np.array([energy]))[0] for name in "LR"}
    m = couplings()
    law = -bias * np.trace(m[0] @ a["L"] @ m[1] @ a["R"]).imag / (2 * np.pi)
    found = forces(1e-5, Occupation(energy + bias / 2, energy - bias / 2, 0.0, 0.0)).nonconservative
    assert found[0, 1] == pytest.approx(law, rel=1e-5)


def test_flat_band():
    """Where A_a hardly depends on energy the law holds at any bias, temperature and frequency."""
    structure, m = wide_band_levels()
    broad = levels(structure.hamiltonian, *(50 * structure.broadening(n, np.zeros(1))[0] for n in "LR"))
    a = {name: broad.spectral(name, np.zeros(1))[0] for name in "LR"}
    law = -0.3 * np.trace(m[0] @ a["L"] @ m[1] @ a["R"]).imag / (2 * np.pi)
    found = force_matrices(broad, m, 0.2, Occupation(0.15, -0.15, 0.05, 0.05), spin=1)
    assert found.nonconservative[0, 1] == pytest.approx(law, rel=0.01)
    assert abs(found.lorentz[0, 1]) < 0.05 * abs(found.damping[0, 1])  # Eq. 47: a flat density has none


def test_slow_vibrations_see_the_static_stiffness():
    wanted = [[-1.4888343, 1.0654423], [1.1905999, -1.6148970]]  # reference section 4
    static = static_stiffness(junction(), couplings(), BIASED, spin=1)
    np.testing.assert_allclose(static, wanted, rtol=0, atol=6e-8)
    assert off(forces(1e-4).stiffness, static) < 1e-6


def test_power():
    """Mean of F·V over a period of X(t) = Re[c e^{-iω0 t}], point by point."""
    found, c = forces(), np.array([0.3 - 0.1j, 0.2 + 0.4j])
    turn = np.exp(-2j * np.pi * np.arange(32) / 32)
    x, v = np.outer(turn, c).real, np.outer(-1j * FREQUENCY * turn, c).real
    force = -x @ found.stiffness.T + v @ found.velocity.T
    wheel, rubbed = found.power(c)
    assert wheel + rubbed == pytest.approx(np.mean(np.sum(force * v, axis=1)), rel=1e-12)
    assert rubbed < 0 and found.power(c.conj())[0] == pytest.approx(-wheel)  # the other way round it brakes
    assert found.power(c.real)[0] == 0


def test_negative_friction():
    """Level inversion (001 Fig. 2): pairs of energy 1 cease to damp at eV = 1.001066423 (reference section 1)."""
    structure = two_levels((0.5, -0.5), (0.1, 0.1))

    def at(bias):
        return force_matrices(structure, [[0, 0.1], [0.1, 0]], 1.0, Occupation(bias / 2, -bias / 2, 0.2, 0.2))

    threshold = 1.001066423
    below, above = (at(threshold + d).velocity[0, 0] for d in (-1e-8, 1e-8))
    assert below < 0 < above
    values, modes = at(1.2).driven()
    assert values[0] > 0 and modes.shape == (1, 1) and at(0.5).driven()[0].size == 0


def test_refusals():
    structure, m = junction(), couplings()
    with pytest.raises(InputError, match="static_stiffness") as caught:
        force_matrices(structure, m, 0.0, BIASED)
    assert caught.value.numbers["frequency"] == 0
    with pytest.raises(InputError, match="must be one of greens, pairs"):
        force_matrices(structure, m, 0.1, BIASED, road="digamma")
    with pytest.raises(BathError, match="Hermitian"):
        force_matrices(structure, np.triu(m), 0.1, BIASED)
    with pytest.raises(BathError, match="zero or more"):
        force_matrices(structure, m, 0.1, Occupation(0.1, 0.0, -0.1, 0.1))
    with pytest.raises(InputError, match="2 displacements"):
        forces().power([1.0])
    lonely = ElectronicStructure(structure.hamiltonian, {"L": structure.electrodes["L"]})
    with pytest.raises(BathError, match="two electrodes"):
        force_matrices(lonely, m, 0.1, BIASED)


@pytest.mark.parametrize("onsite", [3.0, -3.0])
def test_bound_state(onsite):
    """A level outside the band is filled by no electrode: the forces of its electron would be missing."""
    with pytest.raises(PhysicsError, match="bound state") as caught:
        force_matrices(junction((0.2, onsite, 0.15, -0.3)), couplings(), 0.1, BIASED)
    assert caught.value.numbers["orbital"] == 1 and 0.5 < caught.value.numbers["missing"] < 1


def test_band_cut_off():
    ends = {n: Electrode((i,), lambda e: np.full((len(e), 1, 1), -0.1j), (-0.6, 0.9)) for i, n in enumerate("LR")}
    structure = ElectronicStructure(np.diag([0.5, -0.4]), ends)
    with pytest.raises(PhysicsError, match="widen the window"):
        force_matrices(structure, [[0, 0.1], [0.1, 0]], 0.1, Occupation(0.0, 0.0, 0.05, 0.05))


def test_level_that_no_electrode_reaches():
    with pytest.raises(PhysicsError, match="orbital 1"):
        force_matrices(levels(np.diag([0.1, 0.2]), [0.1, 0], [0.1, 0]), [[0, 1], [1, 0]], 0.1, BIASED)
