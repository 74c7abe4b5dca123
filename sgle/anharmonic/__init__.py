"""Anharmonic forces: each constructor returns an object that keeps the contract in `contract`."""
