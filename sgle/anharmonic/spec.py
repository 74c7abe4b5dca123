"""Forces made again from their `spec`: the constructor under "kind", and what it was called with."""

from collections.abc import Mapping
from importlib import import_module
from inspect import signature
from typing import Any

from sgle.anharmonic.contract import Anharmonic
from sgle.errors import InputError

# Kind -> where its constructor is; imported when it is wanted: some bring much with them.
CONSTRUCTORS = {
    "polynomial": "sgle.anharmonic.linear:polynomial",
    "morse": "sgle.anharmonic.linear:morse",
    "lennard_jones": "sgle.anharmonic.linear:lennard_jones",
    "morse_between": "sgle.anharmonic.between:morse_between",
    "lennard_jones_between": "sgle.anharmonic.between:lennard_jones_between",
    "sutton_chen": "sgle.models.gold.anharmonic:gold_chain_force",
    "calculator": "sgle.anharmonic.calculator:from_spec",
    "unknown": "sgle.anharmonic.unknown:unknown",
}
ATOMS = ("symbols", "dof_atom", "masses", "positions")


def from_spec(spec: Mapping[str, Any]) -> Anharmonic:
    """The force whose `spec` this is. InputError if nothing can be made of it."""
    parameters = dict(spec)
    kind = parameters.pop("kind", None)
    if kind == "sum":
        from sgle.anharmonic.combined import sum_of

        return sum_of(*map(from_spec, parameters.get("terms", ())))
    if kind not in CONSTRUCTORS:
        raise InputError(f"unknown kind of force {kind!r:.60}; known: sum, {', '.join(CONSTRUCTORS)}", kind=kind)
    module, name = CONSTRUCTORS[kind].split(":")
    constructor = getattr(import_module(module), name)
    if "symbols" in parameters:
        from sgle.junction import Atoms

        parameters["atoms"] = Atoms(**{key: parameters.pop(key) for key in ATOMS})
    try:
        signature(constructor).bind(**parameters)
    except TypeError as error:
        raise InputError(f"{kind}: {error}", kind=kind) from None
    made: Anharmonic = constructor(**parameters)
    return made
