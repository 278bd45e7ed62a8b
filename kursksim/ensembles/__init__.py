"""Many replications of one scenario: played here or on any executor, kept in memory or in a store, read as one thing.

Replication k is a function of the seed and k alone, so an element of an ensemble equals the run of that number.
``member`` is what goes to a worker and comes back, ``spread`` hands them out, ``store`` keeps them on disk,
``gathered`` reads them as one; ``paired`` compares ensembles that share their luck.
"""

from kursksim.ensembles.comparison import Comparison, compare
from kursksim.ensembles.make import ensemble
from kursksim.ensembles.replication import Design, Member
from kursksim.ensembles.results import Ensemble, load_ensemble

__all__ = ["Comparison", "Design", "Ensemble", "Member", "compare", "ensemble", "load_ensemble"]
