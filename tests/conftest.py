"""One thread per process (small matrices, and pytest-xdist already uses the cores); the same examples in every run."""

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from hypothesis import settings

# SEED=... looks for rare failures: fresh examples then, as it changes the noise of the statistical tests.
settings.register_profile("sgle", derandomize="SEED" not in os.environ, deadline=None)
settings.load_profile("sgle")
