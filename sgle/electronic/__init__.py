"""Electrons of a junction: Green's functions, couplings to the nuclei, electron-hole pairs (physics.md 4)."""
