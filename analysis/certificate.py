"""What auxiliary variables did to a run: their number, the error of the fitted memory, what it does to the answers."""

from functools import lru_cache

import numpy as np

from sgle.analysis.crosscheck import NEGLIGIBLE
from sgle.analysis.result import Result
from sgle.embedding import Certificate, certify
from sgle.errors import UnstableError
from sgle.grid import Grid
from sgle.junction import Junction


def certificate(result: Result) -> Certificate | None:
    """The certificate of the fitted memories (sgle.embedding.certify); None if every memory was a convolution, or if an
    anharmonic force holds a junction whose harmonic motion, the only one with exact answers, is unstable.

    Exact, from the junction alone; for a large one it takes as long as the exact answers for two grids.
    """
    return _certificate(result.junction, result.grid)


@lru_cache(maxsize=4)
def _certificate(junction: Junction, grid: Grid) -> Certificate | None:
    kinds = [grid.memory] if isinstance(grid.memory, str) else dict(grid.memory).values()
    if "auxiliary" not in kinds:
        return None
    fitted = any(bath.embedding is not None for bath in grid.model(junction).baths.values())
    try:
        return certify(junction, grid) if fitted else None
    except UnstableError:
        return None


def certified(result: Result) -> list[str]:
    """The certificate in words, one sentence per bath and one for all; none without auxiliary variables."""
    found = certificate(result)
    if found is None:
        return []
    said = [
        f"memory of {name}: {count} auxiliary variables stand for {found.taps[name]} taps, self-energy off by "
        f"{found.error[name]:.1e} of its largest broadening" + ("" if found.passive[name] else ", not passive")
        for name, count in found.variables.items()
    ]
    harmonic = "harmonic " if result.anharmonic else ""
    moved = f"auxiliary variables move {harmonic}kinetic energies by up to {np.max(np.abs(found.energy)):.1e} of each"
    currents, energies = (result.estimates[name] for name in ("heat_current", "kinetic_energy"))
    exact = [each.value if each.grid is None else each.grid for each in (currents, energies)]
    if np.max(np.abs(exact[0]), initial=0.0) > NEGLIGIBLE * np.max(np.abs(exact[1])) ** 2:
        largest = max(abs(change) for change in found.current.values())
        moved += f", heat currents by up to {largest:.1e} of the largest"
    return [*said, f"{moved} (exact; the answers for this time step contain it)"]
