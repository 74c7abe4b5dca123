"""Linear coordinates q = C u for forces of models: single dofs and bonds between two of them.

    sites: q = x_k        bonds: q = x_j - x_i, the elongation        x = scale · u

In a dimensionless model x = u. With `scale` = sgle.anharmonic.angstroms(masses) x and q are in Å, and coefficients in
eV/Å³ and the like belong to them.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from sgle.check import array, dof_tuple
from sgle.errors import InputError
from sgle.units import ANGSTROM_AMU

Array = np.ndarray


def angstroms(masses: Any) -> Array:
    """Å per internal displacement ħ/√eV of dofs with these masses [amu], of the same shape."""
    given = array(masses, "masses")
    if np.iscomplexobj(given) or not np.all(np.isfinite(given)) or np.any(given <= 0):
        raise InputError(f"masses must be positive, in amu, not {masses!r:.60}")
    return ANGSTROM_AMU / np.sqrt(given)


def mass_weighted(hessian: Any, masses: Any) -> Array:
    """Dynamical matrix [eV²], (3n, 3n), from second derivatives of the energy by positions [eV/Å²].

    hessian : (3n, 3n), or (n, 3, n, 3) as `get_hessian` of ase.vibrations gives it, of the n atoms that move.
    masses : theirs, (n,) [amu].    Raises InputError.
    """
    scale = np.repeat(angstroms(masses), 3)
    given, size = array(hessian, "hessian"), len(scale)
    if given.shape not in ((size, size), (size // 3, 3, size // 3, 3)):
        raise InputError(f"hessian of {size // 3} atoms must be ({size}, {size}), not {given.shape}", shape=given.shape)
    matrix: Array = scale[:, None] * given.reshape(size, size) * scale
    return matrix


def sites(size: int, dofs: Any = None, scale: Any = 1.0) -> Array:
    """C of q = x_k, (n, N).    size : N.    dofs : k, (n,); None takes all.    scale : x over u, one or (N,)."""
    chosen = range(size) if dofs is None else dof_tuple(dofs)
    return bonds(size, [(None, dof) for dof in chosen], scale)


def bonds(size: int, pairs: Iterable[Sequence[int | None]], scale: Any = 1.0) -> Array:
    """C of q = x_j - x_i for pairs (i, j) of dofs, (n, N); None in place of a dof is a wall that does not move.

    size : N.    scale : x over u, one or (N,).    Raises InputError: dofs out of range, a bond of a dof to itself.
    """
    factors = np.broadcast_to(array(scale, "scale"), (size,))
    listed = [tuple(pair) for pair in pairs]
    matrix = np.zeros((len(listed), size))
    for row, pair in zip(matrix, listed, strict=True):
        if len(pair) != 2 or pair[0] == pair[1]:
            raise InputError(f"a bond joins two different dofs, or one and None, a wall; not {pair!r:.60}")
        for dof, sign in zip(pair, (-1.0, 1.0), strict=True):
            if dof is not None:
                row[_checked(dof, size)] = sign * factors[_checked(dof, size)]
    return matrix


def _checked(dof: Any, size: int) -> int:
    if isinstance(dof, bool) or not isinstance(dof, int | np.integer) or not 0 <= dof < size:
        raise InputError(f"dof {dof!r:.40} is none of 0..{size - 1}", dof=dof, size=size)
    return int(dof)
