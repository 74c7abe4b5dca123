"""One run of `sgle run`: simulated or resumed, results kept on the way, whatever happens."""

import sys
import time
import warnings
from argparse import Namespace
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sgle.cli.asked import asked
from sgle.cli.folder import RECIPE, RESULTS, WORK, prepare, write_text
from sgle.errors import ContinuumWarning, CrossCheckWarning, DivergedError, FileError, ForceError
from sgle.recipe import Recipe

if TYPE_CHECKING:
    from sgle.analysis.result import Result
    from sgle.junction import Junction

SHARE = 20.0  # results so far are saved at most so often that this takes 1/20 of the time


@dataclass(frozen=True)
class Means:
    """How to run, which changes no number: processes, dask scheduler, whether to resume, wanted relative error."""

    workers: int
    dask: str | None
    resume: bool
    target_error: float | None

    @classmethod
    def of(cls, arguments: Namespace) -> "Means":
        """From the command line."""
        return cls(arguments.workers, arguments.dask, arguments.resume, arguments.target_error)


def run_point(recipe: Recipe, junction: "Junction", folder: Path, means: Means) -> "Result":
    """Simulate one recipe; results.h5 is on disk, marked as interrupted, from the first finished batch on.

    The folder `work` has what a later --resume needs; it goes when the run is finished.
    """
    from sgle.analysis.engine.work_folder import clear
    from sgle.analysis.simulate import TargetWarning, simulate

    if means.resume and (done := _finished(recipe, folder)) is not None:
        print(f"{folder}: this run is finished already; nothing is run again", flush=True)
        return done
    if not means.resume:
        clear(folder / WORK)
    settings = recipe.settings
    if means.target_error is not None:
        settings["target_error"] = means.target_error
    print(f"{settings['trajectories']} trajectories of {settings['steps']} steps, seed {settings['seed']}", flush=True)
    keeper = _Keeper(recipe, folder)
    try:
        with warnings.catch_warnings():
            for told in (ContinuumWarning, CrossCheckWarning, TargetWarning):  # part of what is printed
                warnings.simplefilter("ignore", told)
            result = simulate(
                junction,
                **settings,
                **asked(recipe, junction),
                units=recipe.units,
                recipe=recipe.text,
                workers=means.workers,
                dask=means.dask,
                folder=folder / WORK,
                resume=True,
                on_batch=keeper.keep,
            )
    except KeyboardInterrupt:
        return keeper.last()
    except (DivergedError, ForceError) as error:
        keeper.stop(f"the run ended: {error}")
        if isinstance(error, ForceError):
            print(f"{folder / WORK} has all steps before; once the force works again, --resume goes on", flush=True)
        raise
    keeper.save(result)
    if not result.interrupted and result.series["kinetic_energy"].shape[1] == settings["trajectories"]:
        clear(folder / WORK)
    return result


def _finished(recipe: Recipe, folder: Path) -> "Result | None":
    """The result of this recipe if it is complete; None if there is anything left to do.

    Raises : ChangedRunError for the result of another recipe, FileError for a damaged one that nothing can replace.
    """
    from sgle.analysis.engine.identity import require_same_recipe
    from sgle.analysis.result_file import load

    if (folder / WORK).is_dir() or not (folder / RESULTS).exists():
        return None
    result = load(folder / RESULTS)
    require_same_recipe(result.recipe, recipe.text)
    if result.interrupted:
        print(f"sgle: warning: {folder / WORK} is gone: the run begins again", file=sys.stderr)
        return None
    return result


class _Keeper:
    """Saves the results so far, marked as interrupted, now and then; a full disk is told once."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        self.recipe, self.folder = recipe, folder
        self.kept: Result | None = None
        self._next, self._told = 0.0, False

    def keep(self, found: "Result") -> None:
        """Take note of the results so far."""
        self.kept = replace(found, interrupted=True)
        begin = time.monotonic()
        if begin < self._next:
            return
        try:
            self.save(self.kept)
        except FileError as error:
            if not self._told:
                print(f"sgle: warning: {error}; the run goes on", file=sys.stderr)
            self._told = True
        end = time.monotonic()
        self._next = end + SHARE * (end - begin)

    def save(self, result: "Result") -> None:
        """Write recipe and results, into a new folder if somebody has deleted it under the run."""
        if not self.folder.is_dir():
            print(f"sgle: warning: {self.folder}: was deleted; it is made again", file=sys.stderr)
            prepare(self.folder, overwrite=True)
        write_text(self.folder / RECIPE, self.recipe.text)
        result.save(self.folder / RESULTS)

    def last(self) -> "Result":
        """The results so far, on disk; KeyboardInterrupt if there are none."""
        if self.kept is None:
            print("\nsgle: no batch is finished yet; the same command with --resume goes on", file=sys.stderr)
            raise KeyboardInterrupt
        self.save(self.kept)
        return self.kept

    def stop(self, reason: str) -> None:
        """Leave the results so far on disk, with the reason why they end there."""
        if self.kept is None:
            return
        with suppress(FileError):  # the reason itself is said by whoever calls
            self.save(replace(self.kept, warnings=(*self.kept.warnings, reason)))
