"""What a recipe asks of two Boltzmann wires joined by a scatterer: `[nanowire]` (sgle.nanowire), in units of μ0."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sgle.recipe.schema import Table

Some = Field(min_length=1, max_length=500)
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=2, le=500)]


class Nanowire(Table):
    """`[nanowire]`: every combination of peaks, widths, biases and temperatures, energies in μ0 of the wires.

    show : heating along the wires, maps of their spots, left-right asymmetry, or current against bias.    peaks,
    widths : ε0 and half width at half maximum Γ of Lorentzian transmissions; of a map the two ends, in between
    `points` = [of √ε0, of Γ].    exponent : s of τ ∝ p^s.    share : of the bias that T(E) follows.    accuracy : of
    the grid.    allow_nonlinear : answer however large the fields.
    """

    show: Literal["heating", "spots", "asymmetry", "iv"]
    peaks: Annotated[list[float], Some]
    widths: Annotated[list[Positive], Some]
    temperatures: Annotated[list[Positive], Some]
    biases: Annotated[list[float], Some]
    points: Annotated[list[Count] | None, Field(min_length=2, max_length=2)] = None
    exponent: Annotated[float, Field(ge=-1, lt=1)] = 0.0
    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    accuracy: Annotated[float, Field(gt=0, le=0.1)] = 1e-5
    allow_nonlinear: bool = False

    @model_validator(mode="after")
    def _together(self) -> "Nanowire":
        for name in ("peaks", "widths", "temperatures", "biases"):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                raise ValueError(f"{name} holds a number twice: {values}")
        if 0.0 in self.biases:
            raise ValueError("biases must not be 0: nothing flows, nothing is heated")
        if self.show == "spots":
            self._require_map()
        elif self.points is not None:
            raise ValueError(f'points are those of a map, show = "spots"; {self.show} has the peaks and widths given')
        return self

    def _require_map(self) -> None:
        ends = (self.peaks, self.widths)
        if self.points is None or any(len(two) != 2 or not 0 < two[0] < two[1] for two in ends):
            raise ValueError(
                "spots are a map: peaks = [low, high], widths = [low, high], both > 0, and points = [n, m]"
            )
        if len(self.biases) > 1:
            raise ValueError(f"spots are a map at one bias, not {len(self.biases)}")
