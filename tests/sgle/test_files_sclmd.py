"""The sclmd importer: a file of known content in all conditions, and the real graphene-alkane file."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from sgle import Junction
from sgle.baths import local
from sgle.errors import FileError
from sgle.files.sclmd import read_sclmd
from sgle.landauer import answers
from sgle.units import kelvin

REAL = Path(__file__).parents[3] / "shared" / "data" / "graphene-alkane-langevin.nc"
needs_real_file = pytest.mark.skipif(not REAL.is_file(), reason=f"the real file {REAL} is not here")
BATH = {"temperature": 0.025, "cutoff": 0.5}


def content():
    """Six dofs with every matrix different from zero."""
    rng = np.random.default_rng(5)
    modes = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    square = rng.normal(size=(6, 6))
    twist = 1e-3 * (square - square.T)
    noise = 0.1 * np.eye(6)
    return {
        "hw": np.linspace(0.3, 0.05, 6),
        "U": modes,
        "eta_r": 0.2 * np.eye(6),
        "xip_r": noise,
        "xim_r": twist,
        "zeta1_r": 1e-3 * (square + square.T),
        "zeta2_r": 0.5 * twist,
    }


def write(path, **changes):
    with h5py.File(path, "w") as file:
        for name, value in {**content(), **changes}.items():
            if value is not None:
                file[name] = value
    return path


def test_the_equation_of_the_file(tmp_path):
    """Π_e = -iω(η + V ζ2) + V ζ1 - V ξ⁻ at low frequency."""
    given, bias = content(), 0.7
    junction = read_sclmd(write(tmp_path / "a.nc"), **BATH).at_bias(bias)
    assert np.allclose(np.linalg.eigvalsh(junction.dynamical_matrix), np.sort(given["hw"] ** 2), rtol=1e-12)
    electrons = junction.baths["e"]
    markov = electrons.markov()
    assert np.allclose(markov.friction, given["eta_r"], atol=1e-12)
    assert np.allclose(markov.berry, bias * given["zeta2_r"], atol=1e-12)
    assert np.allclose(markov.nonconservative, -bias * given["xim_r"], atol=1e-12)
    assert np.allclose(electrons.static, bias * given["zeta1_r"], atol=1e-12)


def test_the_noise_of_the_file(tmp_path):
    """S = ω coth(ω/2T) η + ½Σ_±[(ω∓V) coth((ω∓V)/2T)(ξ⁺ ± iξ⁻) - ω coth(ω/2T) ξ⁺], times the cutoff."""
    given, bias, omega, temperature, cutoff = content(), 0.7, 0.11, BATH["temperature"], BATH["cutoff"]

    def noise(x):
        return x / np.tanh(x / 2 / temperature)

    expected = noise(omega) * given["eta_r"].astype(complex)
    for sign in (1, -1):
        pairs = given["xip_r"] + sign * 1j * given["xim_r"]
        expected += (noise(omega - sign * bias) * pairs - noise(omega) * given["xip_r"]) / 2
    got = read_sclmd(write(tmp_path / "a.nc"), **BATH).at_bias(bias).baths["e"].noise(omega)
    assert np.allclose(got, expected * np.exp(-((omega / cutoff) ** 2)), atol=1e-13)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"zeta1_r": None}, "there is no zeta1_r in it"),
        ({"eta_r": np.eye(5)}, r"eta_r has shape \(5, 5\), expected \(6, 6\)"),
        ({"eta_r": np.full((6, 6), np.nan)}, r"eta_r contains NaN or infinity \(36 numbers\)"),
        ({"eta_r": np.eye(6) + 1e-6 * np.eye(6, k=1)}, r"eta_r is not symmetric: M - Mᵀ reaches 1.00e-06"),
        ({"xim_r": np.eye(6)}, r"xim_r is not antisymmetric: M \+ Mᵀ reaches 2.00e\+00"),
        ({"U": 2 * np.eye(6)}, r"U is not orthogonal: U Uᵀ - 1 reaches 3.0e\+00"),
        ({"hw": -np.ones(6)}, "hw must be a list of mode energies"),
        ({"hw": np.array([b"a"] * 6)}, "damaged, or not an sclmd file"),
        ({"xip_r": 0.5 * np.eye(6)}, "friction - shot_noise"),
    ],
)
def test_bad_files(tmp_path, changes, message):
    path = write(tmp_path / "bad.nc", **changes)
    with pytest.raises(ValueError, match=message):
        read_sclmd(path, **BATH)


def test_rounding_is_symmetrised(tmp_path):
    noisy = content()["eta_r"] + 1e-16 * np.eye(6, k=1)
    junction = read_sclmd(write(tmp_path / "a.nc", eta_r=noisy), **BATH)
    friction = junction.baths["e"].spec["friction"]
    assert np.array_equal(friction, friction.T)


def test_symbols(tmp_path):
    path = write(tmp_path / "a.nc")
    assert read_sclmd(path, **BATH).atoms.symbols == ("X", "X")
    assert read_sclmd(path, **BATH, symbols="CAu").atoms.symbols == ("C", "Au")
    for wrong in ("C", "CHH", "c2", "CH3"):
        with pytest.raises(FileError, match="6 dofs are 2 atoms"):
            read_sclmd(path, **BATH, symbols=wrong)


@pytest.fixture(scope="module")
def real():
    with h5py.File(REAL) as file:
        return {name: file[name][()] for name in ("hw", "U", "eta_r", "xip_r", "xim_r", "nph", "eta", "xip")}


@needs_real_file
def test_real_matrices_are_what_the_physics_needs(real):
    """One complex Hermitian λ ≥ 0 gives force and noise; the vibrations of K are those of the file."""
    pairs = real["xip_r"] + 1j * real["xim_r"]
    assert np.linalg.eigvalsh(real["eta_r"]).min() > 1e-13
    assert np.linalg.eigvalsh(pairs).min() > 6e-15 and np.linalg.eigvalsh(pairs.conj()).min() > 6e-15
    assert np.linalg.eigvalsh(real["eta_r"] - real["xip_r"]).min() > 3e-14
    squares = np.linalg.eigvalsh(read_sclmd(REAL, **BATH).dynamical_matrix)
    assert np.allclose(squares, np.sort(real["hw"] ** 2), rtol=1e-11)
    assert np.sqrt(squares[[0, -1]]) == pytest.approx([0.01446123, 0.38146187], rel=1e-6)


@needs_real_file
def test_real_phonon_numbers_by_their_formula(real):
    """nph = {½[x coth](ω-V) + ½[x coth](ω+V) - [x coth](ω)} ξ⁺/(2ωη) + n_B(ω), 4.2 K, V = 2.5 mV × row: all of them."""
    omega, bias, temperature = real["hw"], 0.0025 * np.arange(400)[:, None], kelvin(4.2)

    def noise(x):
        return 2 * temperature * noise_function(x / (2 * temperature))

    excess = (noise(omega - bias) + noise(omega + bias)) / 2 - noise(omega)
    shot = np.diag(real["xip"]) / (2 * omega * np.diag(real["eta"]))
    expected = excess * shot + 1 / np.expm1(np.minimum(omega / temperature, 700))
    assert np.abs(expected - real["nph"]).max() < 1e-9 * real["nph"].max()


def noise_function(x):
    """x coth x, 1 at x = 0."""
    small = np.abs(x) < 1e-8
    return np.where(small, 1.0, x / np.tanh(np.where(small, 1.0, x)))


@needs_real_file
def test_real_phonon_numbers_by_the_library(real):
    """All 36 coupled modes on the electrons alone, 0.5 V: 2E/ω - ½ is the table's number, to 6e-4."""
    with h5py.File(REAL) as file:
        modes = [file[name][()] for name in ("eta", "xim", "zeta1", "zeta2", "xip")]
    electrons = local(*modes, bias=0.5, temperature=kelvin(4.2), cutoff=1.0, dofs=range(36))
    junction = Junction(np.diag(real["hw"] ** 2), {"e": electrons.without("renormalisation")})
    found = 2 * answers(junction, None, 1e-4).kinetic_energy / real["hw"] - 0.5
    assert np.abs(found - real["nph"][200]).max() < 1e-5
    excited = real["nph"][200] > 1e-3
    assert np.count_nonzero(excited) > 25
    assert found[excited] == pytest.approx(real["nph"][200][excited], rel=1e-3)
