"""Which electrons carry the current: averages over (f_1 - f_2)/eW, from a strict step to a warm and biased wire."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sgle.check import number
from sgle.errors import InputError
from sgle.jellium.wire import FERMI, Array, Local
from sgle.occupation import fermi
from sgle.quadrature import integrate

BEYOND = 40.0  # temperatures beyond the potentials: e^-40 is left out
STEP = np.array([-12.0, -3.0, 0.0, 3.0, 12.0])  # temperatures around a Fermi step, where integrals break


@dataclass(frozen=True)
class Window:
    """μ_1,2 = ε_F ± eW/2, both electrodes at T; eW and T in units of ε_F. Raises InputError.

    eW = 0 is the limit of small bias: per unit of eW everything stays finite.
    """

    bias: float = 0.0
    temperature: float = 0.0

    def __post_init__(self) -> None:
        bias, temperature = number(self.bias, "bias"), number(self.temperature, "temperature")
        low = 1 - bias / 2 - BEYOND * temperature
        if bias < 0 or temperature < 0 or low <= 0:
            raise InputError(
                f"bias {bias:.6g} and temperature {temperature:.6g}, in units of ε_F, must not be negative (answers "
                f"are per unit of bias) nor reach the bottom of the band: electrons from {low:.3g} ε_F on take part",
                bias=bias,
                temperature=temperature,
            )

    @property
    def sharp(self) -> bool:
        """Electrons at ε_F alone."""
        return self.bias == 0 and self.temperature == 0

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest energy from ε_F that takes part."""
        half = FERMI * (self.bias / 2 + BEYOND * self.temperature)
        return -half, half

    def weight(self, x: Array) -> Array:
        """(f_1 - f_2)/eW, or -f' without bias; x from ε_F; its integral is 1."""
        t, eW = FERMI * self.temperature, FERMI * self.bias
        if t == 0:
            return (np.abs(x) < eW / 2) / eW
        # f_1 - f_2 = f_1 (1 - f_2) (1 - e^{-eW/T}), without the difference of two numbers that are nearly 1.
        spread = -np.expm1(-eW / t) / eW if eW > 0 else 1 / t
        return fermi(x - eW / 2, t) * fermi(-x - eW / 2, t) * spread

    def average(self, function: Local, edges: Array, rtol: float) -> Array:
        """∫dε weight(ε) function(ε), broken at the edges that lie in the window."""
        if self.sharp:
            return function(0.0)
        low, high = self.span
        marks = [low, high, *edges[(edges > low) & (edges < high)]]
        for side in (-1, 1):
            marks += list(FERMI * (side * self.bias / 2 + self.temperature * STEP))
        shape: list[Sequence[int]] = []

        def integrand(energies: Array) -> Array:
            values = [function(float(e)) for e in energies]
            shape[:] = [values[0].shape]
            return self.weight(energies)[:, None] * np.reshape(values, (len(energies), -1))

        return integrate(integrand, marks, rtol=rtol)[0].reshape(shape[0])
