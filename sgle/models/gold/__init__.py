"""The gold chain between two Au(100) surfaces (reference/junctions.md 2-6)."""
