"""Structures at rest under EMT, junctions of a line of gold atoms, and a built-in potential fitted to EMT.

For tests and benchmarks of forces from ASE; import after pytest.importorskip("ase").
"""

from functools import lru_cache

import numpy as np
from ase import Atoms
from ase.build import molecule
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.optimize import BFGS

import sgle
from sgle.anharmonic import polynomial
from sgle.anharmonic.ase import from_calculator, moving_atoms
from sgle.units import kelvin

EMT_PATH = "ase.calculators.emt:EMT"
FRICTION, CUTOFF = 5e-3, 0.06  # [eV] of the baths at the ends of the line; its vibrations end at 15.6 meV
ALONG = [2, 5, 8]  # dofs along the line
ACROSS = [0, 1, 3, 4, 6, 7]


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


@lru_cache
def line_force():
    """EMT of that line, through ASE."""
    return from_calculator(EMT_PATH, gold_line())


def line_junction(left, right, across=None):
    """The line between classical baths of `left` and `right` K at its ends, in all directions.

    across : K of a bath of all motion across, that of the ends then acts along the line alone.
    """
    dofs = {"L": [0, 1, 2], "R": [6, 7, 8]} if across is None else {"L": [2], "R": [8], "across": ACROSS}
    hot = {"L": left, "R": right, "across": across}
    baths = {
        name: sgle.baths.drude(FRICTION * np.eye(len(on)), CUTOFF, kelvin(hot[name]), on) for name, on in dofs.items()
    }
    force = line_force()
    whole = sgle.Junction(force.stiffness, baths, atoms=moving_atoms(gold_line()), anharmonic=force)
    return whole.without("quantum_noise")


def thermal(temperature, dofs, count, seed):
    """Displacements (count, 9) of these dofs alone at a temperature [K], if K were all."""
    stiffness = line_force().stiffness[np.ix_(dofs, dofs)]
    spread = np.linalg.cholesky(kelvin(temperature) * np.linalg.inv(stiffness))
    u = np.zeros((count, 9))
    u[:, dofs] = np.random.default_rng(seed).standard_normal((count, len(dofs))) @ spread.T
    return u


def fitted(temperature, dofs, forms, count):
    """A polynomial of third and fourth order in these dofs with the forces of EMT at `count` thermal displacements.

    Cubes and fourth powers of enough random linear forms span all cubics and quartics.    Returns the force and its
    root mean square error relative to the anharmonic forces, at displacements that it was not fitted to.
    """
    coordinates = np.zeros((forms, 9))
    coordinates[:, dofs] = np.random.default_rng(1).standard_normal((forms, len(dofs)))
    u, fresh = thermal(temperature, dofs, count, 2), thermal(temperature, dofs, 200, 3)
    q = u @ coordinates.T
    unit = np.sqrt(np.mean(q**2))
    powers = np.concatenate([(q / unit) ** 2, (q / unit) ** 3], axis=1)[:, :, None]
    design = -(powers * np.tile(coordinates[:, dofs], (2, 1))).transpose(0, 2, 1).reshape(-1, 2 * forms)
    found = np.linalg.lstsq(design, line_force()(u)[0][:, dofs].ravel(), rcond=1e-8)[0]
    force = polynomial(coordinates, cubic=found[:forms] / unit**2, quartic=found[forms:] / unit**3)
    wanted = line_force()(fresh)[0][:, dofs]
    return force, np.sqrt(np.mean((force(fresh)[0][:, dofs] - wanted) ** 2) / np.mean(wanted**2))
