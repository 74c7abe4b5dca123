"""Two libraries for one transform, and the trigonometric sums against the plain ones."""

import numpy as np
import pytest

from sgle import fft


@pytest.mark.parametrize("n", [8, 30, 1024, 1500])
def test_pyfftw_is_scipy(n, monkeypatch):
    x = np.random.default_rng(n).standard_normal((n, 3, 2))
    monkeypatch.setenv("SGLE_FFT", "pyfftw")
    fast = fft.rfft(x), fft.rfft(x, 2 * n), fft.irfft(fft.rfft(x), n)
    monkeypatch.setenv("SGLE_FFT", "scipy")
    other = fft.rfft(x), fft.rfft(x, 2 * n), fft.irfft(fft.rfft(x), n)
    for one, two in zip(fast, other, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-13 * n)
    np.testing.assert_allclose(fast[2], x, atol=1e-13)


@pytest.mark.parametrize("road", ["scipy", "pyfftw"])
@pytest.mark.parametrize("n", [8, 30, 1500])
def test_rows(n, road, monkeypatch):
    """Along the last axis, in rows that do not touch each other; there and back."""
    monkeypatch.setenv("SGLE_FFT", road)
    rng = np.random.default_rng(n)
    x = (rng.standard_normal((3, 2, n + 5)) + 1j * rng.standard_normal((3, 2, n + 5)))[..., :n]
    given = x.copy()
    found = fft.fft_rows(x)
    np.testing.assert_allclose(found, np.fft.fft(given), atol=1e-13 * n)
    np.testing.assert_allclose(fft.ifft_rows(found), given, atol=1e-13)


def test_transform_is_numpy_sign():
    x = np.random.default_rng(1).standard_normal(12)
    k, n = np.arange(7)[:, None], np.arange(12)
    np.testing.assert_allclose(fft.rfft(x), np.exp(-2j * np.pi * k * n / 12) @ x, atol=1e-13)


@pytest.mark.parametrize("count", [1, 48, 49, 500, 4096])
def test_fast_sum_is_the_direct_sum(count):
    """LagSum to 1e-12 of its largest value, at phases of any size and sign, at its own points and beside them."""
    rng = np.random.default_rng(count)
    taps = rng.standard_normal((count, 2, 2))
    own = np.pi / count * np.array([0, 1, count - 1, count, 2 * count])
    phase = np.concatenate([rng.uniform(-9, 9, 100), own, own + 1e-9])
    direct = np.einsum("wk,kij->wij", np.exp(1j * np.outer(phase, np.arange(count))), taps)
    np.testing.assert_allclose(fft.direct_sum(taps, phase), direct, atol=1e-12 * count)
    np.testing.assert_allclose(fft.LagSum(taps)(phase), direct, atol=3e-12 * np.abs(taps).sum(axis=0).max())


def test_fast_sum_of_one_sign_stays_accurate_where_it_is_small():
    """A slowly decaying kernel: 1/(1+k²) summed at phase π is 4e-4 of the peak, and must be right there too."""
    taps = (1 / (1.0 + np.arange(2000) ** 2))[:, None, None]
    phase = np.linspace(3.0, np.pi, 9)
    np.testing.assert_allclose(fft.LagSum(taps)(phase), fft.direct_sum(taps, phase), atol=2e-12)
