"""Rates of electron-hole pairs: sums over poles, adaptive quadrature, discrete states and a plain sum agree."""

import numpy as np
import pytest
from laws.level_pairs import MIXED, SIGMA_X, Discrete, delta
from scipy.special import expit

from sgle.ehp import levels, pair_rates, two_levels, wide_band
from sgle.ehp.levels import WORST, poles
from sgle.electronic.pairs import CHANNELS, Occupation
from sgle.electronic.structure import ElectronicStructure
from sgle.errors import BathError, SpectrumError

TEMPERATURES = {"cold": 1e-3, "warm": 0.3, "hot": 3.0}
# At and near the potentials ±.5 of LR and RL, 0, and the resonance 1 = ε1 - ε2 of equal widths.
OMEGA = np.array([-1.3, -0.5, -1e-7, 0.0, 1e-9, 0.2, 0.5, 0.5 + 1e-9, 0.501, 0.9, 1 - 1e-3, 1.0, 1 + 1e-9, 1.7])


def occupation(temperature, bias=0.5, level=0.1):
    return Occupation(level + bias / 2, level - bias / 2, temperature, temperature)


def symmetric(rng, size):
    a = rng.normal(size=(size, size))
    return (a + a.T) / 2


def three_levels():
    """H, Γ_L of rank 2, Γ_R full, and two couplings, without any symmetry."""
    rng = np.random.default_rng(7)
    half, full = rng.normal(size=(3, 2)), rng.normal(size=(3, 3))
    couplings = 0.1 * np.array([symmetric(rng, 3), symmetric(rng, 3)])
    return symmetric(rng, 3), 0.1 * half @ half.T, 0.1 * full @ full.T, couplings


def overlapping():
    h, left, right, m = three_levels()
    overlap = np.eye(3) + 0.2 * symmetric(np.random.default_rng(8), 3)
    electrodes = {name: wide_band((0, 1, 2), gamma) for name, gamma in (("L", left), ("R", right))}
    return ElectronicStructure(h, electrodes, overlap), m


def magnetic():
    """Complex H, Γ and M."""
    h, left, right, m = three_levels()
    turn = np.triu(np.ones((3, 3)), 1)
    left = left + 0.02j * (turn - turn.T) + 0.1 * np.eye(3)
    return levels(h + 0.3j * (turn - turn.T), left, right), m + 0.05j * (turn - turn.T)


def model(name):
    h, left, right, m = three_levels()
    return {
        "two": lambda: (two_levels((0.5, -0.4), (0.2, 0.3)), SIGMA_X),
        "resonant": lambda: (two_levels((0.5, -0.5), (0.1, 0.1)), SIGMA_X),
        "hopping": lambda: (two_levels((0.5, -0.4), (0.2, 0.2), 0.2), [SIGMA_X, MIXED]),
        "three": lambda: (levels(h, left, right), m),
        "overlap": overlapping,
        "magnetic": magnetic,
        "one": lambda: (levels([[0.3]], [[0.2]], [[0.1]]), [[[0.1]]]),
    }[name]()


def worst(found, wanted):
    """Largest deviation of Γ, absorption and emission of any channel, relative to that channel's largest."""
    off = 0.0
    for part in ("broadening", "absorption", "emission"):
        for a, b in zip(getattr(found, part), getattr(wanted, part), strict=True):
            off = max(off, np.abs(a - b).max() / max(np.abs(b).max(), 1e-30))
    return off


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("name", ["two", "resonant", "hopping", "three", "overlap", "magnetic", "one"])
def test_closed_form_is_the_quadrature(name, temperature):
    structure, m = model(name)
    at, omega = occupation(TEMPERATURES[temperature]), OMEGA if name in ("two", "resonant") else OMEGA[[0, 1, 7, 8]]
    closed = pair_rates(structure, m, omega, at, spin=1, road="closed")
    assert worst(closed, pair_rates(structure, m, omega, at, spin=1, road="quadrature")) < 1e-12


@pytest.mark.parametrize("name", ["two", "resonant", "hopping", "three"])
def test_no_jump_between_the_branches_of_the_closed_form(name):
    """Near ω = μ and where poles meet other formulas are used: on either side of their limits values are the same."""
    structure, m = model(name)
    at = occupation(0.05)
    for place in (0.0, 0.5, -0.5, 1.0):
        distance = np.geomspace(1e-9, 0.1, 40)
        omega = np.unique(np.concatenate([place - distance, [place], place + distance]))
        found = pair_rates(structure, m, omega, at, road="closed").broadening
        step = np.diff(omega)
        bend = np.abs(np.diff(np.diff(found, axis=1) / step[:, None, None], axis=1)).max(axis=(0, 2, 3))
        # Curvature over a step, and rounding.
        allowed = 5 * (step[1:] + step[:-1]) / 0.05**2 + 2e-14 / np.minimum(step[1:], step[:-1])
        assert np.all(bend < allowed * np.abs(found).max())


def test_default_road_is_closed_where_it_can_be():
    structure, m = model("two")
    pair = [pair_rates(structure, m, OMEGA, occupation(0.3), road=road) for road in (None, "closed")]
    np.testing.assert_array_equal(pair[0].absorption, pair[1].absorption)
    apart = Occupation(0.2, -0.2, 0.3, 0.2)
    pair = [pair_rates(structure, m, [0.7], apart, road=road) for road in (None, "quadrature")]
    np.testing.assert_array_equal(pair[0].absorption, pair[1].absorption)
    with pytest.raises(BathError, match="one temperature") as caught:
        pair_rates(structure, m, [0.7], apart, road="closed")
    assert caught.value.numbers["temperatures"] == (0.3, 0.2)


def test_by_discrete_states():
    """001 Eq. 7, second line, with 2π and spin: Γ_kl = 2πg Σ_if ⟨f|M^k|i⟩⟨i|M^l|f⟩ (f_f - f_i) δ(ε_i - ε_f - ω)."""
    m = np.array([SIGMA_X, [[0, -0.05j], [0.05j, 0]]])
    at = occupation(0.3)
    ends = {"L": Discrete(0.5, 0.2), "R": Discrete(-0.4, 0.3)}
    site = {"L": 0, "R": 1}
    found = pair_rates(two_levels((0.5, -0.4), (0.2, 0.3)), m, [-0.6, 0.2, 1.0], at, spin=2)
    for j, omega in enumerate(found.omega):
        for upper, lower in ("LR", "RL"):
            up, low = ends[upper], ends[lower]
            filled = {name: expit((at.of(name)[0] - ends[name].energies) / 0.3) for name in "LR"}
            resonant = delta(up.energies[:, None] - low.energies - omega, 0.03)
            changed = filled[lower][None, :] - filled[upper][:, None]
            total = up.weight @ (changed * resonant) @ low.weight
            a, b = site[upper], site[lower]
            wanted = 2 * 2 * np.pi * total * np.outer(m[:, b, a], m[:, a, b])
            gamma = found.broadening[CHANNELS.index(upper + lower), j]
            assert np.abs(gamma - wanted).max() < 1e-3 * np.abs(wanted).max()
            assert np.abs(gamma - wanted.T).max() > 0.5 * np.abs(wanted).max()  # k and l exchanged


def test_flat_band_and_sharp_level():
    """E9: Γ_LR = m² A1 A2 (ω-eV)/2π of a wide band; Γ_LR = -m² a2(ε1-ω)(f_L(ε1)-f_R(ε1-ω)) of a sharp level 1."""
    omega, lr = np.array([-0.7, 0.2, 0.5, 1.3]), CHANNELS.index("LR")
    wide = pair_rates(two_levels((0.5, -0.4), (2000.0, 3000.0)), SIGMA_X, omega, occupation(0.3), spin=1)
    flat = 0.01 * (4 / 2000) * (4 / 3000) * (omega - 0.5) / (2 * np.pi)
    np.testing.assert_allclose(wide.broadening[lr, :, 0, 0].real, flat, rtol=2e-5, atol=1e-18)

    sharp = pair_rates(two_levels((0.5, -0.4), (1e-7, 0.3)), SIGMA_X, omega, occupation(0.3, level=0.0), spin=1)
    lorentzian = 0.3 / ((0.5 - omega + 0.4) ** 2 + 0.15**2)
    step = 1 / (1 + np.exp(0.25 / 0.3)) - 1 / (1 + np.exp((0.5 - omega + 0.25) / 0.3))
    np.testing.assert_allclose(sharp.broadening[lr, :, 0, 0].real, -0.01 * lorentzian * step, rtol=1e-5, atol=1e-9)


def test_levels_that_coalesce():
    """H - iΓ/2 of two levels at an exceptional point has one eigenvector; the quadrature does not mind."""
    at_point = two_levels((0.1, 0.1), (0.5, 0.1), hopping=0.1)
    with pytest.raises(BathError, match="coalesce") as caught:
        pair_rates(at_point, MIXED, [0.7], occupation(0.3), road="closed")
    assert caught.value.numbers["condition"] > WORST
    found = pair_rates(at_point, MIXED, [0.7], occupation(0.3))
    beside = [two_levels((0.1, 0.1), (0.5, 0.1), hopping=0.1 + d) for d in (4e-4, -4e-4)]
    near = [pair_rates(one, MIXED, [0.7], occupation(0.3), road="closed") for one in beside]
    mean = (near[0].absorption + near[1].absorption) / 2
    assert np.abs(found.absorption - mean).max() < 1e-5 * np.abs(mean).max()


@pytest.mark.parametrize("distance", [1e-3, 1e-2])
def test_close_to_coalescing(distance):
    """What is not refused is right: the condition number that is allowed loses no more than its square."""
    structure = two_levels((0.1, 0.1), (0.5, 0.1), hopping=0.1 + distance)
    closed, quadrature = (
        pair_rates(structure, MIXED, OMEGA, occupation(0.3), road=road) for road in ("closed", "quadrature")
    )
    assert worst(closed, quadrature) < 1e-11


def test_poles_are_greens_function_and_spectral_functions():
    structure, _ = overlapping()
    known, energy = poles(structure), np.array([-0.7, 0.2, 1.1])
    terms = known.residues[None] / (energy[:, None] - known.z)[:, :, None, None]
    green = known.basis @ terms.sum(axis=1) @ known.basis
    np.testing.assert_allclose(green, structure.greens_function(energy), rtol=1e-12, atol=1e-13)
    z, _ = known.signed
    for name in "LR":
        spectral = (known.of(name)[None] / (energy[:, None] - z)[:, :, None, None]).sum(axis=1)
        spectral = known.basis @ spectral @ known.basis
        np.testing.assert_allclose(spectral, structure.spectral(name, energy), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(
    ("left", "right", "m", "temperature", "match"),
    [
        ([0.2, 0.0], [0.1, 0.0], SIGMA_X, 0.3, "no electrode reaches it"),
        ([0.2, 0.0], [0.0, 0.1], SIGMA_X, 0.0, "above zero"),
        ([0.2, 0.0], [0.0, 0.1], np.ones((3, 3)), 0.3, r"\(n_dof, 2, 2\)"),
        ([0.2, 0.0], [0.0, 0.1], np.ones(2), 0.3, r"\(n_dof, 2, 2\)"),
        ([0.2, 0.0], [0.0, 0.1], [[0, 0.1], [0.2, 0]], 0.3, "Hermitian"),
        ([0.2, 0.0], [0.0, 0.1], [[0, np.nan], [np.nan, 0]], 0.3, "finite"),
    ],
)
def test_refusals(left, right, m, temperature, match):
    with pytest.raises(BathError, match=match):
        pair_rates(levels(np.diag([0.5, -0.4]), left, right), m, [1.0], occupation(temperature))


def test_more_refusals():
    structure, m = model("two")
    with pytest.raises(BathError, match="unknown road 'digamma'"):
        pair_rates(structure, m, [1.0], occupation(0.3), road="digamma")
    with pytest.raises(BathError, match="two levels have two energies"):
        two_levels((0.5, -0.4, 0.1), (0.2, 0.2))
    with pytest.raises(SpectrumError):
        levels(np.diag([0.5, -0.4]), [-0.2, 0.1], [0.1, 0.0])
    left_alone = ElectronicStructure(np.diag([0.5, -0.4]), {"L": wide_band((0, 1), np.eye(2))})
    with pytest.raises(BathError, match="two electrodes called L and R"):
        pair_rates(left_alone, m, [1.0], occupation(0.3))


@pytest.mark.parametrize("omega", [[], [np.nan], [np.inf], [[1.0]], [1.0 + 0.1j], ["high"]])
def test_frequencies_are_checked(omega):
    structure, m = model("two")
    with pytest.raises(BathError, match=r"omega|frequencies"):
        pair_rates(structure, m, omega, occupation(0.3))


@pytest.mark.parametrize("spin", [0, -1, np.nan])
def test_spin_is_checked(spin):
    structure, m = model("two")
    with pytest.raises(BathError, match="spin"):
        pair_rates(structure, m, [1.0], occupation(0.3), spin=spin)


@pytest.mark.parametrize("given", [(np.nan, 0.1, 0.3, 0.3), (0.1, 0.1, np.nan, 0.3), (0.1, 0.1, -0.3, -0.3)])
def test_occupation_is_checked(given):
    structure, m = model("two")
    with pytest.raises(BathError, match="finite potentials and temperatures above zero"):
        pair_rates(structure, m, [1.0], Occupation(*given))
