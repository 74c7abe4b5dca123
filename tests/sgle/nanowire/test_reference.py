"""Numbers of 003, as recomputed to more digits in reference/nanowire.md (its tables are named where they are used)."""

import functools

import numpy as np
import pytest

from sgle.nanowire import Transmission, dominant, lorentzian, solve

WIDTH = 0.08
TEMPERATURES = (0.1, 0.3, 0.5, 0.7)
CASES = ((1.44, 0.1), (1.44, 0.4), (0.64, 0.1), (0.64, 0.4))
GRID = [(*case, t) for case in CASES for t in TEMPERATURES]
CURRENT = [
    0.00530955, 0.0124564, 0.0105158, 0.00832149, 0.0117620, 0.0361694, 0.0360083, 0.0304914,
    0.0165693, 0.0173944, 0.0120065, 0.00888737, 0.158425, 0.0804390, 0.0506360, 0.0364773,
]  # fmt: skip
BEHIND = [
    -5.88544e-4, -2.11218e-3, -1.16935e-3, -1.49631e-4, -2.12820e-3, -9.51706e-3, -7.81184e-3, -4.07361e-3,
    1.26104e-3, 2.85248e-3, 3.36685e-3, 3.73714e-3, -5.70834e-3, -6.86946e-5, 4.47775e-3, 7.47159e-3,
]  # fmt: skip
BEFORE = [
    3.60411e-4, 1.62051e-3, 7.15751e-4, -2.41600e-4, 1.06754e-4, 4.19727e-3, 2.18461e-3, -1.03541e-3,
    -2.31432e-3, -4.21665e-3, -4.48633e-3, -4.68902e-3, -3.19688e-2, -2.09550e-2, -1.94829e-2, -1.95347e-2,
]  # fmt: skip
SCATTERED_BEFORE = [
    -50.6955, -38.2063, -21.8001, 11.3793, -3.05989, -11.7370, -5.67473, 3.63228,
    33.4273, 50.9824, 104.818, 193.622, 5.05085, 11.8475, 25.5924, 47.8830,
]  # fmt: skip
SCATTERED_BEHIND = [
    82.7847, 49.7984, 35.6156, 7.04755, 61.0004, 26.6129, 20.2920, 14.2905,
    -18.2141, -34.4886, -78.6628, -154.317, 0.901877, 0.0388383, -5.88190, -18.3142,
]  # fmt: skip
# Table I as it is printed. Its row r and column c are case c' = r at temperature c: it is transposed.
TABLE_1 = [
    [0.00531, 0.0125, 0.0105, 0.00832], [0.0118, 0.0362, 0.036, 0.0305],
    [0.0166, 0.0174, 0.012, 0.00889], [0.158, 0.08, 0.051, 0.037],
]  # fmt: skip
SPOTS = {
    (1.44, 0.1, 0.1): [],
    (1.44, 0.1, 0.3): [(-5.978, 1.05705), (8.5128, 0.991245)],
    (1.44, 0.1, 0.5): [(-1.9741, 5.21197), (2.8259, -1.04325)],
    (1.44, 0.1, 0.7): [(-0.78473, 25.8055), (1.1823, -15.5358)],
    (1.44, 0.4, 0.1): [(-0.21701, -2.19488)],
    (1.44, 0.4, 0.3): [(-5.6827, 1.02418)],
    (1.44, 0.4, 0.5): [(-1.8992, 2.31318), (6.2282, 0.948534)],
    (1.44, 0.4, 0.7): [(-0.7608, 7.972), (2.8188, -0.168994)],
    **{(0.64, 0.1, t): [] for t in TEMPERATURES},
    (0.64, 0.4, 0.1): [],
    (0.64, 0.4, 0.3): [(0.80418, 0.0506902)],
    (0.64, 0.4, 0.5): [(0.21864, -5.38051)],
    (0.64, 0.4, 0.7): [(0.019338, -17.3814)],
}
# Γ, v, t: P_asym, Landauer's, Eq. 36 (Fig. 7, peak 1.44).
FIGURE_7 = [
    (0.08, 0.1, 0.1, 0.00210837, 0.00215394, 0.00197485), (0.08, 0.1, 0.3, 0.00624022, 0.009213, 0.00496306),
    (0.08, 0.1, 0.5, 0.000177204, 0.008476, -0.000910098), (0.08, 0.1, 0.7, -0.00503871, 0.0070515, -0.00581865),
    (0.08, 0.1, 1.0, -0.0100232, 0.00545726, -0.0105144), (0.08, 0.5, 0.3, 0.03389, 0.0437084, 0.0297984),
    (0.08, 0.5, 0.5, 0.0161082, 0.0492532, 0.0112911), (0.08, 0.5, 0.7, -0.00855268, 0.0444033, -0.0125983),
    (0.32, 0.1, 0.3, 0.0165486, 0.0212197, -0.0000107), (0.32, 0.1, 0.5, -0.00513083, 0.0231064, -0.0210734),
    (0.32, 0.1, 0.7, -0.0249695, 0.0216016, -0.037639), (0.32, 0.5, 0.3, 0.0984324, 0.114129, 0.0424272),
    (0.32, 0.5, 0.5, 0.0313016, 0.140101, -0.0364197), (0.32, 0.5, 0.7, -0.0597169, 0.137405, -0.120986),
]  # fmt: skip
FIGURE_9 = {
    (0.64, 0.1): (0.002496, 0.016569, 0.15843, 0.22930, 0.22975),
    (0.64, 0.7): (0.001757, 0.008887, 0.036477, 0.087402, 0.13529),
    (1.44, 0.1): (0.001323, 0.005310, 0.011762, 0.015323, 0.015610),
    (1.44, 0.7): (0.001697, 0.008321, 0.030491, 0.061089, 0.082436),
}


@functools.cache
def solved(peak, bias, temperature, width=WIDTH):
    return solve((peak, width), temperature, bias=bias)


def printed(value, digits):
    """A number rounded to the digits it is printed with."""
    return float(f"{value:.{digits}g}")


@pytest.mark.parametrize(("case", "current"), list(zip(GRID, CURRENT, strict=True)))
def test_current(case, current):
    assert printed(solved(*case).current, 6) == pytest.approx(current, rel=1e-12)


@pytest.mark.parametrize(("case", "before", "behind"), list(zip(GRID, BEFORE, BEHIND, strict=True)))
def test_potential_at_the_scatterer(case, before, behind):
    np.testing.assert_allclose(solved(*case).potential([-0.0, 0.0]), [before, behind], rtol=1e-5)


@pytest.mark.parametrize(("case", "before", "behind"), list(zip(GRID, SCATTERED_BEFORE, SCATTERED_BEHIND, strict=True)))
def test_heating_by_the_scatterer(case, before, behind):
    found = solved(*case)
    np.testing.assert_allclose(
        found.heating([-0.0, 0.0]).scattered / found.external_heating, [before, behind], rtol=1e-5
    )


def test_table_one_read_as_transposed():
    """15 of 16 entries to the printed digits; the last is printed 0.037 for 0.0365."""
    rows = np.array([[solved(*case, t).current for t in TEMPERATURES] for case in CASES])
    half = 0.5 * 10.0 ** np.floor(np.log10(TABLE_1)) * 0.1
    half[[0, 1], [0, 0]] *= 0.1  # three digits
    misses = np.abs(rows - TABLE_1) > np.maximum(half, 0.005 * np.array(TABLE_1))
    assert misses.sum() == 1 and misses[3, 3]
    assert np.sum(np.abs(rows.T - TABLE_1) > 0.06 * np.array(TABLE_1)) >= 10  # as printed: nonsense


@pytest.mark.parametrize("case", SPOTS)
def test_spots_of_figures_3_and_4(case):
    found = [spot for spot in solved(*case).spots() if abs(spot.position) > 0.005]  # not the boundary layer
    assert len(found) == len(SPOTS[case])
    for spot, (position, height) in zip(found, SPOTS[case], strict=True):
        assert spot.position == pytest.approx(position, rel=3e-5)
        assert spot.height == pytest.approx(height, rel=1e-5)
        assert spot.hot == (position < 0 and case != (1.44, 0.4, 0.1))


def test_boundary_layer_makes_extrema_of_its_own():
    """nanowire.md, Figures: at -0.0012 and -0.0017, where P_ph bends by its logarithm."""
    for t, place in ((0.5, -0.0012), (0.7, -0.0017)):
        near = [spot.position for spot in solved(1.44, 0.4, t).spots() if abs(spot.position) < 0.005]
        assert near == pytest.approx([place], abs=6e-5)
        assert not [spot for spot in solved(1.44, 0.4, t).spots(nearest=0.005) if abs(spot.position) < 0.005]


def test_right_wire_heats_near_and_cools_far():
    """nanowire.md, Figures: (1.44, .1, .7), 7.71 at 0+, below zero beyond about 0.15."""
    found = solved(1.44, 0.1, 0.7)
    ratio = found.heating([0.0, 0.12, 0.15]).total / found.external_heating
    assert ratio[0] == pytest.approx(7.71, abs=0.005)
    assert ratio[1] > 0 > ratio[2]


def test_dominant_spot_of_the_maps():
    """nanowire.md, Fig. 5, 6: sqrt(e0) = 1.03, Γ = .12, t = .1: x = -1.83, height 1.033, the best of a white map."""
    spot = dominant(solved(1.03**2, 0.1, 0.1, 0.12).spots(nearest=0.01))
    assert (round(spot.position, 2), round(spot.height, 3), spot.hot) == (-1.83, 1.033, True)
    assert spot.strength == pytest.approx((spot.height - 1) ** 0.2)
    assert dominant(solved(0.64, 0.1, 0.3).spots()) is None


@pytest.mark.parametrize(
    ("root", "width", "temperature", "left", "right"),
    [
        (1.0, 0.08, 0.3, 1, -1), (1.3, 0.24, 0.7, 1, -1),  # hot left, cold right, near 1 and higher when warmer
        (0.8, 0.16, 0.3, 0, 0), (0.8, 0.16, 0.7, 0, 0), (1.3, 0.24, 0.1, 0, 0),  # white
        (1.2, 0.36, 0.3, -1, 0), (1.1, 0.36, 0.3, 1, 0),  # left, the boundary layer takes over as Γ or e0 grow
    ],
)  # fmt: skip
def test_pattern_of_the_maps(root, width, temperature, left, right):
    """nanowire.md on 003 Figs. 5, 6: sample points of its statements; 0 is white."""
    found = solved(root**2, 0.1, temperature, width).spots()
    for sign, expected in ((-1, left), (1, right)):
        spot = dominant([spot for spot in found if spot.position * sign > 0])
        assert (0 if spot is None else 1 if spot.hot else -1) == expected


@pytest.mark.parametrize("row", FIGURE_7)
def test_asymmetry_of_figure_7(row):
    width, bias, temperature, *expected = row
    found = solved(1.44, bias, temperature, width)
    values = [found.power.asymmetry, found.landauer_asymmetry, found.corrected_asymmetry]
    np.testing.assert_allclose(values, expected, rtol=1e-5, atol=5e-8)


@pytest.mark.parametrize("case", FIGURE_9)
def test_current_against_bias_of_figure_9(case):
    peak, t = case
    currents = [solved(peak, v, t).current for v in (0.02, 0.1, 0.4, 1.0, 2.0)]
    np.testing.assert_allclose(currents, FIGURE_9[case], rtol=4e-4)


def test_correction_of_landauer_is_exact_for_weak_transmission():
    """(P_asym - P_approx)/s² for T -> s T: nanowire.md, Fig. 7; finite, so the error of Eq. 36 is of second order."""
    whole = lorentzian(1.44, WIDTH)
    ratios = []
    for s in (1.0, 0.1, 0.01, 0.001):
        found = solve(Transmission(lambda e, s=s: s * whole(e), places=whole.places), 0.5, bias=0.1)
        ratios.append((found.power.asymmetry - found.corrected_asymmetry) / s**2)
    np.testing.assert_allclose(ratios, [0.001087, 0.000980, 0.000971, 0.000970], atol=6e-7)


def test_readings_that_table_one_excludes():
    """Its 0.158 tells what T is a function of, which width Γ is, and what the wires do (nanowire.md, Pitfalls)."""
    assert solve(lorentzian(0.64, WIDTH, share=1.0), 0.1, bias=0.4).current == pytest.approx(0.018, abs=5e-4)
    assert solve(lorentzian(0.64, WIDTH / 2), 0.1, bias=0.4).current == pytest.approx(0.076, abs=5e-3)
    assert solved(0.64, 0.4, 0.1).landauer_current == pytest.approx(0.117, abs=5e-4)


def test_conductivity_of_the_wire():
    """nanowire.md, Units: N at t = .1, .3, .5, .7."""
    sizes = [solved(1.44, 0.1, t).right.wire.conductivity for t in TEMPERATURES]
    np.testing.assert_allclose(sizes, [1.9913296, 1.9126514, 1.8352211, 1.8059680], atol=5e-8)
