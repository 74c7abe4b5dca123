"""The vocabulary of a result: what its estimates and series are called, measured in and indexed by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """kind : key of sgle.units; power : of it; dims : names of the axes; title : one line for people."""

    kind: str
    dims: tuple[str, ...]
    title: str


QUANTITIES = {
    "kinetic_energy": Quantity("energy", ("dof",), "kinetic energy of each degree of freedom"),
    "kinetic_energy_per_atom": Quantity("energy", ("atom",), "kinetic energy of each atom"),
    "heat_current": Quantity("heat_current", ("bath",), "heat current into each bath"),
    "excess_kinetic_energy": Quantity("energy", ("dof",), "kinetic energy beyond that of the reference, same noise"),
    "excess_kinetic_energy_per_atom": Quantity("energy", ("atom",), "the same, summed over each atom"),
    "excess_heat_current": Quantity("heat_current", ("bath",), "heat current beyond that of the reference, same noise"),
    "controlled_kinetic_energy": Quantity("energy", ("dof",), "kinetic energy, the reference as control variate"),
    "controlled_heat_current": Quantity("heat_current", ("bath",), "heat current, the reference as control variate"),
    "reference_kinetic_energy": Quantity("energy", ("dof",), "kinetic energy of the reference junction"),
    "reference_heat_current": Quantity("heat_current", ("bath",), "heat current into each bath of the reference"),
    "band_energy": Quantity("energy", ("band", "dof"), "kinetic energy in bands of frequency"),
    "mode_energy": Quantity("energy", ("mode",), "twice the kinetic energy of each vibrational mode"),
    "anharmonic_energy": Quantity("energy", ("total",), "energy of the anharmonic force"),
    "anharmonic_power": Quantity("heat_current", ("total",), "work per time of the anharmonic force"),
    "reference_mode_energy": Quantity("energy", ("mode",), "twice the kinetic energy of each mode of the reference"),
    "reference_anharmonic_energy": Quantity("energy", ("total",), "energy of the reference's anharmonic force"),
    "reference_anharmonic_power": Quantity("heat_current", ("total",), "work per time of the reference's such force"),
    "mode_population": Quantity("", ("mode",), "number of quanta of each vibrational mode"),
    "velocity_spectrum": Quantity("spectrum", ("frequency", "dof"), "two-sided velocity spectrum, Hann window"),
}
# What the internal units are called in files.
FILE_UNITS = {
    "eV": {
        "energy": "eV",
        "heat_current": "eV^2/hbar",
        "time": "hbar/eV",
        "frequency": "eV/hbar",
        "spectrum": "hbar",
        "displacement": "hbar/eV^0.5",
        "velocity": "eV^0.5",
    },
    "natural": {},
}


def quantity(name: str) -> Quantity:
    """What is known of an estimate or series; extra observers have numbered columns."""
    return QUANTITIES.get(name, Quantity("", ("column",), name.replace("_", " ")))


def file_unit(system: str, kind: str) -> str:
    """Name of the internal unit of a kind of quantity, "1" if it has none."""
    return FILE_UNITS[system].get(kind, "1")
