"""A small run that can be killed and resumed, also by a program of its own."""

import os
import signal

import numpy as np
from analysis_toys import small_junction, small_run

RUN = {
    "steps": 2500,
    "trajectories": 6,
    "batch": 2,
    "spectrum_segment": 64,
    "checkpoint_seconds": 0.0,
    "start": "rest",
}


def run(**changes):
    """All that a run can keep: reference, spectra, an observer of the user."""
    return small_run(small_junction(), **RUN | {"observers": {"stretch": stretch}} | changes)


class Press:
    """Ctrl-C in the so manieth block."""

    left = None


def stretch(block):
    """An observer of this module, thus one that workers can import; it presses Ctrl-C when Press tells it to."""
    if Press.left is not None:
        Press.left -= 1
        if Press.left == 0:
            os.kill(os.getpid(), signal.SIGINT)
    return block.displacement**2


def same(one, other):
    """Bit for bit the same numbers."""
    assert one.series.keys() == other.series.keys() and one.estimates.keys() == other.estimates.keys()
    for name, series in one.series.items():
        assert np.array_equal(series, other.series[name], equal_nan=True), name
    for name, estimate in one.estimates.items():
        for part in ("value", "stderr", "effective_samples"):
            assert np.array_equal(getattr(estimate, part), getattr(other.estimates[name], part)), (name, part)
    assert one.ledger_error == other.ledger_error and one.settings == other.settings
