"""Modes one by one: projecting the electrons, and the pairs that carry the asymmetry (000 Fig. 1)."""

import numpy as np
import pytest
from laws.models import electrons, minimal
from laws.wire import wire

from sgle import Junction, baths, landauer, modes, stability
from sgle.errors import BathError, FileError, InputError, UnstableError
from sgle.files.junction_file import save_junction

DIFFERENCE = modes.energy_asymmetry([0], [1])


def string(bias=0.6, nonconservative=((0, 1, 0.004),), temperature=0.3):
    """Five atoms between two baths; the electrons turn chosen pairs of its modes."""
    stiffness = 1.5 * np.eye(5) - 0.35 * (np.eye(5, k=1) + np.eye(5, k=-1))
    _, shape = np.linalg.eigh(stiffness)
    force = np.zeros((5, 5))
    for k, m, value in nonconservative:
        force[k, m], force[m, k] = value, -value
    strength = 0.02 * np.eye(5)
    ends = {"L": baths.drude(0.05, 8.0, temperature, 0), "R": baths.drude(0.05, 8.0, temperature, 4)}
    bath = baths.local(
        0.03 * np.eye(5), shape @ force @ shape.T, None, None, strength, bias=bias, temperature=temperature, cutoff=6.0,
        dofs=range(5),
    )  # fmt: skip
    return Junction(stiffness, {**ends, "e": bath})


def test_all_modes_are_the_junction():
    for junction in (minimal(1.0), string(), Junction(np.eye(2), {"L": minimal().baths["L"], "e": electrons()})):
        whole = landauer.answers(junction)
        for vectors in (np.eye(junction.size), np.arange(junction.size)):
            found = landauer.answers(modes.projected(junction, vectors))
            np.testing.assert_allclose(found.kinetic_energy, whole.kinetic_energy, rtol=1e-8)
            for name, value in whole.heat_currents.items():
                assert found.heat_currents[name] == pytest.approx(value, rel=1e-7, abs=1e-12)


def test_projection_of_every_matrix():
    """Γ, S, Π, abs, em and the static terms become P X P; a subset of the dofs is embedded."""
    bath = electrons()
    basis = np.array([[0.6, 0.0, 0.8]]).T
    placed = modes.projected_bath(bath, basis)
    embed = np.eye(3)[:, :2]
    onto = basis @ basis.T @ embed
    omega = np.array([-0.4, 0.2, 0.9])
    for name in ("broadening", "noise", "self_energy", "absorption", "emission"):
        wanted = onto @ getattr(bath, name)(omega) @ onto.T
        np.testing.assert_allclose(getattr(placed, name)(omega), wanted, atol=1e-15)
    np.testing.assert_allclose(placed.static, onto @ bath.static @ onto.T, atol=1e-16)
    assert placed.dofs == (0, 1, 2)


def test_projection_survives_bias_and_switches():
    junction, vector = minimal(1.0), np.array([[1.0, 1.0]]).T
    placed = modes.projected(junction, vector)
    again = placed.at_bias(0.4).without("asymmetric")
    wanted = modes.projected(minimal(0.4).without("asymmetric"), vector)
    np.testing.assert_allclose(again.baths["e"].noise(0.3), wanted.baths["e"].noise(0.3), atol=1e-15)
    assert again.bias == 0.4 and again.baths["e"].switched_off == ("asymmetric",)
    off = minimal(1.0).without("berry")
    assert modes.projected(off, vector).at_bias(0.2).baths["e"].switched_off == ("berry",)
    assert placed.baths["L"] is junction.baths["L"]


def test_one_mode_has_no_asymmetry():
    """A non-conservative force needs two modes: with one alone, bias heats both sides of a symmetric junction alike."""
    junction = minimal(1.0)
    whole = abs(DIFFERENCE(landauer.answers(junction)))
    for mode in (0, 1):
        found = modes.projected(junction, [mode])
        assert abs(DIFFERENCE(landauer.answers(found))) < 1e-9 * whole
        assert landauer.kinetic_energy(found).sum() > landauer.kinetic_energy(found.at_bias(0.0)).sum()


def test_modes_and_widths():
    """Frequencies of K, shapes that diagonalise it, decay rates that are twice the roots' -Im z."""
    junction = string(bias=0.0)
    found = modes.modes(junction)
    np.testing.assert_allclose(found.shape.T @ found.shape, np.eye(5), atol=1e-14)
    diagonal = found.shape.T @ junction.dynamical_matrix @ found.shape
    np.testing.assert_allclose(diagonal, np.diag(found.frequency**2), atol=1e-13)
    total = sum(found.broadening.values())
    roots = stability.resonances(junction)
    np.testing.assert_allclose(-2 * roots.imag, total, rtol=0.05)
    np.testing.assert_allclose(roots.real, found.frequency, rtol=0.02)
    np.testing.assert_allclose(np.diag(found.friction), found.broadening["e"], rtol=0.1)
    np.testing.assert_allclose(found.broadening["L"], found.broadening["R"], rtol=1e-10)


def test_nonconservative_force_between_modes():
    found = modes.modes(string(0.6, ((0, 1, 0.004), (2, 4, -0.001))))
    assert abs(found.nonconservative[0, 1]) == pytest.approx(0.6 * 0.004, rel=1e-12)
    assert abs(found.nonconservative[2, 4]) == pytest.approx(0.6 * 0.001, rel=1e-12)
    np.testing.assert_allclose(found.nonconservative, -found.nonconservative.T, atol=1e-16)
    assert abs(found.nonconservative[0, 3]) < 1e-16


@pytest.mark.parametrize("measure", [modes.current_asymmetry(), modes.energy_asymmetry([0, 1], [3, 4])])
def test_the_pair_that_is_driven_carries_the_asymmetry(measure):
    """Two pairs driven, one ten times harder: the ranking names it, and the sum is nearly the whole."""
    junction = string(0.6, ((0, 1, 0.015), (2, 3, 0.0015)))
    ranking = modes.ranked_pairs(junction, measure, most=None)
    assert len(ranking) == 10 and ranking[0].modes == (0, 1) and ranking[1].modes == (2, 3)
    assert ranking[0].share == pytest.approx(1, abs=0.2)
    assert sum(pair.share for pair in ranking) == pytest.approx(1, abs=0.1)
    assert abs(ranking[2].share) < 1e-6  # pairs the force does not join: nothing
    few = modes.ranked_pairs(junction, measure, most=2)
    assert [pair.modes for pair in few] == [(0, 1), (2, 3)]
    assert modes.ranked_pairs(junction, measure, candidates=[2, 3])[0].asymmetry == pytest.approx(few[1].asymmetry)


def test_sense_of_rotation_turns_with_the_bias():
    forward, backward = (modes.ranked_pairs(string(bias), modes.current_asymmetry(), most=1)[0] for bias in (0.6, -0.6))
    assert forward.modes == backward.modes == (0, 1)
    assert forward.rotation == pytest.approx(-backward.rotation, rel=1e-6) and abs(forward.rotation) > 1e-3
    assert forward.nonconservative == pytest.approx(-backward.nonconservative)
    # The force -N u does work on the motion it favours: u_k -> u_l where N_kl > 0 has -N_lk u_k push u_l.
    assert np.sign(forward.rotation) == np.sign(forward.nonconservative)


def test_the_favoured_rotation_is_damped_less():
    """With two degenerate modes the motions are circles, and N adds and subtracts from their damping."""
    force, unit = np.array([[0.0, 0.02], [-0.02, 0.0]]), np.eye(2)
    bath = baths.local(0.06 * unit, force, shot_noise=0.04 * unit, bias=0.5, temperature=0.3, cutoff=60.0, dofs=[0, 1])
    junction = Junction(unit, {"L": baths.drude(0.02 * unit, 80.0, 0.3, [0, 1]), "e": bath})
    pair = modes.ranked_pairs(junction, DIFFERENCE, most=None)[0]
    assert abs(pair.rotation) == pytest.approx(1, abs=1e-6)
    assert pair.decay == pytest.approx(0.08 / 2 - 0.5 * 0.02 / 2, rel=0.01)
    assert np.sign(pair.rotation) == np.sign(pair.nonconservative)


def test_runaway_pairs_come_first():
    """A pair can run away although the whole junction does not: a third mode detunes the two."""
    force = np.zeros((3, 3))
    for k, m, value in ((0, 1, 0.0008), (1, 2, 0.005)):
        force[k, m], force[m, k] = value, -value
    unit = np.eye(3)
    bath = baths.local(
        0.006 * unit, force, shot_noise=0.006 * unit, bias=20.0, temperature=0.3, cutoff=60.0, dofs=range(3)
    )
    junction = Junction(np.diag([1.0, 1.001, 1.3]), {"L": baths.drude(0.002 * unit, 80.0, 0.3, range(3)), "e": bath})
    ranking = modes.ranked_pairs(junction, DIFFERENCE, most=None)
    assert ranking[0].modes == (0, 1) and ranking[0].unstable and np.isnan(ranking[0].asymmetry)
    assert ranking[0].decay < 0 < ranking[1].decay and not ranking[1].unstable
    with pytest.raises(UnstableError, match="unstable mode"):
        modes.ranked_pairs(junction.at_bias(40.0), DIFFERENCE)


def test_refusals():
    junction = minimal(1.0)
    with pytest.raises(InputError, match="linearly dependent"):
        modes.projected(junction, np.ones((2, 2)))
    with pytest.raises(InputError, match=r"among 0 \.\.\. 1"):
        modes.projected(junction, [2])
    with pytest.raises(InputError, match="must be finite"):
        modes.projected(junction, np.ones(3) / 2)
    with pytest.raises(BathError, match="no bath 'x'"):
        modes.projected(junction, np.eye(2), bath="x")
    with pytest.raises(BathError, match="no electron bath"):
        modes.projected(junction.replace(e=None), np.eye(2))
    with pytest.raises(InputError, match=r"\[0, 9\] must be different ones among 0 \.\.\. 1"):
        modes.ranked_pairs(junction, modes.current_asymmetry(), candidates=[9, 0])
    with pytest.raises(InputError, match=r"\[-1, 0\] must be"):
        modes.ranked_pairs(junction, modes.current_asymmetry(), candidates=[0, -1])
    with pytest.raises(InputError, match="no bath 'left' in this junction; it has L, R, e"):
        modes.ranked_pairs(junction, modes.current_asymmetry("left", "R"))


def test_a_file_is_not_written_that_could_not_be_read(tmp_path):
    with pytest.raises(FileError, match=r"'e' \(projected flat_band\) cannot be stored"):
        save_junction(tmp_path / "pair.h5", modes.projected(minimal(1.0), np.eye(2)))
    assert not (tmp_path / "pair.h5").exists()


def test_energy_dependent_electrons():
    """All modes are the whole, at another bias too; two of the three carry its asymmetry (000 Fig. 1)."""
    placed = modes.projected(wire(0.2), np.eye(3))
    for bias in (0.2, 0.1):
        found, wanted = (landauer.heat_currents(j) for j in (placed.at_bias(bias), wire(bias)))
        assert found["R"] == pytest.approx(wanted["R"], rel=1e-9)
    ranking = modes.ranked_pairs(wire(0.2), modes.current_asymmetry())
    assert ranking[0].modes == (1, 2) and ranking[0].share == pytest.approx(1, abs=0.3)
