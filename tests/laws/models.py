"""Junctions and baths that the tests speak about, and independent routes to what they must give."""

import numpy as np

from sgle import Junction, baths

INTER = np.array([[0.004, 0.001 + 0.003j], [0.001 - 0.003j, 0.004]])  # λ_RL of the minimal model
INTRA = 2 * np.array([[0.004, 0.001], [0.001, 0.004]])  # λ_LL + λ_RR


def minimal(bias=0.0, temperature=0.5, cutoff=10.0, inter=INTER):
    """Two sites between Drude baths under flat-band electrons (000 SM II; issue 2, "Numbers to meet")."""
    return Junction(
        [[1.0, -0.16], [-0.16, 1.0]],
        {
            "L": baths.drude(0.05, cutoff, temperature, [0]),
            "R": baths.drude(0.05, cutoff, temperature, [1]),
            "e": baths.flat_band(INTRA, inter, bias, temperature, cutoff, [0, 1]),
        },
    )


def smooth_minimal(bias=0.0, temperature=0.5, cutoff=4.0):
    """The minimal model with Gaussian cutoffs: band-limited, short kernels and short filters."""
    return Junction(
        [[1.0, -0.16], [-0.16, 1.0]],
        {
            "L": baths.ohmic(0.05, cutoff, temperature, [0]),
            "R": baths.ohmic(0.05, cutoff, temperature, [1]),
            "e": baths.flat_band(INTRA, INTER, bias, temperature, cutoff, [0, 1], shape="smooth"),
        },
    )


def uniform_chain(left=0.6, right=0.4, sites=4, lead=None):
    """`sites` atoms of an endless chain with springs 1, the rest of it as two leads."""
    lead = lead or (lambda temperature, dof: baths.chain_lead(1.0, 0.0, temperature, dof))
    stiffness = 2 * np.eye(sites) - np.eye(sites, k=1) - np.eye(sites, k=-1)
    return Junction(stiffness, {"L": lead(left, 0), "R": lead(right, sites - 1)})


FRICTION = np.array([[0.05, 0.01], [0.01, 0.03]])
NONCONSERVATIVE = np.array([[0.0, 0.012], [-0.012, 0.0]])
BERRY = np.array([[0.0, -0.02], [0.02, 0.0]])
SHOT = np.array([[0.02, 0.004], [0.004, 0.02]])
RENORMALISATION = np.array([[0.03, 0.01], [0.01, -0.02]])


def electrons(bias=0.7, temperature=0.3, **changes):
    """A `local` bath with every force it knows."""
    given = {
        "friction": FRICTION,
        "nonconservative": NONCONSERVATIVE,
        "renormalisation": RENORMALISATION,
        "berry": BERRY,
        "shot_noise": SHOT,
        "cutoff": 3.0,
        "dofs": [0, 1],
    }
    return baths.local(**{**given, "bias": bias, "temperature": temperature, **changes})


def table(temperature=0.4):
    """A triangle of Γ on two dofs."""
    omega = np.array([0.0, 0.3, 0.9, 1.6, 2.0])
    height = np.array([0.0, 0.4, 0.8, 0.3, 0.0])
    return baths.tabulated(omega, height[:, None, None] * FRICTION, temperature, [0, 1])


def gapped_table(potential=0.0, temperature=0.4):
    """A trapezium of Γ on two dofs, zero up to 0.6."""
    omega = np.array([0.0, 0.6, 0.9, 1.6, 2.0])
    height = np.array([0.0, 0.0, 0.8, 0.3, 0.0])
    return baths.tabulated(omega, height[:, None, None] * FRICTION, temperature, [0, 1], potential=potential)


def layered(temperature=0.4, points=101):
    """A lead of two atoms per layer, masses 1 and 2, springs 1 and 0.6, tied to one dof by its first atom."""
    k00, k01 = diatomic()
    return baths.lead(k00, k01, [[-0.6 / np.sqrt(2), 0.0]], temperature, [0], points=points)


def diatomic():
    """K00, K01 of a diatomic chain a-b in a layer (spring 1), b-a between layers (spring 0.6)."""
    roots = np.sqrt(np.array([1.0, 2.0]))
    scale = np.outer(roots, roots)
    return np.array([[1.6, -1.0], [-1.0, 1.6]]) / scale, np.array([[0.0, 0.0], [-0.6, 0.0]]) / scale


EQUILIBRIUM = {
    "drude": lambda: baths.drude(FRICTION, 5.0, 0.4, [0, 1]),
    "drude bare": lambda: baths.drude(0.05, 5.0, 0.4, 0, counter_term=False),
    "drude cold": lambda: baths.drude(0.05, 5.0, 0.0, 0),
    "smooth": lambda: baths.ohmic(FRICTION, 2.0, 0.4, [0, 1]),
    "exponential": lambda: baths.ohmic(FRICTION, 2.0, 0.4, [0, 1], shape="exponential"),
    "hard": lambda: baths.ohmic(0.05, 2.0, 0.4, [0], shape="hard"),
    "ohmic drude": lambda: baths.ohmic(0.05, 2.0, 0.4, [0], shape="drude", counter_term=False),
    "debye": lambda: baths.debye([[0.3, 0.1], [0.0, 0.2]], 1.5, 0.4, [0, 1]),
    "tabulated": table,
    "callable": lambda: baths.from_callable(
        lambda w: w * np.exp(-(w**2)) * 0.1, np.linspace(0, 6, 61), 0.4, [0], counter_term=False
    ),
    "chain": lambda: baths.chain_lead(1.0, 0.0, 0.4, 0),
    "chain on-site": lambda: baths.chain_lead(1.0, 0.5, 0.4, 0),
    "lead": lambda: baths.lead([[2.0]], [[-1.0]], [[-1.0]], 0.4, [0], points=101),
    "lead of two": layered,
    "flat band": lambda: baths.flat_band(INTRA, INTER, 0.0, 0.4, 5.0, [0, 1]),
    "local": lambda: electrons(bias=0.0),
}
BIASED = {
    "flat band": lambda: baths.flat_band(INTRA, INTER, 0.7, 0.3, 5.0, [0, 1]),
    "flat band cold": lambda: baths.flat_band(INTRA, INTER, 0.7, 0.0, 5.0, [0, 1]),
    "flat band smooth": lambda: baths.flat_band(INTRA, INTER, -0.7, 0.3, 2.0, [0, 1], shape="smooth"),
    "flat band hard": lambda: baths.flat_band(INTRA, INTER, 0.7, 0.3, 2.0, [0, 1], shape="hard"),
    "local": electrons,
    "local cold": lambda: electrons(temperature=0.0),
    "local, force alone": lambda: electrons(renormalisation=None, berry=None, bias=-0.7),
}
POTENTIAL = {
    "chain": lambda: baths.chain_lead(0.75, 1.0, 0.4, 0, potential=0.6),
    "chain cold": lambda: baths.chain_lead(0.75, 1.0, 0.0, 0, potential=0.6),
    "chain lower": lambda: baths.chain_lead(1.0, 0.0, 0.4, 0, potential=-0.3),
    "tabulated": lambda: gapped_table(0.5),
}
BATHS = {
    **EQUILIBRIUM,
    **{f"{name} biased": make for name, make in BIASED.items()},
    **{f"{name} with potential": make for name, make in POTENTIAL.items()},
}


def dagger(matrix):
    return np.conj(np.swapaxes(matrix, -1, -2))
