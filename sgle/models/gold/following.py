"""How bases and surfaces follow the gold atoms that move, in harmonic order and at rest of forces.

With slow atoms u the electrode takes the place s = G u, G = -K_SS⁻¹ K_SD: the same lattice of springs that makes the
baths (`electrode`). A potential of u and of s = G u has the stiffness K + Π(0) of the junction on its elastic
electrodes and is bounded; with s = 0, the baths' static part ½ u·Π(0) u would fall without end once bonds give way.
"""

import numpy as np

from sgle.models.gold.electrode import Contact, contact
from sgle.models.gold.geometry import Geometry, mirrored, relaxed_sites
from sgle.models.gold.springs import greens_function

Array = np.ndarray

ETA, MESH = 0.2e-3, 24  # of the static Green's function [eV], as in the baths
SAME_PLACE = 1e-6  # [Å]


def device_following(place: Geometry, surface: Array, bases: bool) -> tuple[Array, Array]:
    """Å per Å of the moving atoms (3 n_moving): of bases (empty if they move), of the atoms of `surface` (n_s, 3) [Å].

    Returns : (3 n_bases, N), (3 n_s, N), N = 3 n_moving. Atoms out of reach of the junction do not follow.
    """
    tie = contact(place)
    left = _response(tie)
    onto_device = np.zeros((3 * len(surface), 3 * len(place.positions)))
    static = tie.dynamical_matrix.copy()
    image = np.array([3 * place.mirror[k // 3] + k % 3 for k in range(len(static))])
    sign = np.tile([1.0, 1.0, -1.0], len(place.positions))
    sites = relaxed_sites(tie.sites, place.layers)
    mirror_dofs, turned = image[list(tie.dofs)], sign[list(tie.dofs)]
    sides = (
        (sites, np.array(tie.dofs), left, tie.coupling),
        (
            mirrored(sites, place.gap),
            mirror_dofs,
            np.tile([1.0, 1.0, -1.0], len(sites))[:, None] * left * turned,
            turned[:, None] * tie.coupling * np.tile([1.0, 1.0, -1.0], len(sites)),
        ),
    )
    for positions, dofs, response, coupling in sides:
        static[np.ix_(dofs, dofs)] += coupling @ response
        rows = 3 * _indices(positions, surface)[:, None] + np.arange(3)
        onto_device[np.ix_(rows.ravel(), dofs)] = response
    if bases:
        return np.zeros((0, len(static))), onto_device
    return _eliminated(place, static, onto_device)


def _response(tie: Contact) -> Array:
    """G of the touched surface atoms on tie.dofs, (3 n_S, k)."""
    g = greens_function(np.array([(1j * ETA) ** 2]), tie.sites, MESH)[0].real
    return np.linalg.solve(np.eye(len(tie.change)) - g @ tie.change, g @ tie.coupling.T)


def _eliminated(place: Geometry, static: Array, onto_device: Array) -> tuple[Array, Array]:
    """Bases and surfaces as functions of the chain alone; static : K + Π(0) of the device."""
    dofs = np.arange(len(static)).reshape(-1, 3)
    chain = dofs[list(place.chain)].ravel()
    bases = dofs[[*place.base("L"), *place.base("R")]].ravel()
    whole = np.zeros((len(static), len(chain)))
    whole[chain] = np.eye(len(chain))
    whole[bases] = -np.linalg.solve(static[np.ix_(bases, bases)], static[np.ix_(bases, chain)])
    return whole[bases], onto_device @ whole


def _indices(positions: Array, among: Array) -> Array:
    """Where each of the positions is found in a list of atoms."""
    distance = np.linalg.norm(positions[:, None] - among, axis=2)
    assert distance.min(axis=1).max() < SAME_PLACE, "the cluster lacks atoms that the electrode's contact has"
    return distance.argmin(axis=1)
