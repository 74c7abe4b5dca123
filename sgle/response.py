"""What both domains share: D(ω) = [ω² - K - Π(ω)]⁻¹ of a junction, in the continuum or exactly on a time grid
(physics.md 5, 7).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sgle.bath import ContinuedBath
from sgle.errors import UnstableError
from sgle.grid import Grid, GridModel
from sgle.junction import Junction
from sgle.shapes import Hats

Array = np.ndarray
MOST_ENTRIES = 100_000  # of a stack of matrices: 1.6 MB, which stays in the cache


@dataclass(frozen=True, eq=False)
class Response:
    """Spectral functions of a junction; grid=None is the continuum.

    On the grid ω² is replaced by (2/Δt²)(1-cos ωΔt), ω in the velocity by sin(ωΔt)/Δt, and every bath by its taps.
    """

    junction: Junction
    grid: Grid | None = None

    @cached_property
    def model(self) -> GridModel | None:
        """The junction on the grid, None in the continuum."""
        return None if self.grid is None else self.grid.model(self.junction)

    @property
    def limit(self) -> float:
        """Highest frequency: infinity, or π/Δt."""
        return np.inf if self.grid is None else self.grid.nyquist

    @property
    def size(self) -> int:
        """Number of dofs N."""
        return self.junction.size

    def inertia(self, omega: Array) -> Array:
        """ω² or what stands for it on the grid."""
        return omega**2 if self.grid is None else self.grid.inertia(omega)

    def velocity(self, omega: Array) -> Array:
        """ω or what stands for it in v = -iω u."""
        return omega if self.grid is None else self.grid.velocity(omega)

    def self_energies(self, omega: Array) -> dict[str, Array]:
        """Π_α(ω) on the dofs of each bath, static part included."""
        source: Mapping = self.junction.baths if self.model is None else self.model.baths
        return {name: bath.self_energy(omega) for name, bath in source.items()}

    def noises(self, omega: Array) -> dict[str, Array]:
        """S_α(ω) on the dofs of each bath."""
        if self.model is None:
            return {name: bath.noise(omega) for name, bath in self.junction.baths.items()}
        realised = self.grid is not None and self.grid.realised
        return {
            name: bath.realised_noise(omega) if realised else bath.noise(omega)
            for name, bath in self.model.baths.items()
        }

    def inverse(self, omega: Array, self_energies: Mapping[str, Array] | None = None) -> Array:
        """D(ω)⁻¹ = ω² - K - Σ_α Π_α, (n_w, N, N)."""
        pi = self.self_energies(omega) if self_energies is None else self_energies
        value = self.inertia(omega)[:, None, None] * np.eye(self.size) - self.junction.dynamical_matrix.astype(complex)
        for name, bath in self.junction.baths.items():
            rows, columns = np.ix_(bath.dofs, bath.dofs)
            value[:, rows, columns] -= pi[name]
        return value

    def around(self, at: Array) -> "ContinuedResponse":
        """D⁻¹ anywhere in the complex plane, near places `at` (k,) with Re ≥ 0."""
        if self.model is not None:
            return ContinuedResponse(self, {name: bath.self_energy for name, bath in self.model.baths.items()})
        return ContinuedResponse(self, {name: bath.around(at) for name, bath in self.junction.baths.items()})

    def continued(self, z: Array) -> Array:
        """D⁻¹(z) anywhere in the complex plane with Re z ≥ 0, (n_z, N, N); below the real axis as Bath.around says."""
        z = np.asarray(z, complex)
        return self.around(z)(z)

    def turned(self, z: Array) -> Array:
        """|tr D δΠ|, by how much the phase of det D⁻¹ may be off for what tables leave open, the largest, (n_z,)."""
        near, largest = self.around(z), np.zeros(z.size)
        doubts = near.doubts(z)
        if doubts is None:
            return largest
        inverse = np.linalg.inv(near(z))
        for doubt in doubts:
            largest = np.maximum(largest, np.abs(np.einsum("kij,kji->k", inverse, doubt)))
        return largest

    def greens_function(self, omega: Array, self_energies: Mapping[str, Array] | None = None) -> Array:
        """D(ω), (n_w, N, N). Raises UnstableError where a mode lies exactly on a frequency asked for."""
        inverse = self.inverse(omega, self_energies)
        try:
            return np.linalg.inv(inverse)
        except np.linalg.LinAlgError:
            raise UnstableError(
                f"D(ω) is infinite at one of the {omega.size} frequencies between {omega.min():.6g} and "
                f"{omega.max():.6g}: an undamped mode lies there. A free translation does so at ω = 0; ask slightly "
                "above it.",
                count=0,
            ) from None

    def edges(self) -> list[float]:
        """Frequencies where a spectrum is not smooth: band edges and biases."""
        found = {abs(c.potential) for bath in self.junction.baths.values() for c in bath.channels}
        if self.grid is None:
            for bath in self.junction.baths.values():
                found.update(bath.friction_spectrum.shape.edges)
        return sorted(w for w in found if 0 < w < self.limit)

    def kinks(self) -> Array:
        """Points of tables, ascending, where the straight lines of a spectrum meet; none on a grid."""
        shapes = [] if self.grid is not None else [b.friction_spectrum.shape for b in self.junction.baths.values()]
        return np.unique(np.concatenate([[], *(shape.nodes for shape in shapes if isinstance(shape, Hats))]))


@dataclass(frozen=True, eq=False)
class ContinuedResponse:
    """D⁻¹(z) near some places of the complex plane; on a grid there is nothing to continue."""

    response: Response
    self_energies: Mapping[str, Callable[[Array], Array]]

    def __call__(self, z: Array) -> Array:
        """At z (k,), one near each place, (k, N, N)."""
        size, junction = self.response.size, self.response.junction
        value = self.response.inertia(z)[:, None, None] * np.eye(size) - junction.dynamical_matrix
        for name, bath in junction.baths.items():
            rows, columns = np.ix_(bath.dofs, bath.dofs)
            value[:, rows, columns] -= self.self_energies[name](z)
        return value

    def slope(self, z: Array, step: float) -> Array:
        """∂D⁻¹/∂z, (k, N, N), by a central difference along the real axis: along it no cut is met."""
        return (self(z + step) - self(z - step)) / (2 * step)

    def doubts(self, z: Array) -> Array | None:
        """What other ways to continue the tables of the baths differ by, (2, k, N, N); None where there is none."""
        total = None
        for name, pi in self.self_energies.items():
            doubt = pi.doubt(z) if isinstance(pi, ContinuedBath) else None
            if doubt is not None:
                total = (
                    np.zeros((2, z.size, self.response.size, self.response.size), complex) if total is None else total
                )
                rows, columns = np.ix_(*[self.response.junction.baths[name].dofs] * 2)
                total[:, :, rows, columns] += doubt
        return total


def in_pieces(function: Callable[[Array], Array], omega: Array, size: int) -> Array:
    """function(ω) of many frequencies, few enough at a time that matrices (n_w, size, size) stay in the cache."""
    pieces = max(1, -(-omega.size * size**2 // MOST_ENTRIES))
    return np.concatenate([function(some) for some in np.array_split(omega, min(pieces, max(1, omega.size)))])


def anti_hermitian(pi: Array) -> Array:
    """Γ = i(Π - Π†)."""
    return 1j * (pi - np.conj(np.swapaxes(pi, -1, -2)))
