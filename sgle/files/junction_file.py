"""junction.h5: a junction in HDF5, exactly, and readable without sgle (docs/files.md lists every field).

A bath is stored by the constructor and the parameters that made it (its `spec`), so that it comes back exactly;
tables of Γ(ω) and S(ω) beside it are for the reader's eyes. A checksum over matrix, atoms and specs, and a digest of
the whole file, find damage that HDF5 does not notice.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

import sgle
from sgle.anharmonic.spec import from_spec as force_from_spec
from sgle.anharmonic.unknown import spec_of
from sgle.baths import CONSTRUCTORS, from_spec
from sgle.errors import FileError
from sgle.files.digest import signed, verify
from sgle.files.safe import opened
from sgle.files.values import read_value, write_array, write_value
from sgle.junction import Atoms, Junction

FORMAT, VERSION = "sgle-junction", 3  # version 1 had no digest of the whole content, 2 no anharmonic force
TABLE_POINTS = 65
# Of a calculator's force: found by the calculator, to its own last digits, from what else its spec says.
DERIVED = ("rest_force", "rest_energy", "stiffness")


def save_junction(path: str | Path, junction: Junction, description: str = "") -> None:
    """Write `junction` to an HDF5 file, whole or not at all. FileError if that is impossible."""
    with signed(path) as file:
        file.attrs["description"] = description
        write_junction(file, junction)


def load_junction(path: str | Path) -> Junction:
    """The junction in an HDF5 file. FileError if it is missing, damaged or something else."""
    with opened(path, "a junction file") as file:
        verify(file, required=_version(file) > 1)
        return read_junction(file)


def write_junction(group: h5py.Group, junction: Junction) -> None:
    """Write `junction` into an open HDF5 group. FileError for a bath that could not be read back."""
    for name, bath in junction.baths.items():
        if bath.kind not in CONSTRUCTORS:
            raise FileError(
                f"bath {name!r} ({bath.kind}) cannot be stored: no constructor in sgle.baths makes it. Store the "
                "junction it was made from"
            )
    version = VERSION if junction.anharmonic is not None else 2
    group.attrs.update(format=FORMAT, version=version, sgle_version=sgle.__version__, sha256=digest(junction))
    text = "mass-normalised force constants K of the harmonic system, u = sqrt(m) x"
    write_array(group, "dynamical_matrix", junction.dynamical_matrix, "eV^2", text)
    if junction.atoms is not None:
        _write_atoms(group.create_group("atoms"), junction.atoms)
    if junction.anharmonic is not None:
        spec = spec_of(junction.anharmonic, junction.dynamical_matrix)
        _write_spec(group.create_group("anharmonic", track_order=True), spec)
    baths = group.create_group("baths", track_order=True)
    omega = _table_frequencies(junction)
    for name, bath in junction.baths.items():
        entry = baths.create_group(name)
        entry.attrs["kind"] = bath.kind
        _write_spec(entry.create_group("parameters", track_order=True), bath.spec)
        _write_tables(entry, bath, omega)


def read_junction(group: h5py.Group) -> Junction:
    """The junction in an open HDF5 group. FileError on a foreign group, a newer format or a wrong checksum."""
    _version(group)
    baths = {name: from_spec(_read_spec(entry["parameters"])) for name, entry in group["baths"].items()}
    atoms = _read_atoms(group["atoms"]) if "atoms" in group else None
    force = force_from_spec(_read_spec(group["anharmonic"])) if "anharmonic" in group else None
    junction = Junction(group["dynamical_matrix"][()], baths, atoms=atoms, anharmonic=force)
    if digest(junction) != group.attrs["sha256"]:
        raise FileError("damaged: the checksum of the junction inside is wrong")
    return junction


def _version(group: h5py.Group) -> int:
    """Version of the format of a junction. FileError on a foreign group or a newer format."""
    if group.attrs.get("format") != FORMAT:
        raise FileError("no junction inside (its attribute 'format' is not 'sgle-junction')")
    version = int(group.attrs["version"])
    if version > VERSION:
        raise FileError(f"junction format {version} is newer than this sgle can read ({VERSION})")
    return version


def digest(junction: Junction) -> str:
    """SHA-256 of everything that defines a junction, as hexadecimal text."""
    content: dict[str, Any] = {"dynamical_matrix": junction.dynamical_matrix}
    if junction.atoms is not None:
        content["atoms"] = [junction.atoms.symbols, *_atom_arrays(junction.atoms).values()]
    content |= {f"bath {name}": bath.spec for name, bath in junction.baths.items()}
    if junction.anharmonic is not None:
        content["anharmonic"] = _defining(spec_of(junction.anharmonic, junction.dynamical_matrix))
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def _defining(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A force's spec without what follows from the rest of it."""
    kept = {key: value for key, value in spec.items() if key not in DERIVED}
    return kept | {"terms": [_defining(term) for term in spec["terms"]]} if "terms" in kept else kept


def _canonical(value: Any) -> str:
    """Text that is equal for equal values and only for them; floats in hexadecimal."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{_canonical(item)}" for key, item in value.items()) + "}"
    if isinstance(value, np.ndarray):
        return f"{value.shape}{value.dtype.kind}{np.ascontiguousarray(value).tobytes().hex()}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_canonical(item) for item in value) + "]"
    return float(value).hex() if isinstance(value, float) else repr(value)


def _write_spec(group: h5py.Group, spec: Mapping[str, Any]) -> None:
    """Parameters as datasets; the terms of a sum of forces as groups "0", "1", ..."""
    for key, value in spec.items():
        if key == "terms":
            for number, term in enumerate(value):
                _write_spec(group.create_group(f"{key}/{number}", track_order=True), term)
        else:
            write_value(group, key, value)


def _read_spec(group: h5py.Group) -> dict[str, Any]:
    return {key: _read_parameter(group[key]) for key in group}


def _read_parameter(item: h5py.Group | h5py.Dataset) -> Any:
    if isinstance(item, h5py.Group):
        return tuple(_read_spec(item[str(number)]) for number in range(len(item)))
    return read_value(item)


def _table_frequencies(junction: Junction) -> np.ndarray:
    """(65,) frequencies [eV] from 0 to a quarter above the highest bare vibration, a coarse look at every bath."""
    highest = np.sqrt(np.abs(np.linalg.eigvalsh(junction.dynamical_matrix)).max())
    return np.linspace(0.0, 1.25 * highest, TABLE_POINTS)


def _write_tables(group: h5py.Group, bath: Any, omega: np.ndarray) -> None:
    write_array(group, "omega", omega, "eV", "frequencies of the tables below, for the reader only")
    for name, symbol in (("broadening", "Gamma = i (Pi - Pi^dagger)"), ("noise", "S, two-sided noise spectrum")):
        table = getattr(bath, name)(omega)
        write_array(group, f"{name}_real", table.real, "eV^2", f"real part of {symbol}; (omega, dof, dof)")
        write_array(group, f"{name}_imag", table.imag, "eV^2", f"imaginary part of {symbol}; (omega, dof, dof)")


# name -> (units, description); masses and positions may be unknown.
ATOM_FIELDS = {
    "dof_atom": ("1", "index of the atom to which each dof belongs"),
    "masses": ("amu", "mass of each atom"),
    "positions": ("angstrom", "position of each atom, (atom, xyz)"),
}


def _atom_arrays(atoms: Atoms) -> dict[str, np.ndarray]:
    fields = {name: getattr(atoms, name) for name in ATOM_FIELDS}
    return {name: value for name, value in fields.items() if value is not None}


def _write_atoms(group: h5py.Group, atoms: Atoms) -> None:
    write_value(group, "symbols", atoms.symbols)
    for name, value in _atom_arrays(atoms).items():
        write_array(group, name, value, *ATOM_FIELDS[name])


def _read_atoms(group: h5py.Group) -> Atoms:
    arrays = {name: group[name][()] for name in ATOM_FIELDS if name in group}
    return Atoms(read_value(group["symbols"]), **arrays)
