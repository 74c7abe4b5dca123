"""What scripts of ASE users do: Hessians of ase.vibrations, masks, files, cells; and their slips, each told."""

import os

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.calculator import FileIOCalculator
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.vibrations import Vibrations
from ase_structures import EMT_PATH, gold_line, water

from sgle import Junction
from sgle.anharmonic import calculator as module
from sgle.anharmonic import from_spec, mass_weighted
from sgle.anharmonic.ase import displaced, from_calculator, moving_atoms, moving_dofs
from sgle.errors import InputError


class Filed(FileIOCalculator):
    """A calculator that talks to its program through a file: springs of 1 eV/Å² to where the atoms of `start` are."""

    implemented_properties = ("energy", "forces")

    def __init__(self, start=(), **options):
        super().__init__(command="true", **options)
        self.start = np.array(start)

    def write_input(self, atoms, properties=None, system_changes=None):
        super().write_input(atoms, properties, system_changes)
        np.savetxt(f"{self.directory}/places", atoms.positions)

    def execute(self):
        """The program."""

    def read_results(self):
        moved = np.loadtxt(f"{self.directory}/places", ndmin=2) - self.start
        self.results = {"energy": (moved**2).sum() / 2, "forces": -moved}


class Charged(EMT):
    """Reads the charge where such calculators do, in `info`."""

    def get_forces(self, atoms):
        return EMT.get_forces(self, atoms) * atoms.info["charge"]

    def get_potential_energy(self, atoms, force_consistent=False):
        return EMT.get_potential_energy(self, atoms) * atoms.info["charge"]


def line(**changes):
    atoms = gold_line().copy()
    for name, value in changes.items():
        setattr(atoms, name, value)
    return atoms


@pytest.fixture(scope="module")
def line_force():
    return from_calculator(EMT_PATH, line())


def test_from_vibrations_to_a_junction(tmp_path):
    """K from the Hessian of ase.vibrations has the energies of ase.vibrations and is that of the calculator."""
    atoms = line(calc=EMT())
    vibrations = Vibrations(atoms, name=str(tmp_path / "vib"), delta=0.003)
    vibrations.run()
    data = vibrations.get_vibrations()
    masses = atoms.get_masses()[data.get_indices()]
    k = mass_weighted(data.get_hessian(), masses)
    assert np.array_equal(k, mass_weighted(data.get_hessian_2d(), masses))
    assert np.allclose(np.sqrt(np.linalg.eigvalsh(k)), data.get_energies().real, rtol=1e-6)
    junction = Junction((k + k.T) / 2, {}, atoms=moving_atoms(atoms))
    force = from_calculator(atoms.calc, atoms, junction=junction)
    assert np.abs(force.stiffness - k).max() < 1e-3 * np.abs(k).max()
    with pytest.raises(InputError, match="K looks like eV/Å², not divided by the masses"):
        from_calculator(EMT_PATH, line(), junction=Junction(data.get_hessian_2d(), {}))


def test_a_stiffness_that_is_given_is_tried(line_force):
    k = line_force.stiffness
    again = from_calculator(EMT_PATH, line(), stiffness=k, junction=Junction(k, {}))
    assert np.array_equal(again.stiffness, k)
    unweighted = k / line_force.potential.place.scale**2
    for wrong, message in (
        (unweighted, "the one given looks like eV/Å², not divided by masses of about 197 amu"),
        (1e6 * k, "the one given looks like meV² in place of eV²"),
        (1.03 * k, r"The forces' is 0\.9708. times the one given"),
        (-k, "is -1 times"),
    ):
        with pytest.raises(InputError, match=message) as caught:
            from_calculator(EMT_PATH, line(), stiffness=wrong)
        assert caught.value.difference > 0


@pytest.mark.parametrize("shape", [(9, 8), (3, 3), (9,)])
def test_hessians_of_other_atoms(shape):
    with pytest.raises(InputError, match=r"hessian of 3 atoms must be \(9, 9\)"):
        mass_weighted(np.ones(shape), [1.0, 1.0, 1.0])


def test_held_atoms_may_be_counted_from_the_end():
    counted = line()
    counted.set_constraint(FixAtoms([0, 1, -2, -1]))
    assert moving_dofs(counted).tolist() == moving_dofs(gold_line()).tolist() == [2, 3, 4]


def test_masks_and_other_ways_to_say_what_moves():
    bare = line()
    bare.set_constraint()
    mask = [False, False, True, True, True, False, False]
    for moving in (mask, np.array(mask), np.array([2, 3, 4]), range(2, 5)):
        assert moving_dofs(bare, moving).tolist() == [2, 3, 4]
    pair = bare[:2]
    assert moving_dofs(pair, [True, False]).tolist() == [0]  # no indices 1, 0
    for moving in ([True, False, True], [2.0, 3.0], [[2, 3]], "Au", -1):
        with pytest.raises(InputError, match="moving atoms must be"):
            moving_dofs(bare, moving)
    with pytest.raises(InputError, match=r"must be an ase\.Atoms, not sgle\.junction\.Atoms"):
        from_calculator(EMT(), moving_atoms(bare))


def test_displacements_as_structures(line_force):
    u = np.random.default_rng(0).uniform(-1, 1, 9) * 20.0
    atoms = line()
    moved = displaced(atoms, u)
    assert np.array_equal(moved.positions, line_force.potential.place.places(u[None])[0])
    assert np.abs(moved.positions - atoms.positions)[2:5].max() > 0.05 and moved.constraints
    assert np.array_equal(atoms.positions, gold_line().positions)
    with pytest.raises(InputError, match=r"displacement must be \(9,\), as 3 atoms move, not \(6,\)"):
        displaced(atoms, u[:6])


def test_cells_and_atoms_beyond_their_walls():
    """Forces of a crystal, the same wherever the cell is cut."""
    crystal = bulk("Cu", cubic=True) * (2, 2, 2)
    moved = crystal.copy()
    moved.translate(-0.3 * crystal.cell.lengths())
    assert moved.pbc.all()
    forces = [from_calculator(EMT_PATH, atoms, moving=[0, 1]) for atoms in (crystal, moved)]
    moved.wrap()
    forces.append(from_calculator(EMT_PATH, moved, moving=[0, 1]))
    for force in forces[1:]:
        assert np.allclose(force.stiffness, forces[0].stiffness, rtol=0, atol=1e-9 * forces[0].stiffness.max())
    alone = crystal.copy()
    alone.pbc = False
    with pytest.raises(InputError, match="not at rest"):
        from_calculator(EMT_PATH, alone, moving=[0, 1])


def test_info_is_kept():
    charged = line(info={"charge": 2.0})
    single, double = from_calculator(Charged(), line(info={"charge": 1.0})), from_calculator(Charged(), charged)
    assert np.allclose(double.stiffness, 2 * single.stiffness)
    with pytest.raises(InputError, match="the structure holds in info or arrays what cannot be stored"):
        from_calculator(EMT_PATH, line(info={"charge": object()}))


@pytest.mark.parametrize("given", [None, EMT, gold_line, 3])
def test_what_is_no_calculator(given):
    with pytest.raises(InputError, match=r"is no ASE calculator: give `atoms\.calc`, an object such as EMT\(\)"):
        from_calculator(given, line())


def test_parameters_of_a_calculator_that_is_there():
    with pytest.raises(InputError, match="parameters are for an import path"):
        from_calculator(EMT(), line(), parameters={"asap_cutoff": True})


def test_a_module_that_python_does_not_find():
    with pytest.raises(InputError, match=r"No module named 'mine'\..* name its folder in PYTHONPATH"):
        from_calculator("mine:EMT", line())


def test_no_forces_at_all(line_force):
    class Flat(EMT):
        def get_forces(self, atoms):
            return np.zeros((len(atoms), 3))

    with pytest.raises(InputError, match="stiffness at rest is zero"):
        from_calculator(Flat(), line())
    with pytest.raises(InputError, match="The forces' is 0 times the one given"):
        from_calculator(Flat(), line(), stiffness=line_force.stiffness)


def test_calculators_with_files_have_a_folder_for_each_process(tmp_path, monkeypatch):
    """So that two workers, or a run and another, do not read each other's results."""
    atoms = water()
    parameters = {"directory": str(tmp_path / "dft"), "start": atoms.positions.tolist()}
    made = from_calculator(f"{__name__}:Filed", atoms, parameters=parameters)
    assert (tmp_path / "dft" / f"process-{os.getpid()}" / "places").exists()
    assert os.listdir(tmp_path / "dft") == [f"process-{os.getpid()}"]
    monkeypatch.setattr(os, "getpid", lambda: 77)
    again = from_spec(made.spec)
    u = np.full((1, 9), 0.1)
    assert np.array_equal(again(u)[0], made(u)[0]) and (tmp_path / "dft" / "process-77").exists()


@pytest.mark.parametrize(("worker", "where"), [(None, "own"), (object(), "own/process-")])
def test_a_calculator_that_is_given_keeps_its_folder_here(tmp_path, monkeypatch, worker, where):
    """And has its own where it was sent to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "parent_process", lambda: worker)
    calculator = Filed(start=water().positions, directory="own")
    from_calculator(calculator, water())
    assert str(calculator.directory).startswith(where) and (str(calculator.directory) == where) == (worker is None)


def test_what_is_printed_is_short(line_force):
    assert repr(line_force) == "Remainder(calculator, 9 dofs)"
    assert repr(from_calculator(EMT(), line())) == "Remainder(Placed, 9 dofs)"
