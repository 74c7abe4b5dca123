"""The recipe two-body-radiation from the command line."""

import csv

import numpy as np
from end_to_end.command import sgle

from sgle.ehp.two_body import radiation


def test_curve_of_the_potential(tmp_path):
    done = sgle("landauer", "two-body-radiation", "-o", "out", cwd=tmp_path)
    assert done.status == 0
    with (tmp_path / "out" / "landauer.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = [(float(row["baths.R.potential"]), float(row["heat current into bath, R"])) for row in rows]
    wanted = [radiation(1.0, (1.0, 2.0), (0.5, 0.0), (0.4, potential)).energy for potential, _ in found]
    np.testing.assert_allclose([flow for _, flow in found], wanted, rtol=1e-8)
    assert wanted[0] > 0 > wanted[-1]


def test_a_potential_inside_the_band_is_refused(tmp_path):
    done = sgle("landauer", "two-body-radiation", "--set", "baths.L.potential=1.2", "-o", "out", cwd=tmp_path)
    assert done.status == 2
    assert "baths.L: chemical potential ν = 1.2 must lie below the lower edge 1 " in done.err
