"""Values on an endless ladder of energies: the same however they are asked for, and never asked for outside."""

import numpy as np
import pytest

from sgle.electronic.ladder import BLOCK, Ladder


def counting(asked):
    def function(energies):
        asked.extend(energies)
        columns = 2 + int(energies[0] > 0)  # blocks of different width
        return np.stack([energies**power for power in range(columns)], axis=1)

    return function


def test_blocks_are_kept_and_padded():
    asked = []
    ladder = Ladder(counting(asked), 0.5, (-np.inf, np.inf))
    found = ladder(-3, BLOCK + 3)
    energies = 0.5 * np.arange(-3, BLOCK + 4)
    np.testing.assert_array_equal(found[:, 1], energies)
    assert found.shape == (BLOCK + 7, 3) and np.all(found[:3, 2] == 0)
    before = len(asked)
    np.testing.assert_array_equal(ladder(0, 2), found[3:6, :2])
    assert len(asked) == before


@pytest.mark.parametrize("first", [-20, -3, 0, 5])
def test_weighted_sum_is_the_sum(first):
    ladder = Ladder(lambda e: np.stack([np.cos(e), e], axis=1)[:, :, None] * np.ones(4), 0.1, (-np.inf, np.inf))
    weights = np.random.default_rng(1).random((2 * BLOCK + 3, 2))
    energies = 0.1 * np.arange(first, first + len(weights))
    exact = np.array([weights[:, 0] @ np.cos(energies), weights[:, 1] @ energies])
    np.testing.assert_allclose(ladder.weighted(first, weights), exact[:, None] * np.ones(4), rtol=1e-13, atol=1e-13)


def test_nothing_is_asked_for_outside_the_window():
    asked = []

    def function(energies):
        asked.extend(energies)
        return np.stack([energies, energies**2], axis=1)

    ladder = Ladder(function, 1.0, (-2.0, 5.0))
    found = ladder(-BLOCK - 2, 3 * BLOCK)
    assert min(asked) >= -2 and max(asked) <= 5
    known = np.arange(-BLOCK - 2, 3 * BLOCK + 1)
    inside = (known >= -2) & (known <= 5)
    assert np.all(np.isfinite(found[inside])) and np.all(np.isnan(found[~inside]))
    # A weight of zero outside does no harm; any other is seen.
    weights = np.where(inside, 1.0, 0.0)
    assert np.all(np.isfinite(ladder.weighted(-BLOCK - 2, weights)))
    assert np.isnan(ladder.weighted(-BLOCK - 2, weights + 1e-9)[0])
