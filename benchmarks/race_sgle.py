"""What sgle does on the junction of the race: every speed after its answer has been checked."""

from dataclasses import asdict
from itertools import count
from time import perf_counter, process_time

import numpy as np

from benchmarks.race_clock import rate
from benchmarks.race_junction import race_model
from sgle import landauer
from sgle.integrators.driver import run
from sgle.noise import noise_streams

TRAJECTORIES, SEED, BURN_IN, AVERAGED = 64, 20, 2048, 2048
LEDGER, DEVIATION, WORST = 1e-12, 1.35, 5.0  # energy ledger; rms and largest deviation of 60 energies, in their errors


class Ledger:
    """Energy ledger and kinetic energies of a run, block by block."""

    def __init__(self, model):
        self.model, self.error, self.scale = model, 0.0, 0.0
        self.kinetic, self.steps = 0.0, 0

    def add(self, block, averaged):
        u, v, w = block.displacement, block.velocity, block.half_velocity
        step = self.model.time_step
        energy = 0.5 * (w**2).sum(-1) + 0.5 * (((u + step * w) @ self.model.stiffness) * u).sum(-1)
        currents = sum(
            (v[..., list(bath.dofs)] * (block.reaction[name] - block.noise[name])).sum(-1)
            for name, bath in self.model.baths.items()
        )
        self.scale = max(self.scale, np.abs(energy).max())
        self.error = max(self.error, np.abs(np.diff(energy, axis=0) + step * currents[1:]).max())
        if averaged:
            self.kinetic, self.steps = self.kinetic + 0.5 * (v**2).sum(0), self.steps + len(v)

    def verdict(self, exact):
        """Numbers that must be right: ledger, and the 60 kinetic energies against their exact values."""
        energies = self.kinetic / self.steps
        mean, error = energies.mean(0), energies.std(0, ddof=1) / np.sqrt(len(energies))
        deviation = (mean - exact) / error
        total = energies.sum(1)
        return {
            "ledger": float(self.error / self.scale),
            "rms_deviation": float(np.sqrt((deviation**2).mean())),
            "worst_deviation": float(np.abs(deviation).max()),
            "energy_error": float(total.mean() / exact.sum() - 1),
            "energy_error_bar": float(total.std(ddof=1) / np.sqrt(len(total)) / exact.sum()),
        }


def checked(model, blocks, burn_in):
    """The verdict on a run of TRAJECTORIES trajectories; refused (AssertionError) if it is wrong."""
    exact = landauer.answers(model.junction, model.grid).kinetic_energy
    ledger, done = Ledger(model), 0
    for block in blocks:
        ledger.add(block, done >= burn_in)
        done += len(block.displacement)
    found = ledger.verdict(exact)
    assert found["ledger"] < LEDGER, f"the ledger is off by {found['ledger']:.1e}: no speed is worth that"
    assert found["rms_deviation"] < DEVIATION and found["worst_deviation"] < WORST, f"wrong energies: {found}"
    return found


class Timed:
    """A noise stream that keeps the seconds of its calls, by CPU time and by the wall."""

    def __init__(self, stream):
        self.stream, self.last = stream, -1
        self.seconds = {True: [], False: []}  # of calls that made a segment of noise, and of the others

    def block(self, start, n):
        begin = clocks()
        forces = self.stream.block(start, n)
        segment = (start + n - 1) // self.stream.segment_length
        self.seconds[segment > self.last].append(clocks() - begin)
        self.last = segment
        return forces

    def total(self):
        """Seconds of all calls so far, (2,)."""
        return sum(map(sum, self.seconds.values()), np.zeros(2))

    def each_step(self, block):
        """Seconds per step of whole segments, (2,), however many steps of the last one were used."""
        making = np.median(self.seconds[True][1:] or self.seconds[True], axis=0)  # the first one also makes the tables
        giving = np.median(self.seconds[False], axis=0)
        return giving / block + (making - giving) / self.stream.segment_length


def clocks():
    """CPU and wall seconds."""
    return np.array([process_time(), perf_counter()])


def stepping(model, trajectories, steps=6144, chunk=1024):
    """Rates [trajectory-steps/s] of a run with fresh noise and without the share of the noise, and that share.

    The noise of whole segments is spread over their steps, so that a run need not be many segments long.
    """
    streams = {name: Timed(stream) for name, stream in noise_streams(model, SEED, range(trajectories)).items()}
    blocks, own = run(model, streams, 10**9), []
    for _ in range(-(-steps // chunk) + 1):
        begin, noise, done = clocks(), sum(stream.total() for stream in streams.values()), 0
        while done < chunk:
            done += len(next(blocks).displacement)
        noise = sum(stream.total() for stream in streams.values()) - noise
        own.append((clocks() - begin - noise) / done)
    own = np.array(own[1:])
    noise = sum(stream.each_step(256) for stream in streams.values())
    rates = {"fresh_noise": trajectories / (own + noise), "no_noise": trajectories / own}
    found = {key: {"cpu": float(np.median(some[:, 0])), "wall": float(np.median(some[:, 1])),
                   "spread": float(some[:, 0].max() / some[:, 0].min())} for key, some in rates.items()}  # fmt: skip
    return found | {"noise_seconds": float(noise[0])}


def convolution(trajectories):
    """Exact convolution: check, rates, noise."""
    model = race_model()
    streams = noise_streams(model, SEED, range(TRAJECTORIES))
    found = checked(model, run(model, streams, BURN_IN + AVERAGED), BURN_IN) if trajectories > 1 else {}
    return found | stepping(model, trajectories, 6144 if trajectories > 1 else 16384)


def auxiliary(error=1e-3):
    """Auxiliary variables: the same, and what the fit does to the exact energies and currents on the grid."""
    model, exact = race_model(memory="auxiliary", memory_error=error), race_model()
    streams = noise_streams(model, SEED, range(TRAJECTORIES))
    found = checked(model, run(model, streams, BURN_IN + AVERAGED), BURN_IN)
    fitted, wanted = (landauer.answers(each.junction, each.grid) for each in (model, exact))
    largest = max(abs(current) for current in wanted.heat_currents.values())
    moved = max(abs(fitted.heat_currents[name] - wanted.heat_currents[name]) for name in wanted.heat_currents)
    accuracy = {
        "variables": [len(model.baths[name].embedding.modes.poles) for name in "LR"],
        "energy_moved": float(np.abs(fitted.kinetic_energy / wanted.kinetic_energy - 1).max()),
        "current_moved": moved / largest,
    }
    return found | accuracy | stepping(model, TRAJECTORIES)


def stationary(trajectories=TRAJECTORIES, steps=16384):
    """The stationary sampler: check without any burn-in; rates over whole records, all quantities and motion only."""
    from sgle.integrators import stationary as sampler

    model = race_model()
    found = checked(model, sampler.run(model, SEED, range(trajectories), 2 * AVERAGED), 0)

    def work(**options):
        seed = count(SEED + 1)
        return lambda: sum(
            len(block.displacement) * trajectories
            for block in sampler.run(model, next(seed), range(trajectories), steps, **options)
        )

    rates = {"fresh_noise": rate(work(), 2), "motion_only": rate(work(motion_only=True), 3)}
    return found | {name: asdict(each) for name, each in rates.items()}


def long_memory(taps=8000):
    """Rates of 64 trajectories with so many taps."""
    model = race_model(taps)
    return stepping(model, TRAJECTORIES, 6144, 2048)
