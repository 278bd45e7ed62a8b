"""Runs and ensembles in the forms of other programs: maps, tables, crates, animations.

>>> from kursksim import exchange
>>> exchange.FORMATS
('geojson', 'gpkg', 'kml', 'csv', 'parquet', 'rocrate', 'vidigi')
"""

from __future__ import annotations

from kursksim.exchange.write import FORMATS, export

__all__ = ["FORMATS", "export"]
