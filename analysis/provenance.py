"""With what a number was made: versions, machine, time."""

import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import sgle

LIBRARIES = ("numpy", "scipy", "pyfftw", "h5py", "matplotlib")


def versions() -> dict[str, str]:
    """Versions of sgle, Python and the libraries, the machine and the date (UTC)."""
    found = {"sgle": sgle.__version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    found["machine"] = f"{platform.system()} {platform.machine()}"
    found["date"] = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return found
