"""The run that is tortured: a fresh process that prints `sampling` as it begins and the checksum of all numbers at its
end. `python -m benchmarks.faults_run FOLDER [--workers N] [--dask ADDRESS] [--always]`
"""

import argparse
import hashlib
import json
import warnings

import numpy as np

import sgle
from sgle.analysis.engine import batch_files
from sgle.errors import SgleWarning

RUN = {
    "time_step": 0.2,
    "steps": 6000,
    "trajectories": 64,
    "batch": 8,
    "seed": 5,
    "reference": True,
    "spectrum_segment": 256,
    "start": "rest",
    "progress": False,
    "checkpoint_seconds": 0.02,
}


def junction():
    """Two coupled sites, two warm leads with memory, biased electrons."""
    left, right = (sgle.baths.ohmic(0.2, 4.0, warm, [dof]) for dof, warm in enumerate((0.5, 0.4)))
    inter = [[0.004, 0.001 + 0.003j], [0.001 - 0.003j, 0.004]]
    electrons = sgle.baths.flat_band(np.array([[0.008, 0.002], [0.002, 0.008]]), inter, 1.0, 0.5, 4.0, [0, 1])
    return sgle.Junction([[1.0, -0.2], [-0.2, 1.2]], {"L": left, "R": right, "e": electrons})


def checksum(result):
    """Of every sampled number and every setting."""
    found = hashlib.sha256(json.dumps(result.settings, sort_keys=True).encode())
    for name in sorted(result.series):
        found.update(name.encode() + np.ascontiguousarray(result.series[name]).tobytes())
    for name in sorted(result.estimates):
        for part in ("value", "stderr"):
            found.update(
                f"{name} {part}".encode() + np.ascontiguousarray(getattr(result.estimates[name], part)).tobytes()
            )
    return found.hexdigest()


def run(folder, **how):
    """The run, or what is left of it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=SgleWarning, message=".*prove anything|.*transient|.*continuum")
        return sgle.simulate(junction(), **RUN | how, folder=folder, resume=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--dask")
    parser.add_argument("--always", action="store_true", help="checkpoints after every block, whatever they cost")
    arguments = parser.parse_args()
    if arguments.always:
        batch_files.SHARE = 0.0
    print("sampling", flush=True)
    result = run(arguments.folder, workers=arguments.workers, dask=arguments.dask)
    print("interrupted" if result.interrupted else checksum(result), flush=True)


if __name__ == "__main__":
    main()
