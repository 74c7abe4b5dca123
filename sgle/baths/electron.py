"""Electron baths in the flat-band limit: electron-hole pairs of a biased conductor (physics.md 4; 000 Eqs. 3-6)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from sgle.bath import Bath, Channel, local_berry
from sgle.baths.phonon import shape_named
from sgle.causality import Spectrum
from sgle.check import antisymmetric, dof_tuple, hermitian, number, positive, square
from sgle.errors import BathError
from sgle.occupation import require_temperature
from sgle.shapes import Shape

Array = np.ndarray


def _require_bias(bias: float) -> float:
    return number(bias, "bias")


def _three_channels(intra: Array, inter: Array, shape: Shape, bias: float, temperature: float) -> tuple[Channel, ...]:
    """LL+RR at μ = 0, LR (λ_LR = λ_RL*) at +eV, RL at -eV; strengths in Γ^{αβ} = strength (ω - μ)."""
    parts = (("intra", intra, 0.0), ("LR", np.conj(inter), bias), ("RL", inter, -bias))
    return tuple(Channel(Spectrum(matrix[None], shape), mu, temperature, name) for name, matrix, mu in parts)


def _antisymmetric(inter: Array, bias: float, shape: Shape) -> Spectrum | None:
    """A = 2 eV Im λ: what the two inter-electrode channels leave of Im Γ; even in ω."""
    matrix = 2 * bias * inter.imag
    return Spectrum(matrix[None], shape) if np.any(matrix) else None


def flat_band(
    intra: Any, inter: Any, bias: float, temperature: float, cutoff: float, dofs: Any, shape: str = "drude"
) -> Bath:
    """Γ^{αβ} = 4π (ω - μ_αβ) λ^{αβ} φ(ω): energy-independent coupling to the electrons, one cutoff on ω (000 Eq. 39).

    intra = λ_LL + λ_RR : (n, n) real symmetric ≥ 0.    inter = λ_RL : (n, n) Hermitian ≥ 0, λ_LR = λ_RL*.
    bias eV = μ_L - μ_R, temperature, cutoff [eV].    The static symmetric part is in K (Born-Oppenheimer).
    Markov limit: η = 2π(intra + 2 Re inter), N = 4π eV Im inter, B = -N/cutoff (drude).
    Raises BathError, SpectrumError.
    """
    dofs = dof_tuple(dofs)
    n, temperature, bias = len(dofs), require_temperature(temperature), _require_bias(bias)
    cutoff_shape = shape_named(shape, cutoff)
    intra = positive(square(intra, n, "intra"), "intra")
    inter = positive(square(inter, n, "inter", complex), "inter")
    if shape == "exponential" and np.any(inter.imag):
        raise BathError(
            "exponential cutoff with complex inter: its cusp at ω = 0 makes the Berry matrix infinite; "
            "use smooth or drude"
        )
    parameters = {"intra": intra, "inter": inter, "cutoff": number(cutoff, "cutoff"), "shape": shape}
    return _electron_bath(
        flat_band, 4 * np.pi * intra, 4 * np.pi * inter, cutoff_shape, bias, temperature, dofs, parameters
    )


def local(
    friction: Any,
    nonconservative: Any = None,
    renormalisation: Any = None,
    berry: Any = None,
    shot_noise: Any = None,
    *,
    bias: float,
    temperature: float,
    cutoff: float,
    dofs: Any,
) -> Bath:
    """Π(ω) = -iω(η + V ζ₂) + V ζ₁ - V ξ⁻ inside a smooth cutoff: matrices per unit bias, as electronic structure
    gives them.

    friction η : (n, n) symmetric ≥ 0.    Per unit bias V: nonconservative ξ⁻ (antisymmetric), renormalisation ζ₁
    (symmetric), berry ζ₂ (antisymmetric), shot_noise ξ⁺ (symmetric): the symmetric part of the left-right
    electron-hole pairs. One complex Hermitian strength ξ⁺ + iξ⁻ ≥ 0 makes both the force -V ξ⁻ u and the noise S = ω
    coth(ω/2T) η + ½Σ_± [(ω∓V) coth((ω∓V)/2T)(ξ⁺ ± iξ⁻) - ω coth(ω/2T) ξ⁺]; ξ⁻ without ξ⁺, and ξ⁺ above η, are
    refused. Every force given acts on its own (none waits for another to be given).    cutoff c [eV]: factor
    exp(-ω²/c²); the Berry term this cutoff causes is cancelled, so that the matrices given are the low-frequency
    ones.
    """
    dofs = dof_tuple(dofs)
    n, temperature, bias = len(dofs), require_temperature(temperature), _require_bias(bias)
    given = {
        "nonconservative": nonconservative,
        "renormalisation": renormalisation,
        "berry": berry,
        "shot_noise": shot_noise,
    }
    matrices = {name: np.zeros((n, n)) if m is None else square(m, n, name) for name, m in given.items()}
    friction = positive(square(friction, n, "friction"), "friction")
    antisymmetric(matrices["nonconservative"], "nonconservative")
    antisymmetric(matrices["berry"], "berry")
    hermitian(matrices["renormalisation"], "renormalisation")
    inter = matrices["shot_noise"] - 1j * matrices["nonconservative"]
    positive(inter, "shot_noise ± i nonconservative (left-right pairs)")
    intra = positive(2 * friction - 2 * matrices["shot_noise"], "friction - shot_noise (pairs within one electrode)")
    shape = shape_named("smooth", cutoff)
    parameters = {"friction": friction, "cutoff": number(cutoff, "cutoff")} | {
        name: None if given[name] is None else matrices[name] for name in given
    }
    bath = _electron_bath(local, intra, inter, shape, bias, temperature, dofs, parameters)
    memory_berry = 0 if bath.antisymmetric is None else local_berry(bath.antisymmetric)
    return replace(
        bath, renormalisation=bias * matrices["renormalisation"], berry=bias * matrices["berry"] - memory_berry
    )


def _electron_bath(
    constructor: Callable[..., Bath],
    intra: Array,
    inter: Array,
    shape: Shape,
    bias: float,
    temperature: float,
    dofs: tuple[int, ...],
    parameters: dict[str, Any],
) -> Bath:
    """Friction from all channels, antisymmetric part from the inter-electrode ones; strengths as in Γ = strength
    (ω-μ).
    """
    return Bath(
        kind=constructor.__name__,
        dofs=dofs,
        temperature=temperature,
        friction_spectrum=Spectrum((intra + 2 * inter.real)[None], shape),
        antisymmetric=_antisymmetric(inter, bias, shape),
        channels=_three_channels(intra, inter, shape, bias, temperature),
        bias=bias,
        constructor=constructor,
        parameters={**parameters, "bias": bias, "temperature": temperature, "dofs": dofs},
    )
