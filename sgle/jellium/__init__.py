"""Forces of a current on a weak scatterer C δ(r - R) in a wire of free electrons, to second order in C (004).

Wind force with its curl, friction and Lorentz-like force in closed sums over subbands. Units: ħ = m = λ_F = 1; bias,
temperature and frequency are given in units of ε_F; spinless (twice all of it for electrons with spin).
"""

from sgle.jellium.curl import CurlMap, curl_map, surface
from sgle.jellium.friction import DENSITY, cross_section, friction, wind_force
from sgle.jellium.lorentz import LorentzMap, lorentz_map
from sgle.jellium.wire import Wire

__all__ = [
    "DENSITY", "CurlMap", "LorentzMap", "Wire", "cross_section", "curl_map", "friction", "lorentz_map", "surface",
    "wind_force",
]  # fmt: skip
