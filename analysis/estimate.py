"""Estimate: a sampled number with its error bar, and beside it the exact answers it has to meet."""

import math
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from sgle.analysis.autocorrelation import effective_samples, integrated_time
from sgle.errors import SgleError

BATCH_TIMES = 10.0  # a batch of a single trajectory is at least this many autocorrelation times long
MOST_BATCHES = 64


class TooFewSamplesError(SgleError):
    """Fewer than two independent pieces: there is a mean, but nobody knows its error."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """Sampled mean and standard error, scalar or array, all fields of one shape, in internal units.

    value, stderr : mean and its standard error.
    effective_samples : independent samples behind the mean, from the autocorrelation time.
    grid, continuum : exact answers for this time step and for Δt → 0; None where there is none.
    degrees : degrees of freedom of the standard error: independent pieces - 1 (Student's t).
    """

    value: Any
    stderr: Any
    effective_samples: Any
    grid: Any = None
    continuum: Any = None
    degrees: float = math.inf

    def __post_init__(self) -> None:
        shape = np.shape(self.value)
        for name in ("value", "stderr", "effective_samples", "grid", "continuum"):
            given = getattr(self, name)
            if given is None and name in ("grid", "continuum"):
                continue
            array = np.asarray(given, dtype=float)
            if array.shape != shape:
                raise SgleError(f"Estimate: {name} has shape {array.shape}, value has {shape}", field=name)
            object.__setattr__(self, name, array if shape else float(array))

    @classmethod
    def from_means(
        cls,
        means: np.ndarray,
        weights: np.ndarray | None = None,
        *,
        samples: Any = None,
        grid: Any = None,
        continuum: Any = None,
    ) -> Self:
        """Estimate from independent means, one per trajectory: their mean, std(ddof=1)/√R.

        means : (R, ...). weights : (R,) lengths of the trajectories, if they differ; the error is then that
            of the ratio estimate (Cochran, Sampling Techniques, eq. 2.39) and the degrees are (Σw)²/Σw² - 1.
        samples : (...) effective sample size; R if not given.
        Raises : TooFewSamplesError for fewer than two means.
        """
        means = np.asarray(means, dtype=float)
        share = np.ones(len(means)) if weights is None else np.asarray(weights, dtype=float)
        means, share = means[share > 0], share[share > 0]
        count = len(means)
        if count < 2:
            raise TooFewSamplesError(
                f"an error bar needs at least 2 independent means, there are {count}: "
                "run at least 2 trajectories, or one long enough to be cut into pieces",
                pieces=count,
            )
        share = share / share.sum()
        value = np.tensordot(share, means, axes=1)
        variance = np.tensordot(share**2, (means - value) ** 2, axes=1) * count / (count - 1)
        samples = np.full(value.shape, float(count)) if samples is None else samples
        return cls(value, np.sqrt(variance), samples, grid, continuum, 1.0 / float(share @ share) - 1.0)

    @classmethod
    def from_series(cls, series: np.ndarray, *, grid: Any = None, continuum: Any = None) -> Self:
        """Estimate from chunk averages of one or more independent trajectories.

        series : (n, R, ...) averages over equal consecutive times; NaN where a trajectory has ended.
        R >= 2: each trajectory's mean is one independent piece. R = 1: batch means, at least ten integrated
        autocorrelation times each.     Raises : TooFewSamplesError when that leaves fewer than two pieces.
        """
        series = np.asarray(series, dtype=float)
        samples = effective_samples(series)
        counts = np.isfinite(series).reshape(*series.shape[:2], -1).all(axis=2).sum(axis=0)
        if np.count_nonzero(counts) == 1:
            pieces = batch_means(series[: counts.max(), counts.argmax()])
            return cls.from_means(pieces, samples=samples, grid=grid, continuum=continuum)
        with np.errstate(invalid="ignore"):
            sums = np.nansum(series, axis=0)
        means = sums / np.maximum(counts, 1).reshape((-1,) + (1,) * (series.ndim - 2))
        return cls.from_means(means, counts, samples=samples, grid=grid, continuum=continuum)

    @property
    def z(self) -> Any:
        """(value - grid)/stderr; 0 where both the deviation and the error bar vanish, None without an
        answer.
        """
        if self.grid is None:
            return None
        deviation = np.asarray(self.value - self.grid)
        size = np.maximum(np.abs(self.value), np.abs(self.grid))
        exact = (np.asarray(self.stderr) == 0) & (np.abs(deviation) <= 1e-12 * size)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(exact, 0.0, deviation / self.stderr)
        return z if z.ndim else float(z)

    def __getitem__(self, key: Any) -> "Estimate":
        fields = ("value", "stderr", "effective_samples", "grid", "continuum")
        taken: dict[str, Any] = {
            name: None if getattr(self, name) is None else np.asarray(getattr(self, name))[key] for name in fields
        }
        return replace(self, **taken)

    def __len__(self) -> int:
        return len(self.value)

    def scaled(self, factor: float) -> "Estimate":
        """The same estimate in another unit: value, error and answers times factor."""

        def times(x: Any) -> Any:
            return None if x is None else x * factor

        return replace(
            self,
            value=times(self.value),
            stderr=self.stderr * abs(factor),
            grid=times(self.grid),
            continuum=times(self.continuum),
        )

    def __repr__(self) -> str:
        values, errors = np.ravel(self.value), np.ravel(self.stderr)
        texts = [with_error(v, e) for v, e in zip(values[:8], errors[:8], strict=True)]
        if np.ndim(self.value) == 0:
            return f"Estimate({texts[0]})"
        more = f", … {values.size} in all" if values.size > 8 else ""
        return f"Estimate([{', '.join(texts)}{more}])"


def batch_means(series: np.ndarray) -> np.ndarray:
    """Means of consecutive pieces of one trajectory, long against its autocorrelation time.

    series : (n, ...). Returns : (pieces, ...), at most 64; the first few samples are left out if n does not
        divide.
    Raises : TooFewSamplesError, with the autocorrelation time and the length, if fewer than two pieces fit.
    """
    time = max(1.0, float(np.max(integrated_time(series[:, None]))))
    length = max(math.ceil(BATCH_TIMES * time), len(series) // MOST_BATCHES)
    pieces = len(series) // length
    if pieces < 2:
        raise TooFewSamplesError(
            f"one trajectory of {len(series)} averages with an autocorrelation time of {time:.3g} of them gives "
            f"no error bar ({2 * length} needed): run it longer, or run several trajectories",
            autocorrelation_time=time,
            length=len(series),
            needed=2 * length,
        )
    kept = series[len(series) - pieces * length :]
    return kept.reshape(pieces, length, *series.shape[1:]).mean(axis=1)


def with_error(value: float, stderr: float) -> str:
    """Number with the error of its last two digits in brackets: 0.3690(12) is 0.3690 ± 0.0012."""
    if not (math.isfinite(value) and math.isfinite(stderr)) or stderr == 0:
        return f"{value:.6g}({stderr:.2g})"
    size = max(abs(value), stderr)
    exponent = math.floor(math.log10(size))
    if -4 <= exponent < 6 and stderr < 100:
        return _bracketed(value, stderr, "")
    return _bracketed(value / 10.0**exponent, stderr / 10.0**exponent, f"e{exponent:+03d}")


def _bracketed(value: float, stderr: float, suffix: str) -> str:
    decimals = max(0, 1 - math.floor(math.log10(float(f"{stderr:.1e}"))))
    error = f"{stderr * 10.0**decimals:.0f}" if stderr < 1 else f"{stderr:.{decimals}f}"
    return f"{value:.{decimals}f}({error}){suffix}"
