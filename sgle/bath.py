"""Bath: what the surroundings do to a set of dofs, everything derived from spectra in one place (physics.md 2-4).

The primitive is an electron-hole-pair-like channel c with strength s_c(ω) ≥ 0 and potential μ_c:

    absorption = Σ_c s_c x(n_B(x)+1),  emission = Σ_c s_c x n_B(x),  x = ω - μ_c,

finite everywhere, Hermitian and ≥ 0. A phonon bath is one channel with μ = 0 and s = Γ/ω; a biased electron bath has
LL+RR (0), LR (+eV) and RL (-eV). Bosons in chemical equilibrium with driven matter have n_B(|ω|-ν) in the place of
n_B(|ω|): one channel with s = Γ/ω, x = sign(ω)(|ω|-ν) and a factor ω/x. The dynamics follow from Γ = abs - em =
ω F + iA with F, A real, symmetric and antisymmetric, both even in ω.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sgle.causality import Continued, Spectrum
from sgle.errors import BathError
from sgle.occupation import absorption_factor, emission_factor, noise_factor
from sgle.switches import apply_switches

Array = np.ndarray


class Markov(NamedTuple):
    """Π(ω) ≈ N - iω(η + B) at low frequency: force -N u - η u̇ - B u̇ (physics.md 2)."""

    nonconservative: Array
    friction: Array
    berry: Array


@dataclass(frozen=True, eq=False)
class Channel:
    """One electron-hole-pair (or phonon) channel: strength s(ω) = Γ_c/(ω-μ), potential μ, temperature T.

    name : electrodes of upper and lower state, "LR" say; empty for phonons. The strengths of a channel and of the one
    with its electrodes exchanged obey s^{αβ}(-ω) = s^{βα}(ω)*; alone they need not be even.
    floor : of bosons with a potential ν (002 A1), s = Γ/ω: a frequency above ν and, if there is one, in the gap below
    their spectrum. What a time grid leaks below it is noise of the temperature floor (n_B(floor-ν) + ½), finite there.
    """

    strength: Spectrum
    potential: float
    temperature: float
    name: str = ""
    floor: float | None = None

    def _argument(self, omega: Array) -> tuple[Array, Array | float]:
        """x, and the factor ω/x of bosons with a potential, which their strength Γ/ω lacks."""
        if self.floor is None:
            return omega - self.potential, 1.0
        size = np.maximum(np.abs(omega), self.floor)
        x = size - self.potential
        return np.where(omega < 0, -x, x), size / x

    def rates(self, omega: Array) -> tuple[Array, Array]:
        """Absorption and emission matrices of this channel, (n_w, n, n) each."""
        (x, factor), strength = self._argument(omega), self.strength(omega)
        return (
            strength * (factor * absorption_factor(x, self.temperature))[:, None, None],
            strength * (factor * emission_factor(x, self.temperature))[:, None, None],
        )

    def noise_weight(self, omega: Array, kind: str) -> Array:
        """Factor h(ω) of S = h s: (x/2) coth(x/2T), or its normal-ordered or classical version (physics.md 4)."""
        x, factor = self._argument(omega)
        if kind == "classical":
            shot = noise_factor(0.0 if self.floor is not None else -self.potential, self.temperature)
            return np.full(omega.shape, factor * shot)
        if kind == "normal":
            # em(ω) for ω > 0; S(-ω) = S(ω)* makes it the absorption rate below.
            x = np.where(omega < 0, -x, x)
            return factor * emission_factor(x, self.temperature)
        return factor * noise_factor(x, self.temperature)


@dataclass(frozen=True, eq=False)
class Reactive:
    """The Hermitian part R of Π that Kramers-Kronig of band-limited spectra and local terms miss inside the band.

    symmetric, antisymmetric : Re R, and Im R/ω; shift : what belongs to the renormalisation of Re R. Known on the real
    axis, for the continuum; a time grid does without, and the bath's `residual` says what that amounts to.
    Re R(0) = 0: static forces are local terms. Smooth tables miss that by 1e-9, enough to topple a free chain.
    """

    symmetric: Spectrum
    antisymmetric: Spectrum | None = None
    shift: Spectrum | None = None

    def __call__(self, omega: Array) -> Array:
        """R(ω), (n_w, n, n) Hermitian; at complex ω that of its real part."""
        return self.continued(np.real(omega))

    def continued(self, omega: Array) -> Array:
        """R at complex ω: the sums of Gaussians themselves, near the real axis, where they do not grow yet."""
        value = np.zeros((), complex)
        for part in (self.symmetric, self.shift):
            if part is not None:
                value = value + part(omega) - part(np.zeros(1))
        if self.antisymmetric is not None:
            value += 1j * omega[:, None, None] * self.antisymmetric(omega)
        return value


@dataclass(frozen=True, eq=False)
class Bath:
    """A bath acting on `dofs`. Made by the constructors in sgle.baths; immutable.

    friction_spectrum : F = Re Γ/ω.    antisymmetric : A = Im Γ, or None.    channels : for rates and noise.
    renormalisation : (n, n) real symmetric constant in Π.    berry : (n, n) antisymmetric, -iω berry in Π.
    counter_term : F's static part -γ(0) is left out of Π.
    noise_kind : "quantum", "normal" (no zero point) or "classical".
    parameters : what `constructor` was called with; `switched_off` : the switches applied since.
    consistent : Γ is Σ_c (ω-μ_c) s_c to rounding; tables interpolate Γ and s apart.    source : makes the bath at any
    bias where `parameters` hold only one.
    reactive : part of Π in the continuum alone; residual : the largest deviation of Π without it from the electronic
    structure it stands for, in units of the largest |Γ|.
    """

    kind: str
    dofs: tuple[int, ...]
    temperature: float
    friction_spectrum: Spectrum
    channels: tuple[Channel, ...]
    antisymmetric: Spectrum | None = None
    renormalisation: Array | None = None
    berry: Array | None = None
    bias: float = 0.0
    counter_term: bool = True
    noise_kind: str = "quantum"
    constructor: Callable[..., "Bath"] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    switched_off: tuple[str, ...] = ()
    reactive: Reactive | None = None
    consistent: bool = True
    residual: float = 0.0
    source: Callable[[float], "Bath"] | None = None

    def __post_init__(self) -> None:
        if len(self.dofs) == 0 or len(set(self.dofs)) != len(self.dofs):
            raise BathError(f"dofs {self.dofs} of a {self.kind} bath must be distinct and not empty")
        if any(d < 0 for d in self.dofs):
            raise BathError(f"dofs {self.dofs} of a {self.kind} bath must not be negative")
        if self.friction_spectrum.size != len(self.dofs):
            raise BathError(
                f"{self.kind} bath: matrices are {self.friction_spectrum.size} × {self.friction_spectrum.size} "
                f"but {len(self.dofs)} dofs are given",
                size=self.friction_spectrum.size,
                dofs=self.dofs,
            )

    @property
    def size(self) -> int:
        """Number of dofs n."""
        return len(self.dofs)

    def _zeros(self, omega: Array) -> Array:
        return np.zeros((omega.size, self.size, self.size), complex)

    def broadening(self, omega: ArrayLike) -> Array:
        """Γ(ω) = i(Π - Π†) = ωF + iA [eV²], (n_w, n, n) complex Hermitian; scalar ω gives (n, n)."""
        return _vectorised(self._broadening, omega)

    def _broadening(self, omega: Array) -> Array:
        value = omega[:, None, None] * self.friction_spectrum(omega) + self._zeros(omega)
        if self.antisymmetric is not None:
            value += 1j * self.antisymmetric(omega)
        return value

    def noise(self, omega: ArrayLike) -> Array:
        """S(ω), two-sided [eV²]: ⟨f f⟩ = ∫dω/2π S e^{-iωt}, (n_w, n, n) complex Hermitian ≥ 0."""
        return _vectorised(self._noise, omega)

    def _noise(self, omega: Array) -> Array:
        weights = [channel.noise_weight(omega, self.noise_kind)[:, None] for channel in self.channels]
        shapes = {id(channel.strength.shape): channel.strength.shape for channel in self.channels}
        if len(shapes) == 1 and len(weights) > 1:
            # One product for all channels: their functions of frequency are the same, weighted differently.
            (shape,) = shapes.values()
            common = shape(omega)
            scalars = np.concatenate([weight * common for weight in weights], axis=1)
            return self._strengths.contract(scalars) + 0j
        value = self._zeros(omega)
        for weight, channel in zip(weights, self.channels, strict=True):
            value += weight[:, :, None] * channel.strength(omega)
        return value

    @cached_property
    def _strengths(self) -> Spectrum:
        """The strengths of all channels on top of each other."""
        matrices = np.concatenate([channel.strength.matrices for channel in self.channels])
        return Spectrum(matrices, self.channels[0].strength.shape)

    def absorption(self, omega: ArrayLike) -> Array:
        """abs(ω) = S + Γ/2: rate matrix at which the vibration loses quanta ω, (n_w, n, n)."""
        return _vectorised(lambda w: self._rates(w)[0], omega)

    def emission(self, omega: ArrayLike) -> Array:
        """em(ω) = S - Γ/2: rate matrix at which the vibration gains quanta ω, (n_w, n, n)."""
        return _vectorised(lambda w: self._rates(w)[1], omega)

    def _rates(self, omega: Array) -> tuple[Array, Array]:
        """Absorption and emission: of the channels, without cancellation, unless S and Γ have parted."""
        if self.switched_off or not self.consistent:
            noise, half = self._noise(omega), self._broadening(omega) / 2
            return noise + half, noise - half
        absorbed, emitted = zip(*(channel.rates(omega) for channel in self.channels), strict=True)
        return np.sum(absorbed, axis=0) + 0j, np.sum(emitted, axis=0) + 0j

    def self_energy(self, omega: ArrayLike) -> Array:
        """Retarded Π(ω) [eV²] by Kramers-Kronig from Γ plus local and reactive terms, (n_w, n, n); complex ω with
        Im ω ≥ 0 allowed.
        """
        return _vectorised(self._self_energy, omega)

    def _self_energy(self, omega: Array) -> Array:
        w = omega[:, None, None]
        value = -1j * w * self.friction_spectrum.causal(omega) + self.static
        if self.antisymmetric is not None:
            value = value + self.antisymmetric.causal(omega)
        if self.reactive is not None:
            value = value + self.reactive(omega)
        return value if self.berry is None else value - 1j * w * self.berry

    def around(self, at: Array) -> "ContinuedBath":
        """Π(z) continued below the real axis, near places `at` (k,) with Re ≥ 0; above it that of `self_energy`, with
        the reactive part continued, too.
        """
        force = None if self.antisymmetric is None else self.antisymmetric.around(at)
        return ContinuedBath(self, self.friction_spectrum.around(at), force)

    def friction_kernel(self, t: ArrayLike) -> Array:
        """γ(t) = (1/π)∫_0^∞ dω Re Γ/ω cos ωt, (n_t, n, n) symmetric [eV²]."""
        return _vectorised(self.friction_spectrum.kernel, t)

    def displacement_kernel(self, t: ArrayLike) -> Array:
        """Π_A(t) = (1/π)∫_0^∞ dω Im Γ cos ωt, (n_t, n, n) antisymmetric [eV³]; local terms not included."""
        if self.antisymmetric is None:
            return np.zeros((*np.shape(t), self.size, self.size))
        return _vectorised(self.antisymmetric.kernel, t)

    @cached_property
    def static(self) -> Array:
        """(n, n) symmetric static part of Π that joins K: -γ(0) without counter-term, plus the renormalisation."""
        value = np.zeros((self.size, self.size))
        if not self.counter_term:
            value = value - self.friction_kernel(0.0)
        return value if self.renormalisation is None else value + self.renormalisation

    def markov(self) -> Markov:
        """Low-frequency matrices N, η, B of Π ≈ static + N - iω(η + B) (physics.md 2, last bullet)."""
        zero = np.zeros((self.size, self.size))
        nonconservative, berry = zero, zero if self.berry is None else self.berry
        if self.antisymmetric is not None:
            nonconservative = self.antisymmetric(np.zeros(1))[0] / 2
            berry = berry + local_berry(self.antisymmetric)
        return Markov(nonconservative, self.friction_spectrum(np.zeros(1))[0] / 2, berry)

    def without(self, *switches: str) -> "Bath":
        """A copy with parts of the physics switched off, the same in both domains (sgle.switches lists them)."""
        return apply_switches(self, switches)

    def at_bias(self, bias: float) -> "Bath":
        """The same bath at another bias eV = μ_L - μ_R; a bath that knows no bias is returned unchanged."""
        if self.source is not None:
            return self.source(float(bias)).without(*self.switched_off)
        return self.with_parameters(bias=float(bias)) if "bias" in self.parameters else self

    def with_parameters(self, **changes: Any) -> "Bath":
        """The same constructor called with some parameters changed, the same parts switched off."""
        if self.constructor is None or not set(changes) <= set(self.parameters):
            raise BathError(f"a {self.kind} bath has no parameter {sorted(set(changes) - set(self.parameters))}")
        return self.constructor(**{**self.parameters, **changes}).without(*self.switched_off)

    @property
    def spec(self) -> dict[str, Any]:
        """Constructor name, parameters and switches: sgle.baths.from_spec(bath.spec) is this bath again."""
        return {"kind": self.kind, **self.parameters, "without": self.switched_off}


@dataclass(frozen=True, eq=False)
class ContinuedBath:
    """Π(z) of a bath near some places of the complex plane."""

    bath: Bath
    friction: Continued
    force: Continued | None

    def __call__(self, z: Array) -> Array:
        """At z (k,), one near each place, (k, n, n) [eV²]."""
        w = z[:, None, None]
        value = -1j * w * self.friction(z) + self.bath.static
        if self.force is not None:
            value = value + self.force(z)
        if self.bath.reactive is not None:
            value = value + self.bath.reactive.continued(z)
        return value if self.bath.berry is None else value - 1j * w * self.bath.berry

    def doubt(self, z: Array) -> Array | None:
        """What other ways to continue a table differ by, (2, k, n, n); None where closed forms are known."""
        friction = self.friction.doubt(z)
        return None if friction is None else -1j * z[:, None, None] * friction


def local_berry(antisymmetric: Spectrum) -> Array:
    """B = ∫dω/2π [A(ω)-A(0)]/ω²: the slope of Im Π_A at ω = 0, from two small steps (error fourth order)."""
    h = 1e-3 * antisymmetric.shape.bandwidth
    slope = antisymmetric.causal(np.array([h, 2 * h])).imag
    return -(8 * slope[0] - slope[1]) / (6 * h)


def _vectorised(function: Callable[[Array], Array], argument: Any) -> Array:
    """Scalar in, one matrix out; array in, matrices along the leading axes out."""
    x = np.asarray(argument)
    x = x.astype(complex if np.iscomplexobj(x) else float)
    value = function(x.ravel())
    return value.reshape(*x.shape, *value.shape[1:])
