"""K and L from the weighted density of electron-hole pairs (004 Eqs. 22-47): the other road.

    Λ_kl(ω) = ∫dε Tr[D(ε) f_k D(ε-ω) f_l] weighted with filling,   f_k = -M^k,   D = Σ_a A_a/2π

Of its parts only the even imaginary one, Λ'' (Eq. 32: non-conservative and Lorentz-like), and the odd real one, Λ'
(Eq. 31: friction and renormalisation), are needed. Γ_e = -4π(Λ' - iΛ''): non-conservative force and friction are a
density at ω0 itself, the other two its Hilbert transform. Principal values: the value at ω0 is subtracted, as
PV∫_0^∞ dω/(ω²-ω0²) = 0.
"""

import numpy as np

from sgle.electronic.pairs import CHANNELS, Occupation
from sgle.forces.energies import Electrons, complex_integral
from sgle.occupation import fermi

Array = np.ndarray
INNER = 0.01  # accuracy of a density relative to that of its transform


def pair_density(states: Electrons, couplings: Array, omega: float, rtol: float) -> Array:
    """Λ'_kl + iΛ''_kl of Eqs. 31, 32 per spin, (n, n): symmetric real part, antisymmetric imaginary part."""
    low, high = states.steps
    low, high = low + min(omega, 0.0), high + max(omega, 0.0)

    def integrand(energies: Array) -> Array:
        upper, lower = (
            {name: part[:, None] @ couplings for name, part in states.spectral(e).items()}
            for e in (energies, energies - omega)
        )
        total = np.zeros((len(energies), len(couplings), len(couplings)), complex)
        for channel in CHANNELS:
            weight = _filled_more(states.occupation, energies, omega, channel) / 2
            total += np.einsum("e,ekij,elji->ekl", weight, upper[channel[0]], lower[channel[1]])
        return total

    return complex_integral(integrand, states.marks(low, high, (0.0, omega)), rtol)


def _filled_more(occupation: Occupation, energies: Array, omega: float, channel: str) -> Array:
    """f_p(ε) - f_q(ε-ω) of the channel pq, to relative accuracy also where both are almost 0, 1 or the same."""
    (mu_up, t_up), (mu_low, t_low) = occupation.of(channel[0]), occupation.of(channel[1])
    x, y = energies - mu_up, energies - omega - mu_low
    if t_up != t_low or t_up == 0:
        return fermi(x, t_up) - fermi(y, t_low)
    least, most = np.minimum(x, y), np.maximum(x, y)
    return np.sign(x - y) * fermi(least, t_up) * fermi(-most, t_up) * np.expm1((least - most) / t_up)


def transformed(states: Electrons, couplings: Array, omega: float, rtol: float) -> Array:
    """Π(ω0) = K + iω0 L from densities alone (Eqs. 34, 40, 44 and the symmetric part of 29), (n, n) complex."""
    own = pair_density(states, couplings, omega, INNER * rtol)

    def integrand(frequencies: Array) -> Array:
        found = np.stack([pair_density(states, couplings, w, INNER * rtol) for w in frequencies])
        w = frequencies[:, None, None]
        odd, even = w * found.real - omega * own.real, found.imag - own.imag
        return 4 * (odd - 1j * omega * even) / (w**2 - omega**2)

    marks = [*_frequencies(states, omega), np.inf]
    hilbert = complex_integral(integrand, marks, rtol)
    return hilbert + 2 * np.pi * (own.imag + 1j * own.real)


def _frequencies(states: Electrons, omega: float) -> Array:
    """Where densities bend: differences of band edges, levels and chemical potentials; and ω0."""
    places = np.concatenate([np.linalg.eigvalsh(states.structure.hamiltonian), states.edges, states.occupation[:2]])
    apart = np.sort(np.abs(places[:, None] - places).ravel())
    rough = np.unique(np.round(apart / apart[-1], 2) * apart[-1])
    kept = rough[np.abs(rough - omega) > 1e-3 * omega]
    return np.unique(np.concatenate([[0.0, omega], kept]))
