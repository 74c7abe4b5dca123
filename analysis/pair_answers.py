"""What electron-hole pairs do in one junction: all that a recipe's `[ehp]` asks for (sgle.ehp)."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from sgle.analysis.population import mode_population
from sgle.ehp import (
    LowestOrderWarning,
    PairCurrents,
    Population,
    Rectification,
    emission_spectrum,
    lasing_bias,
    pair_currents,
    populations,
    rectification,
    stopping_bias,
)
from sgle.ehp.currents import DOUBTFUL
from sgle.errors import BathError, EigenfrequencyError, UnstableError
from sgle.junction import Junction
from sgle.recipe.ehp import Ehp
from sgle.stability import critical_bias

Array = np.ndarray
GOLDEN, EXACT, LOWEST = "golden rule", "exact", "lowest order"
MEANINGLESS = 10.0  # times as much as phonons electrons act on a mode; less is told as a deviation
TAIL = 10.0  # temperatures beyond eV to which emission is shown


@dataclass(frozen=True)
class Emission:
    """j_c(ω) of every channel into `bath`, quanta per time and frequency; omega (n_w,), spectra {"e:LR": (n_w,)}."""

    bath: str
    omega: Array
    spectra: Mapping[str, Array]

    @property
    def total(self) -> Array:
        """Of all channels."""
        return np.sum(list(self.spectra.values()), axis=0)


@dataclass(frozen=True, eq=False)
class PairAnswers:
    """Internal units.

    modes : by golden rule, also where there is no steady state.    numbers : ⟨v_m²⟩/Ω_m of normal-ordered noise, the
    quanta at any damping, (n_modes,); None where the junction is unstable or only the lowest order is asked for.
    currents, rectification, stopping : by order, without "full" where the junction is unstable.    threshold : bias
    where a mode begins to lase, by GOLDEN rule and EXACT.    refusals : what could not be found here, in a few words,
    each with the reason.
    """

    modes: Sequence[Population]
    currents: Mapping[str, PairCurrents]
    numbers: Array | None = None
    rectification: Mapping[str, Rectification] = field(default_factory=dict)
    stopping: Mapping[str, float] = field(default_factory=dict)
    threshold: Mapping[str, float] = field(default_factory=dict)
    emission: Emission | None = None
    refusals: Mapping[str, str] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """What to mind at this point, each in a few words."""
        lasing = [k for k, mode in enumerate(self.modes) if mode.lasing]
        told = [f"lasing: mode{'s' * (len(lasing) > 1)} {', '.join(map(str, lasing))}"] if lasing else []
        doubt = max((currents.doubt for currents in self._lowest()), default=0.0)
        if doubt > MEANINGLESS:
            told.append(f"{LOWEST} has no meaning")
        elif doubt > DOUBTFUL and not lasing:
            told.append(f"{LOWEST} ±{doubt:.0%}")
        return told

    def _lowest(self) -> Iterable[PairCurrents]:
        if "lowest" in self.currents:
            yield self.currents["lowest"]
        if "lowest" in self.rectification:
            yield from self.rectification["lowest"][1:]


def pair_answers(junction: Junction, asked: Ehp, known: PairAnswers | None = None) -> PairAnswers:
    """All that is asked for of one junction.

    known : the answers at another bias, whose stopping bias and threshold are this junction's, too.
    Raises BathError where currents by channel cannot be told, QuadratureError.
    """
    refusals: dict[str, str] = {}
    with warnings.catch_warnings():  # said in `notes`
        warnings.simplefilter("ignore", LowestOrderWarning)
        try:
            modes, currents = populations(junction), _of_orders(lambda order: pair_currents(junction, order), asked)
            rectified: dict[str, Rectification] = {}
            if (temperatures := asked.rectified) is not None:
                rectified = _of_orders(lambda order: rectification(junction, *temperatures, order), asked)
            stopping = known.stopping if known else _stopping(junction, asked, refusals)
            found = known.threshold if known else _threshold(junction, asked, len(modes), refusals)
            emission = _emission(junction, asked, modes)
            numbers = _numbers(junction) if "full" in currents else None
        except BathError as error:
            raise BathError(f"[ehp] cannot be told, leave that table out: {error}", **error.numbers) from error
    return PairAnswers(modes, currents, numbers, rectified, stopping, found, emission, refusals)


def _of_orders(answer: Callable[[str], Any], asked: Ehp) -> dict[str, Any]:
    """answer(order) of every order that has one."""
    found = {}
    for order in asked.orders:
        try:
            found[order] = answer(order)
        except UnstableError:  # said of the junction itself
            continue
    return found


def _numbers(junction: Junction) -> Array:
    """Quanta of all modes without the zero-point motion, which damping changes, too."""
    normal = junction.without("zero_point")
    return mode_population(normal).exact(normal, None)[0]


def _stopping(junction: Junction, asked: Ehp, refusals: dict[str, str]) -> dict[str, float]:
    if asked.stop is None:
        return {}
    search = partial(stopping_bias, junction.at_bias, (asked.stop[0], asked.stop[1]))
    return {order: _found(partial(search, order), "stopping bias", refusals) for order in asked.orders}


def _threshold(junction: Junction, asked: Ehp, count: int, refusals: dict[str, str]) -> dict[str, float]:
    """The first bias at which a mode lases, by golden rule and by its eigenfrequency."""
    if asked.threshold is None:
        return {}
    bracket = (asked.threshold[0], asked.threshold[1])
    told: dict[str, str] = {}
    search = partial(lasing_bias, junction.at_bias, bracket)
    ends = [_found(partial(search, mode), "golden-rule threshold", told) for mode in range(count)]
    first = min((bias for bias in ends if np.isfinite(bias)), key=lambda bias: abs(bias - bracket[0]), default=np.nan)
    if np.isnan(first):
        refusals |= told
    exact = _found(partial(critical_bias, junction.at_bias, bracket), "exact threshold", refusals)
    return {GOLDEN: first, EXACT: exact}


def _found(search: Callable[[], float], what: str, refusals: dict[str, str]) -> float:
    """What a search finds; NaN where there is nothing, and why."""
    try:
        return search()
    except (EigenfrequencyError, UnstableError) as error:
        refusals[f"no {what}"] = str(error)
        return np.nan


def _emission(junction: Junction, asked: Ehp, modes: Sequence[Population]) -> Emission | None:
    """Spectra at the order asked for, full if it is both; None where the junction is unstable."""
    if asked.emission is None:
        return None
    hottest = max(channel.temperature for bath in junction.baths.values() for channel in bath.channels)
    ends = asked.frequencies or [0.0, max(2 * modes[-1].frequency, abs(junction.bias) + TAIL * hottest)]
    low, high = min(ends), max(ends)
    omega = np.linspace(low, high, asked.points) if low > 0 else np.linspace(0, high, asked.points + 1)[1:]
    try:
        spectra = emission_spectrum(junction, asked.emission, omega, asked.orders[0])
    except UnstableError:
        return None
    return Emission(asked.emission, omega, {name: values for name, values in spectra.items() if np.any(values > 0)})
