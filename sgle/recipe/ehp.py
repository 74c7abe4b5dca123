"""What a recipe asks of electron-hole pairs: `[ehp]`, for `sgle landauer` (sgle.ehp)."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from sgle.recipe.quantities import Quantity
from sgle.recipe.schema import ELECTRONS, Table
from sgle.recipe.stability import BIAS_KEYS, Two, has_electrons, has_own

if TYPE_CHECKING:
    from sgle.recipe.tables import Tables

_BIAS, _ENERGY, _TEMPERATURE = Quantity("bias"), Quantity("energy"), Quantity("temperature")


class Ehp(Table):
    """`[ehp]`: energy, charge and entropy by electron-hole pairs, quanta of every mode, and more where it is asked for.

    order : in the coupling to electrons; full is exact.    temperature, difference : mean and difference of those of
    electrons and phonons, for heat rectification.    stop : biases between which no charge flows at one.    threshold :
    biases between which a mode begins to lase.    emission : the bath whose quanta are counted by frequency.
    """

    order: Literal["full", "lowest", "both"] = "full"
    temperature: Annotated[float | None, Field(gt=0), _TEMPERATURE] = None
    difference: Annotated[float | None, Field(gt=0), _TEMPERATURE] = None
    stop: Annotated[list[float] | None, Two, _BIAS] = None
    threshold: Annotated[list[float] | None, Two, _BIAS] = None
    emission: str | None = None
    frequencies: Annotated[list[Annotated[float, Field(ge=0)]] | None, Two, _ENERGY] = None
    points: Annotated[int, Field(ge=2, le=100_000)] = 400

    @model_validator(mode="after")
    def _together(self) -> "Ehp":
        if (self.temperature is None) != (self.difference is None):
            raise ValueError("temperature and difference belong together: those of heat rectification")
        if self.temperature is not None and not (self.difference or 0.0) < 2 * self.temperature:
            raise ValueError(
                f"the colder side would have a temperature of {self.temperature - (self.difference or 0.0) / 2:g}; "
                "difference must be less than twice the mean temperature"
            )
        if self.frequencies is not None and self.emission is None:
            raise ValueError('frequencies are those of emission = "NAME", the bath that takes the quanta')
        for name in ("stop", "threshold", "frequencies"):
            ends = getattr(self, name)
            if ends is not None and ends[0] == ends[1]:
                raise ValueError(f"{name} goes from {ends[0]:g} to {ends[1]:g}: give two different ends")
        return self

    @property
    def orders(self) -> tuple[str, ...]:
        """The orders asked for."""
        return ("full", "lowest") if self.order == "both" else (self.order,)

    @property
    def told(self) -> str:
        """The order, and what is asked for beside currents and quanta, in a few words."""
        order = "full and lowest order" if self.order == "both" else f"{self.order} order"
        more: dict[str, object] = {"heat rectification": self.rectified, "stopping bias": self.stop}
        more |= {"lasing threshold": self.threshold, "emission spectrum": self.emission}
        return ", ".join([order, *(name for name, value in more.items() if value is not None)])

    @property
    def rectified(self) -> tuple[float, float] | None:
        """Mean and difference of the temperatures, if heat rectification is asked for [eV]."""
        return None if self.temperature is None or self.difference is None else (self.temperature, self.difference)


def problems_of(tables: "Tables") -> list[str]:
    """What does not go together with the rest of the recipe."""
    asked = tables.ehp
    if asked is None:
        return []
    if not has_electrons(tables):
        return [f"ehp: electron-hole pairs need a bath of electrons: {', '.join(ELECTRONS)}"]
    problems = []
    if asked.rectified and (tables.top.bias or any(key in tables.sweep for key in BIAS_KEYS)):
        problems.append("ehp.temperature: heat rectification is found without bias; leave the bias out")
    kinds = {name: kind for name, (kind, _) in tables.baths.items()}
    if asked.emission in kinds and kinds[asked.emission] in ELECTRONS:
        problems.append(f"ehp.emission: quanta go into a bath of phonons or photons; {asked.emission} is of electrons")
    if asked.emission is not None and asked.emission not in kinds and not has_own(tables):
        known = [name for name, kind in kinds.items() if kind not in ELECTRONS]
        problems.append(f"ehp.emission: no bath is called {asked.emission}; there is {', '.join(known) or 'none'}")
    return problems
