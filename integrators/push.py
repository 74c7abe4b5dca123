"""The anharmonic force of a run: asked once per step, believed only if it is a number."""

import numpy as np

from sgle.anharmonic.contract import Anharmonic
from sgle.errors import ForceError, InputError

Array = np.ndarray


class Push:
    """F_anh(u_n) and V(u_n) of all trajectories at step n, from a force that keeps the contract.

    Raises, when called : ForceError with step, time and, where it is known, the trajectory.
    """

    def __init__(self, force: Anharmonic, time_step: float) -> None:
        self.force, self.time_step = force, time_step

    def __call__(self, displacement: Array, step: int) -> tuple[Array, Array]:
        """u (R, N) -> force (R, N), energy (R,)."""
        try:
            pushed, energy = self.force(displacement)
        except Exception as error:  # a calculator is anybody's program
            raise self._failed(_reason(error), step, getattr(error, "trajectory", None)) from error
        if np.shape(pushed) != displacement.shape or np.shape(energy) != displacement.shape[:1]:
            raise InputError(
                f"the anharmonic force of {len(displacement)} trajectories has shapes {np.shape(pushed)} and "
                f"{np.shape(energy)}, not {displacement.shape} and {displacement.shape[:1]}"
            )
        if not np.isfinite(pushed.sum() + energy.sum()):
            bad = ~np.isfinite(pushed).all(axis=1) | ~np.isfinite(energy)
            if bad.any():
                trajectory = int(np.argmax(bad))
                largest = np.abs(displacement[trajectory]).max()
                raise self._failed(f"it is no finite number where max |u| = {largest:.3g}", step, trajectory)
        return pushed, energy

    def _failed(self, reason: str, step: int, trajectory: int | None) -> ForceError:
        where = "" if trajectory is None else f" in trajectory {trajectory}"
        time = step * self.time_step
        text = f"the anharmonic force failed at step {step}, time {time:g}{where}: {reason}"
        return ForceError(text, trajectory=trajectory, step=step, time=time)


def _reason(error: Exception) -> str:
    """What an exception says, in one line."""
    said = " ".join(str(error).split())
    return said if isinstance(error, ForceError) else f"{type(error).__name__}: {said}".removesuffix(": ")
