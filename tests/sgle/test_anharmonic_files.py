"""Anharmonic forces in junction.h5: made again exactly, part of the digest, readable where they cannot be made."""

import h5py
import numpy as np
import pytest
from ase.build import molecule
from ase.calculators.emt import EMT
from ase.optimize import BFGS

from sgle import Atoms, Junction, baths
from sgle.anharmonic import bonds, lennard_jones, morse, morse_between, polynomial, remainder, sites, sum_of
from sgle.anharmonic.ase import from_calculator, moving_atoms
from sgle.errors import FileError, ForceError
from sgle.files.junction_file import digest, load_junction, read_junction, save_junction
from sgle.models.gold.anharmonic import gold_chain_force

ATOMS = Atoms(("C", "O"), np.repeat([0, 1], 3), np.array([12.0, 16.0]), np.array([[0.0, 0, 0], [1.2, 0, 0]]))
SPRINGS = np.diag([0.5, 0.4])


def custom(strength=1.0):
    """A force of a function, which no file can hold."""
    return remainder(
        lambda u: (-u @ SPRINGS - strength * u**3, ((u @ SPRINGS) * u / 2 + strength * u**4 / 4).sum(axis=1)),
        2,
        dynamical_matrix=SPRINGS,
    )


FORCES = {
    "polynomial": lambda: polynomial(bonds(2, [(0, 1), (None, 0)]), cubic=[0.1, 0.2], quartic=0.3),
    "morse": lambda: morse(sites(2), 0.3, 0.1),
    "lennard-jones": lambda: lennard_jones(sites(2), 0.3, [1.5, 2.5]),
    "in space": lambda: morse_between(ATOMS, [(0, 1)], 3.0, 1.9),
    "gold": lambda: gold_chain_force(bases=False),
    "sum": lambda: sum_of(
        morse(sites(2), 0.3, 0.1), sum_of(polynomial(sites(2), quartic=0.1), morse(sites(2), 0.1, 0.2))
    ),
}


def junction(force, atoms=None, matrix=None):
    matrix = np.eye(force.size) if matrix is None else matrix
    return Junction(matrix, {"L": baths.drude(0.1, 2.0, 0.3, 0)}, atoms=atoms, anharmonic=force)


def stored(tmp_path, before):
    save_junction(tmp_path / "junction.h5", before)
    return load_junction(tmp_path / "junction.h5")


@pytest.mark.parametrize("name", FORCES)
def test_round_trip(name, tmp_path):
    before = junction(FORCES[name]())
    after = stored(tmp_path, before)
    assert digest(after) == digest(before) != digest(before.harmonic)
    u = 0.1 * np.random.default_rng(0).standard_normal((3, before.size))
    for found, expected in zip(after.anharmonic(u), before.anharmonic(u), strict=True):
        assert np.array_equal(found, expected)


def test_a_calculator(tmp_path):
    atoms = molecule("H2O")
    atoms.calc = EMT()
    BFGS(atoms, logfile=None).run(fmax=1e-6)
    force = from_calculator("ase.calculators.emt:EMT", atoms)
    before = junction(force, moving_atoms(atoms), force.stiffness)
    after = stored(tmp_path, before)
    u = np.random.default_rng(0).standard_normal((3, 9))
    assert digest(after) == digest(before)
    assert np.array_equal(after.anharmonic(u)[0], force(u)[0])
    # What the calculator finds differs in its last digits from time to time; what is asked of it does not.
    again = from_calculator("ase.calculators.emt:EMT", atoms, stiffness=force.stiffness * (1 + 1e-9))
    assert digest(junction(again, moving_atoms(atoms), force.stiffness)) == digest(before)
    other = from_calculator("ase.calculators.emt:EMT", atoms, parameters={"asap_cutoff": True}, largest_force=5.0)
    assert digest(junction(other, moving_atoms(atoms), force.stiffness)) != digest(before)


def test_digest_tells_forces_apart():
    forces = [
        polynomial(sites(2), quartic=0.1),
        polynomial(sites(2), cubic=0.1),
        polynomial(sites(2), quartic=np.nextafter(0.1, 1)),
        polynomial(bonds(2, [(0, 1)]), quartic=0.1),
        morse(sites(2), 0.1, 0.2),
        lennard_jones(sites(2), 0.1, 0.2),
        sum_of(morse(sites(2), 0.1, 0.2)),
        custom(),
        custom(1.1),
        custom(10.0),
    ]
    digests = [digest(junction(force)) for force in forces]
    assert len(set(digests)) == len(forces)
    assert digest(junction(custom())) == digest(junction(custom()))


def test_a_force_that_no_file_can_hold(tmp_path):
    """The file is read, the junction answers in the frequency domain, and trajectories are told what to do."""
    before = junction(custom())
    after = stored(tmp_path, before)
    assert digest(after) == digest(before)
    assert np.array_equal(after.anharmonic(np.zeros((2, 2)))[0], np.zeros((2, 2)))
    with pytest.raises(ForceError, match="with_anharmonic") as caught:
        after.anharmonic(np.array([[0.0, 0.0], [0.1, 0.0]]))
    assert caught.value.trajectory == 1
    assert digest(after.with_anharmonic(custom())) == digest(before)


def test_every_dataset_is_labelled(tmp_path):
    for name, make in FORCES.items():
        path = tmp_path / f"{name}.h5"
        save_junction(path, junction(make()))
        bare = []

        def visit(where, item, bare=bare):
            if isinstance(item, h5py.Dataset) and not (item.attrs.get("units") and item.attrs.get("description")):
                bare.append(where)
            elif isinstance(item, h5py.Dataset) and "parameter of the constructor" in item.attrs["description"]:
                bare.append(where)

        with h5py.File(path) as file:
            file["anharmonic"].visititems(visit)
            assert file.attrs["version"] == 3
        assert bare == []


def test_harmonic_files_stay_as_they_were(tmp_path):
    path = tmp_path / "junction.h5"
    save_junction(path, junction(custom()).harmonic)
    with h5py.File(path) as file:
        assert file.attrs["version"] == 2 and "anharmonic" not in file
    assert load_junction(path).anharmonic is None


def test_damage_is_found(tmp_path):
    path = tmp_path / "junction.h5"
    save_junction(path, junction(FORCES["morse"]()))
    with h5py.File(path, "r+") as file:
        file["anharmonic/depth"][0] = 0.4
        with pytest.raises(FileError, match="checksum"):
            read_junction(file)
        del file["anharmonic"]
        with pytest.raises(FileError, match="checksum"):
            read_junction(file)
    with h5py.File(path, "r+") as file:
        group = file.create_group("anharmonic")
        group["kind"] = "spring"
        group["kind"].attrs["type"] = "text"
    with pytest.raises(FileError):
        load_junction(path)
