"""Is the energy of a junction bounded where its anharmonic force takes over? K, Π(0) and the stiffness of the force.

Static energy at large u: V(u) + ½ u·(K + Π(0) - H) u, with V the whole potential, bounded as bonds are, and H its
stiffness at rest. Lattice baths (counter_term=False) soften: Π(0) < 0. If K is all H, the energy falls without end.
"""

import warnings
from typing import TYPE_CHECKING

import numpy as np

from sgle.errors import InputError, UnboundedWarning

if TYPE_CHECKING:
    from sgle.junction import Junction

Array = np.ndarray
NOTICED = 2e-2  # of the largest element of K: below, bonds hold what is asked for in practice


def static_stiffness(junction: "Junction") -> Array:
    """K + Re Π(0) of all baths, symmetric part, (N, N) [eV²]: the stiffness that a slow motion meets."""
    total = np.array(junction.dynamical_matrix)
    for bath in junction.baths.values():
        answer = bath.self_energy(np.zeros(1))[0].real
        total[np.ix_(bath.dofs, bath.dofs)] += (answer + answer.T) / 2
    return total


def require_bounded(stiffness: Array, junction: "Junction") -> None:
    """InputError if bonds are stiffer than the junction that is to hold them.

    stiffness : of the bonds (`force.stiffness`), (N, N) [eV²].
    """
    lowest, dof, held = _lacking(stiffness, junction)
    if lowest >= -1e-9 * np.abs(junction.dynamical_matrix).max():
        return
    raise InputError(
        f"the bonds are stiffer than the junction: K + Π(0) less their stiffness has the eigenvalue {lowest:.3e}, most "
        f"of it on dof {dof} (K + Π(0) = {held:.6g}, bonds {stiffness[dof, dof]:.6g}). Once they are torn the energy "
        "would fall without end: lower depth or width, or put their stiffness into K",
        eigenvalue=lowest,
        dof=dof,
    )


def warn_if_unbounded(stiffness: Array, junction: "Junction") -> None:
    """UnboundedWarning if the baths' static answer makes the junction softer than a potential that K was made from."""
    lowest, dof, held = _lacking(stiffness, junction)
    if lowest < -NOTICED * np.abs(junction.dynamical_matrix).max():
        warnings.warn(
            "far from rest the energy falls without end: K + Π(0) of the baths less the stiffness of the potential has "
            f"the eigenvalue {lowest:.3e}, most of it on dof {dof} (K + Π(0) = {held:.6g}, potential "
            f"{stiffness[dof, dof]:.6g}). Let the electrodes of the potential follow (`following`), move more atoms, "
            "or take baths whose static part is counted in K",
            UnboundedWarning,
            stacklevel=3,
        )


def _lacking(stiffness: Array, junction: "Junction") -> tuple[float, int, float]:
    """Lowest eigenvalue of K + Π(0) - H as far as K + Π(0) is not to blame, its dof, (K + Π(0)) there."""
    static = static_stiffness(junction)
    values, modes = np.linalg.eigh(static - stiffness)
    dof = int(np.argmax(np.abs(modes[:, 0])))
    own = min(0.0, float(np.linalg.eigvalsh(static)[0]))
    return min(0.0, float(values[0]) - own), dof, float(static[dof, dof])
