"""Many replications of one scenario, in memory or in a store, read as one.

Replication k is a function of the seed and k alone, so an element of an ensemble equals the run of
that number. ``replication`` is what a worker is given and returns, ``workers`` plays it here or on
an executor, ``store`` keeps it on disk, ``results`` reads all as one; ``comparison`` compares
ensembles that share their luck.
"""

from kursksim.ensembles.comparison import Comparison, compare
from kursksim.ensembles.make import ensemble
from kursksim.ensembles.replication import Design, Member
from kursksim.ensembles.results import Ensemble, load_ensemble

__all__ = ["Comparison", "Design", "Ensemble", "Member", "compare", "ensemble", "load_ensemble"]
