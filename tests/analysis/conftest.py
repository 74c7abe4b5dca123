"""Makes analysis_toys importable from the tests of this folder, and one small result shared by many of
them.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def result():
    """Two warm dofs at a bias, with reference, atoms and spectra: small, but everything a result can have."""
    from analysis_toys import small_junction, small_run

    return small_run(small_junction())
