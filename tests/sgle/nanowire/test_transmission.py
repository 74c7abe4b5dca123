"""Transmissions: their shapes, and a junction's electrons between two wires."""

import numpy as np
import pytest

from sgle.electronic.structure import Electrode, ElectronicStructure
from sgle.errors import InputError
from sgle.nanowire import Scales, Transmission, lorentzian, of_electrons, resonances, solve, step, table

ENERGY = np.linspace(0.0, 5.0, 101)


def levels(energies, left, right):
    """Levels with given real couplings to one wide band on each side, broadenings 2 a aᵀ [eV]."""

    def wide(coupling):
        sigma = -1j * np.outer(coupling, coupling)
        return Electrode(tuple(range(len(energies))), lambda e: np.broadcast_to(sigma, (len(e), *sigma.shape)))

    return ElectronicStructure(np.diag(energies), {"L": wide(np.array(left)), "R": wide(np.array(right))})


@pytest.mark.parametrize("parities", [(1, -1, 1), (1, 1, 1), (-1, -1, 1)])
def test_resonances_are_levels_between_wide_bands(parities):
    """T of coupled equally left and right, up to a sign, from the Green's function: Γ = a² on each side."""
    at, width = np.array([0.7, 1.1, 1.2]), np.array([0.1, 0.05, 0.3])
    coupling = np.sqrt(width / 2)
    structure = levels(at, coupling, coupling * parities)
    found = resonances(at, width, parities)(ENERGY)
    np.testing.assert_allclose(found, structure.transmission(ENERGY), atol=1e-12)
    other = resonances(at, width, [-parities[0], *parities[1:]])(ENERGY)
    assert np.max(np.abs(other - found)) > 0.1


def test_parity_alternates_by_default():
    found = resonances([0.5, 1.0], [0.1, 0.1])(ENERGY)
    np.testing.assert_array_equal(found, resonances([0.5, 1.0], [0.1, 0.1], [1, -1])(ENERGY))


def test_lorentzian():
    """003 Eq. 21: 1 at the peak, half of it at a distance Γ."""
    value = lorentzian(1.44, 0.08)(np.array([1.36, 1.44, 1.52, 2.24]))
    np.testing.assert_allclose(value, [0.5, 1, 0.5, 0.01 / 1.01], rtol=1e-13)


def test_step_and_its_smooth_form():
    np.testing.assert_array_equal(step(1.0, low=0.1, high=0.7)(np.array([0.5, 1.5])), [0.1, 0.7])
    np.testing.assert_allclose(step(1.0, 0.2)(np.array([0.8, 1.0])), [1 / (1 + np.e), 0.5])
    sharp, smooth = (solve(step(1.2, width, high=0.5), 0.3, bias=0.1) for width in (0.0, 1e-3))
    assert smooth.current == pytest.approx(sharp.current, rel=1e-4)


def test_table_is_its_function():
    places = np.linspace(0.0, 14.0, 3000)
    exact = solve((1.44, 0.3), 0.3, bias=0.1)
    found = solve(table(places, lorentzian(1.44, 0.3)(places)), 0.3, bias=0.1, accuracy=1e-4)
    assert found.current == pytest.approx(exact.current, rel=1e-5)


def test_junction_between_wires():
    """A level of a junction in eV, at 0.144 eV above the band bottom for μ0 = 0.1 eV, is the resonance at 1.44."""
    structure = levels([2.144], [np.sqrt(0.004)], [np.sqrt(0.004)])
    scatterer = of_electrons(structure, 0.1, band_bottom=2.0, share=0.0)
    found, exact = solve(scatterer, 0.3, bias=0.1), solve((1.44, 0.08), 0.3, bias=0.1)
    assert found.current == pytest.approx(exact.current, rel=1e-9)
    with pytest.raises(InputError, match="positive"):
        of_electrons(structure, 0.0, 2.0)


def test_share_moves_the_level():
    """share = 1: T as a function of the total energy, nanowire.md, Pitfalls."""
    value = solve(lorentzian(0.64 + 0.4, 0.08, share=1.0), 0.1, bias=0.4).current
    assert value == pytest.approx(solve((0.64, 0.08), 0.1, bias=0.4).current, rel=1e-12)


@pytest.mark.parametrize("peak", [1.1, 1.44])
def test_narrow_resonance_passes_in_proportion_to_its_width(peak):
    """Γ → 0: I/Γ has a limit, met from the width on that a grid just resolves."""
    rates = [solve((peak, width), 0.3, bias=0.1).current / width for width in (1e-10, 1e-8, 1e-6)]
    np.testing.assert_allclose(rates, rates[-1], rtol=1e-5)


def test_narrow_levels_of_tables_and_junctions_are_found():
    """Peaks of a table, and levels of a junction that are hardly coupled, without being told."""
    exact = solve((1.1, 1e-5), 0.3, bias=0.1)
    places = np.unique([*np.linspace(0, 14, 300), *(1.1 + 0.1 * np.linspace(-1, 1, 801) ** 5)])
    found = solve(table(places, lorentzian(1.1, 1e-5)(places)), 0.3, bias=0.1, accuracy=1e-3)
    assert found.current == pytest.approx(exact.current, rel=2e-3)
    structure = levels([1.1], [np.sqrt(0.5e-5)], [np.sqrt(0.5e-5)])
    assert solve(of_electrons(structure, 1.0, 0.0, share=0.0), 0.3, bias=0.1).current == pytest.approx(exact.current)


def test_plain_function_is_refined_where_it_is_narrow():
    """A resonance that nobody announced."""
    known = solve((1.1, 0.003), 0.3, bias=0.1)
    found = solve(lambda e: 0.003**2 / ((e - 1.1) ** 2 + 0.003**2), 0.3, bias=0.1)
    assert found.current == pytest.approx(known.current, rel=1e-8)


@pytest.mark.parametrize(
    "make",
    [
        lambda: resonances([1.0], [0.1, 0.2]),
        lambda: resonances([1.0, 2.0], [0.1, 0.2], [1, 2]),
        lambda: resonances([1.0], [-0.1]),
        lambda: resonances([], []),
        lambda: resonances([1.0, 2.0, 1.0], [0.1, 0.2, 0.3]),
        lambda: resonances([np.nan], [0.1]),
        lambda: step(1.0, -0.1),
        lambda: table([1.0, 0.5], [0.0, 0.0]),
        lambda: table([1.0, 2.0], [0.0]),
        lambda: Transmission(np.cos, share=1.5),
    ],
)
def test_impossible_transmissions(make):
    with pytest.raises(InputError):
        make()


def test_scales_convert_there_and_back():
    """InAs-like wire: v_F = sqrt(2 μ0/m), e²/h per volt, G0/2 μ0."""
    scales = Scales(chemical_potential=0.1, mass=0.023, relaxation_time=200.0)
    assert scales.kelvin(scales.temperature(300.0)) == pytest.approx(300.0)
    assert scales.volts(scales.bias(0.02)) == pytest.approx(0.02)
    assert scales.temperature(300.0) == pytest.approx(0.2585, rel=1e-4)
    assert scales.velocity == pytest.approx(299792458 * np.sqrt(2 * 0.1 / (0.023 * 510998.95)), rel=1e-8)
    assert scales.length == pytest.approx(scales.velocity * 200e-15 * 1e9)
    # A perfect channel carries e²/h = 38.74 μS per volt and spin.
    assert scales.current == pytest.approx(38740.459 * 0.1, rel=1e-7)
    # Joule: I V in nW for dimensionless i and v, and I F per length.
    assert scales.heat_current == pytest.approx(scales.current * scales.volts(1.0), rel=1e-12)
    assert scales.heating == pytest.approx(scales.current * scales.field, rel=1e-12)
    for bad in ((0.0, 1.0, 1.0), (0.1, -1.0, 1.0), (0.1, 1.0, np.inf)):
        with pytest.raises(InputError, match="positive"):
            Scales(*bad)
