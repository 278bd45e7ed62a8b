"""Studies: many runs of a scenario that answer one question, such as sweeps and sensitivity."""

from kursksim.studies.sensitivity import Sensitivity, morris, sobol
from kursksim.studies.sweep import Sweep, sweep

__all__ = ["Sensitivity", "Sweep", "morris", "sobol", "sweep"]
