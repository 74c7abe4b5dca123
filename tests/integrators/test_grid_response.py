"""A monochromatic drive gives the grid's own Green's function, D_d of physics.md 7, to all digits."""

import numpy as np
import pytest
from integrator_toys import FunctionStream, ToyBath, ToyModel, passive_taps, random_stiffness, simulate

DT = 0.4
DRIVE = np.array([0.3 + 0.2j, -1.0, 0.5j])


def damped_model():
    """Three dofs; the bath on (2, 0, 1) has friction memory, Berry, local friction and a twisting kernel."""
    rng = np.random.default_rng(4)
    twist = np.array([[0, 1.0, -0.4], [-1.0, 0, 0.6], [0.4, -0.6, 0]])
    velocity = passive_taps(rng, 80, 3, DT, 0.4)
    velocity[0] += 0.3 * np.eye(3) + 0.2 * twist
    position = 0.05 * np.exp(-0.2 * np.arange(50))[:, None, None] * twist
    return ToyModel(DT, random_stiffness(rng, 3), {"b": ToyBath((2, 0, 1), velocity, position)})


def grid_greens_function(model, omega, velocity_weight=None):
    """D_d(ω) = [(2/Δt²)(1 - cos ωΔt) - K - Π_d(ω)]^{-1} from the taps, by hand."""
    bath = model.baths["b"]
    phase = lambda taps: np.exp(1j * omega * DT * np.arange(len(taps)))  # noqa: E731
    velocity, position = (np.tensordot(phase(t), t, 1) for t in (bath.velocity_taps, bath.position_taps))
    weight = -1j * np.sin(omega * DT) / DT if velocity_weight is None else velocity_weight
    self_energy = np.zeros((3, 3), complex)
    self_energy[np.ix_(bath.dofs, bath.dofs)] = velocity * weight + position
    return np.linalg.inv(2 / DT**2 * (1 - np.cos(omega * DT)) * np.eye(3) - model.stiffness - self_energy)


def response_error(omega, **options):
    """Largest |u_n - Re(-D_d f e^{-iωnΔt})| over the last steps, relative to the largest u."""
    model, steps = damped_model(), 1200
    stream = FunctionStream(lambda t: np.real(DRIVE * np.exp(-1j * omega * t)[:, None])[:, None], DT)
    force = np.zeros(3, complex)
    force[list(model.baths["b"].dofs)] = DRIVE
    amplitude = -grid_greens_function(model, omega, **options) @ force
    expected = np.real(amplitude * np.exp(-1j * omega * DT * np.arange(steps))[:, None])[-100:]
    reached = simulate(model, {"b": stream}, steps).displacement[-100:, 0]
    return np.abs(reached - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize("omega", [0.0, 0.05, 0.9, 1.1, 2.5, 5.0])
def test_driven_amplitude_is_the_grid_answer(omega):
    assert response_error(omega) < 1e-9


def test_the_continuum_velocity_is_not_the_grid_velocity():
    """-iω in place of -i sin(ωΔt)/Δt is noticed."""
    assert response_error(1.1, velocity_weight=-1.1j) > 1e-3
