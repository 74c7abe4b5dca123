"""Brute force: Drude baths as auxiliary variables, so that all eigenfrequencies are eigenvalues of one matrix."""

import numpy as np

from sgle import Junction, baths


def eigenvalues(junction):
    """All s of u ∝ e^{st} of a junction with drude and flat_band (drude) baths.

    Memory force of a bath with cutoff c: -η y - (A/2) x with ẏ = -c y + c v, ẋ = -c x + c u; Γ = 2ηωφ + iAφ.
    """
    n = junction.size
    blocks = []
    for bath in junction.baths.values():
        eta, odd = np.zeros((2, n, n))
        rows = np.ix_(bath.dofs, bath.dofs)
        eta[rows] = bath.friction_spectrum.matrices[0] / 2
        if bath.antisymmetric is not None:
            odd[rows] = bath.antisymmetric.matrices[0] / 2
        blocks.append((bath.friction_spectrum.shape.cutoff, eta, odd))
    size = n * (2 + 2 * len(blocks))
    matrix = np.zeros((size, size))
    unit = np.eye(n)
    matrix[:n, n : 2 * n] = unit
    matrix[n : 2 * n, :n] = -junction.dynamical_matrix
    for k, (cutoff, eta, odd) in enumerate(blocks):
        y, x = slice((2 + 2 * k) * n, (3 + 2 * k) * n), slice((3 + 2 * k) * n, (4 + 2 * k) * n)
        matrix[n : 2 * n, y], matrix[n : 2 * n, x] = -eta, -odd
        matrix[y, y] = matrix[x, x] = -cutoff * unit
        matrix[y, n : 2 * n] = matrix[x, :n] = cutoff * unit
    return np.linalg.eigvals(matrix)


def unstable_modes(roots):
    """(modes, real ones): pairs s, s* with Re s > 0 count once."""
    growing = roots[roots.real > 0]
    real = int(np.sum(np.abs(growing.imag) < 1e-12))
    return (len(growing) - real) // 2 + real, real


def random_junction(seed, size=3, bias=None, counter_term=True):
    """Random springs, Drude baths on random dofs, and biased electrons strong enough to make some of them unstable."""
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(size, size))
    stiffness = half @ half.T / size + rng.uniform(-0.1, 1.0) * np.eye(size)
    z = rng.normal(size=(2, size, size)) * 0.05
    z = z[0] + 1j * z[1]
    made = {}
    for name in ("L", "R"):
        dofs = rng.permutation(size)[: rng.integers(1, size + 1)]
        root = rng.normal(size=(len(dofs), len(dofs))) * rng.choice([0.02, 0.1, 0.5])
        made[name] = baths.drude(root @ root.T, rng.uniform(0.3, 8.0), 0.4, dofs.tolist(), counter_term=counter_term)
    bias = rng.uniform(0, 20) if bias is None else bias
    inter = z @ z.conj().T
    made["e"] = baths.flat_band(inter.real, inter, bias, 0.4, rng.uniform(1.0, 10.0), list(range(size)))
    return Junction(stiffness, made)


def grid_multipliers(junction, dt):
    """All λ of u_n ∝ λ^n of the same junctions on the time grid: their taps are geometric series (physics.md 7)."""
    n = junction.size
    stiffness = junction.dynamical_matrix.copy()
    blocks = []
    for bath in junction.baths.values():
        rows = np.ix_(bath.dofs, bath.dofs)
        stiffness[rows] += bath.static
        cutoff, friction, odd = bath.friction_spectrum.shape.cutoff, np.zeros((n, n)), np.zeros((n, n))
        friction[rows] = dt * bath.friction_kernel(0.0)
        odd[rows] = dt * bath.displacement_kernel(0.0)
        blocks.append((np.exp(-cutoff * dt), friction, odd))
    unit, zero = np.eye(n), np.zeros((n, n))
    local = dt / 4 * sum(friction for _, friction, _ in blocks)
    solve = np.linalg.inv(unit + local)
    forces = [-stiffness - sum(odd for *_, odd in blocks) / 2, (unit - local) / dt]
    for _, friction, odd in blocks:
        forces += [-friction, -odd]
    new_w = solve @ np.concatenate(forces, axis=1) * dt
    old_w = np.concatenate([zero, unit, *[zero] * (2 * len(blocks))], axis=1)
    old_u = np.concatenate([unit, zero, *[zero] * (2 * len(blocks))], axis=1)
    rows = [old_u + dt * new_w, new_w]
    for k, (decay, _, _) in enumerate(blocks):
        y, x = ([zero] * (2 + 2 * len(blocks)) for _ in range(2))
        y[2 + 2 * k] = x[3 + 2 * k] = unit
        rows += [decay * (np.concatenate(y, axis=1) + (new_w + old_w) / 2), decay * (np.concatenate(x, axis=1) + old_u)]
    return np.linalg.eigvals(np.concatenate(rows))
