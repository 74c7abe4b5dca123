"""Conversion at the door: CODATA through scipy, and the three numbers of physics.md 1 and reference/junctions.md 1."""

import pytest
from scipy import constants

from sgle import units

EV = constants.electron_volt


def test_values_of_the_conventions_page():
    assert units.HBAR_FS == pytest.approx(0.6582119569, abs=1e-10)
    assert units.ANGSTROM_AMU == pytest.approx(0.0646541513, abs=1e-10)
    assert pytest.approx(2.43413e-4, rel=3e-6) == units.WATT
    assert units.kelvin(300.0) == pytest.approx(0.025852, abs=5e-7)


def test_against_si():
    assert units.femtoseconds(1.0) * constants.hbar / EV == pytest.approx(1e-15, rel=1e-12)
    assert units.picoseconds(1.0) == pytest.approx(1e3 * units.femtoseconds(1.0), rel=1e-15)
    assert units.kelvin(1.0) * EV == pytest.approx(constants.k, rel=1e-12)
    assert units.nanowatts(1.0) == pytest.approx(EV**2 / constants.hbar * 1e9, rel=1e-12)
    # u = √m x: a mode of 1 eV has ⟨u²⟩ = ħ/2ω, that is x² = ħ²/(2 · amu · eV) for 1 amu.
    metres = constants.hbar / (EV * constants.atomic_mass) ** 0.5
    assert pytest.approx(metres * 1e10, rel=1e-12) == units.ANGSTROM_AMU


def test_displayed_units():
    ev = units.by_name("eV")
    assert (ev.scale("energy"), ev.label("energy")) == (1e3, "meV")
    assert ev.scale("temperature") * units.kelvin(300.0) == pytest.approx(300.0, rel=1e-12)
    assert ev.scale("time") * units.picoseconds(2.0) == pytest.approx(2.0, rel=1e-12)
    assert ev.scale("heat_current") == pytest.approx(units.nanowatts(1.0), rel=1e-15)
    assert ev.label("heat_current") == "nW"


@pytest.mark.parametrize("quantity", ["energy", "heat_current", "time", "temperature", "anything"])
def test_natural_units_change_nothing(quantity):
    natural = units.by_name("natural")
    assert (natural.scale(quantity), natural.label(quantity)) == (1.0, "")
