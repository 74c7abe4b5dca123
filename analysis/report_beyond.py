"""The part of a report about runs beyond the threshold: limit cycle, distribution of energy, lifetimes."""

from collections.abc import Sequence
from html import escape

from matplotlib.figure import Figure

from sgle.analysis.beyond import (
    UNLIKELY,
    FoundCycle,
    FoundLifetime,
    cycle_of,
    cycle_rows,
    lifetime_sentence,
    lifetimes_of,
)
from sgle.analysis.html import table
from sgle.analysis.instability.plot_cycle import orbit
from sgle.analysis.instability.plots import distribution, survival
from sgle.analysis.plot_saturation import saturation
from sgle.analysis.result import Result

CAPTIONS = {
    "orbit": "Where the motion is in the plane of its orbit, behind the burn-in: how often in blue, the ellipse of its "
    "second moments in red, and dashed the limit cycle without noise.",
    "saturation": "Energy of the mode in each trajectory, from rest on: it grows as the eigenvalue of harmonic motion "
    "says, until the anharmonic force holds it.",
    "mode_distribution": "How the energy of the mode is distributed: noise alone, below the threshold, makes an "
    "exponential, a limit cycle a peak away from zero.",
    "survival": "Share of trajectories that have not passed the limit, with its band; ticks where trajectories were "
    "watched no longer.",
}


class Beyond:
    """What there is to show of a result; nothing for a run that asked about no cycle and no lifetime."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.cycle: FoundCycle | None = cycle_of(result)
        self.lifetimes: list[FoundLifetime] = lifetimes_of(result)

    def figures(self) -> dict[str, Figure]:
        """Pictures by file name."""
        found: dict[str, Figure] = {}
        if self.cycle is not None:
            found["orbit"] = orbit(self.result, self.cycle.found, self.cycle.watch, self.cycle.exact)
            if self.result.settings["start"] == "rest":
                found["saturation"] = saturation(self.result, self.cycle.found.mode, self.cycle.exact)
            if self.cycle.found.energy is not None:
                found["mode_distribution"] = distribution(self.cycle.found.energy, units=self.result.units)
        for each in self.lifetimes:
            if each.survival is not None:
                steady = each.test is None or each.test.p >= UNLIKELY
                figure = survival(each.survival, each.passages, each.rate if steady else None, self.result.units)
                found[f"survival_{each.name}"] = figure
        return found

    def tables(self) -> list[str]:
        """Tables and sentences in HTML, under a heading of their own."""
        said = [f"<p>{escape(sentence)}.</p>" for sentence in self.sentences()]
        if self.cycle is None:
            return ["<h2>Lifetimes</h2>", *said] if said else []
        rows = cycle_rows(self.cycle, self.result.units)
        made = table("Limit cycle", ("", "sampled", "without noise"), rows)
        return ["<h2>Beyond the threshold</h2>", '<div class="tables">', made, "</div>", *said]

    def sentences(self) -> Sequence[str]:
        """Lifetimes, and why there is no cycle without noise."""
        said = [lifetime_sentence(each, self.result.units) for each in self.lifetimes]
        if self.cycle is not None and self.cycle.trouble:
            said.append(f"no limit cycle without noise: {self.cycle.trouble}".rstrip("."))
        return said


def caption(name: str) -> str:
    """What is written below a picture."""
    return CAPTIONS[name.partition("_")[0] if name.startswith("survival") else name]
