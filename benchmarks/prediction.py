"""Does `sgle check` predict what `sgle run` takes? Seconds of CPU of both, part by part and as a whole.

    python benchmarks/prediction.py [recipe key=value ...]

Each case is predicted in a fresh process and then run in another one. CPU seconds, one thread, so that other work on
the machine does not matter. The issue asks for a factor of at most 1.5.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

CASES = (
    ("minimal-model", "run.steps=40_000"),
    ("minimal-model", "run.steps=3000", "run.trajectories=64"),
    ("two-temperature-junction",),
    ("uniform-chain",),
    ("gold-chain", "run.trajectories=24"),
)
FACTOR = 1.5


def main() -> int:
    """Run all cases, or the one named on the command line."""
    cases = (tuple(sys.argv[1:]),) if len(sys.argv) > 1 else CASES
    print(f"{'recipe':<60}{'predicted':>10}{'run':>8}{'ratio':>7}   set-up, sampling, writing, report")
    worst = 1.0
    for case in cases:
        told = json.loads(_python(__file__, "--predict", *case)[0])
        spent = run(case)
        ratio = told["total"] / spent
        worst = max(worst, ratio, 1 / ratio)
        parts = ", ".join(f"{told[name]:.1f}" for name in ("setup", "sampling", "writing", "report"))
        print(f"{' '.join(case):<60}{told['total']:>8.1f} s{spent:>6.1f} s{ratio:>7.2f}   {parts}", flush=True)
    print(f"largest factor {worst:.2f} (asked for: {FACTOR})")
    return 0 if worst <= FACTOR else 1


def run(case: tuple[str, ...]) -> float:
    """CPU seconds of `sgle run`."""
    name, *changes = case
    with tempfile.TemporaryDirectory() as folder:
        options = [word for change in changes for word in ("--set", change)]
        return _python("-m", "sgle", "run", name, *options, "-o", f"{folder}/run")[1]


def predict(case: tuple[str, ...]) -> None:
    """Print the prediction of one case as JSON; in a process of its own."""
    from dataclasses import asdict

    from sgle.cli import cost
    from sgle.cli.check import prepare
    from sgle.recipe import Recipe

    recipe = Recipe.load(case[0], case[1:])
    made = prepare(recipe, recipe.junction(), 0.0, time.process_time)
    found = cost.predict(made.question, made.models, made.setup, made.answers, clock=time.process_time)
    print(json.dumps(asdict(found) | {"total": found.total}))


def _python(*words: str) -> tuple[str, float]:
    """What a process prints, and its CPU seconds; a run that disagrees with theory (status 1) is a run."""
    before = os.times()
    done = subprocess.run(
        [sys.executable, *words], env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}, capture_output=True, text=True
    )
    after = os.times()
    if done.returncode not in (0, 1) or not done.stdout:
        raise SystemExit(done.stderr)
    return done.stdout, after.children_user + after.children_system - before.children_user - before.children_system


if __name__ == "__main__":
    if sys.argv[1:2] == ["--predict"]:
        predict(tuple(sys.argv[2:]))
    else:
        sys.exit(main())
