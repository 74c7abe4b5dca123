"""Checks at the door: matrices that must be real symmetric, Hermitian, positive semidefinite."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sgle.errors import BathError, SpectrumError

Array = np.ndarray
RTOL = 1e-10


def array(value: Any, name: str, dtype: type = float) -> Array:
    """value as an array of numbers; BathError for text, ragged lists and other objects."""
    try:
        given = np.asarray(value)
        return given if np.iscomplexobj(given) and dtype is float else given.astype(dtype)
    except (TypeError, ValueError):
        raise BathError(f"{name} must be numbers in rows of equal length, not {value!r:.60}", name=name) from None


def number(value: Any, name: str) -> float:
    """value as a finite float; BathError otherwise."""
    try:
        result = float(value)
    except (TypeError, ValueError):
        raise BathError(f"{name} must be a number, not {value!r:.60}", name=name) from None
    if not np.isfinite(result):
        raise BathError(f"{name} {value!r} must be finite", **{name.replace(" ", "_"): result})
    return result


def dof_tuple(dofs: Any) -> tuple[int, ...]:
    """Dofs as a tuple of ints; one integer is allowed."""
    try:
        given = np.atleast_1d(np.asarray(dofs))
    except ValueError:
        given = np.zeros(0)
    if given.dtype.kind not in "iu" or given.ndim != 1:
        raise BathError(f"dofs {dofs!r} must be integers (indices from 0)")
    return tuple(int(d) for d in given)


def square(matrix: Any, n: int, name: str, dtype: type = float) -> Array:
    """The (n, n) matrix of this name; a scalar is allowed for n = 1. Raises BathError on wrong shape or NaN."""
    given = array(matrix, name, dtype)
    if dtype is float and np.iscomplexobj(given):
        raise BathError(f"{name} must be real", name=name)
    value: Array = np.atleast_2d(given)
    if value.shape != (n, n):
        raise BathError(f"{name} has shape {value.shape}, the {n} dofs need ({n}, {n})", name=name, shape=value.shape)
    if not np.all(np.isfinite(value)):
        raise BathError(f"{name} contains NaN or infinity", name=name)
    return value


def hermitian(matrix: Array, name: str, rtol: float = RTOL) -> Array:
    """Refuse a (..., n, n) matrix that is not Hermitian (symmetric if real) within rtol of its largest element."""
    difference = np.abs(matrix - np.conj(np.swapaxes(matrix, -1, -2))).max(initial=0.0)
    largest = np.abs(matrix).max(initial=0.0)
    if difference > rtol * largest:
        kind = "Hermitian" if np.iscomplexobj(matrix) else "symmetric"
        raise SpectrumError(
            f"{name} is not {kind}: M - M† reaches {difference:.3e}, largest element {largest:.3e} (rtol {rtol:g}). "
            "Symmetrise it if the difference is noise; look for a transposed or shifted block otherwise.",
            difference=difference,
            largest=largest,
        )
    return matrix


def antisymmetric(matrix: Array, name: str, rtol: float = RTOL) -> Array:
    """Refuse a real matrix that is not antisymmetric."""
    difference = np.abs(matrix + matrix.T).max(initial=0.0)
    if difference > rtol * np.abs(matrix).max(initial=0.0):
        raise SpectrumError(
            f"{name} is not antisymmetric: M + Mᵀ reaches {difference:.3e}, largest element {np.abs(matrix).max():.3e}",
            difference=difference,
        )
    return matrix


def positive(matrix: Array, name: str, omega: Sequence[float] | Array | None = None, rtol: float = RTOL) -> Array:
    """Refuse Hermitian (..., n, n) matrices with an eigenvalue below -rtol × largest; never clip (style.md 7)."""
    hermitian(matrix, name, rtol)
    eigenvalues = np.linalg.eigvalsh(matrix)
    largest = np.abs(eigenvalues).max(initial=0.0)
    smallest = eigenvalues.min(initial=0.0)
    if smallest < -rtol * largest:
        where = int(np.unravel_index(np.argmin(eigenvalues), eigenvalues.shape)[0])
        place = "" if omega is None else f" at omega[{where}] = {omega[where]:.6g}"
        raise SpectrumError(
            f"{name} is not positive semidefinite: smallest eigenvalue {smallest:.3e}{place}, largest {largest:.3e} "
            f"(rtol {rtol:g}). Look for an overshooting interpolation, a Fourier sign or a wrong sign of the matrix.",
            smallest=smallest,
            largest=largest,
            index=where,
        )
    return matrix
