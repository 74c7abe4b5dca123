"""The stationary sampler: its records are trajectories of the grid model, distributed as the grid says."""

from dataclasses import replace

import numpy as np
import pytest
from error_bars import SEED, assert_agrees, limit
from integrator_toys import ArrayStream
from laws.models import electrons, smooth_minimal, uniform_chain

from sgle import Grid, Junction, baths, landauer
from sgle.analysis.heat import EnergyLedger, HeatCurrents, supports
from sgle.errors import InputError, UnstableError
from sgle.integrators import driver, stationary
from sgle.integrators.start import NoStationaryStateError, state_of

DT, MANY = 0.2, 48


def forces_forward():
    """Memory at both ends, local electrons with every force they know, on dofs that do not follow each other."""
    ends = {
        "e": electrons(0.7, dofs=[2, 0]),
        "L": baths.ohmic(0.05, 3.0, 0.4, [0]),
        "R": baths.drude(0.05 * np.array([[1, 0.3], [0.3, 1]]), 3.0, 0.2, [1, 2]),
    }
    stiffness = [[1.0, -0.16, 0], [-0.16, 1.1, -0.16], [0, -0.16, 1.0]]
    return Junction(stiffness, ends)


def joined(blocks):
    """u, v, w, {bath: noise}, {bath: reaction} of all blocks, (steps, R, n)."""
    blocks = list(blocks)
    motion = [
        np.concatenate([getattr(b, name) for b in blocks]) for name in ("displacement", "velocity", "half_velocity")
    ]
    forces = [
        {name: np.concatenate([getattr(b, kind)[name] for b in blocks]) for name in blocks[0].noise}
        for kind in ("noise", "reaction")
    ]
    return *motion, *forces


def mean_over_time(blocks, *quantities):
    """Mean of each quantity of a block over all steps, [(R, K)]."""
    sums, steps = [0.0] * len(quantities), 0
    for block in blocks:
        sums = [total + quantity(block).sum(axis=0) for total, quantity in zip(sums, quantities, strict=True)]
        steps += len(block.velocity)
    return [total / steps for total in sums]


def kinetic_energy(block):
    return 0.5 * block.velocity**2


def test_records_are_trajectories():
    """w_{n+1/2} - w_{n-1/2} = Δt(-K u + Σ f - (c*v + d*u)), u_{n+1} = u_n + Δt w, and v their mean, at every step."""
    model = Grid(DT, memory={"e": "local"}).model(forces_forward())
    u, v, w, noise, reaction = joined(stationary.run(model, SEED, range(3), 700, block=100))
    forces = -u @ model.stiffness
    for name, bath in model.baths.items():
        forces[..., list(bath.dofs)] += noise[name] - reaction[name]
    assert u.shape == v.shape == w.shape == (700, 3, 3)
    np.testing.assert_allclose(np.diff(w, axis=0), DT * forces[1:], atol=1e-12)
    np.testing.assert_allclose(np.diff(u, axis=0), DT * w[:-1], atol=1e-12)
    np.testing.assert_allclose(v[1:], (w[1:] + w[:-1]) / 2, atol=1e-12)
    assert np.abs(forces).max() > 0.1


@pytest.mark.parametrize("memory", ["convolution", "auxiliary"])
def test_stepping_from_a_state_of_the_record_gives_the_record(memory):
    """The driver, under the record's forces from step 400 on, makes the rest of it."""
    model = Grid(DT, memory={"L": memory, "R": memory, "e": "local"}).model(forces_forward())
    u, _, w, noise, reaction = joined(stationary.run(model, SEED, range(3), 800))
    state = state_of(model, u[:401])
    streams = {name: ArrayStream(forces[400:]) for name, forces in noise.items()}
    stepped = joined(driver.run(model, streams, 400, state=state))
    for ours, theirs in zip((u, w), (stepped[0], stepped[2]), strict=True):
        np.testing.assert_allclose(theirs, ours[400:], atol=1e-10)
    for name in noise:
        np.testing.assert_allclose(stepped[4][name], reaction[name][400:], atol=1e-10)


def test_ledger_closes_within_each_record():
    model = Grid(DT, memory={"e": "local"}).model(forces_forward())
    ledgers = []
    for block in stationary.run(model, SEED, range(3), 2000, lengths=stationary.Lengths(2000, 900)):
        if block.start in (0, 900, 1800):
            ledgers.append(EnergyLedger(model.stiffness, supports(model)))
            assert block.joined == (block.start > 0)
        else:
            assert not block.joined
        ledgers[-1].update(block)
    assert len(ledgers) == 3
    assert 0 < max(ledger.error for ledger in ledgers) < 1e-12


def test_numbers_do_not_depend_on_blocks_and_barely_on_company():
    model = Grid(DT).model(smooth_minimal(1.0))
    lengths = stationary.plan([model], 4, 500)
    whole = joined(stationary.run(model, SEED, range(4), 500, lengths=lengths))
    for block in (1, 77, 500):
        cut = joined(stationary.run(model, SEED, range(4), 500, block=block, lengths=lengths))
        for one, other in zip(whole[:3], cut[:3], strict=True):
            np.testing.assert_array_equal(one, other)
    alone = joined(stationary.run(model, SEED, [2], 500, lengths=lengths))
    np.testing.assert_allclose(alone[0][:, 0], whole[0][:, 2], atol=1e-13)
    assert np.abs(whole[0][:, 1] - whole[0][:, 2]).max() > 0.1


@pytest.mark.parametrize("name", ["biased", "every force"])
def test_energies_and_currents_are_those_of_the_grid(name):
    model = Grid(DT, memory={"e": "local"}).model(
        {"biased": lambda: smooth_minimal(3.0), "every force": forces_forward}[name]()
    )
    exact = landauer.answers(model.junction, model.grid.realise())
    energy, current = mean_over_time(
        stationary.run(model, SEED, range(MANY), 4000), kinetic_energy, HeatCurrents(supports(model))
    )
    assert_agrees(energy, exact.kinetic_energy, ceiling=0.03 * exact.kinetic_energy)
    assert_agrees(current, list(exact.heat_currents.values()))
    (alone,) = mean_over_time(stationary.run(model, SEED, range(MANY), 4000, motion_only=True), kinetic_energy)
    assert_agrees(alone, exact.kinetic_energy, ceiling=0.03 * exact.kinetic_energy)


def test_covariances_of_motion_and_noise():
    """⟨u_{n+τ} u_nᵀ⟩, ⟨u_{n+τ} f_nᵀ⟩ and ⟨f_{n+τ} f_nᵀ⟩ at several lags against sums over frequencies."""
    junction, period, lags = smooth_minimal(3.0), 2**13, [0, 3, 11, 40]
    model = Grid(DT).model(junction)
    u, _, _, noise, _ = joined(stationary.run(model, SEED, range(MANY), 4000))
    omega = 2 * np.pi / (period * DT) * np.arange(period // 2 + 1)
    green = landauer.greens_function(junction, omega, model.grid)
    spectra = {name: bath.realised_noise(omega) for name, bath in model.baths.items()}
    cases = [(u, u, landauer.spectrum(junction, omega, model.grid.realise()))]
    for name, bath in model.baths.items():
        cases.append((u, noise[name], -green[:, :, list(bath.dofs)] @ spectra[name]))
        cases.append((noise[name], noise[name], spectra[name]))
    for first, second, spectrum in cases:
        exact = np.fft.irfft(np.conj(spectrum), period, axis=0)[lags] / DT
        products = [np.einsum("bri,brj->rij", first[lag:], second[: 4000 - lag]) / (4000 - lag) for lag in lags]
        assert_agrees(np.stack(products, axis=1), exact)


def test_wrong_noise_is_rejected():
    """Classical noise against the quantum answers, and the electrons' spectrum transposed (the wrong Fourier sign)."""
    cold = smooth_minimal(0.0, temperature=0.15)
    exact = landauer.answers(cold, Grid(DT, realised=True)).kinetic_energy
    model = Grid(DT).model(cold.without("quantum_noise"))
    (energy,) = mean_over_time(stationary.run(model, SEED, range(MANY), 1000), kinetic_energy)
    assert np.all((energy.mean(axis=0) - exact) / (energy.std(axis=0) / np.sqrt(MANY)) < -20)

    pairs = baths.flat_band(np.zeros((2, 2)), [[0.02, 0.019j], [-0.019j, 0.02]], 2.0, 0.1, 3.0, [0, 1], shape="smooth")
    right = pairs.without("nonconservative", "berry")
    turned = replace(right, channels=tuple(replace(c, strength=c.strength.map(np.conj)) for c in right.channels))
    ends = {name: baths.ohmic(0.3, 3.0, 0.1, dof) for name, dof in (("L", 0), ("R", 1))}
    junction = Junction([[1.0, -0.2], [-0.2, 1.0]], {**ends, "e": right})
    exact = landauer.answers(junction, Grid(DT, realised=True)).kinetic_energy
    for some, correct in ((right, True), (turned, False)):
        model = Grid(DT).model(junction.replace(e=some))
        (energy,) = mean_over_time(stationary.run(model, SEED, range(MANY), 2000), kinetic_energy)
        z = (energy.mean(axis=0) - exact) / (energy.std(axis=0, ddof=1) / np.sqrt(MANY))
        assert (np.abs(z).max() < limit(MANY - 1, 2)) == correct, z


def test_what_is_cut_away_is_below_the_bound():
    """Autocorrelations of u at the distance of the ends of a record: below TAIL of the variance, by another road."""
    junction = smooth_minimal(3.0)
    model = Grid(DT).model(junction)
    lengths, period = stationary.plan([model], 4, 2000), 2**14
    omega = 2 * np.pi / (period * DT) * np.arange(period // 2 + 1)
    spectrum = np.einsum("wkk->wk", landauer.spectrum(junction, omega, model.grid.realise())).real
    correlation = np.fft.irfft(spectrum, period, axis=0)
    margin = lengths.period - lengths.usable - 2
    assert lengths.usable >= 2000 and lengths.period < 2000 + 4 * margin
    assert np.all(np.abs(correlation[margin : period // 2]) <= 1.01 * stationary.TAIL * correlation[0])
    assert np.any(np.abs(correlation[margin - 1]) > 0.9 * stationary.TAIL * correlation[0])


def test_common_noise_makes_excess_quantities_cheap():
    """The same trajectories at two biases: their difference has far smaller error bars than either."""
    models = [Grid(DT).model(smooth_minimal(bias)) for bias in (0.0, 0.3)]
    lengths = stationary.plan(models, MANY, 1000)
    energies = [
        mean_over_time(stationary.run(m, SEED, range(MANY), 1000, lengths=lengths), kinetic_energy)[0] for m in models
    ]
    exact = [landauer.answers(m.junction, m.grid.realise()).kinetic_energy for m in models]
    excess = energies[1] - energies[0]
    assert_agrees(excess, exact[1] - exact[0])
    assert np.all(excess.std(axis=0) < 0.1 * energies[0].std(axis=0))


def test_refusals():
    with pytest.raises(NoStationaryStateError, match="held by nothing"):
        stationary.run(Grid(0.1).model(uniform_chain()), SEED, range(2), 100)
    with pytest.raises(UnstableError):
        stationary.run(Grid(DT).model(smooth_minimal(60.0)), SEED, range(2), 100)
    model = Grid(DT).model(smooth_minimal())
    with pytest.raises(InputError, match="block = 0"):
        stationary.run(model, SEED, range(2), 100, block=0)
    with pytest.raises(InputError, match="fewer trajectories at a time") as caught:
        stationary.run(model, SEED, range(1000), 100, memory=2**20)
    assert caught.value.memory == 2**20 and caught.value.decay > 100


def test_blocks_that_are_kept_stay_as_they_are():
    """Memory of records is used again, but never while anything looks at it."""
    model, lengths = Grid(DT).model(smooth_minimal(1.0)), stationary.Lengths(2000, 800)
    blocks = list(stationary.run(model, SEED, range(2), 2400, block=800, lengths=lengths))
    kept = [block.displacement.copy() for block in blocks]
    noise = blocks[0].noise["L"]
    before = noise.copy()
    for _ in stationary.run(model, SEED + 1, range(2), 2400, block=800, lengths=lengths):
        pass
    for block, copy in zip(blocks, kept, strict=True):
        np.testing.assert_array_equal(block.displacement, copy)
    del blocks, block
    for _ in stationary.run(model, SEED + 2, range(2), 2400, block=800, lengths=lengths):
        pass
    np.testing.assert_array_equal(noise, before)
