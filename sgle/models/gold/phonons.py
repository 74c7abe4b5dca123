"""Phonons of the gold chain: K of bases and chain, and the broadening of the two electrodes as tables for baths.

As function of ω + iη the self-energy of an electrode is analytic and decays, so Kramers-Kronig of the table of
Γ = i(Π - Π†) gives all of it, Π(0) included. η and the mesh are part of the model: answers depend on them by a few
per cent (reference/junctions.md 9). The table follows Γ to 1e-3 of its maximum; the cubic splines of step 0.25 meV
behind the numbers of that page break Kramers-Kronig by some 1e-3, which shows in its kinetic energies at V = 0: 39.24
meV instead of the 39.07 meV of the middle atom that E_k = (T/2) Σ (1 + K_kk/12T² - ...) and Matsubara sums demand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sgle.bath import Bath
from sgle.baths import tabulated
from sgle.check import array, number
from sgle.errors import InputError, JunctionError
from sgle.models.adaptive import adaptive_table
from sgle.models.gold.electrode import NEGLIGIBLE, contact, self_energy
from sgle.models.gold.geometry import Geometry
from sgle.models.gold.springs import BAND_TOP
from sgle.models.gold.sutton_chen import MASS

Array = np.ndarray

TOLERANCE = 2e-3  # of Γ in the middle between points of the table, before the last halving
STEP = 0.2e-3  # of the first points [eV]


@dataclass(frozen=True, eq=False)
class Phonons:
    """Dynamical matrix and phonon baths of a gold junction.

    dynamical_matrix : (n, n) [eV²].    omega : (n_w,) points of the table, from 0 [eV].    broadening : Γ of each
    electrode, {"L", "R"}, (n_w, k, k) [eV²].    dofs : that it acts on, (k,) each.    positions : (n/3, 3) [Å].
    eta [eV], mesh : of the electrodes.    error : of Γ between the points, relative to its largest value (estimate,
    NaN for points given by the caller).    band_top : of the electrodes [eV].
    """

    dynamical_matrix: Array
    omega: Array
    broadening: Mapping[str, Array]
    dofs: Mapping[str, tuple[int, ...]]
    positions: Array
    eta: float
    mesh: int
    error: float
    band_top: float = BAND_TOP

    @property
    def masses(self) -> Array:
        """(n/3,) [u]."""
        return np.full(len(self.positions), MASS)

    def bath(self, name: str, temperature: float) -> Bath:
        """Electrode "L" or "R" as a bath at this temperature [eV], its static part included; the same one each time, so
        that what is worked out of its table is kept.
        """
        if (name, temperature) not in self._made:
            self._made[name, temperature] = tabulated(
                self.omega, self.broadening[name], temperature, self.dofs[name], counter_term=False
            )
        return self._made[name, temperature]

    @cached_property
    def _made(self) -> dict[tuple[str, float], Bath]:
        return {}

    def self_energy(self, omega: Any, name: str) -> Array:
        """Π of one electrode by Kramers-Kronig from the table, on its dofs, (n_w, k, k) [eV²]."""
        return self._baths[name].self_energy(omega)

    def stiffness(self, omega: Any) -> Array:
        """K + Re Π_L(ω) + Re Π_R(ω), (n_w, n, n) [eV²]; at ω = 0 the static one."""
        omega = np.atleast_1d(np.asarray(omega, dtype=float))
        total = np.tile(self.dynamical_matrix, (len(omega), 1, 1))
        for name, dofs in self.dofs.items():
            rows, columns = np.ix_(dofs, dofs)
            total[:, rows, columns] += self.self_energy(omega, name).real
        return total

    @cached_property
    def _baths(self) -> dict[str, Bath]:
        return {name: self.bath(name, 1.0) for name in self.dofs}


def phonons(geometry: Geometry, eta: float = 0.2e-3, mesh: int = 24, omega: Any = None) -> Phonons:
    """Bases and chain with their two electrodes.

    eta : broadening η [eV].    mesh : q points per direction of the surface.    omega : points of the table [eV],
    ascending, from inside the band to beyond it; None chooses them (Π to 1e-3 of its largest value).    Raises
    InputError for η or a mesh without sense, JunctionError if the device is not stable on its elastic electrodes.
    """
    eta, mesh = _checked(eta, mesh)
    tie = contact(geometry)
    points, gamma, error = _table(lambda w: self_energy(tie, w, eta, mesh), omega, eta)
    gammas, dofs = _with_mirror_image(gamma, tie.dofs, geometry.mirror)
    found = Phonons(tie.dynamical_matrix, points, gammas, dofs, geometry.positions, eta, mesh, error)
    lowest = np.linalg.eigvalsh(found.stiffness(0.0)[0])[0]
    if lowest <= 0:
        raise JunctionError(
            f"gold chain of {geometry.atoms} atoms in a gap of {geometry.gap:.4g} Å is stable between frozen surfaces "
            f"but not on elastic ones: K + Π(0) has ω² = {lowest:.3e} eV². Take a gap nearer to the middle of the "
            "stable ones.",
            gap=geometry.gap,
            lowest=lowest,
        )
    return found


def folded(full: Phonons, *, direct: bool = True) -> Phonons:
    """The chain alone (3N dofs): each base, and the electrode behind it, folded into its bath.

        Π_c = Π_cc + (K_cb + Π_cb) [ω² - K_bb - Π_bb]⁻¹ (K_bc + Π_bc)

    full : of `phonons`, from whose table Π comes, so that no new points of the lattice are needed. The Green's
    function of the chain is then that of the full junction.    direct=False is the Au3c of reference/junctions.md
    6: without Π_cc and Π_cb, that is without the springs of the first chain atoms to the surface (whose part on the
    chain stays in K), and with (ω + iη)² for the bases. It shifts the modes: 15.081 - 0.146i, 16.425 - 0.510i
    against 14.924 - 0.083i, 16.006 - 0.466i meV.    Raises JunctionError if the bases are coupled to each other.
    """
    count = len(full.positions)
    left, chain, right = (np.arange(3 * a, 3 * b) for a, b in ((0, 4), (4, count - 4), (count - 4, count)))
    k = full.dynamical_matrix
    limit = NEGLIGIBLE * np.abs(k).max()
    if np.abs(k[np.ix_(left, right)]).max() > limit:
        raise JunctionError(f"the bases of a chain of {count - 8} atoms are coupled: they cannot be folded apart")
    touched = chain[np.abs(k[np.ix_(chain, left)]).max(axis=1) > limit]
    if direct:
        touched = np.union1d(touched, np.intersect1d(chain, full.dofs["L"]))

    def pi(omega: Array) -> Array:
        return _eliminated(full, left, touched, omega, direct)

    omega, gamma, error = _table(pi, None, full.eta)
    mirror = tuple(range(count - 8))[::-1]
    gammas, dofs = _with_mirror_image(gamma, tuple(int(d) for d in touched - chain[0]), mirror)
    found = Phonons(
        k[np.ix_(chain, chain)], omega, gammas, dofs, full.positions[4:-4], full.eta, full.mesh, max(error, full.error)
    )
    _require_whole(found, pi)
    return found


def _eliminated(full: Phonons, base: Array, kept: Array, omega: Array, direct: bool) -> Array:
    """Self-energy on the kept dofs once those of the left base are eliminated, (n_w, k, k)."""
    both = np.concatenate([base, kept])
    outside = np.zeros((len(omega), *full.dynamical_matrix.shape), dtype=complex)
    rows, columns = np.ix_(full.dofs["L"], full.dofs["L"])
    outside[:, rows, columns] = full.self_energy(omega, "L")
    pi, n = outside[:, both[:, None], both], len(base)
    if not direct:
        pi[:, n:], pi[:, :, n:] = 0.0, 0.0
    k = full.dynamical_matrix[np.ix_(both, both)]
    z = omega if direct else omega + 1j * full.eta
    inner = z[:, None, None] ** 2 * np.eye(n) - k[:n, :n] - pi[:, :n, :n]
    coupling = k[:n, n:] + pi[:, :n, n:]
    return pi[:, n:, n:] + np.swapaxes(coupling, -1, -2) @ np.linalg.solve(inner, coupling)


def _require_whole(found: Phonons, pi: Callable[[Array], Array]) -> None:
    """A base mode narrower than the points, or above the band, would be missing from the table: Π(0) tells."""
    static = pi(np.zeros(1))[0].real
    missing = np.abs(found.self_energy(0.0, "L").real - static).max() / np.abs(static).max()
    if missing > 1e-2:
        raise JunctionError(
            f"folding the bases loses {missing:.1%} of the static self-energy: they have a mode that the electrodes "
            "hardly damp. Keep the bases in the system.",
            missing=missing,
        )


def modes_above_band(found: Phonons) -> Array:
    """Frequencies of localised modes [eV], ascending: ω² an eigenvalue of K + Re Π(ω), ω above the electrodes' band.

    No electrode damps such a mode: what damping it has is the broadening η (reference/junctions.md 10.5).
    """
    # Above the band Re Π falls while ω² grows, so each branch crosses at most once and bisection finds it.
    edge = found.band_top + found.eta
    low = np.full(int(np.sum(np.linalg.eigvalsh(found.stiffness(edge)[0]) > edge**2)), edge)
    branch = np.arange(len(low)) + len(found.dynamical_matrix) - len(low)
    high = low + np.sqrt(np.linalg.eigvalsh(found.dynamical_matrix)[-1]) + found.band_top
    for _ in range(40 if len(low) else 0):
        middle = (low + high) / 2
        squares = np.linalg.eigvalsh(found.stiffness(middle))[np.arange(len(low)), branch]
        above = squares > middle**2
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.sort(low)


def localisation_notice(found: Phonons) -> str | None:
    """A warning with the numbers if a mode lies above the electrodes' band, None if not."""
    modes = modes_above_band(found)
    if len(modes) == 0:
        return None
    several = "modes lie" if len(modes) > 1 else "mode lies"
    return (
        f"{len(modes)} {several} above the phonon band of the electrodes ({1e3 * found.band_top:.2f} meV): "
        f"{', '.join(f'{1e3 * mode:.2f}' for mode in modes)} meV. Localised, damped by the broadening η = "
        f"{1e3 * found.eta:.3g} meV alone: its energy and the heat currents depend on η, not on the electrodes."
    )


def _table(pi: Callable[[Array], Array], omega: Any, eta: float) -> tuple[Array, Array, float]:
    """Points, Γ and error of the table of one self-energy, at the points given or at enough of them."""

    def broadening(points: Array) -> Array:
        values = pi(points)
        return -(values + np.swapaxes(values, -1, -2)).imag

    if omega is None:
        return adaptive_table(broadening, _first_points(eta), TOLERANCE, floor=1.0, finest=eta / 20)
    points = array(omega, "omega")
    gamma = broadening(points)
    gamma[points == 0] = 0.0
    return points, gamma, np.nan


def _first_points(eta: float, step: float = STEP) -> Array:
    """From 0 evenly to a little above the band, then ever wider until the tail Γ ~ η/ω³ does not count."""
    edge = 1.06 * BAND_TOP
    end = 3.2 * BAND_TOP * max(1.0, eta / 1e-3) ** (1 / 3)
    return np.concatenate([np.linspace(0, edge, round(edge / step) + 1), np.geomspace(edge, end, 10)[1:]])


def _checked(eta: float, mesh: int) -> tuple[float, int]:
    eta = number(eta, "phonon broadening eta")
    if not 1e-6 <= eta <= 5e-3:
        raise InputError(f"phonon broadening eta = {eta:.3g} eV: between 1e-6 and 5e-3 eV makes sense, 2e-4 is usual")
    if isinstance(mesh, bool) or not isinstance(mesh, (int, np.integer)) or not 4 <= mesh <= 200:
        raise InputError(f"phonon mesh = {mesh!r}: q points per direction, an integer from 4 to 200; 24 is usual")
    return eta, int(mesh)


def _with_mirror_image(
    gamma: Array, dofs: tuple[int, ...], mirror: tuple[int, ...]
) -> tuple[dict[str, Array], dict[str, tuple[int, ...]]]:
    """Γ and dofs of "L", and of "R" under z -> -z; mirror : index of the image of each atom."""
    image = np.array([3 * mirror[k // 3] + k % 3 for k in dofs])
    order = np.argsort(image)
    sign = np.where(image[order] % 3 == 2, -1.0, 1.0)
    turned = sign[:, None] * gamma[:, order][:, :, order] * sign
    return {"L": gamma, "R": turned}, {"L": dofs, "R": tuple(int(k) for k in image[order])}
