"""Models a recipe may name in `[system]`: their keys, and the builders in sgle.models that they are passed to.

A field that is not given is not passed on: the builder's own default holds. Fields are named like the builder's
arguments, except the temperatures of single baths: `temperature_eL` becomes temperatures = {"eL": ...}.
"""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from sgle.errors import InputError, PhysicsError, RecipeError
from sgle.recipe.quantities import Quantity
from sgle.recipe.schema import Table

if TYPE_CHECKING:
    from sgle.junction import Junction

_SINGLE = "temperature_"
OptionalTemperature = Annotated[float | None, Field(ge=0), Quantity("temperature")]
Energy = Annotated[float | None, Quantity("energy")]
Positive = Annotated[float | None, Field(gt=0), Quantity("energy")]
Mesh = Annotated[int | None, Field(ge=1, le=1000)]


class Chain(Table):
    """A uniform chain of springs; needs [baths.NAME]."""

    model: Literal["chain"]
    sites: Annotated[int, Field(ge=1, le=10_000)]
    spring: Annotated[float, Field(gt=0), Quantity("energy squared")]
    onsite: Annotated[float, Field(ge=0), Quantity("energy squared")] = 0.0


class Built(Table):
    """A model with baths of its own: phonons L and R, electrons e, whose leads eL and eR may differ in temperature."""

    builder: ClassVar[str]
    fermi_level: Energy = None
    temperature: OptionalTemperature = None
    temperature_L: OptionalTemperature = None
    temperature_R: OptionalTemperature = None
    temperature_eL: OptionalTemperature = None
    temperature_eR: OptionalTemperature = None

    def junction(self, bias: float) -> "Junction":
        """The junction at this bias [eV]. RecipeError or PhysicsError, both naming the table."""
        from sgle import models

        build = getattr(models, self.builder)
        try:
            built: Junction = build(bias=bias, **self.arguments())
        except PhysicsError as error:
            raise type(error)(f"system: {error}", **error.numbers) from error
        except InputError as error:
            raise RecipeError(f"system: {error}", problems=[f"system: {error}"]) from error
        return built

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of the builder, in internal units, without the bias."""
        given = {key: value for key, value in self if value is not None and key != "model"}
        single = {key.removeprefix(_SINGLE): given.pop(key) for key in list(given) if key.startswith(_SINGLE)}
        return given | ({"temperatures": single} if single else {})


class GoldChain(Built):
    """Gold atoms in a row between two Au(100) surfaces."""

    builder = "gold_chain"
    model: Literal["gold-chain"]
    atoms: Annotated[int | None, Field(ge=1, le=20)] = None
    gap: Annotated[float | None, Field(gt=0), Quantity("length")] = None
    bases: bool | None = None
    phonon_broadening: Positive = None
    phonon_mesh: Mesh = None
    electron_broadening: Positive = None
    electron_mesh: Mesh = None


class ElectronChain(Built):
    """A one-dimensional chain between one-dimensional leads."""

    builder = "electron_chain"
    model: Literal["electron-chain"]
    atoms: Annotated[int | None, Field(ge=1, le=100)] = None
    phonon_broadening: Annotated[float | None, Field(ge=0), Quantity("energy")] = None


class GrapheneRibbon(Built):
    """A graphene nanoribbon with bare carbon dimers at its edges."""

    builder = "graphene_ribbon"
    model: Literal["graphene-ribbon"]
    dimers: Annotated[int | None, Field(ge=0, le=40)] = None
    margin: Annotated[int | None, Field(ge=0, le=40)] = None
    phonon_broadening: Positive = None
    electron_broadening: Positive = None


MODELS: dict[str, type[Chain] | type[Built]] = {
    "chain": Chain,
    "gold-chain": GoldChain,
    "electron-chain": ElectronChain,
    "graphene-ribbon": GrapheneRibbon,
}


def owners(field: str) -> list[str]:
    """The models that have this key."""
    return [name for name, model in MODELS.items() if field in model.model_fields]
