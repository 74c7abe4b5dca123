"""What a bias adds to the electrons' self-energy, from the bias window alone (reference: junctions.md 5).

    Π_e(ω; V) - Π_e(ω; 0) = g_s ∫dε/2π Σ_a [f_a(ε) - f_0(ε)] {X^a(ε, ω) + X^a(ε, -ω)*},
    X^a_kl(ε, ω) = Tr[M^k G^r(ε+ω) M^l A_a(ε)]

No Hilbert transform over the whole band is needed. The anti-Hermitian part is -(i/2)[Γ_e(V) - Γ_e(0)]; the Hermitian
part holds the renormalisation (real symmetric) and the Berry force (imaginary antisymmetric).
"""

from functools import partial

import numpy as np

from sgle.electronic.bonds import traces
from sgle.electronic.ladder import Ladder
from sgle.electronic.pairs import FINE, KEPT, ElectronHolePairs, Occupation, hat_weights
from sgle.occupation import fermi

Array = np.ndarray


class WindowFormula:
    """Tables of X^a(ε, ±ω) at ω = 0 and `points` - 1 more frequencies of the pairs' table, spread up to its top.

    omega (n,) : the frequencies at which the change of Π_e is known.
    """

    def __init__(self, pairs: ElectronHolePairs, points: int = 3) -> None:
        self.pairs = pairs
        top = len(pairs.frequencies) - 1
        self.numbers = np.unique(np.round(np.linspace(0, top, points)).astype(int))
        self.omega = pairs.frequencies[self.numbers]
        known, keep = pairs.structure.window, pairs.size <= KEPT
        self._greens_function = Ladder(self._propagate, pairs.step, known)
        self._tables = {
            name: Ladder(partial(self._table, name), pairs.every * pairs.step, known, keep) for name in "LR"
        }

    def change(self, occupation: Occupation, fermi_level: float) -> Array:
        """Π_e(ω; V) - Π_e(ω; 0) [eV²], (n, n_dof, n_dof); the reference has both electrodes at `fermi_level` and at
        the mean temperature.
        """
        pairs = self.pairs
        pairs.require_known(occupation)
        step, temperature = pairs.every * pairs.step, (occupation.t_left + occupation.t_right) / 2
        low, high = pairs.span(occupation)
        first, last = int(np.floor(low / step)), int(np.ceil(high / step))
        finest = min(occupation.t_left, occupation.t_right) / FINE
        total = np.zeros((len(self.numbers), pairs.size, pairs.size), complex)
        for name in "LR":

            def added(energies: Array, electrode: str = name) -> Array:
                mu, t = occupation.of(electrode)
                return fermi(energies - mu, t) - fermi(energies - fermi_level, temperature)

            weights = hat_weights(added, first, last, step, finest)
            # Below e^-15 of their largest value the differences of Fermi functions are left out, as in the rates.
            weights[np.abs(weights) < 1e-7 * np.abs(weights).max(initial=0.0)] = 0
            if np.any(weights):
                total += pairs.summed(self._tables[name], first, weights)
        return total

    def _propagate(self, energies: Array) -> Array:
        touched = self.pairs.touched
        return self.pairs.structure.greens_function(energies)[:, touched[:, None], touched]

    def _table(self, name: str, energies: Array) -> Array:
        """X(ε, ω) + X(ε, -ω)* at the chosen frequencies, (n_E, n, n_dof, n_dof), or by bonds as in `pairs`."""
        pairs = self.pairs
        first = round(energies[0] / pairs.step)
        last = first + pairs.every * (len(energies) - 1)
        waves = pairs.waves[name](first, last)[:: pairs.every]
        spectral = waves @ np.conj(np.swapaxes(waves, 1, 2))
        far = self.numbers[-1]
        g = self._greens_function(first - far, last + far)
        parts = []
        for number in self.numbers:
            ahead, behind = (
                traces(pairs.bonds, g[far + shift : far + shift + last - first + 1 : pairs.every], spectral)
                for shift in (number, -number)
            )
            parts.append(ahead + np.conj(behind))
        table = np.stack(parts, axis=1)
        return table if pairs.compact else pairs.bonds.to_dofs(table)
