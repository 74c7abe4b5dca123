"""The exact answers a run has to meet, arranged like its estimates: on the grid and in the continuum."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from sgle import landauer
from sgle.analysis.twin import are_twins
from sgle.grid import Grid
from sgle.junction import Junction

Answers = dict[str, np.ndarray]


@dataclass(frozen=True)
class Exact:
    """grid, continuum : name of an estimate -> its exact answer. error : relative, of the integrals."""

    grid: Answers
    continuum: Answers
    error: float


def exact_answers(junction: Junction, reference: Junction | None, grid: Grid) -> Exact:
    """Kinetic energies and heat currents of a junction and, if given, of its reference, with the excess.

    Of anharmonic motion there are none. grid : the noise is taken as its truncated filter really produces it.
    Raises : UnstableError, QuadratureError (sgle.landauer).
    """
    errors: list[float] = []
    sides = []
    for where in (grid.realise(), None):
        answers = {} if junction.anharmonic is not None else _answers(junction, where, errors)
        if reference is not None and reference.anharmonic is None:
            second = _answers(junction if are_twins(junction, reference) else reference, where, errors)
            excess = {f"excess_{name}": value - second[name] for name, value in answers.items()}
            answers |= excess | {f"reference_{name}": value for name, value in second.items()}
        sides.append(_with_atoms(junction, answers))
    return Exact(sides[0], sides[1], max(errors, default=0.0))


def _answers(junction: Junction, grid: Grid | None, errors: list[float]) -> Answers:
    found = landauer.answers(junction, grid)
    errors.append(float(found.error))
    currents = np.array([found.heat_currents[name] for name in junction.baths])
    return {"kinetic_energy": np.asarray(found.kinetic_energy), "heat_current": currents}


def _with_atoms(junction: Junction, answers: Answers) -> Answers:
    if junction.atoms is None:
        return answers
    sums = {
        f"{name}_per_atom": junction.atoms.per_atom(answers[name])
        for name in ("kinetic_energy", "excess_kinetic_energy")
        if name in answers
    }
    return answers | sums


def grid_spectrum(junction: Junction, grid: Grid) -> Callable[[np.ndarray], np.ndarray]:
    """S_vv,kk(ω) on the grid, as a function of ω (n_w,), returning (n_w, N)."""
    return partial(_velocity_spectrum, junction, grid.realise())


def _velocity_spectrum(junction: Junction, grid: Grid, omega: np.ndarray) -> np.ndarray:
    return landauer.velocity_spectrum(junction, omega, grid)
