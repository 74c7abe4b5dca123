"""Which kind of memory a bath on the grid asks for."""

from typing import Any

from sgle.integrators.memory import Convolution, Memory


def make_memory(bath: Any) -> Memory | None:
    """Memory of one bath of a GridModel: auxiliary variables if it was fitted, else the exact convolution.

    bath : sgle.grid.GridBath, or anything with its velocity_taps, position_taps and, if fitted, embedding.
    Returns : None where the present is all there is, that is one tap or none of each kind.
    """
    embedding = getattr(bath, "embedding", None)
    if embedding is not None:
        from sgle.integrators.embedded import Embedded

        return Embedded(embedding)
    if max(len(bath.velocity_taps), len(bath.position_taps)) <= 1:
        return None
    return Convolution(bath.velocity_taps, bath.position_taps)
