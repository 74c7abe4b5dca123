"""Forces along linear coordinates q = C u of a model: polynomials, Morse and Lennard-Jones bonds.

    V_anh = Σ_q [V(q) - ½ V''(0) q²],   F_anh = -Cᵀ V_anh'(q)

V''(0) belongs into K: `stiffness` is what this force takes for granted there.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from sgle.anharmonic.checks import require_finite
from sgle.anharmonic.curves import CURVES, Curve
from sgle.anharmonic.products import columns, fixed, rows, total
from sgle.check import array
from sgle.errors import InputError

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Linear:
    """Force along the coordinates C (n, N), each with a curve of one kind and parameters (n,)."""

    kind: str
    coordinates: Array
    parameters: dict[str, Array]

    @cached_property
    def _onto(self) -> csr_array:
        return fixed(self.coordinates)

    @cached_property
    def _back(self) -> csr_array:
        return fixed(-self.coordinates.T)

    @cached_property
    def _columns(self) -> dict[str, Array]:
        return {name: value[:, None] for name, value in self.parameters.items()}

    @cached_property
    def _spring(self) -> Array:
        """V''(0), (n, 1)."""
        return self._curve(np.zeros((len(self.coordinates), 1))).curvature

    def _curve(self, q: Array) -> Curve:
        return CURVES[self.kind](q, **self._columns)

    @property
    def size(self) -> int:
        """Number of dofs N."""
        return self.coordinates.shape[1]

    @property
    def spec(self) -> dict[str, Any]:
        """Constructor and parameters."""
        return {"kind": self.kind, "coordinates": self.coordinates, **self.parameters}

    @property
    def stiffness(self) -> Array:
        """What K must hold of these bonds, Cᵀ V''(0) C, (N, N) [eV²]."""
        return self.coordinates.T @ (self._spring * self.coordinates)

    def __call__(self, displacement: Array) -> tuple[Array, Array]:
        """u (R, N) -> force (R, N), energy (R,)."""
        q = self._onto @ columns(displacement)
        # A trajectory that leaves every range overflows; it is told by its number below.
        with np.errstate(over="ignore", invalid="ignore"):
            curve = self._curve(q)
            pull = self._spring * q
            energy = total(curve.energy - pull * q / 2)
            force = rows(self._back @ (curve.slope - pull))
        require_finite(force, energy, f"{self.kind.replace('_', '-')} force", "a bond is torn or squeezed to nothing")
        return force, energy


def polynomial(coordinates: Any, cubic: Any = 0.0, quartic: Any = 0.0) -> Linear:
    """V = Σ_q (c₃ q³/3 + c₄ q⁴/4), force -Cᵀ(c₃ q² + c₄ q³); a cubic term alone does not hold an atom for long.

    coordinates : C (n, N) of `sites`, `bonds` or any other.    cubic, quartic : one number or (n,) [eV/q³, eV/q⁴].
    """
    return _linear("polynomial", coordinates, {"cubic": cubic, "quartic": quartic})


def morse(coordinates: Any, depth: Any, width: Any) -> Linear:
    """Bonds V = D (1 - e^{-aq})² of stiffness 2 D a², which must be part of K.

    coordinates : C (n, N), q the elongation.    depth D > 0 [eV], width a > 0 [1/q] : one number or (n,).
    """
    return _linear("morse", coordinates, {"depth": depth, "width": width}, positive=True)


def lennard_jones(coordinates: Any, depth: Any, length: Any) -> Linear:
    """Bonds V = D [(l/r)¹² - 2 (l/r)⁶ + 1], r = l + q, of stiffness 72 D/l², which must be part of K.

    coordinates : C (n, N), q the elongation.    depth D > 0 [eV], length l > 0 [as q] at the minimum : one or (n,).
    Raises ForceError where a trajectory squeezes a bond to r ≤ 0.
    """
    return _linear("lennard_jones", coordinates, {"depth": depth, "length": length}, positive=True)


def _linear(kind: str, coordinates: Any, parameters: dict[str, Any], positive: bool = False) -> Linear:
    matrix = np.array(array(coordinates, "coordinates"))
    if matrix.ndim != 2 or 0 in matrix.shape or np.iscomplexobj(matrix) or not np.all(np.isfinite(matrix)):
        raise InputError(f"coordinates must be finite, real, (n, N) with n > 0, not {matrix.shape}", shape=matrix.shape)
    if not np.all(np.any(matrix, axis=1)):
        raise InputError(f"coordinate {int(np.argmin(np.any(matrix, axis=1)))} moves with no dof")
    checked = {name: per_bond(value, name, len(matrix), positive) for name, value in parameters.items()}
    return Linear(kind, matrix, checked)


def per_bond(value: Any, name: str, count: int, positive: bool) -> Array:
    """One number for each of `count` bonds, (count,), finite and if asked positive."""
    given = array(value, name)
    if given.shape not in ((), (count,)) or np.iscomplexobj(given) or not np.all(np.isfinite(given)):
        raise InputError(f"{name} must be one real number or one for each of {count} bonds, not {value!r:.60}")
    if positive and np.any(given <= 0):
        raise InputError(f"{name} must be positive, it is {given.min():g}", **{name: float(given.min())})
    return np.array(np.broadcast_to(given, (count,)))
