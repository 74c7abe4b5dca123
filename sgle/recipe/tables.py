"""From the nested dictionary of a TOML file to checked tables, collecting every problem with its path."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import ValidationError

from sgle.recipe.anharmonic import FORCES, problems_of
from sgle.recipe.arrays import shorten
from sgle.recipe.ehp import Ehp
from sgle.recipe.ehp import problems_of as ehp_problems
from sgle.recipe.models import MODELS, Built, Chain, owners
from sgle.recipe.quantities import Quantity, convert, did_you_mean, written_keys
from sgle.recipe.schema import BATHS, ELECTRONS, Channels, Compare, Probes, Run, Switches, System, Table, Top
from sgle.recipe.stability import Cycle, Growth, Lifetime, Stability
from sgle.recipe.stability import problems_of as stability_problems
from sgle.recipe.studies import STUDIES, NoJunction

UNITS = ("eV", "natural")
SECTIONS = (
    "system", "baths", "anharmonic", "run", "sweep", "switches", "compare", "channels", "ehp", "probes", "stability",
    "growth", "cycle", "lifetime",
)  # fmt: skip
ORIGINS = ("dynamical_matrix", "model", "junction")


@dataclass
class Tables:
    """A recipe's tables, checked and in internal units."""

    top: Top
    system: System | Chain | Built | NoJunction
    baths: dict[str, tuple[str, Table]] = field(default_factory=dict)  # name -> (kind, table)
    run: Run | None = None
    sweep: dict[str, list[int | float]] = field(default_factory=dict)
    switches: Switches = field(default_factory=Switches)
    compare: Compare | None = None
    channels: Channels | None = None
    probes: Probes | None = None
    anharmonic: dict[str, tuple[str, Table]] = field(default_factory=dict)  # path -> (kind, table)
    stability: Stability | None = None
    growth: Growth | None = None
    cycle: Cycle | None = None
    lifetime: dict[str, Lifetime] = field(default_factory=dict)
    ehp: Ehp | None = None
    study: tuple[str, Table] | None = None  # name and table of a recipe without junction


def parse(data: Mapping[str, Any]) -> tuple[Tables | None, list[str]]:
    """Check a whole recipe; returns (tables or None, problems), never raises."""
    units = data.get("units")
    if units not in UNITS:
        guesses = [parse({**data, "units": guess})[1] for guess in UNITS]
        return None, [f'units: must be "eV" or "natural"{_got(data, "units")}', *min(guesses, key=len)]
    problems: list[str] = []
    if studies := [name for name in STUDIES if name in data]:
        return _study(studies[0], data, units, problems), problems
    flat = {key: value for key, value in data.items() if key not in SECTIONS}
    top = _table(Top, flat, units, "", problems, extra=SECTIONS)
    system = _system(data, units, problems)
    run = _section(Run, data, "run", units, problems)
    switches = _section(Switches, data, "switches", units, problems) or Switches()
    compare = _section(Compare, data, "compare", units, problems)
    channels = _section(Channels, data, "channels", units, problems)
    probes = _section(Probes, data, "probes", units, problems)
    baths = _baths(data.get("baths", {}), units, problems)
    forces = _anharmonic(data.get("anharmonic", {}), units, problems)
    stability = _section(Stability, data, "stability", units, problems)
    growth = _section(Growth, data, "growth", units, problems)
    cycle = _section(Cycle, data, "cycle", units, problems)
    lifetime = _lifetime(data.get("lifetime", {}), units, problems)
    ehp = _section(Ehp, data, "ehp", units, problems)
    sweep = _sweep(data.get("sweep", {}), problems)
    if not isinstance(top, Top) or system is None or problems:
        return None, problems
    tables = Tables(
        top, system, baths, run, sweep, switches, compare, channels, probes, forces, stability, growth, cycle, lifetime,
        ehp,
    )  # fmt: skip
    problems += _together(tables) + problems_of(tables) + stability_problems(tables) + ehp_problems(tables)
    return (None if problems else tables), problems


def _study(name: str, data: Mapping[str, Any], units: str, problems: list[str]) -> Tables | None:
    """A recipe without junction: its one table, and a sweep over its keys."""
    for key in data:
        if key in (*SECTIONS, *STUDIES) and key not in (name, "sweep"):
            problems.append(f"{key}: [{name}] has no junction; leave this table out")
    flat = {key: value for key, value in data.items() if key not in (*SECTIONS, *STUDIES)}
    top = _table(Top, flat, units, "", problems)
    table = _table(STUDIES[name], data[name], units, f"{name}.", problems)
    sweep = _sweep(data.get("sweep", {}), problems)
    if not isinstance(top, Top) or table is None or problems:
        return None
    return Tables(top, NoJunction(), sweep=sweep, study=(name, table))


def _section(model: type[Table], data: Mapping[str, Any], name: str, units: str, problems: list[str]) -> Any:
    if name not in data:
        return None
    return _table(model, data[name], units, f"{name}.", problems)


def _system(data: Mapping[str, Any], units: str, problems: list[str]) -> Any:
    """`[system]`, by its model if it names one."""
    if "system" not in data:
        problems.append(f"system: this table is missing; it says what moves: {', '.join(ORIGINS)}")
        return None
    table = data["system"]
    kind: type[Table] = System
    if isinstance(table, Mapping) and "model" in table:
        name = table["model"]
        if not isinstance(name, str) or name not in MODELS:
            problems.append(f"system.model: must be one of {', '.join(MODELS)}, got {shorten(name)}")
            return None
        kind = MODELS[name]
        if issubclass(kind, Built) and units != "eV":
            problems.append(f'system.model: {name} is in eV, K and Å; write units = "eV"')
            return None
    if isinstance(table, Mapping):
        table = _without_foreign(table, kind, problems)
    return _table(kind, table, units, "system.", problems)


def _without_foreign(table: Mapping[str, Any], kind: type[Table], problems: list[str]) -> dict[str, Any]:
    """`table` without the keys of other models, each of which is a problem that names its owner."""
    rest: dict[str, Any] = {}
    given = [origin for origin in ORIGINS if any(origin in _stems(key) for key in table)]
    for key, value in table.items():
        stems = _stems(key)
        if stems & set(kind.model_fields):
            rest[key] = value
        elif stems & set(ORIGINS):
            problems.append(f"system: give one of {', '.join(ORIGINS)}; found {' and '.join(given)}")
        elif models := [name for stem in sorted(stems) for name in owners(stem)]:
            problems.append(f"system.{key}: belongs to model = {' or '.join(json.dumps(name) for name in models)}")
        else:
            rest[key] = value
    return rest


def _stems(key: str) -> set[str]:
    """A key, and what it is without its unit."""
    return {key, key.rpartition("_")[0]}


def _table(
    model: type[Table], table: Any, units: str, path: str, problems: list[str], extra: tuple[str, ...] = ()
) -> Table | None:
    """One table as an instance of `model`, or None with the reasons added to `problems`."""
    if not isinstance(table, Mapping):
        problems.append(f"{path.rstrip('.')}: must be a table of keys, got {shorten(table)}")
        return None
    quantities = quantities_of(model)
    fields, written, found = convert(table, {**quantities, **dict.fromkeys(extra)}, units, path)
    problems += found
    try:
        return model(**fields)
    except ValidationError as error:
        items = [item for item in error.errors() if item["loc"] or not found]
        reasons = [_sentence(item, table, written, quantities, units, path) for item in items]
        problems += [reason for reason in reasons if not _already_said(reason, found, path)]
        return None


def quantities_of(model: type[Table]) -> dict[str, Quantity | None]:
    """The unit, if any, of each field of a table."""
    return {name: _quantity(info.metadata, info.annotation) for name, info in model.model_fields.items()}


def _quantity(metadata: Iterable[Any], annotation: Any) -> Quantity | None:
    """The Quantity in the metadata of an annotation or, for `Annotated[...] | None`, of one of its parts."""
    found = next((item for item in metadata if isinstance(item, Quantity)), None)
    inner = (_quantity(getattr(part, "__metadata__", ()), None) for part in get_args(annotation))
    return found or next((item for item in inner if item), None)


def _sentence(
    error: Any,
    table: Mapping[str, Any],
    written: Mapping[str, str],
    quantities: Mapping[str, Quantity | None],
    units: str,
    path: str,
) -> str:
    """One pydantic error as `path: sentence`, with key and value as the user wrote them."""
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if not error["loc"]:
        return f"{path.rstrip('.') or 'recipe'}: {message}"
    name, *inner = error["loc"]
    where = path + written.get(name, name) + "".join(f"[{i}]" for i in inner if isinstance(i, int))
    if error["type"] == "missing":
        keys = list(written_keys(name, quantities[name], units))
        return f"{where}: is missing" + ("" if keys == [name] else f"; write {' or '.join(keys)}")
    value = error["input"] if inner else table[written[name]]
    shown = f", got {shorten(value)}" if isinstance(value, str | int | float) and "got" not in message else ""
    return f"{where}: {message[:1].lower() + message[1:]}{shown}"


def _already_said(reason: str, found: list[str], path: str) -> bool:
    """True for "X is missing" when X was given, but with the wrong unit in its key."""
    if ": is missing" not in reason:
        return False
    name = reason.removeprefix(path).split(":")[0]
    return any(item.startswith(f"{path}{name}") for item in found)


def _got(data: Mapping[str, Any], key: str) -> str:
    return f", got {shorten(data[key])}" if key in data else "; it is missing"


def _baths(baths: Any, units: str, problems: list[str]) -> dict[str, tuple[str, Table]]:
    """The `[baths.NAME]` tables, each by its kind."""
    return _named(baths, "baths", lambda table, path: _by_kind(table, path, BATHS, units, problems), problems)


def _anharmonic(forces: Any, units: str, problems: list[str]) -> dict[str, tuple[str, Table]]:
    """`[anharmonic]`, or the tables `[anharmonic.NAME]`, each by its kind, by path."""
    if isinstance(forces, Mapping) and "kind" in forces:
        read = _by_kind(forces, "anharmonic", FORCES, units, problems)
        return {"anharmonic": read} if read else {}
    named = _named(forces, "anharmonic", lambda table, path: _by_kind(table, path, FORCES, units, problems), problems)
    return {f"anharmonic.{name}": table for name, table in named.items()}


def _lifetime(tables: Any, units: str, problems: list[str]) -> dict[str, Lifetime]:
    """The tables `[lifetime.NAME]`."""
    return _named(
        tables, "lifetime", lambda table, path: _table(Lifetime, table, units, f"{path}.", problems), problems
    )


def _named(tables: Any, section: str, one: Callable[[Any, str], Any], problems: list[str]) -> dict[str, Any]:
    """Tables [section.NAME], each read by one(table, path), None for one that is not as it should be."""
    if not isinstance(tables, Mapping):
        problems.append(f"{section}: must hold tables [{section}.NAME], got {shorten(tables)}")
        return {}
    read: dict[str, Any] = {}
    for name, table in tables.items():
        if not re.fullmatch(r"[A-Za-z0-9_+-]{1,40}", name):
            problems.append(f"{section}.{shorten(name)}: names are made of letters, digits, _, + and -")
            continue
        found = one(table, f"{section}.{name}")
        if found is not None:
            read[name] = found
    return read


def _by_kind(
    table: Any, path: str, kinds: Mapping[str, type[Table]], units: str, problems: list[str]
) -> tuple[str, Table] | None:
    """One table by its kind, (kind, table)."""
    kind = table.get("kind") if isinstance(table, Mapping) else None
    if not isinstance(kind, str) or kind not in kinds:
        got = "" if kind is None else f", got {shorten(kind)}"
        problems.append(f"{path}.kind: must be one of {', '.join(kinds)}{got}")
        return None
    rest = {key: value for key, value in table.items() if key != "kind"}
    found = _table(kinds[kind], rest, units, f"{path}.", problems)
    return None if found is None else (kind, found)


def _sweep(sweep: Any, problems: list[str]) -> dict[str, list[int | float]]:
    """The swept keys and their values; whether the keys exist is found out when the points are made."""
    if not isinstance(sweep, Mapping):
        problems.append('sweep: must be a table with lines such as "bias_V" = [0.0, 0.5, 1.0]')
        return {}
    for key, values in sweep.items():
        numbers = isinstance(values, list) and all(type(value) in (int, float) for value in values)
        if not numbers or not values:
            problems.append(f"sweep.{key}: must be a list of numbers, got {shorten(values)}")
            return {}
    return dict(sweep)


def _together(tables: Tables) -> list[str]:
    """Problems between tables."""
    problems = []
    from_file = isinstance(tables.system, System) and tables.system.junction is not None
    own_baths = from_file or isinstance(tables.system, Built)
    for name, (kind, _) in tables.baths.items():
        if kind == "from_file" and not from_file:
            problems.append(f'baths.{name}.kind: "from_file" needs system.junction')
    if not tables.baths and not own_baths:
        problems.append("baths: at least one [baths.NAME] is needed")
    electrons = [name for name, (kind, _) in tables.baths.items() if kind in ELECTRONS]
    if tables.top.bias is not None and not electrons and not own_baths:
        problems.append(
            f"bias: no bath feels it; only {', '.join(ELECTRONS[:-1])} and {ELECTRONS[-1]} baths are electrons"
        )
    memory = tables.run.memory if tables.run else "convolution"
    for name in memory if isinstance(memory, dict) else ():
        if name not in tables.baths and not own_baths:
            problems.append(f"run.memory.{name}: no such bath{did_you_mean(name, list(tables.baths))}")
    return problems
