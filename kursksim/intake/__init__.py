"""Tables of other programs, taken into the folder of a scenario.

>>> from kursksim import intake
>>> sorted(intake.__all__)
['Imported', 'import_held_area', 'import_settlements', 'import_weather']
"""

from __future__ import annotations

from kursksim.intake.folder import Imported
from kursksim.intake.held import import_held_area
from kursksim.intake.settlements import import_settlements
from kursksim.intake.weather import import_weather

__all__ = ["Imported", "import_held_area", "import_settlements", "import_weather"]
