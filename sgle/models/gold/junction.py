"""The gold chain as a junction: phonon baths of two Au(100) electrodes, and the electrons of the current."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sgle.baths.pairs import CUTOFF, PairSource
from sgle.electronic.interpolate import Interpolated
from sgle.electronic.pairs import ElectronHolePairs
from sgle.errors import KernelWarning, LocalisedModeWarning
from sgle.files.cache import cached
from sgle.junction import Atoms, Junction
from sgle.models.gold import electrons, phonons
from sgle.models.gold.anharmonic import gold_chain_force
from sgle.models.gold.geometry import Geometry, geometry
from sgle.models.temperatures import temperatures_of
from sgle.units import kelvin

Array = np.ndarray

RESOLVED = 24 * 0.05e-3  # phonon mesh × broadening [eV]: at half of it a mode of Au3c already loses its damping
HIGHEST = 25e-3  # of the vibrations and their surroundings [eV]; the electrodes' band ends at 19.4 meV
# Electrons: the spacing of the reference table, from 2.3 eV below the bulk's Fermi level to 2.5 eV above.
STEP = (electrons.TABLE[1] - electrons.TABLE[0]) / (electrons.TABLE[2] - 1)
ENERGIES = (electrons.TABLE[0] - 10 * STEP, electrons.TABLE[1] + 14 * STEP, electrons.TABLE[2] + 24)


@dataclass(frozen=True, eq=False)
class Parts:
    """What bias, Fermi level and temperature do not change: lattice with its electrodes, electron-hole pairs."""

    geometry: Geometry
    phonons: phonons.Phonons
    pairs: PairSource


def gold_chain(
    atoms: int = 3,
    gap: float | None = None,
    bases: bool = True,
    fermi_level: float = 0.0,
    bias: float = 0.0,
    temperature: float = kelvin(300.0),
    *,
    temperatures: Mapping[str, float] | None = None,
    phonon_broadening: float = 0.2e-3,
    phonon_mesh: int = 24,
    electron_broadening: float = electrons.BROADENING,
    electron_mesh: int = electrons.MESH,
    anharmonic: bool = False,
) -> Junction:
    """A single-atom gold chain between two Au(100) surfaces under bias: baths "L", "R" (phonons) and "e" (electrons).

    atoms N of the chain, gap [Å] between the ideal first layers of the surfaces (None: the natural one, 12.68 for N =
    3).    bases : the four atoms below each end move with the chain ("Au3", 33 dofs); False folds them into the
    phonon baths ("Au3c", 9 dofs).    fermi_level [eV] relative to the bulk's, bias μ_L - μ_R [eV].
    temperatures : {"L", "R", "eL", "eR"}, those that differ from `temperature` [eV].    The broadenings η [eV] and
    meshes of the electrodes are part of the model.    anharmonic : trajectories feel the whole Sutton-Chen potential
    of bases and chain (sgle.models.gold.anharmonic), not its stiffness at rest alone.    Raises InputError,
    JunctionError where the straight chain breaks or is not stable, BathError where the electrodes' electrons are not
    known.    Warns LocalisedModeWarning.
    Method : reference/junctions.md 2-5. Set-up takes seconds once and is kept on disk (sgle.files.cache).
    """
    made = _parts(atoms, gap, bases, phonon_broadening, phonon_mesh, electron_broadening, electron_mesh)
    notice = phonons.localisation_notice(made.phonons)
    if notice:
        warnings.warn(notice, LocalisedModeWarning, stacklevel=2)
    if phonon_broadening * phonon_mesh < RESOLVED:
        warnings.warn(
            f"phonon broadening {1e3 * phonon_broadening:.3g} meV is below the spacing of levels on a mesh of "
            f"{phonon_mesh} × {phonon_mesh}: spectra show the mesh, answers depend on it. Take a mesh of "
            f"{int(np.ceil(RESOLVED / phonon_broadening))}, or more broadening.",
            KernelWarning,
            stacklevel=2,
        )
    kt = temperatures_of(temperature, temperatures)
    lattice = {name: made.phonons.bath(name, getattr(kt, name)) for name in ("L", "R")}
    source = made.pairs.moved(electrons.FERMI_LEVEL + fermi_level, (kt.eL, kt.eR))
    count = len(made.phonons.positions)
    named = Atoms(("Au",) * count, np.repeat(np.arange(count), 3), made.phonons.masses, made.phonons.positions)
    force = gold_chain_force(atoms, gap, bases) if anharmonic else None
    return Junction(made.phonons.dynamical_matrix, {**lattice, "e": source(bias)}, atoms=named, anharmonic=force)


@lru_cache(maxsize=4)
def _parts(
    atoms: int,
    gap: float | None,
    bases: bool,
    phonon_broadening: float,
    phonon_mesh: int,
    electron_broadening: float,
    electron_mesh: int,
) -> Parts:
    place = geometry(atoms, gap)
    lattice = _phonons(place, phonon_broadening, phonon_mesh)
    moving = None
    if not bases:
        lattice, moving = phonons.folded(lattice), list(place.chain)
    structure = _structure(place, electron_broadening, electron_mesh)
    couplings = electrons.couplings(place.positions, place.layers, place.gap, moving=moving)
    source = PairSource(
        ElectronHolePairs(structure, couplings, HIGHEST),
        fermi_level=electrons.FERMI_LEVEL,
        temperatures=(kelvin(300.0), kelvin(300.0)),
        cutoff=CUTOFF * HIGHEST,
        dofs=tuple(range(len(couplings))),
    )
    return Parts(place, lattice, source)


def _phonons(place: Geometry, broadening: float, mesh: int) -> phonons.Phonons:
    """Phonons with the table of the electrodes' Γ from disk, where it was made before."""
    inputs = {"positions": place.positions, "layers": place.layers, "gap": place.gap, "eta": broadening, "mesh": mesh}

    def compute() -> dict[str, Array]:
        made = phonons.phonons(place, broadening, mesh)
        by_side = {f"broadening_{name}": made.broadening[name] for name in "LR"}
        by_side |= {f"dofs_{name}": np.array(made.dofs[name]) for name in "LR"}
        return {"matrix": made.dynamical_matrix, "omega": made.omega, "error": np.array(made.error), **by_side}

    found = cached("gold-phonons", inputs, compute)
    return phonons.Phonons(
        found["matrix"],
        found["omega"],
        {name: found[f"broadening_{name}"] for name in "LR"},
        {name: tuple(int(dof) for dof in found[f"dofs_{name}"]) for name in "LR"},
        place.positions,
        broadening,
        mesh,
        float(found["error"]),
    )


def _structure(place: Geometry, broadening: float, mesh: int) -> electrons.ElectronicStructure:
    """Electronic structure with the table of the surface from disk, where it was made before."""
    ideal, _ = electrons.touched_sites(place.positions, place.layers)
    inputs = {"sites": ideal, "broadening": broadening, "mesh": mesh, "energies": ENERGIES}

    def compute() -> dict[str, Array]:
        table = electrons.electrode_table(ideal, broadening, mesh, ENERGIES)
        return {"energies": table.energies, "values": table.values}

    table = Interpolated(**cached("gold-electrons", inputs, compute))
    return electrons.structure(place.positions, place.layers, place.gap, table=table)
