"""Files: junction.h5, and one importer per foreign format (docs/files.md documents every field)."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sgle.junction import Junction


def _sclmd(path: str | Path, **options: Any) -> "Junction":
    from sgle.files.sclmd import read_sclmd

    return read_sclmd(path, **options)


# Name of the format -> reader(path, *, temperature, cutoff, symbols); temperature and cutoff of the electrons in eV.
IMPORTERS: Mapping[str, Callable[..., "Junction"]] = {"sclmd": _sclmd}
