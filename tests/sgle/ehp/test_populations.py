"""Quanta of modes and emission spectra: master equation, limits, thresholds, sums (002 Eqs. 10-13)."""

import numpy as np
import pytest
from laws.level_pairs import MIXED, OHMIC, SIGMA_X, electrons, junction, two_modes

from sgle import Junction, baths, landauer
from sgle.ehp import emission_spectrum, heat_engine_efficiency, lasing_bias, pair_currents, population, populations
from sgle.errors import BathError, EigenfrequencyError, UnstableError
from sgle.occupation import bose

ELECTRONIC = ("e:LL", "e:RR", "e:LR", "e:RL")


def resonant(bias, temperature=0.2, friction=0.002, **more):
    return junction(0.5, -0.5, temperature, temperature, bias, widths=(0.1, 0.1), friction=friction, **more)


def test_rates_of_the_master_equation():
    """B and A are emission and absorption at Ω over 2Ω of one quantum's amplitude; their difference damps energy."""
    model = junction(bias=0.3, couplings=MIXED, hopping=0.2)
    (mode,) = populations(model)
    assert mode.frequency == pytest.approx(1.0, rel=1e-12) and abs(mode.shape[0]) == pytest.approx(1)
    for name, channel in zip(ELECTRONIC, model.baths["e"].channels, strict=True):
        absorbed, emitted = channel.rates(np.array([1.0]))
        assert mode.absorption[name] == pytest.approx(absorbed[0, 0, 0].real / 2, rel=1e-12)
        assert mode.creation[name] == pytest.approx(emitted[0, 0, 0].real / 2, rel=1e-12)
    assert mode.phononic == pytest.approx(0.05, rel=1e-9)  # the energy damping rate of the Ohmic bath
    assert mode.creation["ph"] / mode.absorption["ph"] == pytest.approx(np.exp(-1 / 0.4), rel=1e-12)
    total_b, total_a = sum(mode.creation.values()), sum(mode.absorption.values())
    assert mode.number == pytest.approx(total_b / (total_a - total_b), rel=1e-12)
    assert mode.damping == pytest.approx(mode.electronic + mode.phononic, rel=1e-12) and not mode.lasing


@pytest.mark.parametrize("given", [{}, {"couplings": MIXED, "hopping": 0.2}])
def test_equilibrium(given):
    """Without bias A/B = e^{Ω/T}: electrons alone hold n_B(Ω, T_e), μ = 0; both at one T hold n_B(Ω, T)."""
    (mode,) = populations(junction(t_e=0.6, t_ph=0.4, **given))
    assert mode.electron_number == pytest.approx(bose(1.0, 0.6), rel=1e-12)
    assert mode.chemical_potential == pytest.approx(0, abs=1e-13)
    assert bose(1.0, 0.4) < mode.number < bose(1.0, 0.6)
    (mode,) = populations(junction(t_e=0.4, t_ph=0.4, **given))
    assert mode.number == pytest.approx(bose(1.0, 0.4), rel=1e-12)


def test_one_channel_alone():
    """An electron of energy far below L and far above R has LR pairs only: N = n_B(Ω-eV), μ = eV (002 Eq. 12)."""
    model = Junction([[1.0]], {"e": electrons(0.5, -0.5, 0.2, 0.6, widths=(1e-5, 1e-5)), "ph": phonons()})
    (mode,) = populations(model)
    assert mode.absorption["e:RL"] < 1e-9 * mode.absorption["e:LR"]
    assert mode.chemical_potential == pytest.approx(0.6, abs=1e-6)
    assert mode.electron_number == pytest.approx(bose(1.0 - 0.6, 0.2), rel=1e-5)
    # The other way round they give RL: μ = -eV.
    (mode,) = populations(model.replace(e=electrons(-0.5, 0.5, 0.2, 0.6, widths=(1e-5, 1e-5))))
    assert mode.chemical_potential == pytest.approx(-0.6, abs=1e-6)
    assert mode.electron_number == pytest.approx(bose(1.6, 0.2), rel=1e-5)


def phonons(friction=0.05):
    return baths.drude(friction, OHMIC, 0.2, [0])


def test_above_the_threshold():
    """No number is given, the rate of growth is; μ above Ω says that electrons would drive even more."""
    (mode,) = populations(resonant(1.2))
    assert mode.lasing and mode.number == np.inf and mode.electron_number == np.inf
    assert mode.damping < 0 and mode.chemical_potential > 1
    (below,) = populations(resonant(1.01))  # electrons alone drive it, phonons still hold it
    assert not below.lasing and np.isfinite(below.number) and below.electron_number == np.inf
    found = lasing_bias(resonant, (0.9, 1.2))
    assert populations(resonant(found - 1e-6))[0].number > 1e4
    with pytest.raises(EigenfrequencyError, match="no lasing threshold") as caught:
        lasing_bias(resonant, (0.0, 0.5))
    assert min(caught.value.numbers["damping"]) > 0
    for mode in (1, -1):
        with pytest.raises(BathError, match=f"no mode {mode}: modes are 0 to 0"):
            lasing_bias(resonant, (0.9, 1.2), mode)


def test_weak_damping_is_the_exact_energy():
    """N = ⟨u̇²⟩/Ω of the exact answer without zero point, where damping is small."""
    model = junction(friction=2e-3, cutoff=50.0, couplings=0.02 * np.array(SIGMA_X) / 0.1)
    (mode,) = populations(model)
    kinetic = landauer.kinetic_energy(model.without("zero_point"))[0]
    assert 2 * kinetic / mode.frequency == pytest.approx(mode.number, rel=4e-3)
    assert mode.number != pytest.approx(bose(1.0, 0.4), rel=0.05)


def test_modes_of_a_coupled_junction():
    """Eigenvectors of K: rates are v†em v, and any other mode can be asked for."""
    model = two_modes()
    coupled = Junction([[1.0, 0.1], [0.1, 1.0]], model.baths)
    first, second = populations(coupled)
    assert first.frequency == pytest.approx(np.sqrt(0.9)) and second.frequency == pytest.approx(np.sqrt(1.1))
    v = second.shape
    emitted = model.baths["e"].emission(second.frequency)
    assert sum(second.creation[name] for name in ELECTRONIC) == pytest.approx(
        (v @ emitted @ v).real / (2 * second.frequency), rel=1e-10
    )
    same = population(coupled, second.frequency, v)
    assert same.number == pytest.approx(second.number, rel=1e-12)
    with pytest.raises(BathError, match="without stiffness"):
        populations(Junction(np.zeros((2, 2)), model.baths))


def test_channels_of_two_temperatures_have_no_potential():
    (mode,) = populations(junction())
    assert np.isfinite(mode.chemical_potential)
    alone = Junction([[1.0]], {"ph": phonons()})
    assert np.isnan(populations(alone)[0].chemical_potential)
    assert populations(alone)[0].number == pytest.approx(bose(1.0, 0.2), rel=1e-12)


def test_heat_engine():
    """002 Eq. 13: Carnot without bias, more with it; refused where the mode would lase."""
    assert heat_engine_efficiency(1.0, 0.0, 0.5, 1.0) == 0.5
    assert heat_engine_efficiency(1.0, 0.5, 0.5, 1.0) == 0.75
    assert heat_engine_efficiency(2.0, -0.5, 0.5, 1.0) == pytest.approx(1 - 0.5 * 2.5 / 2)
    for given in ((1.0, 1.0, 0.5, 1.0), (1.0, 0.5, 1.0, 0.5), (1.0, 0.5, 0.0, 1.0)):
        with pytest.raises(BathError, match="an engine needs"):
            heat_engine_efficiency(*given)


OMEGA = np.linspace(0.02, 4, 2000)


def test_emitted_less_absorbed_is_the_current():
    """∫ j_c dω less what the channel takes back from the bath is pair_currents' quanta, channel by channel."""
    model = junction(bias=0.8, couplings=MIXED, hopping=0.2)
    omega = np.linspace(2e-3, 12, 4000)
    emitted, net = emission_spectrum(model, "ph", omega), pair_currents(model).quanta
    for channel in model.baths["e"].channels:
        name = f"e:{channel.name}"
        up, down = (part[:, 0, 0].real for part in channel.rates(omega))
        n = bose(omega, 0.4)
        # em (n+1) - abs n of the events with the bath at n_B(ω, T_ph), where j_c has em alone.
        taken = emitted[name] / down * (up - down) * n
        found = np.sum(emitted[name] - taken) * (omega[1] - omega[0])
        assert found == pytest.approx(net[name], rel=1e-4, abs=3e-8)
        assert emitted[name].min() >= 0


def test_light_ends_at_the_bias():
    """Beyond ħω = eV light of LR falls as exp[-(ω-eV)/T] faster than what is absorbed; colder is sharper."""
    omega = np.array([0.7, 1.0, 1.2, 1.4])
    for temperature in (0.02, 0.05):
        model = resonant(0.8, temperature, friction=0.05)
        found = emission_spectrum(model, "ph", omega, "lowest")["e:LR"]
        (lr,) = (channel for channel in model.baths["e"].channels if channel.name == "LR")
        absorbed = lr.rates(omega)[0][:, 0, 0].real
        spectrum = 2 * 0.05 * omega / ((omega**2 - 1) ** 2 + (0.05 * omega) ** 2)
        wanted = spectrum * absorbed * np.exp(-(omega - 0.8) / temperature) / (2 * np.pi)
        np.testing.assert_allclose(found, wanted, rtol=1e-8)
        assert found[2] < found[0] * 0.1


def test_emission_is_refused():
    model = resonant(0.5)
    with pytest.raises(BathError, match="not 'e'; there is ph"):
        emission_spectrum(model, "e", OMEGA)
    with pytest.raises(BathError, match="not 'light'"):
        emission_spectrum(model, "light", OMEGA)
    with pytest.raises(BathError, match="order full or lowest, not 'second'"):
        emission_spectrum(model, "ph", OMEGA, "second")
    with pytest.raises(BathError, match="above zero, not at -1"):
        emission_spectrum(model, "ph", [-1.0])
    for frequencies in ([], [np.nan], [[1.0, 2.0]]):
        with pytest.raises(BathError, match="frequencies must be real and finite"):
            emission_spectrum(model, "ph", frequencies)
    with pytest.raises(UnstableError):
        emission_spectrum(resonant(1.2), "ph", OMEGA)


def test_emission_into_each_bath():
    """Two baths of phonons: together they take what both modes emit, and a bath on mode 1 is not one on mode 2."""
    model = two_modes()
    left, right = (emission_spectrum(model, bath, OMEGA) for bath in "LR")
    spacing = OMEGA[1] - OMEGA[0]
    totals = [sum(np.sum(part) for part in spectrum.values()) * spacing for spectrum in (left, right)]
    assert totals[0] > 3 * totals[1] > 0
