"""Small recipes that tests change in all ways: a chain in eV units, two sites in a current that drives them, and one
vibration between two electronic levels.
"""

from sgle.recipe import Recipe

CHAIN = """
units = "eV"
bias_mV = 250
[system]
dynamical_matrix_meV2 = [[400.0, -100.0], [-100.0, 400.0]]
[baths.L]
kind = "drude"
dofs = [0]
temperature_K = 300
friction_meV = 2
cutoff_eV = 0.1
[baths.e]
kind = "flat_band"
dofs = [0, 1]
temperature_meV = 25
cutoff_eV = 0.3
intra_meV = [[0.4, 0.1], [0.1, 0.4]]
inter_meV = [[0.2, [0.05, 0.1]], [[0.05, -0.1], 0.2]]
[run]
time_step_fs = 1
duration_ps = 2.0
trajectories = 4
burn_in_ps = 0.5
"""

RUNAWAY = """
units = "natural"
bias = 2.6
[system]
dynamical_matrix = [[1.0, -0.16], [-0.16, 1.0]]
[baths.L]
kind = "ohmic"
dofs = [0]
temperature = 0.5
friction = 0.02
cutoff = 4.0
[baths.R]
kind = "ohmic"
dofs = [1]
temperature = 0.5
friction = 0.02
cutoff = 4.0
[baths.e]
kind = "flat_band"
dofs = [0, 1]
temperature = 0.5
cutoff = 4.0
intra = [[0.004, 0.0], [0.0, 0.004]]
inter = [[0.01, [0.001, 0.009]], [[0.001, -0.009], 0.01]]
"""

PAIRS = """
units = "natural"
bias = 0.0
[system]
dynamical_matrix = [[1.0]]
[baths.ph]
kind = "drude"
dofs = [0]
temperature = 0.4
friction = 0.05
cutoff = 1e9
[baths.e]
kind = "level_pairs"
dofs = [0]
temperature = 0.6
levels = [0.5, -0.4]
left = [0.2, 0.0]
right = [0.0, 0.2]
couplings = [[0.0, 0.1], [0.1, 0.0]]
spin = 1.0
"""


def load(text, *overrides):
    return Recipe.from_bytes(text.encode(), overrides=overrides)
