"""Periodograms against the exact mean of a process whose spectrum is known, leakage included."""

import numpy as np
import pytest
from analysis_toys import blocks
from error_bars import SEED, assert_agrees, limit
from scipy.signal import lfilter

from sgle.analysis.bands import BANDS, band_edges, band_energies
from sgle.analysis.periodogram import expected_periodogram, panels
from sgle.analysis.spectra import VelocitySpectrum, frequencies, suggested_segment

STEP, RADIUS, ANGLE = 0.3, 0.97, 0.7
COEFFICIENTS = [1.0, -2 * RADIUS * np.cos(ANGLE), RADIUS**2]


def spectrum(omega):
    """Two-sided spectrum of the resonance x_n + a_1 x_{n-1} + a_2 x_{n-2} = white noise."""
    phase = np.exp(-1j * np.outer(omega, STEP * np.arange(3)))
    return STEP / np.abs(phase @ COEFFICIENTS)[:, None] ** 2


def resonance(steps, trajectories, seed=SEED):
    noise = np.random.default_rng(seed).standard_normal((steps + 600, trajectories, 1))
    return lfilter([1.0], COEFFICIENTS, noise, axis=0)[600:]


def sampled(velocity, segment, length=300, start=0):
    observer = VelocitySpectrum(segment, STEP, start)
    for block in blocks(velocity, length, STEP):
        observer.update(block)
    return observer


def expected(segment):
    return expected_periodogram(spectrum, segment, STEP, np.array([ANGLE + 1j * np.log(RADIUS)]) / STEP)


@pytest.mark.parametrize("segment", [16, 64, 256])
def test_periodogram_meets_its_expectation_where_the_bare_spectrum_does_not(segment):
    observer = sampled(resonance(6000, 200), segment)
    power = observer.power / observer.count
    assert_agrees(power, expected(segment))
    bare = spectrum(frequencies(segment, STEP))
    z = (power.mean(axis=0) - bare) / (power.std(axis=0, ddof=1) / np.sqrt(200))
    assert np.abs(z).max() > limit(199, z.size)


def test_expectation_is_the_direct_sum():
    segment = 32
    window = np.sin(np.pi * np.arange(segment) / segment) ** 2
    lags = np.arange(segment)
    fine = 2 * np.pi / STEP * np.arange(4096) / 4096
    correlation = (spectrum(fine)[:, 0] * np.exp(-1j * np.outer(lags * STEP, fine))).mean(axis=1).real / STEP
    omega = frequencies(segment, STEP)
    pairs = window[:, None] * window * correlation[np.abs(lags[:, None] - lags)]
    phase = np.exp(1j * np.outer(omega, lags) * STEP)
    direct = STEP / np.sum(window**2) * np.einsum("wi,ij,wj->w", phase, pairs, phase.conj()).real
    np.testing.assert_allclose(expected(segment)[:, 0], direct, rtol=1e-8)


def test_pieces_do_not_depend_on_the_blocks_and_begin_after_the_burn_in():
    velocity = resonance(1000, 2)
    whole = sampled(velocity, 64, 1000, start=100)
    assert whole.count == (900 - 64) // 32 + 1
    for length in (1, 50, 333):
        np.testing.assert_allclose(sampled(velocity, 64, length, start=100).power, whole.power, rtol=1e-12)
    np.testing.assert_allclose(sampled(velocity[100:], 64, 1000).power, whole.power, rtol=1e-12)


def test_bands_share_the_energy_and_add_up_to_it():
    theory = expected(256)
    edges = band_edges(theory)
    parts = band_energies(theory, edges, STEP)
    variance = spectrum(2 * np.pi / STEP * np.arange(8192) / 8192).mean() / STEP
    assert parts.shape == (BANDS, 1)
    assert parts.sum() == pytest.approx(variance / 2, rel=1e-8)
    assert np.all(np.diff(edges[:, 0]) >= 0) and edges[0, 0] == 0 and edges[-1, 0] == len(theory)
    observer = sampled(resonance(6000, 200), 256)
    assert_agrees(band_energies(observer.power / observer.count, edges, STEP), parts, ceiling=0.03 * parts.sum())


def test_mode_far_narrower_than_the_window_is_integrated_exactly():
    width, centre = 1e-9, 0.9
    line = lambda omega: 2 * width / ((omega[:, None] - centre) ** 2 + width**2)  # noqa: E731
    found = expected_periodogram(line, 64, 1.0, np.array([centre - 1j * width]))
    window = np.sin(np.pi * np.arange(64) / 64) ** 2
    both = [
        np.abs(np.exp(1j * np.outer(frequencies(64, 1.0) + s * centre, np.arange(64))) @ window) ** 2 for s in (1, -1)
    ]
    np.testing.assert_allclose(found[:, 0], sum(both) / np.sum(window**2), rtol=1e-4, atol=1e-6)


def test_panels_crowd_around_resonances_and_cover_everything():
    edges = panels(10.0, 0.5, np.array([3.0 - 1e-6j]))
    assert edges[0] == 0 and edges[-1] == 10 and np.all(np.diff(edges) > 0)
    assert np.diff(edges).max() <= 0.5 and 1e-7 < np.diff(edges).min() < 4e-6
    assert len(edges) < 120


def test_suggested_segment():
    assert suggested_segment(0.1, 0.05, 10_000) == 1024
    assert suggested_segment(0.1, 1e-6, 10**7) == 4096
    assert suggested_segment(0.1, 0.05, 500) == 0
