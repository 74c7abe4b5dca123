"""Semi-infinite lattice leads: Π(ω) = V g(ω) Vᵀ, g the surface Green's function of (ω² - H) (physics.md 3)."""

from typing import Any

import numpy as np

from sgle.bath import Bath
from sgle.baths.phonon import equilibrium
from sgle.causality import Spectrum
from sgle.check import array, dof_tuple, hermitian, number, square
from sgle.errors import BathError, SpectrumError
from sgle.leads.decimation import surface_greens_function
from sgle.shapes import Hats, Rubin

Array = np.ndarray


def chain_lead(
    spring: float, onsite: float, temperature: float, dof: Any, dofs: Any = None, *, potential: float = 0.0
) -> Bath:
    """Rubin's semi-infinite chain in closed form, tied to one dof by the same spring as between its atoms.

    spring k > 0, onsite k₀ ≥ 0 [eV²], mass-normalised; band √k₀ < ω < √(k₀+4k). K must hold the device's own part of
    the connecting spring (2k on the diagonal of a uniform chain); Π(0) stays, there is no counter-term.
    potential ν < √k₀ [eV] : of phonons or photons in chemical equilibrium with driven matter, S = (n_B(ω-ν) + ½) Γ (002
    A1).
    Raises BathError.    Source: R. J. Rubin, Phys. Rev. 131, 964 (1963).
    """
    dofs = dof_tuple(dof if dofs is None else dofs)
    if len(dofs) != 1:
        raise BathError(f"chain_lead is tied to one dof, got {dofs}")
    shape = Rubin(number(spring, "spring"), number(onsite, "onsite"))
    potential = number(potential, "potential")
    parameters = {"spring": shape.spring, "onsite": shape.onsite, "dof": dofs[0], "potential": potential}
    return equilibrium(
        Spectrum(np.ones((1, 1, 1)), shape),
        temperature,
        dofs,
        chain_lead,
        potential,
        shape.edges[0],
        parameters=parameters,
        counter_term=False,
    )


def band_extrema(k00: Array, k01: Array, points: int = 401) -> Array:
    """Frequencies at the extrema of every band of the infinite lead, ascending; refuses imaginary frequencies."""
    q = np.linspace(0, np.pi, points)[:, None, None]
    phase = np.exp(1j * q)
    squares = np.linalg.eigvalsh(k00 + phase * k01 + np.conj(phase) * k01.T)
    lowest, top = squares.min(), squares.max()
    if lowest < -1e-9 * top:
        raise BathError(f"lead is unstable: lowest ω² is {lowest:.3e}, highest {top:.3e}", lowest=lowest, highest=top)
    bands = np.sqrt(np.maximum(squares, 0))
    inner = (bands[1:-1] - bands[:-2]) * (bands[2:] - bands[1:-1]) <= 0
    found = np.concatenate([bands[0], bands[-1], bands[1:-1][inner]])
    keep = [found.min()]
    for value in np.sort(found):
        if value - keep[-1] > 1e-6 * found.max():
            keep.append(value)
    return np.array(keep)


def _nodes(extrema: Array, points: int) -> Array:
    """Points crowding quadratically at every band extremum, where Γ has square-root edges."""
    marks = np.unique(np.concatenate([[0.0], extrema]))
    share = np.diff(marks) / marks[-1]
    pieces = [np.zeros(1)]
    for low, high, part in zip(marks[:-1], marks[1:], share, strict=True):
        n = max(12, int(points * np.sqrt(part)))
        pieces.append(low + (high - low) * (1 - np.cos(np.pi * np.arange(1, n + 1) / n)) / 2)
    return np.concatenate(pieces)


def lead(
    k00: Any,
    k01: Any,
    coupling: Any,
    temperature: float,
    dofs: Any,
    eta: float | None = None,
    points: int = 1501,
    counter_term: bool = False,
) -> Bath:
    """A semi-infinite lead of principal layers: Γ = -2 Im V g((ω+iη)²) Vᵀ by decimation, tabulated, Kramers-Kronig
    exact.

    k00 : (m, m) symmetric block of a layer [eV²], k01 : (m, m) coupling to the next layer outward, coupling V : (n, m)
    from the n device dofs to the first layer.    eta : broadening [eV], default 1e-7 of the band top; part of the
    model.
    points : of the table, crowding at the band extrema.
    The sum rule (1/π)∫_0^∞ ω Γ dω = V Vᵀ guards against modes bound to the surface outside the bands, which a bath
    with a decaying memory cannot hold: SpectrumError with the missing weight; keep more layers in the system then.
    """
    dofs = dof_tuple(dofs)
    m = np.atleast_2d(np.asarray(k00)).shape[0]
    k00 = hermitian(square(k00, m, "k00"), "k00")
    k01 = square(k01, m, "k01")
    coupling = np.atleast_2d(array(coupling, "coupling"))
    if coupling.shape != (len(dofs), m) or not np.all(np.isfinite(coupling)):
        raise BathError(f"coupling has shape {coupling.shape}, needs ({len(dofs)}, {m})", shape=coupling.shape)
    if not np.any(coupling):
        raise BathError("coupling is zero: the lead would not touch the device")
    extrema = band_extrema(k00, k01)
    eta = 1e-7 * extrema[-1] if eta is None else number(eta, "eta")
    if eta <= 0 or points < 16:
        raise BathError(f"eta {eta:.6g} must be positive and points {points} at least 16", eta=eta, points=points)
    nodes = _nodes(extrema, points)
    values = _broadening_over_omega(nodes, k00, k01, coupling, eta)
    _require_sum_rule(nodes, values, coupling)
    parameters = {
        "k00": k00,
        "k01": k01,
        "coupling": coupling,
        "eta": eta,
        "points": int(points),
        "counter_term": counter_term,
    }
    return equilibrium(
        Spectrum(values, Hats(nodes)), temperature, dofs, lead, parameters=parameters, counter_term=bool(counter_term)
    )


def _broadening_over_omega(nodes: Array, k00: Array, k01: Array, coupling: Array, eta: float) -> Array:
    """Γ/ω at the nodes; at ω = 0 and at the top it is taken a hair inside the band."""
    inside = nodes.copy()
    inside[0] = min(1e-4 * nodes[-1], 0.1 * nodes[1])
    g = surface_greens_function((inside + 1j * eta) ** 2, k00, k01)
    pi = coupling @ g @ coupling.T
    gamma = -(pi - np.conj(np.swapaxes(pi, -1, -2))).imag
    values = (gamma + np.swapaxes(gamma, -1, -2)) / 2 / inside[:, None, None]
    values[-1] = 0.0
    return values


def _require_sum_rule(nodes: Array, values: Array, coupling: Array) -> None:
    wanted = coupling @ coupling.T
    found = np.trapezoid(nodes[:, None, None] ** 2 * values, nodes, axis=0) / np.pi
    missing = np.abs(wanted - found).max() / np.abs(wanted).max()
    if missing > 1e-2:
        raise SpectrumError(
            f"lead: {missing:.1%} of the coupling goes to modes the table does not hold (bound to the surface, "
            "outside the bands, or narrower than the points). Keep more layers in the system, or give a larger eta "
            "and more points.",
            missing=missing,
        )
