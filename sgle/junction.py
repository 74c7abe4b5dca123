"""Junction: the system's dynamical matrix, its baths by name and what is needed to speak of atoms (physics.md 2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np

from sgle.anharmonic.contract import Anharmonic, require_fitting
from sgle.bath import Bath
from sgle.check import array
from sgle.errors import JunctionError

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Atoms:
    """Names and places behind the dofs.

    symbols : n_atoms strings.    dof_atom : (N,) index of the atom each dof belongs to.
    masses : (n_atoms,) [amu] or None if unknown.    positions : (n_atoms, 3) [Å] or None if unknown.
    """

    symbols: tuple[str, ...]
    dof_atom: Array
    masses: Array | None = None
    positions: Array | None = None

    def __post_init__(self) -> None:
        count = len(self.symbols)
        object.__setattr__(self, "symbols", tuple(self.symbols))
        object.__setattr__(self, "dof_atom", np.asarray(self.dof_atom, dtype=int))
        if np.any(self.dof_atom < 0) or np.any(self.dof_atom >= count):
            raise JunctionError(f"dof_atom must lie in 0..{count - 1}, it reaches {self.dof_atom.max()}")
        for name, shape in (("masses", (count,)), ("positions", (count, 3))):
            value = getattr(self, name)
            if value is None:
                continue
            value = np.asarray(value, dtype=float)
            if value.shape != shape or not np.all(np.isfinite(value)):
                raise JunctionError(f"{name} must be finite, of shape {shape}, not {value.shape}", shape=value.shape)
            object.__setattr__(self, name, value)

    def per_atom(self, values: Array, axis: int = -1) -> Array:
        """Sum values over the dofs of each atom, (..., N) -> (..., n_atoms)."""
        membership = np.eye(len(self.symbols))[self.dof_atom]
        return np.moveaxis(np.tensordot(np.asarray(values), membership, axes=(axis, 0)), -1, axis)


class Junction:
    """ü = -K u + F_anh(u) + baths. Immutable; checked once, here.

    dynamical_matrix : (N, N) real symmetric K [eV²].    baths : {"L": bath, ...}, each acting on its own dofs,
    independent.
    atoms : optional Atoms.    anharmonic : optional force beyond K, felt by trajectories alone (sgle.anharmonic).
    Raises JunctionError: not square, not symmetric within 1e-10, NaN, dofs out of range.
    K with negative eigenvalues is accepted: whether the whole is stable is asked before every answer (sgle.stability).
    """

    def __init__(
        self,
        dynamical_matrix: Any,
        baths: Mapping[str, Bath],
        *,
        atoms: Atoms | None = None,
        anharmonic: Anharmonic | None = None,
    ) -> None:
        self.dynamical_matrix = _checked_matrix(dynamical_matrix)
        self.baths: Mapping[str, Bath] = MappingProxyType(dict(baths))
        self.atoms = atoms
        self.anharmonic = anharmonic
        for name, bath in self.baths.items():
            if not isinstance(bath, Bath):
                raise JunctionError(f"bath {name!r} must come from a constructor in sgle.baths, not {bath!r:.60}")
            if max(bath.dofs) >= self.size:
                raise JunctionError(
                    f"bath {name!r} acts on dof {max(bath.dofs)}, but the junction has {self.size} "
                    f"(0..{self.size - 1})",
                    dof=max(bath.dofs),
                    size=self.size,
                )
        if atoms is not None and atoms.dof_atom.shape != (self.size,):
            raise JunctionError(f"dof_atom has {atoms.dof_atom.size} entries for {self.size} dofs")
        if anharmonic is not None:
            require_fitting(anharmonic, self.size)

    def __reduce__(self) -> tuple[Any, ...]:
        """Made again from its parts in another process: a read-only mapping cannot be sent."""
        made = partial(Junction, atoms=self.atoms, anharmonic=self.anharmonic)
        return made, (self.dynamical_matrix, dict(self.baths))

    @property
    def size(self) -> int:
        """Number of dofs N."""
        return len(self.dynamical_matrix)

    @property
    def bias(self) -> float:
        """The largest bias among the baths, with its sign; 0 without electrons."""
        return max((bath.bias for bath in self.baths.values()), key=abs, default=0.0)

    def at_bias(self, bias: float) -> "Junction":
        """The same junction with every electron bath at this bias."""
        return self._with({name: bath.at_bias(bias) for name, bath in self.baths.items()})

    def without(self, *switches: str) -> "Junction":
        """The same junction with parts of the physics switched off in every bath (sgle.switches)."""
        return self._with({name: bath.without(*switches) for name, bath in self.baths.items()})

    def replace(self, **baths: Bath | None) -> "Junction":
        """The same junction with baths added or exchanged; None takes one away."""
        merged = {**self.baths, **baths}
        return self._with({name: bath for name, bath in merged.items() if bath is not None})

    @property
    def harmonic(self) -> "Junction":
        """The same junction without anharmonic force: what the frequency domain speaks of."""
        return self if self.anharmonic is None else Junction(self.dynamical_matrix, self.baths, atoms=self.atoms)

    def with_anharmonic(self, force: Anharmonic | None) -> "Junction":
        """The same junction with this anharmonic force instead of its own."""
        return Junction(self.dynamical_matrix, self.baths, atoms=self.atoms, anharmonic=force)

    def _with(self, baths: Mapping[str, Bath]) -> "Junction":
        return Junction(self.dynamical_matrix, baths, atoms=self.atoms, anharmonic=self.anharmonic)

    def __repr__(self) -> str:
        parts = ", ".join(f"{name}: {bath.kind}[{bath.size}]" for name, bath in self.baths.items())
        return f"Junction({self.size} dofs; {parts})"


def _checked_matrix(given: Any) -> Array:
    matrix = array(given, "dynamical matrix")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) == 0:
        raise JunctionError(f"dynamical matrix must be square (N, N), it is {matrix.shape}", shape=matrix.shape)
    if np.iscomplexobj(matrix):
        raise JunctionError("dynamical matrix must be real")
    matrix = matrix.astype(float)
    if not np.all(np.isfinite(matrix)):
        raise JunctionError("dynamical matrix contains NaN or infinity")
    difference = np.abs(matrix - matrix.T)
    if difference.max() > 1e-10 * np.abs(matrix).max():
        row, column = np.unravel_index(np.argmax(difference), difference.shape)
        raise JunctionError(
            f"dynamical matrix is not symmetric: K[{row},{column}] - K[{column},{row}] = "
            f"{matrix[row, column] - matrix[column, row]:.3e}. Symmetrise (K + Kᵀ)/2 if this is numerical noise; "
            "enforce the sum rules if it is not.",
            difference=difference.max(),
            row=int(row),
            column=int(column),
        )
    symmetric = (matrix + matrix.T) / 2
    symmetric.setflags(write=False)
    return symmetric
