"""What electrons emit at each frequency: electroluminescence of a molecule in a junction (001; 002 C2).

    j_c(ω) = Tr[em_c D†Γ_ph D]/2π:  quanta per time and frequency from channel c into the bath of phonons or photons,

power ω j_c. An electron falling from μ_L to μ_R gives eV at most: at T = 0 there is no light above ħω = eV; beyond it
em_LR falls as exp[-(ω-eV)/T] (n_B(ω-eV) of a boson bath with the chemical potential eV).
"""

import numpy as np

from sgle.ehp.currents import ORDERS, electron_channels, without_electrons
from sgle.ehp.rates import require_frequencies
from sgle.errors import BathError
from sgle.flows import phonon_baths, time_reversed
from sgle.junction import Junction
from sgle.response import Response, in_pieces
from sgle.stability import require_stable

Array = np.ndarray


def emission_spectrum(junction: Junction, bath: str, omega: Array, order: str = "full") -> dict[str, Array]:
    """j_c(ω) ≥ 0 of every channel into one bath, {"e:LR": (n_w,)} [1]; per ħω and ħ/eV. ω > 0.

    order : "full" (electrons in D) or "lowest" (the phonons' D).    Raises BathError; UnstableError beyond the lasing
    threshold at full order.
    """
    omega = require_frequencies(omega)
    if order not in ORDERS:
        raise BathError(f"emission needs order {' or '.join(ORDERS)}, not {order!r}")
    if bath not in junction.baths or len(junction.baths[bath].channels) > 1:
        raise BathError(f"emission goes into a bath without electrons, not {bath!r}; there is {_takers(junction)}")
    if omega.min() <= 0:
        raise BathError(f"emission is asked for at frequencies above zero, not at {omega.min():.6g}")
    channels = electron_channels(junction)
    solved = junction if order == "full" else without_electrons(junction)
    require_stable(solved)
    response = Response(solved)

    def spectra(some: Array) -> Array:
        (spectrum,) = time_reversed(response, some, [bath])
        found = []
        for source, channel in channels.values():
            rows, columns = np.ix_(source.dofs, source.dofs)
            block = spectrum[:, rows, columns]
            found.append(np.einsum("wij,wji->w", channel.rates(some)[1], block).real / (2 * np.pi))
        return np.stack(found, axis=1)

    found = in_pieces(spectra, omega, junction.size)
    return dict(zip(channels, found.T, strict=True))


def _takers(junction: Junction) -> str:
    return ", ".join(phonon_baths(junction)) or "none"
