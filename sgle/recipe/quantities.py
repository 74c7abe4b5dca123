"""Units in the names of recipe keys: what each quantity may be written in, and the one conversion.

In a recipe with `units = "eV"` every number that has a unit carries it in its key (`temperature_K`,
`cutoff_meV`, `duration_ps`); with `units = "natural"` (ħ = k_B = 1, any energy scale) keys are plain. Values
leave this module in the internal units of sgle.units: eV, eV² and ħ/eV; lengths in Å.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sgle.units import BOLTZMANN, HBAR_FS

SUFFIXES: Mapping[str, Mapping[str, float]] = {
    "temperature": {"K": BOLTZMANN, "eV": 1.0, "meV": 1e-3},
    "bias": {"V": 1.0, "mV": 1e-3},
    "energy": {"eV": 1.0, "meV": 1e-3},
    "energy squared": {"eV2": 1.0, "meV2": 1e-6},
    "coupling": {"eV1.5": 1.0, "meV1.5": 1e-4 * 10**-0.5},
    "length": {"A": 1.0, "nm": 10.0},
    "per length": {"per_A": 1.0, "per_nm": 0.1},
    "mass": {"amu": 1.0},
    "force": {"eV_per_A": 1.0},
    "energy per cubed length": {"eV_per_A3": 1.0},
    "energy per fourth power of length": {"eV_per_A4": 1.0},
    "time": {"fs": 1 / HBAR_FS, "ps": 1e3 / HBAR_FS, "ns": 1e6 / HBAR_FS},
}


@dataclass(frozen=True)
class Quantity:
    """Marks a field of the schema as having a unit: `Annotated[float, Quantity("time")]`."""

    name: str

    @property
    def suffixes(self) -> Mapping[str, float]:
        """Internal value of one unit, by suffix of the key."""
        return SUFFIXES[self.name]


def written_keys(field: str, quantity: Quantity | None, units: str) -> dict[str, float]:
    """The keys under which a field may be written, each with its factor to internal units."""
    if quantity is None or units == "natural":
        return {field: 1.0}
    return {f"{field}_{suffix}": factor for suffix, factor in quantity.suffixes.items()}


def scaled(value: Any, factor: float) -> Any:
    """`value` times `factor`, number by number in nested lists; anything else is left for the schema to refuse."""
    if isinstance(value, list):
        return [scaled(item, factor) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float) or factor == 1.0:
        return value
    return _product(value, factor)


def _product(value: int | float, factor: float) -> float:
    try:
        return value * factor
    except OverflowError:
        return float("inf")


def convert(
    table: Mapping[str, Any], quantities: Mapping[str, Quantity | None], units: str, path: str
) -> tuple[dict[str, Any], dict[str, str], list[str]]:
    """Rename and convert the keys of one recipe table.

    quantities : field name -> Quantity or None, all fields the table may have
    Returns (fields in internal units, field -> key as written, problems).
    """
    known = {
        key: (field, factor)
        for field, quantity in quantities.items()
        for key, factor in written_keys(field, quantity, units).items()
    }
    fields: dict[str, Any] = {}
    written: dict[str, str] = {}
    problems = []
    for key, value in table.items():
        if key not in known:
            problems.append(f"{path}{key}: {_unknown(key, quantities, units, list(known))}")
            continue
        field, factor = known[key]
        if field in fields:
            problems.append(f"{path}{key}: {written[field]} says the same in another unit; keep one of them")
            continue
        fields[field], written[field] = scaled(value, factor), key
    return fields, written, problems


def _unknown(key: str, quantities: Mapping[str, Quantity | None], units: str, known: list[str]) -> str:
    """What to say of a key that is not allowed here: a unit wrong or missing, or a likely meaning."""
    stem = _stem(key, quantities)
    if stem is None:
        return "unknown key" + did_you_mean(key, known)
    quantity = quantities[stem]
    allowed = " or ".join(written_keys(stem, quantity, units))
    if quantity is None:
        return f"takes no unit; write {stem}"
    if units == "natural":
        return f'units are "natural", so keys carry no unit; write {stem}'
    if key == stem:
        return f"needs its unit in the key; write {allowed}"
    return f"{key[len(stem) + 1 :]} is not a unit of {quantity.name} here; write {allowed}"


def _stem(key: str, quantities: Mapping[str, Quantity | None]) -> str | None:
    """The longest known field that `key` is, or that it is followed in `key` by a unit."""
    suffixes = {suffix.lower() for table in SUFFIXES.values() for suffix in table}
    fits = [f for f in quantities if key == f or (key.startswith(f + "_") and key[len(f) + 1 :].lower() in suffixes)]
    return max(fits, key=len, default=None)


def did_you_mean(word: str, known: list[str]) -> str:
    """`; did you mean X?` if something known is near, else the list of what is known."""
    near = get_close_matches(word, known, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known here: {', '.join(sorted(known))}" if known else ""
