"""Distribution of a number, with error bars from independent trajectories."""

from dataclasses import dataclass

import numpy as np

from sgle.analysis.estimate import Estimate

Array = np.ndarray
BINS = 40


@dataclass(frozen=True, eq=False)
class Histogram:
    """edges : (m + 1,).    density : Estimate (m,), integral 1: each trajectory is one independent piece."""

    edges: Array
    density: Estimate

    @property
    def centres(self) -> Array:
        """Middles of the bins, (m,)."""
        return (self.edges[1:] + self.edges[:-1]) / 2


def histogram(samples: Array, bins: int | Array = BINS) -> Histogram:
    """Histogram of samples (n, R) of R independent trajectories, equal bins over all of them or given edges.

    What lies outside given edges counts in the norm. Raises : TooFewSamplesError for fewer than two trajectories.
    """
    edges = np.histogram_bin_edges(samples, bins)
    counts = np.array([np.histogram(column, edges)[0] for column in samples.T])
    return Histogram(edges, Estimate.from_means(counts / (len(samples) * np.diff(edges))))
