"""Heat into each bath, and the energy ledger that shows that nothing is lost on the way (physics.md 7)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Supports = Mapping[str, Sequence[int]]
FREE = 1e-12  # stiffness below this part of the largest is none


def supports(model: Any) -> dict[str, list[int]]:
    """The dofs of each bath of a grid model, by name, in order."""
    return {name: [int(dof) for dof in bath.dofs] for name, bath in model.baths.items()}


class HeatCurrents:
    """Maps a block to J_α(n) = v_n·[(c∗v) + (d∗u) - f]_{α,n} (000 Eq. 13 on the grid).

    supports : dofs of each bath by name. Calling it with a block whose `.noise` and `.reaction` map these
    names to (B, R, n_a) returns (B, R, n_baths) in the order of `supports`, in eV²/ħ, positive into the bath.
    """

    def __init__(self, supports: Supports) -> None:
        self.supports = supports

    def __call__(self, block: Any) -> np.ndarray:
        """Currents of one block."""
        return np.stack([self._into(block, name) for name in self.supports], axis=-1)

    def _into(self, block: Any, name: str) -> np.ndarray:
        force = block.reaction[name] - block.noise[name]
        return np.einsum("brk,brk->br", block.velocity[..., self.supports[name]], force)


def anharmonic_power(block: Any) -> np.ndarray:
    """v_n·F_anh(u_n) of every step, (B, R) [eV²/ħ]: what the anharmonic force gives to the harmonic energy H."""
    return np.einsum("brk,brk->br", block.velocity, block.anharmonic_force)


class EnergyLedger:
    """Largest |ΔH + Δt Σ_α J_α - Δt v·F_anh| of any step and trajectory, relative to the energy of that trajectory.

    H_{n+1/2} = ½|w_{n+1/2}|² + ½ u_{n+1}·K u_n, whose change the heat into the baths and the work of an anharmonic
    force, if there is one, account for to rounding.
    stiffness : (N, N), K with the static parts of the baths. Motions without stiffness (free translation) are taken
        out of u before K is applied: they may drift far, and with them the rounding of a potential energy of zero.
    `.error` : that largest number so far; H is averaged over the block, in absolute value. With an anharmonic force,
        whose K may hold nothing, it is the sum of the absolute values of kinetic, harmonic and anharmonic energy.
    """

    def __init__(self, stiffness: np.ndarray, supports: Supports) -> None:
        self.stiffness = stiffness
        values, vectors = np.linalg.eigh(stiffness)
        self._free = vectors[:, np.abs(values) < FREE * np.abs(values).max()]
        self.currents = HeatCurrents(supports)
        self.error = 0.0
        self._last: np.ndarray | None = None

    def update(self, block: Any) -> None:
        """Check every step of one block, and the step that joins it to the block before, unless they are of
        different records.
        """
        if getattr(block, "joined", False):
            self._last = None
        kinetic, potential = self._energies(block)
        energy = kinetic + potential
        lost = block.time_step * self.currents(block).sum(axis=-1)
        scale = np.abs(energy).mean(axis=0)
        if getattr(block, "anharmonic_force", None) is not None:
            lost -= block.time_step * anharmonic_power(block)
            scale = (kinetic + np.abs(potential) + np.abs(block.anharmonic_energy)).mean(axis=0)
        if self._last is None:
            lost = lost[1:]
        else:
            energy = np.concatenate([self._last[None], energy])
        self._last = energy[-1].copy()
        residual = np.abs(np.diff(energy, axis=0) + lost)
        if residual.size:
            self.error = max(self.error, float((residual / np.where(scale > 0, scale, 1.0)).max()))

    def state(self) -> dict[str, Any]:
        """Largest error so far and the energy of the last step."""
        return {"error": self.error, "last": self._last}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.error, self._last = state["error"], state["last"]

    def _energies(self, block: Any) -> tuple[np.ndarray, np.ndarray]:
        """Both parts of H_{n+1/2} of every step, (B, R)."""
        kinetic = np.einsum("brk,brk->br", block.half_velocity, block.half_velocity)
        w, u = self._held(block.half_velocity), self._held(block.displacement)
        potential = np.einsum("brk,brk->br", u + block.time_step * w, u @ self.stiffness)
        return 0.5 * kinetic, 0.5 * potential

    def _held(self, motion: np.ndarray) -> np.ndarray:
        """What is left of a motion (B, R, N) without its free part."""
        return motion - (motion @ self._free) @ self._free.T if self._free.size else motion
