"""What runs cost as they grow: peak memory of long runs, and what a second worker brings."""

import warnings
from time import perf_counter

import numpy as np

from benchmarks.race_clock import fresh_process
from benchmarks.race_junction import TIME_STEP, race_grid, race_junction
from sgle import simulate

LONG_RUN = """
import json, sys
from pathlib import Path
import numpy as np
from sgle import Junction, baths, simulate
ends = {name: baths.drude([[0.2]], 2.0, t, [dof]) for name, dof, t in (("L", 0, 0.3), ("R", 2, 0.2))}
stiffness = 1.5 * np.eye(3) - 0.5 * (np.eye(3, k=1) + np.eye(3, k=-1))
junction, steps = Junction(stiffness, ends), int(sys.argv[1])
result = simulate(junction, time_step=0.2, steps=steps, trajectories=2, seed=1, progress=False)
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
peak = int(status["VmHWM"].split()[0]) / 1024  # ru_maxrss would be that of the parent if it was larger
print(json.dumps({"megabytes": peak, "passed": bool(result.crosscheck.passed)}))
"""


def memory(short=10_000, long=1_000_000):
    """Peak memory [MB] of simulate() on a small junction (3 dofs, 2 trajectories) in fresh processes."""
    few, many = (fresh_process(LONG_RUN, steps) for steps in (short, long))
    assert many["passed"], "the long run does not agree with the exact answers"
    return {"short": few, "long": many, "ratio": many["megabytes"] / few["megabytes"]}


def workers(trajectories=128, steps=40960, batch=32):
    """Seconds by the wall of simulate() with 1 and 2 workers, starting them included."""
    grid, junction = race_grid(), race_junction()
    more = {"memory": dict(grid.memory), "memory_time": grid.memory_time, "burn_in": 0, "spectrum_segment": 0}

    def seconds(count, steps):
        begin = perf_counter()
        result = simulate(
            junction, time_step=TIME_STEP, steps=steps, trajectories=trajectories, seed=3, batch=batch,
            workers=count, progress=False, **more,
        )  # fmt: skip
        return perf_counter() - begin, result

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # from rest and without burn-in: the bits are compared, not the physics
        seconds(1, 256)  # makes the filters and the exact answers, which are kept
        (one, first), (two, second) = seconds(1, steps), seconds(2, steps)
    same = np.array_equal(first.kinetic_energy.value, second.kinetic_energy.value)
    assert same, "two workers do not give the numbers of one"
    return {"one": one, "two": two, "ratio": one / two}
