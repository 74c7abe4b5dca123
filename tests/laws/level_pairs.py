"""Levels between electrodes of a wide band, and discrete states by which sgle.ehp is judged: a third road to its rates.

001's minimal model (Fig. 2): level 1 on electrode L, level 2 on R, a vibration that takes electrons from one to the
other. Its reference numbers belong to a strictly Ohmic bath of phonons; a Drude bath of cutoff 1e9 is one.
"""

import numpy as np

from sgle import Junction, baths

SIGMA_X = [[0.0, 0.1], [0.1, 0.0]]
MIXED = [[0.03, 0.1], [0.1, -0.05]]
TWO_MODES = [SIGMA_X, [[0.05, 0.0], [0.0, -0.05]]]
OHMIC = 1e9


def electrons(e1=0.5, e2=-0.4, temperature=0.6, bias=0.0, *, widths=(0.2, 0.2), hopping=0.0, couplings=SIGMA_X, **more):
    """Two levels; `couplings` (m, m) or (n, m, m) on dofs 0, 1, ..."""
    return baths.level_pairs(
        [[e1, hopping], [hopping, e2]],
        [widths[0], 0],
        [0, widths[1]],
        couplings,
        bias=bias,
        temperature=temperature,
        dofs=list(range(len(couplings) if np.ndim(couplings) == 3 else 1)),
        **{"spin": 1, **more},
    )


def junction(e1=0.5, e2=-0.4, t_e=0.6, t_ph=0.4, bias=0.0, *, friction=0.05, cutoff=OHMIC, **more):
    """One mode of frequency 1 between the electrons and phonons that damp its energy at the rate `friction`."""
    phonons = baths.drude([[friction]], cutoff, t_ph, [0])
    return Junction([[1.0]], {"ph": phonons, "e": electrons(e1, e2, t_e, bias, **more)})


def two_modes(t_e=0.6, t_ph=0.4, bias=0.8, *, scale=1.0, friction=0.05, cutoff=OHMIC, couplings=TWO_MODES, **more):
    """Two modes on two levels joined by a hopping: Γ_12 of the electrons is complex. Phonon baths "L" and "R"."""
    given = {"e2": -0.5, "hopping": 0.2, "couplings": scale * np.array(couplings), **more}
    phonons = {name: baths.drude([[friction]], cutoff, t_ph, [i]) for i, name in enumerate("LR")}
    return Junction(np.diag([1.0, 1.1]), {**phonons, "e": electrons(temperature=t_e, bias=bias, **given)})


class Discrete:
    """A level of energy e tied to many states instead of an electrode of width γ: exact eigenstates of both.

    States at c tan θ, evenly in θ, tied by V² = γ δ/2π with their local spacing δ: a wide band, dense near zero.
    energies (n,).    weight (n,) : |⟨level|state⟩|².
    """

    def __init__(self, level, width, states=1500, centre=1.0):
        angle = (np.arange(states) + 0.5) / states * np.pi - np.pi / 2
        spacing = np.pi / states * centre / np.cos(angle) ** 2
        h = np.diag(np.concatenate([[level], centre * np.tan(angle)]))
        h[0, 1:] = h[1:, 0] = np.sqrt(width * spacing / (2 * np.pi))
        self.energies, vectors = np.linalg.eigh(h)
        self.weight = vectors[0] ** 2


def delta(x, width):
    """δ(x) as a Gaussian of fourth order: smooth functions f are found to f'''' width⁴/8."""
    y = (x / width) ** 2
    return np.exp(-y / 2) * (1.5 - y / 2) / (width * np.sqrt(2 * np.pi))
