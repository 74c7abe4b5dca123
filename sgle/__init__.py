"""sgle: semi-classical generalized Langevin dynamics of current-carrying nano-junctions.

    ü(t) = F(u) - Σ_α ∫_0^∞ ds Π_α(s) u(t-s) + Σ_α f_α(t)

Coloured quantum noise, memory kernels and current-induced forces in the time domain, next to two exact
frequency-domain answers of the same model. Conventions: docs/physics.md.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

__version__ = "0.1.0"

# In a checkout, integrators/, analysis/ and runs/ stand beside this folder; installed, they lie inside it.
if not (Path(__path__[0]) / "integrators").is_dir():
    __path__.append(str(Path(__path__[0]).parent))

_LAZY = {
    "anharmonic": ("sgle.anharmonic", None),
    "Atoms": ("sgle.junction", "Atoms"),
    "Bath": ("sgle.bath", "Bath"),
    "Grid": ("sgle.grid", "Grid"),
    "Junction": ("sgle.junction", "Junction"),
    "baths": ("sgle.baths", None),
    "errors": ("sgle.errors", None),
    "flows": ("sgle.flows", None),
    "landauer": ("sgle.landauer", None),
    "load": ("sgle.analysis.result_file", "load"),
    "models": ("sgle.models", None),
    "modes": ("sgle.modes", None),
    "peltier": ("sgle.peltier", None),
    "probes": ("sgle.probes", None),
    "scattering": ("sgle.scattering", None),
    "simulate": ("sgle.analysis.simulate", "simulate"),
    "stability": ("sgle.stability", None),
    "units": ("sgle.units", None),
}
__all__ = ["__version__", *_LAZY]


def __getattr__(name: str) -> Any:
    """Import the public names on first use: `import sgle` and `sgle --version` stay quick."""
    if name not in _LAZY:
        raise AttributeError(f"module 'sgle' has no attribute {name!r}")
    module, attribute = _LAZY[name]
    loaded = import_module(module)
    return loaded if attribute is None else getattr(loaded, attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
