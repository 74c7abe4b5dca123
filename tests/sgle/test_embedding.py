"""Auxiliary variables: what they promise of a kernel, what they do to the answers, and an independent judge."""

from dataclasses import replace

import numpy as np
import pytest
from laws.models import EQUILIBRIUM, electrons, layered, smooth_minimal, uniform_chain
from qutip import BosonicEnvironment
from scipy.linalg import eigvals

from sgle import Grid, Junction, baths, landauer
from sgle.embedding import certify, fit
from sgle.errors import GridError
from sgle.grid import sample
from sgle.rational import Hankel, Modes
from sgle.recipe import Recipe
from sgle.reduction import Reduced, Search, Taps


def stack():
    """Four dofs between which energy flows at all frequencies, with band edges: a lead of non-commuting blocks."""
    k01 = -np.diag([0.7, 0.9, 1.0, 1.2]) + 0.05 * np.random.default_rng(3).normal(size=(4, 4))
    k00 = np.diag([1.5, 1.9, 2.1, 2.6]) + 0.1 * (np.eye(4, k=1) + np.eye(4, k=-1)) + 0.2 * np.eye(4)
    return baths.lead(k00, k01, k01, 0.4, range(4), points=101)


KERNELS = {
    "smooth": (EQUILIBRIUM["smooth"], 0.3, 4096),
    "exponential": (EQUILIBRIUM["exponential"], 0.3, 1000),
    "chain": (EQUILIBRIUM["chain"], 0.3, 1000),
    "debye": (EQUILIBRIUM["debye"], 0.3, 1000),
    "lead of two": (layered, 0.1, 2000),
    "stack": (stack, 0.3, 400),
    "electrons": (electrons, 0.1, 1000),
}


def kernel(name):
    make, dt, most = KERNELS[name]
    return sample(make(), Grid(dt, max_taps=most)), dt


def dagger(matrices):
    return np.conj(np.swapaxes(matrices, -1, -2))


def measured(bath, embedding, dt, phase):
    """Largest |Π_fit - Π| over max |Γ| up to the band and everywhere, least friction: from sums as they are written."""
    wave = np.exp(1j * np.outer(phase, np.arange(max(len(bath.velocity_taps), len(bath.position_taps)))))
    speed = -1j * (np.sin(phase) / dt)[:, None, None]

    def added(taps):
        return np.einsum("wk,kij->wij", wave[:, : len(taps)], taps)

    friction, force = embedding.sums(phase)
    pi = speed * added(bath.velocity_taps) + added(bath.position_taps)
    error = np.linalg.norm(speed * friction + force - pi, 2, axis=(1, 2)) / np.linalg.norm(
        pi - dagger(pi), 2, axis=(1, 2)
    ).max(initial=0.0)
    least = np.linalg.eigvalsh(friction + dagger(friction)).min()
    return error[phase <= embedding.band * dt].max(), error.max(), least


@pytest.mark.parametrize("error", [1e-2, 1e-4])
@pytest.mark.parametrize("name", KERNELS)
def test_error_is_as_reported_and_friction_positive(name, error):
    bath, dt = kernel(name)
    found = fit(bath.velocity_taps, bath.position_taps, dt, error)
    phase = np.sort(np.random.default_rng(1).uniform(0, np.pi, 3000))
    within, everywhere, least = measured(bath, found, dt, phase)
    assert found.error <= error
    assert 0.9 * found.error < within <= 1.004 * found.error + 1e-12
    assert 0.9 * found.beyond < everywhere <= 1.004 * found.beyond + 1e-12
    assert np.abs(found.modes.poles).max() < 1
    assert found.passive and least >= 0


def test_fewer_variables_for_less():
    """A square-root band edge costs about four variables a decade, and all tell on the error."""
    bath, dt = kernel("chain")
    counts = [fit(bath.velocity_taps, bath.position_taps, dt, error).variables for error in (1e-2, 1e-3, 1e-4, 1e-5)]
    assert counts == sorted(set(counts))
    assert counts[1] <= 12 and counts[3] <= 24
    drude = sample(EQUILIBRIUM["drude"](), Grid(0.1))
    assert fit(drude.velocity_taps, drude.position_taps, 0.1, 1e-9).variables == 2


def crossings(modes, first, size):
    """Zeros on the unit circle of det[c + c†], from the pencil of its three blocks: none if c + c† > 0 everywhere."""
    pairs = [(p, c, b) for p, c, b in zip(modes.poles, modes.outputs.T, modes.inputs, strict=True)]
    full = [(p, c / 2, b) if p.imag else (p, c, b) for p, c, b in pairs]
    full += [(np.conj(p), np.conj(c) / 2, np.conj(b)) for p, c, b in pairs if p.imag]
    a = np.diag([p for p, _, _ in full])
    outputs, inputs = np.array([c for _, c, _ in full]).T, np.array([b for _, _, b in full])[:, :size]
    m, zero, one = len(a), np.zeros((len(a), len(a))), np.eye(len(a))
    rest = np.block([[-a, zero, -inputs], [zero, one, np.zeros((m, size))], [outputs, dagger(inputs), first + first.T]])
    turn = np.block(
        [[one, zero, np.zeros((m, size))], [zero, -dagger(a), -dagger(outputs)], [np.zeros((size, 2 * m + size))]]
    )
    z = eigvals(rest, -turn)
    return int(np.sum(np.abs(np.abs(z[np.isfinite(z)]) - 1) < 1e-9))


@pytest.mark.parametrize("name", ["chain", "lead of two", "debye"])
def test_no_frequency_escapes_the_passivity(name):
    """By eigenvalues, thus at every frequency, not only those looked at; without the local friction it fails."""
    bath, dt = kernel(name)
    found = fit(bath.velocity_taps, bath.position_taps, dt, 1e-3)
    assert found.shift > 0
    assert crossings(found.modes, found.first_velocity, found.size) == 0
    assert crossings(found.modes, found.first_velocity - 1.5 * found.shift * np.eye(found.size), found.size) > 0


def test_negative_friction_is_kept_but_never_made_worse():
    """A kernel that drives at some frequencies (none of ours in equilibrium): no fit may drive more."""
    k = np.arange(400)
    taps = (0.1 * np.exp(-k / 10) - 0.06 * np.exp(-k / 15) * np.cos(0.5 * k))[:, None, None] / np.where(k, 1, 2)[
        :, None, None
    ]
    found = fit(taps, np.zeros((0, 1, 1)), 0.1, 1e-3)
    phase = np.linspace(0, np.pi, 4001)
    exact = (np.exp(1j * np.outer(phase, k)) @ taps[:, 0, 0]).real.min()
    assert exact < 0 and not found.passive
    assert exact - 1e-9 < found.sums(phase)[0].real.min() < 0.99 * exact


def test_a_narrow_line_that_drives_needs_no_local_friction():
    """Its deepest point lies between the frequencies looked at first: that is the bath's own, no fault of the fit."""
    k = np.arange(1600)
    decay = np.exp(-k / 100) * np.cos((np.pi / 1601) * 250.5 * k)
    taps = (2e-3 * np.exp(-k / 3) - 1e-3 * decay)[:, None, None] / np.where(k, 1, 2)[:, None, None]
    found = fit(taps, np.zeros((0, 1, 1)), 0.1, 1e-5)
    assert not found.passive and found.variables <= 4
    assert found.shift < 1e-5 * np.abs(taps).max() and found.error < 1e-6


def test_a_fit_that_no_variable_improves_is_refused(monkeypatch):
    """Not tried for ever."""
    taps = np.exp(-np.arange(300) / 10)[:, None, None]
    bad = Reduced(None, 0.5, 0.5, 0.0, 0.0, 1.0)
    monkeypatch.setattr(Search, "_reduced", lambda self, modes, target: bad._replace(modes=modes))
    with pytest.raises(GridError, match="out of reach") as caught:
        Search(Taps(b"", taps.shape, 0.1, 1e-3, taps, taps[:0])).run()
    assert caught.value.reached == 0.5


def test_residues_are_reciprocal():
    bath, dt = kernel("stack")
    taps, none = fit(bath.velocity_taps, bath.position_taps, dt, 1e-3).taps(600)
    assert len(none) == 0
    assert np.abs(taps - taps.swapaxes(1, 2)).max() < 1e-9 * np.abs(taps).max()


def test_closed_sum_is_the_sum_of_the_taps():
    rng = np.random.default_rng(2)
    poles = np.array([0.9 * np.exp(0.3j), 0.5 * np.exp(2j), -0.4, 0.8])
    residues = [rng.normal(size=shape) + 1j * rng.normal(size=shape) for shape in ((2, 4), (4, 3))]
    modes, phase = Modes(poles, *residues), np.linspace(-3, 3, 17)
    added = np.einsum("wk,kij->wij", np.exp(1j * np.outer(phase, np.arange(1, 401))), modes.sequence(400))
    np.testing.assert_allclose(modes.transfer(phase), added, atol=1e-13)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("length", [200, 2000])
def test_a_rational_sequence_is_found_again(length, stride):
    """Two pairs and a real pole from their powers, by the whole matrix and by a random subspace of it."""
    rng = np.random.default_rng(4)
    poles = np.array([0.92 * np.exp(0.3j), 0.9 * np.exp(0.7j), 0.85])
    real = np.array([1, 1, 0])
    outputs = rng.normal(size=(2, 3)) + 1j * real * rng.normal(size=(2, 3))
    made = Modes(poles, outputs, rng.normal(size=(3, 2)) + 0j).sequence(length)
    found = Hankel(made, stride).balance(20, 1e-12, 40).modes(5)
    np.testing.assert_allclose(np.sort_complex(found.poles), np.sort_complex(poles), atol=1e-9)
    np.testing.assert_allclose(found.sequence(100), made[:100], atol=1e-8)


def test_out_of_reach_is_refused_with_numbers():
    bath, dt = kernel("chain")
    with pytest.raises(GridError, match="out of reach") as caught:
        fit(bath.velocity_taps, bath.position_taps, dt, 1e-15)
    assert 1e-15 < caught.value.reached < 1e-6 and caught.value.variables > 30


def junction_with_electrons(bias=0.7):
    return Junction(
        [[3.0, -0.4], [-0.4, 2.5]],
        {"L": baths.chain_lead(1.0, 0.0, 0.5, 0), "R": baths.ohmic(0.1, 3.0, 0.2, 1), "e": electrons(bias)},
    )


def test_grid_answers_are_those_of_the_fit_and_noise_is_the_baths():
    """Π_d from many taps of the fit, noise that of the exact grid."""
    grids = Grid(0.2, memory="auxiliary", max_taps=512), Grid(0.2, max_taps=512)
    fitted, exact = (grid.model(junction_with_electrons()).baths for grid in grids)
    omega = np.linspace(-3, 3, 41)
    for name, bath in fitted.items():
        velocity, position = bath.embedding.taps(bath.embedding.lasting)
        longer = replace(bath, embedding=None, velocity_taps=velocity, position_taps=position)
        np.testing.assert_allclose(bath.self_energy(omega), longer.self_energy(omega), atol=1e-9)
        np.testing.assert_array_equal(bath.velocity_taps, bath.embedding.taps(len(bath.velocity_taps))[0])
        np.testing.assert_array_equal(bath.noise(omega), exact[name].noise(omega))
        assert 1e-12 < np.abs(bath.self_energy(omega) - exact[name].self_energy(omega)).max()


def test_certificate_shrinks_with_the_error():
    """Energies are off by about the error asked for; currents by more, being small differences of large flows here."""
    changes = []
    for error in (1e-2, 1e-3, 1e-4):
        grid = Grid(0.2, memory="auxiliary", max_taps=512, memory_error=error)
        found = certify(junction_with_electrons(), grid)
        assert all(some <= error for some in found.error.values()) and all(found.passive.values())
        changes.append((np.abs(found.energy).max(), max(map(abs, found.current.values()))))
        assert changes[-1] < (3 * error, 30 * error)
    assert np.all(np.array(changes)[0] > 30 * np.array(changes)[-1])
    assert found.variables["L"] < found.taps["L"] / 20


def test_equilibrium_currents_are_of_the_order_of_the_error():
    """Fluctuation and dissipation balance to the error of the fit, no better: the noise is the bath's own."""
    junction = uniform_chain(left=0.5, right=0.5, lead=lambda t, dof: baths.chain_lead(1.0, 0.1 * dof, t, dof))
    exact, fitted = Grid(0.3, max_taps=512), Grid(0.3, max_taps=512, memory="auxiliary")
    scale = abs(landauer.heat_currents(junction.replace(L=baths.chain_lead(1.0, 0.0, 1.0, 0)), exact)["L"])
    assert 1e-9 * scale < abs(landauer.heat_currents(junction, fitted)["L"]) < 2e-3 * scale
    assert abs(landauer.heat_currents(junction, exact)["L"]) < 1e-10 * scale


def test_kinds_by_bath_and_bad_requests():
    junction = smooth_minimal(1.0)
    model = Grid(0.2, memory={"L": "auxiliary"}).model(junction)
    assert model.baths["L"].embedding is not None and model.baths["R"].embedding is None
    for wrong in (0.0, 1.0, -1e-3, np.nan):
        with pytest.raises(GridError, match=r"memory.error"):
            Grid(0.2, memory="auxiliary", memory_error=wrong)
    with pytest.raises(GridError, match="nothing to certify"):
        certify(junction, Grid(0.2))


def test_equal_kernels_are_fitted_once():
    model = Grid(0.2, memory="auxiliary").model(smooth_minimal(1.0))
    assert model.baths["L"].embedding is model.baths["R"].embedding


def test_a_recipe_asks_for_it():
    recipe = Recipe.load("minimal-model", ["run.memory='auxiliary'", "run.memory_error=1e-4"])
    grid = recipe.grid()
    assert grid.memory_of("L") == "auxiliary" and grid.memory_error == 1e-4


def exponentials(bath, dt, count):
    """Poles and residues of qutip's fit (ESPRIT) to the same samples of the kernel, with so many exponents."""
    taps = bath.velocity_taps[:, 0, 0]
    times = dt * np.arange(len(taps))
    kernel = np.concatenate([[2 * taps[0]], taps[1:]])
    environment = BosonicEnvironment.from_correlation_function(kernel.astype(complex), tlist=times)
    found, _ = environment.approximate("esprit", tlist=times, Nr=count)
    poles = np.array([np.exp(-term.vk * dt) for term in found.exponents])
    return poles, np.array([term.ck for term in found.exponents]) * poles


@pytest.mark.parametrize("error", [1e-2, 1e-3])
@pytest.mark.parametrize("name", ["smooth one", "exponential one", "chain"])
def test_qutip_finds_the_same_kernel_with_no_fewer_exponents(name, error):
    """Another program's fit of the same kernel, with as many exponents, lies within both errors and is no better."""
    bath, dt = {
        "smooth one": lambda: (sample(baths.ohmic(0.05, 2.0, 0.4, [0]), Grid(0.3)), 0.3),
        "exponential one": lambda: (
            sample(baths.ohmic(0.05, 2.0, 0.4, [0], shape="exponential"), Grid(0.2, max_taps=400)),
            0.2,
        ),
        "chain": lambda: (sample(EQUILIBRIUM["chain"](), Grid(0.3, max_taps=600)), 0.3),
    }[name]()
    ours = fit(bath.velocity_taps, bath.position_taps, dt, error)
    poles, residues = exponentials(bath, dt, ours.variables)
    assert len(poles) == ours.variables
    phase = np.linspace(0, np.pi, 4001)
    theirs = bath.velocity_taps[0, 0, 0] + (residues / (np.exp(-1j * phase)[:, None] - poles)).sum(axis=1)
    exact = np.exp(1j * np.outer(phase, np.arange(len(bath.velocity_taps)))) @ bath.velocity_taps[:, 0, 0]
    speed = np.sin(phase) / dt
    largest = np.abs(2 * speed * exact.real).max()
    their_error = np.abs(speed * (theirs - exact)).max() / largest
    distance = np.abs(speed * (theirs - ours.sums(phase)[0][:, 0, 0])).max() / largest
    assert ours.beyond < their_error < 30 * ours.beyond
    assert distance <= 1.01 * (ours.beyond + their_error)
