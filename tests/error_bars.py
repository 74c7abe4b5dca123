"""One significance level for every statistical assertion of the test suite, and what may be asserted with
it.
"""

import os

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

# A correct program fails one statistical assertion in this many: 4.9 standard errors of a Gaussian.
ALPHA = 1e-6
SEED = int(os.environ.get("SEED", "20261120"))


def limit(degrees: float = np.inf, tests: int = 1) -> float:
    """Largest |z| that one of `tests` numbers may show, Student's t with `degrees` degrees of freedom."""
    level = ALPHA / tests / 2
    return float(norm.isf(level) if np.isinf(degrees) else student.isf(level, degrees))


def assert_agrees(means: np.ndarray, exact: np.ndarray | float, *, ceiling: np.ndarray | float | None = None) -> None:
    """Assert that independent means (R, ...) agree with an exact answer (...).

    ceiling : the standard errors must lie below it, or the test would prove nothing.
    """
    means = np.asarray(means, dtype=float)
    stderr = means.std(axis=0, ddof=1) / np.sqrt(len(means))
    if ceiling is not None:
        assert np.all(stderr < ceiling), f"error bar {np.max(stderr):.3g} above the ceiling {ceiling}"
    z = (means.mean(axis=0) - exact) / stderr
    bound = limit(len(means) - 1, z.size)
    assert np.all(np.abs(z) < bound), f"|z| = {np.max(np.abs(z)):.2f} above {bound:.2f}"


def assert_rate(failures: int, runs: int, rate: float) -> None:
    """Assert that something which happens with probability `rate` has happened about as often (binomial,
    Gaussian tail).
    """
    spread = np.sqrt(runs * rate * (1 - rate)) + 1.0
    assert abs(failures - runs * rate) < limit() * spread, f"{failures} of {runs}, expected {runs * rate:.1f}"
