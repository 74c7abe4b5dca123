"""Electron-hole pairs as boson baths: hybrid energy transport (001 Hu, Nian, Lü 2019; 002 Nian, Lü 2019).

A biased conductor is four boson baths, one for each kind of electron-hole pair, with chemical potentials 0, 0, +eV and
-eV. What they exchange with vibrations or photons is found here; the baths themselves are sgle.baths.level_pairs (few
levels, closed form) and sgle.baths.electron_hole_pairs (any structure, tables).
"""

from sgle.ehp.currents import LowestOrderWarning, PairCurrents, pair_currents
from sgle.ehp.elastic import ElasticCurrent, elastic_current
from sgle.ehp.emission import emission_spectrum
from sgle.ehp.levels import levels, two_levels, wide_band
from sgle.ehp.population import Population, heat_engine_efficiency, lasing_bias, population, populations
from sgle.ehp.rates import PairRates, pair_rates
from sgle.ehp.thermoelectric import (
    LinearResponse,
    Rectification,
    at_temperatures,
    linear_response,
    rectification,
    stopping_bias,
)
from sgle.ehp.two_body import Radiation, radiation, stopping_potential

__all__ = [
    "ElasticCurrent", "LinearResponse", "LowestOrderWarning", "PairCurrents", "PairRates", "Population", "Radiation",
    "Rectification", "at_temperatures", "elastic_current", "emission_spectrum", "heat_engine_efficiency",
    "lasing_bias", "levels", "linear_response", "pair_currents", "pair_rates", "population", "populations",
    "radiation", "rectification", "stopping_bias", "stopping_potential", "two_levels", "wide_band",
]  # fmt: skip
