"""Heat flows resolved into electron-hole-pair channels, and the current-driven form as an independent road to J.

A biased electron bath is several baths in one: pairs within L, within R, from R to L and from L to R (001 Eq. 8, 002
Eq. 7; physics.md 4). With Γ_c = abs_c - em_c and S_c of channel c in the place of a bath's, the pair flows

    J_{α←c} = ∫_0^∞ dω/2π ω { Tr[Γ_α D S_c D†] - Tr[Γ_c D S_α D†] }

say which channel heats which bath. With all baths at one temperature T there is a second form (000 Eqs. 8, 29-34),

    J_α = Σ_c ∫_0^∞ dω/2π ω Tr[Γ_c D†Γ_α D] (n_B(ω-μ_c) - n_B(ω)),

to which only the channels between different electrodes contribute: by sign, those that give back eV always heat, those
that take it always cool. Its terms and those of the first form differ although their sums agree: a complex Γ_c is not
reciprocal, Tr[Γ_α D Γ_c D†] ≠ Tr[Γ_c D Γ_α D†], so that in the first form heat circulates (from LR by way of L to RL)
even at equilibrium, each terminal getting as much as it gives. `channel_flows` is the ledger, `driven_flows` is free of
this circulation and says what the bias does.
Errata: 000 Eq. 30 is right with the lower limit -∞ only (as Eqs. 31-34 have it: RL over the full axis is LR + RL over
half of it), and in every form the trace needs the time-reversed D†Γ_α D: D Γ_α D† gives other numbers for complex Γ_c.
001 Eq. 8, which has scalars, leaves the order open.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from sgle.bath import Bath, Channel
from sgle.errors import BathError
from sgle.junction import Junction
from sgle.landauer import integrated
from sgle.occupation import absorption_factor, emission_factor
from sgle.response import Response, anti_hermitian
from sgle.stability import zero_modes

Array = np.ndarray
Matrices = Callable[[Array], Array]
HARMLESS_SWITCHES = ("renormalisation", "berry", "asymmetric", "zero_point")


class Terminal(NamedTuple):
    """A phonon bath, or one channel of an electron bath. broadening, noise: (n_w,) -> (n_w, n, n)."""

    name: str
    bath: str
    dofs: tuple[int, ...]
    broadening: Matrices
    noise: Matrices


def terminals(junction: Junction) -> list[Terminal]:
    """Every phonon bath, and every channel "e:LR" of every electron bath "e". Raises BathError as `channel_flows`."""
    found = []
    for name, bath in junction.baths.items():
        if len(bath.channels) == 1:
            found.append(Terminal(name, name, bath.dofs, bath.broadening, bath.noise))
        else:
            found += _channels(name, bath)
    return found


def _channels(name: str, bath: Bath) -> list[Terminal]:
    real = _force_is_real(name, bath)

    def end(label: str, channel: Channel) -> Terminal:
        def broadening(omega: Array) -> Array:
            gamma = pair_broadening(channel, omega)
            return gamma.real + 0j if real else gamma

        return Terminal(label, name, bath.dofs, broadening, lambda omega: _noise(channel, omega, bath.noise_kind))

    return [end(f"{name}:{channel.name or i}", channel) for i, channel in enumerate(bath.channels)]


def pair_broadening(channel: Channel, omega: Array) -> Array:
    """Γ_c(ω) = abs_c - em_c [eV²], (n_w, n, n) Hermitian; any sign of ω."""
    absorbed, emitted = channel.rates(omega)
    return absorbed - emitted


def _noise(channel: Channel, omega: Array, kind: str) -> Array:
    if kind == "quantum":
        absorbed, emitted = channel.rates(omega)
        return (absorbed + emitted) / 2
    return channel.noise_weight(omega, kind)[:, None, None] * channel.strength(omega)


def _force_is_real(name: str, bath: Bath) -> bool:
    """Whether the asymmetric force is off while channels keep their imaginary parts. Refuses channels that do not add
    up to the bath's Γ: then force and noise belong to different electrons.
    """
    # Tables interpolate Γ and strengths apart.
    rtol = 1e-9 if bath.consistent else 2e-2
    omega = bath.friction_spectrum.shape.bandwidth * np.array([0.03, 0.1, 0.2])
    wanted = bath.broadening(omega)
    found = np.sum([pair_broadening(c, omega) for c in bath.channels], axis=0)
    off = np.abs(found - wanted).max() / max(np.abs(wanted).max(), np.finfo(float).tiny)
    if off < rtol:
        return False
    if bath.antisymmetric is None and np.abs(found.real - wanted).max() < rtol * np.abs(wanted).max():
        return True
    raise BathError(
        f"the channels of bath {name!r} do not add up to its broadening ({off:.2e} of it is missing; switched off: "
        f"{', '.join(bath.switched_off) or 'nothing'}): its force and its noise come from different electrons, so no "
        "flow belongs to one channel. Leave these on.",
        difference=off,
    )


def channel_flows(junction: Junction) -> dict[tuple[str, str], float]:
    """Heat into one terminal from another, {(to, from): J} [eV²/ħ]; terminals are "L", "R", "e:LL", "e:LR", ...

    Antisymmetric; the sum over the channels of a bath is its landauer.pair_flows, and what channels of one bath
    exchange among themselves, by way of the vibrations, drops out of that sum.
    Raises UnstableError, QuadratureError; BathError if a switch has separated a bath's force from its noise.
    """
    ends = terminals(junction)
    integral, _ = integrated(junction, lambda response, omega: _traces(response, omega, ends))
    flows = integral.reshape(len(ends), len(ends))
    net = flows - flows.T
    return {(a.name, b.name): float(net[i, j]) for i, a in enumerate(ends) for j, b in enumerate(ends) if i != j}


def _traces(response: Response, omega: Array, ends: list[Terminal]) -> Array:
    """(n_w, n_t²): ω Tr[Γ_a D S_b D†]/2π."""
    d = response.greens_function(omega)
    broadening = _balanced(response.junction, omega, ends)
    rows = []
    for b in ends:
        columns = d[:, :, list(b.dofs)]
        driven = columns @ b.noise(omega) @ np.conj(np.swapaxes(columns, -1, -2))
        rows.append([_trace(gamma, driven, a.dofs) for a, gamma in zip(ends, broadening, strict=True)])
    traces = np.swapaxes(np.array(rows), 0, 1).reshape(len(ends) ** 2, -1)
    return (omega / (2 * np.pi) * traces).T


def _balanced(junction: Junction, omega: Array, ends: list[Terminal]) -> list[Array]:
    """Γ_c(ω) of every terminal. What tables miss of a bath's Γ, interpolated apart, its channels share equally, so
    that flows add up to rounding.
    """
    found = [end.broadening(omega) for end in ends]
    for name, bath in junction.baths.items():
        own = [i for i, end in enumerate(ends) if end.bath == name]
        if len(own) > 1 and not bath.consistent:
            rest = (bath.broadening(omega) - np.sum([found[i] for i in own], axis=0)) / len(own)
            for i in own:
                found[i] = found[i] + rest
    return found


def _trace(matrix: Array, full: Array, dofs: tuple[int, ...]) -> Array:
    """Tr[matrix · full on these dofs], real part, (n_w,)."""
    rows, columns = np.ix_(dofs, dofs)
    return np.einsum("wij,wji->w", matrix, full[:, rows, columns]).real


def driven_flows(junction: Junction) -> dict[tuple[str, str], float]:
    """Heat into a phonon bath from one channel in the second form, {("L", "e:LR"): J} [eV²/ħ]: LR ≥ 0 ≥ RL for eV > 0.

    Raises BathError if the baths have different temperatures, UnstableError, QuadratureError.
    """
    phonons, keys, flows = _driven_integrals(junction, "half-line")
    return {(bath, key): float(flows[i, j]) for i, bath in enumerate(phonons) for j, key in enumerate(keys)}


def current_driven(junction: Junction, form: str = "half-line") -> dict[str, float]:
    """J_α into every phonon bath from the second form of the module's docstring, {bath: J}; independent of
    landauer.heat_currents, which it must equal (to 1e-6 for tabulated electrons, whose Γ and strengths are interpolated
    apart).

    form : "half-line" (all channels, ω > 0; Eq. 29), "LR" or "RL" (that channel alone, all ω; Eqs. 31-34).
    Raises BathError if the baths have different temperatures, UnstableError, QuadratureError.
    """
    if form not in ("half-line", "LR", "RL"):
        raise BathError(f"unknown form {form!r}; known: 'half-line', 'LR', 'RL'")
    phonons, _, flows = _driven_integrals(junction, form)
    return {name: float(value) for name, value in zip(phonons, flows.sum(axis=1), strict=True)}


def _driven_integrals(junction: Junction, form: str) -> tuple[list[str], list[str], Array]:
    """Names of phonon baths and channels, and the flow from each channel into each bath, (n_baths, n_channels)."""
    temperature = common_temperature(junction)
    _require_untouched(junction)
    _require_held(junction)
    phonons = phonon_baths(junction)
    pairs = {
        f"{name}:{channel.name or i}": (bath, channel)
        for name, bath in junction.baths.items()
        for i, channel in enumerate(bath.channels if len(bath.channels) > 1 else ())
        if form in ("half-line", channel.name)
    }

    electrons = [bath for bath, _ in pairs.values()]

    def one_side(response: Response, omega: Array) -> Array:
        spectra = time_reversed(response, omega, phonons)
        excess = [(pair_excess(channel, omega, temperature), bath.dofs) for bath, channel in pairs.values()]
        flows = [_trace(matrix, spectrum, dofs) for spectrum in spectra for matrix, dofs in excess]
        return np.stack([*flows, exchanged(electrons, omega, spectra, temperature)], axis=1) / (2 * np.pi)

    def integrand(response: Response, omega: Array) -> Array:
        value = one_side(response, omega)
        return value if form == "half-line" else value + one_side(response, -omega)

    shape = (len(phonons), len(pairs))
    flows = np.zeros(shape) if 0 in shape else integrated(junction, integrand)[0][:-1].reshape(shape)
    return phonons, list(pairs), flows


def exchanged(baths: Iterable[Bath], omega: Array, spectra: list[Array], temperature: float) -> Array:
    """About Σ_αβ ω Tr[Ã_α Γ_β](n_B + 1), what baths exchange in both directions, (n_w,). Integrated along with their
    currents, it tells the quadrature which of these are zero up to rounding.
    """
    bare = np.sum([np.einsum("wkk->w", spectrum).real for spectrum in spectra], axis=0)
    friction = np.max([np.abs(bath.friction_spectrum(omega)).max(axis=(1, 2)) for bath in baths], axis=0)
    return friction * np.abs(omega * bare) * absorption_factor(np.abs(omega), temperature)


def pair_excess(channel: Channel, omega: Array, temperature: float) -> Array:
    """ω Γ_c(ω) [n_B(ω-μ_c) - n_B(ω)] = ω em_c - Γ_c ω n_B(ω), finite everywhere, (n_w, n, n)."""
    absorbed, emitted = channel.rates(omega)
    # For ω < 0 the same difference of n_B + 1, whose terms do not outgrow it.
    rates = np.where(omega[:, None, None] < 0, absorbed, emitted)
    thermal = np.where(omega < 0, absorption_factor(omega, temperature), emission_factor(omega, temperature))
    return omega[:, None, None] * rates - thermal[:, None, None] * (absorbed - emitted)


def time_reversed(response: Response, omega: Array, names: list[str]) -> list[Array]:
    """Ã_α(ω) = D†Γ_α D of these baths, (n_w, N, N) each (000, above Eq. 9)."""
    pi = response.self_energies(omega)
    d = response.greens_function(omega, pi)
    found = []
    for name in names:
        rows = d[:, list(response.junction.baths[name].dofs), :]
        found.append(np.conj(np.swapaxes(rows, -1, -2)) @ anti_hermitian(pi[name]) @ rows)
    return found


def phonon_baths(junction: Junction) -> list[str]:
    """Names of the baths with one channel: everything but electrons."""
    return [name for name, bath in junction.baths.items() if len(bath.channels) == 1]


def common_temperature(junction: Junction) -> float:
    """The temperature of all baths. Raises BathError where they differ, or phonons have a potential of their own."""
    for name in phonon_baths(junction):
        potential = junction.baths[name].channels[0].potential
        if potential != 0:
            raise BathError(
                f"this form holds for phonons without chemical potential, bath {name!r} has ν = {potential:.6g} [eV]. "
                "Use landauer.heat_currents, which is right for any.",
                potential=potential,
            )
    found = {name: {bath.temperature, *(c.temperature for c in bath.channels)} for name, bath in junction.baths.items()}
    values = set().union(*found.values())
    if max(values, default=0.0) - min(values, default=0.0) > 1e-12 * max(values, default=0.0):
        listed = ", ".join(f"{name}: {'/'.join(f'{t:.6g}' for t in sorted(ts))}" for name, ts in found.items())
        raise BathError(
            f"this form holds for one temperature of all baths, they have {listed} [eV]. Use landauer.heat_currents, "
            "which is right for any temperatures."
        )
    return max(values, default=0.0)


def _require_held(junction: Junction) -> None:
    """A free translation has D ~ 1/ω, and Γ_LR(0) = -Γ_RL(0)ᵀ is not 0: each integral diverges, only their sum not."""
    free = zero_modes(junction)
    if free:
        raise BathError(
            f"the junction has {free} free translation{'s' * (free > 1)}: the heat of one kind of electron-hole pair "
            "is infinite, only the sum of all is not (landauer.heat_currents). Hold the junction, or give its leads a "
            "broadening.",
            zero_modes=free,
        )


def _require_untouched(junction: Junction) -> None:
    for name, bath in junction.baths.items():
        changed = [switch for switch in bath.switched_off if switch not in HARMLESS_SWITCHES]
        if changed:
            raise BathError(
                f"bath {name!r} has {', '.join(changed)} switched off: Γ and S of a channel no longer belong together, "
                "as this form supposes. Use landauer.heat_currents."
            )
