"""Is there a steady state? Winding number of det D⁻¹ and approximate eigenfrequencies (physics.md 6)."""

from bisect import bisect
from dataclasses import replace
from functools import lru_cache

import numpy as np

from sgle.errors import UnstableError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.response import Response, in_pieces

Array = np.ndarray
PHASE_STEP = 0.6
MAX_ROUNDS = 60


@lru_cache(maxsize=64)
def _resonances(junction: Junction, grid: Grid | None) -> Array:
    response = Response(junction, grid)
    stiffness = junction.dynamical_matrix.copy()
    for bath in junction.baths.values():
        stiffness[np.ix_(bath.dofs, bath.dofs)] += bath.static
    squares, vectors = np.linalg.eigh(stiffness)
    modes = vectors.T.astype(complex)
    z = np.sqrt(squares.astype(complex))
    highest = 0.999 * response.limit
    # An eigenproblem per mode and round: large junctions leave more to the crossings.
    for _ in range(int(np.clip(20_000 // response.size**2, 2, 8))):
        omega = np.clip(np.abs(z.real), 1e-9 * np.abs(z).max(), highest)
        effective = response.inertia(omega)[:, None, None] * np.eye(response.size) - response.inverse(omega)
        values, right = np.linalg.eig(effective)
        overlap = np.abs(np.einsum("ki,kij->kj", np.conj(modes), right))
        chosen = np.argmax(overlap, axis=1)
        rows = np.arange(len(z))
        modes, z = right[rows, :, chosen], _frequency(values[rows, chosen], grid)
    return _merged(z, _crossings(response))


def _crossings(response: Response, points: int = 96, steps: int = 4) -> Array:
    """Every z whose real part meets its frequency: sign changes of Re√λ_j(ω) - ω on a grid, closed in on by secants.

    λ_j(ω) are the eigenvalues of K + Π(ω) in the order of their real parts, which keeps each branch continuous. This
    finds the modes that following eigenvectors loses where they mix.
    """
    scale = np.sqrt(np.abs(np.linalg.eigvals(-response.inverse(np.zeros(1))[0])).max())
    omega = np.linspace(0, min(1.5 * scale, 0.999 * response.limit), points + 1)[1:]
    above = _branches(response, omega).real - omega[:, None]
    at, branch = np.nonzero(np.diff(np.sign(above), axis=0))
    low, high = omega[at], omega[at + 1]
    at_low, at_high = above[at, branch], above[at + 1, branch]
    z, place = np.zeros(at.size, complex), low
    for _ in range(steps):
        # Kept off the ends, so that the interval shrinks from both sides.
        share = np.clip(at_low / (at_low - at_high), 0.05, 0.95)
        place = low + share * (high - low)
        z = _branches(response, place)[np.arange(at.size), branch]
        left = np.sign(z.real - place) == np.sign(at_low)
        low, high = np.where(left, place, low), np.where(left, high, place)
        at_low, at_high = np.where(left, z.real - place, at_low), np.where(left, at_high, z.real - place)
    # At a band edge a branch crosses without being a mode: Π has a square root there.
    distance = np.abs(place[:, None] - np.array([*response.edges(), np.inf])).min(axis=1)
    return z[distance > 1e-4 * scale]


def _branches(response: Response, omega: Array) -> Array:
    """Frequencies √λ_j(ω), (n_w, N), in the order of Re λ."""

    def eigenvalues(some: Array) -> Array:
        effective = response.inertia(some)[:, None, None] * np.eye(response.size) - response.inverse(some)
        return np.linalg.eigvals(effective)

    values = in_pieces(eigenvalues, omega, response.size)
    return _frequency(np.take_along_axis(values, np.argsort(values.real, axis=1), axis=1), response.grid)


def _merged(z: Array, more: Array) -> Array:
    """z without repetitions, and those of `more` that are not among them. Nearer than a third of their widths
    two of them are one: nothing that is done with them could tell.
    """
    found: list[complex] = []
    for candidate in [complex(value) for value in (*z, *more)]:
        width = abs(candidate.imag) + 1e-12 * abs(candidate)
        if not any(abs(candidate - other) < 0.3 * min(width, abs(other.imag) + 1e-12 * abs(other)) for other in found):
            found.append(candidate)
    return np.array(sorted(found, key=lambda value: value.real))


def _frequency(square: Array, grid: Grid | None) -> Array:
    """z with Re z ≥ 0 whose inertia is `square`."""
    root = np.sqrt(square.astype(complex))
    return root if grid is None else 2 / grid.time_step * np.arcsin(root * grid.time_step / 2)


def resonances(junction: Junction, grid: Grid | None = None) -> Array:
    """Approximate eigenfrequencies z (Re z ≥ 0, motion e^{-izt}, Im z < 0 decays), ascending, each once.

    Each solves z² = λ of K + Π(Re z): good where damping is weak compared with the variation of Π. They set
    break points of integrals and burn-in times, never a verdict on stability: that is the winding number's.
    """
    return _resonances(junction, _unrealised(grid)).copy()


def _unrealised(grid: Grid | None) -> Grid | None:
    """The grid as far as the motion is concerned: its noise does not matter."""
    return None if grid is None else replace(grid, realised=False)


def marks(junction: Junction, grid: Grid | None = None, tables: bool = True) -> Array:
    """Frequencies from 0 to a finite end, crowding around every resonance: where to break an integral.

    tables : break at the points of tables too, where straight lines meet; an integral to 1e-4 can do without.
    """
    response = Response(junction, grid)
    z = resonances(junction, grid)
    centre, width = np.abs(z.real), np.maximum(np.abs(z.imag), 1e-9 * np.abs(z).max())
    ladder = np.concatenate([-(3.0 ** np.arange(8, -2, -1)), [0.0], 3.0 ** np.arange(-1, 9)])
    crowd = (centre[:, None] + width[:, None] * ladder).ravel()
    scale = (width[:, None] * np.maximum(np.abs(ladder), 1)).ravel()
    bandwidths = [bath.friction_spectrum.shape.bandwidth for bath in junction.baths.values()]
    top = min(4 * max(centre.max(), 0.5 * max(bandwidths, default=0.0)) + 20 * width.max(), response.limit)
    edges = np.array(response.edges())
    # Nearer than this to a band edge, or to zero with a free translation, D is made of rounding errors alone.
    clear = np.abs(crowd[:, None] - np.append(edges, 0.0)).min(axis=1) > 1e-6 * np.abs(z).max()
    kinks = response.kinks() if tables else np.zeros(0)
    # Where the points of a table lie closer than a resonance is wide at a place, they break the integral well enough.
    clear &= _spacing(kinks, crowd) > scale
    crowd = _thinned(crowd[clear], scale[clear])
    found = np.concatenate([[0.0], crowd, edges, kinks, np.linspace(0, top, 33)])
    found = np.unique(found[(found >= 0) & (found <= top)])
    return found[np.concatenate([[True], np.diff(found) > 1e-12 * top])]


def _spacing(points: Array, omega: Array) -> Array:
    """Length of the interval between points, ascending, in which each ω lies; infinite outside them."""
    gaps = np.concatenate([[np.inf], np.diff(points), [np.inf]])
    return gaps[np.searchsorted(points, omega)] if len(points) else np.full(omega.shape, np.inf)


def _thinned(points: Array, scale: Array) -> Array:
    """Points no nearer to each other than half of what varies there; of many modes in one place few marks remain."""
    kept: list[float] = []
    for place, size in sorted(zip(points, scale, strict=True), key=lambda pair: pair[1]):
        i = bisect(kept, place)
        if min(place - kept[i - 1] if i else np.inf, kept[i] - place if i < len(kept) else np.inf) > size / 2:
            kept.insert(i, float(place))
    return np.array(kept)


def _phases(response: Response, omega: Array) -> Array:
    return np.angle(in_pieces(lambda some: np.linalg.slogdet(response.inverse(some))[0], omega, response.size))


def _wrapped(difference: Array) -> Array:
    return (difference + np.pi) % (2 * np.pi) - np.pi


@lru_cache(maxsize=64)
def _unstable_roots(junction: Junction, grid: Grid | None) -> tuple[float, int]:
    """Roots of det D⁻¹ with Im z > 0 as counted by the phase (not yet rounded), and zero modes at ω = 0."""
    response = Response(junction, grid)
    scale = frequency_scale(response)
    zero_modes = _zero_modes(response, scale)
    omega = np.union1d(marks(junction, grid, tables=False), _turns(response))
    # Soft overdamped modes turn the phase at frequencies far below all others.
    soft = np.geomspace(1e-12 * scale, omega[1], 40)
    omega = np.concatenate([soft if zero_modes else np.append(0.0, soft), omega[2:]])
    if grid is None:
        omega = np.append(omega, omega[-1] * 2.0 ** np.arange(1, 12))
    phase = _phases(response, omega)
    for _ in range(MAX_ROUNDS):
        step = _wrapped(np.diff(phase))
        coarse = np.flatnonzero((np.abs(step) > PHASE_STEP) & (np.diff(omega) > 1e-14 * omega[1:]))
        if len(coarse) == 0:
            break
        new = (omega[coarse] + omega[coarse + 1]) / 2
        omega = np.insert(omega, coarse + 1, new)
        phase = np.insert(phase, coarse + 1, _phases(response, new))
    _require_no_real_root(step, omega)
    # Beyond the last point the phase goes to that of a positive number, on the grid it is there exactly.
    turned = step.sum() - phase[-1]
    return float(turned / np.pi + response.size - zero_modes / 2), zero_modes


def _turns(response: Response) -> Array:
    """Frequencies between which all modes together turn the phase by less than half a turn, however degenerate."""
    z = resonances(response.junction, response.grid)
    angles = np.linspace(-np.pi / 2, np.pi / 2, 32 + 2 * response.size)[1:-1]
    centre, width = np.abs(z.real), np.maximum(np.abs(z.imag), 1e-12 * np.abs(z).max())
    omega = np.sort((centre[:, None] + width[:, None] * np.tan(angles)).ravel())
    omega = omega[(omega > 0) & (omega < min(2 * np.abs(z).max(), response.limit))]
    # Where many modes overlap their points are too many: keep one each time that all together turn by half a radian.
    turned = np.zeros(omega.size)
    for c, w in zip(centre, width, strict=True):
        turned += np.arctan((omega - c) / w)
    return omega[np.diff(np.floor(2 * turned), prepend=-np.inf) > 0]


def _require_no_real_root(step: Array, omega: Array) -> None:
    worst = int(np.argmax(np.abs(step)))
    if abs(step[worst]) > 2.0:
        raise UnstableError(
            f"undamped mode at ω = {omega[worst]:.9g}: det D⁻¹ vanishes there within 1e-14 of the frequency, so no "
            "steady state exists. Every mode must reach a bath with broadening at its frequency: couple it, widen a "
            "bath's band, or leave the dof out.",
            omega=float(omega[worst]),
            count=0,
        )


def frequency_scale(response: Response) -> float:
    """A frequency typical of the junction: that of its fastest mode, or of its baths if all modes are free."""
    bandwidths = [bath.friction_spectrum.shape.bandwidth for bath in response.junction.baths.values()]
    return float(max(np.abs(resonances(response.junction, response.grid)).max(), 1e-3 * min(bandwidths, default=1.0)))


def _static(response: Response) -> Array:
    """Eigenvalues of K + Π(0)."""
    return np.linalg.eigvals(-response.inverse(np.zeros(1))[0])


def _zero_modes(response: Response, scale: float) -> int:
    """Number of modes without static stiffness (free translation): they have no place to return to, and do not grow."""
    return int(np.sum(np.abs(_static(response)) < 1e-11 * scale**2))


def zero_modes(junction: Junction) -> int:
    """Number of modes that nothing holds: free translations of a junction between one-dimensional leads."""
    response = Response(junction, None)
    return _zero_modes(response, frequency_scale(response))


def _static_instabilities(response: Response) -> int:
    """Roots on the positive imaginary axis: negative real eigenvalues of K + Π(0)."""
    static, limit = _static(response), 1e-11 * frequency_scale(response) ** 2
    return int(np.sum((static.real < -limit) & (np.abs(static.imag) < limit)))


def unstable_count(junction: Junction, grid: Grid | None = None) -> int:
    """Number of unstable modes: roots of det D⁻¹ in the upper half plane, each pair ±Re z counted once.

    By the argument principle on the real axis (continuum) or the unit circle e^{iωΔt} (grid), on a frequency grid
    refined until the phase of det D⁻¹ turns by less than 0.6 per interval. Raises UnstableError for an undamped mode
    on the axis or when the count is not an integer within 0.05.
    """
    roots, zero_modes = _unstable_roots(junction, _unrealised(grid))
    if abs(roots - round(roots)) > 0.05:
        raise UnstableError(
            f"stability cannot be decided: the winding number counts {roots:.3f} unstable roots, not an integer "
            f"({zero_modes} zero modes). A mode lies on the real axis or a bath's table is too coarse.",
            count=roots,
        )
    total = round(roots)
    static = _static_instabilities(Response(junction, grid))
    static = min(static, total) if (total - static) % 2 == 0 else total % 2
    return (total - static) // 2 + static


def require_stable(junction: Junction, grid: Grid | None = None) -> None:
    """Raise UnstableError, with the number of runaway modes, unless every mode decays."""
    count = unstable_count(junction, grid)
    if count == 0:
        return
    z = resonances(junction, grid)
    worst = z[np.argmax(z.imag)]
    where = "" if grid is None else f" on the grid with time step {grid.time_step:.6g}"
    # The count is certain, the frequency approximate: say it only if it shows the growth.
    place = f" Fastest growth near z = {worst.real:.6g}{worst.imag:+.3g}i." if worst.imag > 0 else ""
    raise UnstableError(
        f"the junction has {count} unstable mode{'s' * (count > 1)}{where} (bias {junction.bias:.6g}): amplitudes "
        f"grow without limit and no steady state exists.{place} Lower the bias, damp the mode, or switch the "
        "non-conservative force or the renormalisation off.",
        count=count,
        eigenfrequency=complex(worst),
        bias=junction.bias,
    )
