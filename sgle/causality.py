"""Matrix spectra Σ_j M_j φ_j(ω) and their causal partners: Kramers-Kronig in one place (physics.md 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from sgle import continuation
from sgle.shapes import Analytic, Hats, Shape

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Spectrum:
    """A matrix function of frequency, F(ω) = Σ_j M_j φ_j(ω).

    matrices : (m, n, n), real or Hermitian.    shape : a family of m real scalar functions, even for everything that
    moves the atoms; only the strength of a single noise channel may be neither even nor odd.
    """

    matrices: Array
    shape: Shape

    @property
    def size(self) -> int:
        """Number of dofs n."""
        return self.matrices.shape[-1]

    def __call__(self, omega: Array) -> Array:
        """F(ω), (n_w, n, n); at complex ω for shapes that are given by one formula everywhere."""
        omega = np.asarray(omega)
        return self.contract(self.shape(omega if np.iscomplexobj(omega) else omega.astype(float)))

    def kernel(self, t: Array) -> Array:
        """∫ dω/2π F(ω) e^{-iωt}, (n_t, n, n), even in t if F is even in ω."""
        return self.contract(self.shape.kernel(np.asarray(t, dtype=float)))

    def causal(self, z: Array) -> Array:
        """∫_0^∞ dt e^{izt} (kernel at t), (n_z, n, n), Im z ≥ 0; for real z its dissipative part is F/2 to rounding."""
        z = np.asarray(z)
        scalars = self.shape.causal(z)
        if np.isrealobj(z):
            # Closed forms of piecewise functions meet φ/2 only to their rounding; broadening must equal 2 Re exactly.
            return self(z) / 2 + 1j * self.contract(scalars.imag)
        return self.contract(scalars)

    def around(self, at: Array) -> "Continued":
        """causal(z) continued below the real axis, near places `at` (k,), Re ≥ 0, which fix how a table is fitted."""
        at = np.asarray(at, complex)
        return Continued(self, self._table.around(at) if self._table else None)

    @cached_property
    def _table(self) -> continuation.Table | None:
        return continuation.Table(self.shape.nodes, self.matrices) if isinstance(self.shape, Hats) else None

    def map(self, transform: Callable[[Array], Array]) -> "Spectrum":
        """The same shape with transformed matrices (np.real, scaling, ...)."""
        return Spectrum(transform(self.matrices), self.shape)

    def contract(self, scalars: Array) -> Array:
        """Σ_j scalars_j M_j, (n_w, m) -> (n_w, n, n)."""
        m, n = self.matrices.shape[0], self.size
        flat = np.ascontiguousarray(self.matrices).reshape(m, n * n)
        if np.iscomplexobj(flat) and isinstance(scalars, np.ndarray) and np.isrealobj(scalars):
            # Real times complex as real products: half the work of promoting the scalars.
            return (scalars @ flat.view(float)).view(complex).reshape(-1, n, n)
        return np.asarray(scalars @ flat).reshape(-1, n, n)


@dataclass(frozen=True, eq=False)
class Continued:
    """A causal transform near some places of the complex plane; where it is a table's, analytic near each of them."""

    spectrum: Spectrum
    table: continuation.Fitted | None

    def __call__(self, z: Array) -> Array:
        """At z (k,), one near each place, (k, n, n)."""
        spectrum = self.spectrum
        if self.table is None:
            return spectrum.contract(cast(Analytic, spectrum.shape).continued(z))
        value = spectrum.contract(spectrum.shape.causal(np.where(z.imag < 0, np.conj(z), z)))
        deep = np.flatnonzero(z.imag < 0)
        value[deep] = self.table(z)[deep] - np.conj(value[deep])
        # Near the axis the straight lines themselves, so that the two sides of it join.
        near = np.flatnonzero((z.imag < 0) & (z.imag > -6 * self.table.spacing))
        if len(near):
            share = np.exp(z.imag[near] / self.table.spacing)[:, None, None]
            value[near] += share * (spectrum(z.real[near]) - self.table(z.real)[near])
        return value

    def doubt(self, z: Array) -> Array | None:
        """What two other fits to a table differ by, (2, k, n, n), zero above the axis; None for closed forms."""
        return None if self.table is None else np.where((z.imag < 0)[:, None, None], self.table.doubt(z), 0)
