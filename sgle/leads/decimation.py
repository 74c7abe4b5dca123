"""Decimation: the surface Green's function of a semi-infinite stack of principal layers, many at a time.

Works for electrons (z = E + iη) and for phonons (z = (ω + iη)²), for one stack or for a batch of them (one per
in-plane wave vector), with or without overlaps.
"""

import numpy as np

from sgle.errors import BathError

Array = np.ndarray
DOUBLINGS = 60


def surface_greens_function(
    z: Array,
    h00: Array,
    h01: Array,
    *,
    surface: Array | None = None,
    s00: Array | None = None,
    s01: Array | None = None,
    rtol: float = 1e-14,
) -> Array:
    """g = [z - surface - h01 g_bulk h01†]⁻¹ of the outermost principal layer, (..., m, m).

    z : (...,) complex, Im z > 0 (retarded; real z only outside the bands).    h00 : (..., m, m) Hermitian block of a
    layer in the bulk; h01 : (..., m, m) from a layer to the next one inward, H_{n,n+1}; surface : block of the
    outermost layer where it differs from h00.    s00, s01 : overlaps (default 1, 0): z S - H is inverted.
    The axes in front of the last two broadcast against z: z (n_z, 1) and h00 (n_q, m, m) give (n_z, n_q, m, m).
    rtol : the coupling between effective layers, relative to the largest element, at which doubling stops.
    Each turn doubles the distance between the layers that are left; the turns needed grow as log2 of 1/Im z. Raises
    BathError if Im z < 0 or if 60 doublings are not enough.
    Where Re z hits a level of an isolated layer, rounding grows as ε (|h01|/Im z)².
    Source: M. P. López Sancho et al., J. Phys. F 15, 851 (1985).
    """
    z, h00, h01 = np.asarray(z), np.asarray(h00), np.asarray(h01)
    if not np.all(z.imag >= 0):
        raise BathError(
            f"the retarded surface Green's function needs Im z > 0, got {z.imag.min():.3e}", smallest=z.imag.min()
        )
    column = z[..., None, None]
    bare = column * (np.eye(h00.shape[-1]) if s00 is None else s00)
    shape = np.broadcast_shapes(bare.shape, h00.shape, h01.shape)
    out, back = h01.astype(complex), _dagger(h01).astype(complex)
    if s01 is not None:
        out, back = out - column * s01, back - column * _dagger(np.asarray(s01))
    scale = max(np.abs(h00).max(), np.abs(h01).max())
    out, back = np.broadcast_to(out, shape), np.broadcast_to(back, shape)
    inner = np.broadcast_to(bare - h00, shape)
    outer = inner if surface is None else np.broadcast_to(bare - surface, shape)
    for _ in range(DOUBLINGS):
        g = inverse(inner)
        out_g, back_g = out @ g, back @ g
        step = out_g @ back
        outer, inner = outer - step, inner - step - back_g @ out
        out, back = out_g @ out, back_g @ back
        if max(np.abs(out).max(), np.abs(back).max()) < rtol * scale:
            return inverse(outer)
    raise BathError(
        f"decimation of the lead did not converge in {DOUBLINGS} doublings (smallest Im z {z.imag.min():.3e}); raise "
        "the broadening η",
        smallest=float(z.imag.min()),
    )


def inverse(matrix: Array) -> Array:
    """Inverse of a batch (..., m, m); m = 1 in closed form, where LAPACK's overhead per matrix would dominate."""
    return 1 / matrix if matrix.shape[-1] == 1 else np.linalg.inv(matrix)


def _dagger(matrix: Array) -> Array:
    return np.conj(np.swapaxes(matrix, -1, -2))
