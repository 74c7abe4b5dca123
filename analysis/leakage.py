"""Zero-point leakage: what each mode has beyond the energy that it would have in harmonic motion (physics.md 8)."""

from dataclasses import dataclass

import numpy as np

from sgle.analysis.estimate import with_error
from sgle.analysis.result import Result

SEEN = 3.0  # error bars beyond which a difference is spoken of
FAR = 10.0  # times the expected energy beyond it


@dataclass(frozen=True)
class ModeRow:
    """One mode, internal units. value, stderr : sampled twice the kinetic energy.    quantum : of a weakly damped mode.

    harmonic : exact for this time step; NaN where harmonic motion is unstable.
    """

    mode: int
    frequency: float
    value: float
    stderr: float
    quantum: float
    harmonic: float

    @property
    def leak(self) -> float:
        """Energy beyond the harmonic one, the exact one where it is known."""
        return self.value - (self.harmonic if np.isfinite(self.harmonic) else self.quantum)

    @property
    def z(self) -> float:
        """The same in error bars."""
        return self.leak / self.stderr if self.stderr > 0 else np.nan

    @property
    def share(self) -> str:
        """The same in per cent with its error, "-12.0(15) %"; far beyond, in a runaway, as a factor, "× 2.6e+05"."""
        expected = self.value - self.leak
        if not expected > 0:
            return "–"
        if self.leak > FAR * expected:
            return f"× {self.value / expected:.3g}"
        return f"{with_error(100 * self.leak / expected, 100 * self.stderr / expected)} %"


def mode_rows(result: Result) -> list[ModeRow]:
    """All modes of an anharmonic run, by ascending frequency; none of a harmonic one."""
    modes, estimate = result.modes, result.estimates.get("mode_energy")
    if modes is None or estimate is None:
        return []
    harmonic = np.full(len(estimate), np.nan) if modes.grid is None else modes.grid
    columns = (modes.frequency, estimate.value, estimate.stderr, modes.quantum, harmonic)
    return [ModeRow(k, *(float(x) for x in row)) for k, row in enumerate(zip(*columns, strict=True))]


def leakage(result: Result) -> str:
    """The largest loss and the largest gain of a mode in words; empty for harmonic runs."""
    rows = [row for row in mode_rows(result) if np.isfinite(row.z)]
    if not rows:
        return ""
    seen = [row for row in rows if abs(row.z) > SEEN]
    if not seen:
        return f"energies of all modes within {SEEN:g} error bars of harmonic motion: no zero-point leakage is seen"
    ends = list(dict.fromkeys((min(seen, key=_relative), max(seen, key=_relative))))
    told = ", ".join(f"mode {row.mode} {row.share}" for row in ends)
    down = ends[0].leak < 0 < ends[-1].leak and ends[0].frequency > ends[-1].frequency
    return f"energies of modes beyond harmonic motion: {told}{_meaning(result) if down else ''}"


def _meaning(result: Result) -> str:
    """What it means that energy has gone from fast to slow modes."""
    baths = list(result.junction.baths.values())
    if all(bath.noise_kind != "quantum" for bath in baths):
        return ""
    if result.junction.bias == 0 and len({bath.temperature for bath in baths}) == 1:
        return "; from fast to slow under quantum noise: zero-point leakage, which nature does not know"
    return "; from fast to slow, as zero-point energy leaks, but also what a current drives: zero bias tells them apart"


def _relative(row: ModeRow) -> float:
    return row.leak / (row.value - row.leak)
