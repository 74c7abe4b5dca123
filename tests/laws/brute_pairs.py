"""Electron-hole pairs the slow way: an oracle for sgle.baths.pairs (physics.md 4; reference/junctions.md 5).

No compression to waves, no table over frequency, no interpolation, no symmetry between the channels: the traces as
they stand in the formulas, on an energy grid of its own for every frequency.

`structure` is an ElectronicStructure or anything with .spectral(name, E) and .greens_function(E), names "L" and "R".
`couplings` are the matrices M^k [eV^1.5], (n, m, m) real symmetric. Potentials are μ_L,R = fermi_level ± bias/2,
frequencies, temperatures, `step` in eV. The trapezoid sums converge exponentially in 1/step: 2π·min(T, half the
narrowest width in A)/step is the exponent. The cost is 4 n_ω n_ε n matrix products: take a few frequencies.
"""

import numpy as np

SPIN = 2
CHANNELS = ("LL", "RR", "LR", "RL")  # electrode of the upper state, electrode of the lower one
TAIL = 36.0  # Fermi factors below e^-36 are left out


def fermi(energy, potential, temperature):
    return 1 / (1 + np.exp(np.clip((energy - potential) / temperature, -700, 700)))


def potentials(bias, fermi_level):
    return {"L": fermi_level + bias / 2, "R": fermi_level - bias / 2}


def transitions(structure, couplings, upper, lower, omega, energy):
    """T_kl(ε) = Tr[M^k A_upper(ε+ω) M^l A_lower(ε)], (n_ε, n, n)."""
    left = np.einsum("kij,ejl->ekil", couplings, structure.spectral(upper, energy + omega))
    right = np.einsum("kij,ejl->ekil", couplings, structure.spectral(lower, energy))
    return np.einsum("ekij,elji->ekl", left, right)


def rates(structure, couplings, omega, bias, t_left, t_right, fermi_level=0.0, step=2e-3):
    """Absorption and emission matrices of every channel, {"LL": (absorption, emission), ...}, (n_w, n, n) [eV²].

    abs = 2∫dε/2π T(ε) f_lower(ε)[1 - f_upper(ε+ω)],  em = 2∫dε/2π T(ε) f_upper(ε+ω)[1 - f_lower(ε)].
    """
    mu, temperatures = potentials(bias, fermi_level), {"L": t_left, "R": t_right}
    omega = np.atleast_1d(np.asarray(omega, dtype=float))
    found = {}
    for channel in CHANNELS:
        upper, lower = channel
        pairs = [_one(structure, couplings, upper, lower, w, mu, temperatures, step) for w in omega]
        found[channel] = tuple(np.array(part) for part in zip(*pairs, strict=True))
    return found


def _one(structure, couplings, upper, lower, omega, mu, temperatures, step):
    """Both rate matrices of one channel at one frequency."""
    reach = TAIL * max(temperatures.values())
    ends = mu[lower], mu[upper] - omega
    energy = _grid(min(ends) - reach, max(ends) + reach, step)
    full = fermi(energy, mu[lower], temperatures[lower])
    above = fermi(energy + omega, mu[upper], temperatures[upper])
    # 1 - f by the mirrored function, without cancellation: emission far below T is a small number, not rounding.
    empty = fermi(-energy, -mu[lower], temperatures[lower])
    empty_above = fermi(-energy - omega, -mu[upper], temperatures[upper])
    absorption, emission = full * empty_above, above * empty
    kept = np.flatnonzero(absorption + emission > np.exp(-TAIL))
    energy, absorption, emission = energy[kept], absorption[kept], emission[kept]
    traces = transitions(structure, couplings, upper, lower, omega, energy)
    scale = SPIN * step / (2 * np.pi)
    return scale * np.tensordot(absorption, traces, 1), scale * np.tensordot(emission, traces, 1)


def _grid(low, high, step):
    """Multiples of step, so that energies at different frequencies that are multiples too coincide."""
    return step * np.arange(np.floor(low / step), np.ceil(high / step) + 1)


def broadening(found):
    """Γ_e = Σ abs - em of the rates of all channels, (n_w, n, n)."""
    return sum(absorption - emission for absorption, emission in found.values())


def noise(found):
    """S_e = Σ ½(abs + em) of the rates of all channels, (n_w, n, n)."""
    return sum((absorption + emission) / 2 for absorption, emission in found.values())


def window(structure, couplings, omega, bias, temperature, fermi_level=0.0, step=2e-3):
    """Π_e(ω; V) - Π_e(ω; 0), (n_w, n, n) [eV²], from energies between the potentials only:

    2∫dε/2π Σ_a [f_a(ε) - f_0(ε)] { Tr[M^k G(ε+ω) M^l A_a(ε)] + Tr[M^k A_a(ε) M^l G†(ε-ω)] }.
    """
    mu = potentials(bias, fermi_level)
    reach = TAIL * temperature
    energy = _grid(min(mu.values()) - reach, max(mu.values()) + reach, step)
    equilibrium = fermi(energy, fermi_level, temperature)
    filled = sum(
        (fermi(energy, mu[name], temperature) - equilibrium)[:, None, None] * structure.spectral(name, energy)
        for name in mu
    )
    filled = SPIN * step / (2 * np.pi) * np.einsum("kij,ejl->ekil", couplings, filled)
    total = []
    for w in np.atleast_1d(np.asarray(omega, dtype=float)):
        upward = np.einsum("kij,ejl->ekil", couplings, structure.greens_function(energy + w))
        advanced = np.conj(np.swapaxes(structure.greens_function(energy - w), -1, -2))
        downward = np.einsum("kij,ejl->ekil", couplings, advanced)
        total.append(np.einsum("ekij,elji->kl", upward, filled) + np.einsum("ekij,elji->kl", filled, downward))
    return np.array(total)


def greater_lesser(structure, couplings, omega, bias, temperature, fermi_level=0.0, step=2e-3):
    """Another road to Γ_e at T_L = T_R, (n_w, n, n): G< and G> of the whole device, no channels.

    Γ = 2∫dε/2π {Tr[M^k G>(ε+ω) M^l G<(ε)] - Tr[M^k G<(ε+ω) M^l G>(ε)]} with G< = Σ f A, G> = Σ (1-f) A.
    """
    mu = potentials(bias, fermi_level)
    total = []
    for w in np.atleast_1d(np.asarray(omega, dtype=float)):
        reach = TAIL * temperature + abs(w)
        energy = _grid(min(mu.values()) - reach, max(mu.values()) + reach, step)
        spectral = {name: (structure.spectral(name, energy), structure.spectral(name, energy + w)) for name in mu}
        lesser, greater = [], []
        for shift in (0, 1):
            f = {name: fermi(energy + shift * w, mu[name], temperature)[:, None, None] for name in mu}
            lesser.append(sum(f[name] * spectral[name][shift] for name in mu))
            greater.append(sum((1 - f[name]) * spectral[name][shift] for name in mu))
        with_m = [[np.einsum("kij,ejl->ekil", couplings, x) for x in pair] for pair in (lesser, greater)]
        up = np.einsum("ekij,elji->kl", with_m[1][1], with_m[0][0])
        down = np.einsum("ekij,elji->kl", with_m[0][1], with_m[1][0])
        total.append(SPIN * step / (2 * np.pi) * (up - down))
    return np.array(total)
