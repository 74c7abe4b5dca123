"""Is there a steady state? The winding number of det D⁻¹ counts the unstable roots (physics.md 6)."""

from functools import lru_cache

import numpy as np

from sgle.errors import UnstableError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.response import Response, in_pieces
from sgle.stability.resonances import marks, mode_scale, resonances, unrealised

Array = np.ndarray
PHASE_STEP = 0.6
MAX_ROUNDS = 60


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
    omega = np.union1d(_beside_edges(response, marks(junction, grid, tables=False)), _turns(response))
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


def _beside_edges(response: Response, omega: Array) -> Array:
    """These frequencies with two around each band edge in its place. An endless chain has det D⁻¹ = 0 on the edge, like
    a square root: the phase makes a quarter of a turn there, and on the edge itself it is rounding.
    """
    edges = np.array(response.edges())
    return np.concatenate([np.setdiff1d(omega, edges), edges * (1 - 2e-13), edges * (1 + 1e-13)])


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
    return mode_scale(response.junction, response.grid)


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


def toppling(response: Response) -> Array:
    """Where roots on the positive imaginary axis begin, i√-λ of the negative real eigenvalues λ of K + Π(0)."""
    static, limit = _static(response), 1e-11 * frequency_scale(response) ** 2
    return 1j * np.sqrt(-static.real[(static.real < -limit) & (np.abs(static.imag) < limit)])


def _still(response: Response, growing: int) -> int:
    """How many of the growing roots lie on the imaginary axis, z = iy: where real eigenvalues of K + Π(iy) + y² pass
    zero on the way up.

    One negative at y = 0 does so once. If Π is not symmetric two may meet and go on as a complex pair, or come from one
    (two unstable modes that a Berry force turns round each other): a pair grows as one mode, or not at all.
    """
    if growing < 2:
        return growing
    y = np.append(0.0, np.geomspace(1e-5, 3.0, 150) * frequency_scale(response))
    values = in_pieces(lambda some: np.linalg.eigvals(-response.inverse(some)), 1j * y, response.size)
    real = np.abs(values.imag) < 1e-9 * np.abs(values).max(axis=1, keepdims=True)
    up = np.diff(np.sum(real & (values.real > 0), axis=1))
    down = -np.diff(np.sum(real & (values.real < 0), axis=1))
    return int(np.sum(np.where(up * down > 0, np.minimum(np.abs(up), np.abs(down)), 0)))


def growing_roots(junction: Junction, grid: Grid | None = None) -> int:
    """Roots of det D⁻¹ in the upper half plane, z and -z* both. Raises UnstableError as `unstable_count` does."""
    roots, zero_modes = _unstable_roots(junction, unrealised(grid))
    if abs(roots - round(roots)) > 0.05:
        raise UnstableError(
            f"stability cannot be decided: the winding number counts {roots:.3f} unstable roots, not an integer "
            f"({zero_modes} zero modes). A mode lies on the real axis or a bath's table is too coarse.",
            count=roots,
        )
    return round(roots)


def unstable_count(junction: Junction, grid: Grid | None = None) -> int:
    """Number of unstable modes: roots of det D⁻¹ in the upper half plane, each pair ±Re z counted once.

    By the argument principle on the real axis (continuum) or the unit circle e^{iωΔt} (grid), on a frequency grid
    refined until the phase of det D⁻¹ turns by less than 0.6 per interval. Raises UnstableError for an undamped mode
    on the axis or when the count is not an integer within 0.05.
    """
    total = growing_roots(junction, grid)
    static = _still(Response(junction, grid), total)
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
