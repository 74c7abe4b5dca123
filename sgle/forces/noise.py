"""Force noise, the fifth force, and the equilibrium it makes with friction (004 Sec. V).

    c_kl(s) = ½⟨{f_k(s), f_l(0)}⟩ - F_k F_l,   S(ω) = ∫ds e^{iωs} c(s) = ½ Σ (absorption + emission)

At equilibrium S = ω |L| coth(ω/2T) with the damping L of the same electrons (Eq. 68): a classical oscillator driven by
this noise has the energy ω0(n_B + ½) of a quantum one (Eq. 69), zero point included.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sgle.check import number
from sgle.ehp.rates import pair_rates
from sgle.electronic.pairs import SPIN, Occupation
from sgle.electronic.structure import ElectronicStructure
from sgle.errors import InputError
from sgle.forces.energies import electrons
from sgle.occupation import noise_factor, require_temperature
from sgle.quadrature import integrate

Array = np.ndarray
WIDTHS = np.array([-30.0, -3.0, -1.0, 0.0, 1.0, 3.0, 30.0])  # of the line, where its integral is broken


def force_noise(
    structure: ElectronicStructure,
    couplings: Any,
    omega: Any,
    occupation: Occupation,
    *,
    spin: float = SPIN,
    edges: Sequence[float] = (),
) -> Array:
    """S(ω) (n_w, n, n) Hermitian ≥ 0 [eV²]: spectrum of the fluctuating force (Eqs. 58, 64), two-sided."""
    known = electrons(structure, occupation, edges).edges
    rates = pair_rates(structure, couplings, omega, occupation, spin=spin, edges=known)
    return rates.noise.sum(axis=0)


def oscillator_energy(frequency: float, friction: float, temperature: float, cutoff: float) -> float:
    """Mean energy [eV] of an oscillator under local friction |L| and its quantum noise, cut off above `cutoff`.

        ½⟨V² + ω0² X²⟩ = ∫_0^c dω/2π (ω² + ω0²) S/|ω0² - ω² - iω|L||²,   S = |L| ω coth(ω/2T)

    What a trajectory driven by noise of that spectrum has (mass-normalised). Without cutoff the zero point makes ⟨V²⟩
    grow like its logarithm; for weak friction it is `quantum_energy` (Eq. 69).    Raises InputError.
    """
    names = ("frequency", "friction", "cutoff")
    w0, damping, end = (number(x, name) for x, name in zip((frequency, friction, cutoff), names, strict=True))
    temperature = require_temperature(temperature)
    if not (w0 > 0 and damping > 0 and end > w0):
        raise InputError(
            f"an oscillator needs a frequency ({w0:.6g}) and a friction ({damping:.6g}) above zero and a cutoff "
            f"({end:.6g}) above its frequency",
            frequency=w0,
            friction=damping,
            cutoff=end,
        )

    def integrand(omega: Array) -> Array:
        noise = 2 * damping * noise_factor(omega, temperature)
        response = (w0**2 - omega**2) ** 2 + (omega * damping) ** 2
        return ((omega**2 + w0**2) * noise / response / (2 * np.pi))[:, None]

    places = w0 + damping * WIDTHS
    marks = [0.0, *places[(places > 0) & (places < end)], end]
    return float(integrate(integrand, marks, rtol=1e-11)[0][0])


def quantum_energy(frequency: float, temperature: float) -> float:
    """ω0(n_B + ½) [eV], Eq. 69."""
    return float(noise_factor(number(frequency, "frequency"), require_temperature(temperature)))
