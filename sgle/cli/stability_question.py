"""What `sgle stability` is asked: along which biases, beside which grid, with what switched off, at which points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sgle.errors import BathError
from sgle.recipe import Recipe
from sgle.recipe.stability import BIAS_KEYS, FORCES, Stability
from sgle.units import Units, by_name

if TYPE_CHECKING:
    from sgle.grid import Grid
    from sgle.junction import Junction

Point = tuple[Mapping[str, float], Recipe]


@dataclass(frozen=True)
class Question:
    """recipe, units, asked : `[stability]`.    grid : None without [run]; memories whole.    values : biases along
    which modes are followed, (n,), empty for none.    without : switches, each off in turn.    points : the
    combinations of all other swept keys, each with its recipe.
    """

    recipe: Recipe
    units: Units
    asked: Stability
    grid: "Grid | None"
    values: np.ndarray
    without: Sequence[str]
    points: Sequence[Point]

    @classmethod
    def of(cls, recipe: Recipe) -> "Question":
        """From `[stability]`, `[sweep]` and the bias of the recipe."""
        tables = recipe.tables
        asked = tables.stability or Stability(without=[])
        wanted = FORCES if asked.without is None else asked.without
        others = {key: values for key, values in tables.sweep.items() if key not in BIAS_KEYS}
        return cls(
            recipe,
            by_name(recipe.units),
            asked,
            _whole(recipe.grid()) if tables.run is not None and asked.grid else None,
            _biases(recipe, asked),
            [name for name in wanted if name not in tables.switches.without],
            recipe.combinations(others) if others else [],
        )

    @property
    def span(self) -> tuple[float, float]:
        """From the bias nearest to zero to the one furthest from it."""
        order = np.argsort(np.abs(self.values), kind="stable")
        return float(self.values[order[0]]), float(self.values[order[-1]])

    def obstacle(self, junction: "Junction") -> str:
        """Why there is no search for a critical bias; empty if there is one. BathError if it was asked for."""
        if not len(self.values):
            return "there is no bias: give [stability] a range, bias = [from, to], for electrons to drive modes"
        try:
            for bias in self.span:
                junction.at_bias(bias)
        except BathError as error:
            if self.recipe.tables.stability is not None:
                raise
            return str(error)
        return ""


def _whole(grid: "Grid") -> "Grid":
    """The grid with whole memories in the place of auxiliary variables: their fit is another one at every bias."""
    if isinstance(grid.memory, str):
        return replace(grid, memory=_kind(grid.memory))
    return replace(grid, memory={name: _kind(memory) for name, memory in dict(grid.memory).items()})


def _kind(memory: str) -> str:
    return "convolution" if memory == "auxiliary" else memory


def _biases(recipe: Recipe, asked: Stability) -> np.ndarray:
    """Those asked for, those of the sweep, or up to twice the bias of the recipe."""
    for key in BIAS_KEYS:
        if asked.bias is None and key in recipe.tables.sweep:
            scale = 1e-3 if key == "bias_mV" else 1.0
            return np.unique(np.array(recipe.tables.sweep[key], dtype=float)) * scale
    bias = recipe.tables.top.bias or 0.0
    ends = asked.bias or ([0.0, 2 * bias] if bias else [])
    return np.linspace(ends[0], ends[1], asked.points) if ends else np.zeros(0)
