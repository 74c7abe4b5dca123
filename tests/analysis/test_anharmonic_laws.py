"""Laws of anharmonic motion: Boltzmann, virial, zero-point leakage, and the two ledgers that must close."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from analysis_toys import blocks as blocks_of
from analysis_toys import small_junction, small_run
from anharmonic_toys import RUN, hard, soft_run
from error_bars import SEED, limit
from scipy.integrate import quad

import sgle
from sgle.analysis.anharmonic import PotentialLedger, anharmonic_quantities
from sgle.analysis.heat import EnergyLedger, supports
from sgle.analysis.leakage import leakage, mode_rows
from sgle.anharmonic import polynomial, sites
from sgle.grid import Grid
from sgle.integrators.driver import run
from sgle.integrators.verlet import Verlet
from sgle.noise import noise_streams

QUARTIC, STIFFNESS, TEMPERATURE = 0.8, 0.5, 0.7


def square(block):
    return block.displacement**2


def virial(block):
    """-u·F of the whole force; ⟨-u·F⟩ = T for every dof (Clausius)."""
    return STIFFNESS * block.displacement**2 - block.displacement * block.anharmonic_force


def boltzmann():
    """⟨u²⟩ = ∫ u² e^{-V/T} du / ∫ e^{-V/T} du, V = ½Ku² + ¼cu⁴ (Gibbs)."""

    def weight(u):
        return np.exp(-(STIFFNESS * u**2 / 2 + QUARTIC * u**4 / 4) / TEMPERATURE)

    return quad(lambda u: u**2 * weight(u), -8, 8)[0] / quad(weight, -8, 8)[0]


@pytest.fixture(scope="module")
def hot():
    """A quartic oscillator under classical noise with memory."""
    bath = sgle.baths.drude(0.3, 4.0, TEMPERATURE, [0])
    junction = sgle.Junction([[STIFFNESS]], {"L": bath}).without("quantum_noise")
    lengths = {"time_step": 0.05, "steps": 16_000, "trajectories": 64, "seed": SEED, "spectrum_segment": 0}
    watched = {"square": square, "virial": virial}
    return small_run(hard(junction, QUARTIC), reference=None, observers=watched, **lengths)


def test_the_classical_limit_is_that_of_boltzmann(hot):
    exact = {"square": boltzmann(), "virial": TEMPERATURE, "kinetic_energy": TEMPERATURE / 2}
    for name, value in exact.items():
        found = hot.estimates[name][0]
        assert found.stderr < 0.02 * value
        assert abs(found.value - value) < limit(found.degrees, len(exact)) * found.stderr, (name, found, value)
    harmonic = hot.estimates["square"][0]
    assert abs(harmonic.value - TEMPERATURE / STIFFNESS) > 50 * harmonic.stderr
    (mode,) = mode_rows(hot)
    assert abs(mode.z) < limit(hot.estimates["mode_energy"].degrees)


def test_motion_along_a_mode_has_its_energy_alone():
    stiffness = np.array([[2.0, -0.5, 0.1], [-0.5, 1.5, -0.4], [0.1, -0.4, 1.0]])
    junction = hard(sgle.Junction(stiffness, {}), 0.0)
    measured = anharmonic_quantities(Grid(0.1).model(junction))["mode_energy"]
    shapes = np.linalg.eigh(stiffness)[1]
    block = next(blocks_of(3.0 * shapes.T[None], 1))
    np.testing.assert_allclose(measured(block)[0], 9.0 * np.eye(3), atol=1e-12)


def shared(cubic, quartic, quantum=True, temperature=0.02):
    """A fast and a slow mode, 2 to 1, on baths of their own, and what couples them."""
    baths = {name: sgle.baths.ohmic(0.03, 6.0, temperature, [dof]) for dof, name in enumerate("LR")}
    junction = sgle.Junction(np.diag([1.0, 4.0]), baths)
    junction = junction if quantum else junction.without("quantum_noise")
    force = polynomial([[1.0, 1.0]], cubic, quartic)
    lengths = {"time_step": 0.15, "steps": 12_000, "trajectories": 32, "seed": SEED, "spectrum_segment": 0}
    return small_run(junction.with_anharmonic(force), reference=None, **lengths)


def test_zero_point_energy_leaks_from_fast_to_slow():
    """S. Habershon and D. E. Manolopoulos, J. Chem. Phys. 131, 244518 (2009): classical motion shares it out."""
    found = shared(0.2, 0.05)
    slow, fast = mode_rows(found)
    assert found.estimates["mode_energy"].stderr.max() < 0.03
    assert slow.z > 5 and fast.z < -5 and slow.leak > 0.1 and fast.leak < -0.1
    assert "fast to slow" in leakage(found)


@pytest.mark.parametrize("harmonic", [True, False])
def test_nothing_leaks_in_harmonic_motion_or_under_classical_noise(harmonic):
    found = shared(0.0, 0.0) if harmonic else shared(0.2, 0.05, quantum=False, temperature=0.5)
    estimate = found.estimates["mode_energy"]
    assert np.all(estimate.stderr < 0.06 * estimate.value)
    assert all(abs(row.z) < limit(estimate.degrees, 2) for row in mode_rows(found))
    assert "no zero-point leakage" in leakage(found)


@dataclass
class Stale:
    """The force of the step before, beside the energy of this one."""

    inner: object
    spec = None

    @property
    def size(self):
        return self.inner.size

    def __call__(self, u):
        before = getattr(self, "before", u)
        self.before = u.copy()
        return self.inner(before if before.shape == u.shape else u)[0], self.inner(u)[1]


def blocks(force=None, time_step=0.1, noise=True, time=60.0):
    """Blocks of the small junction, three trajectories; without noise from a displaced start, and without baths."""
    junction = small_junction().with_anharmonic(force or polynomial(sites(2), quartic=0.3))
    junction = junction if noise else sgle.Junction(junction.dynamical_matrix, {}, anharmonic=junction.anharmonic)
    model = Grid(time_step).model(junction)
    streams = noise_streams(model, SEED, range(3)) if noise else {}
    state = Verlet(model).rest(3)
    state.displacement += [[1.0, 0.2], [0.3, -0.8], [0.5, 0.5]]
    return model, run(model, streams, round(time / time_step), state=state)


def test_the_ledger_closes_only_with_the_work_of_the_force():
    """To rounding with the force that acted; not with another, and not without it."""
    model, found = blocks()
    ledgers = {name: EnergyLedger(model.stiffness, supports(model)) for name in ("whole", "stale", "none")}
    for block in found:
        stale = np.roll(block.anharmonic_force, 1, axis=0)
        for name, force in (("whole", block.anharmonic_force), ("stale", stale), ("none", 0 * stale)):
            ledgers[name].update(replace(block, anharmonic_force=force))
    errors = {name: ledger.error for name, ledger in ledgers.items()}
    assert errors["whole"] < 1e-13
    assert errors["stale"] > 1e-3 and errors["none"] > 1e-3


def mismatch(**changes):
    ledger = PotentialLedger()
    for block in blocks(**changes)[1]:
        ledger.update(block)
    return ledger.error


@pytest.mark.parametrize("noise", [False, True])
def test_energy_and_work_agree_to_second_order(noise):
    """A sixteenth at a fourth of the step; noise is another at each. A stale force, of first order, is far off."""
    coarse, fine = (mismatch(time_step=step, noise=noise) for step in (0.1, 0.025))
    assert coarse < (0.02 if noise else 0.001)
    assert (5 if noise else 15) < coarse / fine < (50 if noise else 17)
    stale = mismatch(force=Stale(polynomial(sites(2), quartic=0.3)), noise=noise, time=10.0)
    assert stale > 10 * mismatch(noise=noise, time=10.0)


def test_an_energy_of_another_force_is_seen():
    wrong = polynomial(sites(2), quartic=0.3)

    class Twice(Stale):
        def __call__(self, u):
            return wrong(u)[0], 2 * wrong(u)[1]

    assert mismatch(force=Twice(wrong), noise=False) > 20 * mismatch(noise=False)


def test_chunks_balance_to_rounding():
    """H at the ends of a chunk, heat and work in between: what a result keeps closes as every step does."""
    found = soft_run()
    step = found.settings["chunk"] * found.settings["time_step"]
    lost = step * (found.series["heat_current"].sum(axis=-1) - found.series["anharmonic_power"][..., 0])
    gained = np.diff(found.snapshots.harmonic_energy, axis=0)
    assert np.abs(gained + lost[1:]).max() < 1e-11
    assert np.abs(found.snapshots.harmonic_energy[0] + lost[0]).max() < 1e-11
    assert np.abs(gained + step * found.series["heat_current"].sum(axis=-1)[1:]).max() > 1e-2


def test_the_wrong_sign_runs_away():
    with pytest.raises(sgle.errors.DivergedError, match="no anharmonic force holds it"):
        small_run(hard(small_junction(), -0.3), **RUN)
