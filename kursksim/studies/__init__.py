"""Studies play a scenario many times to answer one question: sweeps, sensitivity, verdicts on relations."""

from kursksim.studies.sensitivity import Sensitivity, morris, sobol
from kursksim.studies.sweep import Sweep, sweep

__all__ = ["Sensitivity", "Sweep", "morris", "sobol", "sweep"]
