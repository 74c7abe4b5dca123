"""Every shape's kernel and causal transform against scipy's quadrature of its definition (sgle.shapes)."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from sgle.errors import BathError
from sgle.shapes import Drude, Exponential, Hard, Hats, Rubin, Smooth

NODES = np.array([0.0, 0.3, 0.35, 1.0, 1.8])
SHAPES = {
    "drude": Drude(1.3),
    "smooth": Smooth(1.3),
    "exponential": Exponential(1.3),
    "hard": Hard(1.3),
    "rubin": Rubin(0.8),
    "rubin on-site": Rubin(0.8, 0.5),
    "hats": Hats(NODES),
    "hats off zero": Hats(NODES[1:]),
}
EVERY = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def value(shape, omega):
    found = shape(np.atleast_1d(np.asarray(omega, float)))
    return found.toarray() if hasattr(found, "toarray") else found


def columns(shape):
    """Functions that end continuously: hats at an open end jump, and no spectrum uses them."""
    count = value(shape, 0.1).shape[1]
    return range(count - 1) if value(shape, 0.0).sum() == 1 or count == 1 else range(1, count - 1)


def breaks(shape):
    inner = shape.nodes if isinstance(shape, Hats) else np.array(shape.edges)
    end = shape.extent if np.isfinite(shape.extent) else 4e3 * shape.cutoff
    return np.unique([0.0, *inner, min(end, 4 * shape.bandwidth), end])


def integral(function, points):
    pieces = [quad(function, a, b, limit=400, epsabs=1e-11, epsrel=1e-11)[0] for a, b in pairwise(points)]
    return sum(pieces)


@EVERY
@pytest.mark.parametrize("t", [0.0, 0.4, 2.5])
def test_kernel(shape, t):
    kernel = shape.kernel(np.array([t, -t]))
    np.testing.assert_array_equal(kernel[0], kernel[1])
    tail = 1.3**2 * 1.3 / 5.2e3 if isinstance(shape, Drude) else 0.0  # of ∫c²/ω² beyond the last break
    for j in columns(shape):
        if isinstance(shape, Drude) and t > 0:
            wanted = quad(lambda w: value(shape, w)[0, 0], 0, np.inf, weight="cos", wvar=t)[0] / np.pi
            assert kernel[0, j] == pytest.approx(wanted, abs=1e-8)
            continue
        wanted = (integral(lambda w, j=j: value(shape, w)[0, j] * np.cos(w * t), breaks(shape)) + tail / 1.3) / np.pi
        assert kernel[0, j] == pytest.approx(wanted, abs=3e-8)


@EVERY
@pytest.mark.parametrize("z", [0.7 + 0.3j, -0.2 + 1.0j, 2.9 + 0.05j, 0.5j, 60 + 1j])
def test_causal_transform_off_the_axis(shape, z):
    """ĝ(z) = (i/π) z ∫_0^∞ φ/(z²-ω²) dω, the two signs of ω taken together."""
    found = shape.causal(np.array([z]))[0]
    points = np.unique([*breaks(shape), *(w for w in (abs(z.real), abs(z.real) + 1) if w < breaks(shape)[-1])])
    for j in columns(shape):
        parts = [
            integral(lambda w, j=j, part=part: part(value(shape, w)[0, j] / (z**2 - w**2)), points)
            for part in (np.real, np.imag)
        ]
        wanted = 1j * z / np.pi * complex(*parts)
        assert abs(found[j] - wanted) < 1e-8 * max(1.0, abs(z))


@EVERY
def test_real_axis_is_the_limit_from_above(shape):
    omega = np.array([-1.1, -0.31, 0.21, 0.83, 1.27, 1.4, 2.6])
    on, above = shape.causal(omega), shape.causal(omega + 1e-9j)
    np.testing.assert_allclose(on[:, columns(shape)], above[:, columns(shape)], atol=3e-7)
    np.testing.assert_allclose(shape.causal(omega + 0j)[:, columns(shape)], on[:, columns(shape)], atol=1e-13)
    np.testing.assert_allclose(on.real[:, columns(shape)], value(shape, omega)[:, columns(shape)] / 2, atol=1e-13)


@EVERY
def test_symmetry_and_decay(shape):
    omega = np.linspace(0.05, 5, 40)
    np.testing.assert_array_equal(value(shape, omega), value(shape, -omega))
    inner = columns(shape)
    np.testing.assert_allclose(
        shape.causal(-omega + 0.1j)[:, inner], shape.causal(omega + 0.1j)[:, inner].conj(), atol=1e-14
    )
    # Far out, ĝ → i g(0)/z.
    far = shape.causal(np.array([1e4j]))[:, inner] * 1e4
    np.testing.assert_allclose(far.real, shape.kernel(np.zeros(1))[:, inner], rtol=2e-3, atol=1e-6)
    if np.isfinite(shape.extent):
        assert np.abs(value(shape, 1.0001 * shape.extent)).max() < 2e-16


@EVERY
def test_every_frequency_gives_a_number(shape):
    """Band edges, nodes and zero included: a logarithm there must not become NaN."""
    special = [0.0, *shape.edges, *(-w for w in shape.edges), shape.bandwidth]
    found = shape.causal(np.array(special))
    assert np.all(np.isfinite(found))
    assert np.all(np.isfinite(shape.causal(np.array(special) + 0j)))


def test_hats_reproduce_linear_functions():
    hats = Hats(np.array([0.0, 0.5, 0.6, 2.0]))
    omega = np.linspace(0, 2, 41)
    line = value(hats, omega) @ (3 - 1.5 * hats.nodes)
    np.testing.assert_allclose(line, 3 - 1.5 * omega, atol=1e-14)
    assert not np.any(value(hats, np.array([2.001, -3.0])))
    triangle = hats.kernel(np.array([0.0, 1e-4, 0.7])) @ np.array([1.0, 0.75, 0.7, 0.0])  # 1 - ω/2
    wanted = [1 / np.pi, 1 / np.pi, (1 - np.cos(1.4)) / (2 * np.pi * 0.7**2)]
    np.testing.assert_allclose(triangle, wanted, atol=3e-9)


def test_kernel_of_a_fine_table_at_short_times():
    """Nodes a millionth of the band apart, as leads have them: (1-cos ct)/(c π t²) must not drown in rounding."""
    offsets = np.geomspace(1e-6, 0.5, 400)
    nodes = np.concatenate([[0.0], 0.5 - offsets[-2::-1], 0.5 + offsets])
    times = np.array([1e-3, 1e-2, 0.1, 1.0])
    found = Hats(nodes).kernel(times) @ (1 - nodes)
    np.testing.assert_allclose(found, 2 * np.sin(times / 2) ** 2 / (np.pi * times**2), atol=1e-11)


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan, np.inf])
def test_impossible_parameters(wrong):
    for make in (Drude, Smooth, Exponential, Hard, Rubin):
        with pytest.raises(BathError):
            make(wrong)
    if not wrong == 0:
        with pytest.raises(BathError):
            Rubin(1.0, wrong)
