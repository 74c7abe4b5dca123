"""Vibrations of the ribbon in its plane: dynamical matrix of the device, self-energies of its leads as tables."""

from typing import NamedTuple

import numpy as np

from sgle.bath import Bath
from sgle.baths import tabulated
from sgle.leads.decimation import surface_greens_function
from sgle.models.adaptive import adaptive_table
from sgle.models.ribbon.geometry import Geometry, planar_dofs
from sgle.models.ribbon.keating import hessian
from sgle.units import ANGSTROM_AMU

Array = np.ndarray

MASS = 12.011  # amu
BROADENING = 0.5e-3  # eV: part of the model, all damping above the ribbon's 180 meV comes from it
TOP = 0.4  # eV, end of the tables


class Lead(NamedTuple):
    """dofs (n,) of the device it touches; coupling (n, 28) to its first layer; blocks k00, k01 and `surface` [eV²]."""

    dofs: Array
    coupling: Array
    k00: Array
    k01: Array
    surface: Array


def mass_weighted(geometry: Geometry) -> Array:
    """K of all atoms written out, device and leads [eV²]."""
    return ANGSTROM_AMU**2 / MASS * hessian(geometry.positions, geometry.network)


def dynamical_matrix(geometry: Geometry) -> Array:
    """Bare K of the device, (2 n_D, 2 n_D) [eV²]: its springs to the leads count on the diagonal."""
    dofs = planar_dofs(geometry.device)
    return mass_weighted(geometry)[np.ix_(dofs, dofs)]


def relaxed_matrix(geometry: Geometry, broadening: float = BROADENING) -> Array:
    """K + Π_L(0) + Π_R(0) [eV²], straight from the lattice.

    Almost nothing holds the ribbon against being shifted as a whole (0.6 meV, by η alone): a table whose integral
    gives Π(0) to 1e-3 would make it unstable. The baths therefore leave their static part out (counter_term).
    """
    matrix = dynamical_matrix(geometry)
    for name in ("L", "R"):
        ends = lead(geometry, name)
        rows, columns = np.ix_(ends.dofs, ends.dofs)
        matrix[rows, columns] += self_energy(ends, np.zeros(1), broadening)[0].real
    return (matrix + matrix.T) / 2


def lead(geometry: Geometry, name: str) -> Lead:
    """The blocks of lead "L" or "R". Its first layer feels the relaxed device: surface differs a little from k00."""
    k = mass_weighted(geometry)
    outer, bulk, inner = (planar_dofs(layer) for layer in (geometry.left if name == "L" else geometry.right))
    coupling = k[np.ix_(planar_dofs(geometry.device), outer)]
    touched = np.flatnonzero(np.any(coupling != 0, axis=1))
    return Lead(touched, coupling[touched], k[np.ix_(bulk, bulk)], k[np.ix_(bulk, inner)], k[np.ix_(outer, outer)])


def self_energy(ends: Lead, omega: Array, broadening: float = BROADENING) -> Array:
    """Π(ω) = V g((ω+iη)²) Vᵀ on the touched dofs, (n_w, n, n) [eV²]."""
    g = surface_greens_function((omega + 1j * broadening) ** 2, ends.k00, ends.k01, surface=ends.surface)
    return ends.coupling @ g @ ends.coupling.T


def phonon_leads(
    geometry: Geometry,
    t_left: float,
    t_right: float,
    broadening: float = BROADENING,
    rtol: float = 1e-2,
) -> tuple[Bath, Bath]:
    """Both leads as baths: Γ = -2 Im Π, tabulated until straight lines between the points are right to rtol; their
    static part is in `relaxed_matrix`.

    The right lead is the mirror image of the left one, to the last digit.    Raises BathError, SpectrumError.
    """
    ends = lead(geometry, "L")

    def gamma_at(omega: Array) -> Array:
        pi = self_energy(ends, omega, broadening)
        return -(pi + np.swapaxes(pi, -1, -2)).imag

    omega, gamma, _ = adaptive_table(gamma_at, np.append(0.0, np.linspace(1e-4, TOP, 65)), rtol)
    image, sign = mirrored(geometry)
    flip = sign[ends.dofs]
    left = tabulated(omega, gamma, t_left, list(map(int, ends.dofs)))
    dofs = list(map(int, image[ends.dofs]))
    right = tabulated(omega, flip[:, None] * gamma * flip, t_right, dofs)
    return left, right


def mirrored(geometry: Geometry) -> tuple[Array, Array]:
    """Where the mirror x -> -x takes each dof of the device, and with which sign, (2 n_D,) each."""
    return planar_dofs(geometry.mirror), np.tile([-1.0, 1.0], len(geometry.device))
