"""Products and sums over dofs whose bits do not depend on how many trajectories stand side by side.

BLAS and numpy choose the order of a sum by the shape of the whole; the rows of a sparse matrix are summed in order.
Trajectories are columns here: (N, R).
"""

from functools import lru_cache
from typing import Any

import numpy as np
from scipy.sparse import csr_array

Array = np.ndarray


def fixed(matrix: Any) -> csr_array:
    """A real matrix, to be multiplied by columns: fixed(matrix) @ (N, R)."""
    return csr_array(np.atleast_2d(np.asarray(matrix, dtype=float)))


def columns(rows: Array) -> Array:
    """Trajectories (R, N) as columns (N, R), side by side in memory."""
    return np.ascontiguousarray(np.asarray(rows, dtype=float).T)


def rows(columns: Array) -> Array:
    """Columns (N, R) as trajectories (R, N)."""
    return np.ascontiguousarray(columns.T)


def total(columns: Array) -> Array:
    """Sum over the first axis, (n, R) -> (R,)."""
    return (_ones(len(columns)) @ columns)[0]


@lru_cache(maxsize=64)
def _ones(length: int) -> csr_array:
    return fixed(np.ones((1, length)))
