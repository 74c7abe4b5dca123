"""The time grid: taps of every bath and the exact spectra they have on the grid (physics.md 7).

On the grid t_n = nΔt the motion is exactly that of frequency-domain functions

    ω² → (2/Δt²)(1 - cos ωΔt),   v = -i sin(ωΔt)/Δt u,   Π_d(ω) = [Σ c_k e^{iωkΔt}](-i sin(ωΔt)/Δt) + Σ d_k e^{iωkΔt}

and the noise follows from the same taps as the friction, so that fluctuation and dissipation balance on the grid.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np

from sgle.anharmonic.contract import Anharmonic
from sgle.bath import Bath
from sgle.embedding import Embedding, fit
from sgle.errors import GridError, KernelWarning, SgleWarning, StepError, StepWarning
from sgle.fft import LagSum
from sgle.junction import Junction
from sgle.noise import NoiseFilter, design_filter

Array = np.ndarray
MEMORIES = ("convolution", "local", "auxiliary")
DECAYED = 1e-14
PATIENCE = 4  # times max_taps within which a kernel that ends by itself is kept whole
DOUBTFUL_STEP, DOUBTFUL_KERNEL, DOUBTFUL_DISTANCE = 0.6, 1e-3, 1e-2


def parzen(length: int) -> Array:
    """Parzen lag window at lags 0..length-1: its Fourier transform is ≥ 0, so that friction stays ≥ 0 exactly."""
    x = np.arange(length) / length
    return np.where(x <= 0.5, 1 - 6 * x**2 * (1 - x), 2 * (1 - x) ** 3)


def _require_positive(name: str, value: float) -> None:
    if not (isinstance(value, int | float | np.number) and np.isfinite(value) and value > 0):
        raise GridError(f"{name} {value!r} must be positive and finite", **{name.replace(" ", "_"): value})


@dataclass(frozen=True)
class Grid:
    """Time step and what of the memory is kept.

    time_step : Δt [ħ/eV].    memory : "convolution" (exact), "local" (Markov), "auxiliary" (a few damped variables,
    sgle.embedding), or {bath: kind}.    memory_error : what their self-energy may be off by, in units of max |Γ|.
    memory_time : longest lag kept; by default until the kernel has decayed to 1e-14, at most four times `max_taps`
    steps. A kernel that has not decayed by then (or by memory_time) is cut at `max_taps` and multiplied by a Parzen
    window, which is part of the grid model in both domains.
    realised : the noise spectrum is the one the truncated noise filter really produces (what a sample must agree with).
    """

    time_step: float
    memory: str | Mapping[str, str] | tuple[tuple[str, str], ...] = "convolution"
    memory_time: float | None = None
    max_taps: int = 4096
    realised: bool = False
    memory_error: float = 1e-3

    def __post_init__(self) -> None:
        _require_positive("time step", self.time_step)
        _require_positive("memory time", 1.0 if self.memory_time is None else self.memory_time)
        _require_positive("max_taps", self.max_taps - 1)
        _require_positive("memory_error", self.memory_error)
        if self.memory_error >= 1:
            raise GridError(f"memory_error {self.memory_error:g} must be below 1", memory_error=self.memory_error)
        if isinstance(self.memory, Mapping):  # a frozen grid is a key of the cache of models
            object.__setattr__(self, "memory", tuple(sorted(self.memory.items())))
        try:
            kinds = [self.memory] if isinstance(self.memory, str) else list(dict(self.memory).values())
        except (TypeError, ValueError):
            raise GridError(f"memory {self.memory!r} must be a kind or {{bath: kind}}", memory=self.memory) from None
        for kind in kinds:
            if kind not in MEMORIES:
                raise GridError(f"unknown memory {kind!r}; known: {', '.join(MEMORIES)}", memory=kind)

    @property
    def nyquist(self) -> float:
        """π/Δt."""
        return np.pi / self.time_step

    def realise(self) -> "Grid":
        """The same grid with the noise as its truncated filter produces it."""
        return replace(self, realised=True)

    def memory_of(self, name: str) -> str:
        """Kind of memory of the bath of this name."""
        return self.memory if isinstance(self.memory, str) else dict(self.memory).get(name, "convolution")

    def inertia(self, omega: Array) -> Array:
        """(2/Δt²)(1 - cos ωΔt), what stands for ω²."""
        return (2 * np.sin(omega * self.time_step / 2) / self.time_step) ** 2

    def velocity(self, omega: Array) -> Array:
        """sin(ωΔt)/Δt, what stands for ω in the velocity v_n = (u_{n+1} - u_{n-1})/2Δt."""
        return np.sin(omega * self.time_step) / self.time_step

    def model(self, junction: Junction) -> "GridModel":
        """The junction on this grid. Raises GridError, StepError; cached for the last junctions asked for."""
        return _model(replace(self, realised=False), junction)


@dataclass(frozen=True, eq=False)
class GridBath:
    """A bath on the grid.

    velocity_taps c_k : (K_v, n, n), multiply v_{n-k}; position_taps d_k : (K_d, n, n), multiply u_{n-k}; the trapezoid
    half at k = 0, Berry and local friction are in them. strength_taps : per channel, at lags k ≥ 0, for the noise.
    windowed : a Parzen window ends the kernel, which by then still has `rest` of its first value.
    embedding : the auxiliary variables that stand for the memory; velocity and position taps are then the first ones
    of the endless sequences they make, strength taps those of the bath itself.
    """

    bath: Bath
    grid: Grid
    velocity_taps: Array
    position_taps: Array
    strength_taps: tuple[Array, ...]
    windowed: bool
    rest: float = 0.0
    embedding: Embedding | None = None

    @property
    def dofs(self) -> tuple[int, ...]:
        """Dofs the bath acts on."""
        return self.bath.dofs

    def self_energy(self, omega: Array) -> Array:
        """Π_d(ω) with the static part, (n_w, n, n)."""
        phase = omega * self.grid.time_step
        speed = -1j * self.grid.velocity(omega)[:, None, None]
        if self.embedding is not None:
            friction, force = self.embedding.sums(phase)
            return speed * friction + force + self.bath.static
        velocity, position, _ = self._sums
        value = speed * velocity(phase)
        if len(self.position_taps):
            value = value + position(phase)
        return value + self.bath.static

    @cached_property
    def _sums(self) -> tuple[LagSum, LagSum, list[tuple[LagSum, LagSum | None]]]:
        """Sums over the lags of velocity, position and strength taps (real and imaginary part), prepared once."""
        strengths = [
            (LagSum(taps.real), LagSum(taps.imag) if np.iscomplexobj(taps) else None) for taps in self.strength_taps
        ]
        return LagSum(self.velocity_taps), LagSum(self.position_taps), strengths

    def broadening(self, omega: Array) -> Array:
        """Γ_d = i(Π_d - Π_d†)."""
        pi = self.self_energy(omega)
        return 1j * (pi - np.conj(np.swapaxes(pi, -1, -2)))

    def noise(self, omega: Array) -> Array:
        """S_d(ω) = sin(ωΔt)/ωΔt Σ_c h_c(ω) s_c,d(ω): ½coth(ω/2T) Γ_d at equilibrium, Hermitian ≥ 0, |ω| ≤ π/Δt."""
        scale = np.sinc(omega * self.grid.time_step / np.pi)
        total = np.zeros((omega.size, self.bath.size, self.bath.size), complex)
        for channel, strength in zip(self.bath.channels, self._strengths(omega), strict=True):
            total += (scale * channel.noise_weight(omega, self.bath.noise_kind))[:, None, None] * strength
        return total

    def _strengths(self, omega: Array) -> list[Array]:
        """s_c,d(ω) = Δt Σ_k W_k g_c(kΔt) e^{iωkΔt} over lags of both signs, per channel."""
        phase = omega * self.grid.time_step
        found = []
        for real, imaginary in self._sums[2]:
            forward = real(phase) if imaginary is None else real(phase) + 1j * imaginary(phase)
            # g(-t) = g(t)† for a Hermitian strength, whether it is even in ω or not.
            found.append(forward + np.conj(np.swapaxes(forward, -1, -2)))
        return found

    @cached_property
    def noise_filter(self) -> NoiseFilter:
        """The filter that colours white noise into S_d; made once."""
        return design_filter(self.noise, self.grid.time_step, shortest=2 * len(self.velocity_taps))

    def realised_noise(self, omega: Array) -> Array:
        """The spectrum that the truncated filter really produces."""
        return self.noise_filter.spectrum(omega)


@dataclass(frozen=True, eq=False)
class GridModel:
    """A junction on a grid: everything the time stepping needs, and what its exact spectra are made of."""

    junction: Junction
    grid: Grid
    stiffness: Array
    baths: Mapping[str, GridBath]

    @property
    def time_step(self) -> float:
        """Δt."""
        return self.grid.time_step

    @property
    def size(self) -> int:
        """Number of dofs N."""
        return self.junction.size

    @property
    def anharmonic(self) -> Anharmonic | None:
        """What pushes the trajectories beyond K, if anything."""
        return self.junction.anharmonic

    def doubts(self) -> list[tuple[type[SgleWarning], str]]:
        """What is doubtful about this grid, with numbers and a way out: step, truncated kernels, noise filters."""
        turn = self.time_step * fastest_frequency(self.stiffness)
        found: list[tuple[type[SgleWarning], str]] = []
        if turn > DOUBTFUL_STEP:
            moved = f"Δt·ω_max = {turn:.3g} moves the fastest mode by about {turn**2 / 24:.1%} in frequency"
            found.append((StepWarning, f"doubtful time step: {moved}; {0.3 / turn:.2f} times the step by 0.4%"))
        for name, bath in self.baths.items():
            if bath.rest > DOUBTFUL_KERNEL:
                place = f"kernel is cut at step {len(bath.velocity_taps)}"
                cut = f"{place}, where it still has {bath.rest:.1e} of its first value"
                found.append(
                    (KernelWarning, f"bath {name!r}: {cut}; the window broadens its spectrum; raise memory_time")
                )
            if bath.bath.residual > DOUBTFUL_DISTANCE:
                off = f"its self-energy is off that of the electronic structure by {bath.bath.residual:.1%} of |Γ|"
                found.append((KernelWarning, f"bath {name!r}: {off} inside the vibrational band; raise its cutoff"))
            if bath.noise_filter.distance > DOUBTFUL_DISTANCE:
                off = f"noise is off its spectrum by {bath.noise_filter.distance:.1%} of the maximum"
                kink = bath.bath.noise_kind == "normal"
                way = "noise without zero point has a kink at ω = 0, which only slow motion feels"
                way = way if kink else "take a smoother cutoff"
                found.append((KernelWarning, f"bath {name!r}: {off}, as the grid answer is; {way}"))
        return found


@lru_cache(maxsize=16)
def _model(grid: Grid, junction: Junction) -> GridModel:
    unknown = set() if isinstance(grid.memory, str) else set(dict(grid.memory)) - set(junction.baths)
    if unknown:
        raise GridError(f"memory given for {sorted(unknown)}; the baths are {sorted(junction.baths)}", unknown=unknown)
    stiffness = junction.dynamical_matrix.copy()
    for bath in junction.baths.values():
        stiffness[np.ix_(bath.dofs, bath.dofs)] += bath.static
    _require_step(grid, stiffness)
    baths = {name: sample(bath, grid, grid.memory_of(name), name) for name, bath in junction.baths.items()}
    return GridModel(junction, grid, stiffness, MappingProxyType(baths))


def fastest_frequency(stiffness: Array) -> float:
    """ω_max, the root of the largest eigenvalue of the stiffness; 0 if none is positive."""
    return float(np.sqrt(max(np.linalg.eigvalsh((stiffness + stiffness.T) / 2)[-1], 0.0)))


def _require_step(grid: Grid, stiffness: Array) -> None:
    fastest = fastest_frequency(stiffness)
    if grid.time_step * fastest >= 2:
        raise StepError(
            f"time step {grid.time_step:.6g} is too large: Δt·ω_max = {grid.time_step * fastest:.3g} must be below 2 "
            f"(ω_max = {fastest:.6g}); {0.2 / fastest:.3g} gives a time-step error of a few per mille",
            time_step=grid.time_step,
            fastest=fastest,
        )


def sample(bath: Bath, grid: Grid, memory: str = "convolution", name: str = "") -> GridBath:
    """Taps of a bath on the grid. Raises GridError if its spectrum reaches beyond the Nyquist frequency π/Δt."""
    dt = grid.time_step
    if memory == "local":
        constant, friction, berry = bath.markov()
        strengths = tuple(c.strength(np.zeros(1)) / 2 for c in bath.channels)
        position = constant[None] if np.any(constant) else constant[None][:0]
        return GridBath(bath, grid, (friction + berry)[None], position, strengths, windowed=False)
    _require_resolved(bath, grid, name)
    length, rest = _length(bath, grid)
    windowed = rest > 0
    weight = dt * (parzen(length) if windowed else np.ones(length))
    weight[0] /= 2

    def taps(kernel: Callable[[Array], Array]) -> Array:
        return weight[:, None, None] * kernel(dt * np.arange(length))

    velocity = taps(bath.friction_kernel)
    if bath.berry is not None:
        velocity[0] += bath.berry
    position = np.zeros((0, bath.size, bath.size)) if bath.antisymmetric is None else taps(bath.displacement_kernel)
    embedding = None
    if memory == "auxiliary":
        embedding = fit(velocity, position, dt, grid.memory_error)
        velocity, position = embedding.taps(length)
    return GridBath(bath, grid, velocity, position, _strength_taps(bath, taps), windowed, rest, embedding)


def _strength_taps(bath: Bath, taps: Callable[[Callable[[Array], Array]], Array]) -> tuple[Array, ...]:
    """Kernels of the channels' strengths; channels that share a shape share the evaluation."""
    found: dict[int, Array] = {}
    result = []
    for channel in bath.channels:
        key = id(channel.strength)
        if key not in found:
            found[key] = taps(channel.strength.kernel)
        result.append(found[key])
    return tuple(result)


def _require_resolved(bath: Bath, grid: Grid, name: str) -> None:
    highest = bath.friction_spectrum.shape.bandwidth
    if highest > grid.nyquist:
        raise GridError(
            f"bath {name!r} ({bath.kind}): cutoff {highest:.6g} lies above the Nyquist frequency π/Δt = "
            f"{grid.nyquist:.6g}. Take a time step below {np.pi / highest:.3g} (a third of it is comfortable), a "
            "lower cutoff, or memory 'local'.",
            cutoff=highest,
            nyquist=grid.nyquist,
        )


def _length(bath: Bath, grid: Grid) -> tuple[int, float]:
    """Number of taps, and what part of its first value the kernel still has by then if it has not decayed, else 0."""
    longest = grid.max_taps if grid.memory_time is None else max(2, round(grid.memory_time / grid.time_step))
    size = _decay(bath, grid.time_step * np.arange(longest))
    if grid.memory_time is None and size[-1] > DECAYED and _ended(bath, grid.time_step, PATIENCE * longest):
        longest *= PATIENCE
        size = _decay(bath, grid.time_step * np.arange(longest))
    alive = np.flatnonzero(size > DECAYED * size[0])
    length = max(2, int(alive[-1]) + 2) if len(alive) else 2
    # A kernel may pass through zero just there: the last eighth speaks for its size.
    return (length, 0.0) if length <= longest else (longest, float(size[-max(1, longest // 8) :].max() / size[0]))


def _ended(bath: Bath, time_step: float, lag: int) -> bool:
    """Whether the kernels have decayed by that lag: an exponential end, which a window need not make."""
    return bool(_decay(bath, time_step * np.append(0.0, np.arange(lag - 8, lag)))[1:].max() < DECAYED)


def _decay(bath: Bath, t: Array) -> Array:
    """The largest element of a bath's kernels at each lag, in units of its first value."""
    spectra = [bath.friction_spectrum, bath.antisymmetric, *(channel.strength for channel in bath.channels)]
    of_shape = {id(spectrum.shape): spectrum for spectrum in reversed(spectra) if spectrum is not None}
    sizes = [np.abs(spectrum.kernel(t)).max(axis=(1, 2)) for spectrum in of_shape.values()]
    return np.max([size / size[0] for size in sizes if size[0] > 0] or [np.zeros(t.size)], axis=0)
