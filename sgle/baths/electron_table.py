"""Electrons as a bath from tables of their electron-hole pairs at one or more biases (physics.md 4)."""

from typing import Any

import numpy as np

from sgle.bath import Bath, Channel, Reactive, local_berry
from sgle.causality import Spectrum
from sgle.check import antisymmetric as check_antisymmetric
from sgle.check import array, dof_tuple, hermitian, number, positive
from sgle.electronic.pairs import CHANNELS, Occupation
from sgle.errors import BathError
from sgle.mixtures import banded
from sgle.occupation import require_temperature

Array = np.ndarray


def electron_table(
    omega: Any,
    biases: Any,
    strength: Any,
    friction: Any,
    antisymmetric: Any,
    renormalisation: Any,
    berry: Any,
    residual: Any,
    reactive: Any,
    *,
    bias: float,
    temperatures: Any,
    cutoff: float,
    dofs: Any,
) -> Bath:
    """Electrons from tables of their electron-hole pairs at one or more biases.

    omega : (m,) uniform from 0 [eV].    biases : (b,) at which all that follows is known [eV].
    strength : (b, 4, m, n, n) S^{αβ}/h(ω-μ_αβ) ≥ 0 of LL, RR, LR, RL.    friction : (b, m, n, n) Re Γ/ω [eV].
    antisymmetric : (b, m, n, n) Im Γ [eV²].    renormalisation : (b, n, n) [eV²], berry : (b, n, n): what Re Π and Im R
    are at low frequency beyond equilibrium.    reactive : (b, 3, m, n, n) what is missing from Re Π, from Im R/ω, and
    the renormalisation's change with ω (sgle.bath.Reactive), for the continuum.    residual : (b,) largest deviation
    of Π from the electronic structure's in the band without them, in units of the largest |Γ|.    temperatures : (T_L,
    T_R).
    Beyond omega's end the last values continue up to `cutoff` (sgle.mixtures.flat_top); a local Berry term makes up
    for what is cut away.    Raises BathError for an unknown bias, SpectrumError for strengths that are not ≥ 0.
    """
    dofs, omega = dof_tuple(dofs), array(omega, "omega")
    t_left, t_right = (require_temperature(t) for t in array(temperatures, "temperatures"))
    tables = {
        "strength": array(strength, "strength", complex),
        "friction": array(friction, "friction"),
        "antisymmetric": array(antisymmetric, "antisymmetric"),
        "renormalisation": array(renormalisation, "renormalisation"),
        "berry": array(berry, "berry"),
        "residual": array(residual, "residual"),
        "reactive": array(reactive, "reactive"),
    }
    biases = array(biases, "biases")
    at = _index(biases, number(bias, "bias"))
    _check_shapes(tables, len(biases), len(omega), len(dofs))
    here = {name: table[at] for name, table in tables.items()}
    positive(here["strength"].reshape(-1, len(dofs), len(dofs)), "strength of electron-hole pairs", rtol=1e-9)
    friction_spectrum = Spectrum(hermitian(here["friction"], "friction"), banded(omega, cutoff, True))
    return Bath(
        kind=electron_table.__name__,
        dofs=dofs,
        temperature=(t_left + t_right) / 2,
        friction_spectrum=friction_spectrum,
        channels=_channels(here["strength"], omega, cutoff, Occupation(bias / 2, -bias / 2, t_left, t_right)),
        bias=float(bias),
        constructor=electron_table,
        parameters={
            "omega": omega,
            "biases": biases,
            **tables,
            "bias": float(bias),
            "temperatures": np.array([t_left, t_right]),
            "cutoff": number(cutoff, "cutoff"),
            "dofs": dofs,
        },
        consistent=False,
        residual=float(here["residual"]),
        reactive=Reactive(*(Spectrum(part, banded(omega, cutoff, True)) for part in here["reactive"])),
        **forces(here, omega, cutoff),
    )


def _index(biases: Array, bias: float) -> int:
    near = int(np.argmin(np.abs(biases - bias)))
    if abs(biases[near] - bias) > 1e-12:
        known = ", ".join(f"{value:.6g}" for value in biases)
        raise BathError(
            f"the electron bath is tabulated at bias {known}, not at {bias:.6g}; make it again from its electronic "
            "structure (its recipe or model) to change the bias",
            bias=bias,
        )
    return near


def _check_shapes(tables: dict[str, Array], b: int, m: int, n: int) -> None:
    shapes: dict[str, tuple[int, ...]] = {
        "strength": (b, len(CHANNELS), m, n, n),
        "friction": (b, m, n, n),
        "antisymmetric": (b, m, n, n),
        "renormalisation": (b, n, n),
        "berry": (b, n, n),
        "residual": (b,),
        "reactive": (b, 3, m, n, n),
    }
    for name, shape in shapes.items():
        if tables[name].shape != shape or not np.all(np.isfinite(tables[name])):
            raise BathError(f"{name} must be finite, of shape {shape}, not {tables[name].shape}")


def _channels(strength: Array, omega: Array, cutoff: float, occupation: Occupation) -> tuple[Channel, ...]:
    """Channels with strengths at frequencies of both signs: s^{αβ}(-ω) = s^{βα}(ω)*."""
    shape = banded(omega, cutoff, False)
    by_name = dict(zip(CHANNELS, strength, strict=True))
    found = []
    for name, matrices in by_name.items():
        both = np.concatenate([np.conj(by_name[name[::-1]][:0:-1]), matrices])
        found.append(Channel(Spectrum(both, shape), occupation.potential(name), occupation.temperature(name), name))
    return tuple(found)


def forces(here: dict[str, Array], omega: Array, cutoff: float) -> dict[str, Any]:
    """The antisymmetric spectrum and the local terms: the Berry term is what the memory does not do."""
    check_antisymmetric(here["berry"], "berry", rtol=1e-6)
    spectrum = None
    if np.any(here["antisymmetric"]):
        spectrum = Spectrum(here["antisymmetric"], banded(omega, cutoff, True))
    local = here["berry"] - (0 if spectrum is None else local_berry(spectrum))
    return {
        "antisymmetric": spectrum,
        "renormalisation": hermitian(here["renormalisation"], "renormalisation"),
        "berry": local if np.any(local) else None,
    }
