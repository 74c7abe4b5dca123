"""What can go wrong, as types: the caller's mistakes (exit status 2) and refused physics (exit status 3).

Every exception carries its numbers: `SpectrumError("...", smallest=-0.1, omega=1.6).smallest`, so that a
script can react to them.
"""

from typing import Any


class SgleError(ValueError):
    """Base of all errors of this package. `numbers` holds what the message says, by name."""

    exit_status = 2

    def __init__(self, message: str, **numbers: Any) -> None:
        super().__init__(message)
        self.numbers = numbers
        for name, value in numbers.items():
            setattr(self, name, value)


class InputError(SgleError):
    """Something given by the user cannot be meant."""


class JunctionError(InputError):
    """Dynamical matrix, atoms or supports of the baths do not fit together."""


class BathError(InputError):
    """Parameters from which no bath can be made."""


class GridError(InputError):
    """Time step, memory or record length that cannot represent the model."""


class RecipeError(InputError):
    """A recipe with problems; `problems` lists all of them, each with its path."""

    problems: list[str]


class FileError(InputError):
    """A file that cannot be read or written, or is not what it should be."""


class PhysicsError(SgleError):
    """The input is well-formed, the physics refuses an answer."""

    exit_status = 3


class UnstableError(PhysicsError):
    """The junction has runaway or undamped modes: no steady state exists."""


class EigenfrequencyError(PhysicsError):
    """Eigenfrequencies, a threshold or an exceptional point that could not be established."""


class SpectrumError(PhysicsError):
    """A spectral matrix that must be Hermitian and positive semidefinite is not."""


class StepError(PhysicsError):
    """The time step makes the discretised motion unstable or meaningless."""


class QuadratureError(PhysicsError):
    """A frequency integral did not converge to the requested accuracy."""


class DivergedError(PhysicsError):
    """A trajectory left every plausible range."""


class ForceError(PhysicsError):
    """An anharmonic force cannot be had where a trajectory has come to; `trajectory` is its number, from 0."""


class SgleWarning(UserWarning):
    """Base of all warnings of this package."""


class StepWarning(SgleWarning):
    """Doubtful time step."""


class KernelWarning(SgleWarning):
    """A memory kernel or noise filter was truncated with a noticeable effect."""


class EquilibrationWarning(SgleWarning):
    """A run whose transient is not clearly over."""


class CrossCheckWarning(SgleWarning):
    """Sampled numbers and theory disagree, or are too uncertain to be compared."""


class ContinuumWarning(SgleWarning):
    """The answer for this time step differs noticeably from the continuum."""


class UnboundedWarning(SgleWarning):
    """Anharmonic force and baths with which the energy falls without end, far from rest."""


class LocalisedModeWarning(SgleWarning):
    """A vibration above the leads' band, damped by a numerical broadening alone."""
