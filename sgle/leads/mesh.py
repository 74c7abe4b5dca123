"""Shifted meshes of in-plane wave vectors, reduced by the point group of a surface."""

from typing import Any

import numpy as np

from sgle.errors import JunctionError

Array = np.ndarray
IDENTITY = np.eye(3)[None]


def square_operations() -> Array:
    """The 8 operations (8, 3, 3) of a square surface with normal z, such as fcc(100), about a four-fold axis."""
    quarter = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    turns = [np.linalg.matrix_power(quarter, k) for k in range(4)]
    return np.array(turns + [turn @ np.diag([1.0, -1, 1]) for turn in turns])


def wave_vectors(vectors: Any, points: Any, operations: Any = IDENTITY) -> tuple[Array, Array]:
    """Irreducible wave vectors q (n_q, 3) [1/Å] and their weights (n_q,), which add up to 1.

    The full mesh is q = Σ_c (k_c + ½)/n_c g_c with g_c·a_d = 2π δ_cd: shifted, so that it avoids q = 0.
    vectors : (2, 3) in-plane lattice a_d.    points : n or (n_1, n_2).    operations : (n_op, 3, 3) rotations and
    mirrors; the mesh must be mapped onto itself, JunctionError otherwise.
    """
    vectors = np.asarray(vectors, dtype=float)
    counts = np.broadcast_to(np.asarray(points, dtype=int), (2,))
    if counts.min() < 1:
        raise JunctionError(f"a mesh of wave vectors needs at least one point a direction, got {tuple(counts)}")
    reciprocal = 2 * np.pi * np.linalg.pinv(vectors).T
    steps = np.stack(np.meshgrid(*(np.arange(n) for n in counts), indexing="ij"), axis=-1).reshape(-1, 2)
    q = (steps + 0.5) / counts @ reciprocal
    lowest = np.min([_images(q, operation, vectors, counts) for operation in np.asarray(operations)], axis=0)
    chosen, sizes = np.unique(lowest, return_counts=True)
    if not np.array_equal(lowest[chosen], chosen):
        raise JunctionError("the operations given for a mesh are no group: some product or inverse is missing")
    return q[chosen], sizes / len(q)


def _images(q: Array, operation: Array, vectors: Array, counts: Array) -> Array:
    """Index of the mesh point onto which the operation carries each q."""
    place = (q @ operation.T @ vectors.T) / (2 * np.pi) * counts - 0.5
    whole = np.rint(place).astype(int)
    if np.abs(place - whole).max() > 1e-6:
        raise JunctionError(
            f"a mesh of {counts[0]} x {counts[1]} wave vectors is not mapped onto itself by {operation.tolist()}"
        )
    index = whole % counts
    return index[:, 0] * counts[1] + index[:, 1]
