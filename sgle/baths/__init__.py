"""Constructors of baths: each returns a Bath; new physics is a new constructor, not a new class."""

from collections.abc import Mapping
from inspect import signature
from typing import Any

from sgle.bath import Bath
from sgle.baths.electron import flat_band, local
from sgle.baths.electron_table import electron_table
from sgle.baths.lead import chain_lead, lead
from sgle.baths.level_pairs import level_pairs
from sgle.baths.pairs import electron_hole_pairs
from sgle.baths.phonon import debye, drude, from_callable, ohmic, tabulated
from sgle.errors import BathError

_ALL = (drude, ohmic, debye, tabulated, lead, chain_lead, flat_band, local, electron_table, level_pairs)
CONSTRUCTORS = {constructor.__name__: constructor for constructor in _ALL}
__all__ = ["CONSTRUCTORS", "electron_hole_pairs", "from_callable", "from_spec", *CONSTRUCTORS]


def from_spec(spec: Mapping[str, Any]) -> Bath:
    """The bath whose `spec` this is: constructor name under "kind", its parameters, switches under "without"."""
    parameters = {name: value for name, value in spec.items() if name not in ("kind", "without")}
    kind = spec.get("kind")
    if kind not in CONSTRUCTORS:
        raise BathError(f"unknown kind of bath {kind!r}; known: {', '.join(CONSTRUCTORS)}", kind=kind)
    try:
        signature(CONSTRUCTORS[kind]).bind(**parameters)
    except TypeError as error:
        raise BathError(f"{kind}: {error}", kind=kind) from None
    return CONSTRUCTORS[kind](**parameters).without(*spec.get("without", ()))
