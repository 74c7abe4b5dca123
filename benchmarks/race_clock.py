"""Clocks of the race: rates of one process by CPU time and by the wall, medians of repetitions; fresh processes."""

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time


@dataclass(frozen=True)
class Rate:
    """Things per second: medians over repetitions by CPU time and by the wall, and the spread max/min by CPU time."""

    cpu: float
    wall: float
    spread: float

    @staticmethod
    def of(counts, cpu_seconds, wall_seconds):
        """From counts and seconds of each repetition."""
        by_cpu = [count / seconds for count, seconds in zip(counts, cpu_seconds, strict=True)]
        by_wall = [count / seconds for count, seconds in zip(counts, wall_seconds, strict=True)]
        return Rate(median(by_cpu), median(by_wall), max(by_cpu) / min(by_cpu))


def rate(work, repetitions=5):
    """Rate of work(), which returns how many things it did, after one call that is not counted."""
    work()
    counts, cpu, wall = [], [], []
    for _ in range(repetitions):
        begin = process_time(), perf_counter()
        counts.append(work())
        cpu.append(process_time() - begin[0])
        wall.append(perf_counter() - begin[1])
    return Rate.of(counts, cpu, wall)


def seconds_each(work, repetitions=5, calls=1):
    """CPU seconds of one call of work(), the median of repetitions of so many calls each, after one that warms up."""
    work()
    found = []
    for _ in range(repetitions):
        begin = process_time()
        for _ in range(calls):
            work()
        found.append((process_time() - begin) / calls)
    return median(found)


def fresh_process(script, *arguments, python=sys.executable, environment=None):
    """Run a script in a process of its own: the JSON of its last line, with its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        [python, "-c", script, *map(str, arguments)] if "\n" in script else [python, script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **(environment or {})},
    )
    out, err = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{script[:80]} ended with {process.returncode}:\n{err[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(out.strip().splitlines()[-1]) | {"process_cpu_seconds": seconds}
