"""Beyond the threshold: growth, limit cycles, lifetimes. Below it: how fluctuations diverge (physics.md 6, 8)."""
