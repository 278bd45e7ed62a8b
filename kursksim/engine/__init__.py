"""The engine: one day of a campaign in SimPy, and whole runs of policies against each other."""
