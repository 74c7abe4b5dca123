"""Study `[jellium]`: where in a wire a current turns a scatterer around, or bends its path (004 Figs. 2, 5, 6)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sgle.analysis.studies import Answer
from sgle.analysis.studies.jellium_plots import Drawn, figure
from sgle.analysis.studies.text import aligned, as_csv
from sgle.errors import RecipeError
from sgle.jellium import Wire, curl_map, lorentz_map, surface
from sgle.jellium.wire import FERMI
from sgle.recipe import Recipe

if TYPE_CHECKING:
    from sgle.recipe.jellium import Jellium

Array = np.ndarray
WALL = 0.05  # λ_F from the surface, where lines begin: nearer, the force is next to nothing
NAMES = {"curl": ("L", "curl_y"), "lorentz": ("A_z", "B_y")}


@dataclass(frozen=True)
class Force:
    """Strength or vector potential on points x ⊗ y, (n_x, n_y), and its curl, (2, n_x, n_y)."""

    x: Array
    y: Array
    value: Array
    vector: Array


def answer(recipe: Recipe) -> Answer:
    """A map (of the first value of a sweep) and the line y = height/2 (of all).

    Raises InputError, PhysicsError, QuadratureError, RecipeError (more than one swept key).
    """
    if len(recipe.tables.sweep) > 1:
        problem = "sweep: [jellium] takes one swept key, for the lines of its picture"
        raise RecipeError(problem, problems=[problem])
    key = (recipe.swept or "").removeprefix("jellium.")
    asked = [(f"{key} {value:g}", _table(point)) for value, point in recipe.points()] or [("", _table(recipe))]
    first = asked[0][1]
    quarter = [np.linspace(0, side / 2, first.points) for side in Wire(*_sides(first)).sides]
    whole = _mirrored(_force(first, *quarter))
    lines = {name: _line(one, np.linspace(WALL, one.width / 2, one.line)) for name, one in asked}
    found = {name: _line(one, np.array(one.distances)) for name, one in asked}
    text = "\n\n".join([_told(first), _numbers(first, found), _largest(first, lines), *_compared(first, found)])
    drawn = Drawn(first.force, whole.x, whole.y, whole.value, whole.vector[1], lines, recipe.title)
    tables = {"map.csv": _map_csv(first, whole), "line.csv": _line_csv(first, lines)}
    return Answer(text, tables, {"jellium": figure(drawn)})


def _table(recipe: Recipe) -> "Jellium":
    _, found = recipe.tables.study or ("", None)
    return found  # type: ignore[return-value]


def _sides(asked: "Jellium") -> tuple[float, float | None]:
    return asked.width, asked.height


def _force(asked: "Jellium", x: Any, y: Any) -> Force:
    wire, common = Wire(*_sides(asked)), {"bias": asked.bias, "temperature": asked.temperature, "rtol": asked.rtol}
    if asked.force == "curl":
        curl = curl_map(wire, x, y, frequency=asked.frequency, edges=asked.edges, **common)
        return Force(curl.x, curl.y, curl.strength, curl.curl)
    field = lorentz_map(wire, x, y, frequency=asked.frequency, **common)
    return Force(field.x, field.y, field.potential, field.field)


def _line(asked: "Jellium", distances: Array) -> tuple[Array, Array, Array]:
    """Distance from x = 0, value and y component of the curl along y = height/2."""
    found = _force(asked, distances, [Wire(*_sides(asked)).sides[1] / 2])
    return found.x, found.value[:, 0], found.vector[1, :, 0]


def _mirrored(quarter: Force) -> Force:
    """The whole cross-section from 0 ≤ x ≤ a/2, 0 ≤ y ≤ b/2: the value is even, its derivative by x odd in x."""
    x, y = (np.concatenate([part, 2 * part[-1] - part[-2::-1]]) for part in (quarter.x, quarter.y))

    def whole(part: Array, odd_x: bool, odd_y: bool) -> Array:
        part = np.concatenate([part, (-1 if odd_x else 1) * part[-2::-1]])
        return np.concatenate([part, (-1 if odd_y else 1) * part[:, -2::-1]], axis=1)

    first, second = quarter.vector
    return Force(
        x, y, whole(quarter.value, False, False), np.stack([whole(first, False, True), whole(second, True, False)])
    )


def _told(asked: "Jellium") -> str:
    (a, b), apart = Wire(*_sides(asked)).sides, Wire(*_sides(asked)).nearest_edge()
    bands = " and ".join(map(str, apart[1]))
    left_out = (
        ", left out" if asked.edges == "exclude" and apart[0] == 0 and asked.bias == asked.temperature == 0 else ""
    )
    units = {"curl": "L in eW ν_b j_b, its curl in C² eW", "lorentz": "A_z and B in C² eW"}[asked.force]
    return (
        f"wire {a:g} × {b:g} λ_F; bias {asked.bias:g}, temperature {asked.temperature:g}, frequency "
        f"{asked.frequency:g} ε_F\nnearest subband {bands} begins {apart[0]:.3g} ε_F from the Fermi level{left_out}\n"
        f"{units} (ħ = m = λ_F = 1, spinless)"
    )


def _numbers(asked: "Jellium", found: dict[str, tuple[Array, Array, Array]]) -> str:
    """Along y = height/2 at a few distances from the surface; beside it, for the curl, an endless metal."""
    head, columns = ["d"], [np.array(asked.distances)]
    for name, (_, value, curl) in found.items():
        head += [f"{what}, {name}" if name else what for what in NAMES[asked.force]]
        columns += [value, curl]
    if asked.force == "curl":
        head += [f"{what}, endless" for what in NAMES["curl"]]
        columns += surface(asked.distances)
    return aligned(head, [[f"{value:.6g}" for value in row] for row in np.transpose(columns)])


def _largest(asked: "Jellium", lines: dict[str, tuple[Array, Array, Array]]) -> str:
    """Where the curl on the line is largest, to the line's resolution."""
    told = []
    for name, (d, _, curl) in lines.items():
        k = int(np.argmax(np.abs(curl)))
        of = f" ({name})" if name else ""
        told.append(f"largest |{NAMES[asked.force][1]}| on the line{of}: {abs(curl[k]):.4g} at d = {d[k]:.3g} λ_F")
    return "\n".join(told)


def _compared(asked: "Jellium", found: dict[str, tuple[Array, Array, Array]]) -> list[str]:
    """For the Lorentz-like force: how large it is, at the amplitude's velocity, beside the non-conservative one."""
    if asked.force == "curl":
        return []
    beside = asked.model_copy(update={"force": "curl"})
    wind = np.abs(_line(beside, np.array(asked.distances))[2]).max()
    field = np.abs(next(iter(found.values()))[2]).max()
    ratio = FERMI * asked.frequency * field / wind
    return [f"largest ω0 |B_y| of these, by the largest |curl_y| of the non-conservative force: {ratio:.3g}"]


def _map_csv(asked: "Jellium", found: Force) -> str:
    value, y = NAMES[asked.force]
    places = [part.ravel() for part in np.meshgrid(found.x, found.y, indexing="ij")]
    parts = [*places, found.value.ravel(), *found.vector.reshape(2, -1)]
    return as_csv(["x", "y", value, y.replace("_y", "_x"), y], np.transpose(parts))


def _line_csv(asked: "Jellium", lines: dict[str, tuple[Array, Array, Array]]) -> str:
    """One block of rows for each line, its name in the first column."""
    rows = ([name, *row] for name, columns in lines.items() for row in np.transpose(columns))
    return as_csv(["line", "d", *NAMES[asked.force]], rows)
