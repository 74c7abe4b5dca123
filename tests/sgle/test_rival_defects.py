"""Each defect B1-B9 found in sclmd (rivals.md 3), and that its opposite holds here. Controls imitate the defect."""

import ast
import importlib
from pathlib import Path

import numpy as np
import pytest
from error_bars import SEED, limit
from laws.models import BERRY, FRICTION, INTER, INTRA, NONCONSERVATIVE, RENORMALISATION, SHOT, minimal

import sgle
from sgle import Grid, Junction, baths, landauer, simulate
from sgle.errors import SpectrumError
from sgle.noise import record
from sgle.stability import unstable_count

SOURCES = [
    path
    for folder in ("sgle", "integrators", "analysis")
    for path in (Path(sgle.__file__).parents[1] / folder).rglob("*.py")
]


def local(bias=0.8, **matrices):
    return baths.local(FRICTION, **matrices, bias=bias, temperature=0.3, cutoff=3.0, dofs=[0, 1])


def test_b1_every_force_acts_without_the_others():
    """There, non-conservative, renormalisation and Berry forces wait for each other and vanish silently."""
    nothing = local().markov()
    assert not np.any(nothing.nonconservative) and not np.any(nothing.berry) and not np.any(local().static)
    force = local(nonconservative=NONCONSERVATIVE, shot_noise=SHOT)
    np.testing.assert_allclose(force.markov().nonconservative, -0.8 * NONCONSERVATIVE, rtol=1e-14)
    np.testing.assert_allclose(local(berry=BERRY).markov().berry, 0.8 * BERRY, rtol=1e-14)
    np.testing.assert_allclose(local(renormalisation=RENORMALISATION).static, 0.8 * RENORMALISATION, rtol=1e-14)
    junction = Junction(np.eye(2), {"e": local()})
    calm = landauer.kinetic_energy(junction)
    for matrices in (
        {"nonconservative": NONCONSERVATIVE, "shot_noise": SHOT},
        {"berry": BERRY},
        {"renormalisation": RENORMALISATION},
    ):
        moved = landauer.kinetic_energy(junction.replace(e=local(**matrices)))
        assert np.abs(moved - calm).max() > (1e-5 if "berry" in matrices else 1e-3), matrices
        taps = Grid(0.1).model(junction.replace(e=local(**matrices)))
        assert np.abs(landauer.kinetic_energy(taps.junction, taps.grid) - moved).max() < 0.02


def mirror_share(draw, n=64, repeats=1000):
    """Correlation of f(t) with f(N-t), and the variance at t = 0 and t = 1 in units of the mean."""
    f = np.stack([draw() for _ in range(repeats)])[..., 0]
    variance = (f**2).mean(axis=0)
    return (f[:, 1:] * f[:, :0:-1]).mean() / variance.mean(), variance / variance.mean()


def test_b2_noise_is_neither_mirrored_nor_twice_as_strong_at_its_ends():
    """Control: real amplitudes, as there. The long version is in test_noise.py."""
    bath, n, dt = baths.ohmic(0.05, 2.0, 0.3, 0), 64, 0.2
    rng = np.random.default_rng(SEED)
    mirrored, variance = mirror_share(lambda: record(bath.noise, n, dt, rng))
    assert abs(mirrored) < 0.1 and np.abs(variance - 1).max() < 1.4 * limit(tests=n) * np.sqrt(2 / 1000)

    def real_amplitudes():
        omega = 2 * np.pi / (n * dt) * np.arange(n // 2 + 1)
        return np.fft.irfft(np.sqrt(bath.noise(omega)[:, 0, 0].real) * rng.standard_normal(n // 2 + 1), n)[:, None]

    mirrored, variance = mirror_share(real_amplitudes)
    assert mirrored > 0.9 and variance[0] > 1.5


def test_b3_tables_are_interpolated_forwards():
    """A linear table of Γ/ω at 0.12 gives 0.12's value, not that of 0.08, in broadening, noise and self-energy."""
    omega = np.array([0.0, 0.1, 0.2, 0.3])
    bath = baths.tabulated(omega, omega * np.array([0.0, 1.0, 2.0, 0.0]), 0.4, 0)  # Γ/ω = 10 ω from 0.1 to 0.2
    for place in (0.12, 0.18):
        assert bath.broadening(place)[0, 0] == pytest.approx(place * 10 * place, rel=1e-13)
        assert bath.noise(place)[0, 0] == pytest.approx(10 * place**2 / 2 / np.tanh(place / 0.8), rel=1e-13)
        assert -2 * bath.self_energy(place)[0, 0].imag == pytest.approx(10 * place**2, rel=1e-13)


def test_b4_electron_cutoff_is_symmetric():
    """Noise and rates end at -cutoff as they do at +cutoff, at any bias."""
    for bias in (0.0, 1.5, -1.5):
        bath = baths.flat_band(INTRA, INTER, bias, 0.3, 2.0, [0, 1], shape="hard")
        outside = np.array([-5.0, -2.001, 2.001, 5.0])
        assert not np.any(bath.noise(outside)) and not np.any(bath.absorption(outside))
        inside = np.array([-1.999, 1.999])
        assert np.abs(bath.noise(inside)).max(axis=(1, 2)).min() > 0.01
        np.testing.assert_allclose(bath.noise(inside[0]), bath.noise(inside[1]).conj(), rtol=1e-14)


def test_b5_temperatures_are_numbers():
    """300 K, 300.0 K and 299.99999 K are neighbours; no name of a file is made of them."""
    temperatures = [1, 1.0, np.float64(1.0), np.array(1.0), 1 + 1e-9]
    energies = [landauer.kinetic_energy(Junction([[1.0]], {"L": baths.drude(0.1, 5.0, t, 0)}))[0] for t in temperatures]
    assert energies[:4] == [energies[0]] * 4
    assert 0 < energies[4] - energies[0] < 1e-8


def test_b6_failures_raise_and_unstable_potentials_are_studied():
    """No sys.exit in the library; a negative eigenvalue of K is kept, and judged by its stability."""
    for path in SOURCES:
        if "cli" in path.parts or path.name == "__main__.py":
            continue
        calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        names = {f.id for f in calls if isinstance(f, ast.Name)} | {
            f.attr for f in calls if isinstance(f, ast.Attribute)
        }
        assert not names & {"exit", "_exit", "quit"}, path
    saddle = Junction(np.diag([1.0, -0.5]), {"L": baths.drude(FRICTION, 3.0, 0.3, [0, 1])})
    np.testing.assert_array_equal(np.linalg.eigvalsh(saddle.dynamical_matrix), [-0.5, 1.0])
    assert unstable_count(saddle) == 1
    with pytest.raises(SpectrumError):
        baths.drude(-FRICTION, 3.0, 0.3, [0, 1])


def test_b7_no_names_that_numpy_has_dropped():
    """Every module imports, and none says numpy.complex, numpy.float and the like."""
    gone = {"complex", "float", "int", "bool", "object", "str", "complex_", "float_", "cfloat", "trapz", "in1d"}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in ("np", "numpy")
            ):
                assert node.attr not in gone, f"{path}:{node.lineno}"
    root = Path(sgle.__file__).parents[1]
    for path in SOURCES:
        parts = path.relative_to(root).with_suffix("").parts
        if parts[-1] not in ("__main__", "__init__"):
            importlib.import_module(".".join(parts if parts[0] == "sgle" else ("sgle", *parts)))


def test_b8_averages_leave_the_transient_out_and_errors_are_those_of_the_mean():
    """From rest a weakly damped mode fills as 1 - e^{-ηt}: half of a short run would be filling."""
    junction = Junction([[1.0]], {"L": baths.ohmic(0.02, 3.0, 1.0, 0)})
    short, long = (
        simulate(
            junction,
            time_step=0.2,
            steps=n,
            trajectories=48,
            seed=SEED,
            start="rest",
            spectrum_segment=0,
            progress=False,
        )
        for n in (3000, 12000)
    )
    for result in (short, long):
        energy = result.kinetic_energy
        assert np.all(np.abs(energy.z) < limit(47))
        assert result.settings["burn_in"] * 0.2 > 5 / 0.02
    # Of the mean: halved by four times the steps; and it knows that steps are correlated over 1/η = 250 of them.
    assert 0.35 < long.kinetic_energy.stderr[0] / short.kinetic_energy.stderr[0] < 0.75
    assert short.kinetic_energy.effective_samples[0] < 48 * 3000 / 20


def test_b9_static_friction_is_exact_to_second_order():
    """Σ c_k = η up to (cΔt)²/12, not 2 % too much."""
    for dt in (0.1, 0.05):
        taps = Grid(dt).model(Junction([[1.0]], {"L": baths.drude(0.05, 2.0, 0.3, 0)})).baths["L"]
        assert taps.velocity_taps.sum() / 0.05 - 1 == pytest.approx((2 * dt) ** 2 / 12, rel=0.01)
    smooth = Grid(0.1).model(Junction([[1.0]], {"L": baths.ohmic(0.05, 2.0, 0.3, 0)})).baths["L"]
    assert smooth.velocity_taps.sum() == pytest.approx(0.05, rel=1e-13)
    assert minimal().size == 2
