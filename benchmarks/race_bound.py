"""The machine's own bound: what the products, FFTs and normal deviates that a step needs would cost all by themselves.

Each is timed alone in the same run, on data of its own and at the shapes used, nothing around it: no copies, no adding
up, no Python. `needed` counts them from the memories and noise streams of the model.
"""

import numpy as np
import scipy.fft

from benchmarks.race_clock import seconds_each
from sgle.integrators.verlet import Verlet
from sgle.noise import noise_streams

RNG = np.random.default_rng(1)


def machine():
    """Rates of this core: GF of large real and complex products, ns per FFT sample, ns per normal deviate."""
    real = RNG.normal(size=(768, 768))
    mixed = real + 1j * real.T
    rows, deviates = RNG.normal(size=(256, 512)), np.empty((60, 1024))
    normals = np.random.Generator(np.random.SFC64(1))
    return {
        "dgemm_gf": 2e-9 * 768**3 / seconds_each(lambda: real @ real),
        "zgemm_gf": 8e-9 * 768**3 / seconds_each(lambda: mixed @ mixed),
        "fft_ns": 1e9 * seconds_each(lambda: scipy.fft.rfft(rows, axis=1), calls=20) / rows.size,
        "normal_ns": 1e9 * seconds_each(lambda: normals.standard_normal(out=deviates), calls=10) / deviates.size,
    }


def product(batch, rows, inner, columns, dtype=float):
    """Flops and CPU seconds of one batch of products (rows, inner) @ (inner, columns)."""
    left = RNG.normal(size=(batch, rows, inner)).astype(dtype)
    right = RNG.normal(size=(batch, inner, columns)).astype(dtype)
    out = np.empty((batch, rows, columns), dtype)
    work = (8 if dtype is complex else 2) * batch * rows * inner * columns
    calls = max(1, int(2e7 / work))
    return work, seconds_each(lambda: np.matmul(left, right, out=out), 5, calls)


def transform(rows, length, dtype=float):
    """CPU seconds of one forward and one backward transform of so many rows."""
    forward, backward = (scipy.fft.rfft, scipy.fft.irfft) if dtype is float else (scipy.fft.fft, scipy.fft.ifft)
    x = RNG.normal(size=(rows, length)).astype(dtype)
    return seconds_each(lambda: backward(forward(x, axis=1), axis=1), 3)


class Bill:
    """Flops and seconds per step of the batch, by what they are spent on."""

    def __init__(self):
        self.flops, self.seconds = {}, {}

    def add(self, name, flops, seconds):
        self.flops[name] = self.flops.get(name, 0.0) + flops
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds


def needed(model, trajectories):
    """What a step of the batch needs, each part alone: {flops, seconds} by part, and the sums."""
    bill, stepper = Bill(), Verlet(model)
    bill.add("propagator", *product(1, trajectories, 3 * model.size, model.size))
    for name, bath in model.baths.items():
        bill.add("reactions", *product(1, trajectories, len(bath.dofs), len(bath.dofs)))
        memory = stepper.memories.get(name)
        if memory is not None:
            _memory(bill, memory, trajectories)
    for stream in noise_streams(model, 1, range(trajectories)).values():
        _noise(bill, stream, trajectories)
    total, flops = sum(bill.seconds.values()), sum(bill.flops.values())
    return {"flops": bill.flops, "seconds": bill.seconds, "total_seconds": total, "total_flops": flops}


def _memory(bill, memory, trajectories):
    """Near taps, and per level the products and the transforms of its blocks."""
    inner = (memory.blocks[0] - 1) * memory.width
    bill.add("near taps", *product(1, trajectories, inner, memory.size))
    for level in memory.levels:
        rows, dtype = level.transform.rows, level.transform.dtype
        flops, seconds = product(rows, trajectories, level.pieces * level.width, level.size, dtype)
        bill.add("far taps", flops / level.block, seconds / level.block)
        if dtype is complex:
            seconds = transform(trajectories * (level.width + level.size) // 2, 2 * level.block)
            bill.add("FFTs of memory", 0.0, seconds / level.block)
        else:
            there = product(1, rows, 2 * level.block, trajectories * level.width)
            back = product(1, level.block, rows, trajectories * level.size)
            for flops, seconds in (there, back):
                bill.add("short transforms", flops / level.block, seconds / level.block)


def _noise(bill, stream, trajectories):
    """Normal deviates, both FFTs of a segment, one product per frequency."""
    width, hop = stream.size, stream.segment_length
    half = stream.filter.half
    window, pairs = hop + 2 * half, -(-trajectories // 2)
    deviates, normals = np.empty((width, 1024)), np.random.Generator(np.random.SFC64(1))
    seconds = seconds_each(lambda: normals.standard_normal(out=deviates), 5, 5) / 1024
    bill.add("normal deviates", 0.0, trajectories * seconds)
    bill.add("FFTs of noise", 0.0, pairs / hop * transform(width, window, complex) * trajectories / (2 * pairs))
    taps = stream.filter.taps
    even = np.abs(taps - taps[::-1]).max() < 1e-14 * np.abs(taps).max()
    parts, dtype = (4, float) if even else (2, complex)
    flops, seconds = product(32, parts * pairs, width, width, dtype)  # a tile that stays in the cache
    bill.add("colouring", flops * window / 64 / hop, seconds * window / 64 / hop)
