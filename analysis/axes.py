"""Axes of a results file: HDF5 dimension scales, so that a reader sees (dof, bath, frequency) instead of (0,
1, 2).
"""

from typing import Any

import h5py
import numpy as np

from sgle.analysis.quantities import file_unit, quantity
from sgle.analysis.result import Result


class Axes:
    """Writes the scales of a result into the root of a file, and datasets that are attached to them."""

    def __init__(self, file: h5py.File, result: Result) -> None:
        self.file, self.system = file, result.settings["units"]
        junction = result.junction
        self._names("dof", [f"dof {k}" for k in range(junction.size)], "degrees of freedom")
        self._names("bath", list(junction.baths), "baths")
        if junction.atoms is not None:
            self._names("atom", [f"{name} {k}" for k, name in enumerate(junction.atoms.symbols)], "atoms")
        chunks, trajectories = result.series["kinetic_energy"].shape[:2]
        middles = (np.arange(chunks) + 0.5) * result.settings["chunk"] * result.settings["time_step"]
        self._numbers("chunk", middles, "time", "middle of each chunk of steps, from the start of the run")
        self._numbers("trajectory", np.arange(trajectories), "", "trajectories")
        if result.modes is not None or any("mode" in quantity(name).dims for name in result.estimates):
            self._numbers("mode", np.arange(junction.size), "", "vibrational modes, by ascending frequency")
        if result.frequency is not None:
            self._numbers("frequency", result.frequency, "frequency", "angular frequencies of the spectra")
        if result.band_edges is not None:
            self._numbers("band", np.arange(len(result.band_edges) - 1), "", "bands of equal expected energy")
            self._numbers("edge", np.arange(len(result.band_edges)), "", "ends of the bands")

    def write(self, group: h5py.Group, name: str, value: Any, dims: tuple[str, ...], kind: str, text: str) -> None:
        """A dataset with units and description, its axes attached to the scales called `dims`."""
        array = np.asarray(value)
        compress = {"compression": "gzip", "shuffle": True, "fletcher32": True} if array.size > 64 else {}
        data = group.create_dataset(name, data=array, **compress)
        data.attrs.update(units=file_unit(self.system, kind), description=text)
        for axis, dim in enumerate(dims):
            data.dims[axis].label = dim
            if dim in self.file:
                data.dims[axis].attach_scale(self.file[dim])

    def _names(self, name: str, texts: list[str], description: str) -> None:
        self._scale(name, np.array(texts, dtype=h5py.string_dtype()), "1", description)

    def _numbers(self, name: str, values: np.ndarray, kind: str, description: str) -> None:
        self._scale(name, values, file_unit(self.system, kind), description)

    def _scale(self, name: str, values: np.ndarray, unit: str, description: str) -> None:
        data = self.file.create_dataset(name, data=values)
        data.attrs.update(units=unit, description=description)
        data.make_scale(name)
