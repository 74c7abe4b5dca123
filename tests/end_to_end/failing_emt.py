"""EMT that breaks down once: at its so manieth call, unless the file says that it did so before."""

from pathlib import Path

from ase.calculators.emt import EMT


class FailingEMT(EMT):
    """file : is written at the failure; a calculator that finds it there does not fail.    at : number of the call."""

    def __init__(self, file, at):
        super().__init__()
        self.file, self.left = Path(file), at

    def get_forces(self, atoms):
        """As EMT does."""
        self.left -= 1
        if self.left == 0 and not self.file.exists():
            self.file.write_text("failed")
            raise RuntimeError("SCF did not converge\n  in 60 iterations")
        return super().get_forces(atoms)
