"""Laws of every anharmonic force: the slope of its energy, nothing at rest, each trajectory on its own."""

import pickle
from functools import lru_cache

import numpy as np
import pytest

from sgle import Atoms, Junction
from sgle.anharmonic import (
    Anharmonic,
    OneByOne,
    angstroms,
    bonds,
    from_spec,
    lennard_jones,
    lennard_jones_between,
    morse,
    morse_between,
    placed,
    polynomial,
    remainder,
    require_bounded,
    sites,
    sum_of,
)
from sgle.anharmonic.remainder import by_differences
from sgle.anharmonic.static import warn_if_unbounded
from sgle.baths import drude
from sgle.errors import ForceError, InputError, UnboundedWarning
from sgle.models.gold.anharmonic import gold_chain_force
from sgle.units import ANGSTROM_AMU

CHAIN = [(None, 0), (0, 1), (1, 2), (2, None)]
# A bent molecule of three atoms and one that does not move.
MOLECULE = Atoms(
    ("C", "O", "H", "Au"),
    np.repeat([0, 1, 2], 3),
    np.array([12.0, 16.0, 1.0, 197.0]),
    np.array([[0.0, 0.0, 0.1], [1.2, 0.1, 0.0], [1.9, 0.9, -0.3], [-1.5, 0.3, 0.8]]),
)
PAIRS = [(0, 1), (1, 2), (0, 3), (2, 0)]


def soft(u):
    """A potential of four dofs without any symmetry, V = Σ cosh + a product."""
    shifted = u + np.array([0.1, 0.0, -0.2, 0.3])
    product = shifted.prod(axis=1)
    others = np.stack([np.delete(shifted, k, axis=1).prod(axis=1) for k in range(4)], axis=1)
    return -np.sinh(shifted) - 0.3 * others, np.cosh(shifted).sum(axis=1) + 0.3 * product


def springs(positions):
    """Every two atoms of MOLECULE joined by V = (r - 1)⁴/4 eV/Å⁴."""
    d = positions[:, None] - positions[:, :, None]
    r = np.sqrt((d**2).sum(axis=3)) + np.eye(4)
    pull = ((r - 1) ** 3 / r)[..., None]
    return (pull * d).sum(axis=2), ((r - 1) ** 4).sum(axis=(1, 2)) / 8


# Name -> (maker, reach of displacements, whether a stiffness was taken out).
FORCES = {
    "sites": (lambda: polynomial(sites(3, [0, 2]), cubic=[0.1, -0.2], quartic=0.3), 1.0),
    "bonds": (lambda: polynomial(bonds(3, CHAIN), cubic=0.2, quartic=[0.1, 0.2, 0.3, 0.4]), 1.0),
    "combinations": (lambda: polynomial([[1.0, -2.0, 0.5], [0.0, 1.0, 1.0]], cubic=0.2, quartic=0.1), 1.0),
    "morse": (lambda: morse(bonds(3, CHAIN), [0.5, 1.0, 1.5, 2.0], 0.7), 0.5),
    "lennard-jones": (lambda: lennard_jones(bonds(3, CHAIN), 0.1, [3.0, 3.5, 4.0, 4.5]), 0.3),
    "in Å": (lambda: morse(bonds(2, [(0, 1)], angstroms([12.0, 197.0])), 3.0, 1.9), 10.0),
    "morse in space": (lambda: morse_between(MOLECULE, PAIRS, 3.0, [2.0, 1.9, 1.8, 1.7], [1.2, 1.0, 1.9, 2.0]), 3.0),
    "lennard-jones in space": (lambda: lennard_jones_between(MOLECULE, PAIRS, [1.0, 2.0, 3.0, 4.0]), 3.0),
    "sum": (lambda: sum_of(polynomial(sites(3), quartic=0.3), morse(bonds(3, CHAIN), 0.5, 0.7)), 0.5),
    "remainder": (lambda: remainder(soft, 4, step=0.02, rest_tolerance=1.0), 1.0),
    "positions": (
        lambda: remainder(placed(springs, MOLECULE), 9, step=0.1, rest_tolerance=np.inf, tolerance=1e-6),
        3.0,
    ),
    "gold": (gold_chain_force, 20.0),
    "gold without bases": (lambda: gold_chain_force(4, bases=False), 20.0),
    "gold on stiff electrodes": (lambda: gold_chain_force(elastic=False), 20.0),
}
every_force = pytest.mark.parametrize("name", FORCES)


@lru_cache
def made(name):
    return FORCES[name][0]()


def places(name, trajectories=5):
    """Random displacements of several sizes, (R, N)."""
    rng = np.random.default_rng(list(FORCES).index(name))
    sizes = FORCES[name][1] * np.geomspace(0.01, 1.0, trajectories)
    return sizes[:, None] * rng.uniform(-1, 1, (trajectories, made(name).size))


def slope_error(force, u, rng):
    """Largest |F·e + dE/de| over |F| of a force at u (R, N), along a random direction, by differences of E."""
    direction = rng.standard_normal(u.shape)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    step = 1e-3 * np.linalg.norm(u, axis=1)
    energy = {k: force(u + k * step[:, None] * direction)[1] for k in (-2, -1, 1, 2)}
    slope = (8 * (energy[1] - energy[-1]) - (energy[2] - energy[-2])) / (12 * step)
    pulled = force(u)[0]
    noise = 1e-13 * max(np.abs(force(u)[1]).max(), getattr(force, "rest_energy", 0.0)) / step
    return np.max((np.abs((pulled * direction).sum(axis=1) + slope) - noise) / np.linalg.norm(pulled, axis=1))


@every_force
def test_force_is_the_slope_of_the_energy(name):
    assert slope_error(made(name), places(name), np.random.default_rng(1)) < 1e-7


@pytest.mark.parametrize("wrong", [-1.0, 2.0, 1.00001])
def test_a_wrong_force_is_noticed(wrong):
    def force(u):
        right = made("bonds")(u)
        return wrong * right[0], right[1]

    assert slope_error(force, places("bonds"), np.random.default_rng(1)) > 1e-6


@every_force
def test_contract(name):
    force, u = made(name), places(name)
    assert isinstance(force, Anharmonic)
    pulled, energy = force(u)
    assert pulled.shape == u.shape and energy.shape == (len(u),)
    Junction(np.eye(force.size), {}, anharmonic=force)


@every_force
def test_nothing_at_rest(name):
    """Energy and force vanish exactly, and begin with the third and second power of the displacement."""
    force = made(name)
    pulled, energy = force(np.zeros((2, force.size)))
    assert not pulled.any() and not energy.any()
    reach = FORCES[name][1] * 1e-2
    u = reach * np.random.default_rng(3).standard_normal((1, force.size))
    whole, half = force(u), force(u / 2)
    assert np.abs(half[0]).max() < 0.3 * np.abs(whole[0]).max()
    assert np.abs(half[1]) < 0.15 * np.abs(whole[1])


@every_force
def test_no_stiffness_at_rest(name):
    force = made(name)
    reach = FORCES[name][1]
    left = np.abs(by_differences(force, np.full(force.size, 1e-3 * reach))).max()
    assert left < 1e-5 * max(np.abs(force.stiffness).max(), np.abs(force(places(name))[0]).max() / reach)


@every_force
def test_trajectories_do_not_feel_the_batch(name):
    """Bit for bit: alone, in any order, and beside others."""
    force, u = made(name), places(name, 9)
    pulled, energy = force(u)
    for batch in ([4], [3, 8], [8, 7, 6, 5, 4, 3, 2, 1, 0], [0, 1, 2, 3, 4]):
        some = force(u[batch])
        assert np.array_equal(some[0], pulled[batch]) and np.array_equal(some[1], energy[batch])
    view = np.hstack([u, u])[:, force.size :]  # columns of a larger array, as the integrator holds them
    assert np.array_equal(force(view)[0], pulled)


@every_force
def test_another_process_gets_the_same_force(name):
    u = places(name)
    if name in ("remainder", "positions"):
        assert made(name).spec is None
    else:
        assert np.array_equal(from_spec(made(name).spec)(u)[0], made(name)(u)[0])
    again = pickle.loads(pickle.dumps(made(name)))
    assert np.array_equal(again(u)[0], made(name)(u)[0])


def test_bonds_do_not_feel_a_translation():
    force = sum_of(
        polynomial(bonds(3, [(0, 1), (1, 2), (2, 0)]), cubic=0.3, quartic=0.2),
        morse(bonds(3, [(0, 1), (1, 2)]), 0.5, 0.7),
    )
    u = np.random.default_rng(0).standard_normal((4, 3))
    moved = force(u + np.array([[0.0], [0.5], [-1.0], [3.0]]))
    assert np.abs(moved[0] - force(u)[0]).max() < 1e-13 and np.abs(moved[1] - force(u)[1]).max() < 1e-13
    assert np.abs(force(u)[0].sum(axis=1)).max() < 1e-14


def test_bonds_in_space_feel_neither_translation_nor_rotation():
    """The whole potential, stiffness put back, of bonds with their length at rest."""
    atoms = Atoms(MOLECULE.symbols, np.repeat(np.arange(4), 3), MOLECULE.masses, MOLECULE.positions)
    force = morse_between(atoms, PAIRS, 3.0, 1.8)
    scale = np.repeat(angstroms(atoms.masses), 3)
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    moved = (atoms.positions @ turn.T + [0.3, -1.0, 2.0] - atoms.positions).reshape(1, -1) / scale
    pulled, energy = force(moved)
    assert np.abs(pulled - moved @ force.stiffness).max() < 1e-12
    assert abs(energy[0] + moved[0] @ force.stiffness @ moved[0] / 2) < 1e-12


def test_closed_forms():
    u = np.array([[0.3, -0.4]])
    force, energy = polynomial(bonds(2, [(0, 1)]), cubic=0.5, quartic=2.0)(u)
    assert energy[0] == pytest.approx(0.5 * (-0.7) ** 3 / 3 + 2.0 * 0.7**4 / 4, rel=1e-14)
    assert force[0, 1] == pytest.approx(-(0.5 * 0.49 - 2.0 * 0.343), rel=1e-14) and force[0, 0] == -force[0, 1]
    assert np.allclose(morse(sites(1), 0.5, 0.7).stiffness, 2 * 0.5 * 0.49, rtol=1e-14)
    assert np.allclose(lennard_jones(sites(1), 0.5, 0.7).stiffness, 72 * 0.5 / 0.49, rtol=1e-14)
    torn = morse(sites(1), 0.5, 0.7)(np.array([[60.0]]))[1][0] + 0.49 * 60.0**2 / 2
    assert torn == pytest.approx(0.5, rel=1e-10)
    far = 1e4  # Lennard-Jones at twice the length: D (1 - 2^-6)²
    stretched = lennard_jones(sites(1), far, 2.0)(np.array([[2.0]]))[1][0] + 72 * far / 4 * 4 / 2
    assert stretched == pytest.approx(far * (1 - 2**-6) ** 2, rel=1e-10)


def test_ångströms_and_masses():
    """A quartic bond of 1 eV/Å⁴ between two atoms, 0.1 Å apart more than at rest."""
    masses = np.array([12.0, 16.0])
    force = polynomial(bonds(2, [(0, 1)], angstroms(masses)), quartic=1.0)
    x = np.array([[0.02, 0.12]])
    pulled, energy = force(x * np.sqrt(masses) / ANGSTROM_AMU)
    assert energy[0] == pytest.approx(0.1**4 / 4, rel=1e-12)
    assert pulled[0] * np.sqrt(masses) / ANGSTROM_AMU == pytest.approx([1e-3, -1e-3], rel=1e-12)  # eV/Å


def test_bonds_in_space_are_those_of_a_line():
    """Atoms on a line, moved along it, feel the bond of a model in Å."""
    masses = np.array([12.0, 16.0])
    atoms = Atoms(("C", "O"), np.repeat([0, 1], 3), masses, np.array([[0.0, 0, 0], [1.2, 0, 0]]))
    in_space = morse_between(atoms, [(0, 1)], 3.0, 1.9)
    on_line = morse(bonds(2, [(0, 1)], angstroms(masses)), 3.0, 1.9)
    u = np.random.default_rng(0).uniform(-8, 8, (6, 2))
    spread = np.zeros((6, 6))
    spread[:, [0, 3]] = u
    assert np.allclose(in_space(spread)[0][:, [0, 3]], on_line(u)[0], rtol=1e-9, atol=1e-12)
    assert np.allclose(in_space(spread)[1], on_line(u)[1], rtol=1e-9, atol=1e-12)
    assert np.allclose(in_space.stiffness[np.ix_([0, 3], [0, 3])], on_line.stiffness, rtol=1e-12)


def test_bonds_stiffer_than_their_junction():
    force = morse(bonds(2, [(0, 1)]), 0.5, 1.0)
    spring = np.array([[1.0, -1.0], [-1.0, 1.0]])
    require_bounded(force.stiffness, Junction(spring, {}))
    with pytest.raises(InputError, match=r"the eigenvalue -2\.000e-01, most of it on dof") as caught:
        require_bounded(force.stiffness, Junction(0.9 * spring, {}))
    assert caught.value.eigenvalue == pytest.approx(-0.2)


def test_lattice_baths_soften():
    """A bond on the dof that a lead softens; the same lead with its static part in K does not."""
    force = morse(sites(1), 0.5, 1.0)
    softening = drude(0.1, 2.0, 0.1, 0, counter_term=False)  # Π(0) = -η c
    require_bounded(force.stiffness, Junction([[1.2]], {"L": softening}))
    require_bounded(force.stiffness, Junction([[1.0]], {"L": drude(0.1, 2.0, 0.1, 0)}))
    with pytest.raises(InputError, match=r"K \+ Π\(0\) = 0\.8, bonds 1") as caught:
        require_bounded(force.stiffness, Junction([[1.0]], {"L": softening}))
    assert caught.value.eigenvalue == pytest.approx(-0.2)
    warn_if_unbounded(0.81 * force.stiffness, Junction([[1.0]], {"L": softening}))  # within 2 %: no warning
    with pytest.warns(UnboundedWarning, match="the energy falls without end"):
        warn_if_unbounded(force.stiffness, Junction([[1.0]], {"L": softening}))
    require_bounded(0 * force.stiffness, Junction([[-1.0]], {}))  # not the bonds' fault


@pytest.mark.parametrize("value", [1e200, -1e200, np.nan])
@pytest.mark.parametrize("name", ["bonds", "morse", "lennard-jones", "morse in space", "remainder", "gold"])
def test_a_lost_trajectory_is_told_by_its_number(name, value):
    u = places(name, 4)
    u[0], u[2] = 0.0, value * (-1.0) ** np.arange(u.shape[1])
    with pytest.raises(ForceError) as caught, np.errstate(over="ignore", invalid="ignore"):
        made(name)(u)
    assert caught.value.trajectory == 2


def test_atoms_on_each_other():
    u = np.zeros((3, 9))
    u[1, 0] = 1.2 * np.sqrt(12.0) / ANGSTROM_AMU
    u[1, 1] = 0.1 * np.sqrt(12.0) / ANGSTROM_AMU
    u[1, 2] = -0.1 * np.sqrt(12.0) / ANGSTROM_AMU
    with pytest.raises(ForceError) as caught:
        made("morse in space")(u)
    assert caught.value.trajectory == 1


def one_at_a_time(u):
    """`soft` for one trajectory, and none beyond 2."""
    if np.abs(u).max() > 2:
        raise RuntimeError("no convergence")
    force, energy = soft(u[None])
    return force[0], energy[0]


def test_one_trajectory_at_a_time():
    force = remainder(OneByOne(one_at_a_time), 4, step=0.02, rest_tolerance=1.0)
    u = places("remainder")
    assert np.array_equal(force(u)[0], made("remainder")(u)[0])
    u[0], u[3] = 0.0, 5.0
    with pytest.raises(ForceError, match="RuntimeError: no convergence") as caught:
        force(u)
    assert caught.value.trajectory == 3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: bonds(3, [(0, 0)]), "two different dofs"),
        (lambda: bonds(3, [(0, 3)]), r"dof 3 is none of 0\.\.2"),
        (lambda: bonds(3, [(0, -1)]), "dof -1"),
        (lambda: bonds(3, [(0, 1.0)]), r"dof 1\.0"),
        (lambda: bonds(3, [(0, 1, 2)]), "two different dofs"),
        (lambda: sites(2, [2]), "dof 2"),
        (lambda: angstroms([12.0, 0.0]), "masses must be positive"),
        (lambda: polynomial(np.zeros((0, 3))), "n > 0"),
        (lambda: polynomial([[0.0, 0.0]]), "coordinate 0 moves with no dof"),
        (lambda: polynomial([[1.0, np.nan]]), "finite"),
        (lambda: polynomial(sites(2), cubic=[1.0, 2.0, 3.0]), "cubic must be one real number or one for each of 2"),
        (lambda: polynomial(sites(2), quartic=np.inf), "quartic"),
        (lambda: morse(sites(2), [1.0, -1.0], 1.0), "depth must be positive, it is -1"),
        (lambda: morse(sites(2), 1.0, 0.0), "width must be positive"),
        (lambda: lennard_jones(sites(2), 1.0, -2.0), "length must be positive"),
        (lambda: morse_between(MOLECULE, [(0, 4)], 1.0, 1.0), r"pair \(0, 4\)"),
        (lambda: morse_between(MOLECULE, [(0, 1.5)], 1.0, 1.0), "pairs"),
        (lambda: morse_between(Atoms(("C",), np.array([0])), [(0, 1)], 1.0, 1.0), "positions and masses"),
        (lambda: morse_between(Atoms(("C",), np.array([0, 0]), [1.0], [[0, 0, 0]]), [(0, 1)], 1.0, 1.0), "three dofs"),
        (lambda: sum_of(), "none"),
        (lambda: sum_of(polynomial(sites(2)), polynomial(sites(3))), r"\[2, 3\]"),
        (lambda: from_spec({"kind": "spring"}), "unknown kind of force 'spring'"),
        (lambda: from_spec({"kind": "morse", "depth": 1.0}), "morse: missing a required argument"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(InputError, match=message):
        make()
