"""Spectra of one junction in the frequency domain, on frequencies that show every resonance."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from sgle import landauer
from sgle.junction import Junction
from sgle.stability import resonances
from sgle.units import Units

Array = np.ndarray
BACKGROUND, PER_MODE, MOST_POINTS = 400, 61, 4000
MOST_NUMBERS = 2_000_000  # of a complex array (n_w, N, N) at a time: 32 MB


@dataclass
class Spectra:
    """omega (n_w,); velocity spectrum (n_w, N), two-sided; transmission between phonon baths {(from, to): (n_w,)}."""

    omega: Array
    velocity: Array
    transmission: dict[tuple[str, str], Array] = field(default_factory=dict)


def make_spectra(junction: Junction) -> Spectra:
    """Spectra on frequencies that are dense around every resonance. Raises UnstableError."""
    omega = frequencies(resonances(junction))
    phonons = [name for name, bath in junction.baths.items() if "bias" not in bath.parameters]
    spectra = Spectra(omega, _in_parts(lambda part: landauer.velocity_spectrum(junction, part), omega, junction.size))
    for a, b in combinations(phonons, 2):
        spectra.transmission[a, b] = _in_parts(
            lambda part, a=a, b=b: landauer.transmission(junction, part, a, b),  # type: ignore[misc]
            omega,
            junction.size,
        )
    return spectra


def _in_parts(function: Callable[[Array], Array], omega: Array, size: int) -> Array:
    """function(omega), (n_w, ...), with bounded memory."""
    parts = -(-omega.size * size**2 // MOST_NUMBERS)
    return np.concatenate([function(part) for part in np.array_split(omega, parts)])


def frequencies(modes: Array) -> Array:
    """(n_w,) ascending from just above zero to 1.2 times the fastest mode; around each z within 30 widths."""
    top = 1.2 * float(np.max(modes.real))
    count = max(11, min(PER_MODE, MOST_POINTS // modes.size))
    offsets = np.sinh(np.linspace(-4.1, 4.1, count))  # in half widths, dense at the centre
    around = modes.real[:, None] + np.abs(modes.imag)[:, None] * offsets
    points = np.concatenate([np.linspace(0, top, BACKGROUND + 1)[1:], around.ravel()])
    return np.unique(points[(points > 0) & (points <= top)])


def spectra_csv(spectra: Spectra, units: Units) -> str:
    """Spectra in internal units but for the frequency, which is as displayed."""
    unit = units.label("frequency")
    columns = [spectra.omega * units.scale("frequency"), *spectra.velocity.T, *spectra.transmission.values()]
    head = [f"frequency [{unit}]" if unit else "frequency"]
    head += [f"velocity spectrum dof {k}" for k in range(spectra.velocity.shape[1])]
    head += [f"transmission {a} -> {b}" for a, b in spectra.transmission]
    lines = [",".join(f"{value:.8g}" for value in row) for row in np.column_stack(columns)]
    return "\n".join([",".join(head), *lines]) + "\n"
