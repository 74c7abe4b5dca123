"""Memory by auxiliary variables (sgle.embedding): a few damped complex numbers per trajectory, no past kept.

    tail_n = Re c x_n,    x_{n+1} = λ x_n + b [v_n; u_n]

Two products of real matrices and one of complex numbers, element by element, make a step: the complex variables lie
in memory as pairs of real ones, those of real poles behind them. Cost per step and trajectory : 2 M n multiplications
(3 M n with displacements) for M real variables, whatever the length of the memory.
"""

from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from sgle.embedding import Embedding

Array = np.ndarray


@dataclass
class Auxiliary:
    """State of an Embedded memory: R trajectories.    variables : (R, M) real, complex ones as (real, imaginary)."""

    variables: Array

    def copy(self) -> "Auxiliary":
        """A copy that shares nothing."""
        return deepcopy(self)


class Embedded:
    """Memory of one bath by the auxiliary variables of an Embedding. It holds no state."""

    def __init__(self, embedding: Embedding):
        modes = embedding.modes
        self.size, self.remembers_position = embedding.size, embedding.position
        turning, still = modes.poles.imag != 0, modes.poles.imag == 0
        self._poles, self._decays = modes.poles[turning], modes.poles[still].real
        self._split = 2 * len(self._poles)
        outputs, inputs = modes.outputs[:, turning], modes.inputs[turning]
        # Re(c x) = Re c Re x - Im c Im x.
        pairs = np.stack([outputs.real, -outputs.imag], axis=2).reshape(self.size, self._split)
        self._outputs = np.ascontiguousarray(np.hstack([pairs, modes.outputs[:, still].real]).T)
        kicks = np.stack([inputs.real, inputs.imag], axis=1).reshape(self._split, inputs.shape[1])
        self._inputs = np.ascontiguousarray(np.vstack([kicks, modes.inputs[still].real]).T)

    @property
    def width(self) -> int:
        """Number M of real variables."""
        return len(self._outputs)

    def start(self, trajectories: int) -> Auxiliary:
        """No past: v = u = 0 before the first step."""
        return Auxiliary(np.zeros((trajectories, self.width)))

    def tail(self, state: Auxiliary, out: Array) -> None:
        """Σ_{k≥1} c_k v_{n-k} + d_k u_{n-k} to out, (R, n)."""
        np.matmul(state.variables, self._outputs, out=out)

    def push(self, state: Auxiliary, velocity: Array, displacement: Array) -> None:
        """Take in v_n and u_n, (R, n)."""
        sample = np.concatenate([velocity, displacement], axis=1) if self.remembers_position else velocity
        kicks = sample @ self._inputs
        x, split = state.variables, self._split
        if split:
            turning = x[:, :split].view(complex)
            turning *= self._poles
        if split < self.width:
            x[:, split:] *= self._decays
        x += kicks

    def fill(self, state: Auxiliary, velocity: Array, displacement: Array) -> None:
        """Take in a past of h steps, (h, R, n) each, oldest first: as h pushes."""
        for v, u in zip(velocity, displacement, strict=True):
            self.push(state, v, u)
