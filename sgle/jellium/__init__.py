"""Forces of a current on a weak scatterer in a wire of free electrons (004)."""
