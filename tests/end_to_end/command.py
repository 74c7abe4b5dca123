"""The real command line in a real process, and a small recipe for it."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
# One damped vibration that is sampled well within a second.
FAST = """
title = "One vibration"
units = "natural"
[system]
dynamical_matrix = [[1.0]]
[baths.L]
kind = "ohmic"
dofs = [0]
temperature = 0.5
friction = 0.2
cutoff = 3.0
[run]
time_step = 0.15
steps = 4000
trajectories = 64
"""


@dataclass(frozen=True)
class Finished:
    """Exit status and everything that was printed."""

    status: int
    out: str
    err: str


def start(*arguments, cwd, **more):
    """A running `python -m sgle ...`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"}
    command = [sys.executable, "-m", "sgle", *map(str, arguments)]
    pipe = subprocess.PIPE
    # A shell that runs the tests in its background lets them ignore Ctrl-C, and what they start, too.
    more.setdefault("preexec_fn", lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    return subprocess.Popen(command, cwd=cwd, env=environment, stdout=pipe, stderr=pipe, text=True, **more)


def sgle(*arguments, cwd):
    """`python -m sgle ...` to its end; no command may ever show a traceback."""
    process = start(*arguments, cwd=cwd)
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in out + err, err
    return Finished(process.returncode, out, err)
