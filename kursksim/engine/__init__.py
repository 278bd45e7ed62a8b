"""The engine: one day of a campaign, its roads in SimPy, its books at dusk; and runs of policies against each other."""
