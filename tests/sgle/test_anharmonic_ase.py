"""ASE: its road to a force is the built-in one, EMT gold is accepted, and what goes wrong is told with numbers."""

import json
import pickle
import subprocess
import sys
from functools import lru_cache

import ase
import numpy as np
import pytest
from ase.build import molecule
from ase.calculators.calculator import Calculator
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms, FixBondLength
from ase.io.jsonio import decode
from ase.optimize import BFGS
from ase_structures import EMT_PATH, relaxed, water

from sgle import Atoms, Junction
from sgle.anharmonic import from_spec, morse_between, polynomial, sites
from sgle.anharmonic.ase import as_ase, as_structure, from_calculator, moving_atoms, read_structure
from sgle.anharmonic.calculator import make
from sgle.errors import FileError, ForceError, InputError, UnboundedWarning
from sgle.models import gold_chain
from sgle.models.gold import sutton_chen
from sgle.models.gold.anharmonic import gold_chain_atoms, gold_chain_following, gold_chain_force
from sgle.units import ANGSTROM_AMU


class SharpSuttonChen(Calculator):
    """The plain functions of sgle.models.gold.sutton_chen as a calculator of all atoms."""

    implemented_properties = ("energy", "forces")

    def calculate(self, atoms=None, properties=None, system_changes=()):
        super().calculate(atoms, properties, system_changes)
        self.results = {
            "energy": sutton_chen.energy(atoms.positions),
            "forces": sutton_chen.forces(atoms.positions),
        }


class Batched(EMT):
    """EMT with the method for many trajectories."""

    def sgle_batch(self, positions, atoms):
        forces, energies = [], []
        for places in positions:
            atoms.positions = places
            forces.append(self.get_forces(atoms))
            energies.append(self.get_potential_energy(atoms))
        return np.array(forces), np.array(energies)


class Faulty(EMT):
    """EMT with a fault where the first atom is beyond z = 5 Å."""

    def __init__(self, fault="raise"):
        super().__init__()
        self.fault = fault

    def get_forces(self, atoms):
        forces = EMT.get_forces(self, atoms)
        if self.fault == "shape":
            return forces[:1]
        if atoms.positions[0, 2] < 5.0:
            return forces
        if self.fault == "raise":
            raise RuntimeError("SCF did not converge")
        return np.full(forces.shape, np.nan)


class Energies(Calculator):
    """No forces."""

    implemented_properties = ("energy",)

    def calculate(self, atoms=None, properties=None, system_changes=()):
        self.results = {"energy": 0.0}


@lru_cache
def water_force():
    return from_calculator(EMT_PATH, water())


@lru_cache
def emt_chain():
    """Three gold atoms, relaxed by EMT between frozen bases and what of the surfaces they feel."""
    atoms = as_structure(gold_chain_atoms(bases=False))
    distance = np.linalg.norm(atoms.positions[:, None] - atoms.positions[:3], axis=2).min(axis=1)
    return relaxed(atoms[np.flatnonzero(distance < 6.0)], 1e-4)


@lru_cache
def emt_chain_force():
    return from_calculator(EMT_PATH, emt_chain())


def gold_junction(bases):
    force, atoms = gold_chain_force(bases=bases, elastic=False), gold_chain_atoms(bases=bases)
    return Junction(force.stiffness, {}, atoms=atoms, anharmonic=force)


def places(force, size=0.05, trajectories=6):
    """Random displacements of `size` Å, (R, N)."""
    return size / force.potential.place.scale * np.random.default_rng(0).uniform(-1, 1, (trajectories, force.size))


@pytest.mark.parametrize("bases", [True, False])
def test_the_road_through_ase_is_the_built_in_one(bases):
    """Positions, ASE and back again: the same forces to rounding."""
    junction = gold_junction(bases)
    structure = as_ase(junction)
    force = from_calculator(structure.calc, structure, junction=junction, stiffness=junction.dynamical_matrix)
    u = places(force, 0.3)
    for found, expected in zip(force(u), junction.anharmonic(u), strict=True):
        assert np.abs(found - expected).max() < 1e-12 * max(1.0, np.abs(expected).max())
    assert force.spec is None


def test_all_atoms_through_ase_against_the_built_in_force():
    """An independent calculator, the stiffness by differences of its forces."""
    built_in, atoms = gold_chain_force(bases=False, elastic=False), gold_chain_atoms(bases=False)
    near = np.flatnonzero(np.linalg.norm(atoms.positions[:, None] - atoms.positions[:3], axis=2).min(axis=1) < 9.0)
    structure = as_structure(atoms)[near]
    junction = Junction(built_in.stiffness, {})
    force = from_calculator(SharpSuttonChen(), structure, junction=junction)
    u = places(force, 0.02)
    assert np.abs(force.stiffness - built_in.stiffness).max() < 1e-6 * np.abs(built_in.stiffness).max()
    largest = np.abs(built_in(u)[0] - u @ built_in.stiffness).max()
    assert np.abs(force(u)[0] - built_in(u)[0]).max() < 1e-6 * largest


def test_electrodes_that_follow():
    """Forces and stiffness of V(u, G u); against K + Π(0) of lattice baths, and not without following."""
    atoms, following = gold_chain_atoms(bases=False), gold_chain_following(bases=False)
    near = np.flatnonzero(np.linalg.norm(atoms.positions[:, None] - atoms.positions[:3], axis=2).min(axis=1) < 7.5)
    structure, motion = as_structure(atoms)[near], following[(3 * near[:, None] + np.arange(3)).ravel()]
    junction = gold_chain(bases=False)
    force = from_calculator(SharpSuttonChen(), structure, following=motion, junction=junction, tolerance=0.2)
    scale = force.potential.place.scale
    expected = scale[:, None] * (motion.T @ sutton_chen.hessian(structure.positions) @ motion) * scale
    assert np.abs(force.stiffness - expected).max() < 1e-5 * np.abs(expected).max()
    again = pickle.loads(pickle.dumps(force))
    assert np.array_equal(again(places(force))[0], force(places(force))[0])
    with pytest.warns(UnboundedWarning, match="Let the electrodes of the potential follow"):
        from_calculator(SharpSuttonChen(), structure, junction=junction, stiffness=junction.dynamical_matrix)
    for wrong, message in ((motion[:-1], "following must be"), (2 * motion, "rows of moving atoms")):
        with pytest.raises(InputError, match=message):
            from_calculator(SharpSuttonChen(), structure, following=wrong)


def test_following_is_stored():
    """The hydrogen atoms move, oxygen goes halfway with both."""
    motion = np.zeros((3, 3, 2, 3))
    motion[1, :, 0], motion[2, :, 1] = np.eye(3), np.eye(3)
    motion[0] = 0.5 * np.eye(3)[:, None]
    force = from_calculator(EMT_PATH, water(), moving=[1, 2], following=motion.reshape(9, 6))
    u = places(force)
    assert np.array_equal(from_spec(force.spec)(u)[0], force(u)[0])
    stay = from_calculator(EMT_PATH, water(), moving=[1, 2])
    assert np.abs(stay(u)[0] - force(u)[0]).max() > 1e-4


def test_emt_gold_chain():
    force = emt_chain_force()
    k = force.stiffness
    assert 0 < np.linalg.eigvalsh(k)[0] and 0.010 < np.sqrt(np.linalg.eigvalsh(k)[-1]) < 0.020  # eV
    atoms = moving_atoms(emt_chain())
    junction = Junction(k, {}, atoms=atoms, anharmonic=force)
    again = from_calculator(EMT(), emt_chain(), junction=junction)
    assert np.array_equal(again(places(force))[0], force(places(force))[0])


@pytest.mark.parametrize(
    ("factor", "message"),
    [
        (96.4853, "K looks like kJ/mol in place of eV"),
        (1e6, "K looks like meV² in place of eV²"),
        (196.966570 / ANGSTROM_AMU**2, "K looks like eV/Å², not divided by the masses"),
        (1.03, r"it is 0\.97087 times K throughout"),
    ],
)
def test_emt_gold_chain_and_a_matrix_in_other_units(factor, message):
    junction = Junction(factor * emt_chain_force().stiffness, {})
    with pytest.raises(InputError, match=message):
        from_calculator(EMT_PATH, emt_chain(), junction=junction)


def test_not_relaxed():
    with pytest.raises(InputError, match=r"not at rest: the force on atom \d is .* eV/Å, more than 0\.02") as caught:
        from_calculator(EMT_PATH, molecule("H2O"))
    forces = molecule("H2O")
    forces.calc = EMT()
    assert caught.value.force == pytest.approx(np.linalg.norm(forces.get_forces(), axis=1).max())


def test_masses_and_units():
    """Force on an atom in eV/Å from the force on its dofs; the frequencies of the calculator from the stiffness."""
    force, atoms = water_force(), water().copy()
    u = places(force, 0.02, 1)
    scale = ANGSTROM_AMU / np.sqrt(np.repeat(atoms.get_masses(), 3))
    atoms.positions += (u[0] * scale).reshape(-1, 3)
    atoms.calc = EMT()
    expected = atoms.get_forces().ravel()
    found = (force(u)[0] - u @ force.stiffness + force.rest_force)[0] / scale
    assert np.abs(found - expected).max() < 1e-12 * np.abs(expected).max()
    heavy = water().copy()
    heavy.set_masses([16.0, 2.0, 2.0])
    ratio = from_calculator(EMT_PATH, heavy).stiffness[5, 5] / force.stiffness[5, 5]
    assert ratio == pytest.approx(atoms.get_masses()[1] / 2.0, rel=1e-6)


def test_what_moves():
    frozen = water().copy()
    frozen.set_constraint(FixAtoms([0]))
    force = from_calculator(EMT_PATH, frozen)
    keep = np.arange(3, 9)
    assert np.allclose(force.stiffness, water_force().stiffness[np.ix_(keep, keep)], atol=1e-9)
    turned = from_calculator(EMT_PATH, water(), moving=[2, 1])
    swap = [3, 4, 5, 0, 1, 2]
    assert np.allclose(turned.stiffness, force.stiffness[np.ix_(swap, swap)], atol=1e-9)
    assert moving_atoms(frozen).symbols == ("H", "H")
    assert not decode(force.spec["structure"]).constraints  # some calculators would leave out their forces
    bond = water().copy()
    bond.set_constraint(FixBondLength(0, 1))
    with pytest.raises(InputError, match="FixBondLength"):
        from_calculator(EMT_PATH, bond)
    for moving, message in (([0], "is to move and is held"), ([3], r"0\.\.2"), ([1, 1], "different"), ([], "at least")):
        with pytest.raises(InputError, match=message):
            from_calculator(EMT_PATH, frozen, moving=moving)


def test_steps_are_in_ångströms():
    class Recorder(EMT):
        seen = ()

        def get_forces(self, atoms):
            self.seen = (*self.seen, np.abs(atoms.positions - water().positions).max())
            return EMT.get_forces(self, atoms)

    calculator = Recorder()
    from_calculator(calculator, water(), step=0.003)
    assert (
        sum(np.isclose(calculator.seen, 0.006, rtol=1e-9)) == sum(np.isclose(calculator.seen, 0.003, rtol=1e-9)) == 18
    )


def test_another_junction():
    k = water_force().stiffness

    def given(**changes):
        atoms = {"symbols": ("O", "H", "H"), "masses": water().get_masses(), "positions": water().positions + 3.0}
        return Junction(k, {}, atoms=Atoms(dof_atom=np.repeat([0, 1, 2], 3), **(atoms | changes)))

    assert from_calculator(EMT_PATH, water(), junction=given()).size == 9
    cases = (
        (Junction(np.eye(6), {}), "3 atoms move, which makes 9 dofs; the junction has 6"),
        (given(symbols=("O", "H", "C")), "moving atom 2 is H in the structure, C in the junction"),
        (given(masses=[16.0, 1.0, 2.0]), "moving atom 2: its mass is"),
        (given(positions=water().positions[[0, 2, 1]]), "moving atom 1: its place"),
    )
    for junction, message in cases:
        with pytest.raises(InputError, match=message):
            from_calculator(EMT_PATH, water(), junction=junction)


def test_batched_calculators():
    force = from_calculator(Batched(), water())
    u = places(force)
    assert np.array_equal(force(u)[0], water_force()(u)[0])
    assert np.array_equal(force(u)[1], water_force()(u)[1])


def test_trajectories_do_not_feel_the_batch():
    force = emt_chain_force()
    u = places(force)
    pulled = force(u)[0]
    for batch in ([3], [5, 0, 2]):
        assert np.array_equal(force(u[batch])[0], pulled[batch])


@pytest.mark.parametrize(
    ("fault", "message"), [("raise", "Faulty failed: RuntimeError: SCF did not converge"), ("nan", "not finite")]
)
def test_a_calculator_that_fails_on_the_way(fault, message):
    force = from_calculator(Faulty(fault), water())
    u = places(force)
    good = force(u)[0]
    lost = u.copy()
    lost[0], lost[4, 2] = 0.0, 6.0 / force.potential.place.scale[2]
    with pytest.raises(ForceError, match=message) as caught:
        force(lost)
    assert caught.value.trajectory == 4
    assert np.array_equal(force(u)[0], good)  # and it goes on


def test_calculators_that_cannot_do_it():
    with pytest.raises(ForceError, match="Energies offers no forces or no energy") as caught:
        from_calculator(Energies(), water())
    assert caught.value.trajectory == 0
    with pytest.raises(ForceError, match=r"Faulty gives forces of shape \(1, 3\) for 3 atoms"):
        from_calculator(Faulty("shape"), water())
    with pytest.raises(ForceError, match="No EMT-potential for Fe"):
        from_calculator(EMT_PATH, ase.Atoms("Fe2", [[0, 0, 0], [0, 0, 2.0]]))


@pytest.mark.parametrize(
    ("path", "parameters", "message"),
    [
        ("EMT", {}, 'is written "module:Class"'),
        ("os:system", {}, "is no ASE calculator"),
        ("ase.calculators.emt:ETM", {}, "cannot be imported"),
        ("no.such.module:EMT", {}, "cannot be imported"),
        ("a b:c", {}, 'is written "module:Class"'),
        ("ase.build:molecule", {"name": "H2O"}, "is no ASE calculator"),
        ("ase.calculators.tip3p:TIP3P", {"cutoff": 5.0}, "cannot be made with .*TypeError"),
    ],
)
def test_import_paths(path, parameters, message):
    with pytest.raises(InputError, match=message):
        make(path, parameters)


def test_parameters_must_be_plain():
    with pytest.raises(InputError, match="texts, numbers, lists and tables"):
        from_calculator(EMT_PATH, water(), parameters={"x": np.zeros(3)})


def test_made_again():
    """From its spec and in another process; nothing is computed for that, and ase is not asked for until a force is."""
    force, u = water_force(), places(water_force())
    assert json.loads(force.spec["parameters"]) == {}
    for again in (from_spec(force.spec), pickle.loads(pickle.dumps(force))):
        assert np.array_equal(again(u)[0], force(u)[0])
        assert np.array_equal(again.stiffness, force.stiffness)
    code = (
        "import sys; sys.modules['ase'] = None\n"
        "import pickle; import numpy as np; from sgle.anharmonic import from_spec\n"
        "spec = pickle.load(sys.stdin.buffer); force = from_spec(spec); force(np.zeros((1, 9)))\n"
        "try: force(np.ones((1, 9)))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
        "try: import sgle.anharmonic.ase\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(force.spec), capture_output=True, timeout=60)
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 2 and all(line.startswith("InputError") and "sgle[ase]" in line for line in lines), done.stderr


def test_structures_from_files(tmp_path):
    path = tmp_path / "water.json"
    frozen = water().copy()
    frozen.set_constraint(FixAtoms([0]))
    frozen.write(path)
    assert np.array_equal(read_structure(path).positions, frozen.positions)
    assert from_calculator(EMT_PATH, read_structure(path)).size == 6
    with pytest.raises(FileError, match="no structure can be read"):
        read_structure(tmp_path / "missing.xyz")


def test_a_junction_in_ase():
    """Its own potential: relaxing goes home, and forces are the slope of the energy."""
    positions = np.array([[0.0, 0, 0], [1.2, 0, 0], [-2, 0, 0]])
    atoms = Atoms(("C", "O", "Au"), np.repeat([0, 1], 3), np.array([12.0, 16.0, 197.0]), positions)
    force = morse_between(atoms, [(0, 1), (0, 2)], [3.0, 1.0], 1.9)
    k = force.stiffness + 1e-4 * np.eye(6)
    structure = as_ase(Junction(k, {}, atoms=atoms, anharmonic=force))
    assert structure.constraints[0].index.tolist() == [2]
    assert structure.get_potential_energy() == 0.0 and not structure.get_forces().any()
    structure.positions[1] += [0.3, 0.1, -0.2]
    forces, energy = structure.get_forces(), structure.get_potential_energy()
    direction, step = np.random.default_rng(0).standard_normal((2, 3)), 1e-4
    sides = []
    for sign in (1, -1):
        moved = structure.copy()
        moved.calc = structure.calc
        moved.positions[:2] += sign * step * direction
        sides.append(moved.get_potential_energy())
    assert (sides[1] - sides[0]) / (2 * step) == pytest.approx((forces[:2] * direction).sum(), rel=1e-6)
    BFGS(structure, logfile=None).run(fmax=1e-6, steps=300)
    assert structure.get_potential_energy() < 1e-9 < energy
    structure.set_constraint()
    structure.positions[2] += 0.1
    with pytest.raises(InputError, match=r"without dofs has been moved by 0\.1"):
        structure.get_forces()


def test_a_junction_without_atoms():
    with pytest.raises(InputError, match="does not know its atoms"):
        as_ase(Junction(np.eye(3), {}, anharmonic=polynomial(sites(3), quartic=1.0)))
