"""What `remainder` takes out of a potential, and which potentials it refuses, with numbers."""

import numpy as np
import pytest

from sgle import Atoms
from sgle.anharmonic import checks, placed, remainder
from sgle.anharmonic.checks import LOOKS_LIKE
from sgle.errors import ForceError, InputError
from sgle.units import ANGSTROM_AMU

K = np.array([[0.5, -0.2, 0.0], [-0.2, 0.6, -0.1], [0.0, -0.1, 0.4]])
QUARTIC = np.array([0.3, 0.1, 0.2])


def potential(u):
    """½ u·K u + Σ c u⁴/4."""
    return -u @ K - QUARTIC * u**3, np.einsum("rk,kl,rl->r", u, K, u) / 2 + (QUARTIC * u**4).sum(axis=1) / 4


def scaled(forces, energies):
    return lambda u: (forces * potential(u)[0], energies * potential(u)[1])


def made(function=potential, **options):
    return remainder(function, 3, **({"dynamical_matrix": K} | options))


def test_the_quartic_is_what_is_left():
    u = np.random.default_rng(0).standard_normal((4, 3))
    force, energy = made()(u)
    assert np.allclose(force, -QUARTIC * u**3, atol=1e-11)
    assert np.allclose(energy, (QUARTIC * u**4).sum(axis=1) / 4, atol=1e-11)
    assert np.abs(made().stiffness - K).max() < 1e-12


@pytest.mark.parametrize("options", [{"stiffness": K}, {"dynamical_matrix": None, "step": [0.01, 0.02, 0.03]}])
def test_roads_to_the_stiffness(options):
    u = np.random.default_rng(0).standard_normal((4, 3))
    assert np.allclose(made(**options)(u)[0], -QUARTIC * u**3, atol=1e-10)


def test_force_and_energy_at_rest_are_taken_out():
    def shifted(u):
        force, energy = potential(u)
        return force + np.array([0.01, 0.0, -0.02]), energy - u @ np.array([0.01, 0.0, -0.02]) + 7.0

    u = np.random.default_rng(0).standard_normal((4, 3))
    force = made(shifted, rest_tolerance=0.1)
    assert np.allclose(force(u)[0], made()(u)[0], atol=1e-12) and np.allclose(force(u)[1], made()(u)[1], atol=1e-12)
    assert force.rest_energy == 7.0 and np.array_equal(force.rest_force, [0.01, 0.0, -0.02])
    with pytest.raises(
        InputError, match=r"not at rest at u = 0: the force on dof 2 is -2\.000e-02, more than 1\.70"
    ) as caught:
        made(shifted, rest_tolerance=0.025)
    assert caught.value.force == -0.02 and caught.value.dof == 2


@pytest.mark.parametrize("factor", LOOKS_LIKE)
def test_units(factor):
    """Forces and energies in another unit are recognised, whichever of the two is wrong."""
    with pytest.raises(InputError) as caught:
        made(scaled(factor, factor), rest_tolerance=np.inf)
    assert f"the force looks like {LOOKS_LIKE[factor]}" in str(caught.value)
    assert caught.value.ratio == pytest.approx(factor, rel=1e-9)
    with pytest.raises(InputError, match="times K throughout: K looks like"):
        made(dynamical_matrix=factor * K, stiffness=K)


def test_numbers_of_a_unit_mismatch():
    with pytest.raises(InputError, match=r"96\.485 times K throughout: the force looks like kJ/mol in place of eV"):
        made(scaled(96.485, 96.485))


def test_another_stiffness():
    other = K + np.diag([0.0, 0.1, 0.0])
    with pytest.raises(InputError, match=r"at \[1, 1\], 0\.6 against K = 0\.7 .* compare = \"off-diagonal\"") as caught:
        made(dynamical_matrix=other)
    assert caught.value.difference == pytest.approx(0.1) and (caught.value.row, caught.value.column) == (1, 1)
    for options in ({"compare": "off-diagonal"}, {"compare": [0, 2]}, {"tolerance": 0.2}):
        assert np.abs(made(dynamical_matrix=other, **options).stiffness - K).max() < 1e-12
    with pytest.raises(InputError, match="largest difference"):
        made(dynamical_matrix=K + 0.1 * np.eye(3, k=1) + 0.1 * np.eye(3, k=-1), compare="off-diagonal")
    with pytest.raises(InputError, match="compare must be"):
        made(dynamical_matrix=other, compare="diagonal")
    with pytest.raises(InputError, match=r"compare: dofs must lie in 0\.\.2"):
        made(dynamical_matrix=other, compare=[3])


def test_masses_forgotten():
    unweighted = ANGSTROM_AMU**2 / 197.0
    with pytest.raises(InputError, match="K looks like eV/Å², not divided by the masses"):
        checks.require_same_stiffness(K, K / unweighted, unweighted=unweighted)


@pytest.mark.parametrize(("forces", "energies"), [(1.0, 2.0), (1.0, 96.485), (1.0, 1.01), (1.0, -1.0)])
def test_energies_of_another_kind(forces, energies):
    with pytest.raises(InputError, match="not -dE/du") as caught:
        made(scaled(forces, energies))
    assert caught.value.lost == pytest.approx(energies * caught.value.work)


def test_a_loose_tolerance_lets_small_noise_pass():
    assert made(scaled(1.0, 1.01), work_tolerance=0.05).size == 3


def test_forces_that_are_no_gradient():
    def turning(u):
        force, energy = potential(u)
        return force + 0.05 * u[:, [1, 0, 2]] * np.array([1, -1, 0]), energy

    with pytest.raises(InputError, match=r"no gradient: the antisymmetric part of -dF/du at rest reaches 5\.000e-02"):
        made(turning)


def test_trajectories_that_feel_each_other():
    def coupled(u):
        force, energy = potential(u)
        return force + 0.1 * (u**2).sum(), energy

    with pytest.raises(InputError, match="trajectory 0 of a batch of three feels the others"):
        made(coupled)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda u: (potential(u)[0], potential(u)[1][0]), r"shapes \(2, 3\) and \(\)"),
        (lambda u: (potential(u)[0].T, potential(u)[1]), r"shapes \(3, 2\)"),
        (lambda u: (potential(u)[0][:1], potential(u)[1][:1]), r"shapes \(1, 3\)"),
    ],
)
def test_shapes(function, message):
    with pytest.raises(InputError, match=message):
        made(function)


@pytest.mark.parametrize("where", [0.0, 0.05, 0.5])
def test_nan(where):
    def broken(u):
        force, energy = potential(u)
        return np.where(np.abs(u) >= where, np.nan, force), energy

    with pytest.raises(ForceError, match="not finite"):
        made(broken, step=0.05)


def test_a_failure_far_away_is_told_at_the_time():
    force = made(lambda u: (np.where(np.abs(u) > 5, np.nan, potential(u)[0]), potential(u)[1]))
    u = np.zeros((4, 3))
    u[1], u[3] = 0.1, 6.0
    with pytest.raises(ForceError) as caught:
        force(u)
    assert caught.value.trajectory == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dynamical_matrix": None}, "give dynamical_matrix, stiffness or a step"),
        ({"dynamical_matrix": np.eye(2)}, r"dynamical matrix has shape \(2, 2\)"),
        ({"step": 0.0}, "step must be positive"),
        ({"stiffness": np.zeros((3, 3)), "dynamical_matrix": None}, "the stiffness at rest is zero"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(InputError, match=message):
        made(**options)


def test_positions_of_another_number_of_atoms():
    atoms = Atoms(("C",), np.array([0, 0, 0]), [12.0], [[0.0, 0.0, 0.0]])
    with pytest.raises(InputError, match=r"shapes \(2, 3, 3\) and \(2,\), not \(2, 1, 3\)"):
        remainder(placed(lambda x: (np.zeros((len(x), 3, 3)), np.zeros(len(x))), atoms), 3, step=1.0)
