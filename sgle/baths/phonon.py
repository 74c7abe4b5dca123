"""Phonon and model baths at equilibrium: S = (n_B + ½) Γ with one temperature each (physics.md 3)."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sgle.bath import Bath, Channel
from sgle.causality import Spectrum
from sgle.check import array, dof_tuple, number, positive, square
from sgle.errors import BathError, SpectrumError
from sgle.occupation import require_temperature
from sgle.shapes import Drude, Exponential, Hard, Hats, Shape, Smooth

Array = np.ndarray
SHAPES: dict[str, Callable[[float], Shape]] = {
    "drude": Drude,
    "exponential": Exponential,
    "hard": Hard,
    "smooth": Smooth,
}


def shape_named(shape: str, cutoff: float) -> Shape:
    """The cutoff function of this name; BathError if there is none."""
    if not (isinstance(shape, str) and shape in SHAPES):
        raise BathError(f"unknown shape {shape!r}; known: {', '.join(SHAPES)}", shape=shape)
    return SHAPES[shape](number(cutoff, "cutoff"))


def equilibrium(
    spectrum: Spectrum,
    temperature: float,
    dofs: Any,
    constructor: Callable[..., Bath],
    potential: float = 0.0,
    edge: float = 0.0,
    **more: Any,
) -> Bath:
    """A bath of one channel with F = Γ/ω = `spectrum` (real symmetric) at one temperature.

    potential : ν, S = (n_B(ω-ν) + ½) Γ; edge : where the spectrum begins, which ν must not reach (BathError).
    """
    temperature = require_temperature(temperature)
    parameters = {"temperature": temperature, "dofs": dof_tuple(dofs), **more.pop("parameters")}
    return Bath(
        kind=constructor.__name__,
        dofs=parameters["dofs"],
        temperature=temperature,
        friction_spectrum=spectrum,
        channels=(Channel(spectrum, potential, temperature, floor=_floor(potential, edge)),),
        constructor=constructor,
        parameters=parameters,
        **more,
    )


def _floor(potential: float, edge: float) -> float | None:
    """Half way from ν to the edge of the spectrum; None at ν = 0, where nothing is infinite."""
    if potential == 0:
        return None
    if potential >= edge:
        raise BathError(
            f"chemical potential ν = {potential:.6g} must lie below the lower edge {edge:.6g} of the spectrum: "
            "n_B(ω-ν) is infinite at ω = ν. Lower ν, or give the bath a wider gap (the onsite of a chain, zeros of "
            "a table).",
            potential=potential,
            edge=edge,
        )
    return (potential + edge) / 2


def drude(friction: Any, cutoff: float, temperature: float, dofs: Any, counter_term: bool = True) -> Bath:
    """Γ(ω) = 2 η ω c²/(ω²+c²), friction kernel η c e^{-ct}.

    friction : (n, n) symmetric ≥ 0 [eV] (scalar for one dof), cutoff c > 0 [eV], temperature [eV].
    counter_term=True: K is the relaxed matrix, Π(0) = 0 (physics.md 2).    Raises BathError, SpectrumError.
    """
    dofs = dof_tuple(dofs)
    friction = positive(square(friction, len(dofs), "friction"), "friction")
    spectrum = Spectrum(2 * friction[None], Drude(number(cutoff, "cutoff")))
    parameters = {"friction": friction, "cutoff": number(cutoff, "cutoff"), "counter_term": bool(counter_term)}
    return equilibrium(spectrum, temperature, dofs, drude, parameters=parameters, counter_term=bool(counter_term))


def ohmic(
    friction: Any, cutoff: float, temperature: float, dofs: Any, shape: str = "smooth", counter_term: bool = True
) -> Bath:
    """Γ(ω) = 2 η ω φ(ω) with φ = e^{-ω²/c²} ("smooth"), e^{-ω/c} ("exponential"), θ(c-ω) ("hard") or "drude".

    friction : (n, n) symmetric ≥ 0 [eV].    cutoff c [eV].    Raises BathError, SpectrumError.
    The smooth shape is band-limited (below 1e-16 above 6.1 c) and its kernel short; the hard one has a kernel like 1/t.
    """
    dofs = dof_tuple(dofs)
    cutoff_shape = shape_named(shape, cutoff)
    friction = positive(square(friction, len(dofs), "friction"), "friction")
    spectrum = Spectrum(2 * friction[None], cutoff_shape)
    parameters = {
        "friction": friction,
        "cutoff": number(cutoff, "cutoff"),
        "shape": shape,
        "counter_term": bool(counter_term),
    }
    return equilibrium(spectrum, temperature, dofs, ohmic, parameters=parameters, counter_term=bool(counter_term))


def debye(coupling: Any, debye_frequency: float, temperature: float, dofs: Any, counter_term: bool = True) -> Bath:
    """Dofs tied by springs to atoms of a Debye solid: Γ(ω) = 3π V Vᵀ ω/ω_D³ below ω_D, 0 above.

    From Im g = -π ρ(ω)/2ω with the Debye density ρ = 3ω²/ω_D³ of one direction of one atom, so that
    γ(0) = 3 V Vᵀ/ω_D² = -V g(0) Vᵀ.    coupling V : (n, m) mass-normalised force constants [eV²] to m independent
    atoms (scalar for one dof).    debye_frequency ω_D [eV].    Raises BathError.
    """
    dofs = dof_tuple(dofs)
    coupling = np.atleast_2d(array(coupling, "coupling"))
    if coupling.shape[0] != len(dofs) or not np.all(np.isfinite(coupling)):
        raise BathError(f"coupling must be finite, (n, m) with n = {len(dofs)} dofs, not {coupling.shape}")
    shape = Hard(number(debye_frequency, "debye_frequency"))
    spectrum = Spectrum(3 * np.pi / shape.cutoff**3 * (coupling @ coupling.T)[None], shape)
    parameters = {"coupling": coupling, "debye_frequency": shape.cutoff, "counter_term": bool(counter_term)}
    return equilibrium(spectrum, temperature, dofs, debye, parameters=parameters, counter_term=bool(counter_term))


def tabulated(
    omega: Any, broadening: Any, temperature: float, dofs: Any, counter_term: bool = True, potential: float = 0.0
) -> Bath:
    """Γ/ω linear between the points of a table, zero beyond the last one; Kramers-Kronig exact for this function.

    omega : (n_w,) ascending, ≥ 0 [eV].    broadening : (n_w, n, n) real symmetric ≥ 0 [eV²], or (n_w,) for one dof.
    potential : ν [eV] of bosons in chemical equilibrium with driven matter, S = (n_B(ω-ν) + ½) Γ (002 A1); below the
    spectrum, which begins at the last of the points with Γ = 0 exactly, or at 0.
    Γ must vanish at ω = 0 (S would be infinite) and at the last point: a table that stops inside the spectrum is
    refused, SpectrumError.    Raises BathError for shapes, order and potential.
    """
    dofs = dof_tuple(dofs)
    omega, broadening = _table(omega, broadening, len(dofs))
    positive(broadening, "broadening", omega)
    _closed(omega, broadening)
    nodes, values = _over_omega(omega, broadening)
    potential = number(potential, "potential")
    parameters = {
        "omega": omega,
        "broadening": broadening,
        "counter_term": bool(counter_term),
        "potential": potential,
    }
    return equilibrium(
        Spectrum(values, Hats(nodes)),
        temperature,
        dofs,
        tabulated,
        potential,
        _edge(nodes, values),
        parameters=parameters,
        counter_term=bool(counter_term),
    )


def _edge(nodes: Array, values: Array) -> float:
    """Frequency at which a table leaves zero; its end if it never does."""
    alive = np.flatnonzero(np.any(values != 0, axis=(1, 2)))
    return float(nodes[max(alive[0] - 1, 0)] if len(alive) else nodes[-1])


def from_callable(
    broadening: Callable[[Array], Array], omega: Any, temperature: float, dofs: Any, counter_term: bool = True
) -> Bath:
    """Sample Γ(ω), a callable (n_w,) -> (n_w, n, n), on the points `omega` and tabulate it (see `tabulated`)."""
    return tabulated(omega, broadening(np.asarray(omega, dtype=float)), temperature, dofs, counter_term)


def _table(omega: Any, broadening: Any, n: int) -> tuple[Array, Array]:
    omega, broadening = array(omega, "omega"), array(broadening, "broadening")
    if broadening.ndim == 1:
        broadening = broadening[:, None, None]
    if omega.ndim != 1 or len(omega) < 3 or broadening.shape != (len(omega), n, n):
        raise BathError(
            f"table needs omega (n_w ≥ 3,) and broadening (n_w, {n}, {n}), got {omega.shape}, {broadening.shape}"
        )
    if not (np.all(np.isfinite(omega)) and np.all(np.isfinite(broadening))):
        raise BathError("table contains NaN or infinity")
    if np.iscomplexobj(broadening):
        raise BathError("a broadening at equilibrium is real symmetric; a complex one belongs to an electron bath")
    if omega[0] < 0 or np.any(np.diff(omega) <= 0):
        where = int(np.argmax(np.diff(omega) <= 0))
        raise BathError(
            f"omega must be ≥ 0 and ascending; it is not after point {where} ({omega[where]:.6g})", index=where
        )
    return omega, broadening.astype(float)


def _closed(omega: Array, broadening: Array) -> None:
    """Refuse a table that is cut off at either end."""
    size = np.abs(broadening).max(axis=(1, 2))
    largest = size.max()
    if size[-1] > 1e-3 * largest:
        raise SpectrumError(
            f"table stops inside the spectrum: |Γ| at its last point {omega[-1]:.6g} is {size[-1] / largest:.1%} of "
            "its largest value. Extend the table to the band edge, or let it fall to zero.",
            last=omega[-1],
            share=size[-1] / largest,
        )
    if size[0] > 1e-9 * largest and omega[0] == 0:
        raise SpectrumError(f"Γ(0) = {size[0]:.3e} must vanish: noise coth(ω/2T) Γ would be infinite", value=size[0])
    if size[0] > 1e-3 * largest:
        raise SpectrumError(
            f"table starts inside the spectrum: |Γ| at its first point {omega[0]:.6g} is {size[0] / largest:.1%} of "
            "its largest value. Add points down to ω = 0.",
            first=omega[0],
            share=size[0] / largest,
        )


def _over_omega(omega: Array, broadening: Array) -> tuple[Array, Array]:
    """Nodes and values of F = Γ/ω, closed to zero at both ends; F(0) continues the first interval."""
    positive_part = omega > 0
    nodes = omega[positive_part]
    values = broadening[positive_part] / nodes[:, None, None]
    if omega[0] == 0:
        nodes, values = np.append(0.0, nodes), np.concatenate([values[:1], values])
    elif np.abs(values[0]).max() > 0:
        below = max(0.0, 2 * nodes[0] - nodes[1])
        first = values[:1] if below == 0 else 0 * values[:1]
        nodes, values = np.append(below, nodes), np.concatenate([first, values])
    if np.abs(values[-1]).max() > 0:
        nodes = np.append(nodes, 2 * nodes[-1] - nodes[-2])
        values = np.concatenate([values, 0 * values[-1:]])
    return nodes, values
