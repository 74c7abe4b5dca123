"""From checked tables to the objects of the library: Junction, Grid and the settings of a simulation."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from sgle import baths
from sgle.bath import Bath
from sgle.baths import from_spec
from sgle.errors import InputError, PhysicsError, RecipeError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.recipe.quantities import did_you_mean
from sgle.recipe.schema import ELECTRONS, Run, System, Table
from sgle.recipe.tables import Tables


def build_junction(tables: Tables) -> Junction:
    """The junction of a recipe, at its bias and with its switches; problems of all baths at once."""
    base = _base(tables.system)
    bias = tables.top.bias
    built = {name: bath for name, bath in base.baths.items() if name not in tables.baths} if base else {}
    problems = []
    for name, (kind, table) in tables.baths.items():
        try:
            built[name] = _bath(name, kind, table, bias or 0.0, base)
        except PhysicsError as error:
            raise type(error)(f"baths.{name}: {error}", **error.numbers) from error
        except InputError as error:
            problems.append(f"baths.{name}: {error}")
    if problems:
        raise RecipeError("\n".join(problems), problems=problems)
    junction = Junction(_matrix(tables.system, base), built, atoms=base.atoms if base else None)
    if bias is not None:
        junction = junction.at_bias(bias)
    return junction.without(*tables.switches.without) if tables.switches.without else junction


def _base(system: System) -> Junction | None:
    """The junction in the recipe's junction file, if it names one."""
    if system.junction is None:
        return None
    from sgle.files.junction_file import load_junction

    return load_junction(system.junction)


def _matrix(system: System, base: Junction | None) -> np.ndarray:
    """(N, N) dynamical matrix of `[system]`."""
    if base is not None:
        return base.dynamical_matrix
    if system.dynamical_matrix is not None:
        return np.array(system.dynamical_matrix, float)
    return chain_matrix(system.sites or 1, system.spring or 0.0, system.onsite or 0.0)


def chain_matrix(sites: int, spring: float, onsite: float) -> np.ndarray:
    """Dynamical matrix (sites, sites) of a uniform chain whose two ends also hold a spring to a lead.

    K_kk = 2 spring + onsite, K_k,k±1 = -spring: joined to two `chain_lead` baths it is part of an endless chain.
    """
    side = np.full(sites - 1, -spring)
    return np.diag(np.full(sites, 2 * spring + onsite)) + np.diag(side, 1) + np.diag(side, -1)


def _bath(name: str, kind: str, table: Table, bias: float, base: Junction | None) -> Bath:
    """One bath from its table, whose fields are named like the arguments of the constructor."""
    if kind == "from_file":
        return _from_file(name, table, base)
    if base is not None and name in base.baths:
        raise RecipeError('the junction file has a bath of this name; choose another, or kind = "from_file"')
    values = {key: _array(value) for key, value in table if value is not None}
    if kind == "chain_lead":
        values["dof"] = values.pop("dofs")[0]
    if kind in ELECTRONS:
        values["bias"] = bias
    if np.isscalar(values.get("friction")):
        values["friction"] = values["friction"] * np.eye(len(values["dofs"]))
    constructor: Callable[..., Bath] = getattr(baths, kind)
    return constructor(**values)


def _from_file(name: str, table: Table, base: Junction | None) -> Bath:
    """The junction file's bath `name` with the table's parameters instead of its own."""
    if base is None or name not in base.baths:
        known = list(base.baths) if base else []
        raise RecipeError(f"the junction file has no bath of this name{did_you_mean(name, known)}")
    spec = base.baths[name].spec
    changed = {key: value for key, value in table if value is not None}
    for key in changed:
        if key not in spec:
            raise RecipeError(f"{key}: the {spec['kind']} bath in the junction file has none")
    return from_spec({**spec, **changed})


def _array(value: Any) -> Any:
    """Lists of numbers as arrays, except lists of dofs."""
    if isinstance(value, list) and not all(isinstance(item, int) for item in value):
        return np.array(value)
    return tuple(value) if isinstance(value, list) else value


def build_grid(run: Run) -> Grid:
    """The time grid of `[run]`."""
    return Grid(run.time_step, memory=run.memory, memory_time=run.memory_time)


def simulate_settings(run: Run) -> dict[str, Any]:
    """Keyword arguments of sgle.simulate for `[run]`: times become numbers of steps."""
    duration = run.duration or 0.0  # the schema has seen to it that one of both is given
    steps = run.steps or math.ceil(duration / run.time_step * (1 - 1e-12))
    return {
        "time_step": run.time_step,
        "steps": steps,
        "trajectories": run.trajectories,
        "seed": run.seed,
        "burn_in": None if run.burn_in is None else math.ceil(run.burn_in / run.time_step),
        "memory": run.memory,
        "memory_time": run.memory_time,
        "batch": run.batch,
        "reference": True if run.excess else None,
    }
