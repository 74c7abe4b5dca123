"""Sampled numbers against the exact answers for the same grid, and controls that must be rejected (issue 2)."""

from dataclasses import replace

import numpy as np
import pytest
from error_bars import SEED, limit
from laws.models import electrons, minimal, smooth_minimal, uniform_chain

from sgle import Grid, Junction, baths, landauer, simulate
from sgle.integrators.driver import run
from sgle.noise import noise_streams

TRAJECTORIES = 64


def sample(junction, dt, steps, **more):
    return simulate(
        junction,
        time_step=dt,
        steps=steps,
        trajectories=TRAJECTORIES,
        seed=SEED,
        progress=False,
        spectrum_segment=0,
        **more,
    )


def numbers(result):
    """(value, stderr) of all kinetic energies and heat currents."""
    currents = result.estimates["heat_current"]
    energy = result.kinetic_energy
    return np.concatenate([energy.value, currents.value]), np.concatenate([energy.stderr, currents.stderr])


def answers(junction, dt):
    found = landauer.answers(junction, Grid(dt, realised=True))
    return np.concatenate([found.kinetic_energy, list(found.heat_currents.values())])


def z_scores(result, exact):
    value, stderr = numbers(result)
    return (value - exact) / stderr


CASES = {
    "minimal model": (lambda: minimal(1.0), 0.1, 6000),
    "smooth minimal model": (lambda: smooth_minimal(1.0), 0.2, 4000),
    "uniform chain": (uniform_chain, 0.2, 6000),
    "local electrons": (
        lambda: Junction([[1.0, -0.16], [-0.16, 1.2]], {"L": baths.ohmic(0.05, 3.0, 0.3, 0), "e": electrons(0.9)}),
        0.2,
        4000,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_number_agrees_with_the_grid(name):
    make, dt, steps = CASES[name]
    junction = make()
    result, exact = sample(junction, dt, steps), answers(junction, dt)
    value, stderr = numbers(result)
    bound = limit(TRAJECTORIES - 1, len(value))
    assert np.all(np.abs(z_scores(result, exact)) < bound), z_scores(result, exact)
    # The test has power: kinetic energies known to 2 %, currents to 15 % of the largest of the pair flows' scale.
    n = junction.size
    assert np.all(stderr[:n] < 0.02 * exact[:n]), stderr[:n] / exact[:n]
    assert np.all(stderr[n:] < 0.15 * np.abs(exact[n:]).max()), stderr[n:] / np.abs(exact[n:]).max()
    assert result.ledger_error < 1e-13


def test_classical_noise_is_rejected():
    """The same white noise coloured classically, judged against the quantum answers: T = 0.15 ≪ ω."""
    junction = smooth_minimal(0.0, temperature=0.15)
    quantum, classical = (sample(j, 0.2, 2000) for j in (junction, junction.without("quantum_noise")))
    exact = answers(junction, 0.2)[:2]
    bound = limit(TRAJECTORIES - 1, 2)
    assert np.all(np.abs(z_scores(quantum, answers(junction, 0.2))[:2]) < bound)
    z = (classical.kinetic_energy.value - exact) / classical.kinetic_energy.stderr
    assert np.all(z < -30)


def strong_current():
    """Electrons only through the asymmetric noise: their forces are off, so a wrong sign must show in the energies."""
    inter = np.array([[0.02, 0.019j], [-0.019j, 0.02]])
    pairs = baths.flat_band(np.zeros((2, 2)), inter, 4.0, 0.1, 3.0, [0, 1], shape="smooth")
    phonons = {name: baths.ohmic(0.05, 3.0, 0.1, dof) for name, dof in (("L", 0), ("R", 1))}
    return Junction([[1.0, 0.0], [0.0, 1.0]], {**phonons, "e": pairs})


def test_transposed_electron_spectrum_is_rejected():
    """S_e transposed is the wrong Fourier sign: the energies between Berry and non-conservative forces must tell."""
    junction = strong_current()
    electrons_bath = junction.baths["e"]
    turned = tuple(replace(c, strength=c.strength.map(np.conj)) for c in electrons_bath.channels)
    wrong = junction.replace(e=replace(electrons_bath, channels=turned))
    exact, bound = answers(junction, 0.2), limit(TRAJECTORIES - 1, 5)
    right_z, wrong_z = (z_scores(sample(j, 0.2, 4000), exact) for j in (junction, wrong))
    assert np.abs(right_z).max() < bound, right_z
    assert np.abs(wrong_z).max() > 10, wrong_z


@pytest.mark.parametrize("memory", ["convolution", "local"])
def test_ledger_of_every_step(memory):
    """|ΔH + Δt Σ J| / H < 1e-13 with non-conservative, Berry, renormalisation and leads all on."""
    junction = Junction(
        [[3.0, -0.4], [-0.4, 2.5]],
        {"L": baths.chain_lead(1.0, 0.0, 0.5, 0), "D": baths.drude(0.05, 4.0, 0.2, 1), "e": electrons(1.2)},
    )
    model = Grid(0.2, memory=memory, max_taps=512).model(junction)
    h, k = None, model.stiffness
    worst = 0.0
    for block in run(model, noise_streams(model, SEED, range(4)), 600):
        current = sum(
            (block.velocity[..., list(bath.dofs)] * (block.reaction[name] - block.noise[name])).sum(axis=-1)
            for name, bath in model.baths.items()
        )
        after = block.displacement[1:]
        energy = (block.half_velocity[:-1] ** 2).sum(axis=-1) / 2 + np.einsum("tri,ij,trj->tr", after, k, block.displacement[:-1]) / 2
        error = energy[1:] - energy[:-1] + 0.2 * current[1:-1]
        # Relative to the size of the terms, once the motion has started.
        size = (block.half_velocity[:-1] ** 2).sum(axis=-1) / 2 + np.einsum("tri,ij,trj->tr", after, k, after) / 2
        worst = max(worst, float(np.abs(error[20:] / size[21:]).max()))
    assert worst < 1e-13
    assert h is None
