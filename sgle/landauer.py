"""Exact frequency-domain answers: energies and heat currents of the harmonic model, in the continuum and on the grid.

    D(ω) = [ω² - K - Π(ω)]⁻¹,   S_uu = D S D†,   E_k = ∫_0^∞ dω/2π ω² [D S D†]_kk,
    J_{α←β} = ∫_0^∞ dω/2π ω { Tr[Γ_α D S_β D†] - Tr[Γ_β D S_α D†] },   J_α = Σ_β J_{α←β}

(physics.md 5; 000 Eqs. 7, 8, 26 as corrected in physics.md 9). A current is positive
into bath α, and Σ_α J_α = 0 identically.
Every function refuses an unstable junction (UnstableError): beyond a critical bias these formulas still return finite,
plausible numbers. With a Grid the same integrals are taken with what the discretised motion does exactly (physics.md
7).
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from sgle.grid import Grid
from sgle.junction import Junction
from sgle.quadrature import integrate
from sgle.response import Response, anti_hermitian, in_pieces
from sgle.shapes import Hats
from sgle.stability import frequency_scale, marks, require_stable

Array = np.ndarray
MANY_DOFS = 100
MANY_POINTS = 100  # of tables, between which a short rule is enough


class Answers(NamedTuple):
    """kinetic_energy (N,); heat_currents {bath: J}; pair_flows {(to, from): J}; error: relative, of the integrals."""

    kinetic_energy: Array
    heat_currents: dict[str, float]
    pair_flows: dict[tuple[str, str], float]
    error: float


def greens_function(junction: Junction, omega: Array, grid: Grid | None = None) -> Array:
    """D(ω) [eV⁻²], (n_w, N, N). Raises UnstableError."""
    require_stable(junction, grid)
    return Response(junction, grid).greens_function(np.asarray(omega, dtype=float))


def spectrum(junction: Junction, omega: Array, grid: Grid | None = None) -> Array:
    """S_uu(ω) = D S D†, two-sided, (n_w, N, N): ⟨u u⟩ = ∫dω/2π S_uu e^{-iωt}. Raises UnstableError."""
    require_stable(junction, grid)
    return _driven(Response(junction, grid), np.asarray(omega, dtype=float))


def velocity_spectrum(junction: Junction, omega: Array, grid: Grid | None = None) -> Array:
    """Diagonal of S_vv(ω) = ω² D S D†, two-sided, (n_w, N): E_k = ½∫dω/2π S_vv,kk over both signs. Raises
    UnstableError.
    """
    omega = np.asarray(omega, dtype=float)
    # A free translation makes S_uu infinite at ω = 0 and leaves ω² S_uu finite: take it a hair above.
    response = Response(junction, grid)
    omega = np.where(omega == 0, 1e-6 * frequency_scale(response), omega)
    diagonal = in_pieces(lambda some: np.einsum("wkk->wk", spectrum(junction, some, grid)).real, omega, junction.size)
    return response.velocity(omega)[:, None] ** 2 * diagonal


def transmission(junction: Junction, omega: Array, source: str, drain: str, grid: Grid | None = None) -> Array:
    """Tr[Γ_drain D Γ_source D†], (n_w,): bosonic transmission between two baths. Raises UnstableError."""
    require_stable(junction, grid)
    response = Response(junction, grid)
    return in_pieces(
        lambda some: _transmitted(response, some, source, drain), np.asarray(omega, dtype=float), junction.size
    )


def _transmitted(response: Response, omega: Array, source: str, drain: str) -> Array:
    baths, pi = response.junction.baths, response.self_energies(omega)
    d = response.greens_function(omega, pi)
    rows, columns = np.ix_(baths[drain].dofs, baths[source].dofs)
    block = d[:, rows, columns]
    passed = block @ anti_hermitian(pi[source]) @ _dagger(block)
    return np.einsum("wij,wji->w", anti_hermitian(pi[drain]), passed).real


def kinetic_energy(junction: Junction, grid: Grid | None = None) -> Array:
    """E_k = ½⟨u̇_k²⟩ of every dof [eV], (N,). Raises UnstableError, QuadratureError."""
    return answers(junction, grid).kinetic_energy.copy()


def heat_currents(junction: Junction, grid: Grid | None = None) -> dict[str, float]:
    """J_α into every bath [eV²/ħ]. Raises UnstableError, QuadratureError."""
    return dict(answers(junction, grid).heat_currents)


def pair_flows(junction: Junction, grid: Grid | None = None) -> dict[tuple[str, str], float]:
    """J_{α←β}, {(α, β): J}, antisymmetric; sums over β to J_α. Raises UnstableError, QuadratureError."""
    return dict(answers(junction, grid).pair_flows)


def answers(junction: Junction, grid: Grid | None = None, rtol: float | None = None) -> Answers:
    """All integrals of one junction in one pass, with their relative error estimate; kept for the next who asks.

    Raises UnstableError, QuadratureError.

    rtol : relative accuracy; by default 1e-9, 1e-6 with tables (whose kinks cost time and whose points are no better),
    1e-3 with tables and more than 100 dofs (minutes otherwise), 1e-5 with the realised noise of a filter, whose
    truncation ripples.
    """
    return _answers(junction, grid, rtol)


@lru_cache(maxsize=64)
def _answers(junction: Junction, grid: Grid | None, rtol: float | None) -> Answers:
    names, n = list(junction.baths), junction.size
    integral, error = integrated(junction, _integrand, grid, rtol)
    energy, flows = integral[:n], integral[n:].reshape(len(names), len(names))
    net = flows - flows.T
    scale = np.concatenate([np.full(n, energy.max(initial=0.0)), np.full(flows.size, np.abs(flows).max(initial=0.0))])
    return Answers(
        energy,
        {name: float(net[i].sum()) for i, name in enumerate(names)},
        {(a, b): float(net[i, j]) for i, a in enumerate(names) for j, b in enumerate(names) if i != j},
        float(np.max(error / np.where(scale > 0, scale, 1.0))),
    )


def integrated(
    junction: Junction,
    integrand: Callable[[Response, Array], Array],
    grid: Grid | None = None,
    rtol: float | None = None,
) -> tuple[Array, Array]:
    """∫_0^∞ dω integrand(response, ω) of a stable junction, and its error estimate, (m,) each.

    integrand : (Response, (n_w,)) -> (n_w, m) real.    rtol : as in `answers`. Raises UnstableError, QuadratureError.
    """
    require_stable(junction, grid)
    response = Response(junction, grid)
    rtol = rtol or _accuracy(junction, grid)
    tables = rtol < 1e-5
    points = [*marks(junction, grid, tables=tables), response.limit]
    rule = 15 if tables and len(response.kinks()) > MANY_POINTS else 21
    return integrate(
        lambda omega: in_pieces(partial(integrand, response), omega, junction.size), points, rtol=rtol, rule=rule
    )


def _accuracy(junction: Junction, grid: Grid | None) -> float:
    if grid is not None:
        return 1e-5 if grid.realised else 1e-9
    tables = any(isinstance(bath.friction_spectrum.shape, Hats) for bath in junction.baths.values())
    return (1e-6 if junction.size <= MANY_DOFS else 1e-3) if tables else 1e-9


def _dagger(matrix: Array) -> Array:
    return np.conj(np.swapaxes(matrix, -1, -2))


def _driven(response: Response, omega: Array) -> Array:
    """S_uu = Σ_β D S_β D†, (n_w, N, N)."""
    pi, noise = response.self_energies(omega), response.noises(omega)
    d = response.greens_function(omega, pi)
    total = np.zeros_like(d)
    for name, bath in response.junction.baths.items():
        columns = d[:, :, list(bath.dofs)]
        total += columns @ noise[name] @ _dagger(columns)
    return total


def _integrand(response: Response, omega: Array) -> Array:
    """(n_w, N + n_b²): ω² [D S D†]_kk and ω Tr[Γ_α D S_β D†], all over 2π; α = β, which no net flow needs, left out.

    From the columns D_β of the dofs of a bath and X_β = D_β S_β: only one product of full matrices, for a bath on all.
    """
    pi, noise = response.self_energies(omega), response.noises(omega)
    d = response.greens_function(omega, pi)
    baths, velocity = response.junction.baths, response.velocity(omega)
    columns = {name: d[:, :, list(bath.dofs)] for name, bath in baths.items()}
    moved = {name: columns[name] @ noise[name] for name in baths}
    conjugate = {name: np.conj(value) for name, value in columns.items()}
    energy = np.sum([np.einsum("wkj,wkj->wk", moved[name], conjugate[name]).real for name in baths], axis=0)
    flows = np.zeros((len(baths), len(baths), omega.size))
    for i, (to, bath) in enumerate(baths.items()):
        broadening, dofs = anti_hermitian(pi[to]), list(bath.dofs)
        for j, source in enumerate(baths):
            if source != to:
                taken = broadening @ moved[source][:, dofs]
                flows[i, j] = np.einsum("wij,wij->w", taken, conjugate[source][:, dofs]).real
    parts = [velocity[:, None] ** 2 * energy, velocity[:, None] * flows.reshape(-1, omega.size).T]
    return np.concatenate(parts, axis=1) / (2 * np.pi)
