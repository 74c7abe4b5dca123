"""Transmission of the scatterer between two wires: T(E) between 0 and 1, and which band bottom it follows (003 II C).

E is the energy above the bottom of the left band, in units of μ0, for share = 0: the scatterer rides on the left wire,
as in 003 Eq. 21. With a bias eV the right bottom lies eV lower; share = 1 rides on the right wire, share = ½ half-way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.signal import find_peaks
from scipy.special import expit

from sgle.electronic.structure import ElectronicStructure
from sgle.errors import InputError

Array = np.ndarray
PROMINENT = 1e-3  # peaks of a table that are looked for
WIDEST = 0.1  # half width [μ0] of a peak that a grid would not find alone
NARROWEST = 1e-10  # what a grid resolves; narrower levels of a junction pass nothing to speak of
ROUNDING = 1e-9  # how far outside [0, 1] a transmission may come by the rounding of its own computation


@dataclass(frozen=True)
class Transmission:
    """T(E) of a scatterer, checked wherever it is asked for.

    function : (n,) energies [μ0] -> (n,) values.    share : 0 to 1, of the bias, that E is shifted by (see above).
    places : energies at which T(E) jumps or is narrow, where intervals of the grid end: it may miss others.
    Raises InputError for a value outside [0, 1], not finite or of another shape.
    """

    function: Callable[[Array], Array]
    share: float = 0.0
    places: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise InputError(f"share {self.share!r} of the bias must lie between 0 and 1", share=self.share)

    def __call__(self, energy: Array) -> Array:
        """T at energies (n,)."""
        value = np.asarray(self.function(energy), dtype=float)
        if value.shape != energy.shape:
            raise InputError(f"a transmission at {energy.shape} energies must be as many numbers, not {value.shape}")
        wrong = ~((value >= -ROUNDING) & (value <= 1 + ROUNDING))
        if np.any(wrong):
            at = int(np.argmax(wrong))
            raise InputError(
                f"transmission is {value[at]:.6g} at energy {energy[at]:.6g} (unit μ0, from the bottom of the band): "
                "one channel passes between 0 and 1. Resonances that overlap do not add (use `resonances`); several "
                "channels are several wires.",
                transmission=value[at],
                energy=energy[at],
            )
        return value

    def mirrored(self) -> "Transmission":
        """The same scatterer seen with left and right exchanged."""
        return Transmission(self.function, 1 - self.share, self.places)


def lorentzian(peak: float, width: float, share: float = 0.0) -> Transmission:
    """Γ²/((E-ε0)²+Γ²), 003 Eq. 21; peak ε0 and half width at half maximum Γ in μ0."""
    return resonances([peak], [width], share=share)


def resonances(
    peaks: Sequence[float], widths: Sequence[float], parities: Sequence[int] | None = None, share: float = 0.0
) -> Transmission:
    """Several levels, each coupled to both wires equally strongly: T = sin²(δ_even - δ_odd) ≤ 1 whatever they are.

    peaks, widths : (n,) [μ0], half widths at half maximum of each level alone.    parities : (n,) of +1 and -1, the
    sign of its wave at one end relative to the other; default alternating, as in a box, without zeros of T between
    neighbours. tan δ = Σ Γ/(ε-E) over the levels of one parity; one level is a Lorentzian.
    """
    at, width = np.array(peaks, dtype=float), np.array(widths, dtype=float)
    sign = (-1) ** np.arange(len(at)) if parities is None else np.array(parities)
    if not at.ndim == width.ndim == 1 or not len(at) == len(width) == len(sign) or not len(at):
        raise InputError(f"{len(at)} peaks need as many widths and parities, not {len(width)} and {len(sign)}")
    if not (np.all(np.isfinite([*at, *width])) and np.all(width >= NARROWEST) and set(sign) <= {1, -1}):
        raise InputError(
            f"resonances need finite peaks, widths of at least {NARROWEST:g} and parities ±1, not {peaks}, {widths}, "
            f"{parities}"
        )

    for parity in (1, -1):
        same = at[sign == parity]
        if len(np.unique(same)) < len(same):
            raise InputError(f"two levels of parity {parity} at one energy are one, their widths added: {peaks}")

    def function(energy: Array) -> Array:
        # e^{iδ} ∝ Π(ε-E) + i Σ_a Γ_a Π_{b≠a}(ε_b-E): no poles.
        phases = [_phase(energy, at[sign == parity], width[sign == parity]) for parity in (1, -1)]
        return (phases[0] * np.conj(phases[1])).imag ** 2

    return Transmission(function, share, _around(at, width))


def _around(peaks: Array, widths: Array) -> tuple[float, ...]:
    """Places that lead a grid to peaks of any width."""
    places = set(peaks.tolist())
    for peak, width in zip(peaks, widths, strict=True):
        steps = width * 4.0 ** np.arange(np.ceil(np.log(WIDEST / width) / np.log(4)))
        places.update((peak + steps).tolist(), (peak - steps).tolist())
    return tuple(sorted(places))


def _phase(energy: Array, peaks: Array, widths: Array) -> Array:
    """e^{iδ} of the levels of one parity, (n,)."""
    offsets = peaks - energy[:, None]
    others = [np.prod(np.delete(offsets, a, axis=1), axis=1) * widths[a] for a in range(len(peaks))]
    value = np.prod(offsets, axis=1) + 1j * np.sum(others, axis=0)
    return value / np.abs(value)


def step(edge: float, width: float = 0.0, low: float = 0.0, high: float = 1.0, share: float = 0.0) -> Transmission:
    """Rise from low to high at E = edge: a point contact; width > 0 smooths it to 1/(1+exp(-(E-edge)/width))."""
    if width < 0:
        raise InputError(f"width {width!r} of a step must not be negative", width=width)

    def function(energy: Array) -> Array:
        rise = expit((energy - edge) / width) if width > 0 else np.heaviside(energy - edge, 0.5)
        return low + (high - low) * rise

    return Transmission(function, share, (float(edge),))


def table(energies: Any, values: Any, share: float = 0.0) -> Transmission:
    """T between the points of a table, monotone between neighbours; InputError for an energy outside it.

    energies : (n,) ascending [μ0]; it must reach from the bottom of the band to 1 + 40 k_BT/μ0 above.
    """
    at, value = np.asarray(energies, dtype=float), np.asarray(values, dtype=float)
    if at.ndim != 1 or at.shape != value.shape or len(at) < 2 or np.any(np.diff(at) <= 0):
        raise InputError(f"a table needs ascending energies and as many values, not {at.shape} and {value.shape}")
    curve = PchipInterpolator(at, value)

    def function(energy: Array) -> Array:
        if energy.min() < at[0] or energy.max() > at[-1]:
            raise InputError(
                f"the transmission is needed from {energy.min():.4g} to {energy.max():.4g} (unit μ0), its table "
                f"reaches from {at[0]:.4g} to {at[-1]:.4g}: extend the table or lower the temperature",
                needed=(energy.min(), energy.max()),
                table=(at[0], at[-1]),
            )
        return curve(energy)

    peaks = find_peaks(value, prominence=PROMINENT)[0]
    return Transmission(function, share, _around(at[peaks], (at[peaks + 1] - at[peaks - 1]) / 2))


def of_electrons(
    structure: ElectronicStructure,
    chemical_potential: float,
    band_bottom: float,
    electrodes: tuple[str, str] = ("L", "R"),
    share: float = 0.5,
) -> Transmission:
    """T(E) of a junction's electrons, put between two wires.

    chemical_potential : μ0 of the wires, from the bottom of their band [eV].    band_bottom : where that bottom lies on
    the junction's scale of energies [eV].
    """
    if not chemical_potential > 0:
        raise InputError(f"chemical potential {chemical_potential!r} eV must be positive", value=chemical_potential)
    energies = structure.hamiltonian.astype(complex)
    for name, electrode in structure.electrodes.items():
        rows = np.array(electrode.orbitals)
        energies[rows[:, None], rows] += structure.self_energy(name, np.array([band_bottom + chemical_potential]))[0]
    levels = (np.linalg.eigvals(np.linalg.solve(structure.overlap, energies)) - band_bottom) / chemical_potential
    narrow = levels[(levels.imag < -NARROWEST) & (levels.imag > -WIDEST)]
    return Transmission(
        lambda e: structure.transmission(band_bottom + chemical_potential * e, *electrodes),
        share,
        _around(narrow.real, -narrow.imag),
    )


def as_transmission(given: Any) -> Transmission:
    """A Transmission from one, from a callable T(E), or from (peak, width) of a Lorentzian."""
    if isinstance(given, Transmission):
        return given
    if callable(given):
        return Transmission(given)
    try:
        peak, width = (float(value) for value in given)
    except (TypeError, ValueError):
        raise InputError(f"a transmission is a callable T(E) or (peak, width), not {given!r:.60}") from None
    return lorentzian(peak, width)
