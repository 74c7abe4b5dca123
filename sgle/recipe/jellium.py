"""`[jellium]`: forces on a weak scatterer in a wire of free electrons (sgle.jellium), a study without junction."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sgle.recipe.schema import Table

Side = Annotated[float, Field(gt=0)]
Scale = Annotated[float, Field(ge=0)]


class Jellium(Table):
    """Map over the cross-section, and the line through its middle. Lengths in λ_F, energies in ε_F, in any units.

    force : curl of the wind force, or Lorentz-like.    height : of the wire, the width if not given.    bias 0 : small.
    edges : of subbands at the Fermi level without bias and temperature.    points : along half of a side of the map.
    line : along the line.    distances : from the surface x = 0, for the table.    rtol : of integrals and sums.
    """

    force: Literal["curl", "lorentz"] = "curl"
    width: Side
    height: Side | None = None
    bias: Scale = 0.0
    temperature: Scale = 0.0
    frequency: Scale = 0.0
    edges: Literal["refuse", "exclude"] = "refuse"
    points: Annotated[int, Field(ge=3, le=1000)] = 60
    line: Annotated[int, Field(ge=3, le=10_000)] = 150
    distances: list[Side] = Field(default=[0.1, 0.25, 0.5, 1.0], min_length=1)
    rtol: Annotated[float, Field(gt=0, lt=1)] = 1e-4

    @model_validator(mode="after")
    def _inside(self) -> "Jellium":
        if max(self.distances) >= self.width:
            raise ValueError(f"distances reach {max(self.distances):g} λ_F, beyond the width of {self.width:g} λ_F")
        if self.force == "lorentz" and self.edges == "exclude":
            raise ValueError('edges = "exclude" is for force = "curl": closed subbands make the Lorentz-like force')
        return self
