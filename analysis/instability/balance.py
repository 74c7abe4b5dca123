"""The limit cycle without noise, by two roads that do not step in time: averaging, and balance of all harmonics.

A periodic motion u = Re Σ_k a_k e^{-ikωt} makes a periodic force F_anh = Re Σ_k F_k e^{-ikωt}, and the equation of
motion demands of every harmonic (D⁻¹ = ω² - K - Π)

    D⁻¹(kω) a_k + F_k(a) = 0,        k = 0, 1, 2, ...

with the self-energies of all baths, memory included, in the continuum or on the grid. Averaging (N. M. Krylov and N. N.
Bogoliubov; A. H. Nayfeh and D. T. Mook, Nonlinear Oscillations (1979), 2.3) keeps one harmonic in the shape x of the
growing mode, a_1 = A x. With yᵀ ∂D⁻¹/∂z x = 2z,

    ω = z(A) = z - y·F_1(A x)/(2zA),     the cycle is where Im z(A) = 0

For quartic potentials F_1 is of third order: z(A) = z + gA², so A² = -Im z/Im g: amplitude ∝ √(distance above the
threshold), frequency shift Re g A². On-site terms V = ¼Σβ_k u_k⁴ have F_1,k = -¾β_k|a_k|²a_k and
g = (3/8z) Σ_k β_k y_k |x_k|² x_k. Good to first order in A², as is the real frequency for z. Cubic potentials act on A²
through other harmonics, which averaging does not see and the balance does.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, root

from sgle.analysis.instability.mode import Mode, fastest_mode
from sgle.errors import ForceError, InputError, PhysicsError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.response import Response

Array = np.ndarray
PHASES = 16  # moments of a cycle, times the highest harmonic
RUNG = 1.25
SMALLEST, LARGEST = 1e-4, 1e8  # amplitudes that are tried, in units of |z|^{-1/2}


class NoCycleError(PhysicsError):
    """No limit cycle is found: nothing grows, nothing saturates it, or the harmonics cannot be balanced."""


@dataclass(frozen=True, eq=False)
class Cycle:
    """frequency : ω [eV/ħ].    harmonics : (H + 1, N) complex a_k, u = Re Σ a_k e^{-ikωt} [ħ/√eV]; a_0 real.

    heat : {bath: mean heat current into it}, sum zero.    rest : largest harmonic of F_anh that is left out, relative
    to F_1.    mode : the growing one.
    """

    frequency: float
    harmonics: Array
    heat: dict[str, float]
    rest: float
    mode: Mode

    @property
    def amplitude(self) -> float:
        """|X| of the first harmonic seen as the growing mode at its real frequency."""
        a, speed = self.harmonics[1], -1j * self._speed * self.harmonics[1]
        mode = self.mode.steady
        conjugate = np.abs(mode.amplitude(np.conj(a), np.conj(speed))) / 2
        return float(np.hypot(np.abs(mode.amplitude(a, speed)) / 2, conjugate))

    @property
    def _speed(self) -> float:
        step = self.mode.time_step
        return self.frequency if step is None else float(np.sin(self.frequency * step) / step)

    def at(self, phase: Array) -> Array:
        """u at phases ωt, (..., N)."""
        turn = np.exp(-1j * np.multiply.outer(phase, np.arange(len(self.harmonics))))
        return (turn @ self.harmonics).real


def effective_frequency(junction: Junction, mode: Mode, amplitude: float) -> complex:
    """z(A) = z - y·F_1(A x)/(2zA), averaged over a cycle of the mode at amplitude A; |x| = 1."""
    first = _force_harmonics(junction, amplitude * np.array([0 * mode.right, mode.right]))[1]
    return complex(mode.z - mode.left @ first / (2 * mode.z * amplitude))


def averaged_cycle(junction: Junction, grid: Grid | None = None) -> tuple[float, float]:
    """Amplitude A and frequency of the cycle by averaging: the smallest A with Im z(A) = 0.

    Raises : NoCycleError if the mode does not grow (growth_rate) or does not saturate, InputError without a force.
    """
    mode = _oscillating(junction, grid)
    scale = abs(mode.z) ** -0.5
    low = SMALLEST * scale
    while low < LARGEST * scale:
        high = RUNG * low
        above = _growth(junction, mode, high)
        if not np.isfinite(above):
            break
        if above <= 0:
            found = brentq(lambda a: effective_frequency(junction, mode, a).imag, low, high, rtol=1e-12)
            return float(found), effective_frequency(junction, mode, found).real
        low = high
    raise NoCycleError(
        f"the anharmonic force does not stop the growth of the mode z = {mode.z:.6g} up to an amplitude of {low:.3g}, "
        "as far as one mode describes the motion",
        amplitude=low,
    )


def _growth(junction: Junction, mode: Mode, amplitude: float) -> float:
    """Im z(A), NaN where the force does not reach."""
    try:
        with np.errstate(all="ignore"):
            return effective_frequency(junction, mode, amplitude).imag
    except ForceError:
        return np.nan


def harmonic_balance(junction: Junction, grid: Grid | None = None, harmonics: int = 3) -> Cycle:
    """The cycle that the averaged one is near to, with all harmonics up to `harmonics`; stable or not is not asked.

    Raises : NoCycleError, also if the equations are not solved to 1e-9; InputError without a force, or if the highest
    harmonic lies beyond the Nyquist frequency of the grid.
    """
    mode, response = _oscillating(junction, grid), Response(junction.harmonic, grid)
    amplitude, frequency = averaged_cycle(junction, grid)
    if harmonics < 1 or harmonics * frequency >= response.limit:
        raise InputError(f"{harmonics} harmonics of {frequency:.4g} must lie below {response.limit:.4g}")
    shape = _Unknowns(junction.size, harmonics, amplitude, mode.right)
    start = np.zeros((harmonics + 1, junction.size), complex)
    start[1] = mode.right

    def equations(packed: Array) -> Array:
        omega, a = shape.unpack(packed)
        balance = np.einsum("kij,kj->ki", _inverse(response, omega, harmonics), a) + _force_harmonics(junction, a)
        return shape.residual(balance, a)

    found = root(equations, shape.pack(frequency, start), tol=1e-13)
    left = float(np.abs(equations(found.x)).max())
    if not left < 1e-9 * abs(mode.z) ** 2:
        raise NoCycleError(
            f"the harmonics do not balance: {left:.2e} is left. Far above the threshold the cycle has another shape "
            "than the growing mode: come nearer to the threshold, or take more harmonics",
            residual=left,
        )
    omega, a = shape.unpack(found.x)
    force = np.abs(_force_harmonics(junction, a, 2 * harmonics + 1)).max(axis=1)
    heat = _heat(response, omega, a)
    return Cycle(omega, a, heat, float(force[harmonics + 1 :].max() / force[1]), mode)


class _Unknowns:
    """ω, a_0, Re and Im of a_1 ... a_H, in units of the averaged amplitude, as one real vector; Im x†a_1 = 0."""

    def __init__(self, size: int, harmonics: int, amplitude: float, right: Array) -> None:
        self.size, self.harmonics, self.amplitude, self.right = size, harmonics, amplitude, right

    def pack(self, omega: float, a: Array) -> Array:
        """From ω and a/amplitude."""
        return np.concatenate([[omega], a[0].real, a[1:].real.ravel(), a[1:].imag.ravel()])

    def unpack(self, packed: Array) -> tuple[float, Array]:
        """ω and a."""
        real, imaginary = np.split(packed[1 + self.size :], 2)
        rest = (real + 1j * imaginary).reshape(self.harmonics, self.size)
        return float(packed[0]), self.amplitude * np.concatenate([packed[None, 1 : 1 + self.size], rest])

    def residual(self, balance: Array, a: Array) -> Array:
        """The equations, and the phase, as one real vector."""
        phase = np.imag(np.conj(self.right) @ a[1]) / self.amplitude
        return np.append(self.pack(0.0, balance / self.amplitude)[1:], phase)


def _oscillating(junction: Junction, grid: Grid | None) -> Mode:
    """The growing mode of a junction with a force that may stop it."""
    if junction.anharmonic is None:
        raise InputError("the junction is harmonic: nothing stops its growth, there is no limit cycle")
    mode = fastest_mode(junction, grid)
    if mode.z.imag <= 0 or mode.overdamped:
        raise NoCycleError(
            f"no mode grows while it oscillates: z = {mode.z:.6g}. Raise the bias beyond the critical one",
            growth_rate=mode.z.imag,
        )
    return mode


def _inverse(response: Response, omega: float, harmonics: int) -> Array:
    """D⁻¹(kω), (H + 1, N, N)."""
    return response.inverse(omega * np.arange(harmonics + 1))


def _force_harmonics(junction: Junction, a: Array, highest: int | None = None) -> Array:
    """F_k of F_anh(Re Σ a_k e^{-ikθ}) = Re Σ F_k e^{-ikθ}, (highest + 1, N); by default as many as a has."""
    highest = len(a) - 1 if highest is None else highest
    phase = 2 * np.pi * np.arange(PHASES * highest) / (PHASES * highest)
    turn = np.exp(-1j * np.multiply.outer(phase, np.arange(max(len(a), highest + 1))))
    assert junction.anharmonic is not None
    force, _ = junction.anharmonic((turn[:, : len(a)] @ a).real)
    found = 2 * np.conj(turn[:, : highest + 1]).T @ force / len(phase)
    found[0] /= 2
    return found


def _heat(response: Response, omega: float, a: Array) -> dict[str, float]:
    """Mean of v·(force on the bath) = -½ Σ_k s_k Im(a_k† Π_α(kω) a_k) for each bath."""
    places = omega * np.arange(len(a))
    speed, found = response.velocity(places), {}
    for name, pi in response.self_energies(places).items():
        part = a[:, list(response.junction.baths[name].dofs)]
        found[name] = float(-0.5 * np.sum(speed * np.einsum("ki,kij,kj->k", np.conj(part), pi, part).imag))
    return found
