"""Nanowire: seconds and digits of one solution by modes, by the H function and by the script one writes first.

Run by hand from the project's folder, on one core:

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.nanowire

The script is 003 as it stands: even panels of Gauss-Legendre nodes, an eigensolver for A6, least squares for Eq. 19.
All are compared with modes on the finest grid; the numbers of reference/nanowire.md are what these must show.
"""

from functools import partial
from time import process_time

import numpy as np
from scipy.special import expit

from sgle.nanowire import laws, resonances, solve

CASES = {"(1.44, .1, .1)": (1.44, 0.1, 0.1), "(.64, .4, .1)": (0.64, 0.4, 0.1), "(1.44, .1, .7)": (1.44, 0.1, 0.7)}
WIDTH = 0.08


def timed(function):
    """What a function returns, and the CPU seconds it took."""
    start = process_time()
    return function(), process_time() - start


def panels(edges, nodes):
    x, w = np.polynomial.legendre.leggauss(nodes)
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    return (middle[:, None] + half[:, None] * x).ravel(), (half[:, None] * w).ravel()


def script_modes(k, weight, t):
    """Modes of one wire by numpy's eigensolver: deviations out and in, potential."""
    slope = expit((1 - k**2) / t) * expit((k**2 - 1) / t) / t
    c = slope / (weight @ slope)
    root = np.sqrt(weight * c)
    values, vectors = np.linalg.eigh((np.eye(len(k)) - np.outer(root, root)) / np.outer(k, k))
    kappa, g = np.sqrt(np.abs(values[1:])), vectors[:, 1:] * np.sqrt(c / weight)[:, None] / k[:, None]
    total = weight @ g
    shift = c[:, None] / 2 * total
    away, towards = ((1 + sign * k[:, None] * kappa) * g / 2 - shift for sign in (1, -1))
    return away, towards, total / (2 * weight @ slope), k * slope, np.sqrt(weight / c)


def script(peak, bias, t, nodes):
    """I, φ(0-), φ(0+)."""
    left, w_left = panels(np.arange(0, np.sqrt(1 + 40 * t) + 0.1, 0.1), nodes)
    low, w_low = panels(np.linspace(0, np.sqrt(bias), 5), nodes)
    high = np.sqrt(bias + left**2)
    right, w_right = np.append(low, high), np.append(w_low, w_left * left / high)
    passed = WIDTH**2 / ((left**2 - peak) ** 2 + WIDTH**2)
    opened = np.append(0 * low, passed)
    (out_l, in_l, phi_l, drude_l, row_l), (out_r, in_r, phi_r, drude_r, row_r) = (
        script_modes(k, w, t) for k, w in ((left, w_left), (right, w_right))
    )
    n = len(low)
    drop = passed * (expit((1 - left**2) / t) - expit((1 - high**2) / t))
    across = np.vstack([np.zeros((n, len(left) - 1)), -passed[:, None] * in_l])
    above = [across, out_r - (1 - opened)[:, None] * in_r]
    force = (2 - opened) * drude_r - np.append(0 * low, passed * drude_l)
    below = [out_l - (1 - passed)[:, None] * in_l, -passed[:, None] * in_r[n:]]
    matrix = np.block([[*above, force[:, None]], [*below, (passed * drude_r[n:] - (2 - passed) * drude_l)[:, None]]])
    row = np.append(row_r, row_l)
    found = np.linalg.lstsq(matrix * row[:, None], np.concatenate([0 * low, drop, -drop]) * row, rcond=None)[0]
    current = 4 * w_right @ (right * drude_r) * found[-1]
    return current, phi_l @ found[: len(left) - 1], phi_r @ found[len(left) - 1 : -1]


def digits(found, exact):
    return "  ".join(f"{abs(a / b - 1):7.0e}" for a, b in zip(found, exact, strict=True))


def main():
    print(f"{'case, road':32} {'CPU s':>6}  I, phi(0-), phi(0+) miss by")
    for name, (peak, bias, t) in CASES.items():
        exact = solve((peak, WIDTH), t, bias=bias, accuracy=1e-9)
        wanted = (exact.current, *exact.potential([-0.0, 0.0]))
        for accuracy in (1e-1, 1e-3, 1e-5):
            found, seconds = timed(partial(solve, (peak, WIDTH), t, bias=bias, accuracy=accuracy))
            values = (found.current, *found.potential([-0.0, 0.0]))
            print(f"{name:15} modes, {accuracy:8.0e}  {seconds:6.3f}  {digits(values, wanted)}")
        assert max(laws(found).values()) < 1e-11
        other, seconds = timed(found.without_modes)
        print(f"{name:15} H function       {seconds:6.3f}  {digits((other.current, *other[2:4]), wanted)}")
        for nodes in (4, 8, 12):
            values, seconds = timed(partial(script, peak, bias, t, nodes))
            print(f"{name:15} script, {nodes:2} nodes {seconds:6.3f}  {digits(values, wanted)}")
    for text, function in {
        "bias of a given current": lambda: solve((0.64, WIDTH), 0.3, current=0.02),
        "spots": lambda: exact.spots(),
        "five levels of width 1e-3": lambda: solve(resonances(np.arange(0.6, 1.6, 0.2), [1e-3] * 5), 0.1, bias=0.2),
        "k_BT = 0.01 μ0": lambda: solve((1.2, WIDTH), 0.01, bias=0.05),
    }.items():
        print(f"{text:32} {timed(function)[1]:6.3f}")


if __name__ == "__main__":
    main()
