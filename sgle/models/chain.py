"""A uniform chain of gold atoms, electrons and vibrations alike in one dimension: the exactly solvable junction.

One orbital per atom with hopping t at the distance R and t' = dt/dR, springs k between neighbours, motion along the
chain. A few atoms are the device, the rest of the chain are the leads, of which all self-energies are known in closed
form. The half-filled chain (E_F = 0) has electron-hole symmetry: Im Γ_e = 0, no asymmetric force, heat goes to both
sides alike; filling it less (E_F < 0) sends heat with the current (reference/junctions.md 7; 000 Eqs. 53-55).
"""

from collections.abc import Mapping

import numpy as np

from sgle.bath import Bath
from sgle.baths import chain_lead, tabulated
from sgle.check import number
from sgle.electronic.couplings import couplings as coupling_matrices
from sgle.electronic.hopping import hamiltonian
from sgle.electronic.structure import Electrode, ElectronicStructure
from sgle.errors import InputError
from sgle.junction import Atoms, Junction
from sgle.models.adaptive import adaptive_table
from sgle.models.temperatures import temperatures_of
from sgle.shapes import Rubin
from sgle.units import ANGSTROM_AMU, kelvin

Array = np.ndarray

DISTANCE = 2.55  # Å
HOPPING, HOPPING_SLOPE = -3.58548, 5.62429  # eV, eV/Å
SPRING = 4.71194 * ANGSTROM_AMU**2 / 196.96657  # eV²; band top 2√k = 20 meV
MASS = 196.96657  # amu
TOP = 2 * SPRING**0.5
PHONON_BROADENING = 0.02e-3  # eV
ELECTRON_CUTOFF = 5 * TOP  # of the electron bath: at 2.5 TOP its currents would be off by 1 %


def hopping(r: Array) -> Array:
    """t of pairs of sites separated by r (n, 3), nearest neighbours only, to first order in r, (n, 1, 1) [eV]."""
    distance = np.linalg.norm(r, axis=-1)
    value = HOPPING + HOPPING_SLOPE * (distance - DISTANCE)
    return np.where(np.abs(distance / DISTANCE - 1) < 0.3, value, 0.0)[:, None, None]


def hopping_gradient(r: Array) -> Array:
    """dt/dr (n, 3, 1, 1) [eV/Å]."""
    unit = r / np.linalg.norm(r, axis=-1, keepdims=True)
    return HOPPING_SLOPE * unit[..., None, None] * (hopping(r) != 0)[:, None]


def sites(atoms: int) -> Array:
    """Positions of the device atoms and of one lead atom on either side, (atoms + 2, 3) [Å]; device from 0."""
    return np.stack([DISTANCE * np.arange(-1.0, atoms + 1), *np.zeros((2, atoms + 2))], axis=1)


def end_self_energy(energies: Array) -> Array:
    """Σ(E) = t² g of the semi-infinite chain, (n_E, 1, 1) [eV]: the branch that decays outside the band ±2|t|."""
    z = np.asarray(energies, dtype=complex)
    edge = 2 * abs(HOPPING)
    return ((z - np.sqrt(z - edge) * np.sqrt(z + edge)) / 2)[:, None, None]


def structure(atoms: int = 4) -> ElectronicStructure:
    """Electrons of the device and one more atom on each side, whose hoppings to the device feel its motion."""
    electrodes = {name: Electrode((site,), end_self_energy) for name, site in (("L", 0), ("R", atoms + 1))}
    return ElectronicStructure(hamiltonian(sites(atoms), hopping), electrodes)


def couplings(atoms: int = 4) -> Array:
    """M^k of the device atoms along the chain, (atoms, atoms + 2, atoms + 2) [eV^1.5]."""
    moving = list(range(1, atoms + 1))
    return coupling_matrices(sites(atoms), hopping_gradient, moving=moving, masses=MASS, directions=(0,))


def dynamical_matrix(atoms: int = 4) -> Array:
    """K of the device with its springs to the leads, (atoms, atoms) [eV²]."""
    return SPRING * (2 * np.eye(atoms) - np.eye(atoms, k=1) - np.eye(atoms, k=-1))


def phonon_lead(dof: int, temperature: float, broadening: float = PHONON_BROADENING) -> Bath:
    """The rest of the chain beyond `dof`: Π(ω) = k² g(ω + iη), η = `broadening` [eV]; Rubin's closed form for η = 0.

    With η > 0 a table of Γ is made, to twice the band top, points crowding within η of the band edge. A chain without
    η has no static stiffness against being shifted as a whole, which 0.02 meV give it: the answers differ by up to 5 %.
    """
    if broadening == 0:
        return chain_lead(SPRING, 0.0, temperature, dof)
    if not number(broadening, "phonon_broadening") > 0:
        raise InputError(f"phonon_broadening {broadening:.6g} must not be negative")
    shape = Rubin(SPRING)

    def gamma_at(omega: Array) -> Array:
        return -2 * shape.self_energy(omega + 1j * broadening).imag[:, None, None]

    end = 2 * max(1.0, broadening / 1e-4) ** (1 / 3)  # the tail falls as η/ω³
    points = TOP * np.array([0.0, 1e-3, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, end])
    omega, gamma, _ = adaptive_table(gamma_at, points, 3e-4)
    return tabulated(omega, gamma, temperature, [dof], counter_term=False)


def electron_chain(
    atoms: int = 4,
    fermi_level: float = 0.0,
    bias: float = 0.0,
    temperature: float = kelvin(300.0),
    *,
    temperatures: Mapping[str, float] | None = None,
    phonon_broadening: float = PHONON_BROADENING,
    renormalisation: bool = False,
) -> Junction:
    """`atoms` atoms of an endless gold chain under bias: baths "L", "R" (phonons) and "e" (electrons).

    fermi_level [eV] from the middle of the band, bias μ_L - μ_R [eV], temperatures k_BT [eV].    temperatures :
    {"L", "R", "eL", "eR"}, those that differ.    phonon_broadening η [eV] of the leads.    renormalisation : keep the
    symmetric static shift of the bias. Only the device's atoms are coupled to the electrons, so it does not vanish when
    all are shifted together, and one-dimensional leads do not hold them: the junction falls over (UnstableError).
    Raises InputError.
    """
    from sgle.baths.pairs import electron_hole_pairs

    if atoms < 1:
        raise InputError(f"a chain needs at least one atom, not {atoms}")
    kt = temperatures_of(temperature, temperatures)
    electrons = electron_hole_pairs(
        structure(atoms),
        couplings(atoms),
        bias=bias,
        temperature=temperature,
        temperatures=(kt.eL, kt.eR),
        dofs=list(range(atoms)),
        highest=TOP,
        cutoff=ELECTRON_CUTOFF,
        fermi_level=fermi_level,
    )
    leads = {"L": phonon_lead(0, kt.L, phonon_broadening), "R": phonon_lead(atoms - 1, kt.R, phonon_broadening)}
    named = Atoms(("Au",) * atoms, np.arange(atoms), np.full(atoms, MASS), sites(atoms)[1:-1])
    junction = Junction(dynamical_matrix(atoms), {**leads, "e": electrons}, atoms=named)
    return junction if renormalisation else junction.without("renormalisation")
