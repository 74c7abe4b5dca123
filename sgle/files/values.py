"""Python values as HDF5 datasets that say what they are: every one has `units` and `description`."""

from typing import Any

import h5py
import numpy as np

from sgle.errors import FileError

# What the parameters of the baths are, by name: (units, description).
PARAMETERS: dict[str, tuple[str, str]] = {
    "kind": ("1", "constructor in sgle.baths, for forces in sgle.anharmonic"),
    "dofs": ("1", "degrees of freedom of the junction on which the bath acts, counted from 0"),
    "without": ("1", "parts of the physics that are switched off"),
    "temperature": ("eV", "k_B T of the bath"),
    "bias": ("eV", "mu_L - mu_R"),
    "potential": ("eV", "chemical potential nu of the phonons of a bath"),
    "hamiltonian": ("eV", "of the electronic levels, without gate"),
    "left": ("eV", "Gamma_L of the levels, or its diagonal"),
    "right": ("eV", "Gamma_R of the levels, or its diagonal"),
    "couplings": ("eV^1.5", "M of each dof, (dof, level, level): change of the hamiltonian per displacement"),
    "fermi_level": ("eV", "(mu_L + mu_R)/2"),
    "gate": ("eV", "added to every level"),
    "spin": ("1", "2, or 1 for spinless electrons"),
    "cutoff": ("eV", "cutoff frequency"),
    "friction": ("eV", "friction matrix eta at zero frequency, Gamma = 2 eta omega"),
    "shape": ("1", "name of the cutoff function"),
    "counter_term": ("1", "true: the dynamical matrix holds the bath's static response already"),
    "coupling": ("eV^2", "force constants between the dofs and the bath"),
    "debye_frequency": ("eV", "upper end of the Debye spectrum"),
    "omega": ("eV", "frequencies of the table"),
    "broadening": ("eV^2", "table of Gamma = i (Pi - Pi^dagger)"),
    "spring": ("eV^2", "spring of the chain"),
    "onsite": ("eV^2", "on-site force constant of the chain"),
    "k00": ("eV^2", "dynamical matrix of a principal layer"),
    "k01": ("eV^2", "from a principal layer to the next one outward"),
    "eta": ("eV", "small imaginary part of the frequency"),
    "intra": ("eV", "lambda_LL + lambda_RR of the electron-hole-pair baths"),
    "inter": ("eV", "lambda_RL of the electron-hole-pair baths"),
    "nonconservative": ("eV", "xi minus: force per displacement and bias"),
    "renormalisation": ("eV", "zeta 1: force constant per bias"),
    "berry": ("1", "zeta 2: velocity force per bias"),
    "shot_noise": ("eV", "xi plus: noise per bias"),
    "biases": ("eV", "biases at which the tables of electron-hole pairs are given, axis 0 of each"),
    "strength": ("eV", "S / [(x/2) coth(x/2T)], x = omega - mu, of the pairs LL, RR, LR, RL"),
    "antisymmetric": ("eV^2", "Im Gamma of the electrons, (bias, omega, dof, dof)"),
    "temperatures": ("eV", "k_B T of the electrons in L and in R"),
    "reactive": ("eV^2", "what Re Pi, Im R/omega and renormalisation lack in the band, (bias, part, omega, dof, dof)"),
    "residual": ("1", "largest deviation of Pi from the electronic structure's, in units of the largest |Gamma|"),
    "symbols": ("1", "chemical symbol of each atom"),
    "coordinates": ("length / (hbar/sqrt(eV))", "C of the coordinates q = C u of a force, (coordinate, dof)"),
    "cubic": ("eV / length^3", "c3 of the energies c3 q^3/3"),
    "quartic": ("eV / length^4", "c4 of the energies c4 q^4/4"),
    "depth": ("eV", "energy to break each bond"),
    "width": ("1 / length", "a of each bond (1 - exp(-a q))^2"),
    "length": ("length", "length of each bond at its minimum"),
    "pairs": ("1", "atoms that each bond joins, counted from 0"),
    "dof_atom": ("1", "index of the atom to which each dof belongs"),
    "masses": ("amu", "mass of each atom"),
    "positions": ("angstrom", "position of each atom at rest, (atom, xyz)"),
    "atoms": ("1", "atoms in the gold chain"),
    "gap": ("angstrom", "gap of the gold junction"),
    "bases": ("1", "true: the bases of the gold junction move"),
    "calculator": ("1", "import path of the class of an ASE calculator"),
    "parameters": ("1", "JSON, what the calculator is made with"),
    "structure": ("1", "JSON by ase.io.jsonio, all atoms at rest"),
    "moving": ("1", "index of each atom that moves"),
    "scale": ("angstrom / (hbar/sqrt(eV))", "displacement of an atom over that of its dof"),
    "following": ("1", "displacement of all atoms over that of each dof, both in angstrom, (atom xyz, dof)"),
    "elastic": ("1", "true: the electrodes' atoms follow the moving ones"),
    "rest_force": ("eV^1.5/hbar", "force at rest, taken out"),
    "rest_energy": ("eV", "energy at rest, taken out"),
    "stiffness": ("eV^2", "stiffness at rest, taken out: it is in the dynamical matrix"),
    "forces": ("eV^1.5/hbar", "forces at two places, to recognise an unknown force by"),
}


def write_array(group: h5py.Group, name: str, value: Any, units: str, description: str) -> None:
    """A numeric array as a compressed dataset with a checksum per chunk."""
    array = np.asarray(value)
    options = {"compression": "gzip", "shuffle": True, "fletcher32": True} if array.size else {}
    _label(group.create_dataset(name, data=array, **options), units, description)


def write_value(group: h5py.Group, name: str, value: Any) -> None:
    """A number, truth value, text, None, tuple of integers or texts, or array, so that `read_value` gives it back."""
    units, description = PARAMETERS.get(name, ("internal (hbar = k_B = 1, eV)", "parameter of the constructor"))
    if isinstance(value, np.ndarray) and value.ndim:
        write_array(group, name, value, units, description)
        group[name].attrs["type"] = "array"
        return
    kind = _kind(name, value)
    stored = h5py.Empty("f8") if value is None else _texts(value) if _is_text(value) else value
    dataset = group.create_dataset(name, data=stored)
    dataset.attrs["type"] = kind
    _label(dataset, units, description)


def read_value(dataset: h5py.Dataset) -> Any:
    """The value `write_value` stored, of the same Python type."""
    kind = dataset.attrs["type"]
    if kind == "array":
        return dataset[()]
    if kind == "none":
        return None
    if kind == "text":
        return dataset.asstr()[()]
    if kind == "texts":
        return tuple(str(item) for item in dataset.asstr()[()])
    if kind == "integers":
        return tuple(int(item) for item in dataset[()])
    scalars = {"truth": bool, "integer": int, "number": float, "complex": complex}
    if kind not in scalars:
        raise FileError(f"{dataset.name}: unknown type of value {kind!r}")
    return scalars[kind](dataset[()])


def _kind(name: str, value: Any) -> str:
    types = (("none", type(None)), ("text", str), ("truth", bool | np.bool_), ("integer", int | np.integer))
    for kind, python in (*types, ("number", float | np.floating), ("complex", complex)):
        if isinstance(value, python):
            return kind
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return "texts"
    if isinstance(value, tuple) and all(isinstance(item, int | np.integer) for item in value):
        return "integers"
    raise FileError(f"parameter {name} of type {type(value).__name__} cannot be stored")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, tuple) and all(isinstance(item, str) for item in value))


def _texts(value: str | tuple[str, ...]) -> Any:
    """Text for HDF5; an empty tuple still needs its type."""
    return value if isinstance(value, str) else np.array(value, dtype=h5py.string_dtype())


def _label(dataset: h5py.Dataset, units: str, description: str) -> None:
    dataset.attrs.update(units=units, description=description)
