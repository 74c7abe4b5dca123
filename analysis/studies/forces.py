"""Study `[forces]`: a current's K and L in four parts, work around a loop, where friction turns negative (004)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from sgle.analysis.studies import Answer
from sgle.analysis.studies.forces_plots import figure
from sgle.analysis.studies.text import aligned, as_csv
from sgle.forces import ForceMatrices, force_matrices, waterwheel_work
from sgle.recipe import Recipe

if TYPE_CHECKING:
    from sgle.recipe.forces import Forces

Array = np.ndarray
LARGEST = "largest damping"
RTOL = 1e-7  # of the mean force around a loop


@dataclass(frozen=True)
class Curves:
    """x : swept values.    named : the values of other swept keys in words.    columns : {panel: {label: (n_x,)}}."""

    x: Array
    named: str
    columns: Mapping[str, Mapping[str, Array]]


def answer(recipe: Recipe) -> Answer:
    """Parts of K and L, and work, at every point; pictures against the first swept key, where one is swept.

    Raises InputError, JunctionError, BathError, SpectrumError, PhysicsError, QuadratureError.
    """
    slices = [(_words(values), part, _curves(part, _words(values))) for values, part in recipe.slices()]
    key = (recipe.swept or "").removeprefix("forces.")
    text = [_text(key, curves) for _, _, curves in slices]
    found = [line for _, part, curves in slices for line in _negative(part, key, curves)]
    pictures = {"forces": figure(key, [curves for _, _, curves in slices], recipe)} if key else {}
    return Answer("\n\n".join([*text, *found]), {"forces.csv": _csv(key, [c for *_, c in slices])}, pictures)


def _words(values: Mapping[str, float]) -> str:
    return ", ".join(f"{key.removeprefix('forces.')} = {value:g}" for key, value in values.items())


def _table(recipe: Recipe) -> "Forces":
    _, found = recipe.tables.study or ("", None)
    return found  # type: ignore[return-value]


def _forces(asked: "Forces") -> ForceMatrices:
    return force_matrices(asked.structure, asked.matrices, asked.frequency, asked.occupation, spin=asked.spin)


def _curves(recipe: Recipe, named: str) -> Curves:
    points = recipe.points() or [(0.0, recipe)]
    rows = [_row(_table(point)) for _, point in points]
    columns = {
        panel: {label: np.array([row[panel][label] for row in rows]) for label in rows[0][panel]} for panel in rows[0]
    }
    return Curves(np.array([value for value, _ in points]), named, columns)


def _row(asked: "Forces") -> dict[str, dict[str, float]]:
    """All numbers of one point, {panel: {label: number}}."""
    found = _forces(asked)
    n = len(found.stiffness)
    same, apart = list(combinations_with_replacement(range(n), 2)), list(combinations(range(n), 2))
    row = {
        "conservative": {f"Ks{i}{j}": float(found.conservative[i, j]) for i, j in same},
        "non-conservative": {f"Ka{i}{j}": float(found.nonconservative[i, j]) for i, j in apart},
        "damping": {f"Ls{i}{j}": float(found.damping[i, j]) for i, j in same},
        "Lorentz-like": {f"La{i}{j}": float(found.lorentz[i, j]) for i, j in apart},
        "eigenvalues": {LARGEST: float(np.linalg.eigvalsh(found.damping)[-1])},
    }
    return row | ({} if asked.path is None else {"work": _work(asked, found)})


def _work(asked: "Forces", found: ForceMatrices) -> dict[str, float]:
    """Energy per turn on the loop: of the mean force (a slow turn), and of both forces that do work at ω0."""
    slow = waterwheel_work(
        asked.structure, asked.matrices, asked.occupation, asked.path,
        points=asked.loop_points, spin=asked.spin, rtol=RTOL,
    )  # fmt: skip
    wheel, friction = (power * 2 * np.pi / asked.frequency for power in found.power(asked.path))
    return {"mean force": slow, "non-conservative": wheel, "friction": friction, "both": wheel + friction}


def _flat(columns: Mapping[str, Mapping[str, Array]]) -> dict[str, Array]:
    return {
        f"work, {label}" if panel == "work" else label: values
        for panel, members in columns.items()
        for label, values in members.items()
    }


def _text(key: str, curves: Curves) -> str:
    """One row for each point, or one line for each number where nothing is swept."""
    flat = _flat(curves.columns)
    if not key:
        return aligned(["", "value"], [[label, f"{values[0]:.9g}"] for label, values in flat.items()])
    body = [[f"{x:.6g}", *(values[i] for values in flat.values())] for i, x in enumerate(curves.x)]
    head = f"{curves.named}\n" if curves.named else ""
    return head + aligned([key, *flat], body)


def _negative(recipe: Recipe, key: str, curves: Curves) -> list[str]:
    """Swept values where the largest damping changes its sign, a line each."""
    x, values = curves.x, curves.columns["eigenvalues"][LARGEST]
    order = np.argsort(x)
    x, values = x[order], values[order]
    where = f", {curves.named}" if curves.named else ""
    told = []
    for i in np.flatnonzero(np.sign(values[1:]) * np.sign(values[:-1]) < 0):
        place = float(brentq(_largest(recipe, recipe.swept or ""), x[i], x[i + 1], xtol=1e-9 * np.ptp(x)))
        turns = "turns negative" if values[i + 1] > 0 else "is positive again"
        told.append(f"friction {turns} at {key} = {place:.6g}{where}")
    return told or [f"friction is {'negative' if values[0] > 0 else 'positive'} at every point{where}"]


def _largest(recipe: Recipe, key: str) -> Callable[[float], float]:
    """Largest damping as a function of the swept key."""

    def function(value: float) -> float:
        ((_, point),) = recipe.combinations({key: [value]})
        return float(np.linalg.eigvalsh(_forces(_table(point)).damping)[-1])

    return function


def _csv(key: str, slices: list[Curves]) -> str:
    head = ["slice", key or "point", *_flat(slices[0].columns)]
    flat = [(curves, _flat(curves.columns)) for curves in slices]
    rows = ([curves.named, x, *(v[i] for v in f.values())] for curves, f in flat for i, x in enumerate(curves.x))
    return as_csv(head, rows)
