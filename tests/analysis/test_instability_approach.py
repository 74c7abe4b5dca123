"""Energy of the slowest mode and its correlation time, exact and from series, by roads of their own."""

import numpy as np
import pytest
from error_bars import SEED, limit
from laws.runaway import runaway
from scipy.signal import lfilter

from sgle import Grid, Junction, baths, landauer
from sgle.analysis.instability.approach import correlation_time, mode_fluctuation
from sgle.analysis.instability.mode import fastest_mode
from sgle.errors import InputError

GRID = Grid(0.2, memory="local")


@pytest.mark.parametrize("bias", [0.0, 1.5])
def test_exact_time_is_the_sum_of_the_autocorrelation(bias):
    """C and C' at all lags by a Fourier transform of the spectrum, then Isserlis' theorem lag by lag."""
    junction, count = runaway(bias), 2**14
    mode = fastest_mode(junction, GRID)
    omega = 2 * np.pi / (count * GRID.time_step) * np.arange(count // 2)
    half = landauer.spectrum(junction, omega, GRID)
    # All frequencies in numpy's order; S_uu(-ω) = S_uu(ω)*, and nothing moves at the Nyquist frequency.
    motion = np.concatenate([half, np.zeros((1, 2, 2)), np.conj(half[:0:-1])])
    speed = GRID.velocity(2 * np.pi * np.fft.fftfreq(count, GRID.time_step))
    seen = (np.conj(mode.speed) + speed) / (mode.speed.real * (mode.left @ mode.right))
    mirrored = (np.conj(mode.speed) - speed) / (mode.speed.real * (mode.left @ mode.right))
    proper = np.abs(seen) ** 2 * np.einsum("i,wij,j->w", mode.left, motion, np.conj(mode.left))
    improper = seen * mirrored * np.einsum("i,wij,j->w", mode.left, motion, mode.left)
    both = [np.fft.fft(each) / (count * GRID.time_step) for each in (proper, improper)]  # numpy's sign: e^{-iωt}
    covariance = sum(np.abs(each) ** 2 for each in both)
    energy, time = mode_fluctuation(junction, GRID)
    assert energy == pytest.approx(mode.energy(np.sqrt(both[0][0].real)), rel=1e-6)
    assert time == pytest.approx(GRID.time_step * covariance.sum() / 2 / covariance[0], rel=1e-6)
    assert abs(both[1][0]) ** 2 > 1e-5 * covariance[0]  # so that forgetting it would be seen


@pytest.mark.parametrize("chunk", [5, 20, 60])
def test_time_from_chunks_of_any_length(chunk):
    """A complex AR(1) process of memory a: |X|² has autocorrelations a^{2k}, Σ_{k>0} + ½ = ½(1 + a²)/(1 - a²)."""
    rng, memory = np.random.default_rng(SEED), 0.975
    noise = rng.standard_normal((2, 12000, 200)) * np.sqrt(1 - memory**2)
    noise[:, 0] /= np.sqrt(1 - memory**2)
    energy = np.sum(lfilter([1.0], [1.0, -memory], noise, axis=1) ** 2, axis=0)
    both = np.stack([energy, energy**2], axis=-1).reshape(12000 // chunk, chunk, 200, 2).mean(axis=1)
    exact = (1 + memory**2) / (1 - memory**2) / 2
    found = correlation_time(both, float(chunk), exact, exact)
    assert found.stderr < 0.04 * exact and abs(found.z) < limit(199), found
    assert abs(found.value - 1.25 * exact) > limit(199) * found.stderr


def test_a_mode_that_does_not_oscillate_is_refused():
    creeping = Junction([[0.01]], {"bath": baths.ohmic(0.25, 3.0, 0.2, [0])})
    with pytest.raises(InputError, match="does not oscillate"):
        mode_fluctuation(creeping)
