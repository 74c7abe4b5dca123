"""The step: velocity Verlet with memory, the reference discretisation (physics.md 7).

    w_{n+1/2} = w_{n-1/2} + Δt [-K u_n + f_n - Σ_{k≥0} c_k v_{n-k} - Σ_{k≥0} d_k u_{n-k}]
    u_{n+1}   = u_n + Δt w_{n+1/2},      v_n = (w_{n+1/2} + w_{n-1/2})/2

A junction with an anharmonic force has F_anh(u_n) beside f_n (physics.md 8): explicit, and still second order.

The velocity taps at k = 0 of all baths, C = Σ c_0 (half the kernel's first value, local friction, Berry),
contain w_{n+1/2}. They are solved for exactly, once and for all; with D = Σ d_0:

    (1 + Δt/2 C) w_{n+1/2} = (1 - Δt/2 C) w_{n-1/2} - Δt (K + D) u_n + Δt (f_n - tails)

so one product of [w_{n-1/2}, u_n, f_n - tails] with a fixed (3N, N) matrix makes the step.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from sgle.errors import ForceError, StepError
from sgle.integrators.kinds import make_memory
from sgle.integrators.memory import Memory
from sgle.integrators.push import Push
from sgle.integrators.state import State, columns

Array = np.ndarray


class Record(NamedTuple):
    """Consecutive steps: u_n, v_n, w_{n+1/2}, (steps, R, N); (c*v + d*u)_n by bath, (steps, R, n).

    anharmonic_force, anharmonic_energy : F_anh(u_n), (steps, R, N), and V(u_n), (steps, R); None if there is no such
    force.
    """

    displacement: Array
    velocity: Array
    half_velocity: Array
    reaction: dict[str, Array]
    anharmonic_force: Array | None = None
    anharmonic_energy: Array | None = None


class Verlet:
    """Stepper of one sgle.grid.GridModel, for any number of trajectories. It holds no state.

    Raises : StepError if 1 + Δt/2 C is singular, which takes negative friction near 2/Δt.
    """

    def __init__(self, model: Any):
        self.time_step, self.size = float(model.time_step), len(model.stiffness)
        self.columns = {name: columns(bath.dofs) for name, bath in model.baths.items()}
        self.first_taps = {name: _first_taps(bath) for name, bath in model.baths.items()}
        memories = {name: make_memory(bath) for name, bath in model.baths.items()}
        self.memories: dict[str, Memory] = {name: memory for name, memory in memories.items() if memory}
        force = getattr(model, "anharmonic", None)
        self.push = None if force is None else Push(force, self.time_step)
        self._propagator = self._solve(model)

    def _solve(self, model: Any) -> Array:
        """The (3N, N) matrix from [w_{n-1/2}, u_n, force] to w_{n+1/2}."""
        friction, stiffness = np.zeros((self.size, self.size)), np.array(model.stiffness, float)
        for name, bath in model.baths.items():
            support = np.ix_(bath.dofs, bath.dofs)
            friction[support] += self.first_taps[name][0]
            stiffness[support] += self.first_taps[name][1]
        one, half_step = np.eye(self.size), self.time_step / 2
        explicit = np.hstack([one - half_step * friction, -self.time_step * stiffness, self.time_step * one])
        try:
            return np.ascontiguousarray(np.linalg.solve(one + half_step * friction, explicit).T)
        except np.linalg.LinAlgError:
            raise StepError(
                f"1 + Δt/2 C is singular at Δt = {self.time_step:g}: a bath has negative friction of 2/Δt. "
                "Use a smaller time step.",
                time_step=self.time_step,
            ) from None

    def rest(self, trajectories: int) -> State:
        """State of R trajectories at rest at u = 0, with no past, before step 0."""
        memories = {name: memory.start(trajectories) for name, memory in self.memories.items()}
        return State(np.zeros((trajectories, self.size)), np.zeros((trajectories, self.size)), memories)

    def advance(self, state: State, noise: Mapping[str, Array], steps: int) -> tuple[Record, ForceError | None]:
        """Make steps under the noise f_n of each bath by name, (steps, R, n). `state` moves on in place.

        Returns : the steps made; if they are fewer than asked for, why. The state is then the one before the step whose
        anharmonic force failed, from which it goes on bit for bit.
        """
        forces = self._total(noise, (steps, *state.displacement.shape))
        u, v, w = (np.empty_like(forces) for _ in range(3))
        tails = {name: np.empty(noise[name].shape) for name in self.memories}
        pasts = [
            (memory, state.memories[name], self.columns[name], tails[name]) for name, memory in self.memories.items()
        ]
        pushed = None if self.push is None else (np.empty_like(forces), np.empty(forces.shape[:2]))
        known = np.hstack([state.half_velocity, state.displacement, np.zeros_like(state.displacement)])
        half, here, force = np.split(known, 3, axis=1)
        shift, made, failure = np.empty_like(here), steps, None
        for n, (f_n, u_n, v_n, w_n) in enumerate(zip(forces, u, v, w, strict=True)):
            u_n[...] = here
            force[...] = f_n
            if pushed is not None and (failure := self._push(u_n, state.step + n, pushed, n)):
                made = n
                break
            if pushed is not None:
                force += pushed[0][n]
            for memory, past, place, tail in pasts:
                memory.tail(past, tail[n])
                force[:, place] -= tail[n]
            np.matmul(known, self._propagator, out=w_n)
            np.add(half, w_n, out=v_n)
            v_n *= 0.5
            for memory, past, place, _ in pasts:
                memory.push(past, v_n[:, place], u_n[:, place])
            half[...] = w_n
            here += np.multiply(w_n, self.time_step, out=shift)
        state.half_velocity, state.displacement = half.copy(), here.copy()
        state.step += made
        return self._record(made, u, v, w, tails, pushed), failure

    def _push(self, u_n: Array, step: int, pushed: tuple[Array, Array], n: int) -> ForceError | None:
        """Anharmonic force and energy at u_n to row n of `pushed`, or why there is none. Comes first in a step: until
        then nothing has moved.
        """
        assert self.push is not None
        try:
            pushed[0][n], pushed[1][n] = self.push(u_n, step)
        except ForceError as error:
            return error
        return None

    def _record(
        self, made: int, u: Array, v: Array, w: Array, tails: dict[str, Array], pushed: tuple[Array, Array] | None
    ) -> Record:
        """The first steps of these arrays, all of them as a rule."""
        u, v, w = u[:made], v[:made], w[:made]
        reactions = self._reactions(u, v, {name: tail[:made] for name, tail in tails.items()})
        return Record(u, v, w, reactions, *(() if pushed is None else (part[:made] for part in pushed)))

    def _total(self, noise: Mapping[str, Array], shape: tuple[int, int, int]) -> Array:
        """Sum of the noise forces on all dofs, (steps, R, N)."""
        total = np.zeros(shape)
        for name, forces in noise.items():
            total[..., self.columns[name]] += forces
        return total

    def _reactions(self, u: Array, v: Array, tails: dict[str, Array]) -> dict[str, Array]:
        """(c*v + d*u)_n of every bath: the tails, which are used up, and the present by the first taps."""
        reactions = {}
        for name, (friction, stiffness) in self.first_taps.items():
            columns = self.columns[name]
            present = v[..., columns] @ friction.T.copy()  # products are quicker with rows side by side
            if stiffness.any():
                present += u[..., columns] @ stiffness.T.copy()
            if name in tails:
                present += tails[name]
            reactions[name] = present
        return reactions


def _first_taps(bath: Any) -> tuple[Array, Array]:
    """c_0 and d_0 of a bath, (n, n) each, zero where there is none."""
    nothing = np.zeros((len(bath.dofs), len(bath.dofs)))
    velocity, position = bath.velocity_taps, bath.position_taps
    return velocity[0] if len(velocity) else nothing, position[0] if len(position) else nothing
