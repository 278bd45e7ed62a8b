"""A run that has been played: its tables, what made it, how it is saved and opened again, figures of it."""
