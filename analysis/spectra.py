"""Velocity spectra: averaged periodograms of Hann-windowed, half overlapping pieces (P. D. Welch, IEEE Trans.
Audio Electroacoust. 15, 70 (1967)).

    P(ω_j) = Δt/Σw² |Σ_n w_n v_n e^{iω_j nΔt}|²

Two-sided, as physics.md 1: ∫dω/2π <P> = <v²>. The exact mean is in sgle.analysis.periodogram.
"""

import math
from typing import Any

import numpy as np
from scipy.fft import rfft
from scipy.signal.windows import hann

LONGEST = 4096  # steps per piece that are chosen without being asked for: the exact mean costs time too


class VelocitySpectrum:
    """Periodograms of v_n, summed over pieces, for each trajectory and dof.

    segment : steps per piece, even; the next piece begins half of it later. start : first step that counts.
    .power : (R, segment/2 + 1, N) sum over `.count` pieces, unit of v² times time. Memory: R N segment
        floats, twice.
    """

    def __init__(self, segment: int, time_step: float, start: int = 0) -> None:
        self.segment, self.time_step, self.start = segment, time_step, start
        self.window = hann(segment, sym=False)
        self.power: Any = 0.0
        self.count = 0
        self._buffer: np.ndarray | None = None
        self._filled = 0

    def update(self, block: Any) -> None:
        """Add the velocities of one block, transforming every piece that is complete."""
        if getattr(block, "joined", False):  # of another record than the block before: the piece under way is lost
            self._filled = 0
        velocity = block.velocity[max(0, self.start - block.start) :]
        begin = 0
        while begin < len(velocity):
            if self._buffer is None:
                self._buffer = np.empty((self.segment, *velocity.shape[1:]))
            end = min(len(velocity), begin + self.segment - self._filled)
            self._buffer[self._filled : self._filled + end - begin] = velocity[begin:end]
            self._filled += end - begin
            begin = end
            if self._filled == self.segment:
                self._transform(self._buffer)

    def state(self) -> dict[str, Any]:
        """Sums so far and the piece under way."""
        buffer = None if self._buffer is None else self._buffer[: self._filled]
        return {"power": self.power, "count": self.count, "buffer": buffer}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.power, self.count, kept = state["power"], state["count"], state["buffer"]
        if kept is not None:
            self._buffer, self._filled = np.empty((self.segment, *kept.shape[1:])), len(kept)
            self._buffer[: self._filled] = kept

    def _transform(self, piece: np.ndarray) -> None:
        transform = rfft(piece * self.window[:, None, None], axis=0)
        scale = self.time_step / np.sum(self.window**2)
        self.power = self.power + scale * np.moveaxis(np.abs(transform) ** 2, 0, 1)
        self.count += 1
        self._filled = self.segment // 2
        piece[: self._filled] = piece[self.segment - self._filled :]


def frequencies(segment: int, time_step: float) -> np.ndarray:
    """Angular frequencies of the periodogram, (segment/2 + 1,), 0 to the Nyquist frequency."""
    return 2.0 * np.pi * np.fft.rfftfreq(segment, time_step)


def suggested_segment(time_step: float, damping: float, steps: int) -> int:
    """Even piece length that resolves a resonance of the given damping rate, or an eighth of the steps if
    shorter.

    A power of two between 64 and 4096; 0 (no spectra) if the steps do not allow for 64.
    """
    wanted = min(8.0 / (max(damping, 1e-300) * time_step), steps / 8, LONGEST)
    return 0 if steps < 8 * 64 else 2 ** max(6, math.floor(math.log2(wanted)))
