"""What old white noise still does to the motion: a few slow variables, Gaussian with a covariance in closed form.

White noise ζ that is older than q steps moves u by Σ_k X_{q+i+k} ζ_{-k}, X the response to white noise through its
filter. By then only slowly decaying modes are left of it, a space of rank r that the tail of X itself spans:

    U S V^T = [X_{q+(i+j)s}]_ij     coordinates x_l = U^T [X_l; X_{l+s}; ...]     x_{l+σ} = A x_l     X_{l+i} = E_i x_l

(subspace identification: J. N. Juang, R. S. Pappa, J. Guidance 8, 620 (1985)). Their covariance obeys

    Y = A Y A^T + Σ_{k<σ} x_{q+k} x_{q+k}^T

so the cost does not depend on how slowly they decay. Degenerate modes, and poles of the kernels, are no special case.
The description is checked on a part of the response it was not made from.
"""

from typing import Any

import numpy as np
from scipy.linalg import solve_discrete_lyapunov

from sgle.grid import fastest_frequency
from sgle.integrators.causal import Causal

Array = np.ndarray
SAMPLES = 4  # of the motion, s steps apart, that make up the coordinates; at least as many of the noise
RANK = 1e-9  # singular values below this part of the largest response, or of the largest one, are rounding
FAITHFUL = 1e-8  # error of the response predicted, relative to its largest element at any lag


class Slow:
    """Slow variables of one model, from its causal response.

    quiet : q, lag from which on the response is described.    window : how many steps of u are wanted.
    faithful : whether the description holds; `error` of the prediction, relative; `radius` of A, below 1.
    across : S.    rank : r.    Storage : 8 window N r bytes.
    """

    def __init__(self, causal: Causal, quiet: int, window: int) -> None:
        self.model, self.window = causal.model, window
        self.spacing, self.stride = spacing(causal.model), stride(window)
        self.across = samples_of_noise(causal.model)
        tail, largest = _white_response(causal, quiet)
        left, values, right = np.linalg.svd(self._hankel(tail, 0), full_matrices=False)
        rank = self.rank = int(np.sum(values > RANK * max(values[0], largest)))
        self._left, backward = left[:, :rank], right[:rank].T / values[:rank]
        self._evolve = self._left.T @ self._hankel(tail, self.stride) @ backward
        self._extend = np.stack([self._row(tail, i) @ backward for i in range(window)])
        self.radius = float(np.abs(np.linalg.eigvals(self._evolve)).max(initial=0.0))
        self.error = self._error(tail) / largest
        self.faithful = self.error < FAITHFUL and self.radius < 1
        self._root = self._covariance_root(tail) if self.faithful else None

    def _row(self, tail: Array, lag: int) -> Array:
        """[X_l, X_{l+s}, ...] at l = q + lag, (N, S W)."""
        return np.concatenate([tail[lag + j * self.spacing] for j in range(self.across)], axis=1)

    def _hankel(self, tail: Array, lag: int) -> Array:
        """Rows s apart below each other, (4 N, S W)."""
        return np.concatenate([self._row(tail, lag + i * self.spacing) for i in range(SAMPLES)])

    def _coordinates(self, tail: Array, lag: int) -> Array:
        """x_l at l = q + lag, (r, W)."""
        return self._left.T @ np.concatenate([tail[lag + j * self.spacing] for j in range(SAMPLES)])

    def _error(self, tail: Array) -> float:
        """How far the response σ to σ + window - 1 steps beyond q is from what that at q predicts."""
        predicted = self._extend @ (self._evolve @ self._coordinates(tail, 0))
        return float(np.abs(predicted - tail[self.stride : self.stride + self.window]).max())

    def _covariance_root(self, tail: Array) -> Array:
        """Principal root of Y in the coordinates, (r, r)."""
        if not self.rank:
            return np.zeros((0, 0))
        driven = np.concatenate([self._coordinates(tail, k) for k in range(self.stride)], axis=1)
        values, vectors = np.linalg.eigh(solve_discrete_lyapunov(self._evolve, driven @ driven.T))
        return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T

    def draw(self, generators: list[np.random.Generator]) -> Array:
        """u of `window` steps from all white noise older than q at the first of them, (window, R, N).

        By the principal root of the covariance of (u_0, u_s, u_2s, u_3s), which changes little when the model does.
        """
        normals = np.stack([generator.standard_normal(len(self._left)) for generator in generators])
        return (normals @ self._left @ self._root) @ self._extend.swapaxes(1, 2)


def spacing(model: Any) -> int:
    """s : steps in which the fastest mode turns by about a radian."""
    return max(1, round(1 / (model.time_step * fastest_frequency(model.stiffness))))


def stride(window: int) -> int:
    """σ : the longer, the better a slow decay is seen."""
    return max(window, 256)


def samples_of_noise(model: Any) -> int:
    """S : of the white noise, s steps apart. What few inputs do to a mode must tell its two variables from all others:
    twice as many numbers as variables, for the sake of rounding.
    """
    inputs = sum(len(bath.dofs) for bath in model.baths.values() if np.any(bath.noise_filter.taps))
    return max(SAMPLES, 4 * model.size // max(inputs, 1) + 2)


def lags_needed(model: Any, quiet: int, window: int) -> int:
    """Length of the response that a Slow is made from."""
    return quiet + stride(window) + window + (SAMPLES + samples_of_noise(model) - 2) * spacing(model)


def _white_response(causal: Causal, first: int) -> tuple[Array, float]:
    """X_l, response of u to the white noise of all baths, from lag `first` on, (lags, N, Σ n_a); largest at any lag."""
    parts, peaks = [], []
    for bath in causal.model.baths.values():
        colour = bath.noise_filter.taps / np.sqrt(causal.model.time_step)
        part, peak = causal.filtered(colour, bath.dofs, first)
        parts.append(part)
        peaks.append(peak)
    return np.concatenate(parts, axis=2), max(peaks)
