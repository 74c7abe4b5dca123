"""The two-level junction of 001 in trajectories: quanta of its vibration and heat, under energy-dependent, biased and
complex noise of electrons, against the exact answers for the same grid; above the threshold the rate of growth.

Noise is normal-ordered but in the runaway: quanta are then known to a per cent in seconds. Its spectrum n_B Γ has a
kink at ω = 0, rounded off by a filter of finite length as the grid answer knows; hence the warnings that are ignored.
"""

import warnings
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from error_bars import SEED, limit
from laws.level_pairs import electrons, junction

from sgle import Junction, baths, landauer, simulate, stability
from sgle.analysis.instability.growth import growth_rate
from sgle.analysis.population import NAME, mode_population
from sgle.ehp import LowestOrderWarning, pair_currents, populations
from sgle.errors import ContinuumWarning, KernelWarning, UnstableError
from sgle.occupation import bose

CUTOFF = 10.0
SAMPLED = {"time_step": 0.1, "steps": 3000, "trajectories": 512, "seed": SEED, "spectrum_segment": 0, "progress": False}


def heating(bias=0.5, e1=0.5, friction=0.05, **more):
    """001 Fig. 2: level 1 above level 2 for e1 > 0, so that a current emits; below, it absorbs."""
    return junction(e1, -e1, 0.2, 0.2, bias, widths=(0.1, 0.1), friction=friction, cutoff=CUTOFF, **more)


def turning(bias=1.2):
    """Two modes whose electrons have a Γ_12 with as much imaginary as real part."""
    given = {"widths": (0.8, 0.8), "hopping": 0.3, "couplings": [[[0, 0.1], [0.1, 0]], [[0.2, 0], [0, -0.2]]]}
    phonons = {name: baths.drude([[0.05]], CUTOFF, 0.2, [dof]) for dof, name in enumerate("LR")}
    return Junction(np.diag([1.0, 1.05]), {**phonons, "e": electrons(0.3, -0.3, 0.2, bias, **given)})


def sample(model, **changes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KernelWarning)
        warnings.simplefilter("ignore", ContinuumWarning)
        return simulate(model.without("zero_point"), populations=True, **SAMPLED | changes)


@cache
def heated():
    return sample(heating())


def scores(found, exact=None):
    """z of quanta and heat currents against the grid answers, those of another run if it is given."""
    exact = exact or found
    return np.concatenate(
        [
            (found.estimates[name].value - exact.estimates[name].grid) / found.estimates[name].stderr
            for name in (NAME, "heat_current")
        ]
    )


def judge(found, ceiling=0.02, current=0.03):
    """All numbers agree, and would not if they were off by a few per cent. currents : relative to the largest."""
    quanta, heat, z = found.estimates[NAME], found.estimates["heat_current"], scores(found)
    assert np.all(quanta.stderr < ceiling * quanta.grid), quanta.stderr / quanta.grid
    assert np.all(heat.stderr < current * np.abs(heat.grid).max()), heat.stderr / np.abs(heat.grid).max()
    assert np.all(np.abs(z) < limit(quanta.degrees, z.size)), z
    assert found.ledger_error < 1e-13


def test_heating():
    """Quanta and heat of issue 6; the golden rule and lowest order, both far off here, are rejected."""
    found, model = heated(), heating()
    judge(found)
    number = found.estimates[NAME][0]
    assert populations(model)[0].number > number.value + 10 * number.stderr
    assert number.value > bose(1.0, 0.2) + 10 * number.stderr
    heat = found.heat_currents["ph"]
    assert heat.continuum == pytest.approx(pair_currents(model).total, rel=1e-9)
    with pytest.warns(LowestOrderWarning):
        lowest = pair_currents(model, "lowest").total
    assert lowest > 1.5 * heat.value and lowest > heat.value + 10 * heat.stderr


def test_cooling():
    found = sample(heating(e1=-0.5), trajectories=256)
    judge(found)
    number, heat = found.estimates[NAME][0], found.heat_currents["ph"]
    assert number.value < bose(1.0, 0.2) - 10 * number.stderr and heat.value < -10 * heat.stderr


def test_hot_electrons_without_bias():
    """T_e = 0.6, T_ph = 0.4: between n_B of both; heat flows into the phonons."""
    found = sample(junction(cutoff=CUTOFF), trajectories=320, memory_time=170.0)
    judge(found, current=0.06)
    number = found.estimates[NAME][0]
    assert bose(1.0, 0.4) + 10 * number.stderr < number.value < bose(1.0, 0.6) - 10 * number.stderr
    assert found.heat_currents["ph"].continuum == pytest.approx(pair_currents(junction(cutoff=CUTOFF)).total, rel=1e-9)


def test_complex_noise_of_two_modes():
    """Transposed strengths turn the noise the other way round: 16 % of the quanta of a mode."""
    model, settings = turning(), {"memory_time": 45.0}  # nothing is left of the kernels by then
    rate = model.baths["e"].channels[2].rates(np.ones(1))[1][0]
    assert abs(rate[0, 1].imag) > 0.5 * np.sqrt(rate[0, 0] * rate[1, 1]).real
    found = sample(model, **settings)
    judge(found)
    right = model.baths["e"]
    channels = tuple(replace(each, strength=each.strength.map(np.conj)) for each in right.channels)
    wrong = sample(model.replace(e=replace(right, channels=channels)), **settings)
    assert scores(wrong, found)[0] < -limit(wrong.estimates[NAME].degrees, 5)


@pytest.mark.parametrize("switch", ["nonequilibrium_noise", "quantum_noise"])
def test_wrong_noise_is_rejected(switch):
    """Electrons as noisy as at zero bias, or classical: quanta off by a factor."""
    wrong = sample(heating().without(switch), trajectories=64)
    z = scores(wrong, heated())
    assert abs(z[0]) > 15


def test_auxiliary_variables_stand_for_the_electrons():
    """The same noise, the kernel fitted by a few poles: closer than the error bars by far."""
    found = sample(heating(), memory="auxiliary")
    judge(found)
    convolved, fitted = heated().estimates[NAME], found.estimates[NAME]
    assert fitted.grid == pytest.approx(convolved.grid, rel=1e-4)
    assert np.abs(fitted.value - convolved.value) < 0.05 * convolved.stderr


def test_weak_coupling_is_the_golden_rule():
    """N and growth approach those of the golden rule as the square of all couplings, below and above the threshold."""
    deviations = []
    for scale in (0.3, 0.1, 0.03):
        weak = {"friction": 0.05 * scale**2, "couplings": [[0, 0.1 * scale], [0.1 * scale, 0]]}
        below, above = (heating(bias, **weak).without("zero_point") for bias in (0.5, 1.6))
        number = mode_population(below).exact(below, None)[0][0]
        growth = 2 * stability.eigenfrequencies(above).imag.max()
        rule, rate = populations(below)[0].number, -populations(above)[0].damping
        deviations.append([number / rule - 1, growth / rate - 1])
    first, second, third = np.abs(deviations)
    assert np.all(second < first / 7) and np.all(third < second / 9) and np.all(third < 2e-3), deviations


def test_growth_above_the_threshold():
    """V = 1.6, critical 1.452: trajectories grow at the eigenvalue's rate; there is no steady state to sample."""
    model = heating(1.6)
    found = growth_rate(model, time_step=0.1, trajectories=64, seed=SEED, progress=False)
    assert abs(found.rate.z) < limit(found.rate.degrees)
    assert found.rate.stderr < 0.004 * found.rate.grid and found.decades.value > 3
    assert found.rate.continuum == pytest.approx(stability.eigenfrequencies(model).imag.max(), rel=1e-9)
    mode = populations(model)[0]
    assert mode.lasing and abs(-mode.damping / 2 - found.rate.value) > 100 * found.rate.stderr  # weak damping alone
    with pytest.raises(UnstableError, match="1 unstable mode") as caught:
        sample(model)
    assert caught.value.count == 1 and caught.value.bias == 1.6
    with pytest.raises(UnstableError):
        landauer.heat_currents(model)
