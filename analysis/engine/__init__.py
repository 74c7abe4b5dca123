"""The engine of a run: batches here or by workers, kept in files, stopped and resumed (sgle.analysis.simulate)."""
