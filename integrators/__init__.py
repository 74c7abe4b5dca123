"""Time stepping: noise in, trajectories out (physics.md 7). Imported as sgle.integrators."""
