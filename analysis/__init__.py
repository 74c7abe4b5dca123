"""What sampled data say: averages with error bars, heat currents, spectra, cross-checks, pictures,
reports.
"""
