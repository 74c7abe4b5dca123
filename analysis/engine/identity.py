"""Identity: what determines the bits of a run, and what of it has changed when a run is resumed."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sgle
from sgle.analysis.passage import Passage
from sgle.analysis.plan import Plan
from sgle.errors import InputError
from sgle.files.junction_file import digest
from sgle.grid import Grid
from sgle.junction import Junction

FREE = ("name", "title", "description", "run.target_error")  # keys of a recipe that change no sampled number


class ChangedRunError(InputError):
    """A run that was to be resumed is not the one that was begun; `differences` says in what."""


@dataclass(frozen=True)
class Identity:
    """facts : all that the numbers depend on, name -> text. software : versions, which change them in the last bits.

    recipe : TOML text, to name a difference as the user knows it. target_error, number of workers, checkpoint interval
    and a recipe's title are no part of it: a run may go on with others.
    """

    facts: dict[str, str]
    software: dict[str, str]
    recipe: str = ""

    @property
    def token(self) -> str:
        """Checksum of the facts, which every file of the run carries."""
        return hashlib.sha256(json.dumps(self.facts, sort_keys=True).encode()).hexdigest()

    def require_same(self, begun: "Identity") -> None:
        """ChangedRunError, with every difference as `key: old -> new`, unless the run that was begun is this one."""
        if begun.token == self.token:
            return
        lines = changes(_flat(begun.recipe), _flat(self.recipe)) or changes(begun.facts, self.facts)
        raise _changed(lines)

    def other_software(self, begun: "Identity") -> str:
        """A sentence on the libraries that have changed since, or nothing."""
        found = changes(begun.software, self.software)
        return f"resumed with {', '.join(found)}: the run goes on, but not bit for bit" if found else ""


def require_same_recipe(begun: str, now: str) -> None:
    """ChangedRunError unless two recipes ask for the same numbers, as far as their keys say."""
    lines = changes(_flat(begun), _flat(now))
    if lines:
        raise _changed(lines)


def _changed(lines: list[str]) -> ChangedRunError:
    way_out = "resume with the recipe it was begun with, choose another folder, or begin again with --overwrite"
    text = "what is to be resumed is another run:\n" + "\n".join(f"  {line}" for line in lines)
    return ChangedRunError(f"{text}\n{way_out}", differences=lines)


def identify(
    junctions: Mapping[str, Junction],
    grid: Grid,
    plan: Plan,
    observers: Mapping[str, Callable[..., Any]],
    passages: Mapping[str, Passage],
    recipe: str,
) -> Identity:
    """The identity of a run. Functions of the user count by name and place; their code is not looked at."""
    facts = {name: repr(value) for name, value in asdict(plan).items()}
    facts |= {name: repr(value) for name, value in asdict(grid).items()}
    facts |= {key + "junction": digest(junction) for key, junction in junctions.items()}
    for key, junction in junctions.items():
        if junction.anharmonic is not None and junction.anharmonic.spec is None:
            facts[key + "anharmonic"] = _place(junction.anharmonic)
    facts |= {f"observers.{name}": _place(function) for name, function in observers.items()}
    for name, passage in passages.items():
        known = is_dataclass(passage.coordinate)
        what = repr(passage.coordinate) if known else _place(passage.coordinate)
        facts[f"passages.{name}"] = f"{what} > {passage.limit!r}"
    return Identity(facts, software(), recipe)


def _place(function: Any) -> str:
    """Where a function or an object that is called comes from."""
    return f"{function.__module__}.{getattr(function, '__qualname__', type(function).__name__)}"


def software() -> dict[str, str]:
    """Versions of what determines the last bits, and a checksum of the code of sgle itself."""
    return {"sgle": sgle.__version__, "code": CODE} | {name: version(name) for name in ("numpy", "scipy")}


def _code() -> str:
    """Checksum of all modules but those of the command line, the same in a checkout as installed."""
    own = Path(sgle.__path__[0])
    found = {path.relative_to(own).as_posix(): path for path in own.rglob("*.py")}
    for place in map(Path, sgle.__path__[1:]):
        for package in ("integrators", "analysis"):
            found |= {path.relative_to(place).as_posix(): path for path in (place / package).rglob("*.py")}
    text = hashlib.sha256()
    for name in sorted(found):
        if not name.startswith(("cli/", "runs/")):
            text.update(name.encode() + found[name].read_bytes())
    return text.hexdigest()[:12]


CODE = _code()  # as it is when it is loaded


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """`key: old -> new` of every entry that differs; "none" where there is no such entry."""
    keys = [*old, *(key for key in new if key not in old)]
    return [
        f"{key}: {_short(old.get(key, 'none'))} -> {_short(new.get(key, 'none'))}"
        for key in keys
        if old.get(key) != new.get(key)
    ]


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _flat(recipe: str) -> dict[str, str]:
    """Dotted keys of a recipe's values, as texts; none for an empty one."""
    found: dict[str, str] = {}

    def visit(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                visit(item, f"{path}.{key}" if path else key)
        elif path not in FREE:
            found[path] = json.dumps(value, default=str)

    with suppress(tomllib.TOMLDecodeError):  # any text may be kept with a result
        visit(tomllib.loads(recipe), "")
    return found
