"""Versions: of the package, and of its results (raised with every change that alters them)."""

__all__ = ["__version__", "results_version"]

__version__ = "0.1.0"
results_version = 6
