"""Two vibrational modes coupled by the electrons of a current alone: the matrix of 001 Eq. 9, as it is printed."""

import numpy as np

Array = np.ndarray


def effective_matrix(
    bias: complex,
    frequency: float = 1.0,
    detuning: float = 0.04,
    damping: float = 0.001,
    nonconservative: float = 0.05,
    berry: float = 0.0,
    coupling: float = 0.02,
) -> Array:
    """The (2, 2) matrix whose eigenvalues are the λ = ω² of motion e^{+iωt}, in its symbols Ω, δ, γ, a, b, c.

        [[(Ω + δ/2 + iγ)²,  V(a + ibΩ) + icΩ],  [-V(a + ibΩ) + icΩ,  (Ω - δ/2 + iγ)²]]

    With e^{+iωt} Im λ > 0 is damped, opposite to the rest of sgle (z² = λ*). The default values are those of Fig. 4.
    They are not those of a junction: the friction matrix [[2γ, c], [c, 2γ]] at zero bias has an eigenvalue below zero
    wherever |c| > 2γ, and a force V a needs electron-hole pairs whose own friction is at least a (sgle.baths.local).
    Source : Hu, Nian, Lü (2019), Eq. 9; reference/ehp-and-forces.md section 2.
    """
    upper, lower = (frequency + sign * detuning / 2 + 1j * damping for sign in (1, -1))
    driven = bias * (nonconservative + 1j * berry * frequency)
    mutual = 1j * coupling * frequency
    return np.array([[upper**2, driven + mutual], [-driven + mutual, lower**2]])
