"""Anharmonic forces: each constructor returns an object that keeps the contract in `contract`.

Models: `polynomial`, `morse`, `lennard_jones` along `sites` and `bonds`. Atoms in space: `morse_between`,
`lennard_jones_between`, sgle.models.gold.anharmonic for gold, and any potential through `remainder` and `placed`, or
any ASE calculator (sgle.anharmonic.ase). `sum_of` adds forces.
"""

from sgle.anharmonic.between import lennard_jones_between, morse_between
from sgle.anharmonic.cartesian import placed
from sgle.anharmonic.combined import sum_of
from sgle.anharmonic.contract import Anharmonic
from sgle.anharmonic.coordinates import angstroms, bonds, mass_weighted, sites
from sgle.anharmonic.linear import lennard_jones, morse, polynomial
from sgle.anharmonic.remainder import OneByOne, remainder
from sgle.anharmonic.spec import from_spec
from sgle.anharmonic.static import require_bounded

__all__ = [
    "Anharmonic",
    "OneByOne",
    "angstroms",
    "bonds",
    "from_spec",
    "lennard_jones",
    "lennard_jones_between",
    "mass_weighted",
    "morse",
    "morse_between",
    "placed",
    "polynomial",
    "remainder",
    "require_bounded",
    "sites",
    "sum_of",
]
