"""Twins: junctions that differ in their anharmonic force alone, and share everything that does not know of it."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sgle.grid import Grid, GridModel
from sgle.junction import Junction


def are_twins(one: Junction, other: Junction) -> bool:
    """Whether two junctions have the same dynamical matrix and the very same baths."""
    return (
        list(one.baths) == list(other.baths)
        and all(bath is other.baths[name] for name, bath in one.baths.items())
        and np.array_equal(one.dynamical_matrix, other.dynamical_matrix)
    )


def grid_models(junctions: Mapping[str, Junction], grid: Grid) -> dict[str, GridModel]:
    """The junctions on a grid by name, "" the first of them; its twins share taps and noise filters with it."""
    first = grid.model(junctions[""])
    return {
        key: replace(first, junction=each) if are_twins(first.junction, each) else grid.model(each)
        for key, each in junctions.items()
    }
