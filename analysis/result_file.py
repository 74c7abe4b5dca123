"""results.h5: a whole result in one HDF5 file, exact, readable by h5py and as netCDF-4 groups by xarray.

/            attributes format, version, sgle_version, verdict, interrupted, settings, versions, warnings (JSON) ...,
             sha256_of_content (sgle.files.digest)
/recipe      text
/dof, /bath, /atom, /chunk, /trajectory, /frequency, /band      names or coordinates of the axes
/estimates/<name>/value, stderr, effective_samples, grid, continuum      attribute degrees
/series/<name>      averages over chunks of steps, (chunk, trajectory, ...)
/band_edges         frequencies between the bands of each dof
/crosscheck         one row per number: group, label, value, stderr, grid, continuum, z, degrees, scale
/modes, /snapshots  of anharmonic runs: modes with harmonic energies; motion and energies at the end of every chunk
/passages/<name>, /watched      first times beyond a limit, and for how long each trajectory was followed
/junction, /reference      as in junction.h5
Every dataset has attributes units and description; numbers are in internal units (ħ = k_B = 1).
"""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import h5py
import numpy as np

import sgle
from sgle.analysis.axes import Axes
from sgle.analysis.crosscheck import Balance, CrossCheck, Row
from sgle.analysis.equilibration import Equilibration
from sgle.analysis.estimate import Estimate
from sgle.analysis.quantities import quantity
from sgle.analysis.result import Result
from sgle.analysis.snapshots import Snapshots
from sgle.errors import FileError
from sgle.files.digest import signed, verify
from sgle.files.junction_file import read_junction, write_junction
from sgle.files.safe import opened
from sgle.mode_energy import ModeEnergies

FORMAT, VERSION = "sgle-results", 3  # 1 had no digest of the content, 2 no anharmonic runs; other runs still are of 2
PARTS = {
    "value": "sampled mean",
    "stderr": "standard error of the mean",
    "effective_samples": "number of independent samples",
    "grid": "exact answer for this time step",
    "continuum": "exact answer for time step 0",
}
MODES = {
    "frequency": (("mode",), "frequency", "root of the static stiffness, NaN where that is not positive"),
    "shape": (("dof", "mode"), "", "orthonormal eigenvectors of the static stiffness, mass-weighted"),
    "quantum": (("mode",), "energy", "harmonic energy for weak damping, 1/2 w coth(w/2T) at one temperature"),
    "grid": (("mode",), "energy", "twice the harmonic kinetic energy, exact for this time step"),
    "continuum": (("mode",), "energy", "twice the harmonic kinetic energy, exact for time step 0"),
}
SNAPSHOTS = {
    "displacement": (("dof",), "displacement", "mass-normalised displacements"),
    "velocity": (("dof",), "velocity", "mass-normalised velocities"),
    "harmonic_energy": ((), "energy", "kinetic and harmonic energy of the ledger, half a step later"),
    "anharmonic_energy": ((), "energy", "energy of the anharmonic force"),
}
PLAIN = ("ledger_error", "exact_error", "interrupted")


def save(path: str | Path, result: Result) -> None:
    """Write a result, whole or not at all: a temporary file, synced, renamed. FileError if that is
    impossible.
    """
    with signed(path) as file:
        _write_attributes(file, result)
        _write_recipe(file, result.recipe)
        axes = Axes(file, result)
        for name, estimate in result.estimates.items():
            _write_estimate(file.create_group(f"estimates/{name}"), axes, name, estimate)
        for name, series in result.series.items():
            what = quantity(name)
            dims = ("chunk", "trajectory", *what.dims)
            axes.write(
                file,
                f"series/{name}",
                series,
                dims,
                what.kind,
                f"{what.title}, averages over chunks of steps",
            )
        if result.band_edges is not None:
            axes.write(file, "band_edges", result.band_edges, ("edge", "dof"), "frequency", "ends of the bands")
        _write_motion(file, axes, result)
        _write_rows(file.create_group("crosscheck"), result.crosscheck)
        write_junction(file.create_group("junction"), result.junction)
        if result.reference is not None:
            write_junction(file.create_group("reference"), result.reference)


def load(path: str | Path) -> Result:
    """The result in a file, exactly as it was saved. FileError if it is missing, damaged or something
    else.
    """
    with opened(path, "a results file of sgle") as file:
        if file.attrs.get("format") != FORMAT:
            raise FileError("no results inside (its attribute 'format' is not 'sgle-results')")
        version = int(file.attrs["version"])
        if version > VERSION:
            raise FileError(f"results format {version} is newer than this sgle can read ({VERSION})")
        verify(file, required=version > 1)
        return _read(file)


def _write_attributes(file: h5py.File, result: Result) -> None:
    version = VERSION if result.anharmonic else 2
    file.attrs.update(format=FORMAT, version=version, sgle_version=sgle.__version__)
    file.attrs.update(verdict=result.crosscheck.verdict, **{name: getattr(result, name) for name in PLAIN})
    for name in ("settings", "versions", "warnings"):
        file.attrs[name] = json.dumps(getattr(result, name))
    found = result.equilibration
    file.attrs["equilibration"] = [found.detected, found.length, found.quantity]


def _write_recipe(file: h5py.File, text: str) -> None:
    data = file.create_dataset("recipe", data=text, dtype=h5py.string_dtype())
    data.attrs.update(units="1", description="recipe of the run, as it was given (TOML); empty if there was none")


def _write_estimate(group: h5py.Group, axes: Axes, name: str, estimate: Estimate) -> None:
    what = quantity(name)
    group.attrs.update(degrees=estimate.degrees, description=what.title)
    for part, text in PARTS.items():
        if getattr(estimate, part) is not None:
            kind = "" if part == "effective_samples" else what.kind
            axes.write(group, part, getattr(estimate, part), what.dims, kind, f"{what.title}: {text}")


def _write_motion(file: h5py.File, axes: Axes, result: Result) -> None:
    """Modes and snapshots of an anharmonic run, passages of any."""
    for name, (dims, kind, text) in MODES.items() if result.modes is not None else ():
        value = getattr(result.modes, name)
        if value is not None:
            axes.write(file, f"modes/{name}", value, dims, kind, text)
    for name, (dims, kind, text) in SNAPSHOTS.items() if result.snapshots is not None else ():
        value, text = getattr(result.snapshots, name), f"{text}, at the end of each chunk"
        axes.write(file, f"snapshots/{name}", value, ("chunk", "trajectory", *dims), kind, text)
    for name, first in result.passages.items():
        text = f"first time at which {name} was beyond its limit (see settings), NaN for never"
        axes.write(file, f"passages/{name}", first, ("trajectory",), "time", text)
    if result.watched is not None:
        text = "time for which each trajectory was followed, from the start of the run"
        axes.write(file, "watched", result.watched, ("trajectory",), "time", text)


def _write_rows(group: h5py.Group, check: CrossCheck) -> None:
    group.attrs.update(alpha=check.alpha, ceiling=check.ceiling, reasons=json.dumps(check.reasons), limit=check.limit)
    if check.balance.potential is not None:
        group.attrs["potential_error"] = check.balance.potential
    for column in fields(Row):
        values = [getattr(row, column.name) for row in check.rows]
        kind = h5py.string_dtype() if column.type is str else float
        data = group.create_dataset(column.name, data=np.array(values, dtype=kind))
        data.attrs.update(units="internal", description=f"{column.name} of each number that is judged")


def _read(file: h5py.File) -> Result:
    """Everything, from an open file."""
    estimates = {name: _read_estimate(file["estimates"][name]) for name in file["estimates"]}
    settings, versions, told = (json.loads(file.attrs[name]) for name in ("settings", "versions", "warnings"))
    return Result(
        read_junction(file["junction"]),
        read_junction(file["reference"]) if "reference" in file else None,
        settings,
        versions,
        estimates,
        {name: file["series"][name][()] for name in file["series"]},
        file["frequency"][()] if "frequency" in file else None,
        file["band_edges"][()] if "band_edges" in file else None,
        Equilibration(*(int(number) for number in file.attrs["equilibration"])),
        _read_rows(file["crosscheck"], float(file.attrs["ledger_error"])),
        float(file.attrs["ledger_error"]),
        float(file.attrs["exact_error"]),
        bool(file.attrs["interrupted"]),
        tuple(told),
        str(file["recipe"].asstr()[()]),
        ModeEnergies(**_arrays(file["modes"])) if "modes" in file else None,
        Snapshots(**_arrays(file["snapshots"])) if "snapshots" in file else None,
        _arrays(file["passages"]) if "passages" in file else {},
        file["watched"][()] if "watched" in file else None,
    )


def _arrays(group: h5py.Group) -> dict[str, Any]:
    return {name: group[name][()] for name in group}


def _read_estimate(group: h5py.Group) -> Estimate:
    parts: dict[str, Any] = {part: group[part][()] if part in group else None for part in PARTS}
    return Estimate(**parts, degrees=float(group.attrs["degrees"]))


def _read_rows(group: h5py.Group, closing: float) -> CrossCheck:
    columns = [
        (group[column.name].asstr() if column.type is str else group[column.name])[()].tolist()
        for column in fields(Row)
    ]
    rows = tuple(Row(*row) for row in zip(*columns, strict=True))
    reasons = tuple(json.loads(group.attrs["reasons"]))
    potential = float(group.attrs["potential_error"]) if "potential_error" in group.attrs else None
    alpha, ceiling = float(group.attrs["alpha"]), float(group.attrs["ceiling"])
    return CrossCheck(rows, alpha, ceiling, reasons, Balance(closing, potential))
