"""`sgle import FORMAT FILE -o junction.h5`: a junction from another program's file."""

from argparse import Namespace
from pathlib import Path

from sgle.errors import FileError, InputError
from sgle.files import IMPORTERS


def execute(arguments: Namespace) -> int:
    """Read, check, write and describe a junction."""
    from sgle.files.junction_file import save_junction
    from sgle.units import kelvin

    if len(arguments.files) != 1:
        raise InputError(f"format {arguments.format} is one file, {len(arguments.files)} are given")
    source, target = arguments.files[0], Path(arguments.output)
    if target.exists() and not arguments.overwrite:
        raise FileError(f"{target}: exists already; choose another -o or add --overwrite")
    junction = IMPORTERS[arguments.format](
        source,
        temperature=kelvin(arguments.temperature_K),
        cutoff=arguments.cutoff_eV,
        symbols=arguments.symbols,
    )
    save_junction(target, junction, description=f"imported from {source} ({arguments.format})")
    _describe(junction, target)
    return 0


def _describe(junction, target: Path) -> None:  # type: ignore[no-untyped-def]
    import numpy as np

    squares = np.linalg.eigvalsh(junction.dynamical_matrix)
    energies = np.sign(squares) * np.sqrt(np.abs(squares)) * 1e3
    print(f"{junction.size} dofs, vibrations from {energies[0]:.4g} to {energies[-1]:.4g} meV")
    if energies[0] <= 0:
        print("  a negative number stands for an imaginary frequency: the bare system is not bound")
    if junction.atoms is not None:
        print(f"{len(junction.atoms.symbols)} atoms: {' '.join(junction.atoms.symbols)}")
    for name, bath in junction.baths.items():
        print(f"bath {name}: {bath.kind} on {len(bath.dofs)} dofs")
    print(f"written to {target}")
