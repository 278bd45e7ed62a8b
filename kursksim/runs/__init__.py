"""A played run: its tables, what made it, how it is saved and opened again, figures of it."""
