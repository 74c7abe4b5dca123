"""Bad input of issue 2 that comes through Python objects: the right type, the number, the place, the way out."""

import numpy as np
import pytest
from laws.models import FRICTION, INTER, INTRA, electrons, minimal

from sgle import Grid, Junction, baths, landauer
from sgle.errors import (
    BathError,
    GridError,
    InputError,
    JunctionError,
    PhysicsError,
    SpectrumError,
    StepError,
    UnstableError,
)
from sgle.junction import Atoms
from sgle.noise import record, square_root

BATH = baths.drude(0.05, 2.0, 0.4, 0)
TABLE = (np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.5, 0.0]))
TILTED = np.array([[1.0, 0.2], [0.1, 1.0]])
INDEFINITE = np.array([[0.1, 0.2], [0.2, 0.1]])

JUNCTIONS = {
    "not symmetric": (lambda: Junction(TILTED, {}), r"K\[0,1\] - K\[1,0\] = 1\.000e-01.*Symmetrise"),
    "not square": (lambda: Junction(np.ones((2, 3)), {}), r"\(2, 3\)"),
    "empty": (lambda: Junction(np.ones((0, 0)), {}), r"\(0, 0\)"),
    "NaN": (lambda: Junction([[np.nan]], {}), "NaN"),
    "complex": (lambda: Junction([[1j]], {}), "real"),
    "dof out of range": (
        lambda: Junction([[1.0]], {"L": baths.drude(0.1, 1.0, 0.1, 3)}),
        r"'L' acts on dof 3.*has 1 \(0\.\.0\)",
    ),
    "atoms of another size": (lambda: Junction(np.eye(2), {}, atoms=Atoms(("C",), [0])), "1 entries for 2"),
    "atom that is not there": (lambda: Atoms(("C",), [0, 1]), r"0\.\.0"),
    "mass NaN": (lambda: Atoms(("C",), [0], masses=[np.nan]), "masses"),
}
BATHS = {
    "dofs twice": (lambda: baths.drude(FRICTION, 1.0, 0.1, [1, 1]), BathError, r"\(1, 1\).*distinct"),
    "negative dof": (lambda: baths.drude(0.1, 1.0, 0.1, -1), BathError, r"\(-1,\)"),
    "dof not an integer": (lambda: baths.drude(0.1, 1.0, 0.1, 0.5), BathError, "integers"),
    "no dofs": (lambda: baths.drude(np.zeros((0, 0)), 1.0, 0.1, []), BathError, "dofs"),
    "matrix of another size": (lambda: baths.drude(FRICTION, 1.0, 0.1, 0), BathError, r"\(2, 2\).*\(1, 1\)"),
    "friction NaN": (lambda: baths.drude(np.nan, 1.0, 0.1, 0), BathError, "friction contains NaN"),
    "friction complex": (lambda: baths.drude(0.1j, 1.0, 0.1, 0), BathError, "friction must be real"),
    "friction tilted": (lambda: baths.drude(TILTED, 1.0, 0.1, [0, 1]), SpectrumError, r"not symmetric.*1\.000e-01"),
    "friction indefinite": (
        lambda: baths.drude(INDEFINITE, 1.0, 0.1, [0, 1]),
        SpectrumError,
        r"eigenvalue -1\.000e-01",
    ),
    "friction negative": (lambda: baths.ohmic(-0.1, 1.0, 0.1, 0), SpectrumError, r"-1\.000e-01"),
    "temperature negative": (lambda: baths.drude(0.1, 1.0, -0.1, 0), BathError, r"temperature -0\.1"),
    "temperature NaN": (lambda: baths.chain_lead(1.0, 0.0, np.nan, 0), BathError, "temperature nan"),
    "cutoff zero": (lambda: baths.drude(0.1, 0.0, 0.1, 0), BathError, r"cutoff 0\.0 must be positive"),
    "shape unknown": (lambda: baths.ohmic(0.1, 1.0, 0.1, 0, shape="box"), BathError, "'box'; known: drude"),
    "bias NaN": (lambda: baths.flat_band(INTRA, INTER, np.nan, 0.1, 1.0, [0, 1]), BathError, "bias nan"),
    "inter not Hermitian": (
        lambda: baths.flat_band(INTRA, INTER.real + 1j, 0, 0.1, 1.0, [0, 1]),
        SpectrumError,
        "not Hermitian",
    ),
    "inter indefinite": (
        lambda: baths.flat_band(INTRA, INTER - 0.01 * np.eye(2), 0, 0.1, 1.0, [0, 1]),
        SpectrumError,
        "inter is not positive",
    ),
    "intra indefinite": (
        lambda: baths.flat_band(INDEFINITE, INTER, 0, 0.1, 1.0, [0, 1]),
        SpectrumError,
        "intra is not positive",
    ),
    "force symmetric": (
        lambda: electrons(nonconservative=FRICTION),
        SpectrumError,
        "nonconservative is not antisymmetric",
    ),
    "force beyond its noise": (lambda: electrons(shot_noise=None), SpectrumError, "shot_noise"),
    "shot noise beyond friction": (lambda: electrons(shot_noise=np.eye(2)), SpectrumError, "friction - shot_noise"),
    "berry symmetric": (lambda: electrons(berry=FRICTION), SpectrumError, "berry is not antisymmetric"),
    "renormalisation tilted": (
        lambda: electrons(renormalisation=TILTED),
        SpectrumError,
        "renormalisation is not symmetric",
    ),
    "coupling of another size": (lambda: baths.debye(np.ones((2, 2)), 1.0, 0.1, 0), BathError, "coupling"),
    "chain without spring": (lambda: baths.chain_lead(0.0, 0.0, 0.1, 0), BathError, "spring"),
    "chain tied twice": (lambda: baths.chain_lead(1.0, 0.0, 0.1, [0, 1]), BathError, "one dof"),
    "lead blocks": (lambda: baths.lead(np.eye(2), np.eye(3), [[1, 0]], 0.1, 0), BathError, r"k01 has shape \(3, 3\)"),
    "lead coupling": (lambda: baths.lead([[2.0]], [[-1.0]], [[1.0, 2.0]], 0.1, 0), BathError, r"coupling.*\(1, 1\)"),
    "lead not symmetric": (
        lambda: baths.lead(TILTED, np.eye(2), [[1, 0]], 0.1, 0),
        SpectrumError,
        "k00 is not symmetric",
    ),
    "lead unstable": (lambda: baths.lead([[1.0]], [[-1.0]], [[1.0]], 0.1, 0), BathError, r"lowest ω² is -1\.000e\+00"),
    "lead with a surface mode": (
        lambda: baths.lead([[2.0, -0.5], [-0.5, 2.0]], [[0, 0], [-1.0, 0]], [[1.0, 0]], 0.1, 0),
        SpectrumError,
        r"74\.9%.*bound to the surface.*Keep more layers",
    ),
    "table of one point": (lambda: baths.tabulated([1.0], [0.0], 0.1, 0), BathError, "n_w ≥ 3"),
    "table not ascending": (
        lambda: baths.tabulated([0, 2, 1.0], [0, 1, 0.0], 0.1, 0),
        BathError,
        r"after point 1 \(2\)",
    ),
    "table NaN": (lambda: baths.tabulated([0, 1, 2.0], [0, np.nan, 0], 0.1, 0), BathError, "NaN"),
    "table complex": (lambda: baths.tabulated([0, 1, 2.0], [0, 1j, 0], 0.1, 0), BathError, "real symmetric"),
    "table negative": (
        lambda: baths.tabulated([0, 1, 2.0], [0, -1.0, 0], 0.1, 0),
        SpectrumError,
        r"at omega\[1\] = 1,",
    ),
    "table stops inside": (
        lambda: baths.tabulated([0, 1, 2.0], [0, 1.0, 0.4], 0.1, 0),
        SpectrumError,
        r"last point 2 is 40\.0%.*Extend",
    ),
    "table starts inside": (
        lambda: baths.tabulated([0.5, 1, 2.0], [0.5, 1.0, 0], 0.1, 0),
        SpectrumError,
        r"first point 0\.5 is 50\.0%",
    ),
    "table infinite at zero": (
        lambda: baths.tabulated([0, 1, 2.0], [0.1, 1.0, 0], 0.1, 0),
        SpectrumError,
        r"Γ\(0\) = 1\.000e-01",
    ),
    "kind unknown": (lambda: baths.from_spec({"kind": "magic"}), BathError, "'magic'; known: drude"),
    "parameter unknown": (lambda: BATH.with_parameters(bias=0.1), BathError, "no parameter.*bias"),
}
GRIDS = {
    "step zero": (lambda: Grid(0.0), GridError, r"0\.0 must be positive"),
    "step NaN": (lambda: Grid(np.nan), GridError, "nan"),
    "memory unknown": (lambda: Grid(0.1, memory="none"), GridError, "'none'; known: convolution"),
    "memory as a list": (lambda: Grid(0.1, memory=["auxiliary"]), GridError, "must be a kind or {bath: kind}"),
    "memory of no bath": (lambda: Grid(0.1, memory={"typo": "local"}).model(minimal()), GridError, "typo.*'L'"),
    "memory time": (lambda: Grid(0.1, memory_time=-1.0), GridError, r"-1\.0"),
    "cutoff above Nyquist": (
        lambda: Grid(0.4).model(minimal()),
        GridError,
        r"'L' \(drude\): cutoff 10 .*π/Δt = 7\.85398.*below 0\.314",
    ),
    "step too large": (
        lambda: Grid(1.9).model(Junction([[2.0]], {"L": baths.drude(0.1, 1.0, 0.1, 0)})),
        StepError,
        r"1\.9 is too large: Δt·ω_max = 2\.69.*below 2.*0\.141 gives",
    ),
    "unstable": (lambda: landauer.answers(minimal(7.0)), UnstableError, r"1 unstable mode .bias 7.*Lower the bias"),
    "unreached dof": (
        lambda: landauer.answers(Junction(np.diag([1.0, 2.0]), {"L": BATH})),
        UnstableError,
        r"undamped mode at ω = 1\.414",
    ),
    "no bath": (lambda: landauer.answers(Junction([[1.0]], {})), UnstableError, "undamped mode at ω = 1:"),
}


@pytest.mark.parametrize(("make", "message"), JUNCTIONS.values(), ids=JUNCTIONS)
def test_junctions(make, message):
    with pytest.raises(JunctionError, match=message) as caught:
        make()
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(("make", "kind", "message"), [*BATHS.values(), *GRIDS.values()], ids=[*BATHS, *GRIDS])
def test_baths_and_grids(make, kind, message):
    with pytest.raises(kind, match=message) as caught:
        make()
    assert type(caught.value) is kind
    assert caught.value.exit_status == (2 if issubclass(kind, InputError) else 3)
    assert issubclass(kind, InputError | PhysicsError)


def test_numbers_are_attributes():
    cases = [
        (JUNCTIONS["not symmetric"][0], {"row": 0, "column": 1, "difference": 0.1}),
        (JUNCTIONS["dof out of range"][0], {"dof": 3, "size": 1}),
        (BATHS["friction indefinite"][0], {"smallest": -0.1, "largest": 0.3, "index": 0}),
        (BATHS["table negative"][0], {"smallest": -1.0, "index": 1}),
        (BATHS["table stops inside"][0], {"last": 2.0, "share": 0.4}),
        (GRIDS["cutoff above Nyquist"][0], {"cutoff": 10.0, "nyquist": np.pi / 0.4}),
        (GRIDS["step too large"][0], {"time_step": 1.9, "fastest": np.sqrt(2.0)}),
        (GRIDS["unstable"][0], {"count": 1, "bias": 7.0}),
        (GRIDS["unreached dof"][0], {"omega": np.sqrt(2.0)}),
    ]
    for make, numbers in cases:
        with pytest.raises((InputError, PhysicsError)) as caught:
            make()
        for name, wanted in numbers.items():
            assert getattr(caught.value, name) == pytest.approx(wanted, rel=1e-6), name
            assert caught.value.numbers[name] == getattr(caught.value, name)


def test_indefinite_spectrum_is_refused_never_clipped():
    omega = np.array([0.0, 1.0, 2.0])
    with pytest.raises(SpectrumError, match=r"eigenvalue -1\.000e-01 at ω = 1,") as caught:
        square_root(np.array([np.eye(1), [[-0.1]], np.eye(1)]), omega)
    assert (caught.value.smallest, caught.value.omega) == (-0.1, 1.0)
    rounding = square_root(np.array([np.eye(1), [[-1e-12]], np.eye(1)]), omega)
    assert rounding[1] == 0


def test_spectrum_that_is_not_hermitian_is_refused():
    """numpy's eigh would read one triangle and never tell."""
    tilted = np.array([[1.0, 0.5], [-0.5, 1.0]], complex)
    with pytest.raises(SpectrumError, match="not Hermitian"):
        record(lambda w: np.broadcast_to(tilted, (len(w), 2, 2)), 16, 0.1, np.random.default_rng(1))


def test_odd_record_has_no_nyquist_frequency():
    with pytest.raises(SpectrumError, match="even"):
        record(lambda w: np.ones((len(w), 1, 1)), 15, 0.1, np.random.default_rng(1))


def test_rounding_noise_is_accepted():
    """An asymmetry of rounding is symmetrised, not refused; a negative K is a matter of stability, not of input."""
    junction = Junction(np.array([[1.0, 0.1 + 1e-13], [0.1, 1.0]]), {})
    np.testing.assert_array_equal(junction.dynamical_matrix, junction.dynamical_matrix.T)
    assert Junction([[-1.0]], {"L": BATH}).size == 1


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: baths.drude([[1.0, 2.0], [3.0]], 1.0, 0.5, [0, 1]), "friction must be numbers"),
        (lambda: baths.drude("much", 1.0, 0.5, 0), "friction must be numbers"),
        (lambda: baths.drude(0.1, "high", 0.5, 0), "cutoff must be a number"),
        (lambda: baths.drude(0.1, 1.0, None, 0), "temperature must be a number"),
        (lambda: baths.ohmic(0.1, 1.0, 0.5, 0, shape=["x"]), "unknown shape"),
        (lambda: baths.lead([[2.0]], [[-1.0]], [[0.0]], 0.5, 0), "coupling is zero"),
        (lambda: baths.lead([[2.0]], [[-1.0]], [[-1.0]], 0.5, 0, eta=-0.1), "eta -0.1 must be positive"),
        (lambda: baths.from_spec({"kind": "drude", "friction": 0.1}), "missing a required argument"),
        (lambda: baths.flat_band([[0.1]], [[0.1 + 0j]], 1.0, 0.5, "c", 0), "cutoff must be a number"),
        (
            lambda: baths.flat_band(np.eye(2), [[1, 0.5j], [-0.5j, 1]], 1.0, 0.5, 2.0, [0, 1], shape="exponential"),
            "Berry matrix infinite",
        ),
        (lambda: Junction([[1.0]], {"L": 3}), "must come from a constructor"),
        (lambda: Junction("K", {}), "dynamical matrix must be numbers"),
        (lambda: Grid("a"), "time step 'a' must be positive"),
        (lambda: Grid(0.1, memory_time=np.inf), "memory time inf"),
        (lambda: Grid(0.1, max_taps=0), "max_taps"),
    ],
)
def test_what_is_no_number_is_named(make, told):
    with pytest.raises(InputError, match=told):
        make()
