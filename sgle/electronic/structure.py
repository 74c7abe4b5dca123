"""Electrons of a junction: device Hamiltonian and electrode self-energies give G, A_L, A_R, T (physics.md 4)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sgle.check import array, dof_tuple, hermitian, positive
from sgle.electronic.interpolate import require_window
from sgle.errors import BathError, JunctionError

Array = np.ndarray
EVERYWHERE = (-np.inf, np.inf)


@dataclass(frozen=True)
class Electrode:
    """A reservoir: its retarded self-energy Σ(E) on some orbitals of the device.

    orbitals : indices into the device.    self_energy : (n_E,) [eV] -> (n_E, k, k) [eV], i(Σ - Σ†) ≥ 0.
    window : (lowest, highest) energy [eV] at which Σ is known.
    """

    orbitals: tuple[int, ...]
    self_energy: Callable[[Array], Array]
    window: tuple[float, float] = EVERYWHERE

    def __post_init__(self) -> None:
        object.__setattr__(self, "orbitals", dof_tuple(self.orbitals))
        low, high = self.window
        if len(set(self.orbitals)) != len(self.orbitals) or not low < high:
            raise JunctionError(f"an electrode needs different orbitals {self.orbitals} and a window {low} < {high}")


class ElectronicStructure:
    """G(E) = [E S - H - Σ_L - Σ_R]⁻¹ of a device between electrodes, retarded; immutable.

    hamiltonian : (m, m) Hermitian [eV].    electrodes : by name.    overlap : (m, m) Hermitian, default unity.
    Laws: A_L + A_R = i(G - G†), since all broadening of the device comes from the electrodes; T_LR = T_RL ≥ 0.
    Raises JunctionError or SpectrumError at construction; BathError for an energy outside an electrode's window;
    SpectrumError if a broadening is not positive semidefinite.
    """

    hamiltonian: Array
    overlap: Array
    electrodes: Mapping[str, Electrode]

    def __init__(self, hamiltonian: Any, electrodes: Mapping[str, Electrode], overlap: Any = None) -> None:
        h = hermitian(_square(hamiltonian, "hamiltonian"), "hamiltonian")
        s = np.eye(len(h)) if overlap is None else hermitian(_square(overlap, "overlap"), "overlap")
        if s.shape != h.shape or np.linalg.eigvalsh(s)[0] <= 0:
            raise JunctionError(f"overlap {s.shape} must be positive definite and as large as H {h.shape}")
        for name, electrode in electrodes.items():
            if not electrode.orbitals or not 0 <= min(electrode.orbitals) <= max(electrode.orbitals) < len(h):
                raise JunctionError(f"electrode {name}: orbitals {electrode.orbitals} must be indices below {len(h)}")
        if not electrodes:
            raise JunctionError("an electronic structure needs at least one electrode: nothing else broadens it")
        h.setflags(write=False)
        s.setflags(write=False)
        self._set(hamiltonian=h, overlap=s, electrodes=dict(electrodes))

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"ElectronicStructure is immutable; make a new one to change {name}")

    def __len__(self) -> int:
        return len(self.hamiltonian)

    @property
    def window(self) -> tuple[float, float]:
        """Energies [eV] between which all electrodes are known."""
        windows = [electrode.window for electrode in self.electrodes.values()]
        return max(low for low, _ in windows), min(high for _, high in windows)

    def self_energy(self, name: str, energies: Array) -> Array:
        """Σ of one electrode on its orbitals, (n_E, k, k)."""
        electrode, energies = self._electrode(name), _energies(energies)
        require_window(energies, electrode.window, f"electrode {name}")
        value = np.asarray(electrode.self_energy(energies))
        wanted = (len(energies), len(electrode.orbitals), len(electrode.orbitals))
        if value.shape != wanted:
            raise BathError(
                f"self-energy of electrode {name} has shape {value.shape}, its {wanted[1]} orbitals at {wanted[0]} "
                f"energies need {wanted}"
            )
        return value

    def broadening(self, name: str, energies: Array) -> Array:
        """Γ = i(Σ - Σ†) of one electrode on its orbitals, (n_E, k, k), checked to be ≥ 0."""
        sigma = self.self_energy(name, energies)
        return positive(1j * (sigma - _dagger(sigma)), f"broadening of electrode {name}", _energies(energies))

    def greens_function(self, energies: Array) -> Array:
        """Retarded G (n_E, m, m)."""
        energies = _energies(energies)
        matrix = energies[:, None, None] * self.overlap - self.hamiltonian.astype(complex)
        for name, electrode in self.electrodes.items():
            rows = np.array(electrode.orbitals)
            matrix[:, rows[:, None], rows] -= self.self_energy(name, energies)
        return np.linalg.inv(matrix)

    def spectral(self, name: str, energies: Array, orbitals: Sequence[int] | Array | None = None) -> Array:
        """A = G Γ G† of the states coming from one electrode, on these orbitals (default all), (n_E, n_orb, n_orb)."""
        g = self._columns(name, energies, orbitals)
        return g @ self.broadening(name, energies) @ _dagger(g)

    def waves(
        self, name: str, energies: Array, orbitals: Sequence[int] | Array | None = None, rtol: float = 1e-8
    ) -> Array:
        """Scattering states ψ of one electrode on these orbitals, (n_E, n_orb, n_c): A = ψ ψ†.

        Columns are ordered by weight and compressed to the number n_c needed at the worst energy: singular values
        below rtol of the largest at their energy are dropped, which changes A by rtol² of its norm.
        """
        values, vectors = np.linalg.eigh(self.broadening(name, energies))
        root = vectors * np.sqrt(np.maximum(values, 0))[:, None, :]  # below 0 by rounding only: checked
        left, weight, _ = np.linalg.svd(self._columns(name, energies, orbitals) @ root, full_matrices=False)
        needed = int(np.max(np.sum(weight > rtol * weight[:, :1], axis=1), initial=0))
        return (left * weight[:, None, :])[..., :needed]

    def transmission(self, energies: Array, source: str = "L", drain: str = "R") -> Array:
        """T(E) = Tr[Γ_drain G Γ_source G†] (n_E,), per spin."""
        g = self._columns(source, energies, self._electrode(drain).orbitals)
        arriving = g @ self.broadening(source, energies) @ _dagger(g)
        return np.einsum("eij,eji->e", self.broadening(drain, energies), arriving).real

    def _columns(self, name: str, energies: Array, orbitals: Sequence[int] | Array | None) -> Array:
        """G from the orbitals of one electrode to the given ones, (n_E, n_orb, k)."""
        rows = np.arange(len(self)) if orbitals is None else np.asarray(orbitals, dtype=int)
        return self.greens_function(energies)[:, rows[:, None], np.array(self._electrode(name).orbitals)]

    def _electrode(self, name: str) -> Electrode:
        if name not in self.electrodes:
            raise BathError(f"no electrode called {name!r}; there are {', '.join(self.electrodes)}", name=name)
        return self.electrodes[name]


def _square(matrix: Any, name: str) -> Array:
    value = array(matrix, name).copy()
    if value.ndim != 2 or value.shape[0] != value.shape[1] or not np.all(np.isfinite(value)):
        raise JunctionError(f"{name} has shape {value.shape}, needs a finite square matrix")
    return value


def _energies(energies: Any) -> Array:
    return np.atleast_1d(np.asarray(energies, dtype=float))


def _dagger(matrix: Array) -> Array:
    return np.conj(np.swapaxes(matrix, -1, -2))
