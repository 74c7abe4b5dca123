"""Ctrl-C: what is finished is used, what is half done is left out, nothing is left broken."""

import os
import signal
import threading
import warnings

import numpy as np
import pytest
from analysis_toys import small_junction, small_run

from sgle.analysis.engine.interrupt import Interruptible
from sgle.errors import SgleWarning

RUN = {"steps": 6000, "trajectories": 6, "batch": 2, "reference": None, "spectrum_segment": 64}


def interrupting(after, action):
    """An observer that does something after so many blocks."""
    calls = iter(range(10**9))

    def observe(block):
        if next(calls) == after:
            action()
        return block.velocity

    return {"extra": observe}


def press():
    os.kill(os.getpid(), signal.SIGINT)


def stop():
    raise KeyboardInterrupt


@pytest.mark.parametrize("action", [press, stop])
def test_interrupted_runs_keep_their_finished_chunks(action):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SgleWarning)
        found = small_run(small_junction(), **RUN, observers=interrupting(40, action))
        whole = small_run(small_junction(), **RUN)
    assert found.interrupted and not whole.interrupted
    series, full = found.series["kinetic_energy"], whole.series["kinetic_energy"]
    kept = np.isfinite(series).all(axis=2)
    assert series.shape[1] == 4 and kept[:, :2].all() and 0 < kept[:, 3].sum() < len(series)
    np.testing.assert_allclose(series[kept], full[: len(series), :4][kept], rtol=1e-9)
    assert found.crosscheck.verdict != "failed"
    assert found.settings["steps_done"] == kept.sum() * found.settings["chunk"]
    assert "interrupted" in repr(found)


def test_nothing_usable_is_an_interrupt():
    with pytest.raises(KeyboardInterrupt):
        small_run(small_junction(), **RUN, observers=interrupting(0, stop))


def test_the_second_key_press_ends_at_once_and_the_old_handler_comes_back():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), Interruptible() as stopper:
        press()
        assert stopper.requested
        press()
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_are_left_alone():
    def work():
        with Interruptible() as stopper:
            seen.append(stopper.requested)

    seen: list[bool] = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
