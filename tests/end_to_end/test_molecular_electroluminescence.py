"""Recipe molecular-electroluminescence: where its light begins and ends, how much there is, and when it lases."""

import csv

import numpy as np
import pytest
from end_to_end.command import sgle

from sgle.ehp import elastic_current, emission_spectrum, lasing_bias, levels, pair_currents, populations
from sgle.electronic.pairs import Occupation
from sgle.errors import UnstableError
from sgle.recipe import Recipe
from sgle.units import BOLTZMANN, HBAR_FS

NAME = "molecular-electroluminescence"
PER_SECOND = 1e15 / HBAR_FS  # of eV/ħ
NANO_AMPERE = PER_SECOND * 1.602176634e-19 * 1e9


def junction(bias, *overrides, kelvin=80.0):
    warm = [f"baths.{name}.temperature_K={kelvin}" for name in ("light", "e")]
    return Recipe.load(NAME, ["sweep={}", f"bias_V={bias}", *warm, *overrides]).junction()


def light(model, low=0.9, high=3.0, points=4001):
    omega = np.linspace(low, high, points)
    return omega, emission_spectrum(model, "light", omega)


def test_light_ends_at_the_bias():
    """LR emits what it absorbs times exp[-(ω-eV)/T]; what is left is the plasmon's line, the same at every T."""
    omega, lines = np.linspace(1.5, 1.9, 60), []
    for kelvin in (80.0, 300.0):
        model = junction(1.6, kelvin=kelvin)
        emitted = emission_spectrum(model, "light", omega, "lowest")["e:LR"]
        (lr,) = (channel for channel in model.baths["e"].channels if channel.name == "LR")
        absorbed = lr.rates(omega)[0][:, 0, 0].real
        lines.append(emitted / (absorbed * np.exp(-(omega - 1.6) / (BOLTZMANN * kelvin))))
        assert kelvin > 80 or emitted[-1] < 1e-6 * emitted.max()
    np.testing.assert_allclose(*lines, rtol=1e-9)
    assert np.ptp(lines[0]) > 5 * lines[0].min()


def test_light_beyond_the_bias_is_thermal():
    omega = np.concatenate(
        [np.linspace(0.5, 1.78, 800)[:-1], np.linspace(1.78, 1.82, 801), np.linspace(1.82, 3, 800)[1:]]
    )
    beyond, shares = omega >= 1.8 - 1e-12, []
    for kelvin in (5.0, 80.0, 300.0):
        total = sum(emission_spectrum(junction(1.8, kelvin=kelvin), "light", omega).values())
        shares.append(np.trapezoid(total[beyond], omega[beyond]) / np.trapezoid(total, omega))
    assert shares == pytest.approx([2.833e-4, 0.0960, 0.716], rel=2e-3)


def test_every_quantum_is_one_electron():
    """A cold bath gives no quanta back: the integral of the spectrum is pair_currents', and e times it the current."""
    for bias, per_second, current in ((1.8, 2.444e10, 3.916), (2.0, 3.107e12, 497.8)):
        model = junction(bias)
        omega, spectrum = light(model, 0.5, 3.2)
        total, found = sum(spectrum.values()).sum() * (omega[1] - omega[0]), pair_currents(model)
        assert total == pytest.approx(found.quanta["e:LR"], rel=2e-3)
        assert found.quanta["e:LR"] * PER_SECOND == pytest.approx(per_second, rel=5e-4)
        assert found.charge * NANO_AMPERE == pytest.approx(current, rel=5e-4)
        assert abs(found.quanta["e:RL"]) < 1e-6 * found.quanta["e:LR"]
        assert max(abs(found.energy[f"e:{name}"]) for name in ("LL", "RR")) < 1e-15


def test_onset_at_one_quantum():
    below, above, far = (pair_currents(junction(bias)).charge for bias in (1.8, 2.0, 2.2))
    assert above > 100 * below and far < 1.5 * above
    # Below it the golden rule sees no light where the exact one is in the wing of the plasmon.
    (mode,) = populations(junction(1.6))
    assert mode.number < 1e-15


def test_most_electrons_go_straight_through():
    kt = BOLTZMANN * 80
    structure = levels(np.diag([0.95, -0.95]), [0.08, 0.004], [0.004, 0.08])
    for bias, elastic, share in ((1.5, 216.1, 1.116e-4), (2.2, 3361.0, 0.1676)):
        straight = elastic_current(structure, Occupation(bias / 2, -bias / 2, kt, kt)).charge * NANO_AMPERE
        light_making = pair_currents(junction(bias)).charge * NANO_AMPERE
        assert straight == pytest.approx(elastic, rel=5e-4)
        assert light_making / (light_making + straight) == pytest.approx(share, rel=1e-3)


def test_strong_coupling_lases():
    strong = "baths.e.couplings_eV1.5=[[0.0, 0.117], [0.117, 0.0]]"
    found = lasing_bias(lambda bias: junction(bias, strong), (1.5, 2.5))
    assert found == pytest.approx(1.95834, abs=1e-5)
    with pytest.raises(UnstableError):
        light(junction(2.0, strong))


def test_command(tmp_path):
    """The spectrum in photons per second and eV, frequencies in meV, and the picture."""
    done = sgle(
        "landauer", NAME, "-o", "out", "--set", "sweep.bias_V=[1.8, 2.0]", "--set", "ehp.points=41", cwd=tmp_path
    )
    assert done.status == 0, done.err
    with (tmp_path / "out" / "emission.csv").open() as file:
        head, *rows = list(csv.reader(file))
    assert head[:2] == ["bias_V", "frequency [meV]"] and head[-1] == "emission [1/(s eV)], all"
    assert len(rows) == 82
    values = np.array(rows, dtype=float)
    omega, emitted = values[41:, 1] / 1e3, values[41:, -1]
    np.testing.assert_allclose(omega, np.linspace(1.3, 2.5, 41), rtol=1e-9)  # both ends of `frequencies`
    wanted = sum(emission_spectrum(junction(2.0), "light", omega).values()) * PER_SECOND
    np.testing.assert_allclose(emitted, wanted, rtol=1e-6)
    assert (tmp_path / "out" / "emission.png").stat().st_size > 10_000
