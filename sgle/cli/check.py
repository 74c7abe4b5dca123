"""`sgle check RECIPE`: everything that can be known before a run; no trajectory is kept."""

import time
from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sgle.cli.describe import describe
from sgle.cli.tables import duration, number, shown, table
from sgle.recipe import Recipe
from sgle.units import Units, by_name

if TYPE_CHECKING:
    from sgle.analysis.plan import Plan
    from sgle.grid import GridModel
    from sgle.junction import Junction

TRIAL_SECONDS = 1.0
STEP_ERROR = 0.05


def execute(arguments: Namespace) -> int:
    """Check a recipe, or every point of its sweep."""
    from sgle.analysis.solved import trouble

    recipe = Recipe.load(arguments.recipe, arguments.overrides)
    points: list[tuple[float | None, Recipe]] = [*recipe.points()]
    for value, point in points or [(None, recipe)]:
        junction = point.junction()
        heading = "" if value is None else f"\n{recipe.swept} = {value:g}\n"
        print(heading + describe(point, junction))
        if points and (problem := trouble(junction)):
            print(f"\n{problem}: this point has no answers")
            continue
        doubts = _check(point, junction)
        print("\n" + ("\n".join(f"doubtful: {doubt}" for doubt in doubts) or "everything is in order"))
    return 0


def _check(recipe: Recipe, junction: "Junction") -> list[str]:
    """Stability, step, memory and cost of one point, each in a few lines; returns what is doubtful.

    Raises UnstableError, StepError, GridError, SpectrumError, QuadratureError.
    """
    from sgle.stability import require_stable, resonances

    units = by_name(recipe.units)
    require_stable(junction)
    modes = resonances(junction)
    damping = float(np.min(-modes.imag))
    print(f"\nstability  all {junction.size} modes decay; the slowest in {shown(1 / damping, units, 'time', 3)}")
    if recipe.tables.run is None:
        print("run        no [run] table: frequency domain only, nothing is sampled")
        return []
    model = recipe.grid().model(junction)
    require_stable(junction, model.grid)
    doubts = [*_step(model, float(np.max(modes.real)), units), *_memory(model)]
    _cost(recipe, model, units)
    return doubts


def _step(model: "GridModel", fastest: float, units: Units) -> list[str]:
    """How far the time step moves the exact answers; doubtful beyond 5 %."""
    from sgle.landauer import answers

    junction = model.junction
    step = shown(model.time_step, units, "time", 4)
    print(f"time step  {step}; Δt·ω_max = {model.time_step * fastest:.3f} (below 2 is stable)")
    grid, continuum = answers(junction, model.grid.realise()), answers(junction)
    energies = float(np.max(np.abs(grid.kinetic_energy / continuum.kinetic_energy - 1)))
    largest = max((abs(current) for current in continuum.heat_currents.values()), default=0.0)
    moved = max(abs(grid.heat_currents[name] - current) for name, current in continuum.heat_currents.items())
    currents = moved / largest if largest > 1e-7 * float(np.max(continuum.kinetic_energy)) ** 2 else 0.0
    print(f"           moves kinetic energies by up to {energies:.2%}, heat currents by {currents:.2%} of the largest")
    error = max(energies, currents)
    if error <= STEP_ERROR:
        return []
    shorter = shown(model.time_step * (STEP_ERROR / error) ** 0.5, units, "time", 2)
    return [f"the time step moves an exact answer by {error:.0%}; {shorter} would move it by {STEP_ERROR:.0%} (∝ Δt²)"]


def _memory(model: "GridModel") -> list[str]:
    """Lengths of kernels and noise filters; returns what is doubtful about step, kernels and filters."""
    rows = []
    for name, bath in model.baths.items():
        taps, filtered = len(bath.velocity_taps), bath.noise_filter
        cut = "cut by a window" if bath.windowed else "whole"
        rows.append([f"memory     {name}", str(taps), cut, str(len(filtered.taps)), f"{filtered.distance:.1e}"])
    print(table(["", "kernel steps", "", "noise filter steps", "distance from S"], rows))
    return [text for _, text in model.doubts()]


def _cost(recipe: Recipe, model: "GridModel", units: Units) -> None:
    """Time for the whole run, from a trial of about a second."""
    plan = _plan(recipe, model)
    speed = _speed(model, plan)
    runs = 2 if recipe.settings["reference"] else 1
    work = plan.total * plan.trajectories * runs
    burn_in = shown(plan.burn_in * plan.time_step, units, "time", 3)
    print(f"burn-in    {plan.burn_in} steps ({burn_in}) before {plan.steps} that are averaged")
    print(f"cost       {number(work, 3)} trajectory-steps at {number(speed, 3)}/s: about {duration(work / speed)}")
    if plan.burn_in > plan.steps:
        print("           most of it is burn-in: longer and fewer trajectories give more for the same time")


def _plan(recipe: Recipe, model: "GridModel") -> "Plan":
    from sgle.analysis.simulate import plan_for as plan

    settings: dict[str, Any] = recipe.settings
    wanted = {name: settings[name] for name in ("steps", "trajectories", "seed", "burn_in", "batch")}
    return plan(model, **wanted, segment=None)


def _speed(model: "GridModel", plan: "Plan") -> float:
    """Trajectory-steps per second of the first batch, observers included; long enough to amortise a noise block."""
    from sgle.analysis.interrupt import Interruptible
    from sgle.analysis.sampling import sample

    steps = max([512, *(2 * len(bath.noise_filter.taps) for bath in model.baths.values())])
    while True:
        trial = replace(plan, steps=steps, burn_in=0, chunk=steps // 4, segment=0, trajectories=plan.batch)
        start = time.perf_counter()
        for _ in sample({"": model}, trial, {}, Interruptible()):
            pass
        seconds = time.perf_counter() - start
        if seconds > TRIAL_SECONDS / 2 or steps >= plan.total:
            return steps * plan.batch / seconds
        steps *= 4
