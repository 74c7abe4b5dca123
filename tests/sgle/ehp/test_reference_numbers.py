"""The numbers of reference/ehp-and-forces.md 1 for 001's two levels; a strictly Ohmic bath, lowest order."""

import numpy as np
import pytest
from laws.level_pairs import MIXED, junction
from scipy.optimize import minimize_scalar

from sgle.ehp import (
    LowestOrderWarning,
    emission_spectrum,
    heat_engine_efficiency,
    lasing_bias,
    linear_response,
    pair_currents,
    populations,
    rectification,
    stopping_bias,
)

pytestmark = pytest.mark.filterwarnings("ignore::sgle.ehp.LowestOrderWarning")


def lowest(*given, **more):
    return pair_currents(junction(*given, **more), "lowest")


@pytest.mark.parametrize(
    ("t_e", "t_ph", "bias", "total", "charge", "parts"),
    [
        (0.6, 0.4, 0.0, 2.084720766e-3, 2.075794302e-3, {"LR": 2.065384678e-3, "RL": 1.933608826e-5}),
        (0.4, 0.6, 0.0, -2.909553927e-3, -2.913984180e-3, {"LR": -2.890143930e-3, "RL": -1.940999674e-5}),
        (0.6, 0.4, 0.5, 5.115404377e-3, 5.204524410e-3, {}),
    ],
)
def test_energy_by_channel_and_charge(t_e, t_ph, bias, total, charge, parts):
    found = lowest(0.5, -0.4, t_e, t_ph, bias)
    assert found.total == pytest.approx(total, rel=1e-9)
    assert found.charge == pytest.approx(charge, rel=1e-9)
    for name, part in parts.items():
        assert found.energy[f"e:{name}"] == pytest.approx(part, rel=1e-9)
    assert found.energy["e:LL"] == found.energy["e:RR"] == 0
    assert found.error < 1e-9


def test_energy_by_channel_with_hopping():
    found = lowest(0.5, -0.4, 0.6, 0.4, 0.5, hopping=0.2, couplings=MIXED)
    assert found.total == pytest.approx(3.385202738e-3, rel=1e-9)
    page = {"LL": 8.654600e-5, "RR": 1.105850e-4, "RL": -9.221511e-7, "LR": 3.188993929e-3}
    assert found.energy == pytest.approx({f"e:{name}": part for name, part in page.items()}, rel=1e-6)


@pytest.mark.parametrize(
    ("e1", "e2", "ratio", "charge"),
    [
        (0.0, 0.0, 0.620875, 0.0),
        (0.25, -0.25, 0.544300, 6.418085517e-4),
        (0.5, -0.5, 0.509252, 4.181226944e-3),
        (0.75, -0.75, 0.547659, 6.462867780e-4),
        (1.0, -1.0, 0.651492, None),
        (1.5, -1.5, 1.152122, None),
        (0.5, 0.5, 0.680696, 0.0),
        (1.0, 1.0, 0.962977, 0.0),
        (2.0, 2.0, 4.768222, 0.0),
        (4.0, 4.0, 56.506762, 0.0),
    ],
)
def test_rectification(e1, e2, ratio, charge):
    found = rectification(junction(e1, e2), 0.5, 0.4, "lowest")
    assert found.ratio == pytest.approx(ratio, abs=6e-7)
    assert (found.hot_electrons.electron_temperature, found.hot_electrons.phonon_temperature) == (0.7, 0.3)
    assert (found.hot_phonons.electron_temperature, found.hot_phonons.phonon_temperature) == (0.3, 0.7)
    if charge is not None:
        assert found.hot_electrons.charge == pytest.approx(charge, rel=1e-9, abs=1e-18)


def test_wide_band_does_not_rectify():
    ratio = rectification(junction(0.5, -0.4, widths=(2000.0, 2000.0)), 0.5, 0.4, "lowest").ratio
    assert 1e-8 < abs(ratio - 1) < 3e-6


def test_stopping_bias():
    found = stopping_bias(lambda bias: junction(bias=bias), (-0.9, 0.0), "lowest")
    assert found == pytest.approx(-0.4751247423, abs=2e-10)


def test_onsager():
    """dI/d(1/T_ph - 1/T_e) = dJ/d(eV/T_e) = 3.068205e-3 at T = .5, exactly and by differences of the currents."""
    exact = linear_response(junction(t_e=0.5, t_ph=0.5), "lowest")
    assert exact.mixed == pytest.approx(3.068205e-3, abs=6e-10)
    step = 2e-3
    colder, warmer = (lowest(t_e=0.5, t_ph=1 / (2 + x)) for x in (step, -step))
    biased, back = (lowest(t_e=0.5, t_ph=0.5, bias=0.5 * y) for y in (step, -step))
    assert (colder.charge - warmer.charge) / (2 * step) == pytest.approx(exact.mixed, rel=1e-5)
    assert (biased.total - back.total) / (2 * step) == pytest.approx(exact.mixed, rel=1e-5)
    assert (colder.total - warmer.total) / (2 * step) == pytest.approx(exact.energy, rel=1e-5)
    assert (biased.charge - back.charge) / (2 * step) == pytest.approx(exact.charge, rel=1e-5)


HEATING = {
    0.2: (7.251111e-4, 7.334878e-4, 0.018649, 0.199907),
    0.5: (3.644352e-3, 3.678329e-3, 0.089316, 0.499775),
    0.8: (1.111121e-2, 1.119042e-2, 0.579486, 0.799457),
    1.2: (3.057497e-2, 3.071077e-2, np.inf, None),
    2.0: (6.828175e-2, 6.837308e-2, np.inf, None),
}
COOLING = {
    0.2: (-3.143503e-4, 3.190669e-4, 0.002488, -0.199718),
    0.5: (-4.813063e-4, 4.904033e-4, 0.000563, -0.496583),
    0.8: (-5.271660e-4, 5.406004e-4, 0.000145, -0.767240),
    1.2: (-5.399632e-4, 5.628122e-4, 0.000076, -0.898073),
    2.0: (-5.216870e-4, None, 0.000290, None),
    3.0: (-4.235493e-4, None, 0.001316, None),
}
ROWS = [(0.5, bias, row) for bias, row in HEATING.items()] + [(-0.5, bias, row) for bias, row in COOLING.items()]


def resonant(bias, e1=0.5, friction=0.05, temperature=0.2):
    return junction(e1, -e1, temperature, temperature, bias, widths=(0.1, 0.1), friction=friction)


@pytest.mark.parametrize(("e1", "bias", "row"), ROWS)
def test_bias_heats_and_cools(e1, bias, row):
    """001 Fig. 2: levels one quantum apart, downhill (a) and uphill (b): J, I, N of the electrons alone, μ."""
    total, charge, number, potential = row
    model = resonant(bias, e1)
    found, (mode,) = pair_currents(model, "lowest"), populations(model)
    assert found.total == pytest.approx(total, rel=2e-7)
    assert mode.electron_number == pytest.approx(number, abs=6e-7)
    if charge is not None:
        assert found.charge == pytest.approx(charge, rel=2e-7)
    if potential is not None:
        assert mode.chemical_potential == pytest.approx(potential, abs=6e-7)


def test_cooling_is_best_near_a_bias():
    found = minimize_scalar(lambda bias: pair_currents(resonant(bias, -0.5), "lowest").total, (1.2, 1.25), tol=1e-4)
    # The page has the best point of a scan, "near V = 1.25".
    assert found.fun == pytest.approx(-5.400948e-4, rel=2e-6) and found.fun < -5.400948e-4
    assert found.x == pytest.approx(1.2567, abs=1e-3)


def test_thresholds():
    (rest,) = populations(resonant(0.0))
    assert sum(rest.absorption[f"e:{name}"] for name in ("LR", "RL")) == pytest.approx(8.508179e-2, rel=1e-7)
    assert sum(rest.creation[f"e:{name}"] for name in ("LR", "RL")) == pytest.approx(5.732766e-4, rel=1e-7)
    assert rest.electron_number == pytest.approx(1 / np.expm1(5), rel=1e-12)
    for friction, wanted in ((1e-14, 1.001066423), (0.002, 1.017294276)):
        found = lasing_bias(lambda bias, g=friction: resonant(bias, friction=g), (0.0, 2.0))
        assert found == pytest.approx(wanted, abs=6e-10)


def test_emission_ends_at_the_bias():
    """T = .02, eV = .8: quanta per time and frequency."""
    found = emission_spectrum(resonant(0.8, temperature=0.02), "ph", [0.7, 0.81, 1.1, 1.3], "lowest")
    page = [1.275953e-4, 2.182554e-4, 1.083628e-8, 1.118403e-14]
    np.testing.assert_allclose(sum(found.values()), page, rtol=5e-7)


def test_heat_engine():
    assert heat_engine_efficiency(1.0, 0.5, 0.5, 1.0) == 0.75


def test_lowest_order_says_so():
    """What electrons do to the mode is 1.51 times what phonons do at V = .2; beyond the threshold there is no end."""
    with pytest.warns(LowestOrderWarning, match="off by about 151%"):
        pair_currents(resonant(0.2), "lowest")
    with pytest.warns(LowestOrderWarning, match="a mode grows"):
        assert pair_currents(resonant(1.2, friction=0.02), "lowest").lasing
