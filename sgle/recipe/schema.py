"""What a recipe may contain: one class per table, in internal units (sgle.recipe.quantities converts).

Only shape, type and range are checked here; what the numbers mean together (a symmetric matrix, a
spectrum ≥ 0, a stable junction) is checked by Junction, Bath and Grid when they are built.
"""

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from sgle.recipe.arrays import (
    diagonal_or_matrix,
    matrices,
    matrix,
    real_matrix,
    scalar_or_matrix,
    some_matrices,
    unique,
)
from sgle.recipe.quantities import Quantity

MOST_STEPS = 10**12
# What can be switched off, and what it is called in a sentence.
SWITCH_NAMES = {
    "renormalisation": "renormalisation",
    "friction_change": "the change of friction with bias",
    "asymmetric": "asymmetric forces",
    "nonconservative": "non-conservative forces",
    "berry": "Berry forces",
    "asymmetric_noise": "asymmetric noise",
    "nonequilibrium_noise": "non-equilibrium noise",
    "zero_point": "zero-point motion",
    "quantum_noise": "quantum noise",
}
SWITCHES = tuple(SWITCH_NAMES)
Switch = Literal[SWITCHES]  # type: ignore[valid-type]
Memory = Literal["convolution", "local", "auxiliary"]

_TEMPERATURE, _BIAS, _TIME = Quantity("temperature"), Quantity("bias"), Quantity("time")
_ENERGY, _ENERGY2 = Quantity("energy"), Quantity("energy squared")

Temperature = Annotated[float, Field(ge=0), _TEMPERATURE]
Cutoff = Annotated[float, Field(gt=0), _ENERGY]
Dofs = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1), AfterValidator(unique)]
Friction = Annotated[Any, AfterValidator(scalar_or_matrix), _ENERGY]
EnergyMatrix = Annotated[Any, AfterValidator(matrix), _ENERGY]
Broadening = Annotated[Any, AfterValidator(diagonal_or_matrix), _ENERGY]
SquareEnergyMatrix = Annotated[Any, AfterValidator(real_matrix), _ENERGY2]


class Table(BaseModel):
    """Base of all tables: no unknown keys, no silent conversion of types, no infinities."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=())


class Top(Table):
    """Keys outside any table."""

    name: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$", max_length=80)] = None
    title: str = ""
    description: str = ""
    units: Literal["eV", "natural"]
    bias: Annotated[float | None, _BIAS] = None


class System(Table):
    """`[system]` without a model: the dynamical matrix, written out or in a junction file."""

    dynamical_matrix: SquareEnergyMatrix | None = None
    junction: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> "System":
        origins = [name for name in ("dynamical_matrix", "junction") if getattr(self, name) is not None]
        if len(origins) != 1:
            found = " and ".join(origins) or "none"
            raise ValueError(f"give one of dynamical_matrix, model, junction; found {found}")
        return self


class Drude(Table):
    """Γ = 2 η ω c²/(ω²+c²)."""

    dofs: Dofs
    temperature: Temperature
    friction: Friction
    cutoff: Cutoff
    counter_term: bool = True


class Ohmic(Drude):
    """Γ = 2 η ω times a cutoff shape."""

    shape: Literal["smooth", "exponential", "hard", "drude"] = "smooth"


class Debye(Table):
    """Debye bath: Γ ∝ ω³ below the Debye frequency."""

    dofs: Dofs
    temperature: Temperature
    coupling: Annotated[Any, AfterValidator(scalar_or_matrix), _ENERGY]
    debye_frequency: Cutoff
    counter_term: bool = True


class Tabulated(Table):
    """Γ(ω) as a table, zero beyond its last point."""

    dofs: Dofs
    temperature: Temperature
    omega: Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=2), _ENERGY]
    broadening: Annotated[Any, AfterValidator(matrices), _ENERGY2]
    counter_term: bool = True
    potential: Annotated[float, _ENERGY] = 0.0


class ChainLead(Table):
    """Semi-infinite chain (Rubin) on one dof."""

    dofs: Annotated[Dofs, Field(max_length=1)]
    temperature: Temperature
    spring: Annotated[float, Field(gt=0), _ENERGY2]
    onsite: Annotated[float, Field(ge=0), _ENERGY2] = 0.0
    potential: Annotated[float, _ENERGY] = 0.0


class Lead(Table):
    """Semi-infinite lead from principal-layer blocks."""

    dofs: Dofs
    temperature: Temperature
    k00: SquareEnergyMatrix
    k01: SquareEnergyMatrix
    coupling: SquareEnergyMatrix


class FlatBand(Table):
    """Electrons with energy-independent λ matrices; feels the recipe's bias."""

    dofs: Dofs
    temperature: Temperature
    intra: EnergyMatrix
    inter: EnergyMatrix
    cutoff: Cutoff


class Local(Table):
    """Electrons as friction and matrices per unit bias; feels the recipe's bias."""

    dofs: Dofs
    temperature: Temperature
    cutoff: Cutoff
    friction: Friction
    nonconservative: EnergyMatrix | None = None
    renormalisation: EnergyMatrix | None = None
    berry: Annotated[Any, AfterValidator(matrix)] = None
    shot_noise: EnergyMatrix | None = None


class LevelPairs(Table):
    """Electrons of a few levels between electrodes of wide bands, exact; feels the recipe's bias.

    `gate` moves all levels, `splitting` the first of two up by its half and the second down.
    """

    dofs: Dofs
    temperature: Temperature
    levels: Annotated[list[float] | None, Field(min_length=1), _ENERGY] = None
    hamiltonian: Annotated[Any, AfterValidator(real_matrix), _ENERGY] = None
    left: Broadening
    right: Broadening
    couplings: Annotated[Any, AfterValidator(some_matrices), Quantity("coupling")]
    gate: Annotated[float, _ENERGY] = 0.0
    splitting: Annotated[float | None, _ENERGY] = None
    fermi_level: Annotated[float, _ENERGY] = 0.0
    spin: Annotated[float, Field(gt=0)] = 2.0

    @model_validator(mode="after")
    def _one_hamiltonian(self) -> "LevelPairs":
        given = [name for name in ("levels", "hamiltonian") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give one of levels (their energies), hamiltonian; found {' and '.join(given) or 'none'}")
        count = len(getattr(self, given[0]))
        if self.splitting is not None and count != 2:
            raise ValueError(f"splitting moves two levels apart; there {'is 1' if count == 1 else f'are {count}'}")
        return self

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of sgle.baths.level_pairs but for the bias."""
        values = {key: value for key, value in self if key not in ("levels", "hamiltonian", "splitting")}
        h = np.array(self.hamiltonian if self.levels is None else np.diag(self.levels), dtype=float)
        apart = np.diag([0.5, -0.5]) * self.splitting if self.splitting is not None else 0.0
        return {"hamiltonian": h + apart, **values}


class FromFile(Table):
    """A bath of the junction file under the same name, with another temperature or cutoff."""

    temperature: Annotated[float | None, Field(ge=0), _TEMPERATURE] = None
    cutoff: Annotated[float | None, Field(gt=0), _ENERGY] = None


BATHS: dict[str, type[Table]] = {
    "drude": Drude,
    "ohmic": Ohmic,
    "debye": Debye,
    "tabulated": Tabulated,
    "chain_lead": ChainLead,
    "lead": Lead,
    "flat_band": FlatBand,
    "local": Local,
    "level_pairs": LevelPairs,
    "from_file": FromFile,
}
ELECTRONS = ("flat_band", "local", "level_pairs")


class Run(Table):
    """`[run]`: the time grid and how much is sampled."""

    time_step: Annotated[float, Field(gt=0), _TIME]
    steps: Annotated[int | None, Field(ge=1, le=MOST_STEPS)] = None
    duration: Annotated[float | None, Field(gt=0), _TIME] = None
    trajectories: Annotated[int, Field(ge=2, le=10**6)]
    seed: Annotated[int, Field(ge=0, lt=2**64)] = 0
    burn_in: Annotated[float | None, Field(ge=0), _TIME] = None
    memory: Memory | dict[str, Memory] = "convolution"
    memory_time: Annotated[float | None, Field(gt=0), _TIME] = None
    memory_error: Annotated[float, Field(gt=0, lt=1)] = 1e-3
    batch: Annotated[int | None, Field(ge=1)] = None
    excess: bool = False
    reference: Literal["harmonic"] | None = None
    control: bool = False
    method: Literal["trajectories", "stationary"] = "trajectories"
    start: Literal["rest", "stationary"] | None = None
    target_error: Annotated[float | None, Field(gt=0, lt=1)] = None

    @model_validator(mode="after")
    def _one_length(self) -> "Run":
        if (self.steps is None) == (self.duration is None):
            raise ValueError("give either steps or duration")
        if self.excess and self.reference:
            raise ValueError("excess compares with zero bias, reference with harmonic motion: one of them at a time")
        if self.control and not (self.excess or self.reference):
            raise ValueError(
                "control takes its fluctuations from a second run: it needs excess = true, the run at zero bias, or, "
                'beside anharmonic motion, reference = "harmonic"'
            )
        for name in ("duration", "burn_in"):
            if (getattr(self, name) or 0.0) > MOST_STEPS * self.time_step:
                raise ValueError(f"{name} is more than {MOST_STEPS:.0e} time steps long")
        return self


class Switches(Table):
    """`[switches]`: parts of the electron bath left out, in both domains."""

    without: list[Switch] = []


class Compare(Table):
    """`[compare]`: what is left out in a second set of exact answers, beside those of the junction itself."""

    without: Annotated[list[Switch], Field(min_length=1)]


class Channels(Table):
    """`[channels]`: heat into each phonon bath from each kind of electron-hole pair; the table is empty."""


class Probes(Table):
    """`[probes]`: a weak bath on each atom, as warm as it must be to draw no heat (Büttiker probes).

    Without friction the limit of no friction at all; with it, all probes at once, unless self_consistent = false.
    """

    friction: Annotated[float | None, Field(gt=0), _ENERGY] = None
    self_consistent: bool | None = None

    @model_validator(mode="after")
    def _friction_first(self) -> "Probes":
        if self.friction is None and self.self_consistent is not None:
            raise ValueError("self_consistent is for probes with friction")
        return self

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of sgle.probes.temperatures."""
        if self.friction is None:
            return {}
        return {"friction": self.friction, "self_consistent": self.self_consistent is not False}
