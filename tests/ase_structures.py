"""Structures at rest under EMT, for tests of forces from ASE. Import after pytest.importorskip("ase")."""

from functools import lru_cache

from ase import Atoms
from ase.build import molecule
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.optimize import BFGS

EMT_PATH = "ase.calculators.emt:EMT"


def relaxed(atoms, force):
    """The same atoms at rest under EMT, without calculator."""
    atoms.calc = EMT()
    BFGS(atoms, logfile=None).run(fmax=force)
    atoms.calc = None
    return atoms


@lru_cache
def water():
    return relaxed(molecule("H2O"), 1e-6)


@lru_cache
def gold_line(spacing=2.51):
    """Seven gold atoms in a row along z, the outer two of each end held; a little tension keeps it straight."""
    atoms = Atoms("Au7", [[0.0, 0.0, spacing * k] for k in range(7)], constraint=FixAtoms([0, 1, 5, 6]))
    return relaxed(atoms, 1e-8)
