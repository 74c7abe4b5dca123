"""Noise: the covariance and spectrum asked for, and every reproducibility promised (sgle.noise)."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from error_bars import SEED, assert_agrees, limit
from laws.models import electrons

from sgle import Grid, Junction, baths, segments
from sgle.errors import InputError, SpectrumError
from sgle.noise import CLOCK, NoiseFilter, NoiseStream, design_filter, noise_streams, paired_streams, record

DT = 0.2
JUNCTION = Junction(2 * np.eye(2), {"a": baths.ohmic(0.05, 2.0, 0.3, 0), "e": electrons(bias=1.0, cutoff=2.0)})
MODEL = Grid(DT).model(JUNCTION)
FILTER = MODEL.baths["e"].noise_filter


def stream(trajectories=range(64), seed=SEED, channel=1, noise_filter=FILTER):
    return NoiseStream(noise_filter, seed, trajectories, channel)


def covariance(lag, spectrum):
    """⟨f(t+lag) f(t)ᵀ⟩ = ∫_{-π/Δt}^{π/Δt} dω/2π S e^{-iω lag} by the trapezoid rule over the period."""
    omega = np.pi / DT * np.linspace(-1, 1, 4001)[:-1]
    return (spectrum(omega) * np.exp(-1j * omega * lag * DT)[:, None, None]).sum(axis=0).real / (4000 * DT)


def sampled_covariance(forces, lag):
    """One average over the steps of each trajectory: (R, n, n)."""
    later = forces[lag:]
    return np.einsum("trk,trl->rkl", later, forces[: len(later)]) / len(later)


@pytest.mark.parametrize("lag", [0, 1, 3, 10])
def test_covariance_of_the_stream(lag):
    forces = stream().block(5, 4000)
    exact = covariance(lag, MODEL.baths["e"].noise)
    assert_agrees(
        sampled_covariance(forces, lag), exact, ceiling=0.02 * np.abs(covariance(0, MODEL.baths["e"].noise)).max()
    )


def cross_spectrum(forces, segment=100):
    """Im S_01 around ω = 1, per trajectory, from Hann-windowed pieces; numpy's sign conjugated."""
    window = np.hanning(segment)[:, None, None]
    pieces = np.stack([forces[k : k + segment] for k in range(0, len(forces) - segment, segment // 2)])
    x = np.conj(np.fft.rfft(pieces * window, axis=1)) * np.sqrt(DT / (window**2).sum())
    omega = 2 * np.pi * np.fft.rfftfreq(segment, DT)
    band = (omega > 0.4) & (omega < 1.6)
    return (x[..., 0] * x[..., 1].conj())[:, band].mean(axis=(0, 1)), omega[band]


def test_complex_cross_spectrum_and_its_sign():
    """Im S_01 within error bars; the transposed spectrum (the wrong Fourier sign) is off by more than 30 of them."""
    found, omega = cross_spectrum(stream(range(128)).block(0, 12000))
    # The window smears S over neighbouring bins, which a straight line through the band does not notice.
    exact = MODEL.baths["e"].noise(omega)[:, 0, 1].mean().imag
    stderr = found.imag.std(ddof=1) / np.sqrt(len(found))
    assert stderr < 0.05 * abs(exact)
    assert abs(found.imag.mean() - exact) < limit(127) * stderr
    assert abs(found.imag.mean() + exact) > 30 * stderr


def test_spectrum_of_the_finite_filter_is_known():
    """H H† by direct summation of the taps; distance is the largest deviation, between its design points too."""
    omega = np.random.default_rng(1).uniform(-np.pi / DT, np.pi / DT, 3000)
    transfer = np.einsum("kij,wk->wij", FILTER.taps, np.exp(1j * np.outer(omega * DT, np.arange(len(FILTER.taps)))))
    exact = transfer @ np.conj(np.swapaxes(transfer, -1, -2))
    np.testing.assert_allclose(FILTER.spectrum(omega), exact, atol=1e-12)
    wanted = MODEL.baths["e"].noise(omega)
    assert np.abs(exact - wanted).max() <= 1.5 * FILTER.distance * np.abs(wanted).max()
    assert FILTER.distance <= 1e-5


def test_distance_is_honest_where_a_filter_cannot_be_good():
    """White noise of a local bath has a square-root kink at π/Δt: reported, not hidden."""
    bath = Grid(DT, memory="local").model(JUNCTION).baths["a"]
    omega = np.linspace(0, np.pi / DT, 20001)
    wanted = bath.noise(omega)
    off = np.abs(bath.realised_noise(omega) - wanted).max() / np.abs(wanted).max()
    assert 1e-5 < bath.noise_filter.distance < 1e-2
    assert off < 2 * bath.noise_filter.distance


def test_filter_is_even_between_its_points_too():
    """h_{-k} = h_kᵀ, the last lag half at either end: the transfer function is Hermitian, real for a real spectrum."""
    for name, bath in MODEL.baths.items():
        taps = bath.noise_filter.taps
        assert len(taps) == 2 * bath.noise_filter.half + 1
        np.testing.assert_allclose(taps, np.swapaxes(taps[::-1], 1, 2), rtol=0, atol=1e-15 * np.abs(taps).max())
        transfer = segments.transfer_function(bath.noise_filter, 512)
        assert np.iscomplexobj(transfer) == (name == "e")


def white_noise(trajectory, channel, width, chunks):
    """The white noise of a trajectory in the chunks given, (n, time), from its definition."""
    found = np.empty((width, len(chunks) * segments.WHITE_CHUNK))
    for place, chunk in enumerate(chunks):
        key = np.random.SeedSequence(SEED, spawn_key=(trajectory, channel, chunk))
        generator = np.random.Generator(np.random.SFC64(key))
        steps = slice(place * segments.WHITE_CHUNK, (place + 1) * segments.WHITE_CHUNK)
        found[:, steps] = generator.standard_normal((width, segments.WHITE_CHUNK))
    return found


@pytest.mark.parametrize("trajectories", [[2], [0, 2], [4, 3, 2]], ids=len)
@pytest.mark.parametrize("even", [True, False])
@pytest.mark.parametrize("length", [129, 128, 3001])
def test_stream_is_the_convolution_as_it_is_written(trajectories, even, length):
    """f_n = Δt^{-1/2} Σ_k h_k ξ_{n+half-k}, over the joint of two segments."""
    rng = np.random.default_rng(length)
    taps = rng.standard_normal((length, 3, 3))
    taps = taps + taps[::-1] if even else taps
    coloured = NoiseStream(NoiseFilter(taps, DT, 0.0), SEED, trajectories, 1)
    start, n = coloured.segment_length - 3, 6
    first = (CLOCK + start - length) // segments.WHITE_CHUNK
    last = (CLOCK + start + n + length) // segments.WHITE_CHUNK
    white = white_noise(2, 1, 3, range(first, last + 1))
    here = CLOCK + start - first * segments.WHITE_CHUNK + length // 2
    exact = [np.einsum("kij,jk->i", taps, white[:, here + m - length + 1 : here + m + 1][:, ::-1]) for m in range(n)]
    found = coloured.block(start, n)[:, trajectories.index(2)]
    np.testing.assert_allclose(found, np.array(exact) / np.sqrt(DT), rtol=0, atol=1e-12 * np.sqrt(length))


def test_filter_is_exact_where_it_was_designed():
    """At its own frequencies, also where a kink leaves something at the ends: the last lag counts once."""
    bath = Grid(DT, memory="local").model(JUNCTION).baths["a"]
    own = np.pi / DT * np.linspace(0, 1, bath.noise_filter.half + 1)
    wanted = bath.noise(own)
    np.testing.assert_allclose(bath.realised_noise(own), wanted, rtol=0, atol=1e-11 * np.abs(wanted).max())


def circular_covariance(lag, n):
    """Exact circular covariance of the record at a lag."""
    omega = 2 * np.pi / (n * DT) * np.arange(-n // 2, n // 2)
    s = MODEL.baths["e"].noise(omega)
    s[0] = s[0].real  # the Nyquist frequency
    return (s * np.exp(-1j * omega * lag * DT)[:, None, None]).sum(axis=0).real / (n * DT)


def test_variance_is_uniform_in_time_and_not_mirrored():
    """Defect B2 of rivals.md: real amplitudes gave twice the variance at the ends and f(t) = f(N-t)."""
    n, trajectories = 64, 6000
    rng = np.random.default_rng(SEED)
    forces = np.stack([record(MODEL.baths["e"].noise, n, DT, rng) for _ in range(trajectories)])
    exact = circular_covariance(0, n)
    assert_agrees(
        np.einsum("rtk,rtl->rtkl", forces, forces), np.broadcast_to(exact, (n, 2, 2)), ceiling=0.03 * exact[0, 0]
    )
    mirrored = np.einsum("rtk,rtk->rt", forces[:, 1:], forces[:, :0:-1])[:, : n // 2 - 1].mean(axis=1)
    wanted = np.mean([np.trace(circular_covariance(2 * t, n)) for t in range(1, n // 2)])
    assert_agrees(mirrored, wanted, ceiling=0.02 * np.trace(exact))


def test_record_has_exactly_its_spectrum_at_every_bin():
    """⟨X X†⟩ = (n/Δt) S, DC and Nyquist too (real there); X_k = Σ f e^{+iωt}."""
    n, trajectories = 16, 6000
    rng = np.random.default_rng(SEED + 1)
    forces = np.stack([record(MODEL.baths["e"].noise, n, DT, rng) for _ in range(trajectories)])
    x = np.conj(np.fft.rfft(forces, axis=1))
    products = np.einsum("rwk,rwl->rwkl", x, x.conj()) * DT / n
    wanted = MODEL.baths["e"].noise(2 * np.pi / (n * DT) * np.arange(n // 2 + 1))
    wanted[[0, -1]] = wanted[[0, -1]].real
    scale = np.abs(wanted).max()
    alive = np.abs(wanted).max(axis=(1, 2)) > 1e-9 * scale  # rounding has no error bar
    assert alive[0] and 4 < alive.sum() < len(alive)
    assert_agrees(products.real[:, alive], wanted.real[alive], ceiling=0.03 * scale)
    moving = products.imag[:, 1:4, 0, 1]
    assert_agrees(moving, wanted[1:4, 0, 1].imag, ceiling=0.03 * scale)
    assert abs(moving[:, 1].mean() + wanted[2, 0, 1].imag) > 5 * moving[:, 1].std() / np.sqrt(trajectories)


def test_long_sums_have_the_zero_frequency_spectrum():
    """⟨(Σ f)²⟩ Δt/n → S(0), smeared by the Fejér kernel of the block."""
    n = 2000
    total = stream(range(256)).block(0, n)[..., 0].sum(axis=0)
    omega = np.linspace(-0.5, 0.5, 20001)
    kernel = np.sin(omega * DT * n / 2) ** 2 / np.maximum(np.sin(omega * DT / 2) ** 2, 1e-30)
    kernel[10000] = n**2
    exact = np.average(MODEL.baths["e"].noise(omega)[:, 0, 0].real, weights=kernel)
    assert_agrees(total**2 * DT / n, exact, ceiling=0.15 * exact)


def test_any_cut_gives_the_same_bits():
    whole = stream(range(4)).block(0, 3000)
    cuts = [0, 1, 2, 17, 511, 512, 513, 1500, 2900, 3000]
    one = stream(range(4))
    np.testing.assert_array_equal(np.concatenate([one.block(a, b - a) for a, b in pairwise(cuts)]), whole)
    late = stream(range(4))
    np.testing.assert_array_equal(late.block(2900, 50), whole[2900:2950])
    np.testing.assert_array_equal(late.block(100, 700), whole[100:800])  # and backwards
    far = stream(range(4)).block(10**9, 30)
    np.testing.assert_array_equal(far[20:], stream(range(4)).block(10**9 + 20, 10))


def test_the_past_of_the_noise():
    """Negative steps to the first one of the clock, the same to the last bit from wherever they are read."""
    earliest = FILTER.half - CLOCK
    one = stream(range(3))
    whole = one.block(-3000, 4000)
    np.testing.assert_array_equal(stream(range(3)).block(-1, 900), whole[2999:3899])
    np.testing.assert_array_equal(one.block(0, 1000), whole[3000:])
    begin = stream(range(3)).block(earliest, 100)
    np.testing.assert_array_equal(one.block(earliest + 7, 93), begin[7:])
    assert 0.5 < begin.std() / whole.std() < 2
    with pytest.raises(InputError, match="begins at step") as caught:
        one.block(earliest - 1, 5)
    assert (caught.value.start, caught.value.earliest) == (earliest - 1, earliest)


def test_the_longest_filter():
    """A filter of one tap, 2·CLOCK + 1 long: white noise at step 0, one more step is refused."""
    taps = np.zeros((2 * CLOCK + 1, 1, 1))
    taps[CLOCK] = 1.0
    found = stream([0], noise_filter=NoiseFilter(taps, 1.0, 0.0)).block(0, 50)[:, 0, 0]
    chunk = CLOCK // segments.WHITE_CHUNK
    np.testing.assert_allclose(found, white_noise(0, 1, 1, [chunk])[0, :50], atol=1e-12)
    with pytest.raises(SpectrumError, match="longer than"):
        stream([0], noise_filter=NoiseFilter(np.zeros((2 * CLOCK + 2, 1, 1)), 1.0, 0.0))


def peak(streams, steps):
    """Largest memory while all streams are driven in step, in bytes."""
    tracemalloc.start()
    for start in range(0, steps, 500):
        for one in streams:
            one.block(start, 500)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory_does_not_grow():
    """However long the run; two segments and what is under way at most."""
    short = peak([stream()], 10_000)
    assert peak([stream()], 40_000) < 1.01 * short
    one = stream()
    assert short < 5 * one.segment_length * 64 * 2 * 8


def test_pyfftw_gives_the_same_forces(monkeypatch):
    here = stream(range(5)).block(100, 3000)
    monkeypatch.setenv("SGLE_FFT", "pyfftw")
    there = stream(range(5))
    whole = there.block(100, 3000)
    np.testing.assert_allclose(whole, here, rtol=0, atol=1e-13 * here.std())
    np.testing.assert_array_equal(stream(range(5)).block(2900, 200), whole[2800:])


@pytest.mark.parametrize("companions", [[5], [5, 6], [0, 5, 9], list(range(17))])
@pytest.mark.parametrize("bath", ["a", "e"])
def test_a_trajectory_does_not_know_its_batch(companions, bath):
    """Alone too: (seed, trajectory, channel) is all it depends on, but for rounding."""
    noise_filter = MODEL.baths[bath].noise_filter
    alone = stream(range(8), noise_filter=noise_filter).block(0, 1200)[:, 5]
    here = stream(companions, noise_filter=noise_filter).block(0, 1200)[:, companions.index(5)]
    np.testing.assert_allclose(here, alone, rtol=0, atol=1e-13 * alone.std())


@pytest.mark.parametrize("other", [{"seed": SEED + 1}, {"channel": 2}, {"trajectories": range(64, 128)}], ids=str)
def test_different_noises_are_independent(other):
    one, two = stream().block(0, 3000), stream(**other).block(0, 3000)
    assert_agrees(np.einsum("trk,trl->rkl", one, two) / 3000, 0.0, ceiling=0.02 * one.var())
    assert_agrees(np.einsum("trk,trl->rkl", one[1:], two[:-1]) / 2999, 0.0, ceiling=0.02 * one.var())


def test_equal_seeds_at_two_biases_are_the_same_white_noise():
    """Filters of different length stay aligned: the paired excess against zero bias lives from this correlation."""
    other = design_filter(MODEL.baths["e"].noise, DT, shortest=4 * (len(FILTER.taps) - 1))
    assert other.half == 4 * FILTER.half
    one, two = stream(range(4)).block(0, 500), stream(range(4), noise_filter=other).block(0, 500)
    assert np.abs(one - two).max() < 1e-3 * one.std()
    calm = Grid(DT).model(JUNCTION.at_bias(0.0)).baths["e"].noise_filter
    correlation = (one * stream(range(4), noise_filter=calm).block(0, 500)).mean() / one.var()
    assert correlation > 0.5


def test_streams_of_a_model_are_its_baths_in_order():
    streams = noise_streams(MODEL, SEED, [3, 4])
    assert [(name, s.channel, s.size) for name, s in streams.items()] == [("a", 0, 1), ("e", 1, 2)]
    assert streams["e"].block(0, 10).shape == (10, 2, 2)
    np.testing.assert_array_equal(streams["e"].block(0, 10), stream([3, 4]).block(0, 10))


CALM = Grid(DT).model(JUNCTION.at_bias(0.0))


def test_pair_is_its_two_models_bit_for_bit():
    """Filters of equal length: the forces of separate streams, wherever the pair is read."""
    pair = paired_streams({"": MODEL, "reference_": CALM}, SEED, range(5))
    for key, model in {"": MODEL, "reference_": CALM}.items():
        alone = noise_streams(model, SEED, range(5))
        assert list(pair[key]) == list(alone)
        for name, one in alone.items():
            assert np.ptp([m.baths[name].noise_filter.half for m in (MODEL, CALM)]) == 0
            np.testing.assert_array_equal(pair[key][name].block(1500, 3000), one.block(1500, 3000))


def test_pair_of_different_lengths_is_its_two_models():
    other = NoiseFilter(np.pad(FILTER.taps, ((3000, 3000), (0, 0), (0, 0))), DT, FILTER.distance)
    shared = segments.Segments([FILTER, other], SEED, range(5), 1, CLOCK)
    for which, noise_filter in enumerate((FILTER, other)):
        paired = NoiseStream(noise_filter, SEED, range(5), 1, shared, which).block(-900, 3000)
        alone = stream(range(5)).block(-900, 3000)
        np.testing.assert_allclose(paired, alone, rtol=0, atol=1e-12 * alone.std())


def test_pair_draws_its_white_noise_once(monkeypatch):
    drawn = []
    draw = segments.Segments._draw
    monkeypatch.setattr(segments.Segments, "_draw", lambda *given: drawn.append(1) or draw(*given))
    pair = paired_streams({"": MODEL, "reference_": CALM}, SEED, range(4))
    peak([pair[key][name] for key in pair for name in MODEL.baths], 8000)
    both, drawn[:] = len(drawn), []
    peak(noise_streams(MODEL, SEED, range(4)).values(), 8000)
    assert both == len(drawn) > 0


def test_one_of_a_pair_may_lag_or_stay_away():
    """Nothing piles up for it, and it gets the same bits later."""
    pair = paired_streams({"": MODEL, "reference_": CALM}, SEED, range(4))
    here, there = pair[""]["e"], pair["reference_"]["e"]
    assert peak([here], 60_000) < 1.01 * peak([paired_streams({"": MODEL, "r": CALM}, SEED, range(4))[""]["e"]], 10_000)
    np.testing.assert_array_equal(there.block(700, 9000), noise_streams(CALM, SEED, range(4))["e"].block(700, 9000))
    here.block(60_000, 10)


def test_pair_needs_the_same_baths():
    other = Grid(DT).model(Junction(2 * np.eye(2), {"a": JUNCTION.baths["a"]}))
    with pytest.raises(InputError, match="baths of model 'b'") as caught:
        paired_streams({"a": MODEL, "b": other}, SEED, [0])
    assert caught.value.model == "b"
