"""Sampled numbers against the exact answers for the same grid, and controls that must be rejected (issue 2)."""

from dataclasses import replace

import numpy as np
import pytest
from error_bars import SEED, limit
from laws.models import electrons, minimal, smooth_minimal, uniform_chain
from laws.stepped_wire import wire

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


def with_electrons():
    phonons = {"L": baths.ohmic(0.05, 3.0, 0.3, 0), "R": baths.drude(0.05, 4.0, 0.5, 1)}
    return Junction([[1.0, -0.16], [-0.16, 1.2]], {**phonons, "e": electrons(0.9)})


# Junction, Δt, steps, ceilings of the standard errors: of each kinetic energy, of the largest current.
CASES = {
    "minimal model": (lambda: minimal(1.0), 0.05, 48000, 0.01, 0.2),
    "smooth minimal model at high bias": (lambda: smooth_minimal(3.0), 0.2, 16000, 0.01, 0.05),
    "uniform chain": (uniform_chain, 0.1, 16000, 0.013, 0.05),
    "local electrons": (with_electrons, 0.1, 24000, 0.015, 0.3),
    "electrons from their structure": (wire, 6.0, 8000, 0.02, 0.03),
}


@pytest.mark.parametrize("name", CASES)
def test_every_number_agrees_with_the_grid(name):
    make, dt, steps, ceiling, current_ceiling = CASES[name]
    junction = make()
    result, exact = sample(junction, dt, steps), answers(junction, dt)
    value, stderr = numbers(result)
    z, n = z_scores(result, exact), junction.size
    assert np.all(np.abs(z) < limit(TRAJECTORIES - 1, len(value))), z
    assert np.all(stderr[:n] < ceiling * exact[:n]), stderr[:n] / exact[:n]
    assert np.all(stderr[n:] < current_ceiling * np.abs(exact[n:]).max()), stderr[n:] / np.abs(exact[n:]).max()
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


def test_transposed_electron_spectrum_is_rejected():
    """S_e transposed is the wrong Fourier sign. With the forces off it alone moves heat from one site to the other."""
    pairs = baths.flat_band(np.zeros((2, 2)), [[0.02, 0.019j], [-0.019j, 0.02]], 2.0, 0.1, 3.0, [0, 1], shape="smooth")
    right = pairs.without("nonconservative", "berry")
    turned = tuple(replace(c, strength=c.strength.map(np.conj)) for c in right.channels)
    phonons = {name: baths.ohmic(0.3, 3.0, 0.1, dof) for name, dof in (("L", 0), ("R", 1))}
    junction = Junction([[1.0, -0.2], [-0.2, 1.0]], {**phonons, "e": right})
    exact, bound = answers(junction, 0.2), limit(TRAJECTORIES - 1, 5)
    z = z_scores(sample(junction, 0.2, 4000), exact)
    assert np.abs(z).max() < bound, z
    wrong = z_scores(sample(junction.replace(e=replace(right, channels=turned)), 0.2, 4000), exact)
    assert wrong[0] < -10 and wrong[1] > 10, wrong


@pytest.mark.parametrize("memory", ["convolution", "local"])
def test_ledger_of_every_step(memory):
    """|ΔH + Δt Σ J| / H < 1e-13 with non-conservative, Berry, renormalisation and leads all on."""
    junction = Junction(
        [[3.0, -0.4], [-0.4, 2.5]],
        {"L": baths.chain_lead(1.0, 0.0, 0.5, 0), "D": baths.drude(0.05, 4.0, 0.2, 1), "e": electrons(1.2)},
    )
    model = Grid(0.2, memory=memory, max_taps=512).model(junction)
    k, worst = model.stiffness, 0.0
    for block in run(model, noise_streams(model, SEED, range(4)), 600):
        current = sum(
            (block.velocity[..., list(bath.dofs)] * (block.reaction[name] - block.noise[name])).sum(axis=-1)
            for name, bath in model.baths.items()
        )
        after = block.displacement[1:]
        kinetic = (block.half_velocity[:-1] ** 2).sum(axis=-1) / 2
        energy = kinetic + np.einsum("tri,ij,trj->tr", after, k, block.displacement[:-1]) / 2
        error = energy[1:] - energy[:-1] + 0.2 * current[1:-1]
        worst = max(worst, float(np.abs(error / energy.mean(axis=0)).max()))
    assert 0 < worst < 1e-13
