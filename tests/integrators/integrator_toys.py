"""Models made by hand, with the attributes of sgle.grid.GridModel that are used, and noise made of arrays."""

from dataclasses import dataclass, replace

import numpy as np

from sgle.integrators.driver import run

NO_TAPS = np.zeros((0, 1, 1))


@dataclass(frozen=True)
class ToyBath:
    dofs: tuple
    velocity_taps: np.ndarray
    position_taps: np.ndarray


@dataclass(frozen=True)
class ToyModel:
    time_step: float
    stiffness: np.ndarray
    baths: dict
    anharmonic: object = None


@dataclass(frozen=True)
class Springs:
    """V = Σ_q (k2 q²/2 + k3 q³/3 + k4 q⁴/4) over all dofs and bonds of neighbours (k2: for tests alone)."""

    size: int
    k2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    spec = None

    def __call__(self, u):
        force, energy = np.zeros_like(u), np.zeros(len(u))
        bonds = np.diff(u, axis=1)
        for q in (u, bonds):
            energy += (self.k2 * q**2 / 2 + self.k3 * q**3 / 3 + self.k4 * q**4 / 4).sum(axis=1)
        push = [-(self.k2 * q + self.k3 * q**2 + self.k4 * q**3) for q in (u, bonds)]
        force += push[0]
        force[:, 1:] += push[1]
        force[:, :-1] -= push[1]
        return force, energy


class Calculator:
    """A force that is asked from outside and breaks at a chosen call, until it is mended."""

    spec = None

    def __init__(self, inner, fails_at=None, how="raises"):
        self.inner, self.size, self.fails_at, self.how, self.calls = inner, inner.size, fails_at, how, 0

    def __call__(self, u):
        self.calls += 1
        force, energy = self.inner(u)
        if self.fails_at is not None and self.calls >= self.fails_at:
            if self.how == "raises":
                raise RuntimeError("no convergence\nafter 60 iterations")
            force[-1, 0] = np.nan
        return force, energy


@dataclass(frozen=True)
class ArrayStream:
    """A stream over given forces (steps, R, n)."""

    forces: np.ndarray

    def block(self, start, n):
        return self.forces[start : start + n]


@dataclass(frozen=True)
class FunctionStream:
    """The forces of a function of time, (n,) -> (n, R, n_a), on a grid of time_step."""

    function: object
    time_step: float

    def block(self, start, n):
        return self.function(self.time_step * np.arange(start, start + n))


def scalar_taps(*taps):
    return np.array(taps, float)[:, None, None]


def trapezoid(values, time_step):
    """Taps of a kernel γ(kΔt), (K, n, n): Δt γ_k with tap 0 halved."""
    taps = time_step * np.array(values)
    taps[0] /= 2
    return taps


def decaying_taps(rng, count, size, strength):
    """Random matrices that decay to a thousandth: no bath has them, yet identities must hold for them."""
    decay = np.exp(-7 * np.arange(count) / count) * strength / count
    return decay[:, None, None] * rng.normal(size=(count, size, size))


def passive_taps(rng, count, size, time_step, strength):
    """Trapezoid taps of γ(t) = η exp(-t/τ) with random η ≥ 0, which only ever damp."""
    root = rng.normal(size=(size, size))
    friction = strength * (root @ root.T / size + np.eye(size))
    rate = 7 / (count * time_step)
    kernel = rate * np.exp(-rate * time_step * np.arange(count))
    return trapezoid(kernel[:, None, None] * friction, time_step)


def random_stiffness(rng, size):
    """Symmetric, eigenfrequencies about 1."""
    root = rng.normal(size=(size, size)) / np.sqrt(size)
    return np.eye(size) + 0.3 * (root @ root.T)


def busy_model(rng, time_step=0.1, taps=70, anharmonic=None):
    """Five dofs with a memory bath, a non-conservative one with Berry force and memory, and a local one."""
    antisymmetric = np.array([[0, 1.0, -0.5], [-1.0, 0, 0.3], [0.5, -0.3, 0]])
    electrons = passive_taps(rng, 5, 3, time_step, 0.05)
    electrons[0] += 0.3 * antisymmetric + 0.1 * np.eye(3)
    decay = np.exp(-np.arange(taps) * 8 / taps) * 2 / taps
    local = np.array([[[0.2, 0.1], [-0.1, 0.3]]]), np.array([[[0.0, 0.05], [-0.05, 0.0]]])
    return ToyModel(
        time_step,
        random_stiffness(rng, 5),
        {
            "L": ToyBath((0, 1, 2), passive_taps(rng, taps, 3, time_step, 0.3), np.zeros((0, 3, 3))),
            "e": ToyBath((4, 1, 3), electrons, 0.05 * decay[:, None, None] * antisymmetric),
            "R": ToyBath((3, 4), *local),
        },
        anharmonic,
    )


def white_streams(rng, model, steps, trajectories):
    return {
        name: ArrayStream(rng.normal(size=(steps, trajectories, len(bath.dofs)))) for name, bath in model.baths.items()
    }


def select(streams, trajectories):
    """The same noise for some of the trajectories."""
    return {name: replace(stream, forces=stream.forces[:, trajectories]) for name, stream in streams.items()}


def whole(blocks):
    """Blocks joined: an object with displacement, velocity, half_velocity, noise, reaction of all steps."""
    blocks = list(blocks)
    joined = {
        name: np.concatenate([getattr(block, name) for block in blocks])
        for name in ("displacement", "velocity", "half_velocity", "anharmonic_force", "anharmonic_energy")
        if getattr(blocks[0], name) is not None
    }
    for name in ("noise", "reaction"):
        joined[name] = {
            bath: np.concatenate([getattr(block, name)[bath] for block in blocks]) for bath in blocks[0].noise
        }
    return replace(blocks[0], **joined, state_after=blocks[-1].state_after)


def simulate(model, streams, steps, **options):
    return whole(run(model, streams, steps, **options))


def ledger_error(model, run):
    """max |H_{n+1/2} - H_{n-1/2} + Δt Σ_α J_α(n) - Δt v_n·F_anh(u_n)| over max H (physics.md 7)."""
    u, v, w = run.displacement, run.velocity, run.half_velocity
    later = u + model.time_step * w
    energy = 0.5 * (w**2).sum(-1) + 0.5 * np.einsum("bri,ij,brj->br", later, model.stiffness, u)
    currents = sum(
        (v[..., list(bath.dofs)] * (run.reaction[name] - run.noise[name])).sum(-1) for name, bath in model.baths.items()
    )
    if run.anharmonic_force is not None:
        currents = currents - (v * run.anharmonic_force).sum(-1)
    mismatch = np.diff(energy, axis=0) + model.time_step * currents[1:]
    return np.abs(mismatch).max() / np.abs(energy).max()


def single_oscillator(frequency, time_step, friction=0.0):
    """One dof, K = frequency², local friction if any."""
    bath = ToyBath((0,), scalar_taps(friction), NO_TAPS)
    return ToyModel(time_step, np.array([[frequency**2]]), {"b": bath} if friction else {})
