"""From checked tables to the objects of the library: Junction, Grid and the settings of a simulation."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sgle import baths
from sgle.bath import Bath
from sgle.baths import from_spec
from sgle.errors import InputError, PhysicsError, RecipeError
from sgle.grid import Grid
from sgle.junction import Junction
from sgle.recipe.anharmonic import build_force
from sgle.recipe.models import Built, Chain
from sgle.recipe.quantities import did_you_mean
from sgle.recipe.schema import ELECTRONS, LevelPairs, Run, System, Table
from sgle.recipe.studies import NoJunction
from sgle.recipe.tables import Tables


def build_junction(tables: Tables) -> Junction:
    """The junction of a recipe, at its bias and with its switches; problems of all baths at once."""
    if isinstance(tables.system, NoJunction):
        name = tables.study[0] if tables.study else "study"
        raise RecipeError(f"[{name}] has no junction: it is answered by sgle landauer, or sgle run", problems=[])
    bias = tables.top.bias
    base = _base(tables.system, bias or 0.0)
    built = {name: bath for name, bath in base.baths.items() if name not in tables.baths} if base else {}
    problems = []
    for name, (kind, table) in tables.baths.items():
        try:
            known = base.baths if base and not isinstance(tables.system, Built) else {}
            built[name] = _bath(name, kind, table, bias or 0.0, known)
        except PhysicsError as error:
            raise type(error)(f"baths.{name}: {error}", **error.numbers) from error
        except InputError as error:
            problems.append(f"baths.{name}: {error}")
    if problems:
        raise RecipeError("\n".join(problems), problems=problems)
    if base and isinstance(tables.system, Built):
        junction = Junction(base.dynamical_matrix, {**base.baths, **built}, atoms=base.atoms)
    else:
        atoms, force = (base.atoms, base.anharmonic) if base else (None, None)
        junction = Junction(_matrix(tables.system, base), built, atoms=atoms, anharmonic=force)
        junction = junction if bias is None else junction.at_bias(bias)
    junction = junction.with_anharmonic(build_force(tables, junction))
    return junction.without(*tables.switches.without) if tables.switches.without else junction


def _base(system: System | Chain | Built, bias: float) -> Junction | None:
    """The junction of a model that brings its baths, or in the recipe's junction file; None for any other."""
    if isinstance(system, Built):
        return system.junction(bias)
    if isinstance(system, Chain) or system.junction is None:
        return None
    from sgle.files.junction_file import load_junction

    return load_junction(system.junction)


def _matrix(system: System | Chain | Built, base: Junction | None) -> np.ndarray:
    """(N, N) dynamical matrix of `[system]`."""
    if base is not None:
        return base.dynamical_matrix
    if isinstance(system, Chain):
        return chain_matrix(system.sites, system.spring, system.onsite)
    return np.array(system.dynamical_matrix, float)  # type: ignore[union-attr]


def chain_matrix(sites: int, spring: float, onsite: float) -> np.ndarray:
    """Dynamical matrix (sites, sites) of a uniform chain whose two ends also hold a spring to a lead.

    K_kk = 2 spring + onsite, K_k,k±1 = -spring: joined to two `chain_lead` baths it is part of an endless chain.
    """
    side = np.full(sites - 1, -spring)
    return np.diag(np.full(sites, 2 * spring + onsite)) + np.diag(side, 1) + np.diag(side, -1)


def _bath(name: str, kind: str, table: Table, bias: float, known: Mapping[str, Bath]) -> Bath:
    """One bath from its table, whose fields are named like the arguments of the constructor; known: in the file."""
    if kind == "from_file":
        return _from_file(name, table, known)
    if name in known:
        raise RecipeError('the junction file has a bath of this name; choose another, or kind = "from_file"')
    given = table.arguments().items() if isinstance(table, LevelPairs) else table
    values = {key: _array(value) for key, value in given if value is not None}
    if kind == "chain_lead":
        values["dof"] = values.pop("dofs")[0]
    if kind in ELECTRONS:
        values["bias"] = bias
    if np.isscalar(values.get("friction")):
        values["friction"] = values["friction"] * np.eye(len(values["dofs"]))
    constructor: Callable[..., Bath] = getattr(baths, kind)
    return constructor(**values)


def _from_file(name: str, table: Table, known: Mapping[str, Bath]) -> Bath:
    """The junction file's bath `name` with the table's parameters instead of its own."""
    if name not in known:
        raise RecipeError(f"the junction file has no bath of this name{did_you_mean(name, list(known))}")
    spec = known[name].spec
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
    return Grid(run.time_step, memory=run.memory, memory_time=run.memory_time, memory_error=run.memory_error)


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
        "reference": True if run.excess else run.reference,
        "memory_error": run.memory_error,
        "control": run.control,
        "method": run.method,
        "start": run.start,
        "target_error": run.target_error,
    }
