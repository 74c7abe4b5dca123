"""`sgle check RECIPE`: everything that can be known before a run; no trajectory is kept."""

import time
from argparse import Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sgle.cli.cost import Clock, Cost, predict
from sgle.cli.describe import describe
from sgle.cli.slices import heading
from sgle.cli.tables import duration, number, shown, table
from sgle.errors import UnstableError
from sgle.recipe import Recipe
from sgle.units import Units, by_name

if TYPE_CHECKING:
    from sgle.analysis.conclude import Question
    from sgle.grid import GridModel
    from sgle.junction import Junction
    from sgle.mode_energy import ModeEnergies

STEP_ERROR = 0.05


def execute(arguments: Namespace) -> int:
    """Check a recipe, or every point of its sweep."""
    from sgle.analysis.solved import trouble

    before = time.process_time()  # of Python and the libraries read so far: a run begins with it, too
    recipe = Recipe.load(arguments.recipe, arguments.overrides)
    points = [
        (values | {part.swept or "": value}, point)
        for values, part in recipe.slices()
        for value, point in part.points()
    ]
    for values, point in points or [({}, recipe)]:
        begin = time.perf_counter() - before
        junction = point.junction()
        title = f"\n{heading(values)}\n" if values else ""
        print(title + describe(point, junction), flush=True)
        held = junction.anharmonic is not None and point.tables.run is not None
        if points and not held and (problem := trouble(junction)):
            print(f"\n{problem}: this point has no answers")
            continue
        doubts = _check(point, junction, begin, arguments.workers)
        print("\n" + ("\n".join(f"doubtful: {doubt}" for doubt in doubts) or "everything is in order"))
    return 0


def _check(recipe: Recipe, junction: "Junction", begin: float, workers: int) -> list[str]:
    """Stability, step, memory and cost of one point, each in a few lines; returns what is doubtful.

    Raises UnstableError, StepError, GridError, SpectrumError, QuadratureError.
    """
    from sgle.stability import resonances

    units = by_name(recipe.units)
    modes = resonances(junction)
    print(f"\nstability  {_stability(junction, modes, recipe.tables.run is not None, units)}")
    if recipe.tables.ehp is not None:
        print(f"pairs      [ehp] asks what electron-hole pairs do, {recipe.tables.ehp.told}: sgle landauer")
    if recipe.tables.run is None:
        print("run        no [run] table: frequency domain only, nothing is sampled")
        return []
    made = prepare(recipe, junction, begin)
    model = made.models[""]
    doubts = [*_step(made.question, model, float(np.max(modes.real)), units), *_memory(model)]
    _cost(made, predict(made.question, made.models, made.setup, made.answers, workers=workers), workers, units)
    return doubts


def _stability(junction: "Junction", modes: np.ndarray, runs: bool, units: Units) -> str:
    """How fast the slowest mode decays. What grows raises UnstableError, unless an anharmonic force may hold it."""
    from sgle.analysis.prepare import fastest_growth
    from sgle.stability import require_stable

    try:
        require_stable(junction)
    except UnstableError as error:
        if junction.anharmonic is None or not runs:
            raise
        growth, count = fastest_growth(junction), error.numbers.get("count", 0)
        fastest = f", the fastest in {shown(1 / growth, units, 'time', 3)}" if growth > 0 else ""
        told = f"{count} mode{'s' * (count > 1)} of the harmonic part grow{'s' * (count == 1)}{fastest}"
        return f"{told}; the anharmonic force has to hold that"
    slowest = shown(1 / float(np.min(-modes.imag)), units, "time", 3)
    return f"all {junction.size} modes decay; the slowest in {slowest}"


@dataclass(frozen=True)
class Prepared:
    """A run just before its first step; setup : seconds it took to get here, answers : to find the exact answers."""

    models: dict[str, "GridModel"]
    question: "Question"
    setup: float
    answers: float


def prepare(recipe: Recipe, junction: "Junction", begin: float, clock: Clock = time.perf_counter) -> Prepared:
    """All that a run of this recipe does before its first step. begin : when it began, on this clock."""
    from sgle.analysis.prepare import models_of, plan_for, question_of
    from sgle.analysis.simulate import settings_of

    settings: dict[str, Any] = recipe.settings
    models = models_of(junction, settings["reference"], recipe.grid())
    names = ("steps", "trajectories", "seed", "burn_in", "batch", "method", "start")
    lengths = {name: settings[name] for name in names if name in settings}
    plan = plan_for(models[""], reference=models.get("reference_"), segment=settings.get("spectrum_segment"), **lengths)
    middle = clock()
    told = {"units": recipe.units, "memory": settings["memory"], "memory_time": settings["memory_time"]}
    told |= settings_of(plan) | {"memory_error": models[""].grid.memory_error}
    told["target_error"] = settings.get("target_error")
    question = question_of(models, plan, told, recipe.text, settings.get("control", False))
    end = clock()
    return Prepared(models, question, end - begin, end - middle)


def _step(question: "Question", model: "GridModel", fastest: float, units: Units) -> list[str]:
    """How far the time step moves the exact answers; doubtful beyond 5 %."""
    step = shown(model.time_step, units, "time", 4)
    print(f"time step  {step}; Δt·ω_max = {model.time_step * fastest:.3f} (below 2 is stable)")
    if question.modes is not None:
        return _harmonic_step(question.modes)
    grid, continuum = question.exact.grid, question.exact.continuum
    energies = float(np.max(np.abs(grid["kinetic_energy"] / continuum["kinetic_energy"] - 1)))
    largest = float(np.max(np.abs(continuum["heat_current"]), initial=0.0))
    moved = float(np.max(np.abs(grid["heat_current"] - continuum["heat_current"]), initial=0.0))
    currents = moved / largest if largest > 1e-7 * float(np.max(continuum["kinetic_energy"])) ** 2 else 0.0
    print(f"           moves kinetic energies by up to {energies:.2%}, heat currents by {currents:.2%} of the largest")
    error = max(energies, currents)
    if error <= STEP_ERROR:
        return []
    shorter = shown(model.time_step * (STEP_ERROR / error) ** 0.5, units, "time", 2)
    return [f"the time step moves an exact answer by {error:.0%}; {shorter} would move it by {STEP_ERROR:.0%} (∝ Δt²)"]


def _harmonic_step(modes: "ModeEnergies") -> list[str]:
    """How far the time step moves the energies that the modes would have without the anharmonic force."""
    if modes.grid is None or modes.continuum is None:
        print("           what it moves is not known, as nothing is exact here: run it with half the step, too")
        return []
    moved = float(np.max(np.abs(modes.grid / modes.continuum - 1)))
    print(f"           moves harmonic energies of modes by up to {moved:.2%}; anharmonic motion has no exact answers")
    return [f"the time step moves a harmonic energy by {moved:.0%} (∝ Δt²)"] if moved > STEP_ERROR else []


def _memory(model: "GridModel") -> list[str]:
    """Lengths of kernels and noise filters; returns what is doubtful about step, kernels and filters."""
    rows = []
    for name, bath in model.baths.items():
        taps, filtered = len(bath.velocity_taps), bath.noise_filter
        cut = "cut by a window" if bath.windowed else "whole"
        rows.append([f"memory     {name}", str(taps), cut, str(len(filtered.taps)), f"{filtered.distance:.1e}"])
    print(table(["", "kernel steps", "", "noise filter steps", "distance from S"], rows))
    return [text for _, text in model.doubts()]


def _cost(made: Prepared, cost: Cost, workers: int, units: Units) -> None:
    """Time for the whole run and its parts."""
    plan = made.question.plan
    burn_in = shown(plan.burn_in * plan.time_step, units, "time", 3)
    if plan.start == "stationary":
        print(f"burn-in    none: stationary from the first of {plan.steps} steps on")
    else:
        print(f"burn-in    {plan.burn_in} steps ({burn_in}) before {plan.steps} that are averaged")
    shared = f", {min(workers, len(plan.batches))} workers share {len(plan.batches)} batches" if workers > 1 else ""
    print(f"cost       {number(cost.work, 3)} trajectory-steps at {number(cost.speed, 3)}/s{shared}")
    parts = (("set-up", cost.setup), ("sampling", cost.sampling), ("writing", cost.writing), ("report", cost.report))
    print(f"           about {duration(cost.total)}: " + ", ".join(f"{name} {duration(part)}" for name, part in parts))
    if target := made.question.settings.get("target_error"):
        print(f"           less if every number is known to {target:g} before all trajectories are made")
    if plan.burn_in > plan.steps:
        print("           most of it is burn-in: longer and fewer trajectories give more for the same time")
