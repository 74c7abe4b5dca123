"""Electron bath of a few levels between electrodes of a wide band, in closed form (001; sgle.ehp)."""

from typing import Any

import numpy as np

from sgle.bath import Bath, Channel
from sgle.causality import Spectrum
from sgle.check import array, dof_tuple, number
from sgle.ehp.closed import ClosedPairs
from sgle.ehp.levels import levels, poles
from sgle.ehp.rates import require_couplings
from sgle.ehp.spectra import PairForce, PairFriction, PairStrength, antisymmetric_basis, symmetric_basis
from sgle.electronic.pairs import CHANNELS, SPIN, Occupation
from sgle.errors import BathError
from sgle.occupation import require_temperature

Array = np.ndarray


def level_pairs(
    hamiltonian: Any,
    left: Any,
    right: Any,
    couplings: Any,
    *,
    bias: float,
    temperature: float,
    dofs: Any,
    fermi_level: float = 0.0,
    gate: float = 0.0,
    spin: float = SPIN,
) -> Bath:
    """Electron-hole pairs of levels whose electrodes L and R have energy-independent broadenings: exact, no table.

    hamiltonian : (m, m) real symmetric [eV].    left, right : Γ_L, Γ_R (m, m) real symmetric ≥ 0 [eV], or (m,) their
    diagonals.    couplings : M^k (n, m, m) real symmetric [eV^1.5], or (m, m) for one dof.    bias eV = μ_L - μ_R,
    applied symmetrically to the Fermi level; gate : added to every level [eV].    temperature : of both electrodes.
    spin : g_s.    Γ_e, S_e and Π_e(V) - Re Π_e(0; V = 0) are those of the levels at every frequency, with Lorentzian
    tails in the place of a cutoff; equilibrium static Re Π_e is in K (Born-Oppenheimer).
    Raises BathError (also for a level that no electrode broadens and for levels that coalesce), SpectrumError.
    """
    dofs, spin = dof_tuple(dofs), number(spin, "spin")
    h = np.atleast_2d(_real(hamiltonian, "hamiltonian"))
    structure = levels(h + number(gate, "gate") * np.eye(len(h)), _real(left, "left"), _real(right, "right"))
    m = require_couplings(_real(couplings, "couplings"), len(structure))
    if len(m) != len(dofs):
        raise BathError(f"{len(m)} coupling matrices for {len(dofs)} dofs")
    if not spin > 0:
        raise BathError(f"spin {spin:g} must be positive: 2, or 1 for spinless electrons", spin=spin)
    if not np.any(m):
        raise BathError("couplings must not all be zero: the electrons would not touch the dofs; leave the bath out")
    known, t, bias = poles(structure), require_temperature(temperature), number(bias, "bias")
    fermi_level = number(fermi_level, "fermi_level")

    def at(eV: float) -> ClosedPairs:
        occupation = Occupation(fermi_level + eV / 2, fermi_level - eV / 2, t, t)
        return ClosedPairs(known, known.couplings(m), occupation, spin)

    pairs = at(bias)
    friction = PairFriction(pairs)
    return Bath(
        kind=level_pairs.__name__,
        dofs=dofs,
        temperature=t,
        friction_spectrum=Spectrum(symmetric_basis(len(m)), friction),
        antisymmetric=Spectrum(antisymmetric_basis(len(m)), PairForce(pairs)) if len(m) > 1 and bias != 0 else None,
        channels=tuple(_channel(pairs, name) for name in CHANNELS),
        renormalisation=friction.static - PairFriction(at(0.0)).static,
        bias=bias,
        constructor=level_pairs,
        parameters={
            "hamiltonian": h,
            "left": array(left, "left"),
            "right": array(right, "right"),
            "couplings": m,
            "bias": bias,
            "temperature": t,
            "dofs": dofs,
            "fermi_level": fermi_level,
            "gate": float(gate),
            "spin": spin,
        },
    )


def _real(value: Any, name: str) -> Array:
    given = array(value, name)
    if np.iscomplexobj(given):
        raise BathError(
            f"{name} must be real (no magnetic field): forces at zero bias that break time reversal are not part of "
            "this bath"
        )
    return given


def _channel(pairs: ClosedPairs, name: str) -> Channel:
    n = len(pairs.couplings)
    basis = np.concatenate([symmetric_basis(n).astype(complex), 1j * antisymmetric_basis(n)])
    spectrum = Spectrum(basis if n > 1 else basis.real, PairStrength(pairs, name))
    return Channel(spectrum, pairs.occupation.potential(name), pairs.temperature, name)
