"""An ASE calculator as potential of many trajectories: named by its import path, or an object; made when first asked.

One call per trajectory, or all at once where the calculator has the method

    sgle_batch(positions (R, n, 3) [Å], atoms) -> forces (R, n, 3) [eV/Å], energies (R,) [eV]

Nothing here imports ase before a force is wanted, so that files with such a force can be read without it.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from importlib import import_module
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import numpy as np

from sgle.anharmonic.cartesian import Cartesian, Placed
from sgle.anharmonic.remainder import Remainder
from sgle.errors import ForceError, InputError

Array = np.ndarray
INSTALL = "ASE is not installed, which this force needs: pip install 'sgle[ase]'"


@dataclass(frozen=True, eq=False)
class Calls:
    """Positions (R, n, 3) -> forces (R, n, 3), energies (R,), through a calculator.

    source : "module:Class", or a calculator.    parameters : JSON, keyword arguments of the class.    structure : JSON
    of the ase.Atoms.
    """

    source: Any
    parameters: str
    structure: str

    @cached_property
    def calculator(self) -> Any:
        """The calculator itself, of this process alone."""
        ours = isinstance(self.source, str)
        found = make(self.source, json.loads(self.parameters)) if ours else self.source
        if ours or parent_process() is not None:
            _set_apart(found)
        return found

    @cached_property
    def _atoms(self) -> Any:
        return _jsonio().decode(self.structure)

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return self.source if isinstance(self.source, str) else type(self.source).__name__

    def __getstate__(self) -> dict[str, Any]:
        """Without the calculator that was made from an import path: another process makes its own."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def __call__(self, positions: Array) -> tuple[Array, Array]:
        """Forces and energies of all trajectories. ForceError with the number of the one that failed."""
        if hasattr(self.calculator, "sgle_batch"):
            return self._guarded(0, lambda: self.calculator.sgle_batch(positions, self._atoms.copy()))
        forces, energies = np.empty(positions.shape), np.empty(len(positions))
        for number, places in enumerate(positions):
            force, energies[number] = self._guarded(number, lambda places=places: self._one(places))
            if np.shape(force) != places.shape:
                raise ForceError(
                    f"{self.name} gives forces of shape {np.shape(force)} for {len(places)} atoms",
                    trajectory=number,
                    shape=np.shape(force),
                )
            forces[number] = force
        return forces, energies

    def _one(self, positions: Array) -> tuple[Array, float]:
        self._atoms.positions = positions
        force = self.calculator.get_forces(self._atoms)
        try:  # the energy that the forces belong to: with smeared electrons the free one
            return force, self.calculator.get_potential_energy(self._atoms, force_consistent=True)
        except (NotImplementedError, TypeError):
            return force, self.calculator.get_potential_energy(self._atoms)

    def _guarded(self, number: int, ask: Any) -> Any:
        """Whatever a calculator raises becomes a ForceError with the number of the trajectory."""
        try:
            return ask()
        except NotImplementedError as error:
            raise ForceError(f"{self.name} offers no forces or no energy: {error}", trajectory=number) from error
        except Exception as error:
            raise ForceError(f"{self.name} failed: {type(error).__name__}: {error}", trajectory=number) from error


def make(path: Any, parameters: Mapping[str, Any]) -> Any:
    """The calculator of a class "module:Class". InputError if there is none, or it cannot be made so.

    Only classes with forces and energies are called: a path in a file must not run anything else.
    """
    if not isinstance(path, str) or not re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", path):
        raise InputError(f'a calculator is written "module:Class", as "ase.calculators.emt:EMT" is, not {path!r:.60}')
    module, name = path.split(":")
    _jsonio()
    try:
        made = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"calculator {path} cannot be imported: {error}. A module of your own must be where Python looks: name its "
            "folder in PYTHONPATH",
            path=path,
        ) from error
    if not all(hasattr(made, f"get_{what}") for what in ("forces", "potential_energy")):
        raise InputError(f"{path} is no ASE calculator: a class with get_forces and get_potential_energy", path=path)
    try:
        return made(**parameters)
    except Exception as error:
        raise InputError(
            f"calculator {path} cannot be made with {dict(parameters)}: {type(error).__name__}: {error}", path=path
        ) from error


def _set_apart(calculator: Any) -> None:
    """A folder for this process, where a calculator talks to its program through files: workers must not share them."""
    kinds = (("calculator", "FileIOCalculator"), ("genericfileio", "GenericFileIOCalculator"))
    with_files = tuple(getattr(import_module(f"ase.calculators.{where}"), name) for where, name in kinds)
    if issubclass(type(calculator), with_files):
        calculator.directory = Path(calculator.directory) / f"process-{os.getpid()}"


def _jsonio() -> Any:
    try:
        return import_module("ase.io.jsonio")
    except ImportError as error:
        raise InputError(INSTALL) from error


def from_spec(
    calculator: str,
    parameters: str,
    structure: str,
    positions: Array,
    moving: Array,
    scale: Array,
    rest_force: Array,
    rest_energy: float,
    stiffness: Array,
    following: Array | None = None,
) -> Remainder:
    """The force whose spec this is; its rest is taken as stored, nothing is computed."""
    place = Cartesian(positions, np.asarray(moving), scale, following)
    potential = Placed(Calls(calculator, parameters, structure), place)
    return described(potential, rest_force, rest_energy, stiffness)


def described(potential: Placed, rest_force: Array, rest_energy: float, stiffness: Array) -> Remainder:
    """A force by a calculator, with its spec if the calculator is known by its import path."""
    calls, place = potential.potential, potential.place
    spec = None
    if isinstance(calls, Calls) and isinstance(calls.source, str):
        spec = {
            "kind": "calculator",
            "calculator": calls.source,
            "parameters": calls.parameters,
            "structure": calls.structure,
            "positions": place.positions,
            "moving": place.moving,
            "scale": place.scale,
            "following": place.following,
            "rest_force": rest_force,
            "rest_energy": rest_energy,
            "stiffness": stiffness,
        }
    return Remainder(potential, rest_force, rest_energy, stiffness, spec)
