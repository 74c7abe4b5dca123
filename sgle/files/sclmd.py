"""Importer of the matrices that the `sclmd` package works from (netCDF-4, which is HDF5).

All in ħ = 1, eV, mass-normalised displacements. `hw` (n) mode energies and `U` (n modes, n dofs) give
K = Uᵀ diag(hw²) U; `eta_r`, `xim_r`, `xip_r`, `zeta1_r`, `zeta2_r` (n, n) are, in real space, friction η,
non-conservative ξ⁻, shot noise ξ⁺, renormalisation ζ1 and Berry ζ2 of

    Π_e(ω) = -iω(η + V ζ2) + V ζ1 - V ξ⁻,    V = μ_L - μ_R.

Three dofs make an atom. Symbols, masses and positions are not in the file: symbols may be given, else they are "X".
"""

import re
from pathlib import Path

import h5py
import numpy as np

from sgle.baths import local
from sgle.errors import FileError
from sgle.files.safe import opened
from sgle.junction import Atoms, Junction

RTOL = 1e-10
# name in the file -> (argument of sgle.baths.local, +1 symmetric or -1 antisymmetric)
MATRICES = {
    "eta_r": ("friction", 1),
    "xim_r": ("nonconservative", -1),
    "zeta1_r": ("renormalisation", 1),
    "zeta2_r": ("berry", -1),
    "xip_r": ("shot_noise", 1),
}


def read_sclmd(path: str | Path, *, temperature: float, cutoff: float, symbols: str | None = None) -> Junction:
    """Junction with K and one electron bath "e" on all dofs, at zero bias, from an sclmd file.

    temperature : k_B T of the electrons [eV].    cutoff : of the electron bath [eV].    symbols : such as "HCHHCH".
    Raises FileError: unreadable, a matrix missing, of wrong size, not finite, or not (anti)symmetric.
    """
    with opened(path, "an sclmd file") as file:
        dynamical_matrix = _dynamical_matrix(file)
        n = len(dynamical_matrix)
        matrices = {argument: _matrix(file, name, n, sign) for name, (argument, sign) in MATRICES.items()}
    electrons = local(**matrices, bias=0.0, temperature=temperature, cutoff=cutoff, dofs=tuple(range(n)))
    return Junction(dynamical_matrix, {"e": electrons}, atoms=_atoms(symbols, n, path))


def _atoms(symbols: str | None, n: int, path: str | Path) -> Atoms | None:
    """Atoms of three dofs each; None if n is not a multiple of three and no symbols are given."""
    if symbols is None and n % 3:
        return None
    named = ["X"] * (n // 3) if symbols is None else re.findall(r"[A-Z][a-z]?", symbols)
    if 3 * len(named) != n or (symbols is not None and "".join(named) != symbols):
        raise FileError(f"{path}: {n} dofs are {n / 3:g} atoms; the symbols {symbols!r} name {len(named)}")
    return Atoms(tuple(named), np.arange(n) // 3)


def _dynamical_matrix(file: h5py.File) -> np.ndarray:
    """K = Uᵀ diag(hw²) U, (n, n), with U checked to be orthogonal."""
    energies = _array(file, "hw")
    if energies.ndim != 1 or not len(energies) or np.any(energies < 0):
        raise FileError(f"hw must be a list of mode energies ≥ 0, it has shape {energies.shape}")
    modes = _array(file, "U", (len(energies), len(energies)))
    defect = np.abs(modes @ modes.T - np.eye(len(energies))).max()
    if defect > 1e-8:
        raise FileError(f"U is not orthogonal: U Uᵀ - 1 reaches {defect:.1e}", defect=defect)
    return symmetrised(modes.T @ (energies[:, None] ** 2 * modes), 1, "K")


def _matrix(file: h5py.File, name: str, n: int, sign: int) -> np.ndarray:
    return symmetrised(_array(file, name, (n, n)), sign, name)


def _array(file: h5py.File, name: str, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """A dataset as float64 of the given shape, all of it finite."""
    if not isinstance(file.get(name), h5py.Dataset):
        raise FileError(f"not an sclmd file: there is no {name} in it (found: {', '.join(file) or 'nothing'})")
    array = np.asarray(file[name][()], dtype=float)
    if shape is not None and array.shape != shape:
        raise FileError(f"{name} has shape {array.shape}, expected {shape}")
    if not np.all(np.isfinite(array)):
        raise FileError(f"{name} contains NaN or infinity ({np.count_nonzero(~np.isfinite(array))} numbers)")
    return array


def symmetrised(matrix: np.ndarray, sign: int, name: str) -> np.ndarray:
    """(M ± Mᵀ)/2 for a matrix that is (anti)symmetric up to rounding; FileError with the numbers for any other."""
    difference, largest = np.abs(matrix - sign * matrix.T).max(), np.abs(matrix).max()
    if difference > RTOL * largest:
        word, operator = ("symmetric", "-") if sign > 0 else ("antisymmetric", "+")
        raise FileError(
            f"{name} is not {word}: M {operator} Mᵀ reaches {difference:.2e}, its largest element is {largest:.2e}",
            difference=difference,
            largest=largest,
        )
    return (matrix + sign * matrix.T) / 2
