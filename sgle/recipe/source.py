"""Finding, reading, changing and writing the TOML text of a recipe."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from sgle.errors import RecipeError
from sgle.recipe.arrays import shorten
from sgle.recipe.quantities import SUFFIXES, did_you_mean

# Keys of one table of which only one may be given: setting one takes the others away.
ALTERNATIVES = (("steps", "duration"), ("dynamical_matrix", "model", "junction"), ("levels", "hamiltonian"))
# Between the parts of a dotted key; the dot of the unit eV1.5 is none.
DOT = re.compile(r"(?<!eV1)\.")


def shipped() -> dict[str, Any]:
    """The recipes that come with sgle: name -> readable resource, in alphabetical order."""
    folder = resources.files("sgle.runs")
    files = {item.name.removesuffix(".toml"): item for item in folder.iterdir() if item.name.endswith(".toml")}
    return dict(sorted(files.items()))


def find(name_or_path: str | Path) -> tuple[str, bytes, Path | None]:
    """(default name, bytes, folder or None) of a recipe file or a shipped recipe."""
    path = Path(name_or_path)
    try:
        if path.is_file():
            return path.stem, path.read_bytes(), path.resolve().parent
        known = shipped()
        if str(name_or_path) in known:
            return str(name_or_path), known[str(name_or_path)].read_bytes(), None
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise _failure(f"{shorten(str(name_or_path))}: cannot be read: {error}") from error
    hint = did_you_mean(str(name_or_path), list(known))
    raise _failure(f"{shorten(str(name_or_path), 80)}: neither a file nor a shipped recipe{hint}")


def decode(data: bytes, name: str) -> tuple[str, dict[str, Any]]:
    """Text and nested dictionary of TOML bytes."""
    try:
        text = data.decode("utf-8")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise _failure(f"{name}: not a text file in UTF-8 (byte {error.start} is {data[error.start]:#04x})") from error
    except RecursionError as error:
        raise _failure(f"{name}: not valid TOML: brackets are nested too deeply") from error
    except ValueError as error:
        raise _failure(f"{name}: not valid TOML: {error}") from error


def override(data: dict[str, Any], assignments: Sequence[str]) -> list[str]:
    """Apply `--set key=value` assignments to `data` in place; returns problems."""
    problems = []
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals or not key.strip():
            problems.append(f"--set {shorten(assignment)}: must be key=value, such as run.seed=7")
            continue
        problems += put(data, key.strip(), parse_value(value.strip()), "--set ")
    return problems


def parse_value(text: str) -> Any:
    """A TOML value; what is none, is a bare string."""
    try:
        table = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return table["value"] if list(table) == ["value"] else text


def put(data: dict[str, Any], key: str, value: Any, origin: str = "") -> list[str]:
    """Set the dotted `key` (list positions are numbers) in place; returns problems."""
    *parents, last = DOT.split(key)
    place: Any = data
    for part in parents:
        if isinstance(place, dict):
            place = place.setdefault(part, {})
        elif _is_position(place, part):
            place = place[int(part)]
        else:
            return [f"{origin}{key}: {part} is not in the recipe"]
    if _is_position(place, last):
        place[int(last)] = value
    elif isinstance(place, dict):
        for rival in _rivals(place, last):
            del place[rival]
        place[last] = value
    else:
        return [f"{origin}{key}: {last} is not in the recipe"]
    return []


def _is_position(place: Any, part: str) -> bool:
    return isinstance(place, list) and part.isascii() and part.isdigit() and int(part) < len(place)


def _rivals(table: Mapping[str, Any], key: str) -> list[str]:
    """Keys of `table` that say the same as `key`: in another unit, or as its alternative."""
    stem = _stem(key)
    group = next((names for names in ALTERNATIVES if stem in names), (stem,))
    return [other for other in table if other != key and _stem(other) in group]


def _stem(key: str) -> str:
    head, _, tail = key.rpartition("_")
    return head if head and any(tail in suffixes for suffixes in SUFFIXES.values()) else key


def _failure(problem: str) -> RecipeError:
    return RecipeError(problem, problems=[problem])
