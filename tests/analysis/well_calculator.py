"""An ASE calculator as a stranger would write it: one gold atom in a well. It breaks where the environment says so."""

import os

import numpy as np

SPRING, QUARTIC = 2.0, 4.0  # eV/Å², eV/Å⁴
CENTRE = np.array([[5.0, 5.0, 5.0]])
calls = 0


class Well:
    """V = ½ k r² + ¼ c Σ x⁴; after WELL_BREAKS_AFTER calls in this process it does not converge any more."""

    def get_forces(self, atoms):
        """-dV/dx, (1, 3) [eV/Å]."""
        global calls
        calls += 1
        if calls > int(os.environ.get("WELL_BREAKS_AFTER", 10**9)):
            raise RuntimeError("SCF did not converge\n  (60 iterations)")
        x = atoms.positions - CENTRE
        return -SPRING * x - QUARTIC * x**3

    def get_potential_energy(self, atoms):
        """V [eV]."""
        x = atoms.positions - CENTRE
        return float((SPRING * x**2 / 2 + QUARTIC * x**4 / 4).sum())
