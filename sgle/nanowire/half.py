"""What happens along one of the two wires, as a function of the distance from the scatterer."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sgle.nanowire.grid import Wire
from sgle.nanowire.modes import Modes

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class HalfWire:
    """A wire with the amplitudes of its modes (m,) and the force `drive` = F_ext v_F τ/μ0 away from the scatterer.

    Distances d (n_d,) ≥ 0 in l_F = v_F τ(p_F); heat currents, in μ0²/h, are positive away from the scatterer.
    """

    wire: Wire
    modes: Modes
    amplitude: Array
    drive: float

    @cached_property
    def current(self) -> float:
        """Away from the scatterer [e μ0/h], the same everywhere: N F, 003 Eq. 13."""
        return self.wire.conductivity * self.drive

    @cached_property
    def drude(self) -> Array:
        """F l w: what the field alone adds to electrons moving with it (n,), 003 Eq. 12."""
        return self.drive * self.wire.path * self.wire.slope

    @cached_property
    def far_heat_current(self) -> float:
        """J far from the scatterer, the wire's own Peltier heat, 003 Eq. 15."""
        return self.wire.heat_current(self.drude, -self.drude)

    @cached_property
    def _heat(self) -> Array:
        """Heat current of each mode at d = 0, amplitude included (m,)."""
        carried = self.wire.weight * self.wire.momentum * (self.wire.momentum**2 - 1)
        return 2 * carried @ (self.modes.away - self.modes.towards) * self.amplitude

    @cached_property
    def _given(self) -> Array:
        """Heat that collisions hand over in each mode at d = 0, amplitude included (m,)."""
        wire, modes = self.wire, self.modes
        excess = modes.away + modes.towards - 2 * (modes.level - modes.potential) * wire.slope[:, None]
        return 2 * (wire.weight * wire.momentum**2 / wire.relaxation) @ excess * self.amplitude

    def _decay(self, distance: Array) -> Array:
        return np.exp(-distance[:, None] / self.modes.length)

    def potential(self, distance: Array) -> Array:
        """eφ [μ0], the shift of the band bottom that keeps the wire neutral."""
        return self._decay(distance) @ (self.modes.potential * self.amplitude)

    def potential_slope(self, distance: Array, order: int = 1) -> Array:
        """The derivative of eφ with respect to d of the given order."""
        return self._decay(distance) @ (self.modes.potential * self.amplitude / (-self.modes.length) ** order)

    def heat_current(self, distance: Array) -> Array:
        """J_el(d), 003 Eq. 10."""
        return self.far_heat_current + self._decay(distance) @ self._heat

    def scattered(self, distance: Array, order: int = 0) -> Array:
        """P^s_ph of the collision integral, 003 Eq. 22, or its derivative of the given order [μ0²/(h l_F)]."""
        return self._decay(distance) @ (self._given * (-1 / self.modes.length) ** order)

    def heat_loss(self, distance: Array) -> Array:
        """-dJ_el/dd, 003 Eq. 26: another road to `scattered`, less exact close to the scatterer."""
        return self._decay(distance) @ (self._heat / self.modes.length)

    def heating(self, distance: Array, order: int = 0) -> Array:
        """P_ph/P_ext, what phonons receive in units of the Joule heat far away, or a derivative with respect to d."""
        return (0 if order else 1) + self._decay(distance) @ self._warmth(order)

    def _warmth(self, order: int) -> Array:
        """What each mode adds to a derivative of P_ph/P_ext at d = 0 (m,)."""
        bend = self.current * self.modes.potential * self.amplitude / self.modes.length
        return (bend + self._given) * (-1 / self.modes.length) ** order / (self.current * self.drive)

    def distributions(self, distance: Array) -> tuple[Array, Array]:
        """f of electrons moving away from and towards the scatterer, (n_d, n) each, 003 Eq. 11."""
        present = self._decay(distance) * self.amplitude
        away = self.wire.occupation + self.drude + present @ self.modes.away.T
        towards = self.wire.occupation - self.drude + present @ self.modes.towards.T
        return away, towards
