"""Trajectory-steps per second of the integrators with full memory, after the energy ledger has been checked.

Run by hand from the project's folder, on one core:

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.steps_per_second

Two Drude baths, one at either end, with full matrix kernels that decay to 1e-14 within the given number of taps.
"step" and "noise" are times per step of the whole batch: to step under noise drawn beforehand, and to draw the
noise of all baths from sgle.noise's streams; then trajectory-steps per second without and with noise.
For comparison (shared/rivals.md): sclmd makes 190-315 steps/s for 60 dofs with 100 taps, 19-39 with 1000.
"""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from sgle import Grid, Junction, baths
from sgle.integrators.driver import run
from sgle.noise import noise_streams

CASES = [(2, 1, 70), (9, 3, 300), (36, 18, 300), (60, 30, 100), (60, 30, 1000)]  # dofs, dofs of a bath, taps
TIME_STEP, SECONDS, CHUNK = 0.2, 1.5, 512


@dataclass(frozen=True)
class Recorded:
    """The same forces again and again: noise at no cost."""

    forces: np.ndarray

    def block(self, start, n):
        return self.forces[:n]


def chain_model(size, support, taps):
    """A chain of oscillators with a Drude bath at either end, memory exp(-32 k/taps)."""
    stiffness = 1.5 * np.eye(size) - 0.5 * (np.eye(size, k=1) + np.eye(size, k=-1))
    root = np.random.default_rng(size).normal(size=(support, support))
    friction = 0.1 * (np.eye(support) + root @ root.T / support)
    cutoff = -np.log(1e-14) / (taps * TIME_STEP)
    left, right = range(support), range(size - support, size)
    ends = {"L": baths.drude(friction, cutoff, 0.3, left), "R": baths.drude(friction, cutoff, 0.2, right)}
    return Grid(TIME_STEP).model(Junction(stiffness, ends))


def ledger_error(model, block):
    """max |ΔH + Δt Σ J| / max H over a block (docs/conventions.md, section 7)."""
    u, v, w = block.displacement, block.velocity, block.half_velocity
    energy = 0.5 * (w**2).sum(-1) + 0.5 * (((u + model.time_step * w) @ model.stiffness) * u).sum(-1)
    currents = sum(
        (v[..., list(bath.dofs)] * (block.reaction[name] - block.noise[name])).sum(-1)
        for name, bath in model.baths.items()
    )
    mismatch = np.diff(energy, axis=0) + model.time_step * currents[1:]
    return np.abs(mismatch).max() / np.abs(energy).max()


def step_seconds(model, noise):
    """Time per step of the batch, under given forces, over about SECONDS after a warm-up."""
    blocks = run(model, {name: Recorded(forces) for name, forces in noise.items()}, 10**9)
    next(blocks)
    begin, steps = perf_counter(), 0
    while perf_counter() - begin < SECONDS or steps < CHUNK:
        steps += len(next(blocks).displacement)
    return (perf_counter() - begin) / steps


def noise_seconds(streams):
    """Time per step to draw the forces of all baths, over one of the segments that streams work in."""
    steps = max(CHUNK, *(stream.segment_length for stream in streams.values()))
    begin = perf_counter()
    for start in range(0, steps, CHUNK):
        for stream in streams.values():
            stream.block(start, CHUNK)
    return (perf_counter() - begin) / steps


def measure(size, support, taps, trajectories):
    model = chain_model(size, support, taps)
    streams = noise_streams(model, 1, range(trajectories))
    first = next(run(model, streams, CHUNK, block=CHUNK))
    error = ledger_error(model, first)
    assert error < 1e-13, f"the ledger is off by {error:.1e}: no speed is worth that"
    step = step_seconds(model, first.noise)
    noise = noise_seconds(noise_streams(model, 1, range(trajectories)))
    rates = f"{trajectories / step:13,.0f} {trajectories / (step + noise):13,.0f}"
    length = len(model.baths["L"].velocity_taps)
    times = f"{step * 1e6:9.1f} {noise * 1e6:9.1f}"
    print(f"{size:5} {length:6} {trajectories:6} {times} {rates} {error:9.1e}", flush=True)


def main():
    print("                      µs per step, batch   trajectory-steps per second")
    print(" dofs   taps  traj.      step     noise          step    with noise    ledger")
    for size, support, taps in CASES:
        for trajectories in (1, 64):
            measure(size, support, taps, trajectories)


if __name__ == "__main__":
    main()
