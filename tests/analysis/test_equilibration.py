"""The end of a transient: found where it is, not found where there is none, refused when it is too long."""

import numpy as np
import pytest
from analysis_toys import ar1
from error_bars import SEED

from sgle.analysis.equilibration import NotEquilibratedError, detect


def relaxing(time, size, *, memory=0.5, trajectories=16, length=256, columns=3):
    """Noise with an exponential start in column 1."""
    series = ar1(length, trajectories, columns, memory, np.random.default_rng(SEED))
    series[..., 1] -= size * np.exp(-np.arange(length) / time)[:, None]
    return series


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("trajectories", [1, 2, 8, 32])
def test_stationary_noise_has_no_transient(memory, trajectories):
    rng = np.random.default_rng(SEED)
    found = [detect(ar1(256, trajectories, 4, memory, rng)).detected for _ in range(60)]
    energies = [detect(ar1(256, trajectories, 4, memory, rng) ** 2).detected for _ in range(60)]
    assert np.count_nonzero(found + energies) <= 1


@pytest.mark.parametrize("time", [3.0, 10.0, 18.0])
def test_exponential_transient_is_cut_off_and_not_much_more(time):
    found = detect(relaxing(time, 6.0))
    assert found.quantity == 1
    assert found.done
    left = 6.0 * np.exp(-found.detected / time) * time / (256 - found.detected)
    assert left < 0.1  # bias of the mean of what is kept, in units of the spread of a single average
    assert found.detected < 6 * time + 40


def test_transient_longer_than_half_the_run_is_refused_with_numbers():
    found = detect(relaxing(120.0, 6.0))
    assert not found.done
    with pytest.raises(NotEquilibratedError, match="burn_in") as refused:
        found.require(steps_per_average=10)
    assert refused.value.detected == 10 * found.detected > 10 * 128
    assert refused.value.length == 2560
    assert refused.value.exit_status == 3


def test_what_is_over_early_does_not_raise():
    detect(relaxing(3.0, 6.0)).require()


def test_series_of_a_few_averages_and_ended_trajectories():
    assert detect(np.ones((3, 2, 1))).detected == 0
    series = relaxing(10.0, 6.0)
    series[100:, 3] = np.nan
    assert detect(series).length == 100


def test_one_trajectory_shows_a_clear_transient():
    assert detect(relaxing(10.0, 100.0, trajectories=1, memory=0.0, length=1024)).detected > 10
